//! MicroPython's `perf_bench/misc_pystone.py`: pystones a wall second, and virtual ones.
//!
//! Two runs of different length are subtracted, so that start-up does not count. QEMU's mps2-an385 with
//! MicroPython's own port runs the same script, where `qemu-system-arm` and `make` are installed.

use crate::{HEAPS, Run, folder, run_script};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask::project::Project;
use xtask::variant::Variant;
use xtask::{process, say, setup};

/// Loops of the short and of the long run.
const LOOPS: [u32; 2] = [2_000, 12_000];
/// Each is run this often, and the quickest counts.
const TRIES: usize = 3;
/// What the STM32H7A3's core runs at.
const CORE_HZ: f64 = 280e6;
/// Over a pty, as for every board: run the script twice and print the seconds of each.
const PYBOARD: &str = include_str!("pystone_pty.py");

pub fn run(project: &Project, variant: &Variant) -> Result<()> {
    let source =
        fs::read_to_string(xtask::setup::micropython(project).join("tests/perf_bench/misc_pystone.py"))?;
    let script = |loops: u32| format!("{source}\nSetup()\nProc0({loops})\n");
    let between = f64::from(LOOPS[1] - LOOPS[0]);
    let mut rows: Vec<(String, f64, String)> = Vec::new();
    for (heap, options) in HEAPS {
        let (short, long) = (
            best(project, variant, &script(LOOPS[0]), options)?,
            best(project, variant, &script(LOOPS[1]), options)?,
        );
        let wall = between / (long.wall.as_secs_f64() - short.wall.as_secs_f64());
        let cycles = long.count("virtual_cycles")? - short.count("virtual_cycles")?;
        let instructions = long.count("instructions")? - short.count("instructions")?;
        let virtually = between / (cycles as f64 / CORE_HZ);
        let stalls = cycles as f64 / instructions as f64;
        rows.push((
            format!("virtual board, heap in {heap}"),
            wall,
            format!("{virtually:.0} | {stalls:.2}"),
        ));
    }
    match qemu(project, &script) {
        Ok(Some(seconds)) => {
            rows.push((
                "QEMU mps2-an385, its heap in RAM".into(),
                between / seconds,
                "| ".into(),
            ));
        }
        Ok(None) => say::line("no comparison: qemu-system-arm or make is not installed"),
        Err(error) => say::line(format!("no comparison with QEMU: {error:#}")),
    }
    let best = rows.iter().map(|row| row.1).fold(f64::MIN, f64::max);
    println!(
        "| where | pystones a wall second | ratio | pystones a virtual second | virtual cycles an instruction |"
    );
    println!("|---|--:|--:|--:|--:|");
    for (name, wall, virtually) in rows {
        println!("| {name} | {wall:.0} | {:.2} | {virtually} |", wall / best);
    }
    println!(
        "\nVirtual cycles: one an instruction, and what the model of the D-cache and of the OCTOSPI bus adds."
    );
    Ok(())
}

/// The quickest of a few runs: what else the machine does only ever adds.
fn best(project: &Project, variant: &Variant, script: &str, options: &[&str]) -> Result<Run> {
    let mut best = run_script(project, variant, script, options)?;
    for _ in 1..TRIES {
        let run = run_script(project, variant, script, options)?;
        best = if run.wall < best.wall { run } else { best };
    }
    Ok(best)
}

/// Seconds between the short and the long run on QEMU; `None` if a tool is missing.
fn qemu(project: &Project, script: &dyn Fn(u32) -> String) -> Result<Option<f64>> {
    let (Some(qemu), Some(_)) = (process::which("qemu-system-arm"), process::which("make")) else {
        return Ok(None);
    };
    let python = setup::python().context("no python3 with pyserial")?;
    let dir = folder(project)?;
    let elf = qemu_firmware(project, &dir)?;
    let mut args = Vec::new();
    for loops in LOOPS {
        let file = dir.join(format!("pystone-{loops}.py"));
        fs::write(&file, script(loops))?;
        args.extend(std::iter::repeat_n(file, TRIES));
    }
    let helper = dir.join("pystone_pty.py");
    fs::write(&helper, PYBOARD)?;
    let board = format!(
        "execpty:{} -M mps2-an385 -nographic -monitor null -semihosting -serial pty -kernel {}",
        qemu.display(),
        elf.display()
    );
    let said = process::output(
        Command::new(python)
            .arg(&helper)
            .arg(xtask::setup::micropython(project).join("tools"))
            .arg(board)
            .args(&args),
    )?;
    let seconds: Vec<f64> = said.lines().filter_map(|line| line.parse().ok()).collect();
    if seconds.len() != 2 * TRIES {
        bail!("expected {} times, found {said:?}", 2 * TRIES);
    }
    let quickest = |times: &[f64]| times.iter().copied().fold(f64::INFINITY, f64::min);
    let (short, long) = seconds.split_at(TRIES);
    Ok(Some(quickest(long) - quickest(short)))
}

/// MicroPython's own QEMU port, built from a copy of the pinned source.
fn qemu_firmware(project: &Project, dir: &Path) -> Result<PathBuf> {
    let copy = dir.join("qemu");
    let elf = copy.join("ports/qemu/build-MPS2_AN385/firmware.elf");
    if elf.is_file() {
        return Ok(elf);
    }
    let _ = fs::remove_dir_all(&copy);
    process::run(
        Command::new("cp")
            .arg("-r")
            .arg(xtask::setup::micropython(project))
            .arg(&copy),
    )?;
    // Nothing is frozen in, so the library that the source package leaves out is not missed; make asks for its readme.
    fs::create_dir_all(copy.join("lib/micropython-lib"))?;
    fs::write(copy.join("lib/micropython-lib/README.md"), "")?;
    fs::write(copy.join("empty.py"), "")?;
    let manifest = format!("FROZEN_MANIFEST={}", copy.join("empty.py").display());
    for args in [
        vec!["mpy-cross"],
        vec!["ports/qemu", "BOARD=MPS2_AN385", &manifest],
    ] {
        process::output(
            Command::new("make")
                .current_dir(&copy)
                .args(["-j2", "-C"])
                .args(args),
        )?;
    }
    Ok(elf)
}
