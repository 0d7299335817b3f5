//! Memory-mapped mode: bursts that go on, fetching ahead, the things that end a burst, bus errors, and what becomes
//! of a 64-bit beat with gaps.

mod rig;

use chipmodel::bus::axi::{AxiPort, BusError, ReadBeat, ReadBurst, WriteBeat};
use chipmodel::bus::qspi::Copper;
use chipmodel::core::dcache::Policy;
use chipmodel::onchip::octospi::{Quirks, Unstrobed};
use chipmodel::{Picos, Time, Width};
use rig::*;

const HZ: u32 = 70_000_000;
const CLOCK: u64 = 14_286;
const SO: Policy = Policy::StronglyOrdered;

fn good() -> Rig {
    let mut rig = Rig::mapped("esp-psram64h", HZ, GOOD);
    rig.now = rig.now + Picos::from_ns(10_000);
    rig
}

fn line_read(rig: &mut Rig, addr: u32) -> Result<[ReadBeat; 4], BusError> {
    let now = rig.now;
    let mut beats = [ReadBeat::default(); 4];
    rig.with(|octospi, _, fx| AxiPort::read(octospi, &ReadBurst::linefill(addr), now, &mut beats, fx))?;
    Ok(beats)
}

fn line_write(rig: &mut Rig, addr: u32, value: u64) -> Result<Time, BusError> {
    let now = rig.now;
    let beats: [WriteBeat; 4] = core::array::from_fn(|index| WriteBeat::full(addr + 8 * index as u32, value));
    rig.with(|octospi, _, fx| AxiPort::write(octospi, &beats, now, fx))
}

fn clocks_since(rig: &Rig, ready: Time, start: Time) -> u64 {
    assert!(rig.reports.is_empty(), "{:?}", rig.complaints());
    ((ready - start).0 + CLOCK / 2) / CLOCK
}

fn command_bytes(rig: &Rig, opcode: u8) -> (u64, u64, u64) {
    let row = rig
        .octospi
        .stats()
        .traffic
        .iter()
        .find(|row| row.opcode == opcode)
        .expect("it was used");
    (row.frames, row.bytes_in, row.bytes_out)
}

#[test]
fn a_line_comes_after_one_clock_of_select_fourteen_of_header_and_two_for_each_byte() {
    let mut rig = good();
    let start = rig.now;
    let beats = line_read(&mut rig, WINDOW + 0x40).expect("a read");
    let clocks: Vec<u64> = beats
        .iter()
        .map(|beat| clocks_since(&rig, beat.ready, start))
        .collect();
    assert_eq!(clocks, [15 + 16, 15 + 32, 15 + 48, 15 + 64]);
}

#[test]
fn a_line_whose_critical_word_is_in_the_middle_takes_a_second_command() {
    let mut rig = good();
    let start = rig.now;
    let beats = line_read(&mut rig, WINDOW + 0x58).expect("a read");
    let clocks: Vec<u64> = beats
        .iter()
        .map(|beat| clocks_since(&rig, beat.ready, start))
        .collect();
    // 8 bytes at 0x58, NCS high for 4 clocks, then 24 bytes from 0x40.
    let again = 15 + 16 + 4 + 15;
    assert_eq!(clocks, [31, again + 16, again + 32, again + 48]);
    assert_eq!(command_bytes(&rig, 0xeb).0, 2);
}

#[test]
fn the_next_line_goes_on_with_the_open_burst() {
    let mut rig = good();
    line_read(&mut rig, WINDOW).expect("a read");
    let start = rig.now;
    rig.now = start + Picos(79 * CLOCK);
    let begun = rig.now;
    let beats = line_read(&mut rig, WINDOW + 32).expect("a read");
    let clocks: Vec<u64> = beats
        .iter()
        .map(|beat| clocks_since(&rig, beat.ready, begun))
        .collect();
    assert_eq!(clocks, [16, 32, 48, 64], "no second header");
    assert_eq!(command_bytes(&rig, 0xeb).0, 1);
}

#[test]
fn bytes_fetched_ahead_are_there_at_once() {
    let mut setup = GOOD;
    setup.timeout = None;
    let mut rig = Rig::mapped("esp-psram64h", HZ, setup);
    line_read(&mut rig, WINDOW).expect("a read");
    rig.now = rig.now + Picos(150 * CLOCK);
    let begun = rig.now;
    let beats = line_read(&mut rig, WINDOW + 32).expect("a read");
    assert!(beats.iter().all(|beat| beat.ready == begun));
    let fetched: Vec<u8> = beats.iter().flat_map(|beat| beat.data.to_le_bytes()).collect();
    let right: Vec<u8> = (32..64).map(|at| rig.octospi.chip().peek(at)).collect();
    assert_eq!(fetched, right);
}

