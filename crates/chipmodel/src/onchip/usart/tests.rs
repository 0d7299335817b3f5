//! The bits are declared a second time, from RM0455 54.8.

use super::*;
use crate::bus::bank::testing::Bench;

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
    let mut bench = Bench::new(Clocks {
        usart234578_hz: 140_000_000,
        ..Clocks::default()
    });
    let mut usart = Usart::new("USART2", |clocks| clocks.usart234578_hz, 115_200);
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
fn dma_and_parity_are_reported_as_unmodelled() {
    let (mut bench, mut usart) = port(0);
    bench.write(&mut usart, CR3, 1 << 6);
    bench.write(&mut usart, CR1, 1 << 10);
    assert_eq!(bench.complaints().len(), 2);
}
