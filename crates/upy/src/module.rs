//! Dictionaries and modules that live in flash.

use crate::{Obj, function::base, sys};
use core::{ffi::c_void, ptr};

/// An object whose value is known when the program is linked.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Value(*const c_void);

impl Value {
    /// It, as an object. Plain.
    pub fn object(self) -> Obj {
        Obj::from_raw(self.0.cast_mut())
    }

    /// A static object of the C core's layout.
    pub const fn at<T>(object: &'static T) -> Value {
        Value(ptr::from_ref(object).cast())
    }

    /// A static object of the C core itself.
    pub const fn at_raw<T>(object: *const T) -> Value {
        Value(object.cast())
    }

    /// A small integer, an interned name, `None`, `True` or `False`.
    pub const fn immediate(object: Obj) -> Value {
        Value(object.into_raw().cast_const())
    }

    /// A small integer.
    pub const fn int(value: i32) -> Value {
        Value::immediate(Obj::small_int(value))
    }

    /// An interned name as a string.
    pub const fn qstr(name: u16) -> Value {
        Value::immediate(Obj::qstr(name))
    }
}

/// One name and its value.
#[repr(transparent)]
pub struct Entry(sys::mp_rom_map_elem_t);

impl Entry {
    /// `name = value`
    pub const fn new(name: u16, value: Value) -> Entry {
        Entry(sys::mp_rom_map_elem_t {
            key: Obj::qstr(name).into_raw(),
            value: value.0,
        })
    }
}

/// A dictionary in flash.
#[repr(transparent)]
pub struct RomDict(sys::mp_obj_dict_t);

/// A module in flash.
#[repr(transparent)]
pub struct Module(sys::mp_obj_module_t);

// SAFETY: constants; the core never writes a map that is marked fixed.
unsafe impl Sync for Entry {}
// SAFETY: as above.
unsafe impl Sync for RomDict {}
// SAFETY: as above; a module's globals pointer is const here.
unsafe impl Sync for Module {}

impl RomDict {
    /// A dictionary of these entries.
    pub const fn new(entries: &'static [Entry]) -> RomDict {
        // py/obj.h mp_map_t: all_keys_are_qstrs, is_fixed, is_ordered in bits 0-2, used from bit 3.
        let header = 7 | (entries.len() as u32) << 3;
        let map = sys::mp_map_t {
            _bitfield_align_1: [],
            _bitfield_1: sys::__BindgenBitfieldUnit::new(header.to_le_bytes()),
            alloc: entries.len(),
            table: entries.as_ptr().cast_mut().cast(),
        };
        RomDict(sys::mp_obj_dict_t {
            base: base(&raw const sys::mp_type_dict),
            map,
        })
    }
}

impl Module {
    /// A module with these globals.
    pub const fn new(globals: &'static RomDict) -> Module {
        let globals = ptr::from_ref(globals).cast_mut().cast();
        Module(sys::mp_obj_module_t {
            base: base(&raw const sys::mp_type_module),
            globals,
        })
    }
}

/// A dictionary in flash: `rom_dict! { name: value, other: value }`.
#[macro_export]
macro_rules! rom_dict {
    ($($name:ident: $value:expr),* $(,)?) => {{
        const ENTRIES: &[$crate::Entry] = &[$($crate::Entry::new($crate::qstr::$name, $value)),*];
        $crate::RomDict::new(ENTRIES)
    }};
}

/// A module under a C name, by which `cargo xtask` registers it with the core:
/// `module! { spiram_module = spiram { info: fun!(0, info) } }`. With `extensible` before the C name a file on a
/// volume may take its place, and `umachine` is another name for `machine`.
#[macro_export]
macro_rules! module {
    (extensible $($rest:tt)*) => { $crate::module! { $($rest)* } };
    ($symbol:ident = $python:ident { $($name:ident: $value:expr),* $(,)? }) => {
        static GLOBALS: $crate::RomDict = $crate::rom_dict! {
            __name__: $crate::Value::qstr($crate::qstr::$python),
            $($name: $value),*
        };
        // SAFETY: one module is registered under this symbol: two would not link.
        #[unsafe(no_mangle)]
        #[allow(non_upper_case_globals)]
        static $symbol: $crate::Module = $crate::Module::new(&GLOBALS);
    };
}
