//! The files and names that a run is given, checked before anything is booted.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use vboard::board::Board;
use vboard::{Erratum, Image, MemoryChip, Model};

use crate::failure::Failure;

/// A board, and by what name its firmware is found.
#[derive(Clone, Debug)]
pub struct ChosenBoard {
    pub name: String,
    pub board: Board,
}

/// A board of the repository by its name, or any by the path of its file.
pub fn board(asked: &str) -> Result<ChosenBoard, String> {
    let path = Path::new(asked);
    let by_path = path.extension().is_some_and(|ending| ending == "toml");
    let (name, board) = if by_path {
        let text = fs::read_to_string(path).map_err(|error| format!("board file {asked}: {error}"))?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        (name.into_owned(), Board::parse(asked, &text))
    } else {
        (asked.to_owned(), Board::named(asked))
    };
    let board =
        board.map_err(
            |error| match Board::known().into_iter().find(|known| is_near(asked, known)) {
                Some(near) => format!("{error}; did you mean `{near}`?"),
                None if by_path => error.to_string(),
                None => format!("{error}, and any file whose path ends in .toml"),
            },
        )?;
    Ok(ChosenBoard { name, board })
}

/// A file, and where it goes.
#[derive(Clone, Debug)]
pub struct FlatImage {
    path: PathBuf,
    address: u32,
}

/// `FILE@0x08000000`
pub fn flat_image(text: &str) -> Result<FlatImage, String> {
    let parsed = text.rsplit_once('@').and_then(|(path, address)| {
        let digits = address.strip_prefix("0x")?.replace('_', "");
        let address = u32::from_str_radix(&digits, 16).ok()?;
        (!path.is_empty()).then(|| FlatImage {
            path: path.into(),
            address,
        })
    });
    parsed.ok_or_else(|| "expected a file and its address in hexadecimal, FILE@0x08000000".to_owned())
}

/// The program: bytes of the flash, an ELF, or the last build for the board.
pub fn image(
    given: Option<&Path>,
    flat: Option<&FlatImage>,
    board: &str,
) -> Result<(PathBuf, Image), Failure> {
    let (path, image) = match flat {
        Some(FlatImage { path, address }) => {
            let bytes = fs::read(path)
                .map_err(|error| Failure::new(format!("image {} cannot be read: {error}", path.display())))?;
            (path.clone(), Image::flat(&bytes, *address))
        }
        None => {
            let path = elf_path(given, board);
            let image = Image::parse(&elf(&path)?);
            (path, image)
        }
    };
    let image = image.map_err(|error| Failure::new(format!("{}: {error}", path.display())))?;
    Ok((path, image))
}

/// The chip of this name, or the names there are.
pub fn memory_chip(name: &str) -> Result<MemoryChip, String> {
    name.parse().map_err(|error| {
        let near = MemoryChip::known()
            .into_iter()
            .map(|(known, _)| known)
            .find(|known| is_near(name, known));
        match near {
            Some(near) => format!("{error}; did you mean `{near}`?"),
            None => format!("{error}"),
        }
    })
}

/// For `--help`, where there is room for all of them.
pub fn chips_help() -> String {
    let rows = MemoryChip::known()
        .into_iter()
        .map(|(name, what)| format!("\n  {name:<34} {what}"));
    format!(
        "What is soldered into the memory footprint [default: the board's own part]{}",
        rows.collect::<String>()
    )
}

/// The help of `--attach`, with all parts.
pub fn parts_help() -> String {
    format!(
        "Solder a part to the board: 24c256@I2C1, or 24c256:SCL=PB8,SDA=PB9; may be repeated\n{}",
        vboard::board::parts::known_parts()
    )
}

/// Faults that the silicon may be given, by the names that the command line knows.
const ERRATA: [(&str, Erratum, &str); 6] = [
    (
        "disramode-ineffective",
        Erratum::DisramodeIneffective,
        "ACTLR.DISRAMODE does not switch read-allocate mode off",
    ),
    (
        "lanes-keep",
        Erratum::LanesKeep,
        "unstrobed bytes of a beat keep their content, as with a mask pin",
    ),
    (
        "lanes-stale",
        Erratum::LanesStale,
        "unstrobed bytes of a beat get those of the beat before, not zeros",
    ),
    (
        "entry-keeps",
        Erratum::EntryKeeps,
        "exception entry does not drain the store buffer",
    ),
    (
        "dma-joined",
        Erratum::DmaJoined,
        "narrow beats of a DMA's burst reach the controller joined to 64 bits",
    ),
    (
        "writes-stay-open",
        Erratum::WritesStayOpen,
        "the controller's time-out leaves chip select low after a write",
    ),
];

