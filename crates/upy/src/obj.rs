//! A reference to a Python object.

use crate::{Error, Result, protected, sys};
use core::{ffi::c_void, mem::MaybeUninit, slice};

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

    /// Any unsigned integer. Allocates when it has more than 30 bits.
    pub fn from_u64(value: u64) -> Result<Obj> {
        match i32::try_from(value) {
            Ok(small) if small < 1 << 30 => Ok(Obj::small_int(small)),
            // SAFETY: takes a number only. RAISES: caught.
            _ => protected(|| Obj(unsafe { sys::mp_obj_new_int_from_ull(value) })),
        }
    }

    /// Any integer of 32 bits. Allocates when it has more than 30 bits.
    pub fn from_i32(value: i32) -> Result<Obj> {
        if (-(1 << 30)..1 << 30).contains(&value) {
            return Ok(Obj::small_int(value));
        }
        // SAFETY: takes a number only. RAISES: caught.
        protected(|| Obj(unsafe { sys::mp_obj_new_int_from_ll(value.into()) }))
    }

    /// A float. Allocates.
    pub fn float(value: f64) -> Result<Obj> {
        // SAFETY: takes a number only. RAISES: caught.
        protected(|| Obj(unsafe { sys::mp_obj_new_float(value) }))
    }

    /// A string. Allocates.
    pub fn str(text: &str) -> Result<Obj> {
        // SAFETY: the text is copied. RAISES: caught.
        protected(|| Obj(unsafe { sys::mp_obj_new_str(text.as_ptr().cast(), text.len()) }))
    }

    /// A bytes object. Allocates.
    pub fn bytes(data: &[u8]) -> Result<Obj> {
        // SAFETY: the data is copied. RAISES: caught.
        protected(|| Obj(unsafe { sys::mp_obj_new_bytes(data.as_ptr(), data.len()) }))
    }

    /// A bytes object of `n` bytes that `fill` writes. Allocates.
    pub fn bytes_with(n: usize, fill: impl FnOnce(&mut [u8]) -> Result<()>) -> Result<Obj> {
        let mut text = MaybeUninit::<sys::vstr_t>::uninit();
        let text = text.as_mut_ptr();
        // SAFETY: `text` is valid for the call, which gives it `n` bytes of heap. RAISES: caught.
        protected(|| unsafe { sys::vstr_init_len(text, n) })?;
        // SAFETY: zeroed by the collector's allocator or not, bytes are bytes; nobody else has them yet.
        fill(unsafe { slice::from_raw_parts_mut((*text).buf.cast(), n) })?;
        // SAFETY: takes the buffer over. RAISES: caught.
        protected(|| Obj(unsafe { sys::mp_obj_new_bytes_from_vstr(text) }))
    }

    /// A tuple. Allocates.
    pub fn tuple(items: &[Obj]) -> Result<Obj> {
        // SAFETY: Obj is a transparent mp_obj_t; the items are copied. RAISES: caught.
        protected(|| Obj(unsafe { sys::mp_obj_new_tuple(items.len(), items.as_ptr().cast()) }))
    }

    /// The items of a tuple or list of exactly so many; TypeError or ValueError otherwise. May raise.
    pub fn items<const N: usize>(self) -> Result<[Obj; N]> {
        // SAFETY: any object may be asked; the items are copied while nothing else runs. RAISES: caught.
        protected(|| unsafe {
            let mut items = core::ptr::null_mut();
            sys::mp_obj_get_array_fixed_n(self.0, N, &mut items);
            *items.cast::<[Obj; N]>()
        })
    }

    /// The value as an integer; TypeError or OverflowError if it is none that fits.
    /// Runs Python, if the object has a method for it; may raise.
    pub fn to_i32(self) -> Result<i32> {
        if self.0 as usize & 1 == 1 {
            return Ok((self.0 as usize as i32) >> 1);
        }
        // SAFETY: any object may be asked. RAISES: caught.
        protected(|| unsafe { sys::mp_obj_get_int(self.0) })
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

    /// The value of a float, an integer, or an object that turns itself into one; TypeError otherwise.
    /// Runs Python, if the object has a method for it; may raise.
    pub fn to_f64(self) -> Result<f64> {
        // SAFETY: any object may be asked. RAISES: caught.
        protected(|| unsafe { sys::mp_obj_get_float(self.0) })
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

    /// Python's truth of the object. Runs Python, if the object has a method for it; may raise.
    pub fn to_bool(self) -> Result<bool> {
        // SAFETY: any object may be asked. RAISES: caught (`__bool__` can be anything).
        protected(|| unsafe { sys::mp_obj_is_true(self.0) })
    }

    /// The text of a string. Borrowed from the object, which must stay referenced (as it does in a local variable).
    /// May raise.
    pub fn as_str(&self) -> Result<&str> {
        let mut len = 0;
        let into = &raw mut len;
        // SAFETY: `into` is valid. RAISES: caught.
        let data = protected(|| unsafe { sys::mp_obj_str_get_data(self.0, into) })?;
        // SAFETY: the core gave `len` bytes at `data`, in an object that `self` keeps alive; strings never change.
        let bytes = unsafe { slice::from_raw_parts(data.cast::<u8>(), len) };
        core::str::from_utf8(bytes).map_err(|_| Error::Value(c"text is not UTF-8"))
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
