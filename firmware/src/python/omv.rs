//! The Python module `omv`: what scripts ask to find out which OpenMV they run on.

use core::fmt::Write;

use crate::board;
use crate::protocol::{self, FIRMWARE};
use h7a3::identity;
use upy::{Obj, Result, Value, fun, module};

module! {
    omv_module = omv {
        version_major: Value::int(FIRMWARE[0] as i32),
        version_minor: Value::int(FIRMWARE[1] as i32),
        version_patch: Value::int(FIRMWARE[2] as i32),
        version_string: fun!(0, version_string),
        arch: fun!(0, arch),
        board_type: fun!(0, board_type),
        board_id: fun!(0, board_id),
        debug_mode: fun!(0, debug_mode),
    }
}

/// `version_string()`: the generation of OpenMV's that scripts find here.
fn version_string() -> Result<Obj> {
    let [major, minor, patch] = FIRMWARE;
    let mut text = heapless::String::<16>::new();
    // There is room for three bytes as numbers.
    let _ = write!(text, "{major}.{minor}.{patch}");
    Obj::str(&text)
}

/// `arch()`: the board, and its chip.
fn arch() -> Result<Obj> {
    let mut text = heapless::String::<64>::new();
    // What does not fit is left out.
    let _ = write!(text, "{} {}", board::NAME, board::MCU);
    Obj::str(&text)
}

/// `board_type()`
fn board_type() -> Result<Obj> {
    Obj::str("H7A3")
}

/// `board_id()`: the chip's own number, the highest word first.
fn board_id() -> Result<Obj> {
    let mut text = heapless::String::<24>::new();
    for word in identity::unique_id().as_chunks::<4>().0.iter().rev() {
        // There is room for three words.
        let _ = write!(text, "{:08X}", u32::from_le_bytes(*word));
    }
    Obj::str(&text)
}

/// `debug_mode()`: whether OpenMV's tools are connected.
fn debug_mode() -> Result<bool> {
    Ok(protocol::is_active())
}
