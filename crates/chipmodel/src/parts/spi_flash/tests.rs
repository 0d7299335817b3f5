//! The flash, edge by edge, with the numbers of its data sheet.

use super::*;
use crate::Report;

struct Bench {
    flash: SpiFlash,
    now: u64,
    reports: Vec<Report>,
}

impl Bench {
    fn new() -> Self {
        Bench {
            flash: SpiFlash::default(),
            now: 0,
            reports: Vec::new(),
        }
    }

    fn edge(&mut self, pin: usize, high: bool) {
        let mut fx = Effects::new(Time(self.now), Default::default(), &mut self.reports);
        self.flash.edge(pin, high, &mut fx);
    }

    /// One selection in mode 0: sends, then reads so many bytes.
    fn talk(&mut self, send: &[u8], read: usize) -> Vec<u8> {
        self.edge(CS, false);
        let mut seen = Vec::new();
        for n in 0..send.len() + read {
            let byte = send.get(n).copied().unwrap_or(0);
            let mut back = 0;
            for bit in (0..8).rev() {
                self.edge(DI, byte >> bit & 1 != 0);
                let high = self.flash.drive(DO).is_some_and(|drive| drive.millivolts > 0);
                back = back << 1 | u8::from(high);
                self.edge(CLK, true);
                self.edge(CLK, false);
            }
            if n >= send.len() {
                seen.push(back);
            }
        }
        self.edge(CS, true);
        seen
    }

    fn wait_ms(&mut self, ms: u64) {
        self.now += ms * 1_000_000_000;
    }

    fn status(&mut self) -> u8 {
        self.talk(&[0x05], 1)[0]
    }

    fn enabled(&mut self, command: &[u8]) {
        self.talk(&[0x06], 0);
        self.talk(command, 0);
    }

    fn read(&mut self, at: u32, bytes: usize) -> Vec<u8> {
        let [_, a, b, c] = at.to_be_bytes();
        self.talk(&[0x03, a, b, c], bytes)
    }
}

#[test]
fn it_says_who_it_is() {
    let mut bench = Bench::new();
    assert_eq!(bench.talk(&[0x9F], 4), [0xEF, 0x40, 0x17, 0xEF]);
    assert_eq!(bench.talk(&[0x90, 0, 0, 0], 2), [0xEF, 0x16]);
    assert_eq!(bench.talk(&[0xAB, 0, 0, 0], 1), [0x16]);
    assert!(bench.reports.is_empty());
}

#[test]
fn a_page_is_programmed_once_it_is_enabled_and_takes_its_time() {
    let mut bench = Bench::new();
    bench.talk(&[0x02, 0, 1, 0, 0x55], 0);
    assert_eq!((bench.status(), bench.read(0x100, 1)), (0, vec![0xFF]));
    bench.talk(&[0x06], 0);
    assert_eq!(bench.status(), 2);
    bench.talk(&[0x02, 0, 1, 0, 0x55], 0);
    assert_eq!(bench.status(), 1);
    bench.now += 399_000_000;
    assert_eq!(bench.status(), 1);
    bench.now += 1_000_000;
    assert_eq!(bench.status(), 0);
    assert_eq!(bench.read(0xFF, 3), [0xFF, 0x55, 0xFF]);
    // Bits only fall.
    bench.enabled(&[0x02, 0, 1, 0, 0xF0]);
    bench.wait_ms(1);
    assert_eq!(bench.read(0x100, 1), [0x50]);
}

#[test]
fn a_page_wraps_and_of_more_than_one_the_last_bytes_count() {
    let mut bench = Bench::new();
    bench.enabled(&[0x02, 0, 0, 0xFE, 1, 2, 3]);
    bench.wait_ms(1);
    assert_eq!(bench.read(0xFE, 3), [1, 2, 0xFF]);
    assert_eq!(bench.read(0, 2), [3, 0xFF]);
    let mut long = vec![0x02, 0, 2, 0];
    long.extend((0..258).map(|n| n as u8));
    bench.enabled(&long);
    bench.wait_ms(1);
    assert_eq!(
        bench.read(0x200, 3),
        [0, 1, 2],
        "256 and 257 stand where 0 and 1 were"
    );
}

#[test]
fn sectors_and_blocks_are_erased_whole() {
    for (command, bytes, ms) in [(0x20, 4 << 10, 45), (0x52, 32 << 10, 120), (0xD8, 64 << 10, 150)] {
        let mut bench = Bench::new();
        Arc::make_mut(&mut bench.flash.cells).fill(0);
        bench.enabled(&[command, 0x01, 0x00, 0x07]);
        bench.wait_ms(ms - 1);
        assert_eq!(bench.status(), 1, "{command:#x}");
        bench.wait_ms(1);
        assert_eq!(bench.status(), 0);
        let erased = |at: usize| bench.flash.cells[at] == 0xFF;
        assert!(
            !erased(0xFFFF) && erased(0x1_0000) && erased(0x1_0000 + bytes - 1) && !erased(0x1_0000 + bytes)
        );
    }
    let mut bench = Bench::new();
    Arc::make_mut(&mut bench.flash.cells).fill(0);
    bench.enabled(&[0xC7]);
    assert!(bench.flash.cells.iter().all(|cell| *cell == 0xFF));
}

