//! Python objects of Rust's values, and back: all that can raise.

use crate::{Error, Obj, Result, protected, sys};
use core::{mem::MaybeUninit, slice};

impl Obj {
    /// Any unsigned integer. Allocates when it has more than 30 bits.
    pub fn from_u64(value: u64) -> Result<Obj> {
        match i32::try_from(value) {
            Ok(small) if small < 1 << 30 => Ok(Obj::small_int(small)),
            // SAFETY: takes a number only. RAISES: caught.
            _ => protected(|| Obj::from_raw(unsafe { sys::mp_obj_new_int_from_ull(value) })),
        }
    }

    /// Any integer of 32 bits. Allocates when it has more than 30 bits.
    pub fn from_i32(value: i32) -> Result<Obj> {
        if (-(1 << 30)..1 << 30).contains(&value) {
            return Ok(Obj::small_int(value));
        }
        // SAFETY: takes a number only. RAISES: caught.
        protected(|| Obj::from_raw(unsafe { sys::mp_obj_new_int_from_ll(value.into()) }))
    }

    /// A float. Allocates.
    pub fn float(value: f64) -> Result<Obj> {
        // SAFETY: takes a number only. RAISES: caught.
        protected(|| Obj::from_raw(unsafe { sys::mp_obj_new_float(value) }))
    }

    /// A string. Allocates.
    pub fn str(text: &str) -> Result<Obj> {
        // SAFETY: the text is copied. RAISES: caught.
        protected(|| Obj::from_raw(unsafe { sys::mp_obj_new_str(text.as_ptr().cast(), text.len()) }))
    }

    /// A bytes object. Allocates.
    pub fn bytes(data: &[u8]) -> Result<Obj> {
        // SAFETY: the data is copied. RAISES: caught.
        protected(|| Obj::from_raw(unsafe { sys::mp_obj_new_bytes(data.as_ptr(), data.len()) }))
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
        protected(|| Obj::from_raw(unsafe { sys::mp_obj_new_bytes_from_vstr(text) }))
    }

    /// A tuple. Allocates.
    pub fn tuple(items: &[Obj]) -> Result<Obj> {
        // SAFETY: Obj is a transparent mp_obj_t; the items are copied. RAISES: caught.
        protected(|| Obj::from_raw(unsafe { sys::mp_obj_new_tuple(items.len(), items.as_ptr().cast()) }))
    }

    /// The items of a tuple or list of exactly so many; TypeError or ValueError otherwise. May raise.
    pub fn items<const N: usize>(self) -> Result<[Obj; N]> {
        // SAFETY: any object may be asked; the items are copied while nothing else runs. RAISES: caught.
        protected(|| unsafe {
            let mut items = core::ptr::null_mut();
            sys::mp_obj_get_array_fixed_n(self.into_raw(), N, &mut items);
            *items.cast::<[Obj; N]>()
        })
    }

    /// The value as an integer; TypeError or OverflowError if it is none that fits.
    /// Runs Python, if the object has a method for it; may raise.
    pub fn to_i32(self) -> Result<i32> {
        if self.into_raw() as usize & 1 == 1 {
            return Ok((self.into_raw() as usize as i32) >> 1);
        }
        // SAFETY: any object may be asked. RAISES: caught.
        protected(|| unsafe { sys::mp_obj_get_int(self.into_raw()) })
    }

    /// The value of a float, an integer, or an object that turns itself into one; TypeError otherwise.
    /// Runs Python, if the object has a method for it; may raise.
    pub fn to_f64(self) -> Result<f64> {
        // SAFETY: any object may be asked. RAISES: caught.
        protected(|| unsafe { sys::mp_obj_get_float(self.into_raw()) })
    }

    /// Python's truth of the object. Runs Python, if the object has a method for it; may raise.
    pub fn to_bool(self) -> Result<bool> {
        // SAFETY: any object may be asked. RAISES: caught (`__bool__` can be anything).
        protected(|| unsafe { sys::mp_obj_is_true(self.into_raw()) })
    }

    /// The text of a string. Borrowed from the object, which must stay referenced (as it does in a local variable).
    /// May raise.
    pub fn as_str(&self) -> Result<&str> {
        let mut len = 0;
        let into = &raw mut len;
        // SAFETY: `into` is valid. RAISES: caught.
        let data = protected(|| unsafe { sys::mp_obj_str_get_data(self.into_raw(), into) })?;
        // SAFETY: the core gave `len` bytes at `data`, in an object that `self` keeps alive; strings never change.
        let bytes = unsafe { slice::from_raw_parts(data.cast::<u8>(), len) };
        core::str::from_utf8(bytes).map_err(|_| Error::Value(c"text is not UTF-8"))
    }
}
