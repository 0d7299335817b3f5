//! A DHT22 (AM2302): humidity and temperature on one wire (Aosong AM2302 data sheet, single-bus sequence). It measures 43.2 % and
//! -7.5 degrees, always. The module has the pull-up.
//!
//! Does NOT model: the two seconds that it wants between two readings.

use std::collections::VecDeque;

use super::on_nets::OnNets;
use crate::bus::pad::Drive;
use crate::{Effects, Picos, Time};

/// Tenths of a per cent, and of a degree with the sign in the highest bit.
const HUMIDITY: u16 = 432;
const TEMPERATURE: u16 = 0x8000 | 75;
const PULL_UP_OHMS: u32 = 5_100;

const US: u64 = 1_000_000;
/// Tbe: the host pulls low for 0.8 ms at least.
const START_US: u64 = 800;
/// Tgo, then Trel and Treh.
const ANSWER_AFTER_US: u64 = 30;
const ANSWER_US: u64 = 80;
/// Tlow, then TH0 or TH1; at the end Ten.
const LOW_US: u64 = 50;
const ZERO_US: u64 = 26;
const ONE_US: u64 = 70;

/// The sensor.
#[derive(Clone, Debug, Default)]
pub struct Dht22 {
    fell_at: Time,
    pulls_low: bool,
    /// What comes: when, and whether it then pulls the wire low.
    script: VecDeque<(Time, bool)>,
}

fn bytes() -> [u8; 5] {
    let [[a, b], [c, d]] = [HUMIDITY.to_be_bytes(), TEMPERATURE.to_be_bytes()];
    [a, b, c, d, a.wrapping_add(b).wrapping_add(c).wrapping_add(d)]
}

impl Dht22 {
    fn answer(&mut self, now: Time) {
        let mut at = now;
        let mut then = |us: u64, low: bool| {
            at = at + Picos(us * US);
            self.script.push_back((at, low));
        };
        then(ANSWER_AFTER_US, true);
        then(ANSWER_US, false);
        then(ANSWER_US, true);
        for byte in bytes() {
            for bit in (0..8).rev() {
                then(LOW_US, false);
                then(if byte >> bit & 1 != 0 { ONE_US } else { ZERO_US }, true);
            }
        }
        then(LOW_US, false);
    }
}

impl OnNets for Dht22 {
    fn pins(&self) -> &'static [&'static str] {
        &["DATA"]
    }

    fn edge(&mut self, _pin: usize, high: bool, fx: &mut Effects) {
        if !high {
            self.fell_at = fx.now;
        } else if self.script.is_empty() && fx.now - self.fell_at >= Picos(START_US * US) {
            self.answer(fx.now);
        }
    }

    fn drive(&self, _pin: usize) -> Option<Drive> {
        Some(if self.pulls_low {
            Drive::output(false)
        } else {
            Drive::pull_up(PULL_UP_OHMS)
        })
    }

    fn next_event(&self) -> Option<Time> {
        self.script.front().map(|(time, _)| *time)
    }

    fn advance(&mut self, fx: &mut Effects) {
        if self.next_event().is_some_and(|time| time <= fx.now)
            && let Some((_, low)) = self.script.pop_front()
        {
            self.pulls_low = low;
        }
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

    #[test]
    fn it_answers_a_start_with_forty_bits_and_their_sum() {
        let (mut bench, mut part) = (Bench::new(Clocks::default()), Dht22::default());
        part.edge(0, false, &mut bench.fx());
        bench.now = Time(799 * US);
        part.edge(0, true, &mut bench.fx());
        assert_eq!(part.next_event(), None, "too short a start");
        part.edge(0, false, &mut bench.fx());
        bench.now = bench.now + Picos(1000 * US);
        part.edge(0, true, &mut bench.fx());
        let (mut bits, mut rose) = (Vec::new(), bench.now);
        while let Some(time) = part.next_event() {
            bench.now = time;
            part.advance(&mut bench.fx());
            if part.pulls_low {
                bits.push((time - rose).0 / US > 40);
            } else {
                rose = time;
            }
        }
        // The wait before the answer, the answer itself, then the data.
        let byte = |n: usize| {
            bits[2 + 8 * n..][..8]
                .iter()
                .fold(0u32, |sum, &bit| sum << 1 | u32::from(bit))
        };
        assert_eq!(bits.len(), 42);
        assert_eq!([0, 1, 2, 3].map(byte), [1, 0xB0, 0x80, 0x4B]);
        assert_eq!(byte(4), (0x01 + 0xB0 + 0x80 + 0x4B) & 0xFF);
    }
}
