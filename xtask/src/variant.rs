//! What a board's firmware is built with, where it is not as its board file says: the heap, the memory's timing, the
//! memory part. Each variant has an ELF of its own, so that one does not make another stale.

use crate::heap::Heap;
use crate::project::Project;
use anyhow::{Result, bail};
use std::path::PathBuf;

/// The ways to choose the memory's clock; what they mean stands in `crates/psram/src/policy.rs`.
const TIMINGS: &[&str] = &["datasheet", "field", "safe"];

/// `None`: as the board file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variant {
    /// Python's heap.
    pub heap: Heap,
    /// How the memory's clock is chosen.
    pub timing: Option<String>,
    /// The memory chip that the firmware is for.
    pub part: Option<String>,
}

impl Variant {
    /// The options that a command line may name it by.
    pub const ARGS: &str =
        "[--heap tier|checked|sliced|sliced-checked|stock] [--timing datasheet|field|safe] [--part P]";
    /// Their names.
    pub const OPTIONS: [&str; 3] = ["heap", "timing", "part"];

    /// Takes the value of one of [`Variant::OPTIONS`].
    pub fn set(&mut self, project: &Project, option: &str, value: &str) -> Result<()> {
        match option {
            "heap" => self.heap = Heap::parse(value)?,
            "timing" => {
                let known: Vec<String> = TIMINGS.iter().map(|&name| name.to_owned()).collect();
                self.timing = Some(one_of("timing", value, &known)?);
            }
            "part" => self.part = Some(one_of("memory part", value, &project.parts()?)?),
            other => bail!("--{other} is not one of {}", Self::ARGS),
        }
        Ok(())
    }

    /// `devebox`, or `devebox-field`, or `devebox-safe-ips6404l-sq`.
    pub fn name(&self, board: &str) -> String {
        let heap = (self.heap != Heap::default()).then(|| self.heap.name());
        [heap, self.timing.as_deref(), self.part.as_deref()]
            .into_iter()
            .flatten()
            .fold(board.to_owned(), |name, word| format!("{name}-{word}"))
    }

    /// The ELF for a board.
    pub fn elf(&self, project: &Project, board: &str) -> PathBuf {
        project.elf(&self.name(board))
    }
}

fn one_of(what: &str, value: &str, known: &[String]) -> Result<String> {
    if !known.iter().any(|name| name == value) {
        bail!("unknown {what} `{value}`; expected one of: {}", known.join(", "));
    }
    Ok(value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_variant_has_a_name_of_its_own_and_the_default_one_the_board_s() {
        let project = Project::find().unwrap();
        let mut variant = Variant::default();
        assert_eq!(variant.name("weact"), "weact");
        variant.set(&project, "timing", "field").unwrap();
        assert_eq!(variant.name("weact"), "weact-field");
        variant.set(&project, "heap", "stock").unwrap();
        assert_eq!(variant.name("weact"), "weact-stock-field");
        variant.set(&project, "heap", "tier").unwrap();
        assert_eq!(variant.name("weact"), "weact-field", "that is the default");
        variant.set(&project, "part", "ips6404l-sq").unwrap();
        assert_eq!(variant.name("weact"), "weact-field-ips6404l-sq");
    }

    #[test]
    fn unknown_names_are_answered_with_the_known_ones() {
        let project = Project::find().unwrap();
        let error = |option, value| {
            let error = Variant::default().set(&project, option, value).unwrap_err();
            error.to_string()
        };
        assert_eq!(
            error("timing", "fast"),
            "unknown timing `fast`; expected one of: datasheet, field, safe"
        );
        let parts = error("part", "w25q64");
        assert!(
            parts.starts_with("unknown memory part `w25q64`; expected one of: aps1604m-3sqr,")
                && parts.contains("ips6404l-sq"),
            "{parts}"
        );
    }
}
