//! OV2640 (OmniVision data sheet 1.6): two banks of registers behind 0xFF, an array of 1600x1200 in three modes, and a DSP that
//! cuts, scales and compresses.

use super::Sensor;
use super::picture::{Encoding, Output, View};
use crate::bus::video::Polarity;

const BANK: u16 = 0xFF;
/// Banks.
const DSP: usize = 0;
const SENSOR: usize = 1;

const NAMED_DSP: &[u8] = &[
    0x05, 0x44, 0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x57, 0x5A, 0x5B, 0x5C, 0x7C, 0x7D, 0x86, 0x87, 0x8C,
    0xC0, 0xC1, 0xC2, 0xC3, 0xD3, 0xDA, 0xE0, 0xED, 0xF0, 0xF7, 0xF8, 0xF9, 0xFA, 0xFB, 0xFC, 0xFD, 0xFE,
];
const NAMED_SENSOR: &[u8] = &[
    0x00, 0x03, 0x04, 0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x17, 0x18,
    0x19, 0x1A, 0x1C, 0x1D, 0x24, 0x25, 0x26, 0x2A, 0x2B, 0x2D, 0x2E, 0x2F, 0x32, 0x34, 0x45, 0x46, 0x47,
    0x48, 0x49, 0x4B, 0x4E, 0x4F, 0x50, 0x5D, 0x5E, 0x5F, 0x60, 0x61, 0x62,
];

/// Lines of exposure at a gain of one that make a picture as bright as the scene.
const RIGHT_LINES: u32 = 0x400;

/// The registers.
#[derive(Clone)]
pub struct Ov2640 {
    bank: usize,
    values: Box<[[u8; 256]; 2]>,
}

impl Ov2640 {
    fn dsp(&self, register: u8) -> u32 {
        self.values[DSP][usize::from(register)].into()
    }

    fn own(&self, register: u8) -> u32 {
        self.values[SENSOR][usize::from(register)].into()
    }

    /// COM7\[6:4\]: pixels that the array gives, and how it counts time.
    fn mode(&self) -> (u32, u32, u64, u64) {
        match self.own(0x12) >> 4 & 7 {
            0 => (1600, 1200, 1922, 1248),
            4 => (800, 600, 1190, 672),
            _ => (400, 296, 595, 336),
        }
    }

    fn level(&self) -> Option<u32> {
        let by_hand = self.own(0x13) & 5;
        if by_hand == 5 {
            return None;
        }
        // GAIN: doublings in the upper half, 16ths in the lower one.
        let gain = self.own(0x00);
        let gain = (gain >> 4).count_ones();
        let gain_16ths = (16 + (self.own(0x00) & 15)) << gain;
        let lines = self.own(0x45) << 10 & 0xFC00 | self.own(0x10) << 2 | self.own(0x04) & 3;
        let gain_16ths = if by_hand & 4 != 0 { 16 } else { gain_16ths };
        let lines = if by_hand & 1 != 0 { RIGHT_LINES } else { lines };
        Some((u64::from(gain_16ths) * u64::from(lines) * 16 / u64::from(RIGHT_LINES)).min(65_535) as u32)
    }

    /// What the DSP makes: window on the picture of the array, and size.
    fn cut(&self, width: u32, height: u32) -> (View, u32, u32) {
        let high = self.dsp(0x55);
        let window_width = 4 * (self.dsp(0x51) | high << 5 & 0x100 | self.dsp(0x57) << 2 & 0x200);
        let window_height = 4 * (self.dsp(0x52) | high << 1 & 0x100);
        let view = View {
            left: self.dsp(0x53) | high << 8 & 0x700,
            top: self.dsp(0x54) | high << 4 & 0x700,
            width: window_width.min(width),
            height: window_height.min(height),
        };
        let zoom = self.dsp(0x5C);
        let out_width = 4 * (self.dsp(0x5A) | zoom << 8 & 0x300);
        let out_height = 4 * (self.dsp(0x5B) | zoom << 6 & 0x100);
        (view, out_width, out_height)
    }

    fn encoding(&self) -> Option<Encoding> {
        let mode = self.dsp(0xDA);
        let low_first = mode & 1 != 0;
        Some(match (mode >> 4 & 1, mode >> 2 & 3) {
            (1, _) => Encoding::Jpeg {
                scale: (self.dsp(0x44) & 63) as u8,
            },
            (_, 0) => Encoding::Yuv422 {
                chroma_first: low_first,
            },
            (_, 2) => Encoding::Rgb565 { low_first },
            // Raw.
            _ => return None,
        })
    }
}

