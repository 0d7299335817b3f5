//! OCTOSPI by its registers: what can be written, what starts a transfer, when the flags rise. The bit positions are
//! those of the register map in the reference manual, declared here on their own.

mod rig;

use chipmodel::{Clocks, Device, Effects, Kernel, Kind, Picos, Refused, Time, Width};
use rig::*;

/// Offset, writable bits.
const MAP: [(u32, u32); 23] = [
    // DCR1: CKMODE 0, FRCK 1, DLYBYP 3, CKCSHT 6:4, CSHT 10:8, DEVSIZE 20:16, MTYP 26:24
    (
        0x008,
        1 | 1 << 1 | 1 << 3 | 7 << 4 | 7 << 8 | 0x1f << 16 | 7 << 24,
    ),
    // DCR2: PRESCALER 7:0, WRAPSIZE 18:16
    (0x00c, 0xff | 7 << 16),
    // DCR3: MAXTRAN 7:0, CSBOUND 20:16
    (0x010, 0xff | 0x1f << 16),
    (0x014, u32::MAX),
    (0x040, u32::MAX),
    (0x048, u32::MAX),
    (0x080, u32::MAX),
    (0x088, u32::MAX),
    (0x090, 0xffff),
    // CCR: IMODE 2:0, IDTR 3, ISIZE 5:4, ADMODE 10:8, ADDTR 11, ADSIZE 13:12, ABMODE 18:16, ABDTR 19, ABSIZE 21:20,
    // DMODE 26:24, DDTR 27, DQSE 29, SIOO 31
    (0x100, FRAME),
    // TCR: DCYC 4:0, DHQC 28, SSHIFT 30
    (0x108, 0x1f | 1 << 28 | 1 << 30),
    (0x110, u32::MAX),
    (0x120, u32::MAX),
    (0x130, 0xffff),
    (0x140, FRAME),
    (0x148, 0x1f | 1 << 28 | 1 << 30),
    (0x150, u32::MAX),
    (0x160, u32::MAX),
    (0x180, FRAME),
    (0x188, 0x1f),
    (0x190, u32::MAX),
    (0x1a0, u32::MAX),
    // HLCR: LM 0, WZL 1, TACC 15:8, TRWR 23:16
    (0x200, 3 | 0xff << 8 | 0xff << 16),
];

const FRAME: u32 = 7
    | 1 << 3
    | 3 << 4
    | 7 << 8
    | 1 << 11
    | 3 << 12
    | 7 << 16
    | 1 << 19
    | 3 << 20
    | 7 << 24
    | 1 << 27
    | 1 << 29
    | 1 << 31;

const ONE_LINE_ADDRESS: u32 = 2 << 12 | 1 << 8;
const ONE_LINE_DATA: u32 = 1 << 24;

/// Reset, so that reads and writes are in order, in SPI mode.
fn ready() -> Rig {
    let mut rig = Rig::cold("esp-psram64h", 70_000_000);
    rig.configure(GOOD);
    rig.command(0x66, 1);
    rig.command(0x99, 1);
    rig
}

fn start_read(rig: &mut Rig, opcode: u32, frame: u32, addr: u32, bytes: u32) {
    rig.write(CR, 1 << 28 | 1);
    rig.write(DLR, bytes.wrapping_sub(1));
    rig.write(CCR, 1 | frame);
    rig.write(TCR, 0);
    rig.write(IR, opcode);
    rig.write(AR, addr);
}

#[test]
fn every_register_is_zero_after_reset_and_keeps_its_bits_and_no_others() {
    let mut rig = Rig::cold("none", 70_000_000);
    for (offset, mask) in MAP {
        assert_eq!(rig.read(offset), 0, "0x{offset:03x}");
        rig.write(offset, u32::MAX);
        assert_eq!(rig.read(offset), mask, "0x{offset:03x}");
        assert_eq!(rig.reports.len(), usize::from(mask != u32::MAX), "0x{offset:03x}");
        rig.reports.clear();
    }
    Device::reset(&mut rig.octospi);
    for (offset, _) in MAP {
        assert_eq!(rig.read(offset), 0, "0x{offset:03x}");
    }
    assert_eq!(rig.read(CR), 0);
    assert_eq!(rig.read(SR), 0);
}

