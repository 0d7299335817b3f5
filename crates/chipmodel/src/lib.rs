//! Models of the devices on the board, as pure state machines: no Unicorn, no threads, no host I/O.
//!
//! A device sees the world only through [`Effects`]: what time it is, how fast the clocks run, and where to put
//! what it has to report. It says when it next needs to be woken; it never calls back.
//! Register bits are declared here from our own reading of the manuals, never shared with the firmware.

pub mod bus;
pub mod core;
pub mod noise;
pub mod onchip;
pub mod parts;
pub mod steps;

pub use bus::device::{Clocks, Device, Effects, Kernel, Refused, Width};
pub use bus::report::{Kind, Report};
pub use bus::time::{Picos, Time};
