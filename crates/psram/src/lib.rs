//! Driver for 8 MB quad-SPI PSRAM chips.
#![no_std]
#![forbid(unsafe_code)]

pub mod bus;
pub mod command;
pub mod memory;
pub mod part;
pub mod plan;
pub mod timing;

pub use bus::{Bus, Frame, Lines, Setup};
pub use memory::{Line, Memory};
pub use part::Part;
pub use plan::{Controller, Hold, Plan, PlanError, Wish};
