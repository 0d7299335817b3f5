//! What `cargo xtask bench` measures, one file a table.

pub mod bus;
pub mod heap;
pub mod pystone;
pub mod repeat;
pub mod size;
pub mod soak;
pub mod speed;
pub mod start;

use crate::flavour::Flavour;
use crate::project::{DEFAULT_BOARD, Project};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The part that is taken when a table compares with and without.
const HEAPS: [(&str, &[&str]); 2] = [("PSRAM", &[]), ("SRAM", &["--psram", "none"])];

/// The exit code of `spiram run` for a script that raised.
const RAISED: i32 = 1;

/// A run of a script on the virtual board.
struct Run {
    wall: Duration,
    stats: Value,
    /// What the script printed.
    console: String,
    /// The traceback, if it raised.
    raised: Option<String>,
}

impl Run {
    /// A counter of `--stats`, by its name.
    fn count(&self, name: &str) -> Result<u64> {
        self.stats[name]
            .as_u64()
            .with_context(|| format!("--stats has no number `{name}`"))
    }
}

/// Runs a script, which must not raise, and reads what the board counted.
fn run_script(project: &Project, flavour: &Flavour, script: &str, options: &[&str]) -> Result<Run> {
    let run = try_script(project, flavour, script, options)?;
    if let Some(why) = &run.raised {
        bail!("the script on the virtual board raised\n{}{why}", run.console);
    }
    Ok(run)
}

/// The same for a script that may raise.
fn try_script(project: &Project, flavour: &Flavour, script: &str, options: &[&str]) -> Result<Run> {
    let dir = folder(project)?;
    // Of its own for each flavour and bench, so that several can run at once.
    let (flavour_name, bench) = (flavour.name(DEFAULT_BOARD), std::process::id());
    let name = |end: &str| dir.join(format!("{flavour_name}-{bench}{end}"));
    let (file, stats) = (name(".py"), name(".json"));
    fs::write(&file, script)?;
    let mut command = Command::new(project.spiram());
    command
        .args(["run", "--board", DEFAULT_BOARD, "--elf"])
        .arg(flavour.elf(project, DEFAULT_BOARD))
        .args(options);
    command.arg("--stats").arg(&stats).arg(&file).stdin(Stdio::null());
    let start = Instant::now();
    let output = command.output().context("starting the virtual board")?;
    let wall = start.elapsed();
    let console = String::from_utf8_lossy(&output.stdout).into_owned();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let raised = output.status.code() == Some(RAISED);
    if !raised && !output.status.success() {
        bail!(
            "the script on the virtual board ended with {}\n{console}{said}",
            output.status
        );
    }
    let text = fs::read_to_string(&stats).with_context(|| format!("reading {}", stats.display()))?;
    for used in [&file, &stats] {
        fs::remove_file(used).with_context(|| format!("removing {}", used.display()))?;
    }
    Ok(Run {
        wall,
        stats: serde_json::from_str(&text).context("reading --stats")?,
        console,
        raised: raised.then_some(said),
    })
}

fn folder(project: &Project) -> Result<PathBuf> {
    let dir = project.target().join("bench");
    fs::create_dir_all(&dir)?;
    Ok(dir)
}
