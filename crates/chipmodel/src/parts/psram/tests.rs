//! The chip against the tables of its data sheets, typed in here a second time.

use super::part::{APS6404L_3SQN, APS6404L_3SQR, ESP_PSRAM64H, IPS6404L_SQ, LY68L6400, PARTS};
use super::rules::Rule;
use super::*;
use crate::bus::qspi::{Frame as HostFrame, Prober};

const LONG_AFTER_POWER_UP: Time = Time(1_000_000_000);

struct Bench {
    chip: Psram,
    host: Prober,
}

impl Bench {
    /// Reset and idle, clock and gap inside every limit.
    fn new(part: &'static Part) -> Bench {
        let mut bench = Bench::cold(part);
        bench.bare(Lanes::One, 0x66);
        bench.bare(Lanes::One, 0x99);
        bench
    }

    fn cold(part: &'static Part) -> Bench {
        let host = Prober::new(LONG_AFTER_POWER_UP, 20_000_000, Picos::from_ns(100));
        Bench {
            chip: Psram::new(part, 42, Time(0)),
            host,
        }
    }

    fn quad(part: &'static Part) -> Bench {
        let mut bench = Bench::new(part);
        bench.bare(Lanes::One, 0x35);
        bench
    }

    fn bare(&mut self, lanes: Lanes, opcode: u8) {
        let frame = HostFrame {
            command: (lanes, opcode),
            address: None,
            dummy_clocks: 0,
        };
        self.host.write(&mut self.chip, &frame, lanes, &[]);
    }

    fn read(
        &mut self,
        command: (Lanes, u8),
        address: (Lanes, u32),
        dummy: u32,
        lanes: Lanes,
        len: usize,
    ) -> Vec<u8> {
        let frame = HostFrame {
            command,
            address: Some(address),
            dummy_clocks: dummy,
        };
        let mut data = vec![0; len];
        self.host.read(&mut self.chip, &frame, lanes, &mut data);
        data
    }

    fn write(&mut self, command: (Lanes, u8), address: (Lanes, u32), lanes: Lanes, data: &[u8]) {
        let frame = HostFrame {
            command,
            address: Some(address),
            dummy_clocks: 0,
        };
        self.host.write(&mut self.chip, &frame, lanes, data);
    }

    fn cells(&self, address: u32, len: u32) -> Vec<u8> {
        (address..address + len)
            .map(|at| self.chip.cells().read(at))
            .collect()
    }

    fn complaints(&self) -> Vec<&str> {
        self.host
            .reports
            .iter()
            .map(|report| report.message.as_str())
            .collect()
    }
}

const S: Lanes = Lanes::One;
const Q: Lanes = Lanes::Four;

#[test]
fn reads_of_the_truth_table_work_in_their_mode_and_in_no_other() {
    // Opcode, lines of the address and of the data, wait cycles in SPI mode; whether QPI mode has it, too.
    let table = [
        (0x03, S, 0, S, false),
        (0x0b, S, 8, S, false),
        (0xeb, Q, 6, Q, true),
    ];
    for (opcode, address, wait, data, in_qpi) in table {
        let mut bench = Bench::new(&ESP_PSRAM64H);
        let right = bench.cells(0x1234, 16);
        assert_eq!(
            bench.read((S, opcode), (address, 0x1234), wait, data, 16),
            right,
            "SPI 0x{opcode:02x}"
        );
        let mut bench = Bench::quad(&ESP_PSRAM64H);
        let found = bench.read((Q, opcode), (Q, 0x1234), wait, Q, 16);
        assert_eq!(found == right, in_qpi, "QPI 0x{opcode:02x}");
        if !in_qpi {
            assert_eq!(found, [0xff; 16], "nobody drives the lines");
        }
        assert_eq!(bench.complaints(), [""; 0]);
    }
}

