//! A server for gdb: the remote serial protocol on a port of this machine, by the crate gdbstub.
//!
//! The board stands still until a debugger comes. When it detaches, the board runs on with its console, and another debugger
//! may come. Looking at memory and registers changes nothing, whatever it is.

mod arch;
mod desk;
mod monitor;
mod session;
mod target;

use crate::ends::serial::Ended;
use crate::ends::serial::live::{Pace, live};
use crate::{Event, Machine};
use desk::Desk;
use session::{Over, session};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::AtomicBool;

/// A port that debuggers may connect to.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
}

impl Server {
    /// On this port of this machine only; 0 is any that is free.
    ///
    /// # Errors
    /// If another program has the port.
    pub fn open(port: u16) -> io::Result<Server> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        Ok(Server { listener })
    }

    /// Where it is.
    ///
    /// # Errors
    /// If the system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serve debuggers, one after the other, until the run ends. `tell` gets each event of the board.
    ///
    /// # Errors
    /// If the terminal or the port breaks.
    pub fn serve(
        &self,
        machine: &mut Machine,
        stop: &AtomicBool,
        tell: &mut dyn FnMut(&Event),
    ) -> io::Result<Ended> {
        let mut is_halted = true;
        loop {
            let mut desk = Desk::new(&self.listener, stop);
            let called = if is_halted {
                desk.wait_for_call()?
            } else {
                live(machine, &mut desk, Pace::Free)?
            };
            if called != Ended::Called {
                return Ok(called);
            }
            let (connection, _) = self.listener.accept()?;
            match session(machine, connection, stop, tell)? {
                Over::Detached => is_halted = false,
                Over::Ended(ended) => return Ok(ended),
            }
        }
    }
}
