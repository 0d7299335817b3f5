//! The page of `bench vision`.

use super::{Measured, SIZES};
use std::fmt::Write;

/// The core's clock, in MHz.
const CLOCK_MHZ: f64 = 280.0;
/// That of the H7 that OpenMV's figures are of.
const OPENMV_MHZ: f64 = 480.0;

const HEAD: &str = "\
# How fast machine vision is

Made by `cargo xtask bench vision` with the firmware on the virtual board (devebox), model `full` of the processor's time: **virtual
milliseconds at 280 MHz**; nothing here was seen on silicon. A figure is one call from Python, with its result as Python objects. The
frame is in internal RAM (SRAM) or in the memory chip (PSRAM); working memory is in internal RAM while it has room. The scene: slopes,
patches of noise, shapes, a text and an AprilTag. `copy()` and other results of an image's size go where the heap puts them, into the
memory chip as a rule. Where a cell is empty nothing was measured: the slowest operations are for QQVGA, VGA is for those with an
aim. There the second image of `b_and()` lies in the memory chip, as both do not fit; nor does the working memory of `find_lines()`
beside a frame of QVGA in colour.
";

const AIMS_HEAD: &str = "
## Aims
OpenMV's published figures are of an STM32H743 at 480 MHz (its pull requests 1171, 2160 and 2211, and its forum), measured by others
on other pictures; here they are scaled by the clock alone. Where it has its JPEG block in use, the figure before that counts.

| operation | frame in SRAM | published, at 480 MHz | so many ms at 280 MHz | here, ms | |
|---|---|--:|--:|--:|---|
";

/// An aim: operation, format, size, OpenMV's milliseconds at its clock or our own aim at ours.
struct Aim {
    operation: &'static str,
    format: &'static str,
    size: &'static str,
    ms: f64,
    is_published: bool,
}

const fn published(operation: &'static str, format: &'static str, size: &'static str, ms: f64) -> Aim {
    Aim {
        operation,
        format,
        size,
        ms,
        is_published: true,
    }
}

const fn own(operation: &'static str, format: &'static str, size: &'static str, ms: f64) -> Aim {
    Aim {
        operation,
        format,
        size,
        ms,
        is_published: false,
    }
}

const AIMS: [Aim; 11] = [
    published("erode(1)", "gray", "VGA", 18.0),
    published("dilate(1)", "gray", "VGA", 18.0),
    published("erode(1)", "RGB565", "VGA", 35.0),
    published("mean(3)", "gray", "QVGA", 11.4),
    published("mean(3)", "gray", "VGA", 37.0),
    published("mean(3)", "RGB565", "QVGA", 22.0),
    published("to_jpeg(quality=50)", "RGB565", "QQVGA", 2.5),
    published("to_jpeg(quality=50)", "RGB565", "QVGA", 10.0),
    published("to_jpeg(quality=50)", "RGB565", "VGA", 40.0),
    own("find_blobs()", "gray", "VGA", 12.0),
    own("find_apriltags()", "gray", "QQVGA", 40.0),
];

pub fn page(measured: &[Measured]) -> String {
    let mut text = String::from(HEAD);
    for format in ["gray", "RGB565"] {
        text += &table(measured, format);
    }
    text += AIMS_HEAD;
    for aim in &AIMS {
        let found = measured.iter().filter(|one| {
            one.operation == aim.operation && one.format == aim.format && SIZES[one.size].name == aim.size
        });
        let best = found.max_by_key(|one| one.fast);
        let Some(best) = best else { continue };
        let limit = if aim.is_published {
            aim.ms * OPENMV_MHZ / CLOCK_MHZ
        } else {
            aim.ms
        };
        let ms = best.us as f64 / 1000.0;
        let _ = writeln!(
            text,
            "| `{}` {} {} | {} | {} | {limit:.1} | {ms:.1} | {} |",
            aim.operation,
            aim.size,
            aim.format,
            if best.fast { "yes" } else { "no: too large" },
            if aim.is_published {
                format!("{:.1}", aim.ms)
            } else {
                "our own aim".to_owned()
            },
            if ms <= limit { "met" } else { "**missed**" }
        );
    }
    text
}

/// All operations on one format.
fn table(measured: &[Measured], format: &str) -> String {
    let mut text = format!("\n## {format}\n| ms |");
    let columns: Vec<(usize, bool)> = (0..SIZES.len())
        .flat_map(|size| [(size, true), (size, false)])
        .collect();
    for (size, fast) in &columns {
        let _ = write!(
            text,
            " {} {} |",
            SIZES[*size].name,
            if *fast { "SRAM" } else { "PSRAM" }
        );
    }
    text += " cycles a pixel, QVGA SRAM |\n|---|";
    text += &"--:|".repeat(columns.len() + 1);
    text.push('\n');
    let mut operations: Vec<&str> = Vec::new();
    for one in measured.iter().filter(|one| one.format == format) {
        if !operations.contains(&one.operation.as_str()) {
            operations.push(&one.operation);
        }
    }
    for operation in operations {
        let find = |size: usize, fast: bool| {
            let mut all = measured.iter();
            all.find(|one| {
                one.format == format && one.operation == operation && (one.size, one.fast) == (size, fast)
            })
        };
        let _ = write!(text, "| `{operation}` |");
        for (size, fast) in &columns {
            let ms = find(*size, *fast).map_or("".to_owned(), |one| digits(one.us as f64 / 1000.0));
            let _ = write!(text, " {ms} |");
        }
        let size = &SIZES[1];
        let cycles = find(1, true).map_or("".to_owned(), |one| {
            digits(one.us as f64 * CLOCK_MHZ / (size.width * size.height) as f64)
        });
        let _ = writeln!(text, " {cycles} |");
    }
    text
}

/// Three digits, or all before the point.
fn digits(value: f64) -> String {
    match value {
        ..10.0 => format!("{value:.2}"),
        ..100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missed_aim_is_told_as_missed_and_a_met_one_as_met() {
        let one = |operation: &str, us| Measured {
            size: 2,
            fast: true,
            format: "gray".to_owned(),
            operation: operation.to_owned(),
            us,
        };
        let text = page(&[one("erode(1)", 30_000), one("mean(3)", 64_000)]);
        assert!(
            text.contains("| `erode(1)` VGA gray | yes | 18.0 | 30.9 | 30.0 | met |"),
            "{text}"
        );
        assert!(
            text.contains("| `mean(3)` VGA gray | yes | 37.0 | 63.4 | 64.0 | **missed** |"),
            "{text}"
        );
        assert_eq!([0.123, 12.34, 1234.5].map(digits), ["0.12", "12.3", "1234"]);
    }
}
