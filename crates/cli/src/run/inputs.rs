//! The files and names that a run is given, checked before anything is booted.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use vboard::{Erratum, MemoryChip};

use crate::failure::Failure;

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

/// Faults that the silicon may be given, by the names that the command line knows.
const ERRATA: [(&str, Erratum, &str); 4] = [
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
        "dma-joined",
        Erratum::DmaJoined,
        "narrow beats of a DMA's burst reach the controller joined to 64 bits",
    ),
];

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
pub fn elf_path(given: Option<&Path>, board: &str) -> PathBuf {
    given.map_or_else(
        || PathBuf::from(format!("target/firmware/{board}.elf")),
        Path::to_owned,
    )
}

/// The firmware's bytes.
pub fn elf(path: &Path) -> Result<Vec<u8>, Failure> {
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
