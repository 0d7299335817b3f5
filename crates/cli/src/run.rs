//! `spiram run`: boot the virtual board and connect its console to a script, the terminal, a pipe or a pty.

mod consoles;
pub mod display;
mod frames;
pub mod inputs;
mod kept;
pub mod report;
mod sd_image;
mod second_flash;
pub mod signals;
mod volume;

use std::fs::File;
use std::io::{self, BufReader, BufWriter, IsTerminal};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use vboard::MemoryChip;
use vboard::board::breakage;
use vboard::board::parts::Attachment;
use vboard::ends::serial::{self, Pace, Service, Stoppable, StoppableInput};
use vboard::ends::usb::Host;
use vboard::{Config, Erratum, Machine, Model, Strictness};

use crate::failure::Failure;
use consoles::{console_end, debug, run_script, serve_pty, serve_usb, talk};
use signals::Signals;

#[derive(clap::Args)]
pub struct Args {
    /// The board: a name (`spiram boards` lists them), or the path of a .toml file like those in board/
    #[arg(long, default_value = "devebox", value_name = "BOARD", value_parser = inputs::board)]
    board: inputs::ChosenBoard,

    /// What is soldered into the memory footprint (`spiram parts` lists the choice) [default: the board's own part]
    #[arg(long, value_name = "CHIP", value_parser = inputs::memory_chip, long_help = inputs::chips_help())]
    psram: Option<MemoryChip>,

    /// The firmware [default: target/firmware/BOARD.elf]
    #[arg(long, value_name = "FILE")]
    elf: Option<PathBuf>,

    /// Bytes of the flash, or of an internal RAM, instead of an ELF: FILE@0x08000000
    #[arg(long, value_name = "FILE@ADDRESS", conflicts_with = "elf", value_parser = inputs::flat_image)]
    bin: Option<inputs::FlatImage>,

    /// Offer the console as a pseudo-terminal, for mpremote and other tools; with a name, also under that name
    ///
    /// The first line of the output tells its path, /dev/pts/N. LINK is a symbolic link to it, which lives as long as the
    /// board. Tools that list ports by themselves find one in /dev that is named as a port: `--pty=/dev/ttyUSB0` (making it
    /// wants the right to write there). The board ends by a signal, with --for, or when the reader of its output is gone.
    #[arg(long, value_name = "LINK", num_args = 0..=1, require_equals = true, conflicts_with = "script")]
    pty: Option<Option<PathBuf>>,

    /// The same over USB: the far end of the board's cable is a host that opens its serial port
    #[arg(long, value_name = "LINK", num_args = 0..=1, require_equals = true, conflicts_with_all = ["script", "pty"])]
    usb_pty: Option<Option<PathBuf>>,

