//! By the simplified specification again.

use super::*;
use crate::Clocks;

struct Desk {
    card: SdCard,
    now: Time,
    reports: Vec<crate::Report>,
}

impl Desk {
    fn new(card: SdCard) -> Desk {
        Desk {
            card,
            now: Time(1_000_000_000_000),
            reports: Vec::new(),
        }
    }

    fn ask_at(&mut self, hz: u32, index: u32, argument: u32) -> Answer {
        let mut fx = Effects::new(self.now, Clocks::default(), &mut self.reports);
        self.card.command(index, argument, hz, &mut fx)
    }

    fn ask(&mut self, index: u32, argument: u32) -> Answer {
        self.ask_at(400_000, index, argument)
    }

    fn status(&mut self, index: u32, argument: u32) -> u32 {
        match self.ask(index, argument) {
            Answer::Short(status) => status,
            other => panic!("CMD{index}: {other:?}"),
        }
    }

    /// To "transfer", on four lines.
    fn ready(mut self) -> Desk {
        self.ask(0, 0);
        assert_eq!(self.ask(8, 0x1AA), Answer::Short(0x1AA));
        assert_eq!(self.status(55, 0) & 0x20, 0x20, "APP_CMD");
        let Answer::Open(first) = self.ask(41, 0x4030_0000) else {
            panic!()
        };
        assert_eq!(first >> 31, 0, "not ready at once");
        self.now = self.now + Picos::from_ns(1_000_000_000);
        self.ask(55, 0);
        let Answer::Open(second) = self.ask(41, 0x4030_0000) else {
            panic!()
        };
        assert_eq!(second >> 31, 1);
        assert!(matches!(self.ask(2, 0), Answer::Long(_)));
        let rca = self.status(3, 0) & 0xFFFF_0000;
        assert_ne!(rca, 0);
        self.status(7, rca);
        self.status(55, rca);
        self.status(6, 2);
        assert_eq!(self.status(13, rca) >> 8 & 0x1F, 4 << 1 | 1, "tran, ready");
        self
    }

    fn rca(&self) -> u32 {
        self.card.rca << 16
    }
}

fn sdhc() -> Desk {
    Desk::new(SdCard::new(vec![0; 1 << 20], true).unwrap()).ready()
}

#[test]
fn sizes_of_cards_are_those_that_a_csd_can_say() {
    for (bytes, high, right) in [
        (1 << 20, true, true),
        ((1 << 20) + 512, true, false),
        (2 << 20, false, true),
        (2048, false, true),
        (512, false, false),
        (3 << 20, false, true),
    ] {
        assert_eq!(SdCard::new(vec![0; bytes], high).is_ok(), right, "{bytes} {high}");
    }
    // C_SIZE and C_SIZE_MULT, as a host reads them.
    let [_, second, third, _] = registers::csd(4096, false, false);
    let size = (second & 0x3FF) << 2 | third >> 30;
    let mult = third >> 15 & 7;
    assert_eq!((size + 1) << (mult + 2), 4096);
    let [first, second, third, _] = registers::csd(4096, true, false);
    assert_eq!((first >> 30, (second & 0x3F) << 16 | third >> 16), (1, 3));
}

#[test]
fn a_block_is_written_and_read_and_the_card_is_busy_meanwhile() {
    let mut desk = sdhc();
    let rca = desk.rca();
    assert_eq!(desk.status(24, 7) >> 8 & 0x1F, 4 << 1 | 1);
    assert!(desk.card.take_block(&[9; 512], desk.now));
    assert_eq!(desk.status(13, rca) >> 8 & 0x1F, 7 << 1, "prg");
    desk.now = desk.card.busy_until();
    assert_eq!(desk.status(13, rca) >> 8 & 0x1F, 4 << 1 | 1);
    desk.status(17, 7);
    assert_eq!(desk.card.send_block(true).unwrap().0, [9; 512]);
    assert!(desk.card.send_block(false).is_none(), "one, and no more");
    assert!(desk.card.is_changed() && desk.reports.is_empty());
}

#[test]
fn what_cannot_be_is_told_in_the_status_and_reported_if_it_is_illegal() {
    let mut desk = sdhc();
    assert_eq!(desk.status(17, 2048) >> 31, 1, "OUT_OF_RANGE");
    assert_eq!(desk.status(18, 2047) >> 31, 0);
    assert!(desk.card.send_block(true).is_some() && desk.card.send_block(false).is_none());
    assert_eq!(desk.status(12, 0) >> 31, 1, "it ran over the end");
    assert!(desk.reports.is_empty());
    assert_eq!(desk.ask(12, 0), Answer::Silent, "nothing to stop");
    assert!(
        desk.reports[0]
            .message
            .contains("CMD12 is illegal in state Transfer")
    );
    let rca = desk.rca();
    assert_ne!(desk.status(13, rca) & 1 << 22, 0, "told once");
    assert_eq!(desk.status(13, rca) & 1 << 22, 0);
    desk.ask_at(50_000_000, 13, rca);
    assert!(desk.reports[1].message.contains("50000000 Hz"));
}

#[test]
fn standard_cards_count_bytes_and_protected_ones_refuse() {
    let card = SdCard::new(vec![0; 1 << 20], false).unwrap().protected();
    let mut desk = Desk::new(card).ready();
    assert_eq!(desk.status(17, 100) >> 30 & 1, 1, "ADDRESS_ERROR");
    assert_eq!(desk.status(24, 512) >> 26 & 1, 1, "WP_VIOLATION");
    desk.status(17, 512);
    assert_eq!(desk.card.send_block(true).unwrap().0, [0; 512]);
}

#[test]
fn a_failing_power_leaves_a_block_old_or_new_and_torn_only_if_the_card_does_that() {
    for tears in [false, true] {
        let (mut old, mut new, mut torn) = (0, 0, 0);
        for before in 0..64 {
            let mut desk = sdhc();
            desk.card.tears = tears;
            (0..before).for_each(|_| desk.card.steps_mut().begin());
            desk.status(24, 7);
            assert!(desk.card.take_block(&[9; 512], desk.now));
            desk.card.lose_power(desk.now);
            match desk.card.content()[7 * 512..8 * 512]
                .iter()
                .filter(|byte| **byte == 9)
                .count()
            {
                0 => old += 1,
                512 => new += 1,
                _ => torn += 1,
            }
        }
        assert!(old > 5 && new > 5 && (torn > 5) == tears, "{old} {new} {torn}");
    }
}
