//! A hundred thousand packets that are wrong in some way: nothing panics, and after each thousand the host begins anew and is
//! served.

use crate::host::{Host, packet};
use omvproto::{Reply, Status, channel, opcode};

/// Steele, Lea and Flood's SplitMix64: as good as any, and always the same.
struct Dice(u64);

impl Dice {
    fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, end: u64) -> u64 {
        self.throw() % end
    }

    fn bytes(&mut self, count: u64) -> Vec<u8> {
        (0..count).map(|_| self.throw() as u8).collect()
    }
}

/// One that is wrong: any number, channel, opcode and length, a bit turned, its end cut off, or no packet at all.
fn wrong(dice: &mut Dice, sequence: u8) -> Vec<u8> {
    let length = match dice.below(20) {
        0 => dice.below(5000),
        1..8 => 4 * dice.below(5),
        _ => dice.below(40),
    };
    let mut payload = dice.bytes(length);
    if dice.below(2) == 0 {
        // Small numbers reach further.
        payload.iter_mut().for_each(|byte| *byte &= 3);
    }
    let any = dice.throw();
    let sequence = if any & 3 == 0 { any as u8 } else { sequence };
    let code = if any & 12 == 0 {
        (any >> 8) as u8
    } else {
        [
            0, 1, 2, 3, 4, 0x12, 0x14, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28,
        ][(any >> 8) as usize % 16]
    };
    let flags = if any & 48 == 0 { (any >> 16) as u8 } else { 0 };
    let channel = (any >> 24) as u8 % if any & 64 == 0 { 255 } else { 8 };
    let mut bytes = packet(sequence, channel, flags, code, &payload);
    match dice.below(6) {
        0 => {
            let at = dice.below(bytes.len() as u64) as usize;
            bytes[at] ^= 1 << dice.below(8);
        }
        1 => bytes.truncate(dice.below(bytes.len() as u64) as usize),
        2 => bytes = dice.bytes(length),
        _ => {}
    }
    bytes
}

#[test]
fn a_hundred_thousand_wrong_packets_do_no_harm() {
    let (mut dice, mut host) = (Dice(15), Host::new());
    host.device.has_later = true;
    let mut answers = 0;
    for round in 0..100 {
        let mut sequence = 0;
        for _ in 0..1000 {
            let bytes = wrong(&mut dice, sequence);
            host.send(&bytes);
            host.now_ms += dice.below(40);
            if dice.below(4) == 0 && host.engine.pending().is_some() {
                let bytes = dice.bytes(700);
                host.engine.answer(match dice.below(3) {
                    0 => Reply::Status(Status::Failed),
                    1 => Reply::Bytes(&[]),
                    _ => Reply::Bytes(&bytes),
                });
            }
            if dice.below(50) == 0 {
                host.engine
                    .send_event(dice.below(8) as u8, dice.throw() as u16, dice.below(2) == 0);
            }
            let heard = crate::said(&mut host.engine, &mut host.device, host.now_ms);
            answers += usize::from(!heard.is_empty());
            // What was agreed may be no sums; a header is one in any case.
            if heard.len() >= 10 && heard[..2] == [0xAA, 0xD5] {
                sequence = heard[2].wrapping_add(1);
            }
        }
        // A host that finds nobody tries three times.
        let served = (0..3).any(|_| {
            host.send(&packet(0, 0, 0, opcode::SYNC, &[]));
            let heard = crate::said(&mut host.engine, &mut host.device, host.now_ms);
            heard.ends_with(&packet(0, 0, 1, opcode::SYNC, &[]))
        });
        assert!(served, "round {round}");
        host.sequence = 0;
        assert_eq!(host.ask(0, opcode::SYS_INFO, &[]).1.len(), 76, "round {round}");
        assert!(!host.device.is_locked);
        host.device.printed = 0;
        assert_eq!(host.ask(channel::STDOUT, opcode::SIZE, &[]).1, [100, 0, 0, 0]);
    }
    assert!(
        answers > 10_000,
        "the packets were not wrong enough to be understood: {answers}"
    );
}
