//! `spiram view`: a page on loopback that shows the virtual board while it runs: lamps, keys, display, console, memory, faults.

mod answer;
mod desk;
mod pages;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use tiny_http::Server;
use vboard::board::breakage;
use vboard::board::parts::Attachment;
use vboard::{Config, Machine, MemoryChip, Picos, Strictness, Until};

use crate::failure::Failure;
use crate::run::signals::Signals;
use crate::run::{SEED, display, inputs, report};
use desk::Desk;

#[derive(clap::Args)]
pub struct Args {
    /// The board: a name (`spiram boards` lists them), or the path of a .toml file like those in board/
    #[arg(long, default_value = "devebox", value_name = "BOARD", value_parser = inputs::board)]
    board: inputs::ChosenBoard,

    /// What is soldered into the memory footprint (`spiram parts` lists the choice) [default: the board's own part]
    #[arg(long, value_name = "CHIP", value_parser = inputs::memory_chip)]
    psram: Option<MemoryChip>,

    /// The firmware [default: target/firmware/BOARD.elf]
    #[arg(long, value_name = "FILE")]
    elf: Option<PathBuf>,

    /// The display on the board's connector, as of `spiram run` [default: the board's own]
    #[arg(long, value_name = "KIND", value_parser = display::kind)]
    display: Option<&'static str>,

    /// Solder a part to the board, as of `spiram run`; may be repeated
    #[arg(long, value_name = "PART")]
    attach: Vec<Attachment>,

    /// Break a joint of the memory chip or of the processor, as of `spiram run`; may be repeated
    #[arg(long, value_name = "PLACE:KIND")]
    fault: Vec<String>,

    /// The port of 127.0.0.1 that the page is at, 0 for any that is free
    #[arg(long, value_name = "PORT", default_value_t = 8080)]
    port: u16,

    /// End after so many seconds
    #[arg(long = "for", value_name = "SECONDS", value_parser = inputs::seconds)]
    time: Option<Duration>,

    /// Python to run once the board prompts
    #[arg(value_name = "SCRIPT.py")]
    script: Option<PathBuf>,
}

/// The board runs so far before the page is asked again.
const SLICE: Picos = Picos(10_000_000_000);
/// How long the page is waited for while the board is not behind the clock on the wall.
const REST: Duration = Duration::from_millis(5);
/// A board that is later than this is not hurried.
const LATE: Duration = Duration::from_millis(100);

pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    let script = args.script.as_deref().map(inputs::script).transpose()?;
    let board = args.board.board.clone();
    let (path, image) = inputs::image(args.elf.as_deref(), None, &args.board.name)?;
    let memory_chip = match args.psram {
        Some(chip) => chip,
        None => inputs::memory_chip(&board.memory.part).map_err(Failure::new)?,
    };
    let config = Config {
        board: board.clone(),
        memory_chip: memory_chip.fit(SEED),
        strictness: Strictness::Lenient,
        seed: SEED,
    };
    let mut machine =
        Machine::with(config, image).map_err(|error| Failure::new(format!("{}: {error}", path.display())))?;
    if let Some(kind) = args.display {
        machine.put_display(&board, kind).map_err(Failure::new)?;
    }
    for part in &args.attach {
        machine.attach_part(part);
    }
    for text in &args.fault {
        let (time, fault) =
            breakage::parse_at(text, &board).map_err(|error| Failure::new(error.to_string()))?;
        machine.break_board_at(time, fault);
    }
    let signals = Signals::watch()?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
    let server = Server::http(address).map_err(|error| {
        Failure::new(format!("{address} cannot be had for the page: {error}"))
            .hint("another program may have it; `--port 0` takes any that is free")
    })?;
    println!(
        "spiram: virtual {} at http://{}/",
        board.name,
        server.server_addr()
    );
    let mut desk = Desk::new(machine, board, script);
    serve(&mut desk, &server, args.time, &signals);
    report::events(&desk.machine, true);
    Ok(ExitCode::SUCCESS)
}

/// Lets the board run beside the clock on the wall, and answers the page in between.
fn serve(desk: &mut Desk, server: &Server, time: Option<Duration>, signals: &Signals) {
    let begin = Instant::now();
    let stopped = || signals.flag().load(std::sync::atomic::Ordering::Relaxed);
    let (mut wall, mut virtually) = (begin, desk.machine.now());
    while !stopped() && time.is_none_or(|time| begin.elapsed() < time) {
        let due = virtually + Picos(wall.elapsed().as_nanos() as u64 * 1000);
        let is_behind = desk.runs() && desk.machine.now() < due;
        if is_behind {
            let until = due.min(desk.machine.now() + SLICE);
            let stop = desk.machine.run(Until::time(until));
            desk.after(stop);
            if due - desk.machine.now() > Picos(LATE.as_nanos() as u64 * 1000) {
                (wall, virtually) = (Instant::now(), desk.machine.now());
            }
        }
        let patience = if is_behind { Duration::ZERO } else { REST };
        // A listener that broke has nothing to answer; a signal ends it.
        while let Ok(Some(request)) = server.recv_timeout(patience) {
            answer::answer(desk, request);
        }
    }
}
