//! Which bytes of a picture are captured, and when each comes.

use crate::bus::video::Timing;

/// Every so many, from this one on.
#[derive(Clone, Copy, Debug)]
struct Step {
    every: u32,
    /// How many of them.
    run: u32,
    first: u32,
}

/// The part of a picture that is captured.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    left: u32,
    top: u32,
    bytes: Step,
    lines: Step,
    /// Captured bytes of a line, and captured lines.
    pub line_bytes: u32,
    pub height: u32,
}

impl Window {
    /// What CR (byte and line selection) and the crop window leave of a picture.
    pub fn new(timing: &Timing, cr: u32, crop: Option<[u32; 2]>) -> Window {
        let (mut left, mut top) = (0, 0);
        let (mut width, mut height) = (timing.line_bytes, timing.lines);
        if let Some([start, size]) = crop {
            (left, top) = (start & 0x3FFF, start >> 16 & 0x1FFF);
            width = ((size & 0x3FFF) + 1).min(width.saturating_sub(left));
            height = ((size >> 16 & 0x3FFF) + 1).min(height.saturating_sub(top));
        }
        let odd = |bit: u32| cr >> bit & 1;
        let bytes = match cr >> 16 & 3 {
            0 => Step {
                every: 1,
                run: 1,
                first: 0,
            },
            1 => Step {
                every: 2,
                run: 1,
                first: odd(18),
            },
            2 => Step {
                every: 4,
                run: 1,
                first: odd(18),
            },
            _ => Step {
                every: 4,
                run: 2,
                first: 2 * odd(18),
            },
        };
        let lines = match cr >> 19 & 1 {
            0 => Step {
                every: 1,
                run: 1,
                first: 0,
            },
            _ => Step {
                every: 2,
                run: 1,
                first: odd(20),
            },
        };
        Window {
            left,
            top,
            bytes,
            lines,
            line_bytes: width / bytes.every * bytes.run,
            height: height / lines.every,
        }
    }

    /// Line and column of a captured byte.
    pub fn place(&self, index: usize) -> (u32, u32) {
        let line_bytes = self.line_bytes.max(1);
        let (line, column) = (index as u32 / line_bytes, index as u32 % line_bytes);
        (
            self.top + line * self.lines.every + self.lines.first,
            self.left
                + column / self.bytes.run * self.bytes.every
                + column % self.bytes.run
                + self.bytes.first,
        )
    }

    /// What is captured of a picture with lines of so many bytes.
    pub fn take(&self, carried: &[u8], line_bytes: u32) -> Vec<u8> {
        let count = (self.line_bytes * self.height) as usize;
        let at = |index| {
            let (line, column) = self.place(index);
            let place = u64::from(line) * u64::from(line_bytes) + u64::from(column);
            carried.get(place as usize).copied().unwrap_or(0)
        };
        (0..count).map(at).collect()
    }

    /// Whether so many bytes end a line.
    pub fn ends_line(&self, bytes: usize) -> bool {
        self.line_bytes != 0
            && bytes as u32 / self.line_bytes != (bytes as u32).saturating_sub(64) / self.line_bytes
    }
}
