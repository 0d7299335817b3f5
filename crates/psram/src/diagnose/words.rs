//! A verdict in words, for a board whose wiring is known or not.

use super::judge::{Kind, Verdict};
use super::{LINES, PADS, Pad};
use core::fmt;

/// Where a line ends at the processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Processor {
    /// The port's letter.
    pub port: char,
    /// The number in the port.
    pub bit: u8,
    /// The number on the package.
    pub number: u8,
}

impl fmt::Display for Processor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "P{}{}", self.port, self.bit)
    }
}

/// A verdict about one board.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// What is wrong.
    pub verdict: &'a Verdict,
    /// The processor's pins by line; `None`: nobody knows the board.
    pub wiring: Option<&'a [Processor; LINES]>,
}

impl Told<'_> {
    fn processor(&self, pad: Pad) -> Option<Processor> {
        let line = PADS.iter().position(|known| *known == pad)?;
        Some(self.wiring?[line])
    }

    /// `pin 3 (SIO2, to PE2)`
    fn pin(&self, f: &mut fmt::Formatter<'_>, pad: Pad) -> fmt::Result {
        write!(f, "pin {} ({}", pad.number, pad.name)?;
        if let Some(processor) = self.processor(pad) {
            write!(f, ", to {processor}")?;
        }
        f.write_str(")")
    }

    fn list(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, pad) in self.verdict.pads().enumerate() {
            f.write_str(if n == 0 { "" } else { ", " })?;
            self.pin(f, pad)?;
        }
        Ok(())
    }

    fn reheat(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, pad) in self.verdict.pads().enumerate() {
            f.write_str(if n == 0 { " Reheat" } else { "; then" })?;
            write!(f, " pin {} of the memory chip", pad.number)?;
            if let Some(Processor { number, .. }) = self.processor(pad) {
                write!(f, " and pin {number} of the processor")?;
            }
        }
        f.write_str(".")
    }

    fn weak(&self, f: &mut fmt::Formatter<'_>, works_mhz: u32, fails_mhz: u32) -> fmt::Result {
        if self.verdict.pads().count() > 1 {
            f.write_str("cannot tell which of these: ")?;
        }
        self.list(f)?;
        match works_mhz {
            0 => write!(f, ": a bad contact, which does not even work at {fails_mhz} MHz.")?,
            _ => write!(
                f,
                ": a bad contact, which works at {works_mhz} MHz and not at {fails_mhz} MHz."
            )?,
        }
        self.reheat(f)
    }

    fn beside(pad: Pad, other: Pad) -> bool {
        // 1 to 4 on one side, 5 to 8 on the other.
        pad.number.abs_diff(other.number) == 1 && pad.number.min(other.number) != 4
    }

    fn joined(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.list(f)?;
        f.write_str(": joined.")?;
        let mut pads = self.verdict.pads();
        let (Some(a), Some(b), None) = (pads.next(), pads.next(), pads.next()) else {
            return f.write_str(" Look for solder between them.");
        };
        let numbers = self
            .processor(a)
            .zip(self.processor(b))
            .map(|(a, b)| (a.number, b.number));
        let ends = numbers.filter(|(a, b)| a.abs_diff(*b) == 1);
        match (Self::beside(a, b), ends) {
            (true, None) => write!(
                f,
                " Remove the solder between pins {} and {} of the memory chip.",
                a.number, b.number
            ),
            (false, Some((a, b))) => {
                write!(f, " Remove the solder between pins {a} and {b} of the processor.")
            }
            (true, Some((c, d))) => write!(
                f,
                " Look for solder between pins {} and {} of the memory chip, and between {c} and {d} of the processor.",
                a.number, b.number
            ),
            (false, None) => f.write_str(
                " They are neighbours on neither package: look for a thread of solder, or a bent lead.",
            ),
        }
    }

    fn rail(&self, f: &mut fmt::Formatter<'_>, what: &str, pin: &str) -> fmt::Result {
        self.list(f)?;
        write!(f, ": joined to {what}. Look for solder")?;
        for (n, pad) in self.verdict.pads().enumerate() {
            f.write_str(if n == 0 { " at" } else { ", and at" })?;
            write!(f, " pin {} of the memory chip ({pin})", pad.number)?;
            if let Some(Processor { number, .. }) = self.processor(pad) {
                write!(f, " and pin {number} of the processor")?;
            }
        }
        f.write_str(".")
    }
}

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.verdict.kind {
            Kind::Healthy => f.write_str("no bad joint was found."),
            Kind::Open => {
                self.list(f)?;
                f.write_str(": open.")?;
                self.reheat(f)
            }
            Kind::Weak { works_hz, fails_hz } => self.weak(f, works_hz / 1_000_000, fails_hz / 1_000_000),
            Kind::ToGround => self.rail(f, "ground", "pin 4 is ground"),
            Kind::ToSupply => self.rail(f, "the supply", "pin 8 is the supply"),
            Kind::Joined => self.joined(f),
            Kind::Stranger { number } => {
                self.list(f)?;
                write!(f, ": moves with pin {number} of the processor.")?;
                match self.verdict.pads().next().and_then(|pad| self.processor(pad)) {
                    Some(Processor { number: own, .. }) => write!(
                        f,
                        " Remove the solder between pins {own} and {number} of the processor."
                    ),
                    None => Ok(()),
                }
            }
            Kind::Silent => {
                self.list(f)?;
                f.write_str(": a bad contact, as no other line shows why the chip does not answer; or the chip is missing, or dead.")?;
                self.reheat(f)
            }
            Kind::Turned => f.write_str(
                "all lines are held: the chip is turned by 180 degrees. Take the power off, it gets hot. The mark of pin 1 belongs to the \
                 pad of CE#.",
            ),
            Kind::Loose => {
                self.list(f)?;
                f.write_str(": a loose contact, which lost bits in the memory test and holds now.")?;
                self.reheat(f)
            }
            Kind::Lost { ones } => {
                self.list(f)?;
                match ones {
                    true => f.write_str(
                        ": lost every one. Joined to ground or to each other, or without contact.",
                    )?,
                    false => f.write_str(": every bit a one. Without contact, or joined to the supply.")?,
                }
                self.reheat(f)
            }
            Kind::Several => {
                f.write_str("more than one line loses bits: ")?;
                self.list(f)?;
                f.write_str(".")?;
                self.reheat(f)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::super::{Seen, Talk, judge};
    use super::*;
    use std::string::ToString;

    const fn pin(port: char, bit: u8, number: u8) -> Processor {
        Processor { port, bit, number }
    }

    const DEVEBOX: [Processor; LINES] = [
        pin('D', 11, 58),
        pin('D', 12, 59),
        pin('E', 2, 1),
        pin('D', 13, 60),
        pin('B', 2, 36),
        pin('B', 6, 92),
    ];

    fn told(seen: Seen) -> std::string::String {
        let verdict = judge(&seen);
        Told {
            verdict: &verdict,
            wiring: Some(&DEVEBOX),
        }
        .to_string()
    }

    #[test]
    fn the_words_name_pin_net_and_what_to_do() {
        let good = Talk {
            clock_hz: 10_000_000,
            id: [0x0D, 0x5D, 0, 0, 0, 0, 0, 0],
            ..Talk::default()
        };
        let mut open = Seen {
            slow: good,
            fast: good,
            ..Seen::default()
        };
        open.slow.read.zeros_gained[2] = 5;
        assert_eq!(
            told(open),
            "pin 3 (SIO2, to PE2): open. Reheat pin 3 of the memory chip and pin 1 of the processor."
        );
        let bridge = Seen {
            follows: [1 << 1, 1, 0, 0, 0, 0],
            ..Seen::default()
        };
        assert_eq!(
            told(bridge),
            "pin 5 (SI/SIO0, to PD11), pin 2 (SO/SIO1, to PD12): joined. Remove the solder between pins 58 and 59 of the processor."
        );
        let bridge = Seen {
            follows: [0, 1 << 2, 1 << 1, 0, 0, 0],
            ..Seen::default()
        };
        assert!(told(bridge).ends_with("Remove the solder between pins 2 and 3 of the memory chip."));
        let low = Seen {
            held_low: 1 << 5,
            ..Seen::default()
        };
        assert_eq!(
            told(low),
            "pin 1 (CE#, to PB6): joined to ground. Look for solder at pin 1 of the memory chip (pin 4 is ground) and pin 92 of the \
             processor."
        );
    }
}
