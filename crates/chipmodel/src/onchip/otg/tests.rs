//! The core as a program and a host see it, with the numbers of RM0455 57 written out once more.

use super::*;
use crate::bus::bank::testing::Bench;
use crate::bus::usb::{Answer, Handshake, UsbDevice};
use crate::{Clocks, Kernel, Picos};

const DIEPCTL1: u32 = 0x920;
const DIEPINT1: u32 = 0x928;
const DIEPTSIZ1: u32 = 0x930;
const DTXFSTS1: u32 = 0x938;
const DOEPCTL0: u32 = 0xB00;
const DOEPINT0: u32 = 0xB08;
const DOEPTSIZ0: u32 = 0xB10;
const DOEPCTL1: u32 = 0xB20;
const DOEPTSIZ1: u32 = 0xB30;

/// A device with a bulk endpoint of 64 bytes each way, connected, after a reset of the bus.
fn device() -> (Bench, Otg) {
    let mut bench = Bench::new(Clocks::of(&[(Kernel::Usb, 48_000_000)]));
    let mut otg = Otg::default();
    otg.connect(true);
    for (offset, value) in [
        (0x00C, 1 << 30 | 1 << 6 | 6 << 10),
        (0x038, 1 << 16),
        (0x000, 1 << 6 | 1 << 7),
        (0x800, 0x0220_0003),
        (0x024, 128),
        (0x028, 16 << 16 | 128),
        (0x104, 32 << 16 | 144),
        (0x008, 1),
        (0x018, 1 << 4 | 1 << 12 | 1 << 13 | 3 << 18),
        (0x810, 1),
        (0x814, 1 << 3 | 1),
        (0x81C, 0x0003_0003),
        (0x804, 0),
    ] {
        bench.write(&mut otg, offset, value);
    }
    assert!(otg.pulls_up());
    otg.bus_reset(&mut bench.fx());
    assert_eq!(bench.read(&mut otg, 0x014) & 3 << 12, 3 << 12, "USBRST, ENUMDNE");
    assert_eq!(otg.lines(), 1);
    bench.write(&mut otg, 0x014, 3 << 12);
    assert_eq!(otg.lines(), 0);
    // Bulk, active, DATA0; the OUT endpoint ready for a packet.
    bench.write(
        &mut otg,
        DIEPCTL1,
        64 | 1 << 15 | 2 << 18 | 1 << 22 | 1 << 28 | 1 << 27,
    );
    bench.write(&mut otg, DOEPTSIZ1, 64 | 1 << 19);
    bench.write(
        &mut otg,
        DOEPCTL1,
        64 | 1 << 15 | 2 << 18 | 1 << 28 | 1 << 26 | 1 << 31,
    );
    bench.write(&mut otg, DOEPTSIZ0, 3 << 29 | 64);
    (bench, otg)
}

#[test]
fn a_setup_packet_is_told_when_the_next_token_comes() {
    let (mut bench, mut otg) = device();
    let packet = [0x80, 6, 0, 1, 0, 0, 18, 0];
    assert_eq!(otg.setup(0, packet, &mut bench.fx()), Handshake::Ack);
    assert_eq!(bench.read(&mut otg, DOEPTSIZ0) >> 29, 2, "STUPCNT");
    let status = bench.read(&mut otg, 0x020);
    assert_eq!((status >> 17 & 15, status >> 4 & 0x7FF, status & 15), (6, 8, 0));
    assert_eq!(bench.read(&mut otg, 0x1000), 0x0100_0680);
    assert_eq!(bench.read(&mut otg, 0x1000), 0x0012_0000);
    assert_eq!(bench.read(&mut otg, 0x014) & 1 << 4, 0, "nothing more");
    assert_eq!(otg.token_in(0, 0, &mut bench.fx()), Answer::Nak);
    let status = bench.read(&mut otg, 0x020);
    assert_eq!(status >> 17 & 15, 4, "the stage is over");
    assert_eq!(bench.read(&mut otg, DOEPINT0), 1 << 3, "STUP");
    assert_ne!(bench.read(&mut otg, 0x014) & 1 << 19, 0, "OEPINT");
    assert_eq!(bench.complaints(), Vec::<String>::new());
}

