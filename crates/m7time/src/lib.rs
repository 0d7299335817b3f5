//! How many cycles a Cortex-M7 takes: its pipeline, its branches and its memories, as a pure model.
//!
//! [`issue::block`] gives the cost of a straight run of code; [`predict::Predictor`] what its end costs;
//! [`cache::Cache`] and [`memory::Memories`] what fetches, loads and stores cost besides. [`Timer`] adds them up.
//! No instruction is executed here: the machine that runs the program says where it goes and what it touches.
//!
//! Every constant has its source beside it. What is not modelled: the slip of half a cycle in runs of 16-bit instructions;
//! floats of double precision by operand; bus masters in the way.
#![forbid(unsafe_code)]

mod decode;
mod op;
mod regs;

pub mod cache;
pub mod issue;
pub mod memory;
pub mod predict;
mod timer;

pub use decode::decode;
pub use op::{Branch, Float, Op, Unit};
pub use regs::Regs;
pub use timer::Timer;
