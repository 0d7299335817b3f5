//! The bits are declared a second time, from RM0455 54.8.

use super::*;
use crate::bus::bank::testing::Bench;
use crate::{Kernel, Picos};

const CR1: u32 = 0x00;
const CR3: u32 = 0x08;
const BRR: u32 = 0x0C;
const ISR: u32 = 0x1C;
const ICR: u32 = 0x20;
const RDR: u32 = 0x24;
const TDR: u32 = 0x28;

const UE_RE_TE: u32 = 0b1101;
const RXNEIE: u32 = 1 << 5;
const TCIE: u32 = 1 << 6;
const TXEIE: u32 = 1 << 7;
const FIFOEN: u32 = 1 << 29;

/// 10 bits at 115200 baud, rounded up to a microsecond.
const FRAME: Picos = Picos(87_000_000);

fn port(cr1: u32) -> (Bench, Usart) {
    let mut bench = Bench::new(Clocks::of(&[(Kernel::Usart234578, 140_000_000)]));
    let mut usart = Usart::new("USART2", |clocks| clocks.hz(Kernel::Usart234578), 115_200);
    bench.write(&mut usart, BRR, 140_000_000 / 115_200);
    bench.write(&mut usart, CR1, cr1);
    (bench, usart)
}

#[test]
fn it_starts_empty_and_complete() {
    let (mut bench, mut usart) = port(0);
    assert_eq!(bench.read(&mut usart, ISR), 0xC0, "TXE and TC (RM0455 54.8.9)");
}

#[test]
fn a_byte_takes_ten_bits_to_leave() {
    let (mut bench, mut usart) = port(UE_RE_TE);
    bench.write(&mut usart, TDR, u32::from(b'x'));
    assert_eq!(
        bench.read(&mut usart, ISR) & 0xC0,
        0x80,
        "TDR is free again, the shift register is not"
    );
    bench.pass(&mut usart, Picos(86_000_000));
    assert!(usart.take_transmitted().is_empty());
    bench.pass(&mut usart, Picos(1_000_000));
    assert_eq!(usart.take_transmitted(), b"x");
    assert_eq!(bench.read(&mut usart, ISR) & 0xC0, 0xC0);
}

#[test]
fn without_fifo_one_byte_waits_and_a_further_one_is_lost() {
    let (mut bench, mut usart) = port(UE_RE_TE);
    for byte in *b"abc" {
        bench.write(&mut usart, TDR, u32::from(byte));
    }
    assert!(bench.complaints()[0].contains("a byte is lost"));
    bench.pass(&mut usart, Picos(3 * FRAME.0));
    assert_eq!(usart.take_transmitted(), b"ab");
}

#[test]
fn with_fifo_seventeen_bytes_fit() {
    let (mut bench, mut usart) = port(UE_RE_TE | FIFOEN);
    for byte in *b"0123456789abcdefg" {
        bench.write(&mut usart, TDR, u32::from(byte));
    }
    assert_eq!(bench.read(&mut usart, ISR) & 0x80, 0, "TXFNF");
    bench.pass(&mut usart, Picos(17 * FRAME.0));
    assert_eq!(
        (usart.take_transmitted().len(), bench.complaints().len()),
        (17, 0)
    );
}

#[test]
fn received_bytes_arrive_one_frame_apart_and_interrupt() {
    let (mut bench, mut usart) = port(UE_RE_TE | RXNEIE);
    usart.arrive(b"hi", bench.now);
    assert_eq!(usart.lines(), 0);
    bench.pass(&mut usart, FRAME);
    assert_eq!(usart.lines(), 1);
    assert_eq!(bench.read(&mut usart, RDR), u32::from(b'h'));
    assert_eq!(usart.lines(), 0);
    bench.pass(&mut usart, FRAME);
    assert_eq!(bench.read(&mut usart, RDR), u32::from(b'i'));
    assert!(!usart.wire_is_busy());
}

#[test]
fn a_byte_that_nobody_fetches_is_lost_and_sets_ore() {
    let (mut bench, mut usart) = port(UE_RE_TE | RXNEIE);
    usart.arrive(b"ab", bench.now);
    bench.pass(&mut usart, Picos(2 * FRAME.0));
    assert_eq!(bench.read(&mut usart, ISR) & 0b1000, 0b1000);
    assert_eq!(bench.read(&mut usart, RDR), u32::from(b'a'));
    assert_eq!(usart.lines(), 1, "ORE keeps the line up");
    bench.write(&mut usart, ICR, 0b1000);
    assert_eq!(usart.lines(), 0);
}

