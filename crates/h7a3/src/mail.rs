//! The mailbox: one message that outlives a reset, from a program to the one that starts next. It lies at the end of DTCM, which no
//! start-up code touches and no cache lies before.
#![allow(unsafe_code)]

use core::mem::MaybeUninit;

unsafe extern "C" {
    /// Both from the program's memory.x.
    static mut _mail_start: MaybeUninit<u8>;
    static mut _mail_end: MaybeUninit<u8>;
}

/// A program asks for the boot loader by leaving this, and resetting the chip. No fault says it.
pub const TO_LOADER: &str = "to the boot loader";
/// The same for ST's, in ROM.
pub const TO_ROM: &str = "to the boot loader in ROM";

/// Room for one message.
pub const MESSAGE_BYTES: usize = 500;

/// What stands before the text. Noise after power-up has neither the mark nor the sum.
#[repr(C)]
struct Head {
    mark: u32,
    sum: u32,
    bytes: u32,
}

const MARK: u32 = u32::from_le_bytes(*b"mail");

fn mailbox() -> *mut Head {
    let (start, end) = (&raw mut _mail_start, &raw mut _mail_end);
    assert!(end as usize - start as usize >= size_of::<Head>() + MESSAGE_BYTES);
    start.cast()
}

fn text() -> *mut u8 {
    // SAFETY: the text follows the head, in the same memory, by what was asserted.
    unsafe { mailbox().add(1).cast() }
}

fn sum(text: impl Iterator<Item = u8>) -> u32 {
    text.fold(0x811C_9DC5, |sum, byte| {
        (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

/// Leaves a message for the program that starts after the reset. A longer one is cut; ends of lines become blanks.
pub fn leave(words: &str) {
    let plain = |byte: u8| if byte < b' ' { b' ' } else { byte };
    let bytes = words.bytes().map(plain).take(MESSAGE_BYTES);
    let head = Head {
        mark: MARK,
        sum: sum(bytes.clone()),
        bytes: bytes.clone().count() as u32,
    };
    for (n, byte) in bytes.enumerate() {
        // SAFETY: the mailbox is nobody else's, and as large as was asserted.
        unsafe { text().add(n).write_volatile(byte) };
    }
    // SAFETY: as above; it is aligned by memory.x.
    unsafe { mailbox().write_volatile(head) };
}

/// The message that waits, if there is one.
fn waiting() -> Option<impl Iterator<Item = u8> + Clone> {
    // SAFETY: as above; every content is a valid head.
    let head = unsafe { mailbox().read_volatile() };
    let bytes = head.bytes as usize;
    // SAFETY: as above, and below so many bytes.
    let text = (0..bytes.min(MESSAGE_BYTES)).map(|n| unsafe { text().add(n).read_volatile() });
    (head.mark == MARK && bytes <= MESSAGE_BYTES && head.sum == sum(text.clone())).then_some(text)
}

fn clear() {
    // SAFETY: as above.
    unsafe { (&raw mut (*mailbox()).mark).write_volatile(0) };
}

/// The message that was left before the reset, once.
pub fn take() -> Option<heapless::String<MESSAGE_BYTES>> {
    let bytes: Option<heapless::Vec<u8, MESSAGE_BYTES>> = waiting().map(Iterator::collect);
    clear();
    heapless::String::from_utf8(bytes?).ok()
}

/// Takes the message if it is this one; another stays.
pub fn take_if(words: &str) -> bool {
    let found = waiting().is_some_and(|text| text.eq(words.bytes()));
    if found {
        clear();
    }
    found
}
