//! The logic.

use super::{ALL_LINES, CE, CLK, LINES, PADS, Pad, SIO1, Seen, Talk, VDD, VSS};
use crate::cross::LineErrors;
use crate::id::{KGD_FAIL, KGD_PASS, MAKER_AP_MEMORY};

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing was found.
    Healthy,
    /// No contact.
    Open,
    /// A contact that edges get through at a low clock only.
    Weak {
        /// This worked.
        works_hz: u32,
        /// This did not.
        fails_hz: u32,
    },
    /// Joined to ground.
    ToGround,
    /// Joined to the supply.
    ToSupply,
    /// Two lines are joined.
    Joined,
    /// Joined to a pin of the processor beside the line's own.
    Stranger {
        /// Its number on the package.
        number: u8,
    },
    /// The chip does not answer, and each of its lines has some contact.
    Silent,
    /// Seen by words alone: lines lost every one, or gained every zero.
    Lost {
        /// Ones were lost.
        ones: bool,
    },
    /// Several lines lose bits.
    Several,
}

/// Pins, and what is wrong with one of them, or with all if `kind` is about more than one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What is wrong.
    pub kind: Kind,
    /// The first are filled.
    pads: [Option<Pad>; LINES],
}

impl Verdict {
    /// The pins, most likely first.
    pub fn pads(&self) -> impl Iterator<Item = Pad> + Clone {
        self.pads.into_iter().flatten()
    }

    fn of(kind: Kind, found: impl IntoIterator<Item = Pad>) -> Verdict {
        let mut pads = [None; LINES];
        for (place, pad) in pads.iter_mut().zip(found) {
            *place = Some(pad);
        }
        Verdict { kind, pads }
    }
}

fn pads(lines: u8) -> impl Iterator<Item = Pad> {
    (0..LINES).filter(move |n| lines >> n & 1 != 0).map(|n| PADS[n])
}

fn answers(talk: &Talk) -> bool {
    talk.id[0] == MAKER_AP_MEMORY && [KGD_PASS, KGD_FAIL].contains(&talk.id[1])
}

/// What the evidence says.
pub fn judge(seen: &Seen) -> Verdict {
    by_levels(seen)
        .or_else(|| by_company(seen))
        .unwrap_or_else(|| match answers(&seen.slow) {
            true => by_lines(seen),
            false => by_silence(seen),
        })
}

/// Lines that do not follow a weak pull.
fn by_levels(seen: &Seen) -> Option<Verdict> {
    match (seen.held_low, seen.held_high) {
        (0, 0) => None,
        (low, 0) if low != ALL_LINES => Some(Verdict::of(Kind::ToGround, pads(low))),
        (0, high) if high != ALL_LINES => Some(Verdict::of(Kind::ToSupply, pads(high))),
        // All of them: the chip clamps its lines, as one without supply may.
        (low, high) => Some(Verdict::of(
            Kind::Silent,
            [VDD, VSS].into_iter().chain(pads(low | high)),
        )),
    }
}

/// Lines that move with others.
fn by_company(seen: &Seen) -> Option<Verdict> {
    for (n, others) in seen.follows.iter().enumerate() {
        if others & !(1 << n) != 0 {
            return Some(Verdict::of(Kind::Joined, pads(others | 1 << n)));
        }
    }
    let found = seen
        .stranger
        .iter()
        .zip(PADS)
        .find_map(|(number, pad)| Some(((*number)?, pad)));
    found.map(|(number, pad)| Verdict::of(Kind::Stranger { number }, [pad]))
}

/// The chip answers at a low clock: what do its data lines lose, and what at the full clock?
fn by_lines(seen: &Seen) -> Verdict {
    let (slow, fast) = (&seen.slow, &seen.fast);
    let lost = slow.read.lines() | slow.write.lines();
    match lost.count_ones() {
        0 => {}
        1 => return Verdict::of(Kind::Open, pads(lost)),
        _ => return Verdict::of(Kind::Several, pads(lost)),
    }
    let weak = Kind::Weak {
        works_hz: slow.clock_hz,
        fails_hz: fast.clock_hz,
    };
    let late = fast.read.lines() | fast.write.lines();
    match (answers(fast), late) {
        (true, 0) => Verdict::of(Kind::Healthy, []),
        (true, late) => Verdict::of(weak, pads(late)),
        // The answer to READ ID comes on SIO1, and so does what is read on one line; what is read on four is right but for it.
        (false, _) if fast.read.lines() == 1 << SIO1 => Verdict::of(weak, [PADS[SIO1]]),
        (false, _) => Verdict::of(weak, [PADS[CLK], PADS[CE], PADS[0]]),
    }
}

/// The chip gives no name, even at a low clock.
fn by_silence(seen: &Seen) -> Verdict {
    // It hears commands, and speaks on the other lines.
    if seen.slow.read.lines() == 1 << SIO1 {
        return Verdict::of(Kind::Open, [PADS[SIO1]]);
    }
    let light = light_lines(&seen.charge);
    match light.count_ones() {
        0 => Verdict::of(Kind::Silent, [VDD, VSS, PADS[CLK], PADS[CE], PADS[0]]),
        1 => Verdict::of(Kind::Open, pads(light)),
        _ => Verdict::of(Kind::Several, pads(light)),
    }
}

