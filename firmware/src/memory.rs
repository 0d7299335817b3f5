//! Who owns which RAM: Python's heap, its machine code, what DMA goes through, and the mailbox that outlives a reset. The one place where
//! addresses become areas; stack, statics and the heap's mark stack are placed by memory.x.
#![allow(unsafe_code)]

use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicBool, Ordering};

use h7a3::clocks::CORE_HZ;
use h7a3::window::Window;
use upy::interpreter::HeapMemory;

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
    /// The end of DTCM, which no start-up code touches.
    static mut _mail_start: MaybeUninit<u8>;
    static mut _mail_end: MaybeUninit<u8>;
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

/// Memory for machine code that Python makes: the SPI RAM cannot be executed, and this needs no cache to be cleaned.
pub fn code() -> Area {
    area(&raw mut _code_start, &raw mut _code_end)
}

fn area(start: *mut MaybeUninit<u8>, end: *mut MaybeUninit<u8>) -> Area {
    core::ptr::slice_from_raw_parts_mut(start, end as usize - start as usize)
}

/// Room for one message in the mailbox.
pub const MESSAGE_BYTES: usize = 500;

/// A message from before a reset. Noise after power-up has neither the mark nor the sum.
#[repr(C)]
#[derive(Clone, Copy)]
struct Mail {
    mark: u32,
    sum: u32,
    bytes: u32,
    text: [u8; MESSAGE_BYTES],
}

const MARK: u32 = u32::from_le_bytes(*b"mail");

fn mailbox() -> *mut Mail {
    let area = area(&raw mut _mail_start, &raw mut _mail_end);
    assert!(area.len() >= size_of::<Mail>());
    area.cast()
}

fn sum(text: &[u8]) -> u32 {
    text.iter().fold(0x811C_9DC5, |sum, &byte| {
        (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

/// Leaves a message for the program that starts after the reset. A longer one is cut; ends of lines become blanks.
pub fn leave_message(words: &str) {
    let mut text = [0; MESSAGE_BYTES];
    let mut bytes = 0;
    for (place, byte) in text.iter_mut().zip(words.bytes()) {
        *place = if byte < b' ' { b' ' } else { byte };
        bytes += 1;
    }
    let mail = Mail {
        mark: MARK,
        sum: sum(&text[..bytes]),
        bytes: bytes as u32,
        text,
    };
    // SAFETY: the mailbox is nobody else's, aligned by memory.x and as large as was asserted.
    unsafe { mailbox().write_volatile(mail) };
}

/// The message that was left before the reset, once.
pub fn take_message() -> Option<heapless::String<MESSAGE_BYTES>> {
    // SAFETY: as above; every content is a valid `Mail`.
    let mail = unsafe { mailbox().read_volatile() };
    // SAFETY: as above.
    unsafe { (&raw mut (*mailbox()).mark).write_volatile(0) };
    let text = mail.text.get(..mail.bytes as usize)?;
    if mail.mark != MARK || mail.sum != sum(text) {
        return None;
    }
    core::str::from_utf8(text).ok()?.try_into().ok()
}

/// Takes the message if it is this one; another stays.
pub fn take_message_of(words: &str) -> bool {
    // SAFETY: as above.
    let mail = unsafe { mailbox().read_volatile() };
    let found = mail.text.get(..mail.bytes as usize) == Some(words.as_bytes());
    found && take_message().is_some()
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
