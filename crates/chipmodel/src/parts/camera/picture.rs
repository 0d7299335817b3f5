//! What a sensor sends, whatever its registers are called: the part of its array, the format, the clocks.

use super::colour::{rgb565, yuv};
use super::jpeg;
use crate::Time;
use crate::bus::video::{Polarity, Scene, Timing};

/// How pixels become bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// 5, 6, 5 bits; the high byte first, or the low one.
    Rgb565 { low_first: bool },
    /// Two pixels: Y U Y V in this order, or with both bytes of each pair exchanged.
    Yuv422 { chroma_first: bool },
    /// Compressed, with its factor of quantisation (2 is fine, 63 coarse).
    Jpeg { scale: u8 },
}

/// The part of the array that is sent, in its pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    pub left: u32,
    pub top: u32,
    pub width: u32,
    pub height: u32,
}

/// All that is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The whole array.
    pub array: (u32, u32),
    pub view: View,
    /// Pixels that are sent.
    pub width: u32,
    pub height: u32,
    pub mirror: bool,
    pub flip: bool,
    pub encoding: Encoding,
    pub bars: bool,
    /// Brightness in 256ths, if it is set by hand.
    pub level: Option<u32>,
    pub pixclk_hz: u32,
    pub line_clocks: u64,
    pub frame_lines: u64,
    pub polarity: Polarity,
}

/// The bars of every sensor here, from the left.
const BARS: [[u8; 3]; 8] = [
    [255, 255, 255],
    [255, 255, 0],
    [0, 255, 255],
    [0, 255, 0],
    [255, 0, 255],
    [255, 0, 0],
    [0, 0, 255],
    [0, 0, 0],
];
/// Lines of a compressed picture.
const JPEG_LINE_BYTES: u32 = 1024;
/// Lines between VSYNC and the first one.
const LEAD_LINES: u64 = 10;

impl Output {
    /// The first picture, if `since` is when it begins; `None` if these settings send none.
    pub fn timing(&self, since: Time) -> Option<Timing> {
        if self.pixclk_hz == 0 || self.width == 0 || self.height == 0 {
            return None;
        }
        let compressed = matches!(self.encoding, Encoding::Jpeg { .. });
        let (line_bytes, lines) = if compressed {
            (
                JPEG_LINE_BYTES,
                (2 * self.width * self.height).div_ceil(JPEG_LINE_BYTES),
            )
        } else {
            (2 * self.width, self.height)
        };
        let frame_clocks = self.line_clocks * self.frame_lines;
        // Lines of the picture are spread over those of the array that they are made of.
        let active = frame_clocks - (LEAD_LINES + 2) * self.line_clocks;
        let line_clocks = (active / u64::from(lines)).max(u64::from(line_bytes));
        Some(Timing {
            start: since,
            pixclk_hz: self.pixclk_hz,
            lead_clocks: LEAD_LINES * self.line_clocks,
            line_bytes,
            line_clocks,
            lines,
            frame_clocks: frame_clocks
                .max(LEAD_LINES * self.line_clocks + line_clocks * u64::from(lines) + 1),
            polarity: self.polarity,
        })
    }

    /// What a picture of this scene carries.
    pub fn bytes(&self, scene: &Scene) -> Vec<u8> {
        let pixels: Vec<[u8; 3]> = (0..self.height)
            .flat_map(|y| (0..self.width).map(move |x| self.pixel(scene, x, y)))
            .collect();
        match self.encoding {
            Encoding::Rgb565 { low_first } => {
                let bytes = pixels.iter().map(|pixel| {
                    let value = rgb565(*pixel);
                    if low_first {
                        value.to_le_bytes()
                    } else {
                        value.to_be_bytes()
                    }
                });
                bytes.flatten().collect()
            }
            Encoding::Yuv422 { chroma_first } => pixels
                .chunks(2)
                .flat_map(|pair| {
                    let (y0, u, _) = yuv(pair[0]);
                    let (y1, _, v) = yuv(pair[pair.len() - 1]);
                    if chroma_first {
                        [u, y0, v, y1]
                    } else {
                        [y0, u, y1, v]
                    }
                })
                .collect(),
            Encoding::Jpeg { scale } => {
                jpeg::encode(self.width as usize, self.height as usize, &pixels, scale)
            }
        }
    }

    fn pixel(&self, scene: &Scene, x: u32, y: u32) -> [u8; 3] {
        if self.bars {
            return BARS[(x * 8 / self.width) as usize & 7];
        }
        // The middle of what the pixel is made of.
        let x = self.view.left + (2 * x + 1) * self.view.width / (2 * self.width);
        let y = self.view.top + (2 * y + 1) * self.view.height / (2 * self.height);
        let x = if self.mirror {
            self.array.0.saturating_sub(1 + x)
        } else {
            x
        };
        let y = if self.flip {
            self.array.1.saturating_sub(1 + y)
        } else {
            y
        };
        let at = scene.at(
            (2 * x + 1) * u32::from(scene.width) / (2 * self.array.0),
            (2 * y + 1) * u32::from(scene.height) / (2 * self.array.1),
        );
        match self.level {
            Some(level) => at.map(|value| (u32::from(value) * level / 256).min(255) as u8),
            None => at,
        }
    }
}
