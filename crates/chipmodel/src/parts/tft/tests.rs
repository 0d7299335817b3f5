//! The display, edge by edge and frame by frame, with the numbers of the data sheets.

use super::*;
use crate::Report;

struct Bench {
    display: Tft,
    now: u64,
    half_ns: u64,
    whole: bool,
    reports: Vec<Report>,
}

impl Bench {
    fn new(kind: &str) -> Self {
        let mut bench = Bench {
            display: Tft::new(Kind::named(kind).unwrap(), true, true),
            now: 0,
            half_ns: 60,
            whole: false,
            reports: Vec::new(),
        };
        bench.edge(CS, true);
        bench.wait_ms(121);
        bench
    }

    fn edge(&mut self, pin: usize, high: bool) {
        let mut fx = Effects::new(Time(self.now), Default::default(), &mut self.reports);
        self.display.edge(pin, high, &mut fx);
    }

    fn wait_ms(&mut self, ms: u64) {
        self.now += ms * 1_000_000_000;
    }

    fn byte(&mut self, byte: u8) -> u8 {
        if self.whole {
            self.now += 16 * self.half_ns * 1000;
            let cycle = Picos::from_ns(2 * self.half_ns);
            let mut fx = Effects::new(Time(self.now), Default::default(), &mut self.reports);
            self.display.frame(byte.into(), 8, cycle, &mut fx);
            return 0;
        }
        let mut back = 0;
        for bit in (0..8).rev() {
            self.edge(SDA, byte >> bit & 1 != 0);
            self.now += self.half_ns * 1000;
            let high = self.display.drive(SDO).is_some_and(|drive| drive.millivolts > 0);
            back = back << 1 | u8::from(high);
            self.edge(SCL, true);
            self.now += self.half_ns * 1000;
            self.edge(SCL, false);
        }
        back
    }

    /// A command, its parameters, and so many bytes back.
    fn talk(&mut self, command: u8, parameters: &[u8], read: usize) -> Vec<u8> {
        self.edge(CS, false);
        self.edge(DC, false);
        self.byte(command);
        self.edge(DC, true);
        for &byte in parameters {
            self.byte(byte);
        }
        let seen = (0..read).map(|_| self.byte(0)).collect();
        self.edge(CS, true);
        seen
    }

    fn wake(&mut self, madctl: u8, format: u8) {
        self.talk(0x11, &[], 0);
        self.wait_ms(121);
        self.talk(0x36, &[madctl], 0);
        self.talk(0x3A, &[format], 0);
        self.talk(0x29, &[], 0);
    }

    fn window(&mut self, [left, top, right, bottom]: [u16; 4]) {
        let pair = |a: u16, b: u16| [a.to_be_bytes(), b.to_be_bytes()].concat();
        self.talk(0x2A, &pair(left, right), 0);
        self.talk(0x2B, &pair(top, bottom), 0);
    }

    #[track_caller]
    fn ends_well(&self) {
        assert!(self.reports.is_empty(), "{:?}", self.reports);
    }
}

/// Upright by MADCTL, first dot of the glass, INVON where the glass wants it.
const UPRIGHT: [(&str, u8, [u16; 2], bool); 5] = [
    ("st7735r-160x80", 0x68, [1, 26], true),
    ("st7735r-128x160", 0xC0, [2, 1], false),
    ("st7789-240x240", 0x00, [0, 0], true),
    ("st7789-240x320", 0x00, [0, 0], true),
    ("ili9341-320x240", 0x28, [0, 0], false),
];

#[test]
fn colours_and_corners_are_where_they_were_written() {
    for (name, madctl, [x, y], inverted) in UPRIGHT {
        for whole in [false, true] {
            let mut bench = Bench::new(name);
            bench.whole = whole;
            bench.wake(madctl, 0x55);
            if inverted {
                bench.talk(0x21, &[], 0);
            }
            // Red, green, blue, white from the corner on, and one dot in the opposite corner.
            bench.window([x, y, x + 3, y]);
            bench.talk(0x2C, &[0xF8, 0, 0x07, 0xE0, 0, 0x1F, 0xFF, 0xFF], 0);
            let (width, height) = (bench.display.kind.width, bench.display.kind.height);
            let last = [x + width as u16 - 1, y + height as u16 - 1];
            bench.window([last[0], last[1], last[0], last[1]]);
            bench.talk(0x2C, &[0x84, 0x10], 0);
            let picture = bench.display.picture().unwrap();
            let row = [0, 1, 2, 3].map(|x| picture.at(x, 0));
            assert_eq!(row, [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255; 3]], "{name}");
            assert_eq!(picture.at(width - 1, height - 1), [134, 130, 134], "{name}");
            bench.ends_well();
        }
    }
}

#[test]
fn pixels_of_twelve_and_eighteen_bits_are_taken_apart() {
    for (format, bytes) in [
        (0x53, [0xF0, 0x8A, 0xC0].as_slice()),
        (0x66, &[0xFC, 0, 0x88, 0xA8, 0xCC, 0]),
    ] {
        let mut bench = Bench::new("st7789-240x320");
        bench.wake(0, format);
        bench.talk(0x21, &[], 0);
        bench.window([0, 0, 1, 0]);
        bench.talk(0x2C, bytes, 0);
        let picture = bench.display.picture().unwrap();
        let seen = [picture.at(0, 0), picture.at(1, 0)];
        assert_eq!(seen, [[255, 0, 138], [170, 207, 0]], "{format:#x}");
        bench.ends_well();
    }
}

