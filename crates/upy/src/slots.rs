//! What stands between a slot of a type object and the Rust function behind it. [`class!`](macro@crate::class) makes an
//! `extern "C"` function of each, so a module file needs no unsafe code.

use crate::{
    Arguments, Class, Obj, Printer, Result,
    arguments::convert,
    convert::{FromObj, IntoObj},
    finish, protected, sys,
};
use core::{cell::Cell, ffi::c_void, ptr};

type Raw = *mut c_void;

/// No object: an operation that a class does not have, or the end of an iteration.
const NULL: Raw = ptr::null_mut();
/// The core's mark for "load" and for "not here" (py/obj.h MP_OBJ_SENTINEL; port/nlr.c asserts it).
const SENTINEL: Raw = 4 as Raw;

/// What `object[index]` stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// `object[index]`, `object.name`
    Load,
    /// `object[index] = value`, `object.name = value`
    Store(Obj),
    /// `del object[index]`, `del object.name`
    Delete,
}

impl Access {
    fn of(value: Raw) -> Access {
        match value {
            NULL => Access::Delete,
            SENTINEL => Access::Load,
            value => Access::Store(Obj::from_raw(value)),
        }
    }
}

/// The object that a method is called for.
fn this<T: Class>(object: &Obj) -> Result<&T> {
    convert("self", object)
}

/// `None` in Python's terms: not supported, or over.
fn or_null(result: Result<Option<Obj>>) -> Raw {
    match result {
        Ok(None) => NULL,
        Ok(Some(object)) => object.into_raw(),
        Err(error) => finish(Err(error)),
    }
}

/// # Safety
/// The core's arguments for a type's slot `make_new`.
pub unsafe fn make_new<R: IntoObj>(
    n_args: usize,
    n_kw: usize,
    args: *const Raw,
    f: impl FnOnce(Arguments) -> Result<R>,
) -> Raw {
    // SAFETY: the caller's promise.
    let arguments = unsafe { Arguments::from_raw(n_args, n_kw, args) };
    finish(f(arguments).and_then(IntoObj::into_obj))
}

/// # Safety
/// The core's arguments for a type's slot `print`.
pub unsafe fn print<T: Class>(
    print: *const sys::mp_print_t,
    object: Raw,
    f: impl FnOnce(&T, &mut Printer) -> core::fmt::Result,
) {
    let object = Obj::from_raw(object);
    let mut printer = Printer::new(print);
    let result = this::<T>(&object).and_then(|this| {
        // A failure to write is in the printer.
        let _ = f(this, &mut printer);
        printer.end()
    });
    if let Err(error) = result {
        finish(Err(error));
    }
}

/// # Safety
/// The core's arguments for a type's slot `call`.
pub unsafe fn call<T: Class, R: IntoObj>(
    object: Raw,
    n_args: usize,
    n_kw: usize,
    args: *const Raw,
    f: impl FnOnce(&T, Arguments) -> Result<R>,
) -> Raw {
    let object = Obj::from_raw(object);
    // SAFETY: the caller's promise.
    let arguments = unsafe { Arguments::from_raw(n_args, n_kw, args) };
    finish(
        this(&object)
            .and_then(|this| f(this, arguments))
            .and_then(IntoObj::into_obj),
    )
}

/// `f` says `None` for an operation that the class does not have.
pub fn unary<T: Class>(
    operation: sys::mp_unary_op_t,
    object: Raw,
    f: impl FnOnce(&T, sys::mp_unary_op_t) -> Result<Option<Obj>>,
) -> Raw {
    let object = Obj::from_raw(object);
    or_null(this(&object).and_then(|this| f(this, operation)))
}

/// `f` says `None` for an operation that the class does not have.
pub fn binary<T: Class>(
    operation: sys::mp_binary_op_t,
    object: Raw,
    other: Raw,
    f: impl FnOnce(&T, sys::mp_binary_op_t, Obj) -> Result<Option<Obj>>,
) -> Raw {
    let object = Obj::from_raw(object);
    or_null(this(&object).and_then(|this| f(this, operation, Obj::from_raw(other))))
}