#[test]
fn a_hole_between_the_registers_is_unmodelled() {
    let mut rig = Rig::cold("none", 70_000_000);
    for offset in [0x004, 0x018, 0x028, 0x104, 0x3f0] {
        assert!(
            matches!(rig.try_write(offset, 0), Err(Refused::Unmodelled(_))),
            "0x{offset:03x}"
        );
    }
}

#[test]
fn read_id_over_one_line_gives_maker_die_and_eid() {
    let mut rig = ready();
    start_read(&mut rig, 0x9f, ONE_LINE_ADDRESS | ONE_LINE_DATA, 0, 8);
    let id: Vec<u8> = (0..8).map(|_| rig.read_data()).collect();
    assert_eq!(id, [0x0d, 0x5d, 0x52, 0xa2, 0x64, 0x31, 0x91, 0x31]);
    assert_eq!(rig.read(SR) & SR_TCF, SR_TCF);
    rig.wait_idle();
    assert_eq!(rig.complaints(), [""; 0]);
}

#[test]
fn nothing_fitted_reads_ones_a_short_reads_zeros_and_a_flash_says_who_it_is() {
    for (chip, expected) in [
        ("none", [0xff; 8]),
        ("stuck-low", [0x00; 8]),
        ("w25q64", [0xef, 0x40, 0x17, 0xef, 0x40, 0x17, 0xef, 0x40]),
    ] {
        let mut rig = Rig::cold(chip, 70_000_000);
        rig.configure(GOOD);
        // The flash answers during what the driver takes for the address.
        start_read(&mut rig, 0x9f, ONE_LINE_ADDRESS | ONE_LINE_DATA, 0, 8);
        let id: Vec<u8> = (0..8).map(|_| rig.read_data()).collect();
        assert_eq!(id, expected, "{chip}");
        assert_eq!(rig.complaints(), [""; 0], "{chip}");
    }
}

#[test]
fn a_transfer_takes_as_many_clocks_as_there_are_bits() {
    let mut rig = ready();
    rig.now = rig.now + Picos::from_ns(1_000);
    start_read(&mut rig, 0x9f, ONE_LINE_ADDRESS | ONE_LINE_DATA, 0, 8);
    let started = rig.now;
    while rig.read(SR) & SR_TCF == 0 {}
    // 1 for NCS, 8 + 24 + 64 bits at 14.286 ns; the last clock includes the one before NCS rises.
    let clocks = (rig.now - started).0 as f64 / 14_286.0;
    assert!((96.0..98.5).contains(&clocks), "{clocks} clocks");
    assert_eq!(rig.read(SR) & SR_BUSY, SR_BUSY, "the FIFO has not been read");
    assert_eq!(rig.read(SR) >> 8 & 0x3f, 8);
    for _ in 0..8 {
        rig.read_data();
    }
    assert_eq!(rig.read(SR) & SR_BUSY, 0);
}

#[test]
fn the_fifo_stops_the_clock_when_it_is_full_and_the_threshold_flag_follows_the_level() {
    let mut rig = ready();
    rig.write(CR, 1 << 28 | 15 << 8 | 1);
    rig.write(DLR, 63);
    rig.write(CCR, 1 | ONE_LINE_ADDRESS | ONE_LINE_DATA);
    rig.write(TCR, 8);
    rig.write(IR, 0x0b);
    rig.write(AR, 0);
    assert_eq!(rig.read(SR) & (SR_FTF | SR_BUSY), SR_BUSY);
    rig.now = rig.now + Picos::from_ns(50_000);
    let status = rig.read(SR);
    assert_eq!((status >> 8 & 0x3f, status & (SR_FTF | SR_TCF)), (32, SR_FTF));
    for _ in 0..17 {
        rig.read_data();
    }
    rig.now = rig.now + Picos::from_ns(100_000);
    let status = rig.read(SR);
    assert_eq!(
        (status >> 8 & 0x3f, status & SR_TCF),
        (32, 0),
        "15 kept, 17 fetched"
    );
    for _ in 0..47 {
        rig.read_data();
    }
    assert_eq!(rig.read(SR) & (SR_TCF | SR_BUSY), SR_TCF);
    // NCS was low for more than 100 us.
    assert!(
        rig.complaints().iter().any(|message| message.contains("tCEM")),
        "{:?}",
        rig.complaints()
    );
}

