//! OV7670 (OmniVision data sheet 1.4 and its implementation guide 1.0): VGA, from which windows and halves are taken.

use super::picture::{Encoding, Output, View};
use super::{Sensor, can_write};
use crate::bus::video::Polarity;

/// Lines of exposure at a gain of one that make a picture as bright as the scene.
const RIGHT_LINES: u32 = 0x100;
/// The last register.
const LAST: u16 = 0xC9;
/// Where the picture begins in a line and among the lines, as the windows of the guide have it.
const FIRST: (u32, u32) = (158, 10);
/// HREF counts modulo the line.
const LINE: u32 = 784;

/// The registers.
#[derive(Clone)]
pub struct Ov7670 {
    values: Box<[u8; 256]>,
}

impl Ov7670 {
    fn own(&self, register: u8) -> u32 {
        self.values[usize::from(register)].into()
    }

    fn view(&self) -> View {
        let href = self.own(0x32);
        let start = self.own(0x17) << 3 | href & 7;
        let stop = self.own(0x18) << 3 | href >> 3 & 7;
        let vref = self.own(0x03);
        let first = self.own(0x19) << 2 | vref & 3;
        let last = self.own(0x1A) << 2 | vref >> 2 & 3;
        View {
            left: start.saturating_sub(FIRST.0),
            top: first.saturating_sub(FIRST.1),
            width: ((stop + LINE - start) % LINE).min(640),
            height: last.saturating_sub(first).min(480),
        }
    }

    fn level(&self) -> Option<u32> {
        let by_hand = self.own(0x13) & 5;
        if by_hand == 5 {
            return None;
        }
        let gain = (16 + (self.own(0x00) & 15)) << (self.own(0x00) >> 4).count_ones();
        let gain = if by_hand & 4 != 0 { 16 } else { gain };
        let lines = self.own(0x07) << 10 & 0xFC00 | self.own(0x10) << 2 | self.own(0x04) & 3;
        let lines = if by_hand & 1 != 0 { RIGHT_LINES } else { lines };
        Some((u64::from(gain) * u64::from(lines) * 16 / u64::from(RIGHT_LINES)).min(65_535) as u32)
    }

    fn encoding(&self) -> Option<Encoding> {
        let is_rgb = self.own(0x12) & 5;
        match (is_rgb, self.own(0x40) >> 4 & 3) {
            (0, _) => Some(Encoding::Yuv422 {
                chroma_first: self.own(0x3A) & 8 != 0,
            }),
            (4, 1) => Some(Encoding::Rgb565 { low_first: false }),
            // Bayer, 4:2:2 of GBR, 5-5-5.
            _ => None,
        }
    }
}

impl Sensor for Ov7670 {
    const NAME: &'static str = "ov7670";
    const ADDRESS: u8 = 0x21;
    const CLOCK_HZ: std::ops::RangeInclusive<u32> = 10_000_000..=48_000_000;

    fn new() -> Self {
        let mut values = Box::new([0; 256]);
        for (register, value) in [
            (0x01, 0x80),
            (0x02, 0x80),
            (0x09, 0x01),
            (0x0A, 0x76),
            (0x0B, 0x73),
            (0x0E, 0x01),
            (0x0F, 0x43),
            (0x10, 0x40),
            (0x11, 0x80),
            (0x13, 0x8F),
            (0x14, 0x4A),
            (0x17, 0x11),
            (0x18, 0x61),
            (0x19, 0x03),
            (0x1A, 0x7B),
            (0x1C, 0x7F),
            (0x1D, 0xA2),
            (0x1E, 0x01),
            (0x24, 0x75),
            (0x25, 0x63),
            (0x26, 0xD4),
            (0x32, 0x80),
            (0x3A, 0x0D),
            (0x3D, 0x88),
            (0x3E, 0x00),
            (0x40, 0xC0),
            (0x6B, 0x0A),
            (0x70, 0x3A),
            (0x71, 0x35),
            (0x72, 0x11),
        ] {
            values[register] = value;
        }
        Ov7670 { values }
    }

    fn write(&mut self, register: u16, value: u8) -> Result<(), String> {
        can_write(register, LAST)?;
        if register == 0x12 && value & 0x80 != 0 {
            *self = Ov7670::new();
            return Ok(());
        }
        self.values[usize::from(register)] = value;
        if register == 0x11 && value & 0x40 != 0 && value & 0x3F != 0 {
            return Err("CLKRC: the clock is used as it comes, and divided, too".into());
        }
        Ok(())
    }

    fn read(&self, register: u16) -> u8 {
        self.values[usize::from(register as u8)]
    }

    fn output(&self, xclk_hz: u32) -> Option<Output> {
        // COM2: soft sleep. Formats of COM7 other than VGA have windows of their own, which nobody here uses.
        if self.own(0x09) & 0x10 != 0 || self.own(0x12) & 0x38 != 0 {
            return None;
        }
        let pll = [1, 4, 6, 8][(self.own(0x6B) >> 6) as usize];
        let clock = self.own(0x11);
        let divider = if clock & 0x40 != 0 { 1 } else { (clock & 0x3F) + 1 };
        let system_hz = xclk_hz * pll / divider;
        let view = self.view();
        // COM3: down-sampling by 1, 2, 4, 8 of SCALING_DCWCTR.
        let (across, down) = if self.own(0x0C) & 4 != 0 {
            (1 << (self.own(0x72) & 3), 1 << (self.own(0x72) >> 4 & 3))
        } else {
            (1, 1)
        };
        // COM14 and SCALING_PCLK_DIV: PIXCLK goes down with it.
        let slower = if self.own(0x3E) & 0x10 != 0 {
            1 << (self.own(0x3E) & 7)
        } else {
            1
        };
        let com10 = self.own(0x15);
        Some(Output {
            array: (640, 480),
            view,
            width: view.width / across,
            height: view.height / down,
            mirror: self.own(0x1E) & 0x20 != 0,
            flip: self.own(0x1E) & 0x10 != 0,
            encoding: self.encoding()?,
            bars: self.own(0x42) & 8 != 0,
            level: self.level(),
            pixclk_hz: system_hz / slower,
            line_clocks: u64::from(2 * LINE / slower),
            frame_lines: 510,
            polarity: Polarity {
                vsync_high: com10 & 2 == 0,
                href_high: com10 & 8 != 0,
                rising: com10 & 0x10 == 0,
            },
        })
    }
}
