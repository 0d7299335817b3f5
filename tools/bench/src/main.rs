//! `cargo xtask bench`: figures as tables, on stdout, one file a table. What is virtual is called so; wall time is this
//! machine's.
//!
//! A tool of its own, so that xtask compiles in seconds on a bare machine.

mod bus;
mod diagnose;
mod fit;
mod hashes;
mod heap;
mod latency;
mod pystone;
mod repeat;
mod silicon;
mod size;
mod soak;
mod speed;
mod start;
mod vision;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};
use xtask::project::{DEFAULT_BOARD, Project};
use xtask::variant::Variant;
use xtask::{firmware, say, setup};

type Bench = fn(&Project, &Variant) -> Result<()>;

/// By name a page in `docs/`.
const PAGES: &[(&str, Bench)] = &[
    ("bus", bus::run),
    ("speed", speed::run),
    ("heap", heap::run),
    ("soak", soak::run),
    ("fit", fit::run),
    ("hashes", hashes::run),
    ("diagnose", diagnose::run),
    ("vision", vision::run),
    ("latency", latency::run),
];
/// The page that takes a folder besides.
const SILICON: &str = "silicon";
/// Without a name these, one after the other.
const TABLES: &[(&str, Bench)] = &[
    ("Start", start::run),
    ("The same run twice", repeat::run),
    ("Pystone", pystone::run),
    ("Flash and RAM", size::run),
];

/// The part that is taken when a table compares with and without.
const HEAPS: [(&str, &[&str]); 2] = [("PSRAM", &[]), ("SRAM", &["--psram", "none"])];

/// Bytes in a block of the heap, the unit of `micropython.mem_info()`.
const BLOCK_BYTES: u64 = 16;

/// The exit code of `spiram run` for a script that raised.
const RAISED: i32 = 1;

fn main() -> ExitCode {
    xtask::exit(run)
}

fn usage() -> String {
    let pages: Vec<&str> = PAGES.iter().map(|(name, _)| *name).collect();
    format!(
        "cargo xtask bench [{}|{SILICON} [--images FOLDER]] {}",
        pages.join("|"),
        Variant::ARGS
    )
}

fn run() -> Result<ExitCode> {
    let project = Project::find()?;
    let mut page: Option<Bench> = None;
    let (mut silicon, mut images) = (false, None);
    let mut variant = Variant::default();
    let mut args = lexopt::Parser::from_env();
    while let Some(arg) = args.next()? {
        match arg {
            lexopt::Arg::Short('h') | lexopt::Arg::Long("help") => {
                println!("{}\n  figures as tables; by name a page in docs/", usage());
                return Ok(ExitCode::SUCCESS);
            }
            lexopt::Arg::Value(name) if page.is_none() && name == SILICON => silicon = true,
            lexopt::Arg::Long("images") if silicon => images = Some(PathBuf::from(args.value()?)),
            lexopt::Arg::Value(name) if page.is_none() && !silicon => {
                match PAGES.iter().find(|(known, _)| name == *known) {
                    Some((_, bench)) => page = Some(*bench),
                    None => bail!("no bench is called {name:?}; expected: {}", usage()),
                }
            }
            lexopt::Arg::Long(option) if Variant::OPTIONS.contains(&option) => {
                let option = option.to_owned();
                variant.set(&project, &option, &args.value()?.to_string_lossy())?;
            }
            other => bail!("{}; expected: {}", other.unexpected(), usage()),
        }
    }
    setup::ensure(&project, false)?;
    firmware::ensure(&project, DEFAULT_BOARD, &variant)?;
    firmware::stand_spiram(&project)?;
    if silicon {
        silicon::run(&project, &variant, images.as_deref())?;
        return Ok(ExitCode::SUCCESS);
    }
    match page {
        Some(page) => page(&project, &variant).map(|()| ExitCode::SUCCESS),
        None => Ok(tables(&project, &variant)),
    }
}

fn tables(project: &Project, variant: &Variant) -> ExitCode {
    let mut code = ExitCode::SUCCESS;
    for (title, bench) in TABLES {
        println!("\n## {title}\n");
        if let Err(error) = bench(project, variant) {
            say::line(format!("error: {title}: {error:#}"));
            code = ExitCode::FAILURE;
        }
    }
    println!("\nFirmware for {DEFAULT_BOARD}, on the virtual board. Nothing here was measured on silicon.");
    code
}

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
fn run_script(project: &Project, variant: &Variant, script: &str, options: &[&str]) -> Result<Run> {
    let run = try_script(project, variant, script, options)?;
    if let Some(why) = &run.raised {
        bail!("the script on the virtual board raised\n{}{why}", run.console);
    }
    Ok(run)
}

/// The same for a script that may raise.
fn try_script(project: &Project, variant: &Variant, script: &str, options: &[&str]) -> Result<Run> {
    let dir = folder(project)?;
    // Of its own for each variant and bench, so that several can run at once.
    let (variant_name, bench) = (variant.name(DEFAULT_BOARD), std::process::id());
    let name = |end: &str| dir.join(format!("{variant_name}-{bench}{end}"));
    let (file, stats) = (name(".py"), name(".json"));
    fs::write(&file, script)?;
    let mut command = Command::new(xtask::firmware::spiram(project));
    command
        .args(["run", "--board", DEFAULT_BOARD, "--elf"])
        .arg(variant.elf(project, DEFAULT_BOARD))
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
