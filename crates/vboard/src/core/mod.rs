//! The processor: what executes instructions, and its exceptions, faults and private registers.

pub mod cpu;
pub(crate) mod data;
pub(crate) mod exception;
pub(crate) mod fault;
mod ppb;
pub(crate) mod timing;
