//! Why CE# may not stay low: the chip refreshes itself only between frames, and a row that waits too long forgets.
//!
//! The data sheets say no more than that refresh is blocked after tCEM and that this causes "memory failure". The
//! numbers below are a hypothesis for these parts: 8192 rows of 1 KB for each 8 MB, all of them refreshed once in 64 ms, as ordinary
//! DRAM, and a row at room temperature that holds its charge for a second. It cannot be much less: memory tests are
//! reported to pass with CE# low for three times tCEM in every burst. A lost row keeps its zeros and loses some of its
//! ones.

use super::cells::Cells;
use super::part::PAGE_BYTES;
use crate::{Picos, Time};

const ROWS: usize = 8192;
/// From a page to the next one that is refreshed together with it, where a die has more.
const STRIDE_BYTES: u32 = ROWS as u32 * PAGE_BYTES;
const ROUND: Picos = Picos::from_ns(64_000_000);
const HOLD: Picos = Picos::from_ns(1_000_000_000);
const STEP: Picos = Picos(ROUND.0 / ROWS as u64);

/// When each row was last refreshed.
#[derive(Clone, Debug)]
pub struct Retention {
    refreshed: Vec<Time>,
    next_row: usize,
    /// Refresh is done up to this time, and due again one `STEP` later.
    done: Time,
    lost: u64,
    told: u64,
    /// Rows that refresh does not reach, and how long they hold.
    weak: Vec<(usize, Picos)>,
}

impl Retention {
    /// All rows fresh at power-up.
    pub fn new(powered_at: Time) -> Self {
        Retention {
            refreshed: vec![powered_at; ROWS],
            next_row: 0,
            done: powered_at,
            lost: 0,
            told: 0,
            weak: Vec::new(),
        }
    }

    /// From now on refresh does not reach this row; it holds what it has for so long. What it loses then is a fault of the
    /// chip, and no rule was broken: it is not counted.
    pub fn weaken(&mut self, row: u32, holds: Picos) {
        self.weak.push((row as usize % ROWS, holds));
    }

    /// Rows that were lost so far.
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// Rows that were lost since the last question.
    pub fn take_news(&mut self) -> u64 {
        self.lost - core::mem::replace(&mut self.told, self.lost)
    }

    /// Refresh was free to run until `until`.
    pub fn run(&mut self, until: Time, cells: &mut Cells) {
        let steps = (until - self.done).0 / STEP.0;
        if steps == 0 {
            return;
        }
        // After one round nothing can be lost any more; of the rest only the last round leaves a trace.
        for step in 0..steps.min(ROWS as u64) {
            let row = self.row_after(step);
            if self.hold_of(row).is_none() {
                self.refresh(row, self.done + Picos(STEP.0 * (step + 1)), cells);
            }
        }
        for step in steps.saturating_sub(ROWS as u64).max(ROWS as u64)..steps {
            let row = self.row_after(step);
            if self.hold_of(row).is_none() {
                self.refreshed[row] = self.done + Picos(STEP.0 * (step + 1));
            }
        }
        self.next_row = self.row_after(steps);
        self.done = self.done + Picos(STEP.0 * steps);
    }

    fn row_after(&self, steps: u64) -> usize {
        (self.next_row + (steps % ROWS as u64) as usize) % ROWS
    }

    /// Refresh stood still from `since` to `until`.
    pub fn block(&mut self, since: Time, until: Time) {
        self.done = self.done + (until - since);
    }

    /// The row of `address` is opened at `at`: what has not been lost by now is fresh again.
    pub fn open(&mut self, address: u32, at: Time, cells: &mut Cells) {
        let row = (address / PAGE_BYTES) as usize % ROWS;
        match self.hold_of(row) {
            None => self.refresh(row, at, cells),
            Some(holds) => {
                if at - self.refreshed[row] > holds {
                    cells.decay(row as u32 * PAGE_BYTES, PAGE_BYTES, STRIDE_BYTES, at.0);
                }
                self.refreshed[row] = at;
            }
        }
    }

    /// How long a weak row holds.
    fn hold_of(&self, row: usize) -> Option<Picos> {
        let found = self.weak.iter().find(|(weak, _)| *weak == row);
        found.map(|&(_, holds)| holds)
    }

    fn refresh(&mut self, row: usize, at: Time, cells: &mut Cells) {
        if at - self.refreshed[row] > HOLD {
            self.lost += 1;
            cells.decay(row as u32 * PAGE_BYTES, PAGE_BYTES, STRIDE_BYTES, at.0);
        }
        self.refreshed[row] = self.refreshed[row].max(at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Time {
        Time(0) + Picos::from_ns(ms * 1_000_000)
    }

    #[test]
    fn a_weak_row_forgets_when_nobody_opens_it_in_time_and_no_other_does() {
        let (mut cells, mut retention) = (Cells::powered_up(8 << 20, 1), Retention::new(ms(0)));
        retention.weaken(7, Picos::from_ns(100_000_000));
        let row =
            |cells: &Cells, row: u32| -> Vec<u8> { cells.run(row * PAGE_BYTES, 1024).unwrap().to_vec() };
        let (weak, sound) = (row(&cells, 7), row(&cells, 8));
        // Opened each 90 ms it keeps all.
        for at in (90..900).step_by(90) {
            retention.run(ms(at), &mut cells);
            retention.open(7 * PAGE_BYTES, ms(at), &mut cells);
        }
        assert_eq!(row(&cells, 7), weak);
        retention.run(ms(1_000), &mut cells);
        retention.open(7 * PAGE_BYTES, ms(1_000), &mut cells);
        retention.open(8 * PAGE_BYTES, ms(1_000), &mut cells);
        let ones = |bytes: &[u8]| bytes.iter().map(|byte| byte.count_ones()).sum::<u32>();
        assert!(ones(&row(&cells, 7)) < ones(&weak) * 3 / 4);
        assert_eq!(row(&cells, 8), sound);
        assert_eq!(retention.lost(), 0, "no rule was broken");
    }
}
