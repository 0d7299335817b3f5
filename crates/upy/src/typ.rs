//! Python types whose methods are Rust.

use crate::{Obj, Result, RomDict, function::base, protected, sys};
use core::{ffi::c_void, fmt, mem, ptr};

/// A type object in flash.
#[repr(transparent)]
pub struct Type(sys::mp_obj_full_type_t);

// SAFETY: a constant that the core only reads.
unsafe impl Sync for Type {}

type Raw = *mut c_void;

impl Type {
    /// A type of this name without any behaviour.
    pub const fn new(name: u16) -> Type {
        Type(sys::mp_obj_full_type_t {
            base: base(&raw const sys::mp_type_type),
            flags: sys::MP_TYPE_FLAG_NONE as u16,
            name,
            slot_index_make_new: 0,
            slot_index_print: 0,
            slot_index_call: 0,
            slot_index_unary_op: 0,
            slot_index_binary_op: 0,
            slot_index_attr: 0,
            slot_index_subscr: 0,
            slot_index_iter: 0,
            slot_index_buffer: 0,
            slot_index_protocol: 0,
            slot_index_parent: 0,
            slot_index_locals_dict: 0,
            slots: [ptr::null(); 11],
        })
    }

    /// What `Type(...)` does.
    pub const fn make_new(
        mut self,
        f: unsafe extern "C" fn(*const sys::mp_obj_type_t, usize, usize, *const Raw) -> Raw,
    ) -> Type {
        self.0.slot_index_make_new = self.put(f as *const c_void);
        self
    }

    /// What `print(object)` does.
    pub const fn print(
        mut self,
        f: unsafe extern "C" fn(*const sys::mp_print_t, Raw, sys::mp_print_kind_t),
    ) -> Type {
        self.0.slot_index_print = self.put(f as *const c_void);
        self
    }

    /// What `object(...)` does.
    pub const fn call(mut self, f: unsafe extern "C" fn(Raw, usize, usize, *const Raw) -> Raw) -> Type {
        self.0.slot_index_call = self.put(f as *const c_void);
        self
    }

    /// A table of C functions that other parts of the core know, such as the pin protocol.
    pub const fn protocol<T>(mut self, table: &'static T) -> Type {
        self.0.slot_index_protocol = self.put(ptr::from_ref(table).cast());
        self
    }

    /// Methods and constants.
    pub const fn locals(mut self, dict: &'static RomDict) -> Type {
        self.0.slot_index_locals_dict = self.put(ptr::from_ref(dict).cast());
        self
    }

    /// As the C side sees it.
    pub const fn as_raw(&'static self) -> *const sys::mp_obj_type_t {
        ptr::from_ref(self).cast()
    }

    /// Fills the next slot; slots are numbered from 1.
    const fn put(&mut self, value: *const c_void) -> u8 {
        let mut next = 0;
        while !self.0.slots[next].is_null() {
            next += 1;
        }
        self.0.slots[next] = value;
        next as u8 + 1
    }
}

/// A new object of `kind` on Python's heap. `T` is `repr(C)`, begins with the object base and owns nothing.
pub fn new_object<T: Copy>(kind: &'static Type, value: impl FnOnce(sys::mp_obj_base_t) -> T) -> Result<Obj> {
    let size = mem::size_of::<T>();
    // SAFETY: plain allocation. RAISES: caught.
    let place = protected(|| unsafe { sys::m_malloc(size) })?;
    // SAFETY: the heap gave `size` bytes, aligned to a block of 16.
    unsafe { place.cast::<T>().write(value(base(kind.as_raw()))) };
    Ok(Obj::from_raw(place))
}

/// Python's output as a Rust writer.
pub struct Printer(pub *const sys::mp_print_t);

impl fmt::Write for Printer {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let (print, data, len) = (self.0, text.as_ptr(), text.len());
        protected(|| {
            // SAFETY: the core gave `print` for this call; the text outlives it. RAISES: caught (a Python stream may).
            unsafe { sys::mp_print_strn(print, data.cast(), len, 0, 0, 0) };
        })
        .map_err(|_| fmt::Error)
    }
}
