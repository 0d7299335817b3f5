//! The wiring of the board, generated from `board/<name>.toml`.
#![allow(dead_code, reason = "a board file says more than any one program asks")]

use h7a3::gpio::{Key, Led, Pull, pin};

include!(concat!(env!("OUT_DIR"), "/board.rs"));

const _: () = assert!(
    HSE_HZ == h7a3::clocks::HSE_HZ,
    "h7a3::clocks has dividers for another crystal than this board's"
);
