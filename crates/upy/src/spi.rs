//! The SPI protocol: what the core's methods of `machine.SPI` ask of a class that owns a bus.

use crate::{Arguments, Class, Error, Obj, Result, convert, finish, sys};
use core::cell::Cell;
use core::ffi::c_void;
use core::slice;

fn this<T: Class>(object: *mut c_void, f: impl FnOnce(&T) -> Result<()>) {
    let object = Obj::from_raw(object);
    if let Err(error) = convert::<&T>("self", &object).and_then(f) {
        finish(Err(error));
    }
}

/// `init`: reads the arguments by `f`. May raise, and does what `f` does.
///
/// # Safety
/// The core's arguments for the protocol's `init`.
pub unsafe fn spi_init<T: Class>(
    object: *mut c_void,
    n_args: usize,
    args: *const *mut c_void,
    keywords: *mut sys::mp_map_t,
    f: impl FnOnce(&T, Arguments) -> Result<()>,
) {
    // SAFETY: the caller's promise.
    let arguments = unsafe { Arguments::from_map(n_args, args, keywords) };
    this::<T>(object, |this| f(this, arguments));
}

/// `deinit`. May raise, and does what `f` does.
pub fn spi_deinit<T: Class>(object: *mut c_void, f: impl FnOnce(&T) -> Result<()>) {
    this::<T>(object, f);
}

/// `transfer`: `f` gets what is sent and the place for what comes back, which is empty or as long, and may be the same bytes.
/// May raise, and does what `f` does.
///
/// # Safety
/// The core's arguments for the protocol's `transfer`.
pub unsafe fn spi_transfer<T: Class>(
    object: *mut c_void,
    len: usize,
    out: *const u8,
    into: *mut u8,
    f: impl FnOnce(&T, &[Cell<u8>], &[Cell<u8>]) -> Result<()>,
) {
    let bytes = |place: *const u8| -> &[Cell<u8>] {
        if place.is_null() || len == 0 {
            return &[];
        }
        // SAFETY: the caller's promise: `len` bytes of the core's that stay for this call, and only cells look at them.
        unsafe { slice::from_raw_parts(place.cast(), len) }
    };
    this::<T>(object, |this| {
        if out.is_null() && len > 0 {
            return Err(Error::Runtime(c"nothing to send"));
        }
        f(this, bytes(out), bytes(into))
    });
}

/// The protocol's table for a class: `spi_protocol!(SPI, init, deinit, transfer)`, for its slot `protocol`; they are
/// `fn(&SPI, Arguments) -> Result<()>`, `fn(&SPI) -> Result<()>` and `fn(&SPI, &[Cell<u8>], &[Cell<u8>]) -> Result<()>`.
#[macro_export]
macro_rules! spi_protocol {
    ($kind:ident, $init:expr, $deinit:expr, $transfer:expr) => {{
        unsafe extern "C" fn init_shim(
            object: *mut $crate::sys::mp_obj_base_t,
            n: usize,
            args: *const *mut ::core::ffi::c_void,
            keywords: *mut $crate::sys::mp_map_t,
        ) {
            // SAFETY: called by the core.
            unsafe { $crate::spi_init::<$kind>(object.cast(), n, args, keywords, $init) }
        }
        unsafe extern "C" fn deinit_shim(object: *mut $crate::sys::mp_obj_base_t) {
            $crate::spi_deinit::<$kind>(object.cast(), $deinit)
        }
        unsafe extern "C" fn transfer_shim(
            object: *mut $crate::sys::mp_obj_base_t,
            len: usize,
            out: *const u8,
            into: *mut u8,
        ) {
            // SAFETY: called by the core.
            unsafe { $crate::spi_transfer::<$kind>(object.cast(), len, out, into, $transfer) }
        }
        $crate::sys::mp_machine_spi_p_t {
            init: Some(init_shim),
            deinit: Some(deinit_shim),
            transfer: Some(transfer_shim),
        }
    }};
}
