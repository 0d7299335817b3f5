//! MicroPython's C core as Rust sees it: bindings, and nothing else.
//!
//! The core is built by `build/main.rs` from pinned sources; `port/` configures it. Nothing here is safe or pleasant
//! to call: that is the crate `upy`. Two rules hold for every function that may raise (most of them may):
//! it is called through [`upy_protected_call`], and never while a destructor is pending in a frame below it.
//!
//! The crate is empty when it is built for anything but the chip; `tests/generators.rs` tests the build script's parts.
#![cfg(target_os = "none")]
#![no_std]
#![allow(
    missing_docs,
    non_camel_case_types,
    non_snake_case,
    non_upper_case_globals,
    unsafe_op_in_unsafe_fn,
    unnecessary_transmutes,
    clippy::all,
    clippy::undocumented_unsafe_blocks
)]

include!(concat!(env!("OUT_DIR"), "/bindings.rs"));

pub mod hash;

/// The names that are interned in flash: `names::value` is the number of "value".
pub mod names {
    include!(concat!(env!("OUT_DIR"), "/qstrs.rs"));
}
