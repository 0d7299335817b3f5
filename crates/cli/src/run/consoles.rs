//! Who talks to the board, one function each: a script, the terminal, gdb, a pty, Linux by USB/IP; and what their end means.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use vboard::ends::serial::{
    self, Ended, LEAVE_KEY, Link, LinkError, Pty, ScriptError, Service, Stoppable, Verdict,
};
use vboard::ends::usb::ip::{BUS_ID, Listener};
use vboard::gdb::Server;
use vboard::{Event, Machine};

use super::report;
use super::signals::Signals;
use crate::failure::Failure;

pub fn run_script(
    machine: &mut Machine,
    source: &[u8],
    time: Option<Duration>,
    signals: &Signals,
) -> Result<ExitCode, Failure> {
    match serial::script(
        &mut Stoppable::new(machine, signals.flag()).for_span(time),
        source,
        &mut io::stdout().lock(),
        &mut io::stderr().lock(),
    ) {
        Ok(Verdict::Done) => Ok(ExitCode::SUCCESS),
        Ok(Verdict::Raised) => Ok(ExitCode::from(report::RAISED)),
        Ok(Verdict::Reset) => {
            eprintln!("spiram: the board was reset, and the script ended with that");
            // The script, or firmware that met a fault or panicked, reset the board: the script was not run to its end.
            Ok(ExitCode::from(if machine.is_clean() {
                report::RAISED
            } else {
                report::EVENTS
            }))
        }
        Err(ScriptError::Stopped { console }) => {
            eprint!("{console}");
            Ok(ExitCode::from(report::EVENTS))
        }
        Err(ScriptError::Interrupted) => {
            eprintln!("spiram: the script was stopped by {}", signals.name());
            Ok(ExitCode::from(signals.exit_code()))
        }
        // EPIPE: the reader closed stdout; not an error.
        Err(ScriptError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        Err(error) => Err(Failure::new(error.to_string())),
    }
}

pub fn talk(
    machine: &mut Machine,
    title: &str,
    time: Option<Duration>,
    signals: &Signals,
) -> Result<ExitCode, Failure> {
    eprintln!("spiram: {title}; {LEAVE_KEY} leaves");
    let mut machine = Stoppable::new(machine, signals.flag()).for_span(time);
    let ended = serial::terminal(&mut machine, signals.flag());
    eprintln!();
    console_end(ended, 0)
}

pub fn debug(machine: &mut Machine, title: &str, port: u16, signals: &Signals) -> Result<ExitCode, Failure> {
    let server = Server::open(port).and_then(|server| Ok((server.address()?, server)));
    let (address, server) = server.map_err(|error| {
        Failure::new(format!("port {port} cannot be had for gdb: {error}"))
            .hint("another program may have it; `--gdb 0` takes any that is free")
    })?;
    eprintln!("spiram: {title} stands; in gdb: target remote {address}");
    let mut tell = |event: &Event| eprintln!("spiram: {event}");
    let ended = server.serve(machine, signals.flag(), &mut tell);
    console_end(ended, signals.exit_code())
}

pub fn serve_pty(
    machine: &mut Machine,
    title: &str,
    link: Option<&Path>,
    service: Service,
    signals: &Signals,
) -> Result<ExitCode, Failure> {
    let mut pty = Pty::open().map_err(|error| {
        Failure::new(error.to_string())
            .hint("is /dev/pts mounted? Without --pty the console is this terminal")
    })?;
    let link = link.map(|link| make_link(link, pty.path())).transpose()?;
    // The first line, with the path in it, is what MicroPython's test runner reads.
    let mut out = io::stdout().lock();
    let said = writeln!(out, "spiram: console of the {title} at {}", pty.path()).and_then(|()| out.flush());
    drop(out);
    said.map_err(|error| Failure::new(format!("cannot tell the path of the pty: {error}")))?;
    let ended = pty.serve(machine, signals.flag(), service);
    // Before anything that takes time: no tool is to find a port without a board.
    drop(link);
    match ended {
        Ok(Ended::Stopped) => eprintln!("spiram: the board ends by {}", signals.name()),
        Ok(Ended::TimeIsOver) => eprintln!("spiram: the board ends, the time of --for is over"),
        Ok(Ended::ReaderGone) => {
            eprintln!(
                "spiram: the board ends, because the reader of its output is gone; `> FILE` keeps it running"
            );
        }
        _ => {}
    }
    console_end(ended, 0)
}

pub fn serve_usb(
    machine: &mut Machine,
    title: &str,
    address: SocketAddr,
    time: Option<Duration>,
    signals: &Signals,
) -> Result<ExitCode, Failure> {
    let mut listener = Listener::open(address).map_err(|error| {
        Failure::new(error.to_string()).hint("is another board there? --usb=127.0.0.1:0 takes a free port")
    })?;
    let address = listener
        .address()
        .map_err(|error| Failure::new(format!("no address: {error}")))?;
    println!("spiram: USB of the {title} at {address}; on a Linux desktop it is attached by");
    println!("  sudo modprobe vhci-hcd");
    println!(
        "  sudo usbip --tcp-port {} attach -r {} -b {BUS_ID}",
        address.port(),
        address.ip()
    );
    let ended = listener.serve(machine, signals.flag(), time);
    if matches!(ended, Ok(Ended::Stopped)) {
        eprintln!("spiram: the board ends by {}", signals.name());
    }
    console_end(ended, 0)
}

fn make_link(link: &Path, pty: &str) -> Result<Link, Failure> {
    Link::make(link, Path::new(pty)).map_err(|error| {
        let hint = match error {
            LinkError::Taken { .. } => "another board may be there; else remove it, or choose another name",
            LinkError::Refused { .. } => {
                "choose a name in a folder that you may write to, --pty=/tmp/board for one"
            }
        };
        Failure::new(error.to_string()).hint(hint)
    })
}

/// How a console ended, as an exit code; `stopped` is the one for a signal.
pub fn console_end(ended: io::Result<Ended>, stopped: u8) -> Result<ExitCode, Failure> {
    match ended {
        Ok(Ended::Left | Ended::InputClosed | Ended::TimeIsOver | Ended::ReaderGone) => Ok(ExitCode::SUCCESS),
        // A debugger's server keeps these to itself.
        Ok(Ended::Halted(_) | Ended::Called) => Ok(ExitCode::SUCCESS),
        Ok(Ended::Stopped) => Ok(ExitCode::from(stopped)),
        Ok(Ended::StillWaiting) => {
            eprintln!("spiram: the input has ended, and the board still waits for more");
            Ok(ExitCode::SUCCESS)
        }
        Ok(Ended::Exited(code)) => {
            if code != 0 {
                eprintln!("spiram: the program ended the run with code {code}");
            }
            Ok(ExitCode::from(code))
        }
        Ok(Ended::Events) => Ok(ExitCode::from(report::EVENTS)),
        Ok(Ended::Lockup) => {
            eprintln!("spiram: the processor is locked up: a fault inside the handler of a fault");
            Ok(ExitCode::from(report::EVENTS))
        }
        // EPIPE: the reader closed stdout; not an error.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        Err(error) => Err(Failure::new(format!("the console broke: {error}"))),
    }
}