    /// Offer the board's USB to Linux by USB/IP, at this address; the output tells how to attach it
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, require_equals = true, default_missing_value = "127.0.0.1:3240",
          conflicts_with_all = ["script", "pty", "usb_pty"])]
    usb: Option<SocketAddr>,

    /// Hold BOOT0 high: the boot loader in the chip's ROM starts instead of the program, for dfu-util by way of --usb
    #[arg(long)]
    boot0: bool,

    /// Which of the board's two consoles is talked to; both are always there
    #[arg(long, value_name = "CONSOLE", default_value = "uart", value_enum)]
    console: Console,

    /// With --pty: bytes come no faster than the baud rate brings them, for tools that know nothing but wires
    #[arg(long, requires = "pty")]
    pace: bool,

    /// End after so many seconds: on the wall clock with --pty, --usb-pty and --usb, of virtual time else
    #[arg(long = "for", value_name = "SECONDS", value_parser = inputs::seconds)]
    time: Option<Duration>,

    /// Wait for gdb on this port of 127.0.0.1, 0 for any that is free: `target remote :3333`
    ///
    /// The board stands still until gdb comes. Its console stays on this terminal, line by line. Events halt the board instead of
    /// ending the run, and `continue` goes on; `monitor help` lists what else there is.
    #[arg(long, value_name = "PORT", conflicts_with_all = ["pty", "script", "no_probe"])]
    gdb: Option<u16>,

    /// Keep the files of the flash (/flash) in this file from run to run; it is made if it is not there
    ///
    /// It holds the volume, 512 KB, as littlefs' own tools read it; the firmware is never taken from it. A foreign program's is
    /// what it leaves of the second bank. Behind that stand the words that a failing power has left half programmed, if there are any.
    #[arg(long, value_name = "FILE")]
    flash: Option<PathBuf>,

    /// Keep the second flash (/ext) in this file from run to run, byte by byte; it is made if it is not there
    #[arg(long, value_name = "FILE")]
    ext: Option<PathBuf>,

    /// Put an SD card with this content into the socket; the file gets what is written
    ///
    /// A whole number of 512 KB makes an SDHC card. An SDSC card, of up to 1 GB, is asked for by sdsc:IMAGE.
    #[arg(long, value_name = "IMAGE", value_parser = sd_image::parse)]
    sd: Option<sd_image::Image>,

    /// Solder a part to the board: 24c256@I2C1, or 24c256:SCL=PB8,SDA=PB9; may be repeated
    #[arg(long, value_name = "PART", long_help = inputs::parts_help())]
    attach: Vec<Attachment>,

    #[command(flatten)]
    display: display::Options,

    /// Plug a camera module into the board's connector: ov2640, ov7725, ov7670, ov5640, or ov9650, which no driver knows
    #[arg(long, value_name = "MODULE")]
    camera: Option<String>,

    /// What the camera sees: a PNG, or a folder of them in the order of their names, each for a 30th of a second
    #[arg(long, value_name = "FILE.png|FOLDER", requires = "camera")]
    frames: Option<PathBuf>,

    /// Write the figures of the run to this file, as JSON
    #[arg(long, value_name = "FILE")]
    stats: Option<PathBuf>,

    /// Note every call of this function of the firmware for `--stats`, with what it cost; may be repeated
    #[arg(long, value_name = "SYMBOL", requires = "stats")]
    watch: Vec<String>,

    /// Record the levels on all pins and the interrupts in this file, for GTKWave and PulseView (value change dump)
    #[arg(long, value_name = "FILE")]
    vcd: Option<PathBuf>,

    /// With --vcd: each frame on the memory's wires, too; a second of work is some 50 MB
    #[arg(long, requires = "vcd")]
    vcd_memory: bool,

    /// Which model of the processor's time: one cycle an instruction, the pipeline, or the pipeline with all caches
    #[arg(long, value_name = "MODEL", default_value = "instructions", value_parser = inputs::model)]
    model: Model,

    /// Warnings end the run, too: what is against a manual, but was seen to be borne by silicon
    #[arg(long, conflicts_with = "lenient")]
    strict: bool,

    /// Only list events at the end, instead of ending the run at the first
    #[arg(long)]
    lenient: bool,

    /// No debug probe on the board: BKPT is a HardFault, as where nobody looks
    ///
    /// Without this there is one, and it does what a probe's software does: `BKPT #n` ends the run with exit code n, semihosting is
    /// answered, RTT's channel 0 is part of the console.
    #[arg(long)]
    no_probe: bool,

    /// Break a joint of the memory chip or of the processor, PLACE:KIND or PLACE:KIND@TIME; may be repeated
    ///
    /// PLACE is a pad of the memory (CE#, SIO1, SIO2, VSS, SIO0, SCLK, SIO3, VDD) or a pin of the processor (PE2). KIND is open,
    /// gnd, vcc, ohms as in 4.7k, loose=CLOCKS.SEED (no contact once in so many clocks), or the place that it is bridged to:
    /// `--fault SIO2:open --fault PB6:PB7`. memory:turned is a chip turned by 180 degrees, stub:250mm a wire at each line.
    /// camera:unplugged is the camera pulled out. It is so from the start, or from a virtual time on, as in SIO2:open@500ms.
    #[arg(long, value_name = "PLACE:KIND")]
    fault: Vec<String>,

    /// Give the silicon a fault: disramode-ineffective, lanes-keep, lanes-stale, entry-keeps, dma-joined, writes-stay-open; may be repeated
    #[arg(long, value_name = "NAME", value_parser = inputs::erratum)]
    errata: Vec<Erratum>,

    /// Python to run, without input of its own; if none is given there is a prompt
    #[arg(value_name = "SCRIPT.py")]
    script: Option<PathBuf>,
}

/// One of the board's consoles.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Console {
    /// The serial port on the pin headers
    Uart,
    /// The serial port that a host sees over USB
    Usb,
}

/// The noise that fills memories at power-up and feeds the random numbers: always the same, so that runs repeat.
pub const SEED: u64 = 0x5350_4952_414D;

pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    let board = args.board.board.clone();
    // What can be wrong with the script is told before anything is booted.
    let script = args.script.as_deref().map(inputs::script).transpose()?;
    let (image_path, image) = inputs::image(args.elf.as_deref(), args.bin.as_ref(), &args.board.name)?;
    let memory_chip = match args.psram {
        Some(chip) => chip,
        None => inputs::memory_chip(&board.memory.part).map_err(Failure::new)?,
    };
    let title = format!("virtual {}", board.name);
    let strictness = match (args.strict, args.lenient) {
        (true, _) => Strictness::Pedantic,
        (_, true) => Strictness::Lenient,
        _ => Strictness::Strict,
    };
    let config = Config {
        board,
        memory_chip: memory_chip.fit(SEED),
        strictness,
        seed: SEED,
    };
    let mut machine = Machine::with(config, image)
        .map_err(|error| Failure::new(format!("{}: {error}", image_path.display())))?;
    args.prepare(&mut machine, &image_path)?;

    let signals = Signals::watch()?;
    let pty = args.pty.as_ref().or(args.usb_pty.as_ref());
    let code = match (args.gdb, script, pty, args.usb) {
        (Some(port), ..) => debug(&mut machine, &title, port, &signals),
        (_, Some(source), ..) => run_script(&mut machine, &source, args.time, &signals),
        (_, _, Some(link), _) => serve_pty(&mut machine, &title, link.as_deref(), args.service(), &signals),
        (_, _, _, Some(address)) => serve_usb(&mut machine, &title, address, args.time, &signals),
        _ if io::stdin().is_terminal() => talk(&mut machine, &title, args.time, &signals),
        _ => console_end(
            serial::pipe(
                &mut Stoppable::new(&mut machine, signals.flag()).for_span(args.time),
                BufReader::new(StoppableInput { stop: signals.flag() }),
                &mut io::stdout().lock(),
            ),
            signals.exit_code(),
        ),
    };
    if let Some(path) = &args.vcd {
        machine
            .end_recording()
            .map_err(|error| cannot_record(path, &error))?;
    }
    args.keep(&machine)?;
    args.display.show(&machine)?;
    // The figures are wanted most when something went wrong.
    if let Some(path) = &args.stats {
        report::write_stats(&machine, path)?;
    }
    report::events(&machine, args.lenient);
    code
}

impl Args {
    /// What is asked of a machine before it runs.
    fn prepare(&self, machine: &mut Machine, image_path: &Path) -> Result<(), Failure> {
        machine.set_model(self.model);
        if !self.no_probe {
            machine.attach_probe();
        }
        for &erratum in &self.errata {
            machine.apply_erratum(erratum);
        }
        for text in &self.fault {
            let parsed = breakage::parse_at(text, &self.board.board);
            let (time, breakage) = parsed.map_err(|error| Failure::new(error.to_string()))?;
            machine.break_board_at(time, breakage);
        }
        for symbol in &self.watch {
            if !machine.watch(symbol) {
                return Err(
                    Failure::new(format!("{} has no symbol `{symbol}`", image_path.display()))
                        .hint("symbols are the linker's: `nm` lists them"),
                );
            }
        }
        let opens_port = self.console == Console::Usb || self.usb_pty.is_some();
        if opens_port || self.usb.is_some() {
            let plugged = machine.plug_usb(Host::new(opens_port));
            plugged.map_err(|error| Failure::new(error.to_string()))?;
        }
        if self.boot0 {
            machine.hold_boot0(true);
            machine.reset();
        }
        self.display.plug(machine, &self.board.board)?;
        for part in &self.attach {
            machine.attach_part(part);
        }
        if let Some(module) = &self.camera {
            machine.plug_camera(Some(module)).map_err(Failure::new)?;
        }
        if let Some(path) = &self.frames {
            frames::show(machine, path)?;
        }
        if let Some(path) = &self.vcd {
            let file = File::create(path).map_err(|error| cannot_record(path, &error))?;
            let recorded = machine.record(Box::new(BufWriter::new(file)), self.vcd_memory);
            recorded.map_err(|error| cannot_record(path, &error))?;
        }
        if let Some(path) = &self.flash {
            volume::load(machine, path)?;
        }
        if let Some(path) = &self.ext {
            second_flash::load(machine, path)?;
        }
        match &self.sd {
            Some(image) => image.load(machine),
            None => Ok(()),
        }
    }

    /// What is kept from run to run.
    fn keep(&self, machine: &Machine) -> Result<(), Failure> {
        if let Some(path) = &self.flash {
            volume::store(machine, path)?;
        }
        if let Some(path) = &self.ext {
            second_flash::store(machine, path)?;
        }
        match &self.sd {
            Some(image) => image.store(machine),
            None => Ok(()),
        }
    }

    fn service(&self) -> Service {
        Service {
            pace: if self.pace { Pace::Wire } else { Pace::Free },
            time: self.time,
        }
    }
}

fn cannot_record(path: &Path, error: &io::Error) -> Failure {
    Failure::new(format!(
        "the recording {} cannot be written: {error}",
        path.display()
    ))
}
