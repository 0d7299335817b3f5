//! How long a function takes: every call of it, from its first instruction to the first one after its return, with what
//! interrupts did meanwhile. Costs no virtual time, so that a watched run and another are the same to the cycle.
//!
//! Of calls inside calls of the same function the outermost counts. A call that was left by a jump (an exception of
//! Python's) is dropped when the next one comes. Does NOT follow functions that were inlined, or handlers of exceptions.

use crate::machine::stats::{Call, Watched};

/// What adds up while a function runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    pub time_ps: u64,
    pub cycles: u64,
    pub instructions: u64,
    pub bytes_read: u64,
    pub bytes_written: u64,
}

/// A function under watch.
#[derive(Clone, Debug)]
pub struct Watch {
    /// Its symbol.
    pub symbol: String,
    /// The calls that are over.
    pub calls: Vec<Call>,
    entry: u32,
    open: Option<Open>,
}

/// A call that is not over.
#[derive(Clone, Copy, Debug)]
struct Open {
    /// Where it returns to.
    back: u32,
    /// The stack pointer there, and here.
    stack: u32,
    since: Figures,
}

impl Watch {
    /// The function with this symbol's value; bit 0 says Thumb.
    pub fn new(symbol: &str, value: u32) -> Self {
        Watch {
            symbol: symbol.to_owned(),
            calls: Vec::new(),
            entry: value & !1,
            open: None,
        }
    }

    /// Is a block that begins here of interest?
    #[inline]
    pub fn wants(&self, pc: u32) -> bool {
        pc == self.entry || self.open.is_some_and(|open| pc == open.back)
    }

    /// A block that is of interest begins.
    pub fn at(&mut self, pc: u32, link: u32, stack: u32, now: Figures) {
        match self.open {
            Some(open) if pc == open.back => {
                // The same place may be reached on another way while the call goes on.
                if stack == open.stack {
                    self.calls.push(open.since.until(now));
                    self.open = None;
                }
            }
            // Deeper in the stack: a call inside a call.
            Some(open) if stack < open.stack => {}
            _ => {
                self.open = Some(Open {
                    back: link & !1,
                    stack,
                    since: now,
                });
            }
        }
    }

    /// The machine was reset: what was under way never returns.
    pub fn reset(&mut self) {
        self.open = None;
    }
}

impl From<&Watch> for Watched {
    fn from(watch: &Watch) -> Self {
        Watched {
            symbol: watch.symbol.clone(),
            calls: watch.calls.clone(),
        }
    }
}

impl Figures {
    fn until(self, now: Figures) -> Call {
        Call {
            at_ps: self.time_ps,
            cycles: now.cycles - self.cycles,
            instructions: now.instructions - self.instructions,
            bytes_read: now.bytes_read - self.bytes_read,
            bytes_written: now.bytes_written - self.bytes_written,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: u32 = 0x0800_1000;
    const BACK: u32 = 0x0800_2002;

    fn cycle(cycles: u64) -> Figures {
        Figures {
            cycles,
            ..Figures::default()
        }
    }

    /// The blocks that begin at these places with this stack pointer, one a hundred cycles; how long each call took.
    fn calls(blocks: &[(u32, u32)]) -> Vec<u64> {
        let mut watch = Watch::new("f", ENTRY | 1);
        for (n, &(pc, stack)) in blocks.iter().enumerate() {
            if watch.wants(pc) {
                watch.at(pc, BACK | 1, stack, cycle(100 * n as u64));
            }
        }
        watch.calls.iter().map(|call| call.cycles).collect()
    }

    #[test]
    fn a_call_lasts_from_entry_to_return() {
        assert_eq!(
            calls(&[(BACK, 64), (ENTRY, 64), (0x0800_1010, 32), (BACK, 64), (BACK, 64)]),
            [200]
        );
    }

    #[test]
    fn the_place_of_return_counts_only_at_the_callers_stack() {
        assert_eq!(calls(&[(ENTRY, 64), (BACK, 48), (BACK, 64)]), [200]);
    }

    #[test]
    fn a_call_inside_a_call_belongs_to_the_outer_one() {
        assert_eq!(calls(&[(ENTRY, 64), (ENTRY, 32), (BACK, 32), (BACK, 64)]), [300]);
    }

    #[test]
    fn a_call_that_was_left_by_a_jump_is_dropped() {
        assert_eq!(calls(&[(ENTRY, 32), (ENTRY, 64), (BACK, 64)]), [100]);
    }

    #[test]
    fn a_reset_ends_a_call_without_counting_it() {
        let mut watch = Watch::new("f", ENTRY | 1);
        watch.at(ENTRY, BACK | 1, 64, cycle(0));
        watch.reset();
        assert!(!watch.wants(BACK));
    }
}
