//! The wiring of the board, generated from `board/<name>.toml`.

use h7a3::gpio::{Key, Led, Pull, pin};

include!(concat!(env!("OUT_DIR"), "/board.rs"));
