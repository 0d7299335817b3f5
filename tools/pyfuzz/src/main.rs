//! Fuzzes the board from its Python: drawn programs, each on a snapshot of the booted board, until so many calls are made.
//! With `--host` they run in the core on this machine, under gcc's sanitizers; with `--files` what is drawn are files.
//!
//! A fault, an unmodelled access, a panic, a prompt that does not come back, or Ctrl-C that is answered late, is a finding.
//! It is made small and written down as a script. What it does not find: wrong results.

mod board;
mod files;
mod finding;
mod grammar;
mod ground;
mod host;
mod names;
mod node;
mod prelude;
mod shrink;
mod storm;

use board::{Board, Firmware};
use clap::Parser;
use files::Kind;
use finding::Findings;
use grammar::Draw;
use ground::{End, Ground, Outcome};
use host::Host;
use names::Names;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;
use vboard::{MemoryChip, Picos};

/// Fuzz the board from its Python
#[derive(Parser)]
struct Args {
    /// The firmware
    #[arg(long, value_name = "FILE", required_unless_present = "host")]
    elf: Option<PathBuf>,

    /// The core on this machine, in the firmware's place
    #[arg(long, value_name = "FILE")]
    host: Option<PathBuf>,

    /// Read changed files of this kind, or of `all` but `run`, instead of running programs
    #[arg(long, value_name = "KIND")]
    files: Option<String>,

    /// Where findings are written
    #[arg(long, value_name = "FOLDER", default_value = "target/fuzz-python")]
    findings: PathBuf,

    /// Stop after so many calls, or files of each kind
    #[arg(long, default_value_t = 100_000)]
    calls: u64,

    /// Chooses the programs
    #[arg(long, default_value_t = 1)]
    seed: u64,

    /// Leave so few bytes of the heap free before a program starts
    #[arg(long, value_name = "BYTES")]
    full: Option<u32>,

    /// What is soldered into the memory footprint
    #[arg(long, default_value = "esp-psram64h")]
    psram: MemoryChip,

    /// Print the program of this seed and end
    #[arg(long)]
    show: bool,
}

/// In a program that is compiled on the board.
const STATEMENTS: usize = 48;
/// In a storm.
const CALLS: usize = 600;
/// One program of so many is compiled; the others are storms.
const WRITTEN: u64 = 4;

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        Err(error) => {
            eprintln!("pyfuzz: {error}");
            ExitCode::from(3)
        }
    }
}

/// How many findings there are.
fn run(args: &Args) -> Result<usize, String> {
    if let Some(program) = &args.host {
        let mut host = Host::start(program)?;
        let choose = |host: &mut Host, seed| host.choose(seed);
        return on(args, &mut host, choose);
    }
    let file = args.elf.as_ref().ok_or("--elf or --host is needed")?;
    let elf = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let mut board = Board::boot(&Firmware {
        elf,
        chip: args.psram,
    })?;
    on(args, &mut board, |_, _| {})
}

/// `choose` is told which program comes next.
fn on<G: Ground>(args: &Args, ground: &mut G, choose: impl Fn(&mut G, u64)) -> Result<usize, String> {
    if let Some(wanted) = &args.files {
        return read_files(args, ground, wanted);
    }
    let names = prepare(ground, args.full)?;
    eprintln!(
        "pyfuzz: {} modules, {} names in them, {} names of objects",
        names.modules.len(),
        names.names.len(),
        names.attributes.len()
    );
    if args.show {
        print!(
            "{}",
            grammar::script(&Draw::new(&names, args.seed).program(STATEMENTS))
        );
        return Ok(0);
    }
    let mut findings = Findings::new(&args.findings, &names)?;
    let mut tally = Tally::new();
    let mut seed = args.seed << 32;
    while tally.calls < args.calls {
        choose(ground, seed);
        let (program, outcome) = one(ground, &names, seed);
        tally.add(&outcome);
        if let End::Lost(loss) = outcome.end {
            findings.meet(ground, seed, program, outcome.begun, loss)?;
        }
        tally.report(findings.count(), false);
        seed += 1;
    }
    tally.report(findings.count(), true);
    Ok(findings.count())
}

