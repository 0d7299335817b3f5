//! Errors with words of their own: the exception is made at once.

use crate::{Error, Obj, protected, sys};
use core::fmt::{self, Write};

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
