//! Board files: which part is soldered where, and which of its pins is joined to which pin of the chip.
//!
//! Host only. The firmware's build script, the virtual board and the user's tool all read `board/*.toml` through this crate,
//! so that a file means the same to all of them. It holds wiring, never behaviour: what a pin can do is each side's own
//! table, and each side checks the file against its own.
//!
//! ```
//! let board = boardfile::Board::named("devebox").unwrap();
//! assert_eq!(board.memory.ncs.to_string(), "PB6");
//! let nets = boardfile::nets(&board);
//! let select = nets.iter().find(|net| net.pin == board.memory.ncs).unwrap();
//! assert_eq!(select.joints[0].to_string(), "memory.CE#");
//! ```

mod board;
mod known;
mod level;
mod net;
mod part;
mod pin;

pub use board::{Board, Console, Copper, Key, Led, Memory};
pub use known::BoardError;
pub use level::{Level, Pull};
pub use net::{Joint, Net, nets};
pub use part::{Camera, Display, Flash, Header, Sd, Usb};
pub use pin::{Pin, PinError, package};
