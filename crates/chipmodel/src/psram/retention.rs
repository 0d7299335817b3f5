//! Why CE# may not stay low: the chip refreshes itself only between frames, and a row that waits too long forgets.
//!
//! The data sheets say no more than that refresh is blocked after tCEM and that this causes "memory failure". The
//! numbers below are a hypothesis for these parts: 8192 rows of 1 KB, all of them refreshed once in 64 ms, as ordinary
//! DRAM, and a row at room temperature that holds its charge for a second. It cannot be much less: memory tests are
//! reported to pass with CE# low for three times tCEM in every burst. A lost row keeps its zeros and loses some of its
//! ones.

use super::cells::Cells;
use super::part::{PAGE_BYTES, SIZE_BYTES};
use crate::{Picos, Time};

const ROWS: usize = (SIZE_BYTES / PAGE_BYTES) as usize;
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
        }
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
            self.refresh(
                self.row_after(step),
                self.done + Picos(STEP.0 * (step + 1)),
                cells,
            );
        }
        for step in steps.saturating_sub(ROWS as u64).max(ROWS as u64)..steps {
            let row = self.row_after(step);
            self.refreshed[row] = self.done + Picos(STEP.0 * (step + 1));
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
        self.refresh((address / PAGE_BYTES) as usize % ROWS, at, cells);
    }

    fn refresh(&mut self, row: usize, at: Time, cells: &mut Cells) {
        if at - self.refreshed[row] > HOLD {
            self.lost += 1;
            cells.decay(row as u32 * PAGE_BYTES, PAGE_BYTES, at.0);
        }
        self.refreshed[row] = self.refreshed[row].max(at);
    }
}