#[test]
fn what_is_written_indirectly_can_be_read_back() {
    let mut rig = ready();
    rig.write(CR, 1);
    rig.write(DLR, 39);
    rig.write(CCR, 1 | 2 << 12 | 3 << 8 | 3 << 24);
    rig.write(TCR, 0);
    rig.write(IR, 0x38);
    rig.write(AR, 0x12345);
    assert_eq!(rig.read(SR) & SR_BUSY, 0, "a write starts with its first data");
    for byte in 0..40 {
        rig.write_data(byte);
    }
    rig.wait_idle();
    assert_eq!(rig.read(SR) & SR_TCF, SR_TCF);
    rig.write(FCR, SR_TCF);
    assert_eq!(rig.read(SR) & SR_TCF, 0);
    rig.write(CR, 1 << 28 | 1);
    rig.write(TCR, 6);
    rig.write(IR, 0xeb);
    rig.write(AR, 0x12345);
    let back: Vec<u8> = (0..40).map(|_| rig.read_data()).collect();
    assert_eq!(back, (0..40).collect::<Vec<u8>>());
    assert_eq!(rig.complaints(), [""; 0]);
}

#[test]
fn too_few_dummy_cycles_give_other_data() {
    let mut rig = ready();
    for dummy in [5, 6, 7] {
        rig.write(CR, 1 << 28 | 1);
        rig.write(DLR, 3);
        rig.write(CCR, 1 | 2 << 12 | 3 << 8 | 3 << 24);
        rig.write(TCR, dummy);
        rig.write(IR, 0xeb);
        rig.write(AR, 0x100);
        let found: Vec<u8> = (0..4).map(|_| rig.read_data()).collect();
        let right: Vec<u8> = (0x100..0x104).map(|at| rig.octospi.chip().peek(at)).collect();
        assert_eq!(found == right, dummy == 6, "{dummy} dummy cycles");
        rig.wait_idle();
    }
}

#[test]
fn an_address_beyond_the_device_is_a_transfer_error() {
    let mut rig = ready();
    start_read(
        &mut rig,
        0x9f,
        ONE_LINE_ADDRESS | ONE_LINE_DATA,
        (16 << 20) - 4,
        8,
    );
    assert_eq!(rig.read(SR) & (SR_TEF | SR_BUSY), SR_TEF);
    rig.write(FCR, SR_TEF);
    assert_eq!(rig.read(SR) & SR_TEF, 0);
    assert!(
        rig.complaints()[0].contains("DEVSIZE = 23"),
        "{:?}",
        rig.complaints()
    );
}

#[test]
fn a_length_of_all_ones_means_up_to_the_end_of_the_device() {
    let mut rig = ready();
    start_read(
        &mut rig,
        0x9f,
        ONE_LINE_ADDRESS | ONE_LINE_DATA,
        (16 << 20) - 4,
        0,
    );
    for byte in [0x0d, 0x5d, 0x52, 0xa2] {
        assert_eq!(rig.read_data(), byte);
    }
    assert_eq!(rig.read(SR) & (SR_TEF | SR_TCF), SR_TCF);
    rig.wait_idle();
    assert_eq!(rig.complaints(), [""; 0]);
}

