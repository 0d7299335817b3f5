//! Fuzzes the board from its Python: drawn programs, each on a snapshot of the booted board, until so many calls are made.
//!
//! A fault, an unmodelled access, a panic, a prompt that does not come back, or Ctrl-C that is answered late, is a finding.
//! It is made small and written down as a script. What it does not find: wrong results.

mod board;
mod finding;
mod grammar;
mod names;
mod node;
mod prelude;
mod shrink;
mod storm;

use board::{Board, End, Firmware};
use clap::Parser;
use finding::Findings;
use grammar::Draw;
use names::Names;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;
use vboard::{MemoryChip, Picos};

/// Fuzz the board from its Python
#[derive(Parser)]
struct Args {
    /// The firmware
    #[arg(long, value_name = "FILE")]
    elf: PathBuf,

    /// Where findings are written
    #[arg(long, value_name = "FOLDER", default_value = "target/fuzz-python")]
    findings: PathBuf,

    /// Stop after so many calls
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
    let elf = std::fs::read(&args.elf).map_err(|error| format!("{}: {error}", args.elf.display()))?;
    let firmware = Firmware {
        elf,
        chip: args.psram,
    };
    let (mut board, names) = prepare(&firmware, args.full)?;
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
        let (program, outcome) = if seed % WRITTEN == 0 {
            let program = Draw::new(&names, seed).program(STATEMENTS);
            let outcome = board.run(&grammar::text(&program));
            (program, outcome)
        } else {
            let calls = storm::draw(&names, seed, CALLS);
            let outcome = board.run_storm(&storm::bytes(&calls));
            // Only what was begun: statements are longer than calls in a table.
            let begun = &calls[..calls.len().min(outcome.begun as usize)];
            let wanted = matches!(outcome.end, End::Lost(_));
            (
                if wanted {
                    storm::statements(&names, begun)
                } else {
                    Vec::new()
                },
                outcome,
            )
        };
        tally.add(&outcome);
        if let End::Lost(loss) = outcome.end {
            findings.meet(&mut board, seed, program, outcome.begun, loss)?;
        }
        tally.report(findings.count(), false);
        seed += 1;
    }
    tally.report(findings.count(), true);
    Ok(findings.count())
}

/// A board with everything imported and the prelude run, and what there is to call on it.
fn prepare(firmware: &Firmware, full: Option<u32>) -> Result<(Board, Names), String> {
    let mut board = Board::boot(firmware)?;
    let mut names = Names::learn(&mut board)?;
    board.ask(&format!(
        "{}{}D_ = disk()\n",
        finding::imports(&names),
        prelude::all()
    ))?;
    names.learn_makers(&mut board)?;
    board.ask(&storm::source(&names))?;
    if let Some(bytes) = full {
        board.ask(&fill(bytes))?;
    }
    board.make_ready()?;
    Ok((board, names))
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

    fn add(&mut self, outcome: &board::Outcome) {
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
