//! What is not a firmware for this chip is refused, in words that say what it is.

use crate::common::elf;
use vboard::{Machine, Strictness};

#[test]
fn bad_elfs_are_refused_with_what_was_found() {
    let refused = |elf: &[u8]| {
        let board = vboard::board::Board::named("devebox").expect("a known board");
        let memory_chip = chipmodel::parts::fitted::Fitted::Nothing;
        let config = vboard::Config {
            board,
            memory_chip,
            strictness: Strictness::Strict,
            seed: 0,
        };
        Machine::new(config, elf)
            .err()
            .expect("must be refused")
            .to_string()
    };
    let good = elf(include!("../programs/work.rs"));
    assert!(refused(b"").contains("empty"));
    assert!(refused(b"print('hi')").contains("only 11 bytes"));
    assert!(refused(&[0x7Fu8; 64]).contains("expected 7f 45 4c 46"));
    assert!(
        refused(&good[..good.len() - 8]).contains("complete"),
        "{}",
        refused(&good[..60])
    );
    assert!(
        refused(&good[..60]).contains("complete"),
        "{}",
        refused(&good[..60])
    );

    let with = |at: usize, bytes: &[u8]| {
        let mut elf = good.clone();
        elf[at..at + bytes.len()].copy_from_slice(bytes);
        elf
    };
    assert!(refused(&with(18, &[62, 0])).contains("e_machine 62"));
    assert!(refused(&with(4, &[2])).contains("64-bit"));
    assert!(
        refused(&with(52 + 12, &[0, 0, 0, 0x20])).contains("0x20000000"),
        "a segment for RAM"
    );
    assert!(refused(&with(52 + 12, &[0xF0, 0xFF, 0x1F, 0x08])).contains("beyond the 2 MB"));
    assert!(
        refused(&with(84, &[0, 0, 0, 0])).contains("0x00000000"),
        "a stack that is not in RAM"
    );
    assert!(refused(&with(88, &[0, 0, 0, 0])).contains("reset vector"));
}
