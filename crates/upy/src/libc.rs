//! The few functions of the C library that MicroPython's core calls and compiler_builtins lacks.
//!
//! `memcmp` and `strlen` come from compiler_builtins, `memcpy` and its like from [`crate::memory`]. No libc is linked.
#![allow(clippy::missing_safety_doc, reason = "the C library's own contract")]
#![cfg_attr(
    test,
    allow(
        clippy::undocumented_unsafe_blocks,
        reason = "the tests' strings are literals"
    )
)]

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

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CStr;

    #[test]
    fn strings_are_compared_as_unsigned_bytes_up_to_the_limit() {
        let compare = |a: &CStr, b: &CStr| unsafe { strcmp(a.as_ptr(), b.as_ptr()) }.signum();
        assert_eq!(compare(c"abc", c"abc"), 0);
        assert_eq!(compare(c"abc", c"abd"), -1);
        assert_eq!(compare(c"abc", c"ab"), 1);
        assert_eq!(unsafe { strncmp(c"abc".as_ptr(), c"abd".as_ptr(), 2) }, 0);
        assert_eq!(unsafe { strncmp(c"a".as_ptr(), c"b".as_ptr(), 0) }, 0);
    }

    #[test]
    fn a_character_is_found_at_its_first_place_and_the_end_counts() {
        let text = c"path/name/x";
        let place = |c: u8| unsafe {
            strchr(text.as_ptr(), c.into())
                .cast_const()
                .offset_from(text.as_ptr())
        };
        assert_eq!(place(b'/'), 4);
        assert_eq!(place(0), 11);
        assert!(unsafe { strchr(text.as_ptr(), b'!'.into()) }.is_null());
    }

    #[test]
    fn a_span_ends_at_the_first_character_of_the_other_kind() {
        let (text, digits) = (c"1234ab5", c"0123456789");
        assert_eq!(unsafe { strspn(text.as_ptr(), digits.as_ptr()) }, 4);
        assert_eq!(unsafe { strcspn(text.as_ptr(), c"ba".as_ptr()) }, 4);
        assert_eq!(unsafe { strcspn(text.as_ptr(), c"".as_ptr()) }, 7);
    }

    #[test]
    fn a_copy_has_its_end() {
        let mut to = [b'x' as c_char; 8];
        unsafe { strcpy(to.as_mut_ptr(), c"abc".as_ptr()) };
        assert_eq!(unsafe { CStr::from_ptr(to.as_ptr()) }, c"abc");
        assert_eq!(to[4], b'x' as c_char);
    }

    #[test]
    fn ones_are_counted() {
        for word in [0, 1, 0x8000_0001, 0xFFFF_FFFF, 0x1234_5678] {
            assert_eq!(__popcountsi2(word), word.count_ones() as c_int);
        }
    }
}
