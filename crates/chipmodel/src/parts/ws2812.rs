//! A chain of WS2812B: lamps that take their colours from the lengths of pulses (Worldsemi WS2812B data sheet, data transfer time).
//!
//! However many are sent, so many there are. A pulse or a pause outside of the data sheet's limits is an event.

use super::on_nets::OnNets;
use crate::bus::pad::Drive;
use crate::{Effects, Kind, Picos, Time};

const NS: u64 = 1000;
/// T0H and T1H, T0L and T1L, each within 150 ns.
const HIGH_NS: [u64; 2] = [400, 800];
const LOW_NS: [u64; 2] = [850, 450];
const WITHIN_NS: u64 = 150;
/// RES: the lamps take what came.
const RESET_NS: u64 = 50_000;

/// The chain.
#[derive(Clone, Debug, Default)]
pub struct Ws2812 {
    high: bool,
    changed_at: Time,
    /// The last bit, whose pause is awaited.
    bit: Option<bool>,
    bits: Vec<bool>,
    /// What they show: green, red and blue of each.
    shown: Vec<u8>,
    complained: bool,
}

impl Ws2812 {
    fn look(&mut self, what: &str, took: Picos, wanted_ns: u64, fx: &mut Effects) {
        let took_ns = took.0 / NS;
        if took_ns.abs_diff(wanted_ns) > WITHIN_NS && !self.complained {
            // Once a picture is enough.
            self.complained = true;
            let n = self.bits.len();
            fx.report(
                Kind::Rule,
                format!("ws2812: {what} of bit {n} is {took_ns} ns long, {wanted_ns} +- {WITHIN_NS} ns needed (WS2812B)"),
            );
        }
    }
}

impl OnNets for Ws2812 {
    fn pins(&self) -> &'static [&'static str] {
        &["DIN"]
    }

    fn edge(&mut self, _pin: usize, high: bool, fx: &mut Effects) {
        let took = fx.now - self.changed_at;
        let was_high = core::mem::replace(&mut self.high, high);
        self.changed_at = fx.now;
        if high {
            if let Some(bit) = self.bit.take() {
                self.look("the pause", took, LOW_NS[usize::from(bit)], fx);
            }
        } else if was_high {
            let bit = took.0 / NS > (HIGH_NS[0] + HIGH_NS[1]) / 2;
            self.look("the pulse", took, HIGH_NS[usize::from(bit)], fx);
            self.bits.push(bit);
            self.bit = Some(bit);
        }
    }

    fn drive(&self, _pin: usize) -> Option<Drive> {
        None
    }

    fn next_event(&self) -> Option<Time> {
        self.bit.map(|_| self.changed_at + Picos(RESET_NS * NS))
    }

    fn advance(&mut self, fx: &mut Effects) {
        if self.next_event().is_none_or(|time| time > fx.now) {
            return;
        }
        let bytes = self.bits.chunks_exact(8);
        if self.bits.len() % 24 != 0 {
            let n = self.bits.len();
            fx.report(
                Kind::Rule,
                format!("ws2812: {n} bits came, 24 a lamp are needed (WS2812B)"),
            );
        }
        self.shown = bytes
            .map(|bits| bits.iter().fold(0, |byte, &bit| byte << 1 | u8::from(bit)))
            .collect();
        (self.bit, self.complained) = (None, false);
        self.bits.clear();
    }

    fn content(&self) -> &[u8] {
        &self.shown
    }

    fn boxed(&self) -> Box<dyn OnNets> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Clocks;
    use crate::bus::bank::testing::Bench;

    fn send(bench: &mut Bench, part: &mut Ws2812, bytes: &[u8], high_ns: [u64; 2]) {
        for bit in bytes
            .iter()
            .flat_map(|byte| (0..8).rev().map(move |n| byte >> n & 1 != 0))
        {
            part.edge(0, true, &mut bench.fx());
            bench.now = bench.now + Picos(high_ns[usize::from(bit)] * NS);
            part.edge(0, false, &mut bench.fx());
            bench.now = bench.now + Picos(LOW_NS[usize::from(bit)] * NS);
        }
    }

    #[test]
    fn what_came_is_shown_after_the_reset_and_no_sooner() {
        let (mut bench, mut part) = (Bench::new(Clocks::default()), Ws2812::default());
        send(&mut bench, &mut part, &[1, 0x80, 0xFF, 7, 8, 9], HIGH_NS);
        assert_eq!(part.content(), []);
        bench.now = bench.now + Picos(60_000 * NS);
        part.advance(&mut bench.fx());
        assert_eq!(part.content(), [1, 0x80, 0xFF, 7, 8, 9]);
        assert_eq!(part.next_event(), None);
        assert!(bench.complaints().is_empty());
    }

    #[test]
    fn a_pulse_that_is_too_long_is_told_once_and_half_a_lamp_too() {
        let (mut bench, mut part) = (Bench::new(Clocks::default()), Ws2812::default());
        send(&mut bench, &mut part, &[0xFF, 0], [400, 1000]);
        bench.now = bench.now + Picos(60_000 * NS);
        part.advance(&mut bench.fx());
        let told = bench.complaints();
        assert!(told[0].contains("1000 ns long, 800 +- 150 ns"), "{told:?}");
        assert!(told[1].contains("16 bits came"), "{told:?}");
        assert_eq!(told.len(), 2);
    }
}
