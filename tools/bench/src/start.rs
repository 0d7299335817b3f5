//! How long a user waits for the prompt, on a machine on which everything is built.

use crate::{HEAPS, run_script};
use anyhow::{Result, bail};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use xtask::project::Project;
use xtask::variant::Variant;

pub fn run(project: &Project, variant: &Variant) -> Result<()> {
    println!("| from | to | wall seconds |\n|---|---|--:|");
    for (heap, options) in HEAPS {
        let run = run_script(project, variant, "print(1)\n", options)?;
        println!(
            "| `spiram run` | end of a script, heap in {heap} | {:.2} |",
            run.wall.as_secs_f64()
        );
    }
    let script = crate::folder(project)?.join("start.py");
    std::fs::write(&script, "print(1)\n")?;
    // The first time may still build something; the second is what a user waits for from then on.
    let mut wall = Duration::ZERO;
    for _ in 0..2 {
        let start = Instant::now();
        let mut whole = Command::new("cargo");
        whole
            .current_dir(&project.root)
            .args(["xtask", "run"])
            .arg(&script);
        let status = whole
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        if !status.success() {
            bail!("`cargo xtask run` ended with {status}");
        }
        wall = start.elapsed();
    }
    println!(
        "| `cargo xtask run`, second time | end of a script | {:.2} |",
        wall.as_secs_f64()
    );
    Ok(())
}
