//! Programs that are not the firmware: what they say to a debug probe, and how they end.

use std::fs;

use tempfile::TempDir;

use crate::common::{Seen, run_with};

const FLASH: u32 = 0x0800_0000;

/// An ELF without symbols: this code, to be loaded at `base`.
pub fn elf(base: u32, code: &[u16]) -> Vec<u8> {
    let size = 2 * code.len() as u32;
    let mut elf = b"\x7fELF\x01\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    elf.extend([2, 40_u16].iter().flat_map(|half| half.to_le_bytes()));
    elf.extend(
        [1, base + 1, 52, 0, 0]
            .iter()
            .flat_map(|word: &u32| word.to_le_bytes()),
    );
    elf.extend(
        [52, 32, 1, 40, 0, 0_u16]
            .iter()
            .flat_map(|half| half.to_le_bytes()),
    );
    let segment = [1, 84, base, base, size, size, 5, 4];
    elf.extend(segment.iter().flat_map(|word: &u32| word.to_le_bytes()));
    elf.extend(code.iter().flat_map(|half| half.to_le_bytes()));
    elf
}

/// A run of this program.
pub fn run_program(base: u32, code: &[u16], options: &[&str], typed: &[u8]) -> Seen {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("foreign.elf");
    fs::write(&file, elf(base, code)).unwrap();
    let file = file.to_str().unwrap();
    run_with(&[&["run", "--elf", file], options].concat(), typed)
}

#[test]
fn semihosting_has_the_terminal_and_the_exit_code() {
    let program = include!("../../../vboard/tests/programs/semihosting.rs");
    let seen = run_program(FLASH, program, &[], b"12345678 and more\n");
    assert_eq!(seen.code, Some(7), "{seen:?}");
    assert!(seen.out.contains("hello !world"), "{seen:?}");
    assert!(seen.err.contains("ended the run with code 7"), "{seen:?}");
    assert!(seen.err.contains("SYS_OPEN of `secret`"), "{seen:?}");
}

#[test]
fn a_program_in_ram_ends_by_its_breakpoint() {
    let program = include!("../../../vboard/tests/programs/linked_to_ram.rs");
    let seen = run_program(0x2400_0000, program, &[], b"");
    assert_eq!(seen.code, Some(42), "{seen:?}");
}

#[test]
fn rtt_is_part_of_the_console() {
    let program = include!("../../../vboard/tests/programs/rtt.rs");
    let seen = run_program(FLASH, program, &["--for", "0.05"], b"");
    assert_eq!(seen.code, Some(0), "{seen:?}");
    assert!(seen.out.contains("abcdefghijklmnopqrstuvwxyz"), "{seen:?}");
    let seen = run_program(FLASH, program, &["--for", "0.05", "--no-probe"], b"");
    assert!(seen.out.trim().is_empty(), "nobody looks: {seen:?}");
}

#[test]
fn without_a_probe_a_breakpoint_is_a_fault() {
    let program = include!("../../../vboard/tests/programs/linked_to_ram.rs");
    let seen = run_program(0x2400_0000, program, &["--no-probe"], b"");
    assert_eq!(seen.code, Some(2), "{seen:?}");
    assert!(seen.err.contains("BKPT without a debugger"), "{seen:?}");
}