#[test]
fn writes_of_the_truth_table_work_in_their_mode() {
    for (quad, opcode, address, data) in [
        (false, 0x02, S, S),
        (false, 0x38, Q, Q),
        (true, 0x02, Q, Q),
        (true, 0x38, Q, Q),
    ] {
        let mut bench = if quad {
            Bench::quad(&ESP_PSRAM64H)
        } else {
            Bench::new(&ESP_PSRAM64H)
        };
        let command = if quad { Q } else { S };
        bench.write((command, opcode), (address, 0x4_5678), data, &[1, 2, 3, 0xfe]);
        assert_eq!(
            bench.cells(0x4_5678, 4),
            [1, 2, 3, 0xfe],
            "0x{opcode:02x}, quad {quad}"
        );
        assert_eq!(bench.complaints(), [""; 0]);
    }
}

#[test]
fn an_incomplete_last_byte_is_not_written() {
    let mut bench = Bench::quad(&ESP_PSRAM64H);
    let before = bench.cells(0x10, 2);
    bench
        .chip
        .select(bench.host.now, bench.host.period, &mut bench.host.reports);
    bench.chip.send(Q, &[0x38, 0, 0, 0x10, !before[0]]);
    bench.chip.clock(Lines::sent(Q, !before[1] >> 4));
    bench.chip.deselect(
        bench.host.now + Picos::from_ns(1_000),
        Picos::from_ns(20),
        &mut bench.host.reports,
    );
    assert_eq!(bench.cells(0x10, 2), [!before[0], before[1]]);
}

#[test]
fn the_address_has_23_bits_and_a_burst_runs_round_the_end() {
    let mut bench = Bench::quad(&ESP_PSRAM64H);
    bench.write((Q, 0x38), (Q, 0xff_fffe), Q, &[1, 2, 3, 4]);
    assert_eq!(
        (bench.cells(0x7f_fffe, 2), bench.cells(0, 2)),
        (vec![1, 2], vec![3, 4])
    );
}

#[test]
fn read_id_gives_maker_die_and_density_in_spi_mode_only() {
    for part in PARTS {
        let mut bench = Bench::new(part);
        let id = bench.read((S, 0x9f), (S, 0), 0, S, 8);
        let code = (part.size_bytes >> 22) as u8;
        assert_eq!((id[0], id[1], id[2] >> 5), (0x0d, 0x5d, code), "{}", part.name);
        assert_eq!(
            bench.read((S, 0x9f), (S, 0xff_ffff), 0, S, 8),
            id,
            "the address does not matter"
        );
        bench.bare(S, 0x35);
        assert_eq!(bench.read((Q, 0x9f), (Q, 0), 0, Q, 8), [0xff; 8]);
        assert_eq!(bench.read((S, 0x9f), (S, 0), 0, S, 8), [0xff; 8]);
        assert_eq!(bench.complaints(), [""; 0], "{}", part.name);
    }
}

#[test]
fn quad_mode_is_entered_left_and_reset() {
    let mut bench = Bench::quad(&ESP_PSRAM64H);
    assert!(bench.chip.is_quad());
    bench.bare(S, 0x66);
    bench.bare(S, 0x99);
    assert!(bench.chip.is_quad(), "on one line it hears something else");
    bench.bare(Q, 0xf5);
    assert!(!bench.chip.is_quad());
    bench.bare(S, 0x35);
    bench.bare(Q, 0x66);
    bench.bare(Q, 0x99);
    assert!(!bench.chip.is_quad());
}

#[test]
fn reset_must_follow_reset_enable_at_once() {
    let mut bench = Bench::quad(&ESP_PSRAM64H);
    bench.bare(Q, 0x99);
    assert!(bench.chip.is_quad(), "not enabled");
    bench.bare(Q, 0x66);
    bench.read((Q, 0xeb), (Q, 0), 6, Q, 1);
    bench.bare(Q, 0x99);
    assert!(bench.chip.is_quad(), "abandoned");
    bench.bare(Q, 0x66);
    bench.bare(Q, 0x99);
    assert!(!bench.chip.is_quad());
}