#[test]
fn writing_goes_round_in_the_window_and_goes_on_with_ramwrc() {
    let mut bench = Bench::new("ili9341-320x240");
    bench.wake(0x28, 0x55);
    bench.window([10, 20, 11, 21]);
    let pixel = |n: u8| [0, n];
    let bytes: Vec<u8> = (1..=3).flat_map(pixel).collect();
    bench.talk(0x2C, &bytes, 0);
    bench.talk(0x3C, &[0, 4, 0, 5], 0);
    let picture = bench.display.picture().unwrap();
    let blue = |x, y| picture.at(x, y)[2] >> 3;
    assert_eq!(
        [blue(10, 20), blue(11, 20), blue(10, 21), blue(11, 21)],
        [5, 2, 3, 4]
    );
}

#[test]
fn all_eight_orders_of_addresses_are_the_data_sheets() {
    // Where a host's (1, 0) ends in a memory of 240 columns and 320 rows.
    for (madctl, [column, row]) in [
        (0x00, [1, 0]),
        (0x40, [238, 0]),
        (0x80, [1, 319]),
        (0xC0, [238, 319]),
        (0x20, [0, 1]),
        (0x60, [239, 1]),
        (0xA0, [0, 318]),
        (0xE0, [239, 318]),
    ] {
        let of = Kind::named("st7789-240x320").unwrap().controller;
        assert_eq!(of.place(madctl, [1, 0]), row * 240 + column, "{madctl:#x}");
    }
}

#[test]
fn nothing_is_seen_asleep_off_or_without_light() {
    let mut bench = Bench::new("st7789-240x240");
    let dark = |bench: &Bench| bench.display.picture().unwrap().rgb.iter().all(|byte| *byte == 0);
    assert!(dark(&bench));
    bench.wake(0, 0x55);
    assert!(!dark(&bench), "noise");
    bench.edge(BLK, false);
    assert!(dark(&bench));
    bench.edge(BLK, true);
    bench.talk(0x28, &[], 0);
    assert!(dark(&bench));
    bench.talk(0x29, &[], 0);
    bench.talk(0x10, &[], 0);
    assert!(dark(&bench));
    bench.ends_well();
}

#[test]
fn the_times_around_reset_and_sleep_are_kept_or_told() {
    for (name, reset_ms, wake_ms) in [
        ("st7735r-160x80", 120, 120),
        ("st7789-240x320", 5, 5),
        ("ili9341-320x240", 5, 5),
    ] {
        let mut bench = Bench::new(name);
        bench.talk(0x01, &[], 0);
        bench.wait_ms(reset_ms - 1);
        bench.talk(0x11, &[], 0);
        assert!(bench.reports[0].message.contains("too early"), "{name}");
        bench.reports.clear();
        bench.wait_ms(1);
        bench.talk(0x11, &[], 0);
        bench.wait_ms(wake_ms);
        bench.talk(0x13, &[], 0);
        bench.ends_well();
        bench.wait_ms(115 - wake_ms.min(115));
        bench.talk(0x10, &[], 0);
        assert_eq!(bench.reports.len(), usize::from(wake_ms < 120), "{name}");
    }
}

#[test]
fn ids_modes_and_pixels_come_back() {
    let mut bench = Bench::new("ili9341-320x240");
    assert_eq!(bench.talk(0xD3, &[], 4), [0, 0, 0x93, 0x41]);
    bench.wake(0x28, 0x55);
    assert_eq!(bench.talk(0x0A, &[], 1), [0x9C]);
    assert_eq!(bench.talk(0x0B, &[], 1), [0x28]);
    assert_eq!(bench.talk(0x0C, &[], 1), [5]);
    bench.window([319, 239, 319, 239]);
    bench.talk(0x2C, &[0xF8, 0x1F], 0);
    assert_eq!(bench.talk(0x2E, &[], 4), [0, 0xFC, 0, 0xFC]);
    let mut bench = Bench::new("st7789-240x320");
    // One dummy clock: the bytes are one bit late.
    let seen = bench.talk(0x04, &[], 4);
    let word = u32::from_be_bytes([seen[0], seen[1], seen[2], seen[3]]) << 1;
    assert_eq!(word.to_be_bytes()[..3], [0x85, 0x85, 0x52]);
    bench.ends_well();
}

#[test]
fn what_is_outside_or_unknown_is_told() {
    let mut bench = Bench::new("st7735r-160x80");
    bench.wake(0x68, 0x05);
    bench.window([0, 0, 162, 0]);
    assert!(
        bench.reports[0].message.contains("CASET from 0 to 162"),
        "{:?}",
        bench.reports
    );
    bench.reports.clear();
    bench.talk(0x3A, &[0x07], 0);
    assert!(bench.reports[0].message.contains("COLMOD"), "{:?}", bench.reports);
    bench.reports.clear();
    bench.talk(0x37, &[], 0);
    assert_eq!(bench.reports[0].kind, Of::Unmodelled);
}

#[test]
fn a_clock_beyond_the_data_sheet_is_a_warning_told_once() {
    for (name, least_ns) in [
        ("st7735r-160x80", 66),
        ("st7789-240x320", 16),
        ("ili9341-320x240", 100),
    ] {
        for whole in [false, true] {
            let mut bench = Bench::new(name);
            bench.whole = whole;
            bench.half_ns = least_ns / 2;
            bench.talk(0x00, &[0; 4], 0);
            bench.ends_well();
            bench.half_ns -= 1;
            bench.talk(0x00, &[0; 4], 0);
            bench.talk(0x00, &[0; 4], 0);
            let kinds: Vec<Of> = bench.reports.iter().map(|report| report.kind).collect();
            assert_eq!(kinds, [Of::Warning], "{name}");
        }
    }
}
