//! Programs that are not the firmware: what they say to a debug probe, and how they end.

use std::fs;

use tempfile::TempDir;

use crate::common::{Seen, run_file_with, run_with};

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
    // The same as bytes.
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("ram.bin");
    let bytes: Vec<u8> = program.iter().flat_map(|half: &u16| half.to_le_bytes()).collect();
    fs::write(&file, bytes).unwrap();
    let seen = run_with(&["run", "--bin", &format!("{}@0x24000000", file.display())], b"");
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

#[test]
fn a_recording_is_made_of_a_script_and_of_a_program() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("pins.vcd");
    let path = file.to_str().unwrap();
    let program = include!("../../../vboard/tests/programs/blink.rs");
    let seen = run_program(FLASH, program, &["--vcd", path], b"");
    assert_eq!(seen.code, Some(0), "{seen:?}");
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("$timescale 1 ns $end"), "{text}");
    assert!(text.contains(" PA1 $end"), "{text}");
    // The script's own frames are there, too.
    let script = folder.path().join("blink.py");
    fs::write(
        &script,
        "import machine\nmachine.Pin('PA1', machine.Pin.OUT).value(0)\n",
    )
    .unwrap();
    let options = ["--vcd", path, "--vcd-memory", "--lenient"];
    let seen = run_file_with(&script, "esp-psram64h", &options);
    assert_eq!(seen.code, Some(0), "{seen:?}");
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("memory_instruction [7] $end"));
    let ce = text.lines().find_map(|line| line.strip_suffix(" memory_ce $end"));
    let ce = ce.and_then(|line| line.rsplit(' ').next()).unwrap();
    let frames = text.lines().filter(|line| *line == format!("0{ce}")).count();
    assert!(frames > 10_000, "{frames} frames, at a boot with a memory test");
    let missing = run_program(FLASH, program, &["--vcd", "/nowhere/x.vcd"], b"");
    assert_eq!(missing.code, Some(3), "{missing:?}");
    assert!(missing.err.contains("/nowhere/x.vcd"), "{missing:?}");
}
