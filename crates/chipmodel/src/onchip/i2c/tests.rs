//! The controller against an EEPROM on two lines, by the bits of the manual.

use super::*;
use crate::Kernel;
use crate::bus::bank::testing::Bench;
use crate::parts::eeprom::Eeprom;
use crate::parts::i2c_target::OnI2c;
use crate::parts::on_nets::OnNets;

// Bits of RM0455 47.7 once more.
const START: u32 = 0x2000;
const STOP: u32 = 0x4000;
const READS: u32 = 0x400;
const RELOAD: u32 = 0x0100_0000;
const AUTOEND: u32 = 0x0200_0000;
const F_TXIS: u32 = 0x02;
const F_RXNE: u32 = 0x04;
const F_NACK: u32 = 0x10;
const F_STOP: u32 = 0x20;
const F_TC: u32 = 0x40;
const F_TCR: u32 = 0x80;
const F_BUSY: u32 = 0x8000;

/// The controller and an EEPROM on two lines, and somebody who may hold them low.
struct Wired {
    bench: Bench,
    i2c: I2c,
    eeprom: OnI2c<Eeprom>,
    held: [bool; 2],
    levels: [bool; 2],
    rises: u32,
}

impl Wired {
    /// 100 kHz from 140 MHz: 5 us for each half.
    fn new() -> Self {
        let clocks = Clocks::of(&[(Kernel::I2c123, 140_000_000)]);
        let mut wired = Wired {
            bench: Bench::new(clocks),
            i2c: I2c::new("I2C1", |clocks| clocks.hz(Kernel::I2c123)),
            eeprom: Eeprom::on_bus(),
            held: [false; 2],
            levels: [true; 2],
            rises: 0,
        };
        wired.write(0x10, 3 << 28 | 174 << 8 | 174);
        wired.write(0x00, 1);
        wired
    }

    fn settle(&mut self) {
        loop {
            let mut changed = false;
            for (n, signal) in ["SCL", "SDA"].into_iter().enumerate() {
                let part = self.eeprom.drive(n).is_some_and(|drive| drive.millivolts == 0);
                let level = self.i2c.output(signal) == Some(true) && !part && !self.held[n];
                if level != self.levels[n] {
                    changed = true;
                    self.levels[n] = level;
                    self.rises += u32::from(n == 0 && level);
                    self.i2c.sense(signal, Some(level), &mut self.bench.fx());
                    self.eeprom.edge(n, level, &mut self.bench.fx());
                }
            }
            if !changed {
                return;
            }
        }
    }

    fn write(&mut self, offset: u32, value: u32) {
        self.bench.write(&mut self.i2c, offset, value);
        self.settle();
    }

    fn read(&mut self, offset: u32) -> u32 {
        let value = self.bench.read(&mut self.i2c, offset);
        self.settle();
        value
    }

    /// Time passes until one of these flags is up. Returns all of them.
    fn until(&mut self, flags: u32) -> u32 {
        loop {
            let isr = self.read(0x18);
            if isr & flags != 0 {
                return isr;
            }
            let next = self.i2c.next_event(&self.bench.clocks).expect("it goes on");
            self.bench.now = next;
            self.i2c.advance(&mut self.bench.fx());
            self.settle();
        }
    }

    fn put(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            assert_ne!(self.until(F_TXIS | F_NACK) & F_TXIS, 0, "acknowledged");
            self.write(0x28, byte.into());
        }
    }

    fn start(&mut self, bytes: u32, more: u32) {
        self.write(0x04, 0xA0 | START | bytes << 16 | more);
    }

    fn stopped(&mut self) -> u32 {
        let isr = self.until(F_STOP);
        self.write(0x1C, 0x3F38);
        isr
    }
}

#[test]
fn bytes_written_to_a_memory_are_read_back_after_a_repeated_start() {
    let mut wired = Wired::new();
    wired.start(5, AUTOEND);
    wired.put(&[0x12, 0x34, 1, 2, 3]);
    assert_eq!(wired.stopped() & F_NACK, 0);
    assert_eq!(wired.eeprom.content()[0x1234..0x1237], [1, 2, 3]);
    wired.bench.now.0 += 5_000_000_000;
    wired.start(2, 0);
    wired.put(&[0x12, 0x34]);
    let isr = wired.until(F_TC);
    assert_eq!(isr & (F_STOP | F_BUSY), F_BUSY, "the bus is kept");
    // The count of the second message is reloaded: that says nothing of the first one.
    wired.start(2, READS | RELOAD);
    let mut seen = Vec::new();
    for n in 0..3 {
        if n == 2 {
            wired.until(F_TCR);
            wired.write(0x04, 0xA0 | READS | 1 << 16 | AUTOEND);
        }
        wired.until(F_RXNE);
        seen.push(wired.read(0x24));
    }
    assert_eq!(wired.stopped() & F_NACK, 0);
    assert_eq!(seen, [1, 2, 3]);
    assert_eq!(wired.read(0x18), 1, "idle, and TXE");
}