#[test]
fn an_out_packet_fills_the_fifo_and_the_next_is_refused_until_it_is_asked_for() {
    let (mut bench, mut otg) = device();
    let bytes: Vec<u8> = (0..10).collect();
    assert_eq!(otg.out(0, 1, false, &bytes, &mut bench.fx()), Handshake::Ack);
    assert_eq!(otg.out(0, 1, true, &bytes, &mut bench.fx()), Handshake::Nak);
    let status = bench.read(&mut otg, 0x020);
    assert_eq!((status >> 17 & 15, status >> 4 & 0x7FF, status & 15), (2, 10, 1));
    let words: Vec<u32> = (0..3).map(|_| bench.read(&mut otg, 0x1000)).collect();
    assert_eq!(words, [0x0302_0100, 0x0706_0504, 0x0000_0908]);
    assert_eq!(bench.read(&mut otg, 0x020) >> 17 & 15, 3, "the transfer is over");
    assert_eq!(bench.read(&mut otg, 0xB28) & 1, 1, "XFRC");
    bench.write(&mut otg, DOEPTSIZ1, 64 | 1 << 19);
    let control = bench.read(&mut otg, DOEPCTL1);
    bench.write(&mut otg, DOEPCTL1, control | 1 << 26);
    assert_eq!(otg.out(0, 1, true, &bytes, &mut bench.fx()), Handshake::Ack);
    assert_eq!(bench.complaints(), Vec::<String>::new());
}

#[test]
fn a_packet_that_is_sent_again_is_taken_once() {
    let (mut bench, mut otg) = device();
    bench.write(&mut otg, DOEPTSIZ1, 640 | 10 << 19);
    let full = [7; 64];
    assert_eq!(otg.out(0, 1, false, &full, &mut bench.fx()), Handshake::Ack);
    assert_eq!(otg.out(0, 1, false, &full, &mut bench.fx()), Handshake::Ack);
    bench.read(&mut otg, 0x020);
    (0..16).for_each(|_| assert_eq!(bench.read(&mut otg, 0x1000), 0x0707_0707));
    assert_eq!(bench.read(&mut otg, 0x014) & 1 << 4, 0, "once");
}

#[test]
fn a_packet_in_waits_until_it_is_whole() {
    let (mut bench, mut otg) = device();
    assert_eq!(otg.token_in(0, 1, &mut bench.fx()), Answer::Nak);
    assert_eq!(bench.read(&mut otg, DTXFSTS1), 32);
    bench.write(&mut otg, DIEPTSIZ1, 5 | 1 << 19);
    let control = bench.read(&mut otg, DIEPCTL1);
    bench.write(&mut otg, DIEPCTL1, control | 1 << 26 | 1 << 31);
    bench.write(&mut otg, 0x2000, 0x6c6c_6568);
    assert!(!otg.gives(0, 1));
    bench.write(&mut otg, 0x2000, 0x6f);
    let answer = otg.token_in(0, 1, &mut bench.fx());
    let Answer::Data { data1: false, bytes } = answer else {
        panic!("{answer:?}")
    };
    assert_eq!(bytes, b"hello");
    // Without a handshake it is sent again.
    assert!(matches!(otg.token_in(0, 1, &mut bench.fx()), Answer::Data { .. }));
    otg.acknowledge(1);
    assert_eq!(otg.token_in(0, 1, &mut bench.fx()), Answer::Nak);
    assert_eq!(bench.read(&mut otg, DIEPINT1) & 1, 1, "XFRC");
    assert_eq!(bench.read(&mut otg, DIEPCTL1) >> 31, 0, "EPENA");
    assert_eq!(bench.complaints(), Vec::<String>::new());
}

#[test]
fn a_stall_holds_until_it_is_cleared_and_on_endpoint_0_until_the_next_setup() {
    let (mut bench, mut otg) = device();
    let control = bench.read(&mut otg, DIEPCTL1);
    bench.write(&mut otg, DIEPCTL1, control | 1 << 21);
    assert_eq!(otg.token_in(0, 1, &mut bench.fx()), Answer::Stall);
    bench.write(&mut otg, DIEPCTL1, control);
    assert_eq!(otg.token_in(0, 1, &mut bench.fx()), Answer::Nak);
    bench.write(&mut otg, DOEPCTL0, 1 << 21);
    assert_eq!(otg.out(0, 0, true, &[], &mut bench.fx()), Handshake::Stall);
    otg.setup(0, [0; 8], &mut bench.fx());
    assert_eq!(otg.out(0, 0, true, &[], &mut bench.fx()), Handshake::Nak);
}

