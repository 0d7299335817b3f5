//! A rotary encoder that somebody turns: two contacts to ground, a quarter of their period apart, each with a pull-up.
//!
//! From power-up on it turns forwards at a thousand quarters a second, for two seconds, then back as long, and so on. The contacts do
//! not bounce.

use super::on_nets::OnNets;
use crate::bus::pad::Drive;
use crate::{Effects, Picos, Time};

const QUARTER: Picos = Picos(1_000_000_000);
const QUARTERS: u64 = 2000;
const PULL_UP_OHMS: u32 = 10_000;

/// The encoder.
#[derive(Clone, Debug)]
pub struct Encoder {
    /// Quarters that were turned, in either direction.
    turned: u64,
    next: Time,
}

impl Default for Encoder {
    fn default() -> Self {
        Encoder {
            turned: 0,
            next: Time(0) + QUARTER,
        }
    }
}

impl Encoder {
    /// Where it stands, in quarters.
    fn position(&self) -> u64 {
        let (back, n) = (self.turned / QUARTERS % 2 == 1, self.turned % QUARTERS);
        if back { QUARTERS - n } else { n }
    }
}

impl OnNets for Encoder {
    fn pins(&self) -> &'static [&'static str] {
        &["A", "B"]
    }

    fn edge(&mut self, _pin: usize, _high: bool, _fx: &mut Effects) {}

    fn drive(&self, pin: usize) -> Option<Drive> {
        // A leads: high in the quarters 1 and 2, B in 2 and 3.
        let is_open = (self.position() + 1 - pin as u64) / 2 % 2 == 1;
        Some(if is_open {
            Drive::pull_up(PULL_UP_OHMS)
        } else {
            Drive::source(0)
        })
    }

    fn next_event(&self) -> Option<Time> {
        Some(self.next)
    }

    fn advance(&mut self, fx: &mut Effects) {
        if self.next <= fx.now {
            self.turned += 1;
            self.next = self.next + QUARTER;
        }
    }

    fn boxed(&self) -> Box<dyn OnNets> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_contact_changes_at_a_time_and_a_leads() {
        let mut part = Encoder::default();
        let levels = |part: &Encoder| [0, 1].map(|pin| part.drive(pin).unwrap().millivolts > 0);
        let mut seen = vec![levels(&part)];
        for _ in 0..4 {
            part.turned += 1;
            seen.push(levels(&part));
        }
        let (o, x) = (false, true);
        assert_eq!(seen, [[o, o], [x, o], [x, x], [o, x], [o, o]]);
        part.turned = QUARTERS + 1;
        assert_eq!(levels(&part), [o, x], "and back");
    }
}