impl Sensor for Ov2640 {
    const NAME: &'static str = "ov2640";
    const ADDRESS: u8 = 0x30;
    const CLOCK_HZ: std::ops::RangeInclusive<u32> = 6_000_000..=27_000_000;

    fn new() -> Self {
        let mut values = Box::new([[0; 256]; 2]);
        for (register, value) in [
            (0x44, 0x0C),
            (0x51, 0x40),
            (0x52, 0xF0),
            (0x5A, 0x58),
            (0x5B, 0x48),
            (0x86, 0x0D),
            (0x87, 0x50),
            (0xD3, 0x82),
            (0xE0, 0x04),
            (0xF0, 0x04),
            (0x05, 0x01),
        ] {
            values[DSP][register] = value;
        }
        for (register, value) in [
            (0x04, 0x20),
            (0x08, 0x40),
            (0x0A, 0x26),
            (0x0B, 0x42),
            (0x0C, 0x38),
            (0x0D, 0x87),
            (0x10, 0x33),
            (0x13, 0xC7),
            (0x14, 0x50),
            (0x17, 0x11),
            (0x18, 0x75),
            (0x19, 0x01),
            (0x1A, 0x97),
            (0x1C, 0x7F),
            (0x1D, 0xA2),
            (0x24, 0x78),
            (0x25, 0x68),
            (0x26, 0xD4),
            (0x32, 0x36),
        ] {
            values[SENSOR][register] = value;
        }
        Ov2640 { bank: DSP, values }
    }

    fn write(&mut self, register: u16, value: u8) -> Result<(), String> {
        if register == BANK {
            self.bank = usize::from(value & 1);
            return Ok(());
        }
        let named = [NAMED_DSP, NAMED_SENSOR][self.bank];
        let register = register as u8;
        if !named.contains(&register) {
            return Err(format!(
                "register {register:#04x} of bank {} is reserved",
                self.bank
            ));
        }
        if self.bank == SENSOR && matches!(register, 0x0A | 0x0B | 0x1C | 0x1D) {
            return Err(format!("register {register:#04x} cannot be written"));
        }
        if self.bank == SENSOR && register == 0x12 && value & 0x80 != 0 {
            *self = Ov2640 {
                bank: self.bank,
                ..Ov2640::new()
            };
            return Ok(());
        }
        self.values[self.bank][usize::from(register)] = value;
        Ok(())
    }

    fn read(&self, register: u16) -> u8 {
        match register {
            BANK => self.bank as u8,
            _ => self.values[self.bank][usize::from(register as u8)],
        }
    }

    fn output(&self, xclk_hz: u32) -> Option<Output> {
        // COM2: standby. R_BYPASS: raw data past the DSP, which no driver here asks for. RESET: the output is held.
        if self.own(0x09) & 0x10 != 0 || self.dsp(0x05) & 1 != 0 || self.dsp(0xE0) & 0x04 != 0 {
            return None;
        }
        let (width, height, line, lines) = self.mode();
        let clock = self.own(0x11);
        let system_hz = xclk_hz * (1 + (clock >> 7)) / ((clock & 0x3F) + 1);
        // By hand; automatic is as fast as the system.
        let divider = match self.dsp(0xD3) {
            automatic if automatic & 0x80 != 0 => 1,
            by_hand => (by_hand & 0x7F).max(1),
        };
        let pixclk_hz = system_hz / divider;
        let (view, out_width, out_height) = self.cut(width, height);
        if out_width > view.width || out_height > view.height {
            return None;
        }
        let scale = |value: u32, by: u32, of: u32| value * by / of;
        // The array is told in its whole pixels.
        let view = View {
            left: scale(view.left, 1600, width),
            top: scale(view.top, 1200, height),
            width: scale(view.width, 1600, width),
            height: scale(view.height, 1200, height),
        };
        let com10 = self.own(0x15);
        Some(Output {
            array: (1600, 1200),
            view,
            width: out_width,
            height: out_height,
            mirror: self.own(0x04) & 0x80 != 0,
            flip: self.own(0x04) & 0x40 != 0,
            encoding: self.encoding()?,
            bars: self.own(0x12) & 2 != 0,
            level: self.level(),
            pixclk_hz,
            line_clocks: line / u64::from(divider).min(line),
            frame_lines: lines,
            polarity: Polarity {
                // VSYNC tells of a picture by a pulse; the bit turns it over.
                vsync_high: com10 & 2 == 0,
                href_high: com10 & 8 != 0,
                rising: com10 & 0x20 == 0,
            },
        })
    }
}