/// The model of time of this name, or the names there are.
pub fn model(name: &str) -> Result<Model, String> {
    let known = Model::KNOWN.iter().find(|(known, _)| *known == name);
    known.map(|(_, model)| *model).ok_or_else(|| {
        let names = Model::KNOWN.map(|(known, _)| known);
        format!("no such model; there are {}", names.join(", "))
    })
}

/// The fault of this name, or the names there are.
pub fn erratum(name: &str) -> Result<Erratum, String> {
    let known = ERRATA.iter().find(|(known, ..)| *known == name);
    known.map(|(_, erratum, _)| *erratum).ok_or_else(|| {
        let rows = ERRATA.iter().map(|(name, _, what)| format!("\n  {name}: {what}"));
        format!("no such fault; there are{}", rows.collect::<String>())
    })
}

/// A span of time, above zero.
pub fn seconds(text: &str) -> Result<Duration, String> {
    let span = text
        .parse()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .filter(|span| !span.is_zero());
    span.ok_or_else(|| "expected seconds above zero, such as 30 or 0.5".to_owned())
}

/// Same letters and digits but for one or two: a slip of the finger.
fn is_near(asked: &str, known: &str) -> bool {
    let plain = |text: &str| text.to_lowercase().replace(['-', '_'], "");
    let (asked, known) = (plain(asked), plain(known));
    asked.len() > 3 && (distance(&asked, &known) <= 2 || known.starts_with(&asked))
}

/// Levenshtein distance, row by row.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// The script's text.
pub fn script(path: &Path) -> Result<Vec<u8>, Failure> {
    let shown = path.display();
    if path.is_dir() {
        return Err(Failure::new(format!("script {shown} is a folder")).hint("give the path of one .py file"));
    }
    let source = fs::read(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => Failure::new(format!("script {shown} does not exist")),
        _ => Failure::new(format!("script {shown} cannot be read: {error}")),
    })?;
    match std::str::from_utf8(&source) {
        Ok(_) => Ok(source),
        Err(error) => {
            let at = error.valid_up_to();
            let line = source[..at].iter().filter(|&&b| b == b'\n').count() + 1;
            let byte = source[at];
            Err(Failure::new(format!(
                "script {shown} is not UTF-8: byte 0x{byte:02x} at offset {at}, line {line}"
            ))
            .hint("save it as UTF-8; MicroPython reads nothing else"))
        }
    }
}

/// Where the firmware is, if nobody says otherwise.
fn elf_path(given: Option<&Path>, board: &str) -> PathBuf {
    given.map_or_else(
        || PathBuf::from(format!("target/firmware/{board}.elf")),
        Path::to_owned,
    )
}

/// The firmware's bytes.
fn elf(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| {
        Failure::new(format!("firmware {} cannot be read: {error}", path.display())).hint(
            "`cargo xtask build` makes it; `cargo xtask run` builds and runs; `--elf FILE` takes another one",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flat_image_has_its_address_behind_it() {
        let image = flat_image("a@b.bin@0x0800_0000").unwrap();
        assert_eq!(
            (image.path.to_str(), image.address),
            (Some("a@b.bin"), 0x0800_0000)
        );
        for wrong in ["a.bin", "a.bin@8000000", "@0x08000000", "a.bin@0xflash"] {
            assert!(
                flat_image(wrong).unwrap_err().contains("FILE@0x08000000"),
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_board_is_known_by_name_or_read_from_its_file() {
        assert_eq!(board("weact").unwrap().name, "weact");
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../board/devebox.toml");
        assert_eq!(board(file).unwrap().name, "devebox");
        for (wrong, words) in [("banana", "devebox"), ("/no/such.toml", "/no/such.toml")] {
            let error = board(wrong).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn a_slip_of_the_finger_gets_the_right_name() {
        for (asked, meant) in [
            ("esp-psram64", "esp-psram64h"),
            ("ESP_PSRAM64H", "esp-psram64h"),
            ("ly68l640", "ly68l6400"),
        ] {
            let error = memory_chip(asked).unwrap_err();
            assert!(error.ends_with(&format!("did you mean `{meant}`?")), "{error}");
        }
    }

    #[test]
    fn a_name_that_is_near_to_nothing_lists_them_all() {
        let error = memory_chip("banana").unwrap_err();
        assert!(
            error.contains("aps6404l-3sqn") && !error.contains("did you mean"),
            "{error}"
        );
    }

    #[test]
    fn distance_counts_single_changes() {
        assert_eq!(
            (
                distance("kitten", "sitting"),
                distance("", "abc"),
                distance("same", "same")
            ),
            (3, 3, 0)
        );
    }
}
