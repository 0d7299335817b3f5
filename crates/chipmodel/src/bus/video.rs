//! Pictures on the parallel lines of a camera: when they come, and what they carry.
//!
//! The lines move far too often to be nets. A sensor says how its next picture is timed, the interface counts its clocks.

use std::sync::Arc;

use super::time::{Picos, Time};

/// What a sensor looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scene {
    /// Pixels in a line.
    pub width: u16,
    /// Lines.
    pub height: u16,
    /// Red, green, blue of each pixel, line by line.
    pub rgb: Arc<[u8]>,
}

impl Scene {
    /// The colour at a place; black outside.
    pub fn at(&self, x: u32, y: u32) -> [u8; 3] {
        let place = 3 * (y as usize * usize::from(self.width) + x as usize);
        match self.rgb.get(place..place + 3) {
            Some(&[r, g, b]) => [r, g, b],
            _ => [0; 3],
        }
    }
}

/// The levels while data is NOT valid, and the edge at which it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Polarity {
    /// VSYNC is high between pictures.
    pub vsync_high: bool,
    /// HREF is high between lines.
    pub href_high: bool,
    /// Data is to be taken at the rising edge of PIXCLK.
    pub rising: bool,
}

/// How a picture comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// When VSYNC tells of it.
    pub start: Time,
    /// The pixel clock: a byte each.
    pub pixclk_hz: u32,
    /// Clocks from then to the first byte.
    pub lead_clocks: u64,
    /// Bytes of a line.
    pub line_bytes: u32,
    /// Clocks from line to line.
    pub line_clocks: u64,
    /// Lines.
    pub lines: u32,
    /// Clocks from picture to picture.
    pub frame_clocks: u64,
    /// Its levels.
    pub polarity: Polarity,
}

impl Timing {
    /// When so many clocks of the picture are over.
    pub fn at(&self, clocks: u64) -> Time {
        self.start + Picos::of_cycles(clocks, self.pixclk_hz)
    }

    /// When byte `column` of a line has been taken.
    pub fn taken(&self, line: u32, column: u32) -> Time {
        self.at(self.lead_clocks + u64::from(line) * self.line_clocks + u64::from(column) + 1)
    }

    /// When the next one begins.
    pub fn end(&self) -> Time {
        self.at(self.frame_clocks)
    }
}

/// A part that sends pictures.
pub trait Video {
    /// The clock that it gets; 0: none.
    fn set_clock(&mut self, hz: u32, now: Time);

    /// The first picture that begins after `now`; `None`: none will, as things are.
    fn next_picture(&self, now: Time) -> Option<Timing>;

    /// What a picture of that scene carries: all its lines, or fewer bytes if they are compressed.
    fn expose(&self, scene: &Scene) -> Vec<u8>;
}
