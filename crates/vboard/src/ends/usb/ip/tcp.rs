//! Clients by TCP, one at a time; the next one waits until the first has left.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};

use super::Server;
use crate::Machine;
use crate::ends::serial::{Ended, Input, Pace, Port, live, ready};

/// How often it is asked whether to stop.
const GLANCE: Duration = Duration::from_secs(1);

/// Why nobody can be listened to.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen at {address}: {cause}")]
pub struct ListenError {
    address: SocketAddr,
    cause: io::Error,
}

/// Where clients are listened to.
#[derive(Debug)]
pub struct Listener {
    listener: TcpListener,
    client: Option<TcpStream>,
}

impl Listener {
    /// At this address; port 0 takes a free one.
    pub fn open(address: SocketAddr) -> Result<Self, ListenError> {
        let listener = TcpListener::bind(address).and_then(|listener| {
            listener.set_nonblocking(true)?;
            Ok(listener)
        });
        match listener {
            Ok(listener) => Ok(Listener {
                listener,
                client: None,
            }),
            Err(cause) => Err(ListenError { address, cause }),
        }
    }

    /// Where that is.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serve the machine's USB until `stop` is set or the time is over. Its cable must be in.
    pub fn serve(
        &mut self,
        machine: &mut Machine,
        stop: &AtomicBool,
        time: Option<Duration>,
    ) -> io::Result<Ended> {
        let end = time.and_then(|time| Instant::now().checked_add(time));
        let mut served = Served { of: self, stop, end };
        live(&mut Server::new(machine), &mut served, Pace::Free)
    }
}

struct Served<'a> {
    of: &'a mut Listener,
    stop: &'a AtomicBool,
    end: Option<Instant>,
}

impl Served<'_> {
    /// What the client has sent; the client that has left is told by no bytes.
    fn read(&mut self) -> io::Result<Input> {
        let Some(client) = &mut self.of.client else {
            match self.of.listener.accept() {
                Ok((client, _)) => {
                    client.set_nodelay(true)?;
                    client.set_nonblocking(true)?;
                    self.of.client = Some(client);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
            return Ok(Input::Nothing);
        };
        let mut bytes = [0; 65536];
        match client.read(&mut bytes) {
            Ok(count) if count > 0 => Ok(Input::Bytes(bytes[..count].to_vec())),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(Input::Nothing),
            _ => {
                self.of.client = None;
                Ok(Input::Bytes(Vec::new()))
            }
        }
    }
}

impl Port for Served<'_> {
    fn wait(&mut self, most: Option<Duration>) -> io::Result<Input> {
        let left = self.end.map(|end| end.saturating_duration_since(Instant::now()));
        let most = [most, left, Some(GLANCE)].into_iter().flatten().min();
        let count = {
            let fd = match &self.of.client {
                Some(client) => client.as_fd(),
                None => self.of.listener.as_fd(),
            };
            ready(&mut [PollFd::from_borrowed_fd(fd, PollFlags::IN)], most)?
        };
        if self.stop.load(Ordering::Relaxed) {
            return Ok(Input::Over(Ended::Stopped));
        }
        if left.is_some_and(|left| left.is_zero()) {
            return Ok(Input::Over(Ended::TimeIsOver));
        }
        if count == 0 {
            Ok(Input::Nothing)
        } else {
            self.read()
        }
    }

    /// A client that does not read its answers is waited for: a kernel always does.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Some(client) = &mut self.of.client else {
            return Ok(());
        };
        client.set_nonblocking(false)?;
        let written = client.write_all(bytes);
        client.set_nonblocking(true)?;
        if written.is_err() {
            // The next read finds it gone.
            let _ = client.shutdown(std::net::Shutdown::Both);
        }
        Ok(())
    }
}
