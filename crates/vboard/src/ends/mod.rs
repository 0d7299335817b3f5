//! What the board's sockets are connected to: one small trait for each kind of connector, attached by the socket's name in the
//! board file.
//!
//! An end lives in virtual time and inside the machine: a snapshot holds it. `serial` are the programs outside of the machine
//! that a person or a tool talks to the console with.

pub mod frames;
pub mod line;
pub mod pins;
pub mod serial;
mod sockets;
pub mod usb;

pub use sockets::{AttachError, End, Ends};