/// `f` says `None` for a name that it does not know: the class's table of methods and constants is asked then.
///
/// # Safety
/// The core's arguments for a type's slot `attr`.
pub unsafe fn attr<T: Class>(
    object: Raw,
    name: sys::qstr,
    place: *mut Raw,
    f: impl FnOnce(&T, u16, Access) -> Result<Option<Obj>>,
) {
    let object = Obj::from_raw(object);
    // SAFETY: two words, by the caller's promise. The first one is NULL for a load, else the second is the value.
    let access = unsafe {
        if (*place).is_null() {
            Access::Load
        } else {
            Access::of(*place.add(1))
        }
    };
    let result = this(&object).and_then(|this| f(this, name as u16, access));
    let (first, second) = match (result, access) {
        (Ok(None), Access::Load) => (None, Some(SENTINEL)),
        (Ok(Some(value)), Access::Load) => (Some(value.into_raw()), None),
        (Ok(Some(_)), _) => (Some(NULL), None),
        // The core says that there is no such attribute.
        (Ok(None), _) => (None, None),
        (Err(error), _) => {
            finish(Err(error));
            return;
        }
    };
    // SAFETY: as above.
    unsafe {
        if let Some(first) = first {
            *place = first;
        }
        if let Some(second) = second {
            *place.add(1) = second;
        }
    }
}

/// `f` says `None` for an access that the class does not have.
pub fn subscr<T: Class>(
    object: Raw,
    index: Raw,
    value: Raw,
    f: impl FnOnce(&T, Obj, Access) -> Result<Option<Obj>>,
) -> Raw {
    let object = Obj::from_raw(object);
    or_null(this(&object).and_then(|this| f(this, Obj::from_raw(index), Access::of(value))))
}

/// `f` makes the iterator.
pub fn iter<T: Class>(object: Raw, f: impl FnOnce(&T) -> Result<Obj>) -> Raw {
    let object = Obj::from_raw(object);
    finish(this(&object).and_then(f))
}

/// `f` says `None` at the end.
pub fn next<T: Class>(object: Raw, f: impl FnOnce(&T) -> Result<Option<Obj>>) -> Raw {
    let object = Obj::from_raw(object);
    or_null(this(&object).and_then(f))
}

/// `f` gives the bytes, which live as long as the object; `None` if they may not be written, or are gone. It gets whether they will
/// be written.
///
/// # Safety
/// The core's arguments for a type's slot `buffer`.
pub unsafe fn buffer<T: Class>(
    object: Raw,
    info: *mut sys::mp_buffer_info_t,
    flags: sys::mp_uint_t,
    f: impl FnOnce(&T, bool) -> Option<&[Cell<u8>]>,
) -> sys::mp_int_t {
    let object = Obj::from_raw(object);
    let write = flags & sys::MP_BUFFER_WRITE as sys::mp_uint_t != 0;
    let Some(bytes) = <&T>::from_obj(&object).ok().and_then(|this| f(this, write)) else {
        return 1;
    };
    // SAFETY: the caller's promise.
    unsafe {
        (*info).buf = bytes.as_ptr().cast_mut().cast();
        (*info).len = bytes.len();
        (*info).typecode = i32::from(b'B');
    }
    0
}

/// `f` gives the object whose bytes these are; `None` if they are gone.
///
/// # Safety
/// The core's arguments for a type's slot `buffer`.
pub unsafe fn buffer_of<T: Class>(
    object: Raw,
    info: *mut sys::mp_buffer_info_t,
    flags: sys::mp_uint_t,
    f: impl FnOnce(&T) -> Option<Obj>,
) -> sys::mp_int_t {
    let object = Obj::from_raw(object);
    let Some(other) = <&T>::from_obj(&object).ok().and_then(f) else {
        return 1;
    };
    let other = other.into_raw();
    // SAFETY: the caller's promise; any object may be asked. RAISES: caught.
    let given = protected(|| unsafe { sys::mp_get_buffer(other, info, flags as _) });
    i32::from(!given.unwrap_or(false))
}

