//! MDMA among the core, the memories and the interrupt controller, by a small program.

use crate::common::{finished, results};
use vboard::Strictness;

#[test]
fn a_core_that_sleeps_is_woken_when_mdma_has_copied_flash_into_dtcm() {
    let program: &[u16] = include!("../programs/mdma.rs");
    let machine = finished(program, Strictness::Strict);
    let [early, late, first, last] = results(&machine);
    assert_eq!(early, 1 << 16, "right after the request nothing is over yet");
    assert_eq!(late, 0x1E, "all flags of the end, no request");
    let word = |n: usize| u32::from(program[n / 2 + 1]) << 16 | u32::from(program[n / 2]);
    assert_eq!((first, last), (word(0), word(60)));
    // Four clocks for the core's own instructions would be done long before 16 words in and 16 words out.
    assert!(machine.stats().virtual_cycles > machine.stats().instructions + 32);
}
