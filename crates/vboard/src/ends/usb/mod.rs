//! The far end of the USB cable: a host, in virtual time.
//!
//! `host` is its root port, `bus` carries transfers as packets, `enumerate` is what a host does with a new device, `serial` what it
//! does with a serial port. Programs outside reach it through [`Host`]; `ip` lets a real Linux take its place.

mod bus;
pub mod descriptor;
mod enumerate;
mod host;
pub mod ip;
mod serial;
mod transfer;

pub use bus::Counts;
pub use enumerate::Device;
pub use host::Host;
pub use transfer::{Outcome, Request};