/// Makes a Python class of a Rust type:
/// ```ignore
/// class! {
///     Pin as "a Pin" {
///         new: new,            // fn(Arguments) -> Result<Obj>: Pin(...)
///         print: print,        // fn(&Pin, &mut Printer) -> fmt::Result
///         call: call,          // fn(&Pin, Arguments) -> Result<impl IntoObj>
///         unary: unary,        // fn(&Pin, mp_unary_op_t) -> Result<Option<Obj>>
///         binary: binary,      // fn(&Pin, mp_binary_op_t, Obj) -> Result<Option<Obj>>
///         attr: attr,          // fn(&Pin, name, Access) -> Result<Option<Obj>>
///         subscr: subscr,      // fn(&Pin, index, Access) -> Result<Option<Obj>>
///         iter: iter,          // fn(&Pin) -> Result<Obj>, or `next: next`, fn(&Pin) -> Result<Option<Obj>>
///         iter_of: iter,       // fn(Obj) -> Result<Obj>: as iter, of the object itself
///         buffer: buffer,      // fn(&Pin, write: bool) -> Option<&[Cell<u8>]>
///         buffer_of: f,        // fn(&Pin) -> Option<Obj>: the object whose bytes it has
///         protocol: &PROTOCOL, // a table of the core
///         core_methods: &raw const sys::X_locals_dict, // methods that the core has for it, instead of those below
///         parent: Other,       // another class of this kind
///     }
///     name: fun!(1, name),     // methods and constants
/// }
/// ```
/// Every slot may be left out. The class's name in Python is the Rust type's. `Value::class::<Pin>()` stands for it in a
/// module's table. A type with `finaliser,` before the braces, which must implement `Drop`, gets `__del__`.
#[macro_export]
macro_rules! class {
    (
        $kind:ident as $one:literal $(, $finaliser:ident)? { $($slot:ident: $f:expr),* $(,)? }
        $($name:ident: $value:expr),* $(,)?
    ) => {
        const _: () = {
            static LOCALS: $crate::RomDict = $crate::rom_dict! {
                $($name: $value,)*
                $(__del__: $crate::class!(@finaliser $finaliser $kind),)?
            };
            static TYPE: $crate::Type =
                $crate::Type::new($crate::qstr::$kind)$(.$slot($crate::class!(@$slot $kind, $f)))*.locals(&LOCALS);
            // SAFETY: objects of TYPE come from `new_object`, which takes a value of this type.
            unsafe impl $crate::Class for $kind {
                const TYPE: &'static $crate::Type = &TYPE;
                const ONE: &'static str = $one;
            }
        };
    };
    (@finaliser finaliser $kind:ident) => {{
        fn finalise(object: $crate::Obj) -> $crate::Result<()> {
            $crate::finalise::<$kind>(object)
        }
        $crate::fun!(1, finalise)
    }};
    (@protocol $kind:ident, $table:expr) => { $table };
    (@core_methods $kind:ident, $table:expr) => { $table };
    (@parent $kind:ident, $parent:path) => { <$parent as $crate::Class>::TYPE };
    (@make_new $kind:ident, $f:expr) => {{
        unsafe extern "C" fn slot(
            _: *const $crate::sys::mp_obj_type_t, n: usize, n_kw: usize, args: *const *mut ::core::ffi::c_void,
        ) -> *mut ::core::ffi::c_void {
            // SAFETY: called by the core.
            unsafe { $crate::slots::make_new(n, n_kw, args, $f) }
        }
        slot
    }};
    (@print $kind:ident, $f:expr) => {{
        unsafe extern "C" fn slot(
            print: *const $crate::sys::mp_print_t, object: *mut ::core::ffi::c_void, _: $crate::sys::mp_print_kind_t,
        ) {
            // SAFETY: called by the core.
            unsafe { $crate::slots::print::<$kind>(print, object, $f) }
        }
        slot
    }};
    (@call $kind:ident, $f:expr) => {{
        unsafe extern "C" fn slot(
            object: *mut ::core::ffi::c_void, n: usize, n_kw: usize, args: *const *mut ::core::ffi::c_void,
        ) -> *mut ::core::ffi::c_void {
            // SAFETY: called by the core.
            unsafe { $crate::slots::call::<$kind, _>(object, n, n_kw, args, $f) }
        }
        slot
    }};
    (@unary $kind:ident, $f:expr) => {{
        unsafe extern "C" fn slot(
            operation: $crate::sys::mp_unary_op_t, object: *mut ::core::ffi::c_void,
        ) -> *mut ::core::ffi::c_void {
            $crate::slots::unary::<$kind>(operation, object, $f)
        }
        slot
    }};
    (@binary $kind:ident, $f:expr) => {{
        unsafe extern "C" fn slot(
            operation: $crate::sys::mp_binary_op_t, object: *mut ::core::ffi::c_void, other: *mut ::core::ffi::c_void,
        ) -> *mut ::core::ffi::c_void {
            $crate::slots::binary::<$kind>(operation, object, other, $f)
        }
        slot
    }};
    (@attr $kind:ident, $f:expr) => {{
        unsafe extern "C" fn slot(
            object: *mut ::core::ffi::c_void, name: $crate::sys::qstr, place: *mut *mut ::core::ffi::c_void,
        ) {
            // SAFETY: called by the core.
            unsafe { $crate::slots::attr::<$kind>(object, name, place, $f) }
        }
        slot
    }};
    (@subscr $kind:ident, $f:expr) => {{
        unsafe extern "C" fn slot(
            object: *mut ::core::ffi::c_void, index: *mut ::core::ffi::c_void, value: *mut ::core::ffi::c_void,
        ) -> *mut ::core::ffi::c_void {
            $crate::slots::subscr::<$kind>(object, index, value, $f)
        }
        slot
    }};
    (@iter $kind:ident, $f:expr) => {{
        unsafe extern "C" fn slot(
            object: *mut ::core::ffi::c_void, _: *mut $crate::sys::mp_obj_iter_buf_t,
        ) -> *mut ::core::ffi::c_void {
            $crate::slots::iter::<$kind>(object, $f)
        }
        slot
    }};
    (@iter_of $kind:ident, $f:expr) => {{
        unsafe extern "C" fn slot(
            object: *mut ::core::ffi::c_void, _: *mut $crate::sys::mp_obj_iter_buf_t,
        ) -> *mut ::core::ffi::c_void {
            $crate::finish($f($crate::Obj::from_raw(object)))
        }
        slot
    }};
    (@next $kind:ident, $f:expr) => {{
        unsafe extern "C" fn slot(object: *mut ::core::ffi::c_void) -> *mut ::core::ffi::c_void {
            $crate::slots::next::<$kind>(object, $f)
        }
        slot
    }};
    (@buffer $kind:ident, $f:expr) => {{
        unsafe extern "C" fn slot(
            object: *mut ::core::ffi::c_void, info: *mut $crate::sys::mp_buffer_info_t, flags: $crate::sys::mp_uint_t,
        ) -> $crate::sys::mp_int_t {
            // SAFETY: called by the core.
            unsafe { $crate::slots::buffer::<$kind>(object, info, flags, $f) }
        }
        slot
    }};
    (@buffer_of $kind:ident, $f:expr) => {{
        unsafe extern "C" fn slot(
            object: *mut ::core::ffi::c_void, info: *mut $crate::sys::mp_buffer_info_t, flags: $crate::sys::mp_uint_t,
        ) -> $crate::sys::mp_int_t {
            // SAFETY: called by the core.
            unsafe { $crate::slots::buffer_of::<$kind>(object, info, flags, $f) }
        }
        slot
    }};
}
