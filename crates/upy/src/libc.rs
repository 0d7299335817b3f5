//! The few functions of the C library that MicroPython's core calls and compiler_builtins lacks.
//!
//! `memcmp` and `strlen` come from compiler_builtins, `memcpy` and its like from [`crate::memory`]. No libc is linked.
#![allow(clippy::missing_safety_doc, reason = "the C library's own contract")]

use core::ffi::{c_char, c_int};

#[cfg_attr(target_os = "none", unsafe(no_mangle))]
unsafe extern "C" fn strchr(mut text: *const c_char, wanted: c_int) -> *mut c_char {
    // SAFETY: C's contract: `text` is terminated by zero, and the search ends there.
    unsafe {
        loop {
            if *text == wanted as c_char {
                return text.cast_mut();
            }
            if *text == 0 {
                return core::ptr::null_mut();
            }
            text = text.add(1);
        }
    }
}

#[cfg_attr(target_os = "none", unsafe(no_mangle))]
unsafe extern "C" fn strcmp(a: *const c_char, b: *const c_char) -> c_int {
    // SAFETY: C's contract: both are terminated, and the comparison ends at the first end.
    unsafe { strncmp(a, b, usize::MAX) }
}

#[cfg_attr(target_os = "none", unsafe(no_mangle))]
unsafe extern "C" fn strncmp(a: *const c_char, b: *const c_char, limit: usize) -> c_int {
    for i in 0..limit {
        // SAFETY: C's contract: both are readable up to `limit` or their terminating zero.
        let (x, y) = unsafe { (*a.add(i), *b.add(i)) };
        if x != y || x == 0 {
            return c_int::from(x) - c_int::from(y);
        }
    }
    0
}

#[cfg_attr(target_os = "none", unsafe(no_mangle))]
unsafe extern "C" fn strcpy(to: *mut c_char, from: *const c_char) -> *mut c_char {
    let mut i = 0;
    // SAFETY: C's contract: `to` has room for `from` and its zero.
    unsafe {
        loop {
            *to.add(i) = *from.add(i);
            if *from.add(i) == 0 {
                return to;
            }
            i += 1;
        }
    }
}

#[cfg_attr(target_os = "none", unsafe(no_mangle))]
unsafe extern "C" fn strspn(text: *const c_char, set: *const c_char) -> usize {
    // SAFETY: as `span`.
    unsafe { span(text, set, true) }
}

#[cfg_attr(target_os = "none", unsafe(no_mangle))]
unsafe extern "C" fn strcspn(text: *const c_char, set: *const c_char) -> usize {
    // SAFETY: as `span`.
    unsafe { span(text, set, false) }
}

/// How many characters at the start are (or are not) in the set.
///
/// # Safety
/// Both are terminated by zero.
unsafe fn span(text: *const c_char, set: *const c_char, inside: bool) -> usize {
    let mut n = 0;
    // SAFETY: the loop ends at the zero of `text`.
    unsafe {
        while *text.add(n) != 0 && strchr(set, c_int::from(*text.add(n))).is_null() != inside {
            n += 1;
        }
    }
    n
}

/// gcc calls this for `__builtin_popcount` (LittleFS).
#[cfg_attr(target_os = "none", unsafe(no_mangle))]
extern "C" fn __popcountsi2(mut word: u32) -> c_int {
    // Not `count_ones`: on this processor that may become a call of this very function.
    let mut ones = 0;
    while word != 0 {
        word &= word - 1;
        ones += 1;
    }
    ones
}
