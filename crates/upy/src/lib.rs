//! The safe border between Rust and MicroPython.
//!
//! MicroPython reports errors by jumping over stack frames. Rust cannot live with that, so there are two doors:
//! - **Calling C.** [`protected()`] runs a C call and returns what it raised as an [`Error`].
//! - **Being called by C.** A Rust function returns `Result<Obj>`; the macro [`fun!`] wraps it in a shim that
//!   raises the error after every Rust frame with a meaning has returned.
//!
//! Calls over the border carry two comments: `SAFETY:`, and `RAISES:` with what happens when the C side raises.
//!
//! Objects live in MicroPython's heap, which is collected conservatively from the stack and the registers.
//! An [`Obj`] in a local variable keeps its object alive; one in a Rust `static` does not.
//!
//! Each function says what it may do, and does nothing else of this:
//! - It **allocates** on Python's heap. So it may collect: finalisers run, which are Python, and what only a `static` or
//!   memory outside the heap refers to is freed.
//! - It **may collect**, without allocating.
//! - It **may raise**: the result is an [`Error`], what Python or the core raised.
//! - It **runs Python**, which can do all of it, and can change every object.
//! - It is **plain**: none of that. A `const fn` is plain, and says no more.
//!
//! What it does not do: threads, garbage-collected Rust values, or hiding that Python can run during any call.
//!
//! The crate is empty when it is built for anything but the chip; `tests/pure.rs` tests on the host what needs no core.
#![cfg(target_os = "none")]
#![no_std]

mod arguments;
mod blocks;
mod buffer;
mod class;
mod code;
mod convert;
mod crypto;
mod dict;
mod emergency;
mod error;
mod exception;
mod exp;
mod file;
mod function;
mod gc;
pub mod handlers;
#[cfg(not(feature = "heap-stock"))]
mod hash;
mod heap_memory;
pub mod held;
mod i2c;
mod inside;
mod libc;
mod lock;
mod memory;
mod module;
mod obj;
mod pin;
mod place;
mod protected;
pub mod record;
#[cfg(not(feature = "heap-stock"))]
mod scope;
mod scratch;
mod sequence;
mod spi;
#[cfg(not(feature = "heap-stock"))]
mod stores;
pub mod stream;
mod values;

#[cfg(not(feature = "heap-stock"))]
pub mod heap;
pub mod interpreter;
pub mod port;
#[doc(hidden)]
pub mod slots;

pub use arguments::{Arguments, Parser, convert};
pub use buffer::{Buffer, BufferMut};
pub use class::{Class, ObjCell, Printer, StaticObject, Type, finalise, new_object};
pub use convert::{FromObj, IntoObj, Mismatch, name};
pub use dict::Dict;
pub use error::{Error, Result};
pub use exception::Kind;
pub use file::File;
pub use function::{Function, VarFunction, finish};
pub use gc::Stack;
pub use heap_memory::HeapMemory;
pub use i2c::{Transfer, i2c_init, i2c_transfer};
pub use module::{Entry, Module, RomDict, Value};
pub use obj::Obj;
pub use pin::pin_ioctl;
pub use place::{Place, Readable, place};
pub use port::{PinUse, Port};
pub use protected::protected;
pub use scratch::{Lent, Room, Scratch, forget_peak, lent};
pub use sequence::Sequence;
pub use slots::Access;
pub use spi::{spi_deinit, spi_init, spi_transfer};

/// The raw C side, for ports that need what has no safe form here.
pub use upy_sys as sys;
pub use upy_sys::names as qstr;
