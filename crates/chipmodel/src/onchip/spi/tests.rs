//! The controller with its output wired to its input, and its edges watched.

use super::*;
use crate::Kernel;
use crate::bus::bank::testing::Bench;

// Bits of RM0455 50.11 once more.
const F_RXP: u32 = 0x01;
const F_TXP: u32 = 0x02;
const F_EOT: u32 = 0x08;
const F_OVR: u32 = 0x40;
const F_SUSP: u32 = 0x800;
const F_TXC: u32 = 0x1000;
/// MASTER, SSM.
const CONTROLLER: u32 = 0x0440_0000;

struct Wired {
    bench: Bench,
    spi: Spi,
    /// SCK and MOSI after each change.
    seen: Vec<(bool, bool)>,
}

impl Wired {
    /// Frames of 8 bits at a quarter of 64 MHz.
    fn new(cfg2: u32, tsize: u32) -> Self {
        let clocks = Clocks::of(&[(Kernel::Spi123, 64_000_000)]);
        let mut wired = Wired {
            bench: Bench::new(clocks),
            spi: Spi::new("SPI1", |clocks| clocks.hz(Kernel::Spi123), 16),
            seen: Vec::new(),
        };
        wired.write(0x00, 0x1000);
        wired.write(0x08, 1 << 28 | 7 << 16 | 7);
        wired.write(0x0C, CONTROLLER | cfg2);
        wired.write(0x04, tsize);
        wired.write(0x00, 0x1001);
        wired.write(0x00, 0x1201);
        wired.seen.clear();
        wired
    }

    fn settle(&mut self) {
        if self.spi.take_outputs_changed() {
            let level = |signal| self.spi.output(signal) == Some(true);
            let (sck, mosi) = (level("SCK"), level("MOSI"));
            self.seen.push((sck, mosi));
            self.spi.sense("MISO", Some(mosi), &mut self.bench.fx());
        }
    }

    fn write(&mut self, offset: u32, value: u32) {
        self.bench.write(&mut self.spi, offset, value);
        self.settle();
    }

    fn push(&mut self, byte: u8) {
        let pushed = self
            .spi
            .write(0x20, Width::Byte, byte.into(), &mut self.bench.fx());
        pushed.unwrap();
        self.settle();
    }

    fn pop(&mut self) -> u32 {
        self.spi.read(0x30, Width::Byte, &mut self.bench.fx()).unwrap()
    }

    fn status(&mut self) -> u32 {
        self.bench.read(&mut self.spi, 0x14)
    }

    fn run(&mut self) {
        while let Some(next) = self.spi.next_event(&self.bench.clocks) {
            self.bench.now = next;
            self.spi.advance(&mut self.bench.fx());
            self.settle();
        }
    }
}

#[test]
fn bytes_come_back_in_every_mode_and_order_and_end_by_their_count() {
    for mode in 0..8 {
        let mut wired = Wired::new(mode << 23, 3);
        for byte in [0x35, 0x80, 0x01] {
            wired.push(byte);
        }
        wired.run();
        let status = wired.status();
        assert_eq!(status & (F_EOT | F_RXP | F_TXP), F_EOT | F_RXP, "{status:#x}");
        assert_eq!([wired.pop(), wired.pop(), wired.pop()], [0x35, 0x80, 0x01]);
        assert_eq!(wired.bench.now.0, 3 * 8 * 62_500, "16 MHz");
    }
}

#[test]
fn the_first_bit_is_out_before_the_first_edge_that_counts() {
    for (mode, expected) in [
        // MOSI is high for the first bit, low for the others; SCK rises to take it.
        (
            0,
            vec![(false, true), (true, true), (false, false), (true, false)],
        ),
        // CPHA: it moves with the first edge, and counts at the second.
        (
            CPHA,
            vec![(true, true), (false, true), (true, false), (false, false)],
        ),
        (
            CPOL,
            vec![(true, true), (false, true), (true, false), (false, false)],
        ),
    ] {
        let mut wired = Wired::new(mode, 1);
        wired.push(0x80);
        wired.run();
        assert_eq!(wired.seen[..4], expected, "{mode:#x}");
    }
}

