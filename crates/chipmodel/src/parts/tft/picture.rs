//! What somebody sees who looks at the display.

use super::kind::BGR;
use super::{Dot, Tft};

/// A picture of 8 bits a colour: red, green, blue, row by row from the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Dots in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Three bytes a dot.
    pub rgb: Vec<u8>,
}

impl Picture {
    /// The colour of a dot.
    ///
    /// # Panics
    /// If there is no such dot.
    pub fn at(&self, x: usize, y: usize) -> [u8; 3] {
        assert!(x < self.width && y < self.height, "{x}, {y} is outside");
        let first = 3 * (y * self.width + x);
        [self.rgb[first], self.rgb[first + 1], self.rgb[first + 2]]
    }
}

impl Tft {
    /// The glass: black without light, and while the display is asleep or off.
    pub(super) fn seen(&self) -> Picture {
        let kind = self.kind;
        let is_dark = self.lamp != self.lit_by || !self.is_awake || !self.is_on;
        let mut rgb = Vec::with_capacity(3 * kind.width * kind.height);
        let first = self.corner();
        for y in 0..kind.height {
            for x in 0..kind.width {
                let dot = match is_dark {
                    true => [0; 3],
                    false => {
                        let place = [first[0] + x, first[1] + y];
                        self.shown(self.memory[kind.controller.place(kind.upright, place)])
                    }
                };
                rgb.extend(dot.map(|six| six << 2 | six >> 4));
            }
        }
        Picture {
            width: kind.width,
            height: kind.height,
            rgb,
        }
    }

    /// The upper left dot, as a host counts whose MADCTL is the upright one.
    fn corner(&self) -> [usize; 2] {
        let (kind, of) = (self.kind, self.kind.controller);
        let [columns, rows] = of.size(kind.upright);
        let mut first = kind.first;
        let turned = kind.upright & super::kind::MV != 0;
        if turned {
            first.swap(0, 1);
        }
        // A mirrored axis begins at the other end.
        let (mirror_x, mirror_y) = match turned {
            false => (super::kind::MX, super::kind::MY),
            true => (super::kind::MY, super::kind::MX),
        };
        if kind.upright & mirror_x != 0 {
            first[0] = columns - first[0] - kind.width;
        }
        if kind.upright & mirror_y != 0 {
            first[1] = rows - first[1] - kind.height;
        }
        first
    }

    fn shown(&self, mut dot: Dot) -> Dot {
        if (self.madctl & BGR != 0) != self.kind.bgr {
            dot.swap(0, 2);
        }
        if self.is_inverted != self.kind.inverted {
            dot = dot.map(|six| 63 - six);
        }
        dot
    }
}
