//! What may be wrong between the controller's four data pins and the chip's: a joint that is open, a bridge, two wires
//! exchanged. Clock and CE# are good.
//!
//! Not modelled: weak drivers against each other. Of two that meet in a short the low one wins.

use crate::bus::qspi::{Copper, Lines, QspiChip};
use crate::{Picos, Report, Time};

/// One fault of the wires IO0 to IO3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireFault {
    /// A short to ground or supply.
    Stuck {
        /// 0 to 3.
        line: u8,
        /// High.
        high: bool,
    },
    /// No contact: both ends are pulled up.
    Open {
        /// 0 to 3.
        line: u8,
    },
    /// A bridge.
    Tied {
        /// 0 to 3.
        a: u8,
        /// 0 to 3.
        b: u8,
    },
    /// Each where the other belongs.
    Swapped {
        /// 0 to 3.
        a: u8,
        /// 0 to 3.
        b: u8,
    },
}

impl WireFault {
    /// What arrives at one end of what the other end drives.
    fn pass(self, lines: Lines) -> Lines {
        let Lines { level, driven } = lines;
        let sound = Copper::SOUND;
        match self {
            WireFault::Stuck { line, high: false } => Copper {
                low: 1 << line,
                ..sound
            }
            .pass(lines),
            WireFault::Stuck { line, high: true } => Copper {
                high: 1 << line,
                ..sound
            }
            .pass(lines),
            WireFault::Open { line } => Copper {
                joined: sound.joined & !(1 << line),
                ..sound
            }
            .pass(lines),
            WireFault::Tied { a, b } => Copper {
                tied: 1 << a | 1 << b,
                ..sound
            }
            .pass(lines),
            WireFault::Swapped { a, b } => {
                let swap = |bits: u8| bits & !(1 << a | 1 << b) | (bits >> a & 1) << b | (bits >> b & 1) << a;
                Lines {
                    level: swap(level),
                    driven: swap(driven),
                }
            }
        }
    }
}

/// A chip behind bad wires.
#[derive(Clone, Debug)]
pub struct Wired<C> {
    /// The chip.
    pub chip: C,
    /// What is wrong.
    pub fault: WireFault,
}

impl<C: QspiChip> QspiChip for Wired<C> {
    fn select(&mut self, at: Time, period: Picos, reports: &mut Vec<Report>) {
        self.chip.select(at, period, reports);
    }

    fn clock(&mut self, host: Lines) -> Lines {
        let chip = self.chip.clock(self.fault.pass(host));
        self.fault.pass(chip)
    }

    fn deselect(&mut self, at: Time, hold: Picos, reports: &mut Vec<Report>) {
        self.chip.deselect(at, hold, reports);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_changes_the_levels_as_its_name_says() {
        let passed = |fault: WireFault, level| {
            let lines = Lines {
                level,
                driven: 0b1111,
            };
            fault.pass(lines).seen()
        };
        let stuck = |line, high| WireFault::Stuck { line, high };
        // Fault, sent, received, IO3 first.
        let table = [
            (stuck(2, false), 0b1111, 0b1011),
            (stuck(0, true), 0b1010, 0b1011),
            (WireFault::Open { line: 3 }, 0b0001, 0b1001),
            (WireFault::Tied { a: 1, b: 3 }, 0b1001, 0b0001),
            (WireFault::Tied { a: 1, b: 3 }, 0b1010, 0b1010),
            (WireFault::Swapped { a: 0, b: 3 }, 0b0001, 0b1000),
        ];
        for (fault, sent, received) in table {
            assert_eq!(passed(fault, sent), received, "{fault:?} of {sent:04b}");
        }
        let one_side = Lines {
            level: 0,
            driven: 0b0001,
        };
        assert_eq!(WireFault::Tied { a: 0, b: 1 }.pass(one_side).seen(), 0b1100);
    }
}