/// Runs the program of a seed; its statements are given if it is a finding.
fn one(ground: &mut dyn Ground, names: &Names, seed: u64) -> (Vec<node::Node>, Outcome) {
    if seed % WRITTEN == 0 {
        let program = Draw::new(names, seed).program(STATEMENTS);
        let outcome = ground.run(&grammar::text(&program));
        return (program, outcome);
    }
    let calls = storm::draw(names, seed, CALLS);
    let outcome = ground.run_storm(&storm::bytes(&calls));
    // Only what was begun: statements are longer than calls in a table.
    let begun = &calls[..calls.len().min(outcome.begun as usize)];
    let statements = match outcome.end {
        End::Lost(_) => storm::statements(names, begun),
        _ => Vec::new(),
    };
    (statements, outcome)
}

/// Has changed files read.
fn read_files(args: &Args, ground: &mut dyn Ground, wanted: &str) -> Result<usize, String> {
    ground.ask(files::SOURCE)?;
    let kinds = Kind::all(ground)?;
    ground.make_ready()?;
    let mut findings = Findings::new(&args.findings, &Names::default())?;
    for kind in kinds
        .iter()
        .filter(|kind| wanted == kind.name || wanted == "all" && kind.name != "run")
    {
        let mut tally = Tally::new();
        let mut next = args.seed.saturating_sub(1) * args.calls;
        while tally.calls < args.calls {
            let batch: Vec<_> = (next..)
                .take(files::BATCH)
                .map(|number| kind.draw(number))
                .collect();
            let outcome = ground.run_files(&files::bytes(&batch));
            // Those behind one that does harm are drawn again.
            let begun = (outcome.begun as usize).clamp(1, batch.len());
            tally.add(&outcome);
            if let End::Lost(loss) = outcome.end {
                let file = findings
                    .is_new(&loss)
                    .then(|| files::shrink(ground, &loss.kind, &batch, begun));
                let script = file.flatten().map_or_else(String::new, |file| kind.script(&file));
                findings.note(next + begun as u64 - 1, &kind.name, &script, loss)?;
            }
            next += begun as u64;
            tally.report(findings.count(), false);
        }
        eprint!("{}: ", kind.name);
        tally.report(findings.count(), true);
    }
    Ok(findings.count())
}

/// Everything imported and the prelude run, and what there is to call.
fn prepare(ground: &mut dyn Ground, full: Option<u32>) -> Result<Names, String> {
    let mut names = Names::learn(ground)?;
    ground.ask(&format!(
        "{}{}D_ = disk()\n",
        finding::imports(&names),
        prelude::all()
    ))?;
    names.learn_makers(ground)?;
    ground.ask(&storm::source(&names))?;
    if let Some(bytes) = full {
        ground.ask(&fill(bytes))?;
    }
    ground.make_ready()?;
    Ok(names)
}

/// Takes the heap in ever smaller pieces until only so many bytes are left.
fn fill(bytes: u32) -> String {
    format!(
        "L_ = []\nfor n in (1 << 16, 1 << 12, 256, 16):\n try:\n  while gc.mem_free() > {bytes} + n: L_.append(bytearray(n))\n except MemoryError: pass\n"
    )
}

struct Tally {
    programs: u64,
    calls: u64,
    interrupted: u64,
    soft_resets: u64,
    slowest: Picos,
    start: Instant,
    told: Instant,
}

impl Tally {
    fn new() -> Self {
        let now = Instant::now();
        Tally {
            programs: 0,
            calls: 0,
            interrupted: 0,
            soft_resets: 0,
            slowest: Picos(0),
            start: now,
            told: now,
        }
    }

    fn add(&mut self, outcome: &Outcome) {
        self.programs += 1;
        self.calls += u64::from(outcome.begun);
        match outcome.end {
            End::Interrupted(latency) => {
                self.interrupted += 1;
                self.slowest = self.slowest.max(latency);
            }
            End::SoftReset => self.soft_resets += 1,
            _ => {}
        }
    }

    fn report(&mut self, findings: usize, last: bool) {
        if last || self.told.elapsed().as_secs() >= 20 {
            self.told = Instant::now();
            eprintln!(
                "pyfuzz: {} calls in {} programs, {} interrupted (slowest {:.1} ms), {} soft resets, {findings} findings, {} s",
                self.calls,
                self.programs,
                self.interrupted,
                self.slowest.0 as f64 / 1e9,
                self.soft_resets,
                self.start.elapsed().as_secs()
            );
        }
    }
}