#[test]
fn configuration_is_locked_while_busy_and_says_so() {
    let mut rig = ready();
    start_read(&mut rig, 0x9f, ONE_LINE_ADDRESS | ONE_LINE_DATA, 0, 8);
    rig.write(DCR2, 9);
    assert_eq!(rig.read(DCR2), 0);
    assert!(
        rig.complaints()[0].contains("OCTOSPI_DCR2 written 0x00000009 while BUSY"),
        "{:?}",
        rig.complaints()
    );
    assert_eq!(rig.reports[0].kind, Kind::Rule);
}

#[test]
fn abort_ends_a_transfer_flushes_the_fifo_and_sets_tcf() {
    let mut rig = ready();
    start_read(&mut rig, 0x0b, ONE_LINE_ADDRESS | ONE_LINE_DATA, 0, 4096);
    rig.now = rig.now + Picos::from_ns(2_000);
    rig.write(CR, 1 << 28 | 1 << 1 | 1);
    rig.wait_idle();
    assert_eq!(rig.read(CR) & 2, 0, "the bit clears itself");
    assert_eq!(rig.read(SR) >> 8 & 0x3f, 0);
    assert_eq!(rig.read(SR) & SR_TCF, SR_TCF);
    rig.write(FCR, SR_TCF);
    start_read(&mut rig, 0x9f, ONE_LINE_ADDRESS | ONE_LINE_DATA, 0, 2);
    assert_eq!((rig.read_data(), rig.read_data()), (0x0d, 0x5d));
}

#[test]
fn modes_without_a_model_are_refused() {
    let mut rig = ready();
    rig.write(CR, 2 << 28 | 1);
    rig.write(CCR, 1 | 1 << 24);
    assert!(
        matches!(rig.try_write(IR, 0x05), Err(Refused::Unmodelled(_))),
        "polling"
    );
    let mut rig = ready();
    rig.write(CCR, 1 | 1 << 3);
    assert!(
        matches!(rig.try_write(IR, 0x66), Err(Refused::Unmodelled(_))),
        "double rate"
    );
    let mut rig = ready();
    rig.write(DCR1, 4 << 24 | 1 << 3);
    rig.write(CCR, 1);
    assert!(
        matches!(rig.try_write(IR, 0x66), Err(Refused::Unmodelled(_))),
        "HyperBus"
    );
    let mut rig = ready();
    rig.write(DCR1, 0);
    rig.write(CCR, 1);
    assert!(
        matches!(rig.try_write(IR, 0x66), Err(Refused::Unmodelled(_))),
        "delay block"
    );
}

#[test]
fn without_a_kernel_clock_nothing_starts() {
    let mut rig = ready();
    rig.kernel_hz = 0;
    rig.write(CCR, 1);
    assert!(matches!(rig.try_write(IR, 0x66), Err(Refused::BusError(_))));
}

#[test]
fn the_transfer_complete_interrupt_comes_when_the_clocks_are_over() {
    let mut rig = ready();
    rig.write(CR, 1 << 28 | 1 << 17 | 1);
    rig.write(DLR, 7);
    rig.write(CCR, 1 | ONE_LINE_ADDRESS | ONE_LINE_DATA);
    rig.write(IR, 0x9f);
    rig.write(AR, 0);
    let started = rig.now;
    let mut wakes = 0;
    while rig.octospi.lines() == 0 {
        let clocks = Clocks::of(&[(Kernel::Octospi, rig.kernel_hz)]);
        let next: Time = Device::next_event(&rig.octospi, &clocks).expect("a transfer is under way");
        let mut fx = Effects::new(next, clocks, &mut rig.reports);
        Device::advance(&mut rig.octospi, &mut fx);
        rig.now = next;
        wakes += 1;
    }
    assert!(wakes < 20, "{wakes} wake-ups");
    assert!((rig.now - started).0 > 90 * 14_285);
}

#[test]
fn byte_access_is_for_the_data_register_only() {
    let mut rig = ready();
    let result = rig.with(|octospi, _, fx| Device::read(octospi, SR, Width::Byte, fx));
    assert!(matches!(result, Err(Refused::Unmodelled(_))));
}
