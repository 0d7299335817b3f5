//! A reference to a Python object: the word, and what it tells without running anything.
//!
//! What can raise stands in `values.rs`: it needs [`protected()`](crate::protected()), which needs errors, which hold objects.

use crate::sys;
use core::ffi::c_void;

/// A Python object: a small integer, an interned name or an immediate in the word itself, else a pointer to the heap or
/// to flash (MicroPython's representation A).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct Obj(*mut c_void);

impl Obj {
    // The three immediates; port/nlr.c asserts their values.
    /// `None`
    pub const NONE: Obj = Obj(6 as *mut c_void);
    /// `False`
    pub const FALSE: Obj = Obj(14 as *mut c_void);
    /// `True`
    pub const TRUE: Obj = Obj(30 as *mut c_void);

    /// From the C side's `mp_obj_t`.
    pub const fn from_raw(raw: *mut c_void) -> Obj {
        Obj(raw)
    }

    /// As the C side's `mp_obj_t`.
    pub const fn into_raw(self) -> *mut c_void {
        self.0
    }

    /// `True` or `False`.
    pub const fn bool(value: bool) -> Obj {
        if value { Obj::TRUE } else { Obj::FALSE }
    }

    /// An interned name as a string.
    pub const fn qstr(name: u16) -> Obj {
        Obj((((name as usize) << 3) | 2) as *mut c_void)
    }

    /// An integer of at most 31 bits; higher bits are lost.
    pub const fn small_int(value: i32) -> Obj {
        Obj((((value as u32) << 1) | 1) as usize as *mut c_void)
    }

    /// The value of an integer (or of a bool) as 64 bits; `None` if it is none, or does not fit. Plain.
    pub fn to_i64(self) -> Option<i64> {
        match self {
            Obj::TRUE => return Some(1),
            Obj::FALSE => return Some(0),
            _ if self.0 as usize & 1 == 1 => return Some(((self.0 as usize as i32) >> 1).into()),
            _ => (),
        }
        let sign = self.sign()?;
        let mut bytes = [0; 8];
        // SAFETY: an integer object, and room for 8 bytes. RAISES: no.
        let fits = unsafe { sys::mp_obj_int_to_bytes_impl(self.0, false, bytes.len(), bytes.as_mut_ptr()) };
        let value = i64::from_le_bytes(bytes);
        // A number of 64 bits without a sign looks negative here.
        (fits && (value < 0) == (sign < 0)).then_some(value)
    }

    /// Whether this is an integer of any length, or a bool. Plain.
    pub fn is_int(self) -> bool {
        self.0 as usize & 1 == 1
            || self == Obj::TRUE
            || self == Obj::FALSE
            || self.is_a(&raw const sys::mp_type_int)
    }

    /// Less than, equal to, or greater than 0, for an integer of any length; `None` for other objects. Plain.
    pub fn sign(self) -> Option<i32> {
        // SAFETY: the object is an integer. RAISES: no.
        let sign = || unsafe { sys::mp_obj_int_sign(self.0) };
        self.is_a(&raw const sys::mp_type_int).then(sign)
    }

    /// Whether it can be called. Plain.
    pub fn is_callable(self) -> bool {
        // SAFETY: it looks at the type and its names. RAISES: no.
        unsafe { sys::mp_obj_is_callable(self.0) }
    }

    /// Whether this is a string. Plain.
    pub fn is_str(self) -> bool {
        self.0 as usize & 7 == 2 || self.is_a(&raw const sys::mp_type_str)
    }

    /// Whether the object is of exactly this type (as a pointer to a heap object of it). Plain.
    pub fn is_a(self, kind: *const sys::mp_obj_type_t) -> bool {
        // SAFETY: the core's own question, for any object. RAISES: no.
        unsafe { sys::mp_obj_get_type(self.0) == kind }
    }
}
