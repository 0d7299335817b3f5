//! The far end of the USB cable: a host, in virtual time.
//!
//! `bus` carries transfers as packets of a full-speed bus, `enumerate` is what a host does with a new device, `serial` what it
//! does with a serial port. Programs outside reach it through [`Host`]; `ip` lets a real Linux take its place.

mod bus;
pub mod descriptor;
mod enumerate;
pub mod ip;
mod serial;
mod transfer;

pub use bus::Host;
pub use enumerate::Device;
pub use transfer::{Outcome, Request};