#[test]
fn what_is_sent_while_it_is_busy_is_lost_and_told() {
    let mut bench = Bench::new();
    bench.enabled(&[0x20, 0, 0, 0]);
    assert_eq!(bench.read(0, 1), [0]);
    assert!(
        bench.reports[0].message.contains("while it is busy"),
        "{:?}",
        bench.reports
    );
}

#[test]
fn protected_blocks_stay_as_they_are() {
    // The status register, an address that it protects, and one that it does not (tables of block protection).
    for (registers, inside, outside) in [
        ([0b0000_0100, 0x02], 0x7E_0000, 0x7D_FFFF),
        ([0b0010_0100, 0x02], 0x01_FFFF, 0x02_0000),
        ([0b0100_0100, 0x02], 0x7F_F000, 0x7F_EFFF),
        ([0b0110_1100, 0x02], 0x00_3FFF, 0x00_4000),
        ([0b0001_1000, 0x02], 0x40_0000, 0x3F_FFFF),
        ([0b0000_0100, 0x42], 0x7D_FFFF, 0x7E_0000),
    ] {
        let mut bench = Bench::new();
        bench.enabled(&[0x01, registers[0], registers[1]]);
        bench.wait_ms(10);
        for (at, expected) in [(inside, 0xFF), (outside, 0)] {
            let [_, a, b, c] = u32::to_be_bytes(at);
            bench.enabled(&[0x02, a, b, c, 0]);
            bench.wait_ms(1);
            assert_eq!(bench.read(at, 1), [expected], "{registers:x?} {at:#x}");
        }
        bench.enabled(&[0xC7]);
        assert_eq!(
            bench.status() & 1,
            0,
            "a part is protected: the chip is not erased"
        );
    }
}

#[test]
fn it_sleeps_until_it_is_woken() {
    let mut bench = Bench::new();
    bench.talk(&[0xB9], 0);
    assert_eq!(bench.talk(&[0x9F], 1), [0]);
    bench.talk(&[0xAB], 0);
    assert_eq!(bench.talk(&[0x9F], 1), [0xEF]);
}

#[test]
fn a_command_without_a_model_is_told() {
    let mut bench = Bench::new();
    bench.talk(&[0x6B, 0, 0, 0], 1);
    assert!(bench.reports[0].message.contains("0x6b has no model"));
}

/// The same by whole frames.
fn exchange(bench: &mut Bench, send: &[u8], read: usize) -> Vec<u8> {
    bench.edge(CS, false);
    let mut seen = Vec::new();
    for n in 0..send.len() + read {
        let word = send.get(n).copied().unwrap_or(0).into();
        let mut fx = Effects::new(Time(bench.now), Default::default(), &mut bench.reports);
        let answer = bench.flash.exchange(word, 8, Picos(1), false, &mut fx) as u8;
        if n >= send.len() {
            seen.push(answer);
        }
    }
    bench.edge(CS, true);
    seen
}

#[test]
fn whole_frames_are_what_their_edges_are() {
    let (mut edges, mut frames) = (Bench::new(), Bench::new());
    let talks: [(&[u8], usize); 8] = [
        (&[0x9F], 3),
        (&[0x06], 0),
        (&[0x02, 0, 0, 0xFE, 0xA5, 0x3C, 0x81], 0),
        (&[0x05], 2),
        (&[0x03, 0, 0, 0xFC], 6),
        (&[0x0B, 0, 0, 0, 0], 3),
        (&[0x06], 0),
        (&[0x20, 0, 0, 0], 0),
    ];
    for (send, read) in talks {
        assert_eq!(
            edges.talk(send, read),
            exchange(&mut frames, send, read),
            "{send:x?}"
        );
        assert_eq!(edges.flash.drive(DO), frames.flash.drive(DO));
        edges.wait_ms(1);
        frames.wait_ms(1);
    }
    assert!(edges.flash.cells == frames.flash.cells);
    assert_eq!(edges.reports.len(), frames.reports.len());
}

#[test]
fn a_failing_power_leaves_old_and_new_bits_in_the_place_under_way_alone() {
    let (mut untouched, mut whole, mut torn) = (0, 0, 0);
    for before in 0..64 {
        let mut bench = Bench::new();
        (0..before).for_each(|_| bench.flash.steps.begin());
        bench.enabled(&[0x02, 0, 2, 0, 0x5A, 0x5A, 0x5A, 0x5A, 0x5A, 0x5A, 0x5A, 0x5A]);
        bench.flash.lose_power(Time(bench.now));
        let cells = &bench.flash.cells[0x200..0x208];
        assert!(cells.iter().all(|cell| cell & 0x5A == 0x5A), "bits only fall");
        match cells {
            [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF] => untouched += 1,
            [0x5A, 0x5A, 0x5A, 0x5A, 0x5A, 0x5A, 0x5A, 0x5A] => whole += 1,
            _ => torn += 1,
        }
        assert!(
            bench.flash.cells[..0x200]
                .iter()
                .chain(&bench.flash.cells[0x208..])
                .all(|cell| *cell == 0xFF)
        );
    }
    assert!(
        untouched > 5 && whole > 5 && torn > 10,
        "{untouched} {whole} {torn}"
    );
    let mut bench = Bench::new();
    bench.enabled(&[0x02, 0, 2, 0, 0x5A]);
    bench.wait_ms(1);
    bench.flash.lose_power(Time(bench.now));
    assert_eq!(bench.flash.cells[0x200], 0x5A, "it had ended");
}