#[test]
fn the_time_out_ends_a_burst_after_its_clocks_and_sets_tof() {
    let mut rig = good();
    line_read(&mut rig, WINDOW).expect("a read");
    assert_eq!(rig.read(SR) & (SR_TOF | SR_BUSY), SR_BUSY);
    rig.now = rig.now + Picos::from_ns(100_000);
    assert_eq!(
        rig.read(SR) & (SR_TOF | SR_BUSY),
        SR_TOF | SR_BUSY,
        "busy until abort"
    );
    let (_, longest) = rig.octospi.stats().ncs_low.min_max.expect("frames");
    // 1 + 14 of header, 32 bytes asked for, 32 ahead, 10 clocks of LPTR.
    assert_eq!((longest.0 + CLOCK / 2) / CLOCK, 15 + 128 + 10);
    assert_eq!(rig.complaints(), [""; 0]);
}

#[test]
fn without_time_out_ncs_stays_low_for_too_long_and_the_chip_complains() {
    let mut setup = GOOD;
    setup.timeout = None;
    let mut rig = Rig::mapped("esp-psram64h", HZ, setup);
    rig.now = rig.now + Picos::from_ns(10_000);
    line_read(&mut rig, WINDOW).expect("a read");
    rig.now = rig.now + Picos::from_ns(1_000_000);
    line_read(&mut rig, WINDOW + 0x1000).expect("a read");
    assert_eq!(rig.reports.len(), 1);
    let message = rig.complaints()[0];
    assert!(
        message.starts_with("psram: CE# low for 1.00 ms, at most 8.00 us allowed"),
        "{message}"
    );
    assert!(message.ends_with("(tCEM, ESP-PSRAM64H v1.1)"), "{message}");
}

#[test]
fn refresh_cuts_a_long_read_before_the_chip_minds() {
    let mut rig = good();
    let mut addr = WINDOW;
    for _ in 0..64 {
        let beats = line_read(&mut rig, addr).expect("a read");
        rig.now = rig.now.max(beats[3].ready);
        addr += 32;
    }
    assert_eq!(rig.complaints(), [""; 0]);
    let (_, longest) = rig.octospi.stats().ncs_low.min_max.expect("frames");
    assert!(
        longest.0 <= 504 * CLOCK,
        "REFRESH + 4 clocks, found {} ns",
        longest.0 / 1000
    );
    let (frames, bytes, _) = command_bytes(&rig, 0xeb);
    // (504 - 15) / 2 bytes in a burst.
    assert_eq!(frames, bytes.div_ceil(244));
}

#[test]
fn a_refresh_that_is_too_late_breaks_tcem() {
    let mut setup = GOOD;
    setup.dcr4 = 0;
    let mut rig = Rig::mapped("esp-psram64h", HZ, setup);
    rig.now = rig.now + Picos::from_ns(10_000);
    for line in 0..40 {
        let beats = line_read(&mut rig, WINDOW + 32 * line).expect("a read");
        rig.now = rig.now.max(beats[3].ready);
    }
    rig.now = rig.now + Picos::from_ns(100_000);
    rig.read(SR);
    assert!(rig.complaints()[0].contains("tCEM"), "{:?}", rig.complaints());
}

#[test]
fn csbound_cuts_at_its_multiples() {
    let mut setup = GOOD;
    setup.dcr3 = 10 << 16;
    setup.dcr4 = 0;
    let mut rig = Rig::mapped("esp-psram64h", HZ, setup);
    rig.now = rig.now + Picos::from_ns(10_000);
    for line in 0..4 {
        line_write(&mut rig, WINDOW + 1024 - 64 + 32 * line, 0x0123_4567_89ab_cdef).expect("a write");
    }
    rig.now = rig.now + Picos::from_ns(10_000);
    rig.read(SR);
    assert_eq!(command_bytes(&rig, 0x38), (2, 0, 128));
    assert_eq!(rig.complaints(), [""; 0]);
}

