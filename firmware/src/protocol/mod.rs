//! OpenMV's debug protocol on the console's USB port: OpenMV IDE, and the Python package `openmv`.
//!
//! A host that sets the port's speed to 921,600 baud speaks the protocol, at any other it speaks to the prompt. The protocol
//! lives in the USB's interrupt ([`link`]), so that it answers whatever Python does. What only Python can do, write a script
//! and run it or call a channel of a script's, is left to Python's thread: [`session`] while no script runs, [`channels`]
//! between two bytecodes of one.
#![forbid(unsafe_code)]

mod board;
pub mod channels;
pub mod link;
pub mod session;

pub use board::FIRMWARE;
pub use link::{is_active, start};
