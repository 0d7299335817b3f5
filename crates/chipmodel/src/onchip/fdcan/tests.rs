//! A controller that hears itself, with offsets and bits once more.

use super::*;
use crate::bus::bank::testing::Bench;
use crate::{Kernel, Picos};

const MICROSECOND: u64 = 1_000_000;
/// Lists in message RAM: filters, FIFO 0, what is sent.
const FIFO: u32 = 0x100;
const SENT: u32 = 0x400;

/// 500 kbit/s from 80 MHz (ten by sixteen quanta), internal loopback, three places in FIFO 0 and three to send from.
fn looped(filters: &[u32], gfc: u32, queue: bool) -> (Bench, Fdcan) {
    let mut bench = Bench::new(Clocks::of(&[(Kernel::Fdcan, 80_000_000)]));
    let mut can = Fdcan::default();
    bench.write(&mut can, 0x18, 3);
    for (offset, value) in [
        (0x18, 3 | 1 << 5 | 1 << 7 | 1 << 8 | 1 << 9),
        (0x10, 1 << 4),
        (0x1C, 9 << 16 | 12 << 8 | 1),
        (0x20, 1),
        (0x80, gfc),
        (0x84, (filters.len() as u32) << 16),
        (0xA0, FIFO | 3 << 16),
        (0xBC, 7),
        (0xC0, SENT | 3 << 24 | u32::from(queue) << 30),
        (0xC8, 7),
        (0xE0, u32::MAX),
        (0x54, 1 << 9 | 1),
        (0x58, 1),
        (0x5C, 3),
    ] {
        bench.write(&mut can, offset, value);
    }
    for (n, filter) in (0..).zip(filters) {
        bench.write(&mut can, 0xC00 + 4 * n, *filter);
    }
    bench.write(&mut can, 0x18, 1 << 5 | 1 << 7 | 1 << 8 | 1 << 9);
    assert_eq!(bench.complaints(), Vec::<String>::new());
    (bench, can)
}

fn put(bench: &mut Bench, can: &mut Fdcan, index: u32, id: u32, control: u32, data: [u32; 2]) {
    let at = 0xC00 + SENT + 72 * index;
    for (n, word) in (0..).zip([id << 18, control, data[0], data[1]]) {
        bench.write(can, at + 4 * n, word);
    }
    bench.write(can, 0xD0, 1 << index);
}

#[test]
fn a_frame_comes_back_after_its_time_with_its_stamp() {
    let (mut bench, mut can) = looped(&[], 0, false);
    bench.pass(&mut can, Picos(100 * MICROSECOND));
    assert_eq!(bench.read(&mut can, 0xC4), 3, "three free");
    put(
        &mut bench,
        &mut can,
        0,
        0x123,
        8 << 16,
        [0x4433_2211, 0x8877_6655],
    );
    assert_eq!(
        (bench.read(&mut can, 0xCC), bench.read(&mut can, 0xC4)),
        (1, 2 | 1 << 16)
    );
    // 111 bits of 2 us.
    bench.pass(&mut can, Picos(222 * MICROSECOND - 1));
    assert_eq!((bench.read(&mut can, 0xA4), can.lines()), (0, 0));
    bench.pass(&mut can, Picos(1));
    assert_eq!(bench.read(&mut can, 0x50), 1 | 1 << 9 | 1 << 11);
    assert_eq!(can.lines(), 3, "what was sent on line 0, what has come on line 1");
    assert_eq!((bench.read(&mut can, 0xD8), bench.read(&mut can, 0xCC)), (1, 0));
    assert_eq!(bench.read(&mut can, 0xA4), 1 | 1 << 16);
    let words: [u32; 4] = core::array::from_fn(|n| bench.read(&mut can, 0xC00 + FIFO + 4 * n as u32));
    assert_eq!(
        words,
        [0x123 << 18, 1 << 31 | 8 << 16 | 161, 0x4433_2211, 0x8877_6655]
    );
    bench.write(&mut can, 0xA8, 0);
    assert_eq!(bench.read(&mut can, 0xA4), 1 << 8 | 1 << 16);
    bench.write(&mut can, 0x50, u32::MAX);
    assert_eq!(can.lines(), 0);
    assert!(bench.complaints().is_empty());
}

#[test]
fn a_fifo_keeps_the_order_and_a_queue_goes_by_identifier() {
    for (queue, order) in [(false, [0x300, 0x200, 0x100]), (true, [0x300, 0x100, 0x200])] {
        let (mut bench, mut can) = looped(&[], 0, queue);
        for (index, id) in (0..).zip([0x300, 0x200, 0x100]) {
            put(&mut bench, &mut can, index, id, 0, [0; 2]);
        }
        assert_eq!(bench.read(&mut can, 0xC4) >> 21 & 1, 1, "full");
        bench.pass(&mut can, Picos(1000 * MICROSECOND));
        let got: [u32; 3] =
            core::array::from_fn(|n| bench.read(&mut can, 0xC00 + FIFO + 72 * n as u32) >> 18);
        // The first one is on the wire already.
        assert_eq!(got, order, "queue {queue}");
        // A fourth frame finds no place.
        put(&mut bench, &mut can, 0, 1, 0, [0; 2]);
        bench.pass(&mut can, Picos(1000 * MICROSECOND));
        assert_eq!(bench.read(&mut can, 0xA4) >> 24, 3, "full, and one lost");
    }
}

#[test]
fn filters_choose_and_what_none_meets_goes_by_the_global_one() {
    // 0x100 to 0x1FF into FIFO 0; all others are rejected (ANFS = 2).
    let (mut bench, mut can) = looped(&[1 << 27 | 0x100 << 16 | 0x1FF], 2 << 4, false);
    for (index, id) in (0..).zip([0x0FF, 0x180, 0x200]) {
        put(&mut bench, &mut can, index, id, 0, [0; 2]);
    }
    bench.pass(&mut can, Picos(1000 * MICROSECOND));
    assert_eq!(bench.read(&mut can, 0xA4) & 0x7F, 1);
    assert_eq!(bench.read(&mut can, 0xC00 + FIFO) >> 18, 0x180);
    assert_eq!(bench.read(&mut can, 0xC00 + FIFO + 4) >> 24, 0, "by filter 0");
}

#[test]
fn what_waits_can_be_cancelled() {
    let (mut bench, mut can) = looped(&[], 0, false);
    put(&mut bench, &mut can, 0, 1, 0, [0; 2]);
    put(&mut bench, &mut can, 1, 2, 0, [0; 2]);
    bench.write(&mut can, 0xD4, 3);
    assert_eq!(bench.read(&mut can, 0xDC), 2, "not the one on the wire");
    bench.pass(&mut can, Picos(1000 * MICROSECOND));
    assert_eq!(
        (bench.read(&mut can, 0xD8), bench.read(&mut can, 0xA4) & 0x7F),
        (1, 1)
    );
}

#[test]
fn a_bus_is_an_event_and_protected_registers_are_protected() {
    let (mut bench, mut can) = looped(&[], 0, false);
    bench.write(&mut can, 0x1C, 5);
    assert!(bench.complaints()[0].contains("CCE is 0"));
    bench.write(&mut can, 0x400 + 0x18, 0);
    assert!(bench.complaints()[0].contains("FDCAN2: a bus has no model"));
    assert!(can.read(0x800, Width::Word, &mut bench.fx()).is_err());
}