#[test]
fn maxtran_cuts_nothing_while_nobody_else_asks_for_the_pins() {
    // RM0456 OCTOSPI_DCR3: it limits how long one controller keeps the other waiting. OCTOSPI2 has no model, so nobody waits.
    let bursts = [0, 10].map(|maxtran| {
        let mut setup = GOOD;
        setup.dcr3 = maxtran;
        let mut rig = Rig::mapped("esp-psram64h", HZ, setup);
        rig.now = rig.now + Picos::from_ns(10_000);
        for line in 0..4 {
            line_write(&mut rig, WINDOW + 32 * line, 0x0123_4567_89ab_cdef).expect("a write");
        }
        rig.now = rig.now + Picos::from_ns(10_000);
        rig.read(SR);
        assert_eq!(rig.complaints(), [""; 0]);
        command_bytes(&rig, 0x38)
    });
    assert_eq!(bursts, [(1, 0, 128); 2]);
}

#[test]
fn crossing_a_page_above_84_mhz_is_reported_and_csbound_prevents_it() {
    for (csbound, complaints) in [(0, 1), (10, 0)] {
        let mut setup = GOOD;
        setup.dcr1 = 2 << 24 | 23 << 16 | 6 << 8 | 1 << 3;
        setup.dcr3 = csbound << 16;
        let mut rig = Rig::mapped("esp-psram64h", 100_000_000, setup);
        rig.now = rig.now + Picos::from_ns(10_000);
        line_write(&mut rig, WINDOW + 1024 - 32, 1).expect("a write");
        line_write(&mut rig, WINDOW + 1024, 2).expect("a write");
        rig.now = rig.now + Picos::from_ns(10_000);
        rig.read(SR);
        assert_eq!(rig.reports.len(), complaints, "{:?}", rig.complaints());
        assert!(
            rig.complaints()
                .iter()
                .all(|message| message.contains("crosses a 1 KB page at 100.0 MHz"))
        );
    }
}

#[test]
fn sequential_writes_share_one_command_and_others_do_not() {
    let mut rig = good();
    for step in 0..8 {
        rig.store(WINDOW + 4 * step, Width::Word, step, SO);
    }
    rig.store(WINDOW + 0x100, Width::Byte, 0xee, SO);
    rig.now = rig.now + Picos::from_ns(10_000);
    rig.read(SR);
    assert_eq!(command_bytes(&rig, 0x38), (2, 0, 33));
    assert_eq!(rig.complaints(), [""; 0]);
}

#[test]
fn a_burst_of_writes_waits_when_the_fifo_is_full() {
    let mut rig = good();
    let start = rig.now;
    let first = line_write(&mut rig, WINDOW, 1).expect("a write");
    assert_eq!(first, start, "32 bytes fit in");
    rig.now = start;
    let second = line_write(&mut rig, WINDOW + 32, 2).expect("a write");
    // The last of its beats gets in when the last of the first line has left.
    assert_eq!(clocks_since(&rig, second, start), 1 + 8 + 64);
}

#[test]
fn bus_errors_come_where_silicon_gives_them() {
    let reason = |rig: &mut Rig, write: bool, addr: u32| {
        let result = if write {
            rig.try_store(addr, Width::Word, 1, SO)
        } else {
            rig.try_load(addr, Width::Word, SO).map(drop)
        };
        let error = result.expect_err("a bus error");
        assert_eq!((error.address, error.write), (addr, write));
        error.reason
    };
    let mut rig = Rig::cold("esp-psram64h", HZ);
    assert!(reason(&mut rig, false, WINDOW).contains("not in memory-mapped mode"));
    let mut rig = good();
    assert!(reason(&mut rig, false, WINDOW + (16 << 20)).contains("DEVSIZE = 23"));
    assert!(reason(&mut rig, true, WINDOW + (16 << 20)).contains("DEVSIZE = 23"));
    let mut setup = GOOD;
    setup.wccr &= !(1 << 29);
    let mut rig = Rig::mapped("esp-psram64h", HZ, setup);
    assert!(reason(&mut rig, true, WINDOW).contains("ES0478 2.7.8"));
    rig.load(WINDOW, Width::Word, SO);
    let mut setup = GOOD;
    setup.wccr &= !(7 << 24);
    setup.ccr &= !(7 << 24);
    let mut rig = Rig::mapped("esp-psram64h", HZ, setup);
    assert!(reason(&mut rig, true, WINDOW).contains("WCCR.DMODE = 0"));
    assert!(reason(&mut rig, false, WINDOW).contains("CCR.DMODE = 0"));
}