#[test]
fn an_idle_line_is_flagged_once_after_the_last_byte() {
    let (mut bench, mut usart) = port(UE_RE_TE);
    usart.arrive(b"a", bench.now);
    bench.pass(&mut usart, FRAME);
    assert_eq!(bench.read(&mut usart, ISR) & 0x10, 0);
    bench.pass(&mut usart, FRAME);
    assert_eq!(bench.read(&mut usart, ISR) & 0x10, 0x10);
    bench.write(&mut usart, ICR, 0x10);
    bench.pass(&mut usart, Picos(9 * FRAME.0));
    assert_eq!(bench.read(&mut usart, ISR) & 0x10, 0);
}

#[test]
fn transmit_interrupts_follow_their_flags() {
    let (mut bench, mut usart) = port(UE_RE_TE | TCIE);
    assert_eq!(usart.lines(), 1);
    bench.write(&mut usart, ICR, 1 << 6);
    assert_eq!(usart.lines(), 0);
    bench.write(&mut usart, CR1, UE_RE_TE | TXEIE);
    assert_eq!(usart.lines(), 1);
}

#[test]
fn a_wrong_baud_rate_is_reported_once_and_nothing_gets_through() {
    let (mut bench, mut usart) = port(0);
    bench.write(&mut usart, BRR, 140_000_000 / 9600);
    bench.write(&mut usart, CR1, UE_RE_TE);
    for byte in *b"ab" {
        bench.write(&mut usart, TDR, u32::from(byte));
        bench.pass(&mut usart, Picos(12 * FRAME.0));
    }
    assert!(usart.take_transmitted().is_empty());
    let complaints = bench.complaints();
    assert_eq!(complaints.len(), 1);
    assert!(complaints[0].contains("9600 baud"), "{complaints:?}");
}

#[test]
fn a_pin_that_was_not_set_up_is_reported_and_loses_bytes() {
    let (mut bench, mut usart) = port(UE_RE_TE);
    usart.connect(false, true);
    bench.write(&mut usart, TDR, u32::from(b'x'));
    bench.pass(&mut usart, FRAME);
    assert!(usart.take_transmitted().is_empty());
    assert!(bench.complaints()[0].contains("TX pin"));
}

#[test]
fn oversampling_by_8_and_the_prescaler_count() {
    let (mut bench, mut usart) = port(0);
    bench.write(&mut usart, 0x2C, 1);
    let divider = 2 * 70_000_000 / 115_200;
    bench.write(&mut usart, BRR, divider & 0xFFF0 | (divider & 0xF) >> 1);
    bench.write(&mut usart, CR1, UE_RE_TE | 1 << 15);
    bench.write(&mut usart, TDR, u32::from(b'x'));
    bench.pass(&mut usart, FRAME);
    assert_eq!(usart.take_transmitted(), b"x");
}

#[test]
fn the_synchronous_clock_is_reported_as_unmodelled() {
    let (mut bench, mut usart) = port(0);
    bench.write(&mut usart, 0x04, 1 << 11);
    assert_eq!(bench.complaints().len(), 1);
}

#[test]
fn dma_is_asked_for_room_and_for_what_has_come() {
    let mut looped = Looped::new(0, 0, 1 << 6 | 1 << 7);
    assert_eq!(looped.usart.requests(), 2, "TXE");
    looped.write(TDR, 0x55);
    looped.write(TDR, 0x56);
    assert_eq!(looped.usart.requests(), 0, "one on the wire, one in TDR");
    looped.pass(Picos(10 * BIT.0 + BIT.0 / 2));
    assert_eq!(looped.usart.requests(), 3);
    looped.read(RDR);
    assert_eq!(looped.usart.requests(), 2);
}

/// A port without an end, its pins joined: TX to RX, RTS to CTS.
struct Looped {
    bench: Bench,
    usart: Usart,
}

const CR2: u32 = 0x04;
const RQR: u32 = 0x18;
const M0: u32 = 1 << 12;
const PCE: u32 = 1 << 10;
const PS: u32 = 1 << 9;
const BIT: Picos = Picos(1_000_000);

impl Looped {
    /// At 1 Mbit/s.
    fn new(cr1: u32, cr2: u32, cr3: u32) -> Looped {
        let (mut bench, mut usart) = port(0);
        usart.set_end(None);
        bench.write(&mut usart, BRR, 140);
        bench.write(&mut usart, CR2, cr2);
        bench.write(&mut usart, CR3, cr3);
        bench.write(&mut usart, CR1, UE_RE_TE | cr1);
        let mut looped = Looped { bench, usart };
        looped.show();
        looped
    }

    fn show(&mut self) {
        let Looped { bench, usart } = self;
        while usart.take_outputs_changed() {
            for (from, to) in [("TX", "RX"), ("RTS", "CTS")] {
                let level = usart.output(from);
                usart.sense(to, level, &mut bench.fx());
            }
        }
    }

