//! The targets of `cargo xtask fuzz`, one file each. What does the work is a tool of its own; here it is built and called.

pub mod heap;
pub mod python;

use crate::project::Project;
use anyhow::Result;
use std::ffi::OsString;
use std::process::ExitCode;

/// Something that can be fuzzed.
pub struct Target {
    pub name: &'static str,
    /// Gets the arguments behind the name.
    pub run: fn(&Project, Vec<OsString>) -> Result<ExitCode>,
}

pub const TARGETS: &[Target] = &[
    Target {
        name: "python",
        run: python::run,
    },
    Target {
        name: "heap",
        run: heap::run,
    },
];
