//! The memory that Python gets. The one place where addresses become areas.
#![allow(unsafe_code)]

use core::mem::MaybeUninit;

use h7a3::clocks::CORE_HZ;
use h7a3::window::Window;
use upy::interpreter::HeapMemory;

/// Memory that nobody else has.
type Area = *mut [MaybeUninit<u8>];

unsafe extern "C" {
    /// From memory.x: AXI SRAM, in which the linker puts nothing.
    static mut _heap_start: MaybeUninit<u8>;
    static mut _heap_end: MaybeUninit<u8>;
    /// The same of ITCM.
    static mut _code_start: MaybeUninit<u8>;
    static mut _code_end: MaybeUninit<u8>;
}

/// All of AXI SRAM, and all of a tested chip, on whose wire a line of the cache takes `line_ns`.
pub fn memory(chip: Option<Window>, line_ns: u32) -> HeapMemory {
    // The window is open and stays so, because closing it takes the `Window`, which is gone after this.
    let range = chip.map(Window::into_range);
    HeapMemory {
        fast: area(&raw mut _heap_start, &raw mut _heap_end),
        slow: range.map(|range| area(range.start as *mut _, range.end as *mut _)),
        line_cycles: (u64::from(line_ns) * u64::from(CORE_HZ) / 1_000_000_000) as u32,
    }
}

/// Memory for machine code that Python makes: the SPI RAM cannot be executed, and this needs no cache to be cleaned.
pub fn code() -> Area {
    area(&raw mut _code_start, &raw mut _code_end)
}

fn area(start: *mut MaybeUninit<u8>, end: *mut MaybeUninit<u8>) -> Area {
    core::ptr::slice_from_raw_parts_mut(start, end as usize - start as usize)
}