    fn pass(&mut self, span: Picos) {
        let end = self.bench.now + span;
        while let Some(time) = self
            .usart
            .next_event(&self.bench.clocks)
            .filter(|time| *time <= end)
        {
            let step = time - self.bench.now;
            self.bench.pass(&mut self.usart, step);
            self.show();
        }
        let rest = end - self.bench.now;
        self.bench.pass(&mut self.usart, rest);
        self.show();
    }

    fn write(&mut self, register: u32, value: u32) {
        self.bench.write(&mut self.usart, register, value);
        self.show();
    }

    fn read(&mut self, register: u32) -> u32 {
        let value = self.bench.read(&mut self.usart, register);
        self.show();
        value
    }
}

#[test]
fn frames_of_every_form_come_back_over_the_pins_as_they_went() {
    let m1 = 1 << 28;
    for (cr1, data, read) in [
        (0, 0xA5, 0xA5),
        (M0, 0x1A5, 0x1A5),
        (m1, 0x35, 0x35),
        (PCE, 0x61, 0xE1),
        (M0 | PCE, 0x61, 0x161),
        (M0 | PCE | PS, 0x61, 0x61),
        (m1 | PCE, 0x21, 0x21),
    ] {
        for (stop, halves) in [(0, 2), (1 << 12, 1), (2 << 12, 4), (3 << 12, 3)] {
            let mut looped = Looped::new(cr1, stop, 0);
            let bits = if cr1 & m1 != 0 {
                7
            } else if cr1 & M0 != 0 {
                9
            } else {
                8
            };
            looped.write(TDR, data);
            looped.pass(Picos((2 + 2 * bits + halves) * BIT.0 / 2 - 1));
            assert_eq!(looped.read(ISR) & 0x40, 0, "{cr1:#x} {stop:#x}: still on its way");
            looped.pass(Picos(1));
            assert_eq!(looped.read(ISR) & 0x6F, 0x60, "TC and RXNE, no error");
            assert_eq!(looped.read(RDR), read, "{cr1:#x} {stop:#x}");
        }
    }
}

#[test]
fn a_wrong_parity_bit_and_a_break_are_told_with_their_bytes() {
    let mut looped = Looped::new(FIFOEN | PCE, 0, 0);
    // Somebody else sends, with the parity wrong: 0x61 and a low bit in the place of a high one.
    for level in [false, true, false, false, false, false, true, true, false, true] {
        let Looped { bench, usart } = &mut looped;
        usart.sense("RX", Some(level), &mut bench.fx());
        bench.pass(usart, BIT);
    }
    assert_eq!(looped.read(ISR) & 0x2F, 0x21, "PE and RXNE");
    looped.write(ICR, 1);
    assert_eq!(looped.read(ISR) & 0x2F, 0x20);
    assert_eq!(looped.read(RDR), 0x61);
    looped.write(RQR, 1 << 1);
    assert_ne!(looped.read(ISR) & 1 << 18, 0, "SBKF");
    looped.pass(Picos(20 * BIT.0));
    assert_eq!(looped.read(ISR) & 1 << 18, 0);
    assert_eq!(looped.read(ISR) & 0x22, 0x22, "FE and RXNE");
    assert_eq!(looped.read(RDR), 0);
}

#[test]
fn a_full_receiver_holds_the_sender_by_rts_and_cts_and_nothing_is_lost() {
    let mut looped = Looped::new(FIFOEN, 0, 3 << 8);
    for byte in 0..32 {
        looped.write(TDR, byte);
        looped.pass(Picos(10 * BIT.0));
        if byte >= 16 {
            assert_eq!(looped.read(ISR) & 0x40, 0, "held, byte {byte}");
            assert_eq!(looped.read(RDR), byte - 16);
            looped.pass(Picos(10 * BIT.0));
        }
    }
    for byte in 16..32 {
        assert_eq!(looped.read(RDR), byte);
        looped.pass(Picos(10 * BIT.0));
    }
    assert_eq!(looped.read(ISR) & 0x28, 0, "no ORE, nothing more");
    assert!(looped.bench.complaints().is_empty());
}

#[test]
fn levels_may_be_turned_over_and_a_spike_is_no_start_bit() {
    let mut looped = Looped::new(0, 3 << 16, 0);
    assert_eq!(looped.usart.output("TX"), Some(false), "idle is low");
    looped.write(TDR, 0x5A);
    looped.pass(Picos(10 * BIT.0));
    assert_eq!(looped.read(RDR), 0x5A);
    let Looped { bench, usart } = &mut looped;
    for level in [true, false] {
        usart.sense("RX", Some(level), &mut bench.fx());
        bench.pass(usart, Picos(BIT.0 / 4));
    }
    looped.pass(Picos(20 * BIT.0));
    assert_eq!(looped.read(ISR) & 0x20, 0);
}
