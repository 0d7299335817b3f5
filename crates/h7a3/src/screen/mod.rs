//! A small colour display on SPI, with a line that tells commands from data: set up by the core, pictures by DMA while the program
//! goes on.
//!
//! One display at a time, by DMA1's stream 7 and the interrupt of its SPI. A picture is sent in blocks, as neither the SPI nor the DMA
//! counts further than 65535; the interrupt at the end of each begins the next, and that at the end of a picture the one that waits.
//!
//! By registers: embassy's driver wants unit, pins and DMA as types, and somebody who waits for it.

pub mod panel;
#[cfg(target_os = "none")]
mod wire;

#[cfg(target_os = "none")]
pub use wire::{
    Fault, Served, Wires, bus_read, bus_write, close, is_idle, is_sending, light, on, open, pause, send,
    set_window, start, wait, waits_for,
};
