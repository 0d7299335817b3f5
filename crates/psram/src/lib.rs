//! Driver for 8 MB quad-SPI PSRAM chips.
#![no_std]
#![forbid(unsafe_code)]

pub mod bus;
pub mod memory;

pub use bus::{Bus, Frame, Lines, Setup};
pub use memory::{Line, Memory};
