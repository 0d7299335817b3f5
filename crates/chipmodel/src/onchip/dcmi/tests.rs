//! The interface against a camera of a few bytes, with offsets and bits typed in a second time.

use super::*;
use crate::Kernel;
use crate::bus::bank::testing::Bench;
use crate::bus::video::Polarity;

const TIMING: Timing = Timing {
    start: Time(1_000_000),
    pixclk_hz: 10_000_000,
    lead_clocks: 10,
    line_bytes: 16,
    line_clocks: 20,
    lines: 6,
    frame_clocks: 200,
    polarity: Polarity {
        vsync_high: true,
        href_high: false,
        rising: true,
    },
};

fn bench() -> Bench {
    Bench::new(Clocks::of(&[(Kernel::Hclk, 280_000_000)]))
}

/// On, with the polarity of that camera, and what else is said.
fn started(bench: &mut Bench, cr: u32) -> Dcmi {
    let mut dcmi = Dcmi::default();
    dcmi.connect(Lines {
        clocks: true,
        data: 0xFF,
    });
    bench.write(&mut dcmi, 0x00, 0x4001 | 0xA0 | cr);
    dcmi
}

fn content() -> Vec<u8> {
    (0..96).collect()
}

/// Lets one picture come in and takes its words at once.
fn taken(bench: &mut Bench, dcmi: &mut Dcmi, timing: Timing, carried: &[u8]) -> Vec<u32> {
    let mut words = Vec::new();
    if !dcmi.wants_picture() {
        return words;
    }
    dcmi.announce(timing);
    while let Some(due) = dcmi.next_event(&bench.clocks).filter(|due| *due < timing.end()) {
        bench.now = due;
        dcmi.advance(&mut bench.fx());
        if dcmi.wants_content() {
            dcmi.show(carried, &mut bench.fx());
        }
        while dcmi.requests() != 0 {
            words.push(bench.read(dcmi, 0x28));
        }
    }
    words
}

#[test]
fn a_snapshot_takes_one_picture_with_the_first_byte_lowest() {
    let mut bench = bench();
    let mut dcmi = started(&mut bench, 0x2);
    let words = taken(&mut bench, &mut dcmi, TIMING, &content());
    assert_eq!(words.len(), 24);
    assert_eq!((words[0], words[23]), (0x0302_0100, 0x5F5E_5D5C));
    // FRAME and VSYNC are told, CAPTURE is off.
    assert_eq!(bench.read(&mut dcmi, 0x08) & 0xB, 0x9);
    assert_eq!(bench.read(&mut dcmi, 0x00) & 1, 0);
    // The last byte is over 10 + 5 * 20 + 16 clocks of 100 ns after the start.
    assert_eq!(bench.now, Time(1_000_000 + 126 * 100_000));
}

#[test]
fn a_window_and_every_other_byte() {
    let mut bench = bench();
    let mut dcmi = started(&mut bench, 0x4 | 1 << 16);
    // Eight bytes from the fifth on, two lines from the third on.
    bench.write(&mut dcmi, 0x20, 2 << 16 | 4);
    bench.write(&mut dcmi, 0x24, 1 << 16 | 7);
    let words = taken(&mut bench, &mut dcmi, TIMING, &content());
    assert_eq!(words, [0x2A28_2624, 0x3A38_3634]);
}

#[test]
fn what_nobody_takes_is_an_overrun_and_the_picture_is_lost() {
    let mut bench = bench();
    let mut dcmi = started(&mut bench, 0);
    bench.write(&mut dcmi, 0x0C, 0x2);
    dcmi.announce(TIMING);
    bench.now = TIMING.start;
    dcmi.advance(&mut bench.fx());
    dcmi.show(&content(), &mut bench.fx());
    for _ in 0..2 {
        bench.now = dcmi.next_event(&bench.clocks).expect("a run");
        dcmi.advance(&mut bench.fx());
    }
    assert_eq!((bench.read(&mut dcmi, 0x10), dcmi.lines()), (0x2, 1));
    assert_eq!((dcmi.captured, dcmi.overruns), (0, 1));
    bench.write(&mut dcmi, 0x14, 0x2);
    assert_eq!(dcmi.lines(), 0);
}

#[test]
fn the_capture_rate_leaves_pictures_out() {
    let mut bench = bench();
    let mut dcmi = started(&mut bench, 1 << 8);
    let mut got = Vec::new();
    for n in 0..4 {
        let timing = Timing {
            start: TIMING.at(n * TIMING.frame_clocks),
            ..TIMING
        };
        bench.now = timing.start;
        dcmi.advance(&mut bench.fx());
        got.push(taken(&mut bench, &mut dcmi, timing, &content()).len());
    }
    assert_eq!(got, [24, 0, 24, 0]);
}

#[test]
fn a_compressed_picture_ends_where_it_ends() {
    let mut bench = bench();
    let mut dcmi = started(&mut bench, 0x8 | 0x2);
    let words = taken(&mut bench, &mut dcmi, TIMING, &[0xFF, 0xD8, 1, 2, 0xFF]);
    assert_eq!(words, [0x0201_D8FF, 0xFF]);
    assert_eq!(bench.read(&mut dcmi, 0x08) & 1, 1);
}

#[test]
fn wrong_polarity_and_too_fast_a_camera_are_told_once() {
    let mut bench = bench();
    let mut dcmi = started(&mut bench, 0);
    bench.write(&mut dcmi, 0x00, 0);
    bench.write(&mut dcmi, 0x00, 0x4001 | 0x20);
    assert!(taken(&mut bench, &mut dcmi, TIMING, &content()).is_empty());
    assert!(bench.complaints()[0].contains("CR.VSPOL is 0, the camera sends as for 1"));
    let mut dcmi = started(&mut bench, 0);
    let fast = Timing {
        pixclk_hz: 120_000_000,
        ..TIMING
    };
    assert!(taken(&mut bench, &mut dcmi, fast, &content()).is_empty());
    assert!(bench.complaints()[0].contains("PIXCLK is 120000000 Hz"));
}

#[test]
fn a_broken_data_line_reads_as_zero_and_without_clocks_nothing_comes() {
    let mut bench = bench();
    let mut dcmi = started(&mut bench, 0);
    dcmi.connect(Lines {
        clocks: true,
        data: 0xFE,
    });
    let words = taken(&mut bench, &mut dcmi, TIMING, &content());
    assert_eq!(words[0], 0x0202_0000);
    dcmi.connect(Lines::default());
    assert!(!dcmi.wants_picture());
}

#[test]
fn what_has_no_model_is_refused_by_name() {
    let mut bench = bench();
    let mut dcmi = Dcmi::default();
    for (value, name) in [(0x10, "ESS"), (0x400, "EDM")] {
        let refused = dcmi.write(0, Width::Word, value, &mut bench.fx());
        assert!(
            matches!(refused, Err(Refused::Unmodelled(what)) if what.contains(name)),
            "{refused:?}"
        );
    }
}