#[test]
fn a_beat_with_gaps_overwrites_what_was_not_written() {
    let cases = [
        (Unstrobed::Zero, [0, 0, 0xee, 0, 0, 0, 0, 0]),
        (Unstrobed::Keep, [0x11, 0x11, 0xee, 0x11, 0x11, 0x11, 0x11, 0x11]),
        (Unstrobed::Stale, [0x22, 0x22, 0xee, 0x22, 0x22, 0x22, 0x22, 0x22]),
    ];
    for (unstrobed, expected) in cases {
        let mut rig = good();
        rig.octospi.set_quirks(Quirks {
            unstrobed,
            ..Quirks::default()
        });
        line_write(&mut rig, WINDOW, 0x1111_1111_1111_1111).expect("a write");
        line_write(&mut rig, WINDOW + 32, 0x2222_2222_2222_2222).expect("a write");
        rig.store(WINDOW + 10, Width::Byte, 0xee, Policy::NonCacheable);
        rig.drain();
        let found: Vec<u8> = (8..16).map(|at| rig.chip_byte(WINDOW + at)).collect();
        assert_eq!(found, expected, "{unstrobed:?}");
        assert_eq!(rig.octospi.stats().partial_beats, 1);
        assert_eq!(rig.dcache.stats().partial_beats, 1);
    }
}

#[test]
fn exact_size_writes_touch_nothing_else() {
    for policy in [Policy::StronglyOrdered, Policy::Device] {
        let mut rig = good();
        line_write(&mut rig, WINDOW, 0x1111_1111_1111_1111).expect("a write");
        rig.store(WINDOW + 3, Width::Byte, 0xee, policy);
        rig.store(WINDOW + 6, Width::Half, 0xabcd, policy);
        let found: Vec<u8> = (0..9).map(|at| rig.chip_byte(WINDOW + at)).collect();
        assert_eq!(found, [0x11, 0x11, 0x11, 0xee, 0x11, 0x11, 0xcd, 0xab, 0x11]);
        assert_eq!(rig.octospi.stats().partial_beats, 0);
    }
}

#[test]
fn sioo_sends_the_instruction_once_and_the_chip_misunderstands_the_rest() {
    let mut setup = GOOD;
    setup.ccr |= 1 << 31;
    let mut rig = Rig::mapped("esp-psram64h", HZ, setup);
    let right = |rig: &Rig, at: u32| u32::from(rig.chip_byte(WINDOW + at));
    let first = rig.load(WINDOW + 0x10, Width::Byte, SO);
    assert_eq!(first, right(&rig, 0x10));
    let second = rig.load(WINDOW + 0x1234, Width::Byte, SO);
    assert_ne!(second, right(&rig, 0x1234));
    let told: Vec<_> = rig
        .complaints()
        .into_iter()
        .filter(|message| message.contains("SIOO"))
        .collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].contains("CCR.SIOO = 1 with REFRESH or CSBOUND"),
        "{told:?}"
    );
}

#[test]
fn sioo_without_anything_that_cuts_a_burst_breaks_no_rule_of_the_controller() {
    let mut setup = GOOD;
    setup.ccr |= 1 << 31;
    setup.dcr4 = 0;
    let mut rig = Rig::mapped("esp-psram64h", HZ, setup);
    rig.load(WINDOW, Width::Byte, SO);
    assert_eq!(rig.complaints(), [""; 0]);
}

#[test]
fn leaving_mapped_mode_by_abort_clears_busy() {
    let mut rig = good();
    rig.store(WINDOW, Width::Word, 0x1234_5678, SO);
    assert_eq!(rig.read(SR) & SR_BUSY, SR_BUSY);
    rig.write(CCR, 1);
    assert!(
        rig.complaints()[0].contains("while BUSY"),
        "{:?}",
        rig.complaints()
    );
    rig.write(CR, 3 << 28 | 1 << 1 | 1);
    rig.wait_idle();
    assert_eq!(rig.read(SR) & SR_TCF, SR_TCF);
    rig.write(FCR, SR_TCF);
    rig.command(0xf5, 3);
    assert!(!rig.octospi.chip().psram().expect("a psram").is_quad());
    assert_eq!(rig.load_error(), "not in memory-mapped mode");
}