#[test]
fn the_wrap_toggle_turns_bursts_around_inside_32_bytes_until_it_comes_again() {
    // The byte sequence of table 4-1: 4, 5, 6 ... 31, 0, 1, 2.
    let mut bench = Bench::quad(&ESP_PSRAM64H);
    let block = bench.cells(0x400, 64);
    bench.bare(Q, 0xc0);
    let found = bench.read((Q, 0xeb), (Q, 0x404), 6, Q, 32);
    assert_eq!(found, [&block[4..32], &block[..4]].concat());
    bench.write((Q, 0x38), (Q, 0x41e), Q, &[1, 2, 3, 4]);
    assert_eq!(
        (bench.cells(0x41e, 2), bench.cells(0x400, 2)),
        (vec![1, 2], vec![3, 4])
    );
    bench.bare(Q, 0xc0);
    assert_eq!(bench.read((Q, 0xeb), (Q, 0x404), 6, Q, 60)[28..], block[32..]);
    bench.bare(Q, 0xc0);
    bench.bare(Q, 0x66);
    bench.bare(Q, 0x99);
    bench.bare(S, 0x35);
    assert_eq!(
        bench.read((Q, 0xeb), (Q, 0x404), 6, Q, 60)[28..],
        block[32..],
        "reset means linear"
    );
}

#[test]
fn byte_by_byte_and_clock_by_clock_agree() {
    /// The same chip, without its short cuts.
    struct Slow(Psram);
    impl QspiChip for Slow {
        fn select(&mut self, at: Time, period: Picos, reports: &mut Vec<Report>) {
            self.0.select(at, period, reports);
        }
        fn clock(&mut self, host: Lines) -> Lines {
            self.0.clock(host)
        }
        fn deselect(&mut self, at: Time, hold: Picos, reports: &mut Vec<Report>) {
            self.0.deselect(at, hold, reports);
        }
    }
    let mut fast = Bench::quad(&ESP_PSRAM64H);
    let mut slow = Slow(fast.chip.clone());
    let mut host = fast.host.clone();
    for (address, len) in [(0, 1), (0x3fe, 5), (0x7f_fff0, 40), (77, 1100)] {
        let data: Vec<u8> = (0..len).map(|index| index as u8 ^ 0x5a).collect();
        let write = HostFrame {
            command: (Q, 0x38),
            address: Some((Q, address)),
            dummy_clocks: 0,
        };
        fast.host.write(&mut fast.chip, &write, Q, &data);
        host.write(&mut slow, &write, Q, &data);
        let read = HostFrame {
            command: (Q, 0xeb),
            address: Some((Q, address)),
            dummy_clocks: 6,
        };
        let (mut a, mut b) = (data.clone(), data.clone());
        fast.host.read(&mut fast.chip, &read, Q, &mut a);
        host.read(&mut slow, &read, Q, &mut b);
        assert_eq!(a, data);
        assert_eq!(b, data);
        assert_eq!(fast.host.reports, host.reports, "0x{address:x}");
    }
    // Whatever is sent, in whatever mode: both end in the same state.
    let mut seed = 1u32;
    let mut dice = move |limit: u32| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) % limit
    };
    let opcodes = [
        0x03, 0x0b, 0xeb, 0x02, 0x38, 0x35, 0xf5, 0x66, 0x99, 0xc0, 0x9f, 0x00,
    ];
    for round in 0..5_000 {
        let lanes = [S, Q, if fast.chip.is_quad() { Q } else { S }][dice(3) as usize];
        let address = [None, Some(S), Some(Q)][dice(3) as usize].map(|lanes| (lanes, dice(0x80_0000)));
        let frame = HostFrame {
            command: (lanes, opcodes[dice(12) as usize]),
            address,
            dummy_clocks: dice(10),
        };
        let data_lanes = [S, Q, Lanes::Two][dice(3) as usize];
        let mut a: Vec<u8> = (0..dice(9)).map(|_| dice(256) as u8).collect();
        let mut b = a.clone();
        if dice(2) == 0 {
            fast.host.write(&mut fast.chip, &frame, data_lanes, &a);
            host.write(&mut slow, &frame, data_lanes, &b);
        } else {
            fast.host.read(&mut fast.chip, &frame, data_lanes, &mut a);
            host.read(&mut slow, &frame, data_lanes, &mut b);
        }
        assert_eq!(a, b, "round {round}: {frame:x?}");
        assert_eq!(fast.chip.is_quad(), slow.0.is_quad(), "round {round}: {frame:x?}");
    }
    assert_eq!(fast.host.reports, host.reports);
    assert!((0..8 << 20).all(|at| fast.chip.cells().read(at) == slow.0.cells().read(at)));
}

