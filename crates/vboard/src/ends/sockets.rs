//! The sockets of a board and what is attached to each.

use super::frames::{Frames, Pattern};
use super::line::{Serial, Tape};
use super::pins::Pins;
use super::usb::Host;
use crate::chip::{Chip, SERIAL};
use boardfile::Board;
use chipmodel::{Effects, Kind, Time};

/// One end, by its kind of connector.
pub enum End {
    /// On a serial port: the socket `console`, or any other port by its name.
    Serial(Box<dyn Serial>),
    /// On a pin header, by its name in the board file.
    Pins(Box<dyn Pins>),
    /// Before the sensor on the socket `camera`.
    Frames(Box<dyn Frames>),
    /// At the other end of the cable in the connector `usb`.
    Usb(Box<Host>),
}

impl Clone for End {
    fn clone(&self) -> Self {
        match self {
            End::Serial(end) => End::Serial(end.boxed()),
            End::Pins(end) => End::Pins(end.boxed()),
            End::Frames(end) => End::Frames(end.boxed()),
            End::Usb(host) => End::Usb(host.clone()),
        }
    }
}

impl End {
    fn kind(&self) -> SocketKind {
        match self {
            End::Serial(_) => SocketKind::Serial,
            End::Pins(_) => SocketKind::Pins,
            End::Frames(_) => SocketKind::Frames,
            End::Usb(_) => SocketKind::Usb,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SocketKind {
    Serial,
    Pins,
    Frames,
    Usb,
}

#[derive(Clone)]
struct Socket {
    name: String,
    kind: SocketKind,
    /// Its serial port, as an index of [`SERIAL`].
    port: Option<usize>,
    end: Option<End>,
}

/// Why an end cannot be attached.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AttachError {
    /// The board has no socket of this name.
    #[error("the board has no socket `{asked}`; it has: {known}")]
    Unknown {
        /// What was asked for.
        asked: String,
        /// What there is.
        known: String,
    },
    /// It is a socket for something else.
    #[error("the socket `{socket}` takes another kind of end")]
    Kind {
        /// Which.
        socket: String,
    },
}

/// All sockets of a board.
#[derive(Clone)]
pub struct Ends {
    /// What the host reads from the console, always there.
    pub tape: Tape,
    /// The console is talked to over USB.
    pub over_usb: bool,
    sockets: Vec<Socket>,
    console: usize,
    /// The speed of whatever is plugged into a serial port.
    baud: u32,
    console_spoke: bool,
    /// The place of the socket `usb`, which is asked often.
    usb: Option<usize>,
    stray_reported: bool,
}

impl Ends {
    /// The sockets of this board, with nothing attached.
    pub fn new(board: &Board) -> Self {
        let socket = |name: &str, kind| Socket {
            name: name.to_owned(),
            kind,
            port: None,
            end: None,
        };
        let console = SERIAL.iter().position(|name| *name == board.console.peripheral);
        let console = console.unwrap_or(0);
        let mut sockets = vec![Socket {
            port: Some(console),
            ..socket("console", SocketKind::Serial)
        }];
        for (port, name) in SERIAL.iter().enumerate().filter(|(port, _)| *port != console) {
            sockets.push(Socket {
                port: Some(port),
                ..socket(name, SocketKind::Serial)
            });
        }
        let headers = board.headers.iter();
        sockets.extend(headers.map(|header| socket(&header.name, SocketKind::Pins)));
        sockets.extend(
            board
                .camera
                .as_ref()
                .map(|_| socket("camera", SocketKind::Frames)),
        );
        sockets.extend(board.usb.as_ref().map(|_| socket("usb", SocketKind::Usb)));
        let usb = sockets.iter().position(|socket| socket.kind == SocketKind::Usb);
        Ends {
            usb,
            tape: Tape::default(),
            over_usb: false,
            sockets,
            console,
            baud: board.console.baud,
            console_spoke: false,
            stray_reported: false,
        }
    }

    /// Attach an end to the socket of this name, in the place of what is there, or take it away.
    ///
    /// # Errors
    /// If there is no such socket, or if it takes another kind of end.
    pub fn attach(&mut self, name: &str, end: Option<End>) -> Result<(), AttachError> {
        let Some(socket) = self.sockets.iter_mut().find(|socket| socket.name == name) else {
            let known: Vec<&str> = self.sockets.iter().map(|socket| &*socket.name).collect();
            return Err(AttachError::Unknown {
                asked: name.to_owned(),
                known: known.join(", "),
            });
        };
        if end.as_ref().is_some_and(|end| end.kind() != socket.kind) {
            return Err(AttachError::Kind {
                socket: name.to_owned(),
            });
        }
        socket.end = end;
        Ok(())
    }

    /// The scene before the sensor on the socket of this name.
    pub fn frames(&mut self, name: &str) -> Option<&mut dyn Frames> {
        match self.end(name)? {
            End::Frames(frames) => Some(frames.as_mut()),
            _ => None,
        }
    }

    /// The host at the connector `usb`.
    pub fn usb(&mut self) -> Option<&mut Host> {
        match &mut self.sockets[self.usb?].end {
            Some(End::Usb(host)) => Some(host),
            _ => None,
        }
    }

    /// Whether there is console output that nobody has taken.
    pub fn has_output(&mut self) -> bool {
        match self.over_usb {
            true => self.usb().is_some_and(|host| host.has_some()),
            false => self.tape.has_some(),
        }
    }

    fn end(&mut self, name: &str) -> Option<&mut End> {
        let socket = self.sockets.iter_mut().find(|socket| socket.name == name);
        socket?.end.as_mut()
    }

    /// Tell the serial ports whether an end is plugged in; without, their pins talk.
    pub fn plug(&self, chip: &mut Chip) {
        for socket in &self.sockets {
            if let Some(port) = socket.port.filter(|port| *port != self.console) {
                chip.devices.usarts[port].set_end(socket.end.as_ref().map(|_| self.baud));
            }
        }
    }

    /// Hand on what the serial ports have sent, and what their ends answer.
    pub fn exchange(&mut self, chip: &mut Chip, fx: &mut Effects) {
        for (port, name) in SERIAL.iter().enumerate() {
            let sent = chip.devices.usarts[port].take_transmitted();
            if sent.is_empty() {
                continue;
            }
            if port == self.console {
                self.tape.record(&sent);
                self.console_spoke = true;
            }
            let socket = self.sockets.iter_mut().find(|socket| socket.port == Some(port));
            match socket.and_then(|socket| socket.end.as_mut()) {
                Some(End::Serial(end)) => {
                    end.receive(&sent, fx.now);
                    chip.devices.usarts[port].arrive(&end.send(), fx.now);
                    chip.look_at_all();
                }
                _ if self.console_spoke || chip.leads_elsewhere(port) => {}
                _ => self.report_stray(name, fx),
            }
        }
        if let Some(host) = self.usb() {
            host.look(chip.usb_device(), fx);
        }
    }

    /// A serial port that sends where nothing is plugged in, before the console has said a word.
    fn report_stray(&mut self, stray: &str, fx: &mut Effects) {
        if !core::mem::replace(&mut self.stray_reported, true) {
            let console = SERIAL[self.console];
            let message = format!(
                "{stray} sends, but the board's console is {console} and nobody listens to {stray}: \
                 is this the firmware of another board?"
            );
            fx.report(Kind::Unmodelled, message);
        }
    }

    /// When the first end next does something by itself.
    pub fn next_event(&self) -> Option<Time> {
        let ends = self.sockets.iter().filter_map(|socket| socket.end.as_ref());
        let times = ends.filter_map(|end| match end {
            End::Pins(end) => end.next_event(),
            End::Usb(host) => host.next_event(),
            _ => None,
        });
        times.min()
    }

    /// Let the ends do what is due.
    pub fn act(&mut self, chip: &mut Chip, fx: &mut Effects) {
        self.act_on_usb(chip, fx);
        if chip.devices.dcmi.wants_content() {
            let seen = self.frames("camera").map(|frames| frames.frame(fx.now));
            chip.show_scene(&seen.unwrap_or_else(|| Pattern.frame(fx.now)), fx);
        }
        for socket in &mut self.sockets {
            let Some(End::Pins(end)) = &mut socket.end else {
                continue;
            };
            if end.next_event().is_none_or(|time| time > fx.now) {
                continue;
            }
            for (pin, drive) in end.act(fx.now, &|pin| chip.level(pin)) {
                chip.nets.probe(pin, drive);
                chip.find_frame_lines();
                chip.settle_pin(pin, fx);
            }
        }
    }

    fn act_on_usb(&mut self, chip: &mut Chip, fx: &mut Effects) {
        let Some(host) = self.usb() else { return };
        while host.next_event().is_some_and(|time| time <= fx.now) {
            host.act(chip.usb_device(), fx);
            chip.let_rom_work(fx.now);
            chip.look_at_usb();
        }
    }
}

#[cfg(test)]
mod tests;
