//! The stream protocol: what the core's `read`, `write`, `readline`, `select.poll` and `asyncio` ask of a class.

use crate::{Class, Obj, Result, convert, finish, sys};
use core::cell::Cell;
use core::ffi::{c_int, c_void};
use core::slice;

/// What `poll` asks: something can be read.
pub const READABLE: usize = sys::MP_STREAM_POLL_RD as usize;
/// Something can be written.
pub const WRITABLE: usize = sys::MP_STREAM_POLL_WR as usize;

/// What the core asks of a stream besides bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// Which of these hold now: [`READABLE`], [`WRITABLE`]?
    Poll(usize),
    /// Come back when all is written.
    Flush,
    /// It is over.
    Close,
}

/// The core's mark for a failure, with an errno beside it.
const FAILED: usize = usize::MAX;

/// `read` and `write`: `f` gets the bytes, and says how many were moved; `None`: none can be at present. May raise, and does what
/// `f` does.
///
/// # Safety
/// The core's arguments for the protocol's `read` or `write`.
pub unsafe fn stream_move<T: Class>(
    object: *mut c_void,
    bytes: *mut c_void,
    len: usize,
    errno: *mut c_int,
    f: impl FnOnce(&T, &[Cell<u8>]) -> Result<Option<usize>>,
) -> usize {
    let object = Obj::from_raw(object);
    let bytes: &[Cell<u8>] = if len == 0 {
        &[]
    } else {
        // SAFETY: the caller's promise: `len` bytes that stay for this call, and only cells look at them.
        unsafe { slice::from_raw_parts(bytes.cast(), len) }
    };
    match convert::<&T>("self", &object).and_then(|this| f(this, bytes)) {
        Ok(Some(moved)) => moved,
        Ok(None) => {
            // SAFETY: the caller's promise.
            unsafe { *errno = sys::MP_EAGAIN };
            FAILED
        }
        // Does not come back.
        Err(error) => finish(Err(error)) as usize,
    }
}

/// `ioctl`: `f` answers the requests that it knows. May raise, and does what `f` does.
///
/// # Safety
/// The core's arguments for the protocol's `ioctl`.
pub unsafe fn stream_ioctl<T: Class>(
    object: *mut c_void,
    request: sys::mp_uint_t,
    argument: usize,
    errno: *mut c_int,
    f: impl FnOnce(&T, Request) -> Result<usize>,
) -> usize {
    let object = Obj::from_raw(object);
    let request = match request as i32 {
        sys::MP_STREAM_POLL => Request::Poll(argument),
        sys::MP_STREAM_FLUSH => Request::Flush,
        sys::MP_STREAM_CLOSE => Request::Close,
        _ => {
            // SAFETY: the caller's promise.
            unsafe { *errno = sys::MP_EINVAL };
            return FAILED;
        }
    };
    match convert::<&T>("self", &object).and_then(|this| f(this, request)) {
        Ok(answer) => answer,
        // Does not come back.
        Err(error) => finish(Err(error)) as usize,
    }
}

/// The protocol's table for a class: `stream_protocol!(UART, read, write, ioctl)`, for its slot `protocol`; they are
/// `fn(&UART, &[Cell<u8>]) -> Result<Option<usize>>`, twice, and `fn(&UART, Request) -> Result<usize>`.
#[macro_export]
macro_rules! stream_protocol {
    ($kind:ident, $read:expr, $write:expr, $ioctl:expr) => {{
        unsafe extern "C" fn read_shim(
            object: *mut ::core::ffi::c_void,
            bytes: *mut ::core::ffi::c_void,
            len: $crate::sys::mp_uint_t,
            errno: *mut ::core::ffi::c_int,
        ) -> $crate::sys::mp_uint_t {
            // SAFETY: called by the core.
            unsafe {
                $crate::stream::stream_move::<$kind>(object, bytes, len as usize, errno, $read)
                    as $crate::sys::mp_uint_t
            }
        }
        unsafe extern "C" fn write_shim(
            object: *mut ::core::ffi::c_void,
            bytes: *const ::core::ffi::c_void,
            len: $crate::sys::mp_uint_t,
            errno: *mut ::core::ffi::c_int,
        ) -> $crate::sys::mp_uint_t {
            // SAFETY: called by the core; the function only reads.
            unsafe {
                $crate::stream::stream_move::<$kind>(object, bytes.cast_mut(), len as usize, errno, $write)
                    as $crate::sys::mp_uint_t
            }
        }
        unsafe extern "C" fn ioctl_shim(
            object: *mut ::core::ffi::c_void,
            request: $crate::sys::mp_uint_t,
            argument: usize,
            errno: *mut ::core::ffi::c_int,
        ) -> $crate::sys::mp_uint_t {
            // SAFETY: called by the core.
            unsafe {
                $crate::stream::stream_ioctl::<$kind>(object, request, argument, errno, $ioctl)
                    as $crate::sys::mp_uint_t
            }
        }
        $crate::stream::table(read_shim, write_shim, ioctl_shim)
    }};
}

type Uint = sys::mp_uint_t;
type ReadShim = unsafe extern "C" fn(*mut c_void, *mut c_void, Uint, *mut c_int) -> Uint;
type WriteShim = unsafe extern "C" fn(*mut c_void, *const c_void, Uint, *mut c_int) -> Uint;
type IoctlShim = unsafe extern "C" fn(*mut c_void, Uint, usize, *mut c_int) -> Uint;

/// The table for these functions. Plain.
#[doc(hidden)]
pub const fn table(read: ReadShim, write: WriteShim, ioctl: IoctlShim) -> sys::mp_stream_p_t {
    // SAFETY: functions that are not there, and a flag: it is no stream of texts.
    let mut table: sys::mp_stream_p_t = unsafe { core::mem::zeroed() };
    table.read = Some(read);
    table.write = Some(write);
    table.ioctl = Some(ioctl);
    table
}
