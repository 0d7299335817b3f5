//! The result as a page of the documentation: generated, compared, and the same in every run.

use super::FOLDERS;
use super::batch::Outcome;
use super::expected::Expected;
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// The page.
pub fn render(outcomes: &BTreeMap<String, Outcome>, expected: &Expected) -> String {
    let mut page = String::from(
        "# MicroPython's own tests on the virtual board\n\n\
         Written by `cargo xtask test micropython --overwrite`; a full `cargo xtask test` fails if this page is stale.\n\n\
         MicroPython 1.25.0's `tests/run-tests.py`, unmodified, talks over a pty to the firmware for `devebox` on the\n\
         virtual board, with the heap in the modelled PSRAM. Nothing here was run on silicon.\n\n\
         | folder | tests | pass | cannot pass |\n|---|--:|--:|--:|\n",
    );
    let mut sums = [0; 3];
    for folder in FOLDERS {
        let of_folder = || {
            outcomes
                .iter()
                .filter(|(test, _)| test.rsplit_once('/').is_some_and(|(dir, _)| dir == *folder))
        };
        let passed = of_folder()
            .filter(|(_, outcome)| **outcome == Outcome::Passed)
            .count();
        let row = [of_folder().count(), passed, of_folder().count() - passed];
        let _ = writeln!(page, "| {folder} | {} | {} | {} |", row[0], row[1], row[2]);
        sums.iter_mut().zip(row).for_each(|(sum, cell)| *sum += cell);
    }
    let _ = writeln!(page, "| **all** | {} | {} | {} |", sums[0], sums[1], sums[2]);

    let small: Vec<&str> = outcomes
        .keys()
        .filter(|test| expected.wants_small_heap(test))
        .map(String::as_str)
        .collect();
    if !small.is_empty() {
        let _ = writeln!(
            page,
            "\nOn the internal heap, without a memory chip: {}.",
            small.join(", ")
        );
    }

    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for test in outcomes.keys() {
        if let Some(reason) = expected.reason(test) {
            reasons.entry(reason).or_default().push(test);
        }
    }
    page += "\n## Tests that cannot pass, and why\n\nFrom `tests/micropython-skips.toml`. \
             Each is run all the same: one that passes fails `cargo xtask test`.\n";
    for (reason, tests) in reasons {
        let _ = writeln!(page, "\n**{reason}** ({}): {}", tests.len(), tests.join(", "));
    }
    page
}

/// Compares the page with the file, or writes it.
pub fn compare(file: &Path, page: &str, overwrite: bool) -> Result<()> {
    if overwrite {
        return std::fs::write(file, page).with_context(|| format!("writing {}", file.display()));
    }
    if std::fs::read_to_string(file).unwrap_or_default() != page {
        bail!(
            "{} is stale: `cargo xtask test micropython --overwrite` writes it",
            file.display()
        );
    }
    Ok(())
}
