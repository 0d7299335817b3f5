//! What Rust functions take from Python and give to it: [`FromObj`] and [`IntoObj`].
//!
//! A conversion that fails says what was expected, as a noun ("an int from 0 to 255"); the caller adds which argument it
//! was and what was found there (see [`crate::Parser`]).

use crate::{Buffer, Error, Obj, Result, sys};

/// Why an object is not what was asked for.
#[derive(Clone, Copy, Debug)]
pub enum Mismatch {
    /// It has another type. TypeError.
    Kind(&'static str),
    /// Its type is right, its value is not. ValueError.
    Range(&'static str),
    /// Python code that was asked raised this.
    Raised(Error),
}

impl From<Error> for Mismatch {
    fn from(error: Error) -> Mismatch {
        Mismatch::Raised(error)
    }
}

/// A Rust value taken from a Python object, which is borrowed as long as the value is.
pub trait FromObj<'a>: Sized {
    /// The value. Allocates: no, unless a Python object's own method is asked, which may do anything.
    fn from_obj(object: &'a Obj) -> core::result::Result<Self, Mismatch>;
}

/// A Rust value given to Python.
pub trait IntoObj {
    /// The object. Allocates: integers over 30 bits, floats, strings and whatever holds them.
    fn into_obj(self) -> Result<Obj>;
}

impl<'a> FromObj<'a> for Obj {
    fn from_obj(object: &'a Obj) -> core::result::Result<Obj, Mismatch> {
        Ok(*object)
    }
}

impl<'a> FromObj<'a> for bool {
    fn from_obj(object: &'a Obj) -> core::result::Result<bool, Mismatch> {
        Ok(object.to_bool()?)
    }
}

impl<'a> FromObj<'a> for f64 {
    fn from_obj(object: &'a Obj) -> core::result::Result<f64, Mismatch> {
        object.to_f64().map_err(|_| Mismatch::Kind("a number"))
    }
}

impl<'a> FromObj<'a> for f32 {
    fn from_obj(object: &'a Obj) -> core::result::Result<f32, Mismatch> {
        f64::from_obj(object).map(|value| value as f32)
    }
}

impl<'a> FromObj<'a> for &'a str {
    fn from_obj(object: &'a Obj) -> core::result::Result<&'a str, Mismatch> {
        if object.is_str() {
            Ok(object.as_str()?)
        } else {
            Err(Mismatch::Kind("a str"))
        }
    }
}

impl<'a> FromObj<'a> for Buffer {
    fn from_obj(object: &'a Obj) -> core::result::Result<Buffer, Mismatch> {
        object
            .buffer()
            .map_err(|_| Mismatch::Kind("an object with the buffer protocol"))
    }
}

/// `None` is no value.
impl<'a, T: FromObj<'a>> FromObj<'a> for Option<T> {
    fn from_obj(object: &'a Obj) -> core::result::Result<Option<T>, Mismatch> {
        if *object == Obj::NONE {
            Ok(None)
        } else {
            T::from_obj(object).map(Some)
        }
    }
}

/// Integers of any length go through 64 bits; one that does not fit is a matter of range, not of kind.
macro_rules! integers {
    ($($kind:ty: $range:literal),* $(,)?) => {$(
        impl<'a> FromObj<'a> for $kind {
            fn from_obj(object: &'a Obj) -> core::result::Result<$kind, Mismatch> {
                let value = match object.to_i64() {
                    Some(value) => value,
                    None if object.is_int() => return Err(Mismatch::Range($range)),
                    // An object of another kind may turn itself into one.
                    None => object.to_i32().map_err(|_| Mismatch::Kind("an int"))?.into(),
                };
                <$kind>::try_from(value).map_err(|_| Mismatch::Range($range))
            }
        }
    )*};
}

integers! {
    u8: "an int from 0 to 255",
    u16: "an int from 0 to 65535",
    u32: "an int from 0 to 4294967295",
    usize: "an int from 0 to 4294967295",
    i32: "an int of 32 bits",
    i64: "an int of 64 bits",
}

impl IntoObj for Obj {
    fn into_obj(self) -> Result<Obj> {
        Ok(self)
    }
}

impl IntoObj for () {
    fn into_obj(self) -> Result<Obj> {
        Ok(Obj::NONE)
    }
}

impl IntoObj for bool {
    fn into_obj(self) -> Result<Obj> {
        Ok(Obj::bool(self))
    }
}

impl IntoObj for u32 {
    fn into_obj(self) -> Result<Obj> {
        Obj::from_u64(self.into())
    }
}

impl IntoObj for u64 {
    fn into_obj(self) -> Result<Obj> {
        Obj::from_u64(self)
    }
}

impl IntoObj for i32 {
    fn into_obj(self) -> Result<Obj> {
        Obj::from_i32(self)
    }
}

impl IntoObj for f64 {
    fn into_obj(self) -> Result<Obj> {
        Obj::float(self)
    }
}

impl IntoObj for f32 {
    fn into_obj(self) -> Result<Obj> {
        Obj::float(self.into())
    }
}

impl IntoObj for &str {
    fn into_obj(self) -> Result<Obj> {
        Obj::str(self)
    }
}

/// Nothing is `None`.
impl<T: IntoObj> IntoObj for Option<T> {
    fn into_obj(self) -> Result<Obj> {
        self.map_or(Ok(Obj::NONE), IntoObj::into_obj)
    }
}

/// The words for a value of `object`'s type: the type's name in Python.
pub(crate) fn type_name(object: Obj) -> &'static str {
    // SAFETY: any object may be asked for its type, and for the type's name, which is interned. RAISES: no.
    unsafe { name((*sys::mp_obj_get_type(object.into_raw())).name) }
}

/// The text of an interned name. Plain.
pub fn name(qstr: u16) -> &'static str {
    // SAFETY: interned names are UTF-8 and stay. RAISES: no.
    unsafe {
        let mut bytes = 0;
        let name = sys::qstr_data(qstr.into(), &raw mut bytes);
        core::str::from_utf8_unchecked(core::slice::from_raw_parts(name, bytes))
    }
}
