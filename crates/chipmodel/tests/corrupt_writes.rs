//! Why mapped writes were corrupt in 2021: with a chip without a mask pin, whatever makes the core send a 64-bit
//! beat with gaps overwrites memory. Configurations A and B never send one; write-back with dynamic read-allocate
//! mode does when something drains the store buffer in the middle of a line.

mod rig;

use chipmodel::Width;
use chipmodel::core::dcache::Policy;
use rig::*;

struct Outcome {
    wrong_halfwords: Vec<(u32, u32)>,
    partial_beats: u64,
}

/// Write 0x5a5a to `bytes` bytes with an interrupt every `period` stores (0: none), clean, and look.
fn halfword_test(policy: Policy, disramode: bool, bytes: u32, period: u32) -> Outcome {
    let mut rig = Rig::mapped("esp-psram64h", 70_000_000, GOOD);
    rig.dcache.set_disramode(disramode);
    rig.dcache.set_enabled(true);
    for at in (0..bytes).step_by(2) {
        rig.store(WINDOW + at, Width::Half, 0xa5a5, Policy::StronglyOrdered);
    }
    for at in (0..bytes).step_by(2) {
        if period > 0 && (at / 2) % period == period - 1 {
            rig.drain();
        }
        rig.store(WINDOW + at, Width::Half, 0x5a5a, policy);
    }
    rig.clean_all();
    assert_eq!(rig.complaints(), [""; 0]);
    let wrong_halfwords = (0..bytes)
        .step_by(2)
        .map(|at| {
            let addr = WINDOW + at;
            (
                addr,
                u32::from(rig.chip_byte(addr)) | u32::from(rig.chip_byte(addr + 1)) << 8,
            )
        })
        .filter(|(_, found)| *found != 0x5a5a)
        .collect();
    Outcome {
        wrong_halfwords,
        partial_beats: rig.octospi.stats().partial_beats,
    }
}

#[test]
fn write_back_with_read_allocate_mode_zeroes_halfwords_when_interrupted() {
    let outcome = halfword_test(Policy::WriteBackAllocate, false, 1 << 16, 1001);
    assert!(!outcome.wrong_halfwords.is_empty());
    for (addr, found) in &outcome.wrong_halfwords {
        assert_eq!(*found, 0, "0x{addr:08x}: neither the old value nor the new one");
    }
    let firsts = outcome
        .wrong_halfwords
        .iter()
        .filter(|(addr, _)| addr % 8 == 0)
        .count();
    assert!(
        firsts * 3 >= outcome.wrong_halfwords.len() / 2,
        "a cut beat loses its first halfwords"
    );
}

#[test]
fn the_failures_grow_with_the_interrupts_and_vanish_without() {
    let failures = [0, 5003, 1001, 211].map(|period| {
        halfword_test(Policy::WriteBackAllocate, false, 1 << 18, period)
            .wrong_halfwords
            .len()
    });
    assert_eq!(failures[0], 0);
    assert!(
        failures.is_sorted() && failures[1] > 0 && failures[3] > 2 * failures[1],
        "{failures:?}"
    );
}

#[test]
fn configurations_a_and_b_survive_any_interrupt() {
    for (policy, disramode) in [
        (Policy::StronglyOrdered, false),
        (Policy::WriteBackAllocate, true),
    ] {
        for period in [0, 3, 7, 211] {
            let outcome = halfword_test(policy, disramode, 1 << 15, period);
            assert_eq!(
                (outcome.wrong_halfwords.len(), outcome.partial_beats),
                (0, 0),
                "{policy:?} {period}"
            );
        }
    }
}

/// The lanes test: a line full of 0x11, one store of 0xee at each offset; bytes that are neither.
fn lanes(policy: Policy) -> usize {
    let mut spoilt = 0;
    for width in [Width::Byte, Width::Half, Width::Word] {
        for offset in (0..8).step_by(width.bytes() as usize) {
            let mut rig = Rig::mapped("ly68l6400", 70_000_000, GOOD);
            rig.dcache.set_disramode(true);
            rig.dcache.set_enabled(true);
            for at in (0..64).step_by(4) {
                rig.store(WINDOW + at, Width::Word, 0x1111_1111, Policy::StronglyOrdered);
            }
            rig.store(WINDOW + 16 + offset, width, 0xeeee_eeee, policy);
            rig.clean_all();
            for at in 0..64 {
                let stored = (16 + offset..16 + offset + width.bytes()).contains(&at);
                let expected = if stored { 0xee } else { 0x11 };
                spoilt += usize::from(rig.chip_byte(WINDOW + at) != expected);
            }
        }
    }
    spoilt
}

#[test]
fn one_store_spoils_the_rest_of_its_beat_under_every_policy_but_the_safe_ones() {
    // 8 bytes spoil 7 each, 4 halfwords 6, 2 words 4.
    let all = 8 * 7 + 4 * 6 + 2 * 4;
    let table = [
        (Policy::StronglyOrdered, 0),
        (Policy::Device, 0),
        (Policy::WriteBackAllocate, 0),
        (Policy::WriteBack, all),
        (Policy::WriteThrough, all),
        (Policy::NonCacheable, all),
    ];
    for (policy, expected) in table {
        assert_eq!(lanes(policy), expected, "{policy:?}");
    }
}
