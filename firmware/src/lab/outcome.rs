//! What a test found.

use core::fmt;

use super::access::{Region, Width};

/// A place that held something else than was written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Wrong {
    /// Where, as the core sees it.
    pub address: u32,
    /// How wide the store was, in bytes.
    pub bytes: u32,
    /// What was written last.
    pub expected: u64,
    /// What was read.
    pub found: u64,
    /// What stood there before.
    pub before: u64,
}

/// Counts of one test.
#[derive(Clone, Copy, Default)]
pub struct Tally {
    /// Places looked at.
    pub checked: u32,
    /// Places that were wrong.
    pub wrong: u32,
    /// Of these, read as zero.
    pub zero: u32,
    /// Of these, at the start of a 64-bit beat.
    pub at_beat: u32,
    /// The first of them.
    pub first: Option<Wrong>,
}

/// How a test ended.
pub enum Outcome {
    /// It ran.
    Ran(Tally),
    /// It did not run, and why.
    NotRun(&'static str),
}

impl Tally {
    /// Counts one place.
    pub fn look(&mut self, region: Region, offset: u32, width: Width, [expected, found, before]: [u64; 3]) {
        self.checked += 1;
        if expected == found {
            return;
        }
        let address = region.address(offset);
        self.wrong += 1;
        self.zero += u32::from(found == 0);
        self.at_beat += u32::from(address % 8 == 0);
        self.first.get_or_insert(Wrong {
            address,
            bytes: width.bytes(),
            expected,
            found,
            before,
        });
    }

    /// Adds the counts of another.
    pub fn add(&mut self, other: Tally) {
        self.checked += other.checked;
        self.wrong += other.wrong;
        self.zero += other.zero;
        self.at_beat += other.at_beat;
        self.first = self.first.or(other.first);
    }
}

impl Outcome {
    /// Nothing was wrong.
    pub fn passed(&self) -> bool {
        match self {
            Outcome::Ran(tally) => tally.wrong == 0,
            Outcome::NotRun(_) => true,
        }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Wrong {
            address,
            bytes,
            expected,
            found,
            before,
        } = *self;
        // Two digits a byte, and 0x.
        let width = 2 * bytes as usize + 2;
        write!(
            f,
            "{address:#010x} (mod 8 = {}, mod 32 = {}, mod 1024 = {}) ",
            address % 8,
            address % 32,
            address % 1024
        )?;
        write!(
            f,
            "expected {expected:#0width$x} found {found:#0width$x} before {before:#0width$x}"
        )
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::NotRun(reason) => write!(f, "not run: {reason}"),
            Outcome::Ran(Tally {
                checked,
                wrong,
                zero,
                at_beat,
                first,
            }) => match first {
                None => write!(f, "pass ({checked} places)"),
                Some(first) => write!(
                    f,
                    "FAIL {wrong} of {checked}, {zero} zero, {at_beat} at the start of a beat; first {first}"
                ),
            },
        }
    }
}
