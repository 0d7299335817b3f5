//! OV7725 (OmniVision data sheet 1.31): VGA, and half of it at twice the speed; a window, and a DSP that scales it down.

use super::picture::{Encoding, Output, View};
use super::{Sensor, can_write};
use crate::bus::video::Polarity;

/// Lines of exposure at a gain of one that make a picture as bright as the scene.
const RIGHT_LINES: u32 = 0x100;
/// The last register.
const LAST: u16 = 0xAC;

/// The registers.
#[derive(Clone)]
pub struct Ov7725 {
    values: Box<[u8; 256]>,
}

impl Ov7725 {
    fn own(&self, register: u8) -> u32 {
        self.values[usize::from(register)].into()
    }

    fn is_half(&self) -> bool {
        self.own(0x12) & 0x40 != 0
    }

    fn level(&self) -> Option<u32> {
        let by_hand = self.own(0x13) & 5;
        if by_hand == 5 {
            return None;
        }
        let gain = (16 + (self.own(0x00) & 15)) << (self.own(0x00) >> 4).count_ones();
        let gain = if by_hand & 4 != 0 { 16 } else { gain };
        let lines = if by_hand & 1 != 0 {
            RIGHT_LINES
        } else {
            self.own(0x08) << 8 | self.own(0x10)
        };
        Some((u64::from(gain) * u64::from(lines) * 16 / u64::from(RIGHT_LINES)).min(65_535) as u32)
    }

    fn pixclk_hz(&self, xclk_hz: u32) -> u32 {
        let pll = [1, 4, 6, 8][(self.own(0x0D) >> 6) as usize];
        let clock = self.own(0x11);
        let divider = if clock & 0x40 != 0 {
            1
        } else {
            ((clock & 0x3F) + 1) * 2
        };
        xclk_hz * pll / divider
    }

    fn encoding(&self) -> Option<Encoding> {
        let swapped = self.own(0x0C) & 0x10 != 0;
        match (self.own(0x12) & 3, self.own(0x12) >> 2 & 3) {
            (0, _) => Some(Encoding::Yuv422 {
                chroma_first: swapped,
            }),
            (2, 1) => Some(Encoding::Rgb565 { low_first: false }),
            // Bayer, 4:2:2 of GBR, 5-5-5, 4-4-4.
            _ => None,
        }
    }
}

impl Sensor for Ov7725 {
    const NAME: &'static str = "ov7725";
    const ADDRESS: u8 = 0x21;
    const CLOCK_HZ: std::ops::RangeInclusive<u32> = 10_000_000..=48_000_000;

    fn new() -> Self {
        let mut values = Box::new([0; 256]);
        for (register, value) in [
            (0x01, 0x80),
            (0x02, 0x80),
            (0x0A, 0x77),
            (0x0B, 0x21),
            (0x0C, 0x10),
            (0x0D, 0x41),
            (0x0E, 0x01),
            (0x10, 0x40),
            (0x11, 0x80),
            (0x13, 0x8F),
            (0x14, 0x4A),
            (0x17, 0x23),
            (0x18, 0xA0),
            (0x19, 0x07),
            (0x1A, 0xF0),
            (0x1B, 0x40),
            (0x1C, 0x7F),
            (0x1D, 0xA2),
            (0x24, 0x75),
            (0x25, 0x63),
            (0x26, 0xD4),
            (0x29, 0xA0),
            (0x2C, 0xF0),
            (0x65, 0x20),
            (0x9B, 0x00),
            (0x9C, 0x40),
            (0xAC, 0xFF),
        ] {
            values[register] = value;
        }
        Ov7725 { values }
    }

    fn write(&mut self, register: u16, value: u8) -> Result<(), String> {
        can_write(register, LAST)?;
        if register == 0x12 && value & 0x80 != 0 {
            *self = Ov7725::new();
            return Ok(());
        }
        self.values[usize::from(register)] = value;
        Ok(())
    }

    fn read(&self, register: u16) -> u8 {
        self.values[usize::from(register as u8)]
    }

    fn output(&self, xclk_hz: u32) -> Option<Output> {
        // COM2: sleep.
        if self.own(0x09) & 0x10 != 0 {
            return None;
        }
        let half = self.is_half();
        let (line, lines) = if half { (576, 278) } else { (784, 510) };
        let pixclk_hz = self.pixclk_hz(xclk_hz);
        let low = self.own(0x32);
        let width = self.own(0x18) << 2;
        let height = self.own(0x1A) << 1;
        let out_width = self.own(0x29) << 2;
        let out_height = self.own(0x2C) << 1;
        // DSP_CTRL2: scaling down is off in both directions, or on.
        let scales = self.own(0x65) & 0x0F;
        if out_width > width
            || out_height > height
            || scales == 0 && (out_width, out_height) != (width, height)
        {
            return None;
        }
        // The first pixel of the picture is not the first of the line.
        let (first_x, first_y) = if half {
            (0x3F << 2, 0x03 << 1)
        } else {
            (0x23 << 2, 0x07 << 1)
        };
        let per_pixel = if half { 2 } else { 1 };
        let left = ((self.own(0x17) << 2 | low >> 4 & 3).saturating_sub(first_x)) * per_pixel;
        let top = (self.own(0x19) << 1).saturating_sub(first_y) * per_pixel;
        let com10 = self.own(0x15);
        Some(Output {
            array: (640, 480),
            view: View {
                left,
                top,
                width: width * per_pixel,
                height: height * per_pixel,
            },
            width: out_width,
            height: out_height,
            mirror: self.own(0x0C) & 0x40 != 0,
            flip: self.own(0x0C) & 0x80 != 0,
            encoding: self.encoding()?,
            bars: self.own(0x0C) & 1 != 0,
            level: self.level(),
            pixclk_hz,
            // Two bytes to a pixel.
            line_clocks: 2 * line,
            frame_lines: lines,
            polarity: Polarity {
                vsync_high: com10 & 2 == 0,
                href_high: com10 & 8 != 0,
                rising: com10 & 0x10 == 0,
            },
        })
    }
}
