//! The memory that Python's heap is made of. The one place where addresses become slices.
#![allow(unsafe_code)]

use core::mem::MaybeUninit;

use h7a3::window::Window;

/// Memory that nobody else has.
pub type Area = &'static mut [MaybeUninit<u8>];

unsafe extern "C" {
    /// Both from memory.x: AXI SRAM, in which the linker puts nothing.
    static mut _heap_start: MaybeUninit<u8>;
    static mut _heap_end: MaybeUninit<u8>;
}

/// All of AXI SRAM. Once.
pub fn internal() -> Option<Area> {
    use core::sync::atomic::{AtomicBool, Ordering};
    static GIVEN: AtomicBool = AtomicBool::new(false);
    if GIVEN.swap(true, Ordering::Relaxed) {
        return None;
    }
    let (start, end) = (&raw mut _heap_start, &raw mut _heap_end);
    // SAFETY: the linker script reserves this range, no section lies in it, and it is given out once.
    Some(unsafe { core::slice::from_raw_parts_mut(start, end as usize - start as usize) })
}

/// All of a tested chip.
pub fn external(window: Window) -> Area {
    let range = window.into_range();
    // SAFETY: the window is open and stays so, because closing it takes the `Window`, which is gone now.
    unsafe { core::slice::from_raw_parts_mut(range.start as *mut MaybeUninit<u8>, range.len()) }
}