#[test]
fn a_new_address_holds_from_the_end_of_the_status_stage_on() {
    let (mut bench, mut otg) = device();
    otg.setup(0, [0, 5, 9, 0, 0, 0, 0, 0], &mut bench.fx());
    bench.write(&mut otg, 0x800, 0x0220_0003 | 9 << 4);
    bench.write(&mut otg, 0x910, 1 << 19);
    bench.write(&mut otg, 0x900, 1 << 26 | 1 << 31);
    assert_eq!(otg.token_in(9, 0, &mut bench.fx()), Answer::Silence);
    assert!(matches!(otg.token_in(0, 0, &mut bench.fx()), Answer::Data { .. }));
    otg.acknowledge(0);
    assert_eq!(otg.token_in(0, 0, &mut bench.fx()), Answer::Silence);
    assert_eq!(otg.token_in(9, 0, &mut bench.fx()), Answer::Nak);
}

#[test]
fn fifos_that_overlap_are_told() {
    let (mut bench, mut otg) = device();
    bench.write(&mut otg, 0x104, 32 << 16 | 143);
    otg.token_in(0, 1, &mut bench.fx());
    let complaints = bench.complaints();
    assert!(
        complaints[0].contains("transmit FIFO 1 (DIEPTXF1) (words 143 to 174) overlaps"),
        "{complaints:?}"
    );
    bench.write(&mut otg, 0x104, 32 << 16 | 1000);
    otg.token_in(0, 1, &mut bench.fx());
    assert!(bench.complaints()[0].contains("ends at word 1032, the memory at 1024"));
}

#[test]
fn a_packet_that_other_registers_interrupt_is_told() {
    let (mut bench, mut otg) = device();
    bench.write(&mut otg, DIEPTSIZ1, 8 | 1 << 19);
    let control = bench.read(&mut otg, DIEPCTL1);
    bench.write(&mut otg, DIEPCTL1, control | 1 << 26 | 1 << 31);
    bench.write(&mut otg, 0x2000, 1);
    bench.read(&mut otg, DOEPINT0);
    assert!(bench.complaints()[0].contains("1 words of a packet for transmit FIFO 1"));
}

#[test]
fn frames_are_counted_and_told_once_each() {
    let (mut bench, mut otg) = device();
    otg.run_frames(Some(100), &bench.fx());
    bench.write(&mut otg, 0x014, 1 << 3);
    assert_eq!(bench.read(&mut otg, 0x014) & 1 << 3, 0);
    bench.now = bench.now + Picos(3 * FRAME.0);
    assert_eq!(bench.read(&mut otg, 0x808) >> 8, 103);
    assert_ne!(bench.read(&mut otg, 0x014) & 1 << 3, 0, "SOF");
    bench.write(&mut otg, 0x014, 1 << 3);
    assert_eq!(bench.read(&mut otg, 0x014) & 1 << 3, 0);
}

#[test]
fn a_device_without_its_clock_or_its_pins_is_not_there() {
    let (mut bench, mut otg) = device();
    bench.clocks = Clocks::of(&[(Kernel::Usb, 47_000_000)]);
    otg.bus_reset(&mut bench.fx());
    assert!(bench.complaints()[0].contains("47000000 Hz"));
    otg.connect(false);
    assert_eq!(otg.setup(0, [0; 8], &mut bench.fx()), Handshake::Silence);
    otg.connect(true);
    assert_eq!(
        otg.setup(5, [0; 8], &mut bench.fx()),
        Handshake::Silence,
        "another address"
    );
    bench.write(&mut otg, 0x804, 2);
    assert!(!otg.pulls_up(), "soft disconnect");
}

#[test]
fn what_it_cannot_do_is_refused() {
    let mut otg = Otg::default();
    let mut reports = Vec::new();
    let mut fx = Effects::new(Time(0), Clocks::default(), &mut reports);
    for (offset, value) in [(0x008, 1 << 5), (0x00C, 1 << 29), (0x900, 0)] {
        let result = otg.write(offset, Width::Word, value, &mut fx);
        assert_eq!(result.is_err(), offset != 0x900, "{offset:#x}");
    }
    assert!(
        otg.write(0x920, Width::Word, 1 << 18, &mut fx).is_err(),
        "isochronous"
    );
    assert!(otg.read(0x400, Width::Word, &mut fx).is_err(), "host registers");
}
