//! Driver for quad-SPI PSRAM chips of 2 to 16 MB: ESP-PSRAM64H, LY68L6400, APS6404L-3SQR, APS6404L-3SQN, IPS6404L-SQ, and smaller.
//!
//! ```text
//! your controller ── implements ──► Bus ◄── speaks ── Psram<Spi → Qpi → Mapped>
//!                                                        ▲ Plan ◄── Part + Controller + kernel clock
//! your memory ────── implements ──► Memory ◄── memtest
//! ```
//!
//! From a controller to a mapped chip:
//!
//! ```
//! use psram::driver::{Mapped, OpenError};
//! use psram::{Bus, Controller, Hold, Plan, PlanError, Psram, Wish, part};
//!
//! fn plan() -> Result<Plan, PlanError> {
//!     let wish = Wish { hold: Hold::Field, ..Wish::default() };
//!     Plan::new(&part::ESP_PSRAM64H, &Controller::OCTOSPI, 70_000_000, wish)
//! }
//!
//! // Power-up time, reset, READ ID, QPI, line check; then the controller works by itself.
//! fn bring_up<B: Bus>(bus: B, plan: Plan) -> Result<Psram<B, Mapped>, OpenError<B::Error>> {
//!     Ok(Psram::open(bus, plan)?.map()?)
//! }
//! # assert_eq!(plan().unwrap().clock.hz(), 70_000_000);
//! ```
//!
//! # Goals
//! - Every number has a unit, a symbol and a source, and stands in one place: commands in [`command`], parts in
//!   [`part`]. What can be computed is computed ([`plan`]) and checked again the other way round.
//! - Nothing is assumed about the chip: not its mode, not its presence, not that the first answer is right. What
//!   answered instead of the expected part has a name ([`id::Unfit`]), with what was expected and what was found.
//! - All of it runs on a laptop. The tests drive a model of the chip that was written from the datasheets by itself.
//!
//! # Anti-goals
//! - No registers and no addresses of a processor: those are behind [`Bus`] and [`Memory`].
//! - No telling of parts of a size from one another: READ ID does not allow it (see [`part`]). Name your part.
//! - No clever waiting: a bus call returns when it is done.
//!
//! # Not supported
//! **Wrapped bursts** (C0, a toggle), **clocks above 84 MHz by default** (the datasheets ask for training of the
//! sampling point; a plan for them is computed on request), **double data rate**, **octal parts**, **ISSI parts**
//! (they wrap in their page and have another maker byte), **2 and 4 MB parts**, **1.8 V parts**, **extended
//! temperature grades** (half the tCEM).
#![no_std]
#![forbid(unsafe_code)]

pub mod bus;
pub mod command;
pub mod cross;
pub mod diagnose;
pub mod driver;
pub mod id;
pub mod memory;
pub mod memtest;
pub mod part;
pub mod plan;
pub mod policy;
pub mod size;
pub mod timing;
pub mod train;
pub mod wrap;

pub use bus::{Bus, Frame, Lines, Setup};
pub use driver::Psram;
pub use memory::{Line, Memory, Sparse};
pub use part::Part;
pub use plan::{Controller, Hold, Plan, PlanError, Wish};
pub use policy::Timing;
