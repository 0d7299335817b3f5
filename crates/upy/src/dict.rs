//! Python dictionaries made in Rust.

use crate::{Obj, Result, protected, sys};

/// A dictionary under construction.
#[derive(Clone, Copy)]
pub struct Dict(Obj);

impl Dict {
    /// An empty dictionary with room for `capacity` entries. Allocates; may collect; may raise.
    pub fn new(capacity: usize) -> Result<Dict> {
        // SAFETY: takes a number only. RAISES: caught.
        protected(|| Obj::from_raw(unsafe { sys::mp_obj_new_dict(capacity) })).map(Dict)
    }

    /// Sets `self[name] = value`. Allocates; may collect; may raise.
    pub fn set(&self, name: u16, value: Obj) -> Result<()> {
        let (dict, key, value) = (self.0.into_raw(), Obj::qstr(name).into_raw(), value.into_raw());
        protected(|| {
            // SAFETY: `dict` is a dict by construction. RAISES: caught.
            unsafe { sys::mp_obj_dict_store(dict, key, value) };
        })
    }

    /// The object. Plain.
    pub fn into_obj(self) -> Obj {
        self.0
    }
}
