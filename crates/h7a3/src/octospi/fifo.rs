//! The data register, one byte at a time: the width of the access says how many bytes move.
#![allow(unsafe_code)]

use super::OCTOSPI;

/// The next byte that has arrived.
pub fn pop() -> u8 {
    // SAFETY: the data register of a peripheral that `octospi` owns; it may be read at any width.
    unsafe { OCTOSPI.dr().as_ptr().cast::<u8>().read_volatile() }
}

/// One byte to send.
pub fn push(byte: u8) {
    // SAFETY: the data register of a peripheral that `octospi` owns; it may be written at any width.
    unsafe { OCTOSPI.dr().as_ptr().cast::<u8>().write_volatile(byte) }
}
