//! Who owns which RAM: Python's heap, its machine code, and what DMA goes through. The one place where
//! addresses become areas; stack, statics and the heap's mark stack are placed by memory.x.
#![allow(unsafe_code)]

use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicBool, Ordering};

use h7a3::clocks::CORE_HZ;
use h7a3::window::Window;
use upy::HeapMemory;

/// Memory that nobody else has.
type Area = *mut [MaybeUninit<u8>];

unsafe extern "C" {
    /// From memory.x: the lowest address of the stack above its guard.
    static _stack_end: MaybeUninit<u8>;
    /// AXI SRAM, in which the linker puts nothing: the heap, and before it what DMA goes through.
    static mut _heap_start: MaybeUninit<u8>;
    static mut _dma_start: MaybeUninit<u8>;
    static mut _dma_end: MaybeUninit<u8>;
    static mut _heap_end: MaybeUninit<u8>;
    /// The same of ITCM.
    static mut _code_start: MaybeUninit<u8>;
    static mut _code_end: MaybeUninit<u8>;
}

/// Memory for DMA that reaches nothing but AXI. One user at a time; the contents are anything.
pub fn with_dma<T>(action: impl FnOnce(&mut [u8]) -> T) -> Option<T> {
    static TAKEN: AtomicBool = AtomicBool::new(false);
    static CLEARED: AtomicBool = AtomicBool::new(false);
    if TAKEN.swap(true, Ordering::Acquire) {
        return None;
    }
    let bytes = area(&raw mut _dma_start, &raw mut _dma_end);
    // SAFETY: nobody else has this memory, by memory.x, and the flag lets one in at a time.
    let bytes = unsafe {
        if !CLEARED.swap(true, Ordering::Relaxed) {
            core::ptr::write_bytes(bytes.cast::<u8>(), 0, bytes.len());
        }
        core::slice::from_raw_parts_mut(bytes.cast::<u8>(), bytes.len())
    };
    let result = action(bytes);
    TAKEN.store(false, Ordering::Release);
    Some(result)
}

/// All the rest of AXI SRAM, and all of a tested chip, on whose wire a line of the cache takes `line_ns`.
pub fn heap(chip: Option<Window>, line_ns: u32) -> HeapMemory {
    // The window is open and stays so, because closing it takes the `Window`, which is gone after this.
    let range = chip.map(Window::into_range);
    HeapMemory {
        fast: area(&raw mut _heap_start, &raw mut _heap_end),
        slow: range.map(|range| area(range.start as *mut _, range.end as *mut _)),
        line_cycles: (u64::from(line_ns) * u64::from(CORE_HZ) / 1_000_000_000) as u32,
    }
}

/// Memory for machine code that Python makes: the PSRAM cannot be executed, and this needs no cache to be cleaned.
pub fn code() -> Area {
    area(&raw mut _code_start, &raw mut _code_end)
}

fn area(start: *mut MaybeUninit<u8>, end: *mut MaybeUninit<u8>) -> Area {
    core::ptr::slice_from_raw_parts_mut(start, end as usize - start as usize)
}

/// Whether so many bytes at an address can be read without a fault: flash, the stack and statics, the heap.
pub unsafe extern "C" fn is_readable(address: *const core::ffi::c_void, bytes: usize) -> bool {
    const FLASH: (usize, usize) = (0x0800_0000, 0x0820_0000);
    const DTCM_END: usize = 0x2002_0000;
    let start = address as usize;
    let chip = crate::ram::state().size_bytes as usize;
    let window = h7a3::mpu::WINDOW_BASE as usize;
    [
        FLASH,
        (&raw const _stack_end as usize, DTCM_END),
        (&raw const _heap_start as usize, &raw const _heap_end as usize),
        (window, window + chip),
    ]
    .iter()
    .any(|&(first, end)| start >= first && start <= end && bytes <= end - start)
}
