//! The I2C protocol: what the core's methods of `machine.I2C` ask of a class that owns a bus.

use crate::{Arguments, Class, Error, FromObj, Obj, Result, convert, finish, sys};
use core::ffi::c_void;
use core::slice;

/// One message to or from an address.
pub enum Transfer<'a> {
    /// From the part.
    Read(&'a mut [u8]),
    /// To the part.
    Write(&'a [u8]),
}

/// `init`: reads the arguments by `f`. May raise, and does what `f` does.
///
/// # Safety
/// The core's arguments for the protocol's `init`.
pub unsafe fn i2c_init<T: Class>(
    object: *mut c_void,
    n_args: usize,
    args: *const *mut c_void,
    keywords: *mut sys::mp_map_t,
    f: impl FnOnce(&T, Arguments) -> Result<()>,
) {
    let object = Obj::from_raw(object);
    // SAFETY: the caller's promise.
    let arguments = unsafe { Arguments::from_map(n_args, args, keywords) };
    let result = convert::<&T>("self", &object).and_then(|this| f(this, arguments));
    if let Err(error) = result {
        finish(Err(error));
    }
}

/// One message; a negative errno if it fails, as the core wants it. Plain, but for what `f` does.
///
/// # Safety
/// The core's arguments for the protocol's `transfer_single`.
pub unsafe fn i2c_transfer<T: Class>(
    object: *mut c_void,
    address: u16,
    len: usize,
    bytes: *mut u8,
    flags: u32,
    f: impl FnOnce(&T, u16, Transfer, bool) -> Result<usize>,
) -> i32 {
    let object = Obj::from_raw(object);
    let Ok(this) = <&T>::from_obj(&object) else {
        return -sys::MP_EINVAL;
    };
    let stop = flags & sys::MP_MACHINE_I2C_FLAG_STOP as u32 != 0;
    let reads = flags & sys::MP_MACHINE_I2C_FLAG_READ as u32 != 0;
    let transfer = match (reads, bytes.is_null()) {
        (true, true) => Transfer::Read(&mut []),
        (false, true) => Transfer::Write(&[]),
        // SAFETY: the caller's promise: `len` bytes, the core's own while this runs.
        (true, false) => Transfer::Read(unsafe { slice::from_raw_parts_mut(bytes, len) }),
        // SAFETY: the same.
        (false, false) => Transfer::Write(unsafe { slice::from_raw_parts(bytes, len) }),
    };
    match f(this, address, transfer, stop) {
        Ok(bytes) => bytes as i32,
        Err(Error::Os(errno)) => -errno,
        Err(_) => -sys::MP_EIO,
    }
}

/// The protocol's table for a class: `i2c_protocol!(I2C, init, transfer)`, for its slot `protocol`; `init` is
/// `fn(&I2C, Arguments) -> Result<()>`, `transfer` is `fn(&I2C, address, Transfer, stop) -> Result<usize>`.
#[macro_export]
macro_rules! i2c_protocol {
    ($kind:ident, $init:expr, $transfer:expr) => {{
        unsafe extern "C" fn init_shim(
            object: *mut $crate::sys::mp_obj_base_t,
            n: usize,
            args: *const *mut ::core::ffi::c_void,
            keywords: *mut $crate::sys::mp_map_t,
        ) {
            // SAFETY: called by the core.
            unsafe { $crate::i2c_init::<$kind>(object.cast(), n, args, keywords, $init) }
        }
        unsafe extern "C" fn transfer_shim(
            object: *mut $crate::sys::mp_obj_base_t,
            address: u16,
            len: usize,
            bytes: *mut u8,
            flags: ::core::ffi::c_uint,
        ) -> ::core::ffi::c_int {
            // SAFETY: called by the core.
            unsafe { $crate::i2c_transfer::<$kind>(object.cast(), address, len, bytes, flags, $transfer) }
        }
        $crate::sys::mp_machine_i2c_p_t {
            init: Some(init_shim),
            start: None,
            stop: None,
            read: None,
            write: None,
            transfer: Some($crate::sys::mp_machine_i2c_transfer_adaptor),
            transfer_single: Some(transfer_shim),
        }
    }};
}
