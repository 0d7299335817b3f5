//! What brought the program down, told after the reset: a fault or a panic leaves a sentence in the mailbox, and the next
//! start reads it out before the prompt.

use core::cell::RefCell;
use core::fmt::{self, Write};
use critical_section::Mutex;
use h7a3::{fault::Report, mail};

/// A sentence with cause, pc and line of Python fits.
type Sentence = heapless::String<{ mail::MESSAGE_BYTES }>;

/// Of the run before this one.
static HEARD: Mutex<RefCell<Option<Sentence>>> = Mutex::new(RefCell::new(None));

/// From here on faults leave their words.
pub fn start() {
    let words = mail::take();
    critical_section::with(|cs| *HEARD.borrow_ref_mut(cs) = words);
    h7a3::fault::set_witness(fault);
}

/// How the run before this one ended, if it was by a fault or a panic.
pub fn of_last_run() -> Option<Sentence> {
    critical_section::with(|cs| HEARD.borrow_ref(cs).clone())
}

/// In the handler of a fault, on a stack of its own.
fn fault(report: &Report) {
    let pc = report.registers.map(|registers| registers.pc);
    let sp = report.registers.map_or(report.sp, |registers| registers.sp);
    let mut sentence = Sentence::new();
    // A sentence that is too long is cut.
    let _ = write!(sentence, "fault: {}", report.cause());
    if let Some(pc) = pc {
        let _ = write!(sentence, ", pc 0x{pc:08x}");
    }
    leave(sentence, sp);
}

/// In a panic.
pub fn panic(words: impl fmt::Display) {
    let mut sentence = Sentence::new();
    let _ = write!(sentence, "panic: {words}");
    let here = &raw const sentence;
    leave(sentence, here as usize as u32);
}

/// Twice: looking for the line of Python may end in another fault, and then the cause is kept all the same.
fn leave(mut sentence: Sentence, sp: u32) {
    mail::leave(&sentence);
    if let Some(place) = upy::place(sp as usize, crate::memory::is_readable) {
        let _ = write!(
            sentence,
            ", Python: {} line {} in {}",
            place.file, place.line, place.function
        );
        mail::leave(&sentence);
    }
}