#[test]
fn a_byte_takes_nine_clocks_of_both_halves() {
    let mut wired = Wired::new();
    wired.start(2, AUTOEND);
    wired.put(&[0, 0]);
    wired.stopped();
    // A half more for the start, and two for the stop.
    assert_eq!(wired.rises, 27 + 1);
    assert_eq!(wired.bench.now.0, (27 * 2 + 3) * 5_000_000);
}

#[test]
fn nobody_at_the_address_and_a_memory_that_is_busy_do_not_acknowledge() {
    let mut wired = Wired::new();
    wired.write(0x04, 0xA2 | START | AUTOEND);
    assert_ne!(wired.stopped() & F_NACK, 0);
    wired.start(3, AUTOEND);
    wired.put(&[0, 0, 7]);
    wired.stopped();
    wired.start(0, AUTOEND);
    assert_ne!(wired.stopped() & F_NACK, 0, "its write cycle");
    wired.bench.now.0 += 5_000_000_000;
    wired.start(0, AUTOEND);
    assert_eq!(wired.stopped() & F_NACK, 0);
}

#[test]
fn a_count_is_reloaded_and_the_clock_is_held_meanwhile() {
    let mut wired = Wired::new();
    wired.start(2, RELOAD);
    wired.put(&[0, 0]);
    wired.until(F_TCR);
    assert!(!wired.levels[0]);
    wired.write(0x04, 0xA0 | 1 << 16 | AUTOEND);
    wired.put(&[0x55]);
    wired.stopped();
    assert_eq!(wired.eeprom.content()[0], 0x55);
}

#[test]
fn a_byte_that_nobody_fetches_holds_the_clock() {
    let mut wired = Wired::new();
    wired.start(3, READS | AUTOEND);
    wired.until(F_RXNE);
    while let Some(next) = wired.i2c.next_event(&wired.bench.clocks) {
        wired.bench.now = next;
        wired.i2c.advance(&mut wired.bench.fx());
        wired.settle();
    }
    assert!(!wired.levels[0], "the second byte is in, and not acknowledged");
    for _ in 0..3 {
        wired.until(F_RXNE);
        assert_eq!(wired.read(0x24), 0xFF);
    }
    wired.stopped();
}

#[test]
fn a_target_that_holds_the_clock_is_waited_for() {
    let mut wired = Wired::new();
    wired.start(0, AUTOEND);
    wired.held[0] = true;
    wired.settle();
    while let Some(next) = wired.i2c.next_event(&wired.bench.clocks) {
        wired.bench.now = next;
        wired.i2c.advance(&mut wired.bench.fx());
        wired.settle();
    }
    assert_eq!(wired.read(0x18) & F_STOP, 0);
    wired.held[0] = false;
    wired.settle();
    assert_eq!(wired.stopped() & F_NACK, 0);
}

#[test]
fn a_bus_that_is_held_low_gets_no_start_until_it_is_free() {
    let mut wired = Wired::new();
    wired.held[1] = true;
    wired.settle();
    wired.start(0, AUTOEND);
    assert_eq!(wired.i2c.next_event(&wired.bench.clocks), None);
    assert_ne!(wired.read(0x18) & F_BUSY, 0);
    wired.held[1] = false;
    wired.settle();
    assert_eq!(wired.stopped() & F_NACK, 0);
}

#[test]
fn software_ends_what_it_began_without_an_automatic_end() {
    let mut wired = Wired::new();
    wired.start(1, 0);
    wired.put(&[0]);
    wired.until(F_TC);
    wired.write(0x04, 0xA0 | STOP);
    wired.stopped();
    assert_eq!(wired.levels, [true, true]);
}

#[test]
fn switched_off_it_lets_go_and_its_timing_is_set_only_then() {
    let mut wired = Wired::new();
    wired.start(1, 0);
    wired.until(F_TXIS);
    wired.write(0x10, 0);
    assert!(
        wired.bench.reports[0]
            .message
            .contains("TIMINGR written while PE is 1")
    );
    wired.write(0x00, 0);
    assert_eq!((wired.levels, wired.read(0x18)), ([true, true], 1));
}

#[test]
fn events_and_errors_have_a_line_each() {
    let mut wired = Wired::new();
    wired.write(0x00, 1 | 1 << 4 | 1 << 5);
    wired.write(0x04, 0xA2 | START | AUTOEND);
    wired.until(F_NACK);
    assert_eq!(wired.i2c.lines(), 1);
}
