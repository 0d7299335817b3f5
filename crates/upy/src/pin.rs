//! The pin protocol: how other objects of the core, such as `Signal`, read and drive a pin.

use crate::{Class, FromObj, Obj, sys};
use core::ffi::c_void;

/// Answers the core's request by `read` or `write`; an unknown request, or another object, is -1, which the core reports.
/// Plain, but for what `read` and `write` do.
pub fn pin_ioctl<T: Class>(
    pin: *mut c_void,
    request: sys::mp_uint_t,
    level: usize,
    read: impl FnOnce(&T) -> bool,
    write: impl FnOnce(&T, bool),
) -> sys::mp_uint_t {
    let pin = Obj::from_raw(pin);
    match (<&T>::from_obj(&pin), request as i32) {
        (Ok(pin), sys::MP_PIN_READ) => read(pin).into(),
        (Ok(pin), sys::MP_PIN_WRITE) => {
            write(pin, level != 0);
            0
        }
        _ => sys::mp_uint_t::MAX,
    }
}

/// The protocol's table for a class: `pin_protocol!(Pin, |pin: &Pin| ..., |pin: &Pin, high| ...)`, for its slot `protocol`.
#[macro_export]
macro_rules! pin_protocol {
    ($kind:ident, $read:expr, $write:expr) => {{
        unsafe extern "C" fn ioctl(
            pin: *mut ::core::ffi::c_void,
            request: $crate::sys::mp_uint_t,
            level: usize,
            _: *mut i32,
        ) -> $crate::sys::mp_uint_t {
            $crate::pin_ioctl::<$kind>(pin, request, level, $read, $write)
        }
        $crate::sys::mp_pin_p_t { ioctl: Some(ioctl) }
    }};
}