impl Rig {
    fn load_error(&mut self) -> &'static str {
        match self.try_load(WINDOW, Width::Word, SO) {
            Err(error) if error.reason.contains("not in memory-mapped mode") => "not in memory-mapped mode",
            Err(_) => "another error",
            Ok(_) => "no error",
        }
    }
}

#[test]
fn a_missing_line_spoils_data_and_a_missing_clock_silences_the_chip() {
    use chipmodel::onchip::octospi::Pins;
    let mut rig = good();
    let right = rig.load(WINDOW, Width::Word, SO);
    rig.now = rig.now + Picos::from_ns(10_000);
    rig.octospi.set_pins(Pins {
        copper: Copper {
            joined: 0b1011,
            ..Copper::SOUND
        },
        ..Pins::ALL
    });
    assert_ne!(rig.load(WINDOW + 0x2000, Width::Word, SO), {
        let byte = |at| u32::from(rig.chip_byte(WINDOW + 0x2000 + at));
        byte(0) | byte(1) << 8 | byte(2) << 16 | byte(3) << 24
    });
    rig.now = rig.now + Picos::from_ns(10_000);
    rig.octospi.set_pins(Pins {
        clk_and_ncs: false,
        ..Pins::ALL
    });
    assert_eq!(rig.load(WINDOW + 0x4000, Width::Word, SO), 0xffff_ffff);
    rig.now = rig.now + Picos::from_ns(10_000);
    rig.octospi.set_pins(Pins::ALL);
    assert_eq!(rig.load(WINDOW, Width::Word, SO), right);
}

#[test]
fn switching_the_time_out_on_acts_on_a_burst_that_is_open() {
    let mut setup = GOOD;
    setup.timeout = None;
    let mut rig = Rig::mapped("esp-psram64h", HZ, setup);
    line_read(&mut rig, WINDOW).expect("a read");
    rig.write(CR, 3 << 28 | 1 | 1 << 3);
    rig.now = rig.now + Picos::from_ns(100_000);
    assert_eq!(rig.read(SR) & SR_TOF, SR_TOF);
}

#[test]
fn a_stopped_clock_starts_again_when_there_is_room_and_not_before() {
    let mut setup = GOOD;
    setup.timeout = None;
    setup.dcr4 = 0;
    let mut rig = Rig::mapped("esp-psram64h", HZ, setup);
    line_read(&mut rig, WINDOW).expect("a read");
    rig.now = rig.now + Picos(500 * CLOCK);
    let start = rig.now;
    rig.load(WINDOW + 32, Width::Word, SO);
    rig.now = start;
    let beats = line_read_from(&mut rig, WINDOW + 36);
    // 28 of these 32 bytes were there; the last 4 take 2 clocks each.
    assert_eq!(
        beats.map(|beat| clocks_since(&rig, beat.ready, start)),
        [0, 0, 0, 0, 0, 0, 0, 8]
    );
}

/// Eight words in a row.
fn line_read_from(rig: &mut Rig, addr: u32) -> [ReadBeat; 8] {
    let start = rig.now;
    core::array::from_fn(|index| {
        let mut beats = [ReadBeat::default(); 4];
        let burst = ReadBurst::single(addr + 4 * index as u32, 4);
        rig.with(|octospi, _, fx| AxiPort::read(octospi, &burst, start, &mut beats, fx))
            .expect("a read");
        beats[0]
    })
}

#[test]
fn reading_with_a_strobe_that_nobody_sends_is_reported_once() {
    let mut setup = GOOD;
    setup.ccr |= 1 << 29;
    let mut rig = Rig::mapped("esp-psram64h", HZ, setup);
    for at in 0..3 {
        rig.load(WINDOW + 0x100 * at, Width::Word, SO);
    }
    assert_eq!(rig.reports.len(), 1);
    assert!(
        rig.complaints()[0].contains("CCR.DQSE = 1"),
        "{:?}",
        rig.complaints()
    );
}

#[test]
fn the_address_register_is_dead_in_mapped_mode() {
    let mut rig = good();
    rig.write(AR, 0x1234);
    assert_eq!(rig.read(AR), 0);
    assert!(
        rig.complaints()[0].contains("AR written 0x00001234"),
        "{:?}",
        rig.complaints()
    );
}