#[test]
fn a_fifo_has_room_for_sixteen_bytes_and_says_what_it_lost() {
    let mut wired = Wired::new(0, 0);
    // The first one goes to the wire at once.
    for n in 0..17 {
        assert_ne!(wired.status() & F_TXP, 0, "{n}");
        wired.push(n);
    }
    assert_eq!(wired.status() & F_TXP, 0);
    wired.push(99);
    assert!(wired.bench.reports[0].message.contains("no room"));
    wired.run();
    assert_eq!(
        wired.status() & (F_OVR | F_TXC),
        F_OVR | F_TXC,
        "the seventeenth was lost"
    );
    assert_eq!(
        (0..16).map(|_| wired.pop()).collect::<Vec<_>>(),
        (0..16).collect::<Vec<_>>()
    );
}

#[test]
fn an_endless_transfer_is_suspended_between_two_frames() {
    let mut wired = Wired::new(0, 0);
    wired.push(1);
    wired.push(2);
    wired.write(0x00, 0x1601);
    wired.run();
    assert_ne!(wired.status() & F_SUSP, 0);
    assert_eq!(wired.pop(), 1);
    assert_eq!(wired.status() & F_RXP, 0, "the second one waits");
}

#[test]
fn switched_off_it_lets_go_of_its_pins_unless_it_is_told_to_keep_them() {
    for (keeps, level) in [(0, None), (1 << 31, Some(true))] {
        let mut wired = Wired::new(CPOL | keeps, 0);
        wired.write(0x00, 0x1000);
        assert_eq!(wired.spi.output("SCK"), level);
    }
}

#[test]
fn settings_change_while_it_is_off_only() {
    let mut wired = Wired::new(0, 0);
    wired.write(0x08, 7);
    assert!(wired.bench.reports[0].message.contains("set while SPE is 0"));
}

#[test]
fn the_end_raises_the_line() {
    let mut wired = Wired::new(0, 1);
    wired.write(0x10, F_EOT);
    wired.push(1);
    assert_eq!(wired.spi.lines(), 0);
    wired.run();
    assert_eq!(wired.spi.lines(), 1);
    wired.write(0x18, F_EOT);
    assert_eq!(wired.spi.lines(), 0);
}

#[test]
fn dma_is_asked_for_packets_and_receiving_alone_runs_the_clock_for_tsize() {
    let mut wired = Wired::new(0, 0);
    wired.write(0x00, 0x1000);
    // RXDMAEN, TXDMAEN.
    wired.write(0x08, 1 << 28 | 3 << 14 | 7 << 16 | 7);
    assert_eq!(wired.spi.requests(), 0, "off");
    // COMM: receiver; three frames.
    wired.write(0x0C, CONTROLLER | 2 << 17);
    wired.write(0x04, 3);
    wired.write(0x00, 0x1001);
    assert_eq!(wired.spi.requests(), 0, "nothing to send");
    wired.write(0x00, 0x1201);
    wired.run();
    assert_eq!(wired.spi.requests(), 1);
    assert_eq!([wired.pop(), wired.pop(), wired.pop()], [0; 3]);
    assert_eq!((wired.spi.requests(), wired.bench.complaints()), (0, vec![]));
    // COMM: transmitter; what comes is left alone.
    wired.write(0x00, 0x1000);
    wired.write(0x0C, CONTROLLER | 1 << 17);
    wired.write(0x04, 0);
    wired.write(0x00, 0x1001);
    assert_eq!(wired.spi.requests(), 2);
    wired.write(0x00, 0x1201);
    (0..20).for_each(|byte| {
        wired.push(byte);
        wired.run();
    });
    assert_eq!(wired.spi.requests(), 2);
    assert_eq!(wired.bench.read(&mut wired.spi, 0x14) & (F_RXP | F_OVR), 0);
}
