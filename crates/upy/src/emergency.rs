//! `micropython.alloc_emergency_exception_buf(size)`: memory for an exception while the heap is locked.
//!
//! The buffer is static, so that it is always there and never freed: the last exception points into it.
//! Any size is accepted, and changes nothing.

use crate::{Obj, finish};
use core::ffi::c_void;

#[unsafe(no_mangle)]
extern "C" fn mp_alloc_emergency_exception_buf(size: *mut c_void) -> *mut c_void {
    finish(Obj::from_raw(size).to_i32().map(|_| Obj::NONE))
}