#[test]
fn nothing_but_reset_is_welcome_before_the_first_reset_and_nothing_in_the_first_150_us() {
    let mut bench = Bench::cold(&ESP_PSRAM64H);
    bench.bare(S, 0x35);
    assert!(
        bench.complaints()[0].contains("command 0x35 before the first reset"),
        "{:?}",
        bench.complaints()
    );
    let mut bench = Bench::cold(&ESP_PSRAM64H);
    bench.host.now = Time(149_000_000);
    bench.bare(S, 0x66);
    assert_eq!(
        bench.complaints(),
        ["psram: selected 149.00 us after power-up, at least 150.00 us needed (tPU, ESP-PSRAM64H v1.1)"]
    );
}

/// Read `len` bytes at `hz` in QPI mode with CE# high for `gap_ns` before; which rules were broken.
fn broken(part: &'static Part, hz: u32, gap_ns: u64, address: u32, len: usize) -> Vec<Rule> {
    let mut bench = Bench::quad(part);
    bench.host.now = LONG_AFTER_POWER_UP + Picos::from_ns(1_000_000);
    bench.read((Q, 0xeb), (Q, address), 6, Q, 1);
    bench.host.period = Picos::of_cycles(1, hz);
    bench.host.now = Time(bench.host.now.0 - 100_000 + gap_ns * 1_000);
    bench.read((Q, 0xeb), (Q, address), 6, Q, len);
    Rule::ALL
        .into_iter()
        .filter(|rule| bench.chip.rules().count(*rule) > 0)
        .collect()
}

#[test]
fn each_part_has_the_limits_of_its_data_sheet() {
    // Fastest clock inside a page and tCPH in ns; the rest is common: 84 MHz across a page, tCEM 8 us.
    let table = [
        (&ESP_PSRAM64H, 133, 50),
        (&LY68L6400, 144, 50),
        (&APS6404L_3SQR, 84, 50),
        (&APS6404L_3SQN, 84, 50),
        (&IPS6404L_SQ, 104, 18),
    ];
    for (part, mhz, gap_ns) in table {
        let name = part.name;
        assert_eq!(broken(part, mhz * 1_000_000, gap_ns, 0, 8), [], "{name}");
        assert_eq!(
            broken(part, (mhz + 1) * 1_000_000, gap_ns, 0, 8),
            [Rule::Clock],
            "{name}"
        );
        assert_eq!(
            broken(part, 40_000_000, gap_ns - 1, 0, 8),
            [Rule::CeHigh],
            "{name}"
        );
        assert_eq!(broken(part, 84_000_000, gap_ns, 1020, 8), [], "{name}");
        if mhz > 90 {
            assert_eq!(
                broken(part, 90_000_000, gap_ns, 1020, 8),
                [Rule::PageCrossing],
                "{name}"
            );
            assert_eq!(
                broken(part, 90_000_000, gap_ns, 1016, 8),
                [],
                "{name}: up to the end is not across"
            );
        }
        // 1 + 14 clocks and 2 for each byte: 152 bytes at 40 MHz are 7.975 us, 153 are 8.025 us.
        assert_eq!(broken(part, 40_000_000, gap_ns, 0, 152), [], "{name}");
        assert_eq!(broken(part, 40_000_000, gap_ns, 0, 153), [Rule::CeLow], "{name}");
    }
}

