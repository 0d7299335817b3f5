//! Rust functions as Python functions.

use crate::{Obj, Result, sys};
use core::ffi::c_void;

/// A function object with a fixed number of arguments, in flash.
#[repr(transparent)]
pub struct Function(sys::mp_obj_fun_builtin_fixed_t);

/// A function object with a variable number of arguments, in flash.
#[repr(transparent)]
pub struct VarFunction(sys::mp_obj_fun_builtin_var_t);

// SAFETY: both are constants that nobody writes.
unsafe impl Sync for Function {}
// SAFETY: as above.
unsafe impl Sync for VarFunction {}

type Raw = *mut c_void;

impl Function {
    /// No arguments.
    pub const fn new0(shim: unsafe extern "C" fn() -> Raw) -> Function {
        let fun = sys::_mp_obj_fun_builtin_fixed_t__bindgen_ty_1 { _0: Some(shim) };
        Function(sys::mp_obj_fun_builtin_fixed_t {
            base: base(&raw const sys::mp_type_fun_builtin_0),
            fun,
        })
    }

    /// One argument.
    pub const fn new1(shim: unsafe extern "C" fn(Raw) -> Raw) -> Function {
        let fun = sys::_mp_obj_fun_builtin_fixed_t__bindgen_ty_1 { _1: Some(shim) };
        Function(sys::mp_obj_fun_builtin_fixed_t {
            base: base(&raw const sys::mp_type_fun_builtin_1),
            fun,
        })
    }

    /// Two arguments.
    pub const fn new2(shim: unsafe extern "C" fn(Raw, Raw) -> Raw) -> Function {
        let fun = sys::_mp_obj_fun_builtin_fixed_t__bindgen_ty_1 { _2: Some(shim) };
        Function(sys::mp_obj_fun_builtin_fixed_t {
            base: base(&raw const sys::mp_type_fun_builtin_2),
            fun,
        })
    }
}

impl VarFunction {
    /// Between `min` and `max` positional arguments.
    pub const fn new(
        min: u32,
        max: u32,
        shim: unsafe extern "C" fn(usize, *const Raw) -> Raw,
    ) -> VarFunction {
        let fun = sys::_mp_obj_fun_builtin_var_t__bindgen_ty_1 { var: Some(shim) };
        let sig = (min << 17) | (max << 1);
        VarFunction(sys::mp_obj_fun_builtin_var_t {
            base: base(&raw const sys::mp_type_fun_builtin_var),
            sig,
            fun,
        })
    }

    /// At least `min` positional arguments, and any keywords.
    pub const fn with_keywords(
        min: u32,
        shim: unsafe extern "C" fn(usize, *const Raw, *mut sys::mp_map_t) -> Raw,
    ) -> VarFunction {
        let fun = sys::_mp_obj_fun_builtin_var_t__bindgen_ty_1 { kw: Some(shim) };
        let sig = (min << 17) | ((sys::MP_OBJ_FUN_ARGS_MAX as u32) << 1) | 1;
        VarFunction(sys::mp_obj_fun_builtin_var_t {
            base: base(&raw const sys::mp_type_fun_builtin_var),
            sig,
            fun,
        })
    }
}

pub(crate) const fn base(kind: *const sys::mp_obj_type_t) -> sys::mp_obj_base_t {
    sys::mp_obj_base_t { type_: kind }
}

/// The end of every shim: hands the result to Python, or raises the error.
///
/// This is the only place where Rust raises. The frames that the jump skips are this one and the shim's, and neither
/// owns anything. May raise.
pub fn finish(result: Result<Obj>) -> *mut c_void {
    match result {
        Ok(object) => object.into_raw(),
        Err(error) => {
            let exception = error.into_exception().into_raw();
            // SAFETY: an exception object, and nothing to drop between here and the catcher. RAISES: yes, its work.
            unsafe { sys::upy_raise(exception) }
        }
    }
}

/// Makes a Python function object of a Rust function that returns `Result<impl IntoObj>`:
/// `fun!(0, f)`, `fun!(1, f)`, `fun!(2, f)` for functions of so many parameters, each [`FromObj`](crate::FromObj);
/// `fun!(1..=3, f)` with `f(Arguments)` and no keywords, `fun!(keywords 1.., f)` with `f(Arguments)`, which both take their
/// arguments apart by [`args!`](macro@crate::args).
#[macro_export]
macro_rules! fun {
    (0, $f:expr) => {{
        unsafe extern "C" fn shim() -> *mut ::core::ffi::c_void {
            $crate::finish($f().and_then($crate::IntoObj::into_obj))
        }
        $crate::Value::at(const { &$crate::Function::new0(shim) })
    }};
    (1, $f:expr) => {{
        unsafe extern "C" fn shim(a: *mut ::core::ffi::c_void) -> *mut ::core::ffi::c_void {
            let a = $crate::Obj::from_raw(a);
            let call = || $crate::IntoObj::into_obj($f($crate::convert("1", &a)?)?);
            $crate::finish(call())
        }
        $crate::Value::at(const { &$crate::Function::new1(shim) })
    }};
    (2, $f:expr) => {{
        unsafe extern "C" fn shim(
            a: *mut ::core::ffi::c_void,
            b: *mut ::core::ffi::c_void,
        ) -> *mut ::core::ffi::c_void {
            let (a, b) = ($crate::Obj::from_raw(a), $crate::Obj::from_raw(b));
            let call =
                || $crate::IntoObj::into_obj($f($crate::convert("1", &a)?, $crate::convert("2", &b)?)?);
            $crate::finish(call())
        }
        $crate::Value::at(const { &$crate::Function::new2(shim) })
    }};
    (keywords $min:literal.., $f:expr) => {{
        unsafe extern "C" fn shim(
            n: usize,
            args: *const *mut ::core::ffi::c_void,
            keywords: *mut $crate::sys::mp_map_t,
        ) -> *mut ::core::ffi::c_void {
            // SAFETY: the core calls with `n` objects at `args` and a map of keywords, alive during the call.
            let arguments = unsafe { $crate::Arguments::from_map(n, args, keywords) };
            $crate::finish($f(arguments).and_then($crate::IntoObj::into_obj))
        }
        $crate::Value::at(const { &$crate::VarFunction::with_keywords($min, shim) })
    }};
    ($min:literal ..= $max:literal, $f:expr) => {{
        unsafe extern "C" fn shim(
            n: usize,
            args: *const *mut ::core::ffi::c_void,
        ) -> *mut ::core::ffi::c_void {
            // SAFETY: the core calls with `n` objects at `args`, alive during the call.
            let arguments = unsafe { $crate::Arguments::from_raw(n, 0, args) };
            $crate::finish($f(arguments).and_then($crate::IntoObj::into_obj))
        }
        $crate::Value::at(const { &$crate::VarFunction::new($min, $max, shim) })
    }};
}

/// Gives a function without parameters to the core under a C name, for a module that is the core's:
/// `core_function!(upy_time_clock_obj = new)`.
#[macro_export]
macro_rules! core_function {
    ($symbol:ident = $f:expr) => {
        const _: () = {
            unsafe extern "C" fn shim() -> *mut ::core::ffi::c_void {
                $crate::finish($f().and_then($crate::IntoObj::into_obj))
            }
            // SAFETY: one function has this symbol: two would not link.
            #[unsafe(no_mangle)]
            #[allow(non_upper_case_globals)]
            static $symbol: $crate::Function = $crate::Function::new0(shim);
        };
    };
}
