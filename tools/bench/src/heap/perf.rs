//! MicroPython's perf_bench with the memory chip and without: what a large heap costs programs that do not need it.
//!
//! As `run-perfbench.py` does it: the benchmark, `benchrun.py` behind it, and `bm_run(N, M)`. Its other half is left out:
//! nothing is averaged, because the virtual board repeats to the cycle.

use super::cost::MODEL;
use crate::run_script;
use anyhow::{Context, Result, bail, ensure};
use std::fs;
use xtask::project::Project;
use xtask::variant::Variant;

/// N, about the core's clock in MHz, and M, about the heap in KB, as the smaller of the two heaps has it.
const PARAMETERS: &str = "bm_run(280, 800)\n";

/// What the memory chip may cost at most.
pub const AIM: f64 = 0.95;

/// A benchmark's microseconds.
pub struct Benchmark {
    pub name: String,
    pub with_chip_us: u64,
    pub without_us: u64,
}

impl Benchmark {
    /// How fast it is with the chip, where without it is 1.
    pub fn ratio(&self) -> f64 {
        self.without_us as f64 / self.with_chip_us as f64
    }
}

/// All benchmarks in the pinned source that run on this board.
pub fn measure(project: &Project, variant: &Variant) -> Result<Vec<Benchmark>> {
    let dir = xtask::setup::micropython(project).join("tests/perf_bench");
    let runner = fs::read_to_string(dir.join("benchrun.py"))?;
    let mut names: Vec<String> = Vec::new();
    for entry in fs::read_dir(&dir).with_context(|| format!("reading {}", dir.display()))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        names.extend(name.strip_suffix(".py").map(str::to_owned));
    }
    names.retain(|name| name != "benchrun");
    names.sort();
    ensure!(!names.is_empty(), "no benchmarks in {}", dir.display());
    names
        .into_iter()
        .map(|name| {
            let source = fs::read_to_string(dir.join(format!("{name}.py")))?;
            let script = format!("{source}\n{runner}\n{PARAMETERS}");
            both(project, variant, &script)
                .map(|(with_chip_us, without_us)| Benchmark {
                    name: name.clone(),
                    with_chip_us,
                    without_us,
                })
                .with_context(|| format!("benchmark {name}"))
        })
        .collect()
}

/// Microseconds with the chip and without. Both must come to the same result.
fn both(project: &Project, variant: &Variant, script: &str) -> Result<(u64, u64)> {
    let with_chip = run_script(project, variant, script, &["--model", MODEL])?.console;
    let without = run_script(project, variant, script, &["--model", MODEL, "--psram", "none"])?.console;
    let ((with_chip_us, a), (without_us, b)) = (outcome(&with_chip)?, outcome(&without)?);
    if a != b {
        bail!("the results differ: {a:?} with the memory chip, {b:?} without");
    }
    Ok((with_chip_us, without_us))
}

/// `<microseconds> <norm> <result>`; what does not fit the board says -1.
fn outcome(console: &str) -> Result<(u64, &str)> {
    let mut words = console.trim().splitn(3, ' ');
    let us = words.next().and_then(|us| us.parse().ok());
    let _norm = words.next();
    us.zip(words.next())
        .with_context(|| format!("expected time, norm and result, found {console:?}"))
}

/// The middle of ratios.
pub fn geometric_mean(ratios: impl Iterator<Item = f64> + Clone) -> f64 {
    let logs: f64 = ratios.clone().map(f64::ln).sum();
    (logs / ratios.count() as f64).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_benchmark_says_its_time_and_its_result() {
        let found = outcome("20014 768 (True, True)\n").unwrap();
        assert_eq!(found, (20014, "(True, True)"));
        assert!(outcome("-1 -1 SKIP: no matching params\n").is_err());
        assert!(outcome("").is_err());
    }

    #[test]
    fn the_mean_of_twice_and_half_as_fast_is_as_fast() {
        let mean = geometric_mean([2.0, 0.5].into_iter());
        assert!((mean - 1.0).abs() < 1e-12, "{mean}");
    }
}
