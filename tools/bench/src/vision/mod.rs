//! `bench vision`: what operations of machine vision take, in three sizes and both memories: `docs/vision-speed.md`.

mod page;

use crate::run_script;
use anyhow::{Context, Result};
use std::fs;
use xtask::project::Project;
use xtask::say;
use xtask::variant::Variant;

const OPERATIONS: &str = include_str!("operations.py");

/// A size of frames.
pub struct Size {
    pub name: &'static str,
    pub width: u64,
    pub height: u64,
    /// Only the operations that have an aim: the others take minutes of the model's time.
    pub few: bool,
}

pub const SIZES: [Size; 3] = [
    Size {
        name: "QQVGA",
        width: 160,
        height: 120,
        few: false,
    },
    Size {
        name: "QVGA",
        width: 320,
        height: 240,
        few: false,
    },
    Size {
        name: "VGA",
        width: 640,
        height: 480,
        few: true,
    },
];

/// One operation on one frame.
pub struct Measured {
    /// Index into [`SIZES`].
    pub size: usize,
    /// The frame is in internal RAM.
    pub fast: bool,
    pub format: String,
    pub operation: String,
    pub us: u64,
}

pub fn run(project: &Project, variant: &Variant) -> Result<()> {
    let mut measured = Vec::new();
    for (index, size) in SIZES.iter().enumerate() {
        for fast in [true, false] {
            let python = |value: bool| if value { "True" } else { "False" };
            let head = format!(
                "SIZE, FAST, FEW = ({}, {}), {}, {}\n",
                size.width,
                size.height,
                python(fast),
                python(size.few)
            );
            let run = run_script(project, variant, &(head + OPERATIONS), &["--model", "full"])?;
            for line in run.console.lines() {
                measured.push(read(line, index, fast).with_context(|| format!("the board said: {line}"))?);
            }
            say::line(format!(
                "   {} in {} memory",
                size.name,
                if fast { "internal" } else { "external" }
            ));
        }
    }
    let page = project.root.join("docs/vision-speed.md");
    fs::write(&page, page::page(&measured)).with_context(|| format!("writing {}", page.display()))?;
    say::line("   docs/vision-speed.md");
    Ok(())
}

/// `gray 1234 find_blobs()`
fn read(line: &str, size: usize, fast: bool) -> Option<Measured> {
    let mut words = line.splitn(3, ' ');
    Some(Measured {
        size,
        fast,
        format: words.next()?.to_owned(),
        us: words.next()?.parse().ok()?,
        operation: words.next()?.to_owned(),
    })
}
