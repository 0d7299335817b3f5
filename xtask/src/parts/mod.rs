//! The parts of `cargo xtask test`, one file each, cheap ones first.

mod banks;
mod bare;
mod build;
mod chip;
mod clients;
mod document;
mod drawn;
mod format;
mod frames;
mod fuzz;
mod guest;
mod host;
mod lint;
mod long;
mod micropython;
mod power_cuts;
mod tidy;
mod vision;
mod vision_peers;
pub mod waves;

use crate::project::Project;
use crate::variant::Variant;
use anyhow::Result;
use std::fmt;

/// What a part is told.
pub struct Context<'a> {
    pub project: &'a Project,
    /// Only the tests whose name contains this.
    pub filter: Option<String>,
    /// Whether a part or a test was asked for, by name: then what takes long is run too.
    pub named: bool,
    /// Which firmware is tested.
    pub variant: Variant,
    /// Write generated files anew, where they are otherwise compared.
    pub overwrite: bool,
}

/// A part of the tests.
pub struct Part {
    pub name: &'static str,
    pub what: &'static str,
    /// True if its tests can be chosen by name.
    pub filters: bool,
    pub run: fn(&Context, &mut Tally) -> Result<()>,
}

pub const PARTS: &[Part] = &[
    Part {
        name: "fmt",
        what: "formatting of all crates",
        filters: false,
        run: format::run,
    },
    Part {
        name: "tidy",
        what: "house rules: imports, licences, links",
        filters: false,
        run: tidy::run,
    },
    Part {
        name: "firmware",
        what: "both boards' firmware, and what is asked of it",
        filters: false,
        run: chip::run,
    },
    Part {
        name: "build",
        what: "the host's tests, built",
        filters: false,
        run: build::run,
    },
    Part {
        name: "clippy",
        what: "lints, as errors",
        filters: false,
        run: lint::run,
    },
    Part {
        name: "doc",
        what: "rustdoc of all crates, warnings as errors",
        filters: false,
        run: document::run,
    },
    Part {
        name: "host",
        what: "unit tests, and the ELF on the virtual board",
        filters: true,
        run: host::run,
    },
    Part {
        name: "drawn",
        what: "drawn programs in all five heaps, against CPython",
        filters: false,
        run: drawn::run,
    },
    Part {
        name: "fuzz",
        what: "drawn programs and changed files, always the same ones",
        filters: false,
        run: fuzz::run,
    },
    Part {
        name: "vision",
        what: "crates/vision against an independent implementation in numpy",
        filters: true,
        run: vision::run,
    },
    Part {
        name: "micropython",
        what: "MicroPython's own tests on the virtual board",
        filters: true,
        run: micropython::run,
    },
    Part {
        name: "clients",
        what: "other people's tools on the virtual board's port",
        filters: true,
        run: clients::run,
    },
];

/// What is run only when it is asked for by its whole name.
pub const BY_NAME: &[Part] = &[
    Part {
        name: "bare",
        what: "README's words on the set-up, on bare Debians",
        filters: true,
        run: bare::run,
    },
    Part {
        name: "guest",
        what: "a real Linux in qemu attaches the board's USB",
        filters: false,
        run: guest::run,
    },
    Part {
        name: "long",
        what: "the host's tests that take minutes",
        filters: true,
        run: long::run,
    },
    Part {
        name: "power-cuts",
        what: "the power fails at every step of writing files",
        filters: true,
        run: power_cuts::run,
    },
    Part {
        name: "vision-peers",
        what: "crates/vision beside OpenCV, zxing-cpp and others",
        filters: true,
        run: vision_peers::run,
    },
];

/// Counts, and a line for each failure.
#[derive(Default)]
pub struct Tally {
    pub passed: usize,
    pub skipped: usize,
    pub failures: Vec<String>,
}

impl Tally {
    pub fn pass(&mut self) {
        self.passed += 1;
    }

    pub fn fail(&mut self, line: impl Into<String>) {
        self.failures.push(line.into());
    }

    /// Counts one check by its result.
    pub fn check(&mut self, result: Result<()>) {
        match result {
            Ok(()) => self.pass(),
            Err(error) => self.fail(format!("{error:#}")),
        }
    }

    /// Takes over another tally's counts; failures get the name of the part before them.
    pub fn add(&mut self, name: &str, other: Tally) {
        self.passed += other.passed;
        self.skipped += other.skipped;
        self.failures.extend(
            other
                .failures
                .into_iter()
                .map(|failure| format!("{name}: {failure}")),
        );
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad(&format!(
            "{} passed, {} failed, {} skipped",
            self.passed,
            self.failures.len(),
            self.skipped
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tally_prints_the_line_that_machines_read() {
        let mut tally = Tally::default();
        tally.pass();
        tally.check(Err(anyhow::anyhow!("broken")));
        let mut total = Tally {
            passed: 2,
            skipped: 3,
            failures: Vec::new(),
        };
        total.add("part", tally);
        assert_eq!(total.to_string(), "3 passed, 1 failed, 3 skipped");
        assert_eq!(total.failures, ["part: broken"]);
    }
}