/// Lines that charge faster than the others: less hangs on them. A pin of the memory is a quarter of what hangs on a line.
fn light_lines(charge: &[u32; LINES]) -> u8 {
    let mut sorted = *charge;
    sorted.sort_unstable();
    let median = (sorted[LINES / 2 - 1] + sorted[LINES / 2]) / 2;
    (0..LINES).fold(0, |light, n| {
        let is_light = charge[n] > 0 && u64::from(charge[n]) * 100 < u64::from(median) * 85;
        light | u8::from(is_light) << n
    })
}

/// What two readings say alone, as they stand in somebody's log: what was read, what was expected, each as bytes that came as two
/// nibbles over four lines. The verdict's pins lost bits; the errors say which.
pub fn decode(read: &[u8], expected: &[u8]) -> (Verdict, LineErrors) {
    let mut errors = LineErrors::default();
    for (&expected, &found) in expected.iter().zip(read) {
        errors.look(expected, found);
    }
    let lines = errors.lines();
    let kind = match lines {
        0 => Kind::Healthy,
        lines if lines == errors.all_lost(true) => Kind::Lost { ones: true },
        lines if lines == errors.all_lost(false) => Kind::Lost { ones: false },
        _ => Kind::Several,
    };
    (Verdict::of(kind, pads(lines)), errors)
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;

    const CLEAN: LineErrors = LineErrors {
        ones_lost: [0; 4],
        zeros_gained: [0; 4],
        sent: [[0; 4]; 2],
        first: None,
    };
    const GOOD: Talk = Talk {
        clock_hz: 10_000_000,
        id: [0x0D, 0x5D, 0x52, 1, 2, 3, 4, 5],
        read: CLEAN,
        write: CLEAN,
    };

    fn healthy() -> Seen {
        Seen {
            charge: [250, 260, 245, 255, 250, 250],
            slow: GOOD,
            fast: Talk {
                clock_hz: 50_000_000,
                ..GOOD
            },
            ..Seen::default()
        }
    }

    fn names(verdict: &Verdict) -> std::vec::Vec<&'static str> {
        verdict.pads().map(|pad| pad.name).collect()
    }

    #[test]
    fn a_healthy_chip_has_no_verdict() {
        assert_eq!(judge(&healthy()).kind, Kind::Healthy);
    }

    #[test]
    fn each_kind_of_evidence_names_its_pin() {
        let lost = |line: usize| LineErrors {
            zeros_gained: core::array::from_fn(|n| u32::from(n == line) * 9),
            ..LineErrors::default()
        };
        let mute = Talk {
            id: [0xFF; 8],
            read: LineErrors {
                zeros_gained: [9; 4],
                ..LineErrors::default()
            },
            ..GOOD
        };
        let table: [(&str, Seen, Kind, &[&str]); 9] = [
            (
                "low",
                Seen {
                    held_low: 1 << 2,
                    ..healthy()
                },
                Kind::ToGround,
                &["SIO2"],
            ),
            (
                "high",
                Seen {
                    held_high: 1 << 4,
                    ..healthy()
                },
                Kind::ToSupply,
                &["SCLK"],
            ),
            (
                "bridge",
                Seen {
                    follows: [0, 1 << 2, 1 << 1, 0, 0, 0],
                    ..healthy()
                },
                Kind::Joined,
                &["SO/SIO1", "SIO2"],
            ),
            (
                "stranger",
                Seen {
                    stranger: [None, None, None, None, None, Some(93)],
                    ..healthy()
                },
                Kind::Stranger { number: 93 },
                &["CE#"],
            ),
            (
                "quad",
                Seen {
                    slow: Talk {
                        read: lost(3),
                        write: lost(3),
                        ..GOOD
                    },
                    ..healthy()
                },
                Kind::Open,
                &["SIO3"],
            ),
            (
                "no name, but three lines",
                Seen {
                    slow: Talk {
                        id: [0xFF; 8],
                        read: lost(1),
                        ..GOOD
                    },
                    ..healthy()
                },
                Kind::Open,
                &["SO/SIO1"],
            ),
            (
                "one line is light",
                Seen {
                    slow: mute,
                    fast: mute,
                    charge: [250, 255, 245, 250, 180, 250],
                    ..healthy()
                },
                Kind::Open,
                &["SCLK"],
            ),
            (
                "all are heavy",
                Seen {
                    slow: mute,
                    fast: mute,
                    ..healthy()
                },
                Kind::Silent,
                &["VDD", "VSS", "SCLK", "CE#", "SI/SIO0"],
            ),
            (
                "late",
                Seen {
                    fast: Talk {
                        clock_hz: 50_000_000,
                        read: lost(2),
                        ..GOOD
                    },
                    ..healthy()
                },
                Kind::Weak {
                    works_hz: 10_000_000,
                    fails_hz: 50_000_000,
                },
                &["SIO2"],
            ),
        ];
        for (what, seen, kind, pads) in table {
            let verdict = judge(&seen);
            assert_eq!((verdict.kind, names(&verdict).as_slice()), (kind, pads), "{what}");
        }
    }

    #[test]
    fn the_old_case_of_the_forum_is_two_lines_that_lost_every_one() {
        let (verdict, errors) = decode(&[0x18, 0x09, 0x80, 0x01], &[0x5A, 0x69, 0x84, 0x21]);
        assert_eq!(names(&verdict), ["SO/SIO1", "SIO2"]);
        assert_eq!(
            (verdict.kind, errors.ones_lost),
            (Kind::Lost { ones: true }, [0, 3, 3, 0])
        );
        assert_eq!(decode(&[1, 2], &[1, 2]).0.kind, Kind::Healthy);
    }
}
