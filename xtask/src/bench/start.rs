//! How long a user waits for the prompt, on a machine on which everything is built.

use super::{HEAPS, run_script};
use crate::project::Project;
use anyhow::{Result, bail};
use std::process::{Command, Stdio};
use std::time::Instant;

pub fn run(project: &Project) -> Result<()> {
    println!("| from | to | wall seconds |\n|---|---|--:|");
    for (heap, options) in HEAPS {
        let run = run_script(project, "print(1)\n", options)?;
        println!(
            "| `spiram run` | end of a script, heap in {heap} | {:.2} |",
            run.wall.as_secs_f64()
        );
    }
    let script = super::folder(project)?.join("script.py");
    let start = Instant::now();
    let mut whole = Command::new("cargo");
    whole
        .current_dir(&project.root)
        .args(["xtask", "run"])
        .arg(script);
    let status = whole
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    if !status.success() {
        bail!("`cargo xtask run` ended with {status}");
    }
    println!(
        "| `cargo xtask run`, second time | end of a script | {:.2} |",
        start.elapsed().as_secs_f64()
    );
    Ok(())
}