#[test]
fn bytes_that_refresh_held_up_are_not_there_early() {
    let mut setup = GOOD;
    setup.timeout = None;
    setup.dcr4 = 87;
    let mut rig = Rig::mapped("esp-psram64h", HZ, setup);
    rig.now = rig.now + Picos::from_ns(10_000);
    let start = rig.now;
    line_read(&mut rig, WINDOW).expect("a read");
    // 79 clocks for the line, 6 more bytes up to REFRESH + 4 = 91, then NCS high for 4, 15 of header, 2 for a byte.
    rig.now = start + Picos(95 * CLOCK);
    let mut beats = [ReadBeat::default(); 4];
    let now = rig.now;
    let burst = ReadBurst::single(WINDOW + 32, 8);
    rig.with(|octospi, _, fx| AxiPort::read(octospi, &burst, now, &mut beats, fx))
        .expect("a read");
    assert_eq!(clocks_since(&rig, beats[0].ready, start), 91 + 4 + 15 + 4);
}

#[test]
fn a_refresh_that_also_acts_on_a_stopped_clock_protects_an_idle_burst() {
    for (refresh_while_stopped, complaints) in [(false, 1), (true, 0)] {
        let mut setup = GOOD;
        setup.timeout = None;
        let mut rig = Rig::mapped("esp-psram64h", HZ, setup);
        rig.octospi.set_quirks(Quirks {
            refresh_while_stopped,
            ..Quirks::default()
        });
        rig.now = rig.now + Picos::from_ns(10_000);
        line_read(&mut rig, WINDOW).expect("a read");
        rig.now = rig.now + Picos::from_ns(1_000_000);
        line_read(&mut rig, WINDOW + 0x1000).expect("a read");
        assert_eq!(rig.reports.len(), complaints, "{:?}", rig.complaints());
    }
}

#[test]
fn edges_of_ncs_are_noted_with_what_a_frame_begins_with() {
    let mut rig = good();
    rig.octospi.note_edges(true);
    line_read(&mut rig, WINDOW + 0x40).expect("a read");
    rig.now = rig.now + Picos::from_ns(10_000);
    line_write(&mut rig, WINDOW + 0x80, 1).expect("a write");
    rig.now = rig.now + Picos::from_ns(10_000);
    rig.read(SR);
    let edges = rig.octospi.take_edges();
    let frames: Vec<_> = edges
        .iter()
        .map(|edge| edge.frame.map(|frame| (frame.instruction, frame.address)))
        .collect();
    let begins = |instruction, address| Some((Some(instruction), address));
    assert_eq!(
        frames,
        [begins(0xEB, Some(0x40)), None, begins(0x38, Some(0x80)), None]
    );
    assert!(edges.windows(2).all(|pair| pair[0].at < pair[1].at), "{edges:?}");
    assert!(rig.octospi.take_edges().is_empty());
    rig.octospi.note_edges(false);
    line_read(&mut rig, WINDOW + 0x40).expect("a read");
    assert!(rig.octospi.take_edges().is_empty(), "nobody listens");
}

#[test]
fn a_word_that_was_read_can_be_read_again_without_the_wire() {
    // As a bench on an STM32H7B0 saw it, at 64 MHz: 40 ns for each of 64 reads of one word, loop included.
    let mut rig = Rig::mapped("esp-psram64h", 64_000_000, GOOD);
    rig.now = rig.now + Picos::from_ns(10_000);
    rig.store(WINDOW + 0x100, Width::Word, 0x1234_5678, SO);
    rig.now = rig.now + Picos::from_ns(10_000);
    assert_eq!(rig.load(WINDOW + 0x100, Width::Word, SO), 0x1234_5678);
    let (frames, begin) = (command_bytes(&rig, 0xEB).0, rig.now);
    for _ in 0..63 {
        assert_eq!(rig.load(WINDOW + 0x100, Width::Word, SO), 0x1234_5678);
    }
    let each = (rig.now - begin).0 / 63;
    assert!(each < 40_000, "{each} ps");
    assert_eq!(command_bytes(&rig, 0xEB).0, frames, "one frame");
    // The next word is there, too; another place ends it, and so does a write.
    rig.load(WINDOW + 0x104, Width::Word, SO);
    assert_eq!(command_bytes(&rig, 0xEB).0, frames);
    rig.load(WINDOW + 0x100, Width::Word, SO);
    assert_eq!(command_bytes(&rig, 0xEB).0, frames + 1);
    rig.store(WINDOW + 0x100, Width::Word, 7, SO);
    assert_eq!(rig.load(WINDOW + 0x100, Width::Word, SO), 7);
    assert!(rig.reports.is_empty(), "{:?}", rig.complaints());
}
