//! The logic.

use super::{ALL_LINES, CE, CLK, LINES, PADS, Pad, SIO1, Seen, Talk, VDD, VSS};
use crate::cross::LineErrors;
use crate::id::answers;

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing was found.
    Healthy,
    /// No contact.
    Open,
    /// A contact that edges get through at a low clock only, or not even then.
    Weak {
        /// This worked; 0: nothing did.
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
    /// The chip does not answer, and no other line shows why: this one has a bad contact, or the chip is dead or missing.
    Silent,
    /// All lines are held: the chip is turned by 180 degrees.
    Turned,
    /// A line that lost bits in a test, and not when it was looked at.
    Loose,
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

/// What the evidence says.
pub fn judge(seen: &Seen) -> Verdict {
    by_levels(seen)
        .or_else(|| by_company(seen))
        .or_else(|| by_supply(seen))
        .unwrap_or_else(|| match answers(&seen.slow.id) {
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
        (low, high) if low | high == ALL_LINES => Some(Verdict::of(Kind::Turned, [])),
        (low, high) => Some(Verdict::of(Kind::Several, pads(low | high))),
    }
}

/// Lines that feed the die, or drain it: all that have contact do.
fn by_supply(seen: &Seen) -> Option<Verdict> {
    /// One or two may be bad themselves.
    const MOST: u32 = LINES as u32 - 2;
    match (seen.low_alone.count_ones(), seen.high_alone.count_ones()) {
        (MOST.., _) => Some(Verdict::of(Kind::Open, [VDD])),
        (_, MOST..) => Some(Verdict::of(Kind::Open, [VSS])),
        _ => None,
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
        1 => return Verdict::of(open_or_weak(seen, lost), pads(lost)),
        _ => return Verdict::of(Kind::Several, pads(lost)),
    }
    let weak = Kind::Weak {
        works_hz: slow.clock_hz,
        fails_hz: fast.clock_hz,
    };
    let late = fast.read.lines() | fast.write.lines();
    match (answers(&fast.id), late) {
        (true, 0) => by_word(seen),
        (true, late) => Verdict::of(weak, pads(late)),
        // The answer to READ ID comes on SIO1, and so does what is read on one line; what is read on four is right but for it.
        (false, _) if fast.read.lines() == 1 << SIO1 => Verdict::of(weak, [PADS[SIO1]]),
        (false, _) => Verdict::of(weak, [command_line(fast).unwrap_or(PADS[CLK])]),
    }
}

/// All that was tried went well: what does a word of the memory test tell, if it was wrong?
fn by_word(seen: &Seen) -> Verdict {
    let [expected, found] = seen.word.unwrap_or_default();
    let wrong = (0..8).fold(0, |lines, nibble| {
        lines | ((expected ^ found) >> (4 * nibble)) as u8 & 15
    });
    match wrong.count_ones() {
        1 => Verdict::of(Kind::Loose, pads(wrong)),
        _ => Verdict::of(Kind::Healthy, []),
    }
}

/// The line of those that carry commands that is late, if it can be told; otherwise it is the clock.
fn command_line(talk: &Talk) -> Option<Pad> {
    match (talk.early, talk.missed) {
        (true, _) => Some(PADS[0]),
        (false, 1..) => Some(PADS[CE]),
        (false, 0) => None,
    }
}

/// A line that carries nothing: it charges as one with nothing behind it, or not.
fn open_or_weak(seen: &Seen, line: u8) -> Kind {
    match light_lines(&seen.charge) & line {
        0 if seen.charge != [0; LINES] => Kind::Weak {
            works_hz: 0,
            fails_hz: seen.slow.clock_hz,
        },
        _ => Kind::Open,
    }
}

/// The chip gives no name, even at a low clock.
fn by_silence(seen: &Seen) -> Verdict {
    // It hears commands, and speaks on the other lines.
    if seen.slow.read.lines() == 1 << SIO1 {
        return Verdict::of(open_or_weak(seen, 1 << SIO1), [PADS[SIO1]]);
    }
    if let Some(pad) = command_line(&seen.slow) {
        let weak = Kind::Weak {
            works_hz: 0,
            fails_hz: seen.slow.clock_hz,
        };
        return Verdict::of(weak, [pad]);
    }
    let light = light_lines(&seen.charge);
    match light.count_ones() {
        0 => Verdict::of(Kind::Silent, [PADS[CLK]]),
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
        early: false,
        missed: 0,
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
        let weak = |works_hz, fails_hz| Kind::Weak { works_hz, fails_hz };
        let light = |line: usize| {
            let mut charge = healthy().charge;
            charge[line] = 180;
            charge
        };
        let table: [(&str, Seen, Kind, &[&str]); 17] = [
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
                    charge: light(3),
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
                    charge: light(1),
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
                &["SCLK"],
            ),
            (
                "one line is lost and not light",
                Seen {
                    slow: Talk {
                        read: lost(3),
                        ..GOOD
                    },
                    ..healthy()
                },
                weak(0, 10_000_000),
                &["SIO3"],
            ),
            (
                "understood a clock early",
                Seen {
                    slow: Talk { early: true, ..mute },
                    ..healthy()
                },
                weak(0, 10_000_000),
                &["SI/SIO0"],
            ),
            (
                "heard a clock later, at the full clock",
                Seen {
                    fast: Talk {
                        missed: 1,
                        clock_hz: 50_000_000,
                        ..mute
                    },
                    ..healthy()
                },
                weak(10_000_000, 50_000_000),
                &["CE#"],
            ),
            (
                "not heard at the full clock",
                Seen {
                    fast: Talk {
                        clock_hz: 50_000_000,
                        ..mute
                    },
                    ..healthy()
                },
                weak(10_000_000, 50_000_000),
                &["SCLK"],
            ),
            (
                "lines feed the die",
                Seen {
                    slow: mute,
                    low_alone: 0b111011,
                    ..healthy()
                },
                Kind::Open,
                &["VDD"],
            ),
            (
                "lines drain the die",
                Seen {
                    slow: mute,
                    high_alone: 0b111111,
                    ..healthy()
                },
                Kind::Open,
                &["VSS"],
            ),
            (
                "all are held",
                Seen {
                    held_low: 0b111111,
                    ..healthy()
                },
                Kind::Turned,
                &[],
            ),
            (
                "a word of the memory test",
                Seen {
                    word: Some([0x5AA5_C311, 0x5EA1_C311]),
                    ..healthy()
                },
                Kind::Loose,
                &["SIO2"],
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
