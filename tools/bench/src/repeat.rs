//! Determinism: the same script twice, and every counter the same.

use crate::{HEAPS, run_script};
use anyhow::{Result, bail};
use xtask::project::Project;
use xtask::variant::Variant;

/// Allocates, collects, computes and prints, so that a difference anywhere shows.
const SCRIPT: &str = "\
import gc, random
random.seed(1)
d = {}
for i in range(3000):
    d[i] = [random.random() for _ in range(5)]
gc.collect()
print(sum(sum(x) for x in d.values()))
";

pub fn run(project: &Project, variant: &Variant) -> Result<()> {
    println!("| heap | instructions | virtual cycles | sha256 of the output |\n|---|--:|--:|---|");
    for (heap, options) in HEAPS {
        let (first, second) = (
            run_script(project, variant, SCRIPT, options)?,
            run_script(project, variant, SCRIPT, options)?,
        );
        if first.stats != second.stats {
            bail!("two runs differ:\n{}\n{}", first.stats, second.stats);
        }
        let hash = first.stats["output_sha256"].as_str().unwrap_or("missing");
        let (instructions, cycles) = (first.count("instructions")?, first.count("virtual_cycles")?);
        println!("| {heap} | {instructions} | {cycles} | {hash} |");
    }
    println!("\nTwo runs each; all counters of `--stats` were equal.");
    Ok(())
}
