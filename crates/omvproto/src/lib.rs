//! OpenMV's debug protocol 1.0.2, the device's side of it: what OpenMV IDE and the Python package `openmv` speak.
//!
//! The host asks, the device answers; each packet has a number, and data that the device sends is acknowledged or sent
//! again. Behind it are channels: the script to run, what it prints, the picture, and those that a script registers.
//!
//! [`Engine`] is all of the protocol. It is given bytes and the time, asked for bytes, and asks a [`Device`] for what the
//! channels hold. It waits for nobody, so that it can live in an interrupt; what the device cannot answer there it answers
//! [`Later`](Answer::Later), by [`Engine::answer`].
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

mod commands;
mod device;
mod engine;
mod events;
mod packet;
mod receive;
mod send;
mod settings;
mod stats;
mod wire;

pub use device::{Answer, Channel, Device, MAX_POOLS, Pool, SystemInfo, Versions};
pub use engine::{Engine, Reply, Request};
pub use packet::{HEADER_BYTES, Header, MAX_PAYLOAD, MIN_PAYLOAD, Status, checksum, flag, opcode};
pub use settings::Settings;
pub use stats::Stats;

/// Version of the protocol.
pub const VERSION: [u8; 3] = [1, 0, 2];

/// Channels that every device has.
pub mod channel {
    /// The script: write it, then [`EXEC`](super::ioctl::STDIN_EXEC). Ready while one runs.
    pub const STDIN: u8 = 1;
    /// What the script prints.
    pub const STDOUT: u8 = 2;
    /// The picture.
    pub const STREAM: u8 = 3;
    /// The first that a script may register; 4 is the profiler's.
    pub const FIRST_FREE: u8 = 5;
    /// One more than the last.
    pub const END: u8 = 32;

    /// It can be read.
    pub const READ: u8 = 1;
    /// It can be written.
    pub const WRITE: u8 = 2;
    /// It runs scripts.
    pub const EXEC: u8 = 4;
    /// It is locked while it is read.
    pub const LOCK: u8 = 8;
    /// It holds pictures.
    pub const STREAMING: u8 = 16;
    /// A script has registered it.
    pub const DYNAMIC: u8 = 32;
}

/// What channels are asked beside bytes.
pub mod ioctl {
    /// Of stdin: interrupt the script.
    pub const STDIN_STOP: u32 = 1;
    /// Run what was written.
    pub const STDIN_EXEC: u32 = 2;
    /// Forget what was written.
    pub const STDIN_RESET: u32 = 3;
    /// Of stream: pictures on or off.
    pub const STREAM_CTRL: u32 = 0;
    /// As pixels, or as JPEG.
    pub const STREAM_RAW_CTRL: u32 = 1;
    /// At most this wide and high as pixels.
    pub const STREAM_RAW_CFG: u32 = 2;
}

/// Events of channel 0.
pub mod event {
    /// A script has registered a channel.
    pub const REGISTERED: u16 = 0;
    /// One is gone.
    pub const UNREGISTERED: u16 = 1;
    /// Python starts anew.
    pub const SOFT_REBOOT: u16 = 2;
    /// On any channel: look at it. Has no payload.
    pub const NOTIFY: u16 = 0xFFFF;
}