#[test]
fn the_slow_read_has_a_limit_of_its_own() {
    for (hz, complaints) in [(33_000_000, 0), (40_000_000, 1)] {
        let mut bench = Bench::new(&ESP_PSRAM64H);
        bench.host.period = Picos::of_cycles(1, hz);
        bench.read((S, 0x03), (S, 0), 0, S, 4);
        assert_eq!(bench.host.reports.len(), complaints, "{:?}", bench.complaints());
    }
}

#[test]
fn the_hold_time_is_checked_only_if_asked_for() {
    for (strict, complaints) in [(false, 0), (true, 1)] {
        let mut bench = Bench::quad(&ESP_PSRAM64H);
        bench.chip = bench.chip.strict_hold(strict);
        bench.host.period = Picos::of_cycles(1, 70_000_000);
        bench.read((Q, 0xeb), (Q, 0), 6, Q, 4);
        assert_eq!(bench.host.reports.len(), complaints);
        assert!(
            bench
                .complaints()
                .iter()
                .all(|message| message.contains("14.3 ns after the last clock edge"))
        );
    }
}

#[test]
fn lyontek_prohibits_linear_bursts_after_02_in_spi_mode() {
    for (part, len, complaints) in [(&LY68L6400, 1, 0), (&LY68L6400, 2, 1), (&ESP_PSRAM64H, 2, 0)] {
        let mut bench = Bench::new(part);
        bench.write((S, 0x02), (S, 0), S, &vec![0; len]);
        assert_eq!(bench.host.reports.len(), complaints, "{} {len}", part.name);
    }
}

#[test]
fn a_rule_that_is_broken_all_the_time_is_reported_three_times_and_counted_always() {
    let mut bench = Bench::quad(&ESP_PSRAM64H);
    bench.host.gap = Picos::from_ns(10);
    for _ in 0..100 {
        bench.read((Q, 0xeb), (Q, 0), 6, Q, 1);
    }
    assert_eq!(bench.host.reports.len(), 3);
    assert_eq!(bench.chip.rules().count(Rule::CeHigh), 99);
}

#[test]
fn memory_is_random_after_power_up_and_the_same_for_the_same_seed() {
    let content = |seed| {
        Psram::new(&ESP_PSRAM64H, seed, Time(0))
            .cells()
            .run(0, 4096)
            .expect("no defects")
            .to_vec()
    };
    assert_eq!(content(1), content(1));
    assert_ne!(content(1), content(2));
    let ones: u32 = content(1).iter().map(|byte| byte.count_ones()).sum();
    assert!((15_000..18_000).contains(&ones), "{ones} of 32768 bits are set");
}

#[test]
fn defects_show_in_reads_over_the_wire() {
    let mut bench = Bench::quad(&ESP_PSRAM64H);
    bench.chip.inject(Defect::StuckBit {
        address: 0x100,
        bit: 3,
        value: true,
    });
    bench.write((Q, 0x38), (Q, 0xff), Q, &[0, 0, 0]);
    assert_eq!(bench.read((Q, 0xeb), (Q, 0xff), 6, Q, 3), [0, 8, 0]);
    let mut bench = Bench::quad(&ESP_PSRAM64H);
    bench.chip.inject(Defect::AddressLine {
        line: 20,
        value: false,
    });
    bench.write((Q, 0x38), (Q, 0x10_0000), Q, &[0x77]);
    assert_eq!(bench.read((Q, 0xeb), (Q, 0), 6, Q, 1), [0x77]);
    let mut bench = Bench::new(&ESP_PSRAM64H);
    bench.chip = bench.chip.with_die(4 << 20, 1, 1).not_a_known_good_die();
    let id = bench.read((S, 0x9f), (S, 0), 0, S, 8);
    assert_eq!((id[1], id[2] >> 5), (0x55, 0b001));
    bench.write((S, 0x38), (Q, 0x40_0000), Q, &[0x77]);
    assert_eq!(
        bench.read((S, 0xeb), (Q, 0), 6, Q, 1),
        [0x77],
        "4 MB, then again from the start"
    );
}

