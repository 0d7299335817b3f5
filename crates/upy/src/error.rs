//! Errors that become Python exceptions.

use crate::{Obj, protected, sys};
use core::ffi::CStr;
use core::fmt::{self, Write};

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

/// Which exception an error with a text of its own becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// TypeError: the wrong kind of object.
    Type,
    /// ValueError: the right kind, a wrong value.
    Value,
    /// RuntimeError.
    Runtime,
    /// MemoryError.
    Memory,
    /// IndexError.
    Index,
    /// NotImplementedError.
    NotImplemented,
}

impl Kind {
    fn exception(self) -> *const sys::mp_obj_type_t {
        match self {
            Kind::Type => &raw const sys::mp_type_TypeError,
            Kind::Value => &raw const sys::mp_type_ValueError,
            Kind::Runtime => &raw const sys::mp_type_RuntimeError,
            Kind::Memory => &raw const sys::mp_type_MemoryError,
            Kind::Index => &raw const sys::mp_type_IndexError,
            Kind::NotImplemented => &raw const sys::mp_type_NotImplementedError,
        }
    }
}

/// A result whose error becomes a Python exception.
pub type Result<T> = core::result::Result<T, Error>;

impl Error {
    /// A RuntimeError with several arguments. Allocates; may collect; if that fails, the error is a MemoryError.
    pub fn runtime_with(arguments: &[Obj]) -> Error {
        let (n, data) = (arguments.len(), arguments.as_ptr());
        // SAFETY: Obj is a transparent mp_obj_t; the arguments are copied. RAISES: caught.
        let made = protected(|| unsafe {
            Obj::from_raw(sys::mp_obj_new_exception_args(
                &raw const sys::mp_type_RuntimeError,
                n,
                data.cast(),
            ))
        });
        made.map_or_else(|error| error, Error::Raised)
    }

    /// An error with this text, of up to 160 bytes; a longer one is cut. Allocates; if that fails, the error is a MemoryError.
    pub fn new(kind: Kind, text: fmt::Arguments) -> Error {
        let mut line = Line {
            text: [0; 160],
            bytes: 0,
        };
        let _ = line.write_fmt(text);
        // All of it came from `str`s, whole.
        let text = core::str::from_utf8(&line.text[..line.bytes]).unwrap_or_default();
        Obj::str(text)
            .and_then(|text| {
                let text = text.into_raw();
                let kind = kind.exception();
                // SAFETY: a type of the core, and one argument, which is copied. RAISES: caught.
                protected(|| unsafe { Obj::from_raw(sys::mp_obj_new_exception_args(kind, 1, &text)) })
            })
            .map_or_else(|error| error, Error::Raised)
    }

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

/// Text under construction.
struct Line {
    text: [u8; 160],
    bytes: usize,
}

impl Write for Line {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        let end = self.bytes + more.len();
        let place = self.text.get_mut(self.bytes..end).ok_or(fmt::Error)?;
        place.copy_from_slice(more.as_bytes());
        self.bytes = end;
        Ok(())
    }
}
