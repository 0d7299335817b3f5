//! Tuples and lists: read item by item, and made. What is called, is called here too.

use crate::{Obj, Result, protected, sys};
use core::ffi::c_void;

/// The items of a tuple, a named tuple, a record of the firmware or a list. Python may run between two looks and change a list, so each
/// look asks the object.
#[derive(Clone, Copy, Debug)]
pub struct Sequence {
    object: Obj,
    is_list: bool,
}

impl Sequence {
    /// How many there are now. Plain.
    pub fn len(self) -> usize {
        // SAFETY: a tuple or a list, as `Obj::sequence` saw.
        unsafe {
            if self.is_list {
                (*self.object.into_raw().cast::<sys::mp_obj_list_t>()).len
            } else {
                (*self.object.into_raw().cast::<sys::mp_obj_tuple_t>()).len
            }
        }
    }

    /// Whether there are none. Plain.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The item at `index`, if there is one. Plain.
    pub fn get(self, index: usize) -> Option<Obj> {
        if index >= self.len() {
            return None;
        }
        // SAFETY: as above; below the length.
        unsafe {
            let items = if self.is_list {
                (*self.object.into_raw().cast::<sys::mp_obj_list_t>()).items
            } else {
                (*self.object.into_raw().cast::<sys::mp_obj_tuple_t>())
                    .items
                    .as_ptr()
                    .cast_mut()
            };
            Some(Obj::from_raw(items.add(index).read()))
        }
    }

    /// All of them, one look each. Plain.
    pub fn iter(self) -> impl Iterator<Item = Obj> {
        (0..).map_while(move |index| self.get(index))
    }
}

/// Whether an object of this kind has the layout of a tuple: the core's own test (py/objtuple.h).
///
/// # Safety
/// A type object.
unsafe fn is_like_a_tuple(kind: *const sys::mp_obj_type_t) -> bool {
    let iterate = sys::mp_obj_tuple_getiter as *const c_void;
    // SAFETY: the caller's promise. Slots are numbered from 1; 0 is none.
    unsafe {
        let slot = usize::from((*kind).slot_index_iter);
        let slots = (&raw const (*kind).slots).cast::<*const c_void>();
        slot > 0 && slots.add(slot - 1).read() == iterate
    }
}

impl Obj {
    /// The items, if this is a tuple or a list. Plain.
    pub fn sequence(self) -> Option<Sequence> {
        // SAFETY: any object may be asked for its type. RAISES: no.
        let kind = unsafe { sys::mp_obj_get_type(self.into_raw()) };
        let is_list = kind == &raw const sys::mp_type_list;
        // SAFETY: a type object.
        (is_list || unsafe { is_like_a_tuple(kind) }).then_some(Sequence {
            object: self,
            is_list,
        })
    }

    /// A list. Allocates; may collect.
    pub fn list(items: &[Obj]) -> Result<Obj> {
        let (n, data) = (items.len(), items.as_ptr().cast_mut());
        // SAFETY: Obj is a transparent mp_obj_t; the items are copied. RAISES: caught.
        protected(|| Obj::from_raw(unsafe { sys::mp_obj_new_list(n, data.cast()) }))
    }

    /// Appends to a list that Rust has made. Allocates; may collect; may raise: TypeError if it is none.
    pub fn append(self, item: Obj) -> Result<()> {
        let (list, item) = (self.into_raw(), item.into_raw());
        protected(|| {
            // SAFETY: any object may be given; the core looks. RAISES: caught.
            unsafe { sys::mp_obj_list_append(list, item) };
        })
    }

    /// `self(*arguments)`. Runs Python.
    pub fn call(self, arguments: &[Obj]) -> Result<Obj> {
        let (function, n, data) = (self.into_raw(), arguments.len(), arguments.as_ptr());
        // SAFETY: any object may be called; the arguments are alive. RAISES: caught.
        protected(|| Obj::from_raw(unsafe { sys::mp_call_function_n_kw(function, n, 0, data.cast()) }))
    }

    /// Whether it has a method of this name. Runs Python, if the object has a method to tell; may raise.
    pub fn has_method(self, name: u16) -> Result<bool> {
        let mut found = [core::ptr::null_mut::<c_void>(); 2];
        let (object, place) = (self.into_raw(), &raw mut found);
        // SAFETY: room for function and self. RAISES: caught.
        protected(|| unsafe { sys::mp_load_method_maybe(object, name.into(), place.cast()) })?;
        Ok(!found[0].is_null())
    }

    /// `self.name(*arguments)`, of three arguments at most. Runs Python.
    pub fn call_method(self, name: u16, arguments: &[Obj]) -> Result<Obj> {
        let mut all = [core::ptr::null_mut::<c_void>(); 5];
        for (place, argument) in all[2..].iter_mut().zip(arguments) {
            *place = argument.into_raw();
        }
        let (object, n, all) = (self.into_raw(), arguments.len().min(3), &raw mut all);
        // SAFETY: room for function, self and the arguments. RAISES: caught.
        protected(|| unsafe {
            sys::mp_load_method(object, name.into(), all.cast());
            Obj::from_raw(sys::mp_call_method_n_kw(n, 0, all.cast()))
        })
    }
}
