//! Errors that become Python exceptions.

use crate::{Obj, sys};
use core::ffi::CStr;

/// What went wrong, in Python's terms.
#[derive(Clone, Copy, Debug)]
pub enum Error {
    /// An exception that Python code or the C core raised.
    Raised(Obj),
    /// TypeError.
    Type(&'static CStr),
    /// ValueError.
    Value(&'static CStr),
    /// RuntimeError.
    Runtime(&'static CStr),
    /// AttributeError.
    Attribute(&'static CStr),
    /// MemoryError.
    Memory(&'static CStr),
    /// SystemExit: at the prompt it means soft reset.
    Exit,
    /// OSError with an errno of MicroPython's py/mperrno.h.
    Os(i32),
}

/// A result whose error becomes a Python exception.
pub type Result<T> = core::result::Result<T, Error>;

impl Error {
    /// The exception object. Allocates; when memory is out, the core falls back to its emergency buffer.
    ///
    /// Call it where a raise is harmless: in the outermost shim.
    pub(crate) fn into_exception(self) -> Obj {
        let (kind, message) = match self {
            Error::Raised(exception) => return exception,
            Error::Os(errno) => {
                let argument = Obj::small_int(errno).into_raw();
                // SAFETY: one argument, alive during the call. RAISES: at worst MemoryError, over frames without drops.
                let raw =
                    unsafe { sys::mp_obj_new_exception_args(&raw const sys::mp_type_OSError, 1, &argument) };
                return Obj::from_raw(raw);
            }
            Error::Exit => {
                // SAFETY: a type of the core. RAISES: at worst MemoryError, over frames without drops.
                return Obj::from_raw(unsafe {
                    sys::mp_obj_new_exception(&raw const sys::mp_type_SystemExit)
                });
            }
            Error::Type(message) => (&raw const sys::mp_type_TypeError, message),
            Error::Value(message) => (&raw const sys::mp_type_ValueError, message),
            Error::Runtime(message) => (&raw const sys::mp_type_RuntimeError, message),
            Error::Memory(message) => (&raw const sys::mp_type_MemoryError, message),
            Error::Attribute(message) => (&raw const sys::mp_type_AttributeError, message),
        };
        // SAFETY: the type is a static of the core, the message is static and terminated.
        // RAISES: at worst MemoryError, over frames without drops.
        Obj::from_raw(unsafe { sys::mp_obj_new_exception_msg(kind, message.as_ptr()) })
    }
}