#[test]
fn a_large_die_uses_all_24_bits_of_the_address() {
    let mut bench = Bench::quad(&ESP_PSRAM64H);
    bench.chip = bench.chip.with_die(16 << 20, 3, 1);
    bench.write((Q, 0x38), (Q, 0xff_fffe), Q, &[1, 2, 3, 4]);
    assert_eq!(bench.read((Q, 0xeb), (Q, 0xff_fffe), 6, Q, 4), [1, 2, 3, 4]);
    assert_eq!(bench.read((Q, 0xeb), (Q, 0), 6, Q, 2), [3, 4]);
    assert_ne!(bench.read((Q, 0xeb), (Q, 0x7f_fffe), 6, Q, 2), [1, 2]);
}

/// Write a pattern to 64 KB, hold CE# low for `low_ms` in a single frame, then wait, and count the bytes that
/// changed.
fn bytes_lost(low_ms: u64) -> (usize, u64) {
    let mut bench = Bench::quad(&ESP_PSRAM64H);
    let written: Vec<u8> = (0..1 << 16).map(|index: u32| (index * 7) as u8 | 1).collect();
    for (index, chunk) in written.chunks(64).enumerate() {
        bench.write((Q, 0x38), (Q, index as u32 * 64), Q, chunk);
    }
    bench
        .chip
        .select(bench.host.now, bench.host.period, &mut bench.host.reports);
    bench.host.now = bench.host.now + Picos::from_ns(low_ms * 1_000_000);
    bench
        .chip
        .deselect(bench.host.now, Picos::from_ns(100), &mut bench.host.reports);
    bench.host.now = bench.host.now + Picos::from_ns(300_000_000);
    let mut found = Vec::new();
    for index in 0..written.len() / 64 {
        found.extend(bench.read((Q, 0xeb), (Q, index as u32 * 64), 6, Q, 64));
    }
    let lost = found
        .iter()
        .zip(&written)
        .filter(|(found, written)| found != written)
        .count();
    assert!(
        found
            .iter()
            .zip(&written)
            .all(|(found, written)| found & !written == 0),
        "ones fade, zeros stay"
    );
    let reported = bench
        .complaints()
        .iter()
        .any(|message| message.contains("rows of 1 KB lost data"));
    assert_eq!(reported, lost > 0);
    (lost, bench.chip.rows_lost())
}

#[test]
fn memory_keeps_for_seconds_when_it_can_refresh_itself() {
    let mut bench = Bench::quad(&ESP_PSRAM64H);
    bench.write((Q, 0x38), (Q, 0x1000), Q, &[0xff; 64]);
    bench.host.now = bench.host.now + Picos::from_ns(60_000_000_000);
    assert_eq!(bench.read((Q, 0xeb), (Q, 0x1000), 6, Q, 64), [0xff; 64]);
    assert_eq!(bench.chip.rows_lost(), 0);
}

#[test]
fn rows_that_could_not_be_refreshed_lose_their_ones() {
    assert_eq!(
        bytes_lost(1),
        (0, 0),
        "too late by the data sheet, but the charge holds"
    );
    let (bytes, rows) = bytes_lost(1_100);
    assert_eq!(rows, 8192, "every row waited for more than a second");
    assert!(bytes > 40_000, "{bytes} of 65536 bytes changed");
}
