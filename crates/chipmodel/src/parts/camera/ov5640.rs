//! OV5640 (OmniVision data sheet 2.03): registers of 16 bits, an array of 2592x1944, a window of it that is scaled to any smaller
//! size, and a PLL of many dividers.

use super::Sensor;
use super::picture::{Encoding, Output, View};
use crate::bus::video::Polarity;

/// Exposure in lines at a gain of one that makes a picture as bright as the scene.
const RIGHT_LINES: u32 = 0x100;
const FIRST: u16 = 0x3000;
const LAST: u16 = 0x60FF;

/// The registers.
#[derive(Clone)]
pub struct Ov5640 {
    values: Vec<u8>,
}

impl Ov5640 {
    fn own(&self, register: u16) -> u32 {
        self.values[usize::from(register - FIRST)].into()
    }

    fn pair(&self, register: u16) -> u32 {
        self.own(register) << 8 | self.own(register + 1)
    }

    /// The clock of pixels in the system, and PIXCLK (data sheet 4.1, figure of the PLL).
    fn clocks(&self, xclk_hz: u32) -> Option<(u64, u64)> {
        let multiplier = self.own(0x3036);
        let pre = match self.own(0x3037) & 15 {
            0 => 1,
            pre => pre,
        };
        let root = 1 + (self.own(0x3037) >> 4 & 1);
        let system = self.own(0x3035) >> 4;
        // Eight data lines count as a divider of two.
        let bits = if self.own(0x3034) & 15 == 8 { 2 } else { 1 };
        let vco = u64::from(xclk_hz) / u64::from(pre) * u64::from(multiplier);
        let after = vco.checked_div(u64::from(system))? / u64::from(root) / bits;
        let power = |shift: u32| 1 << (self.own(0x3108) >> shift & 3);
        let pixel = after / power(0) / 2;
        let outgoing = after / power(4);
        let divider = self.own(0x3824) & 31;
        let outgoing = if self.own(0x460C) & 2 != 0 {
            outgoing.checked_div(u64::from(divider))?
        } else {
            outgoing
        };
        Some((pixel, outgoing))
    }

    fn encoding(&self) -> Option<Encoding> {
        Some(match (self.own(0x4300), self.own(0x501F) & 7) {
            (0x30, 0) => Encoding::Yuv422 { chroma_first: false },
            (0x32, 0) => Encoding::Yuv422 { chroma_first: true },
            (0x61, 1) => Encoding::Rgb565 { low_first: false },
            (0x6F, 1) => Encoding::Rgb565 { low_first: true },
            _ => return None,
        })
    }

    fn level(&self) -> Option<u32> {
        let by_hand = self.own(0x3503) & 3;
        if by_hand == 0 {
            return None;
        }
        let lines = (self.own(0x3500) << 16 | self.own(0x3501) << 8 | self.own(0x3502)) >> 4;
        let gain = self.pair(0x350A) & 0x3FF;
        let lines = if by_hand & 1 == 0 { RIGHT_LINES } else { lines };
        let gain = if by_hand & 2 == 0 { 16 } else { gain };
        Some((u64::from(gain) * u64::from(lines) * 16 / u64::from(RIGHT_LINES)).min(65_535) as u32)
    }
}

impl Sensor for Ov5640 {
    const NAME: &'static str = "ov5640";
    const ADDRESS: u8 = 0x3C;
    const REGISTER_BYTES: usize = 2;
    const CLOCK_HZ: std::ops::RangeInclusive<u32> = 6_000_000..=27_000_000;

    fn new() -> Self {
        let mut values = vec![0; usize::from(LAST - FIRST) + 1];
        for (register, value) in [
            (0x3008, 0x02),
            (0x300A, 0x56),
            (0x300B, 0x40),
            (0x3034, 0x1A),
            (0x3035, 0x11),
            (0x3036, 0x69),
            (0x3037, 0x03),
            (0x3108, 0x16),
            (0x3503, 0x00),
            (0x3804, 0x0A),
            (0x3805, 0x3F),
            (0x3806, 0x07),
            (0x3807, 0x9F),
            (0x3808, 0x0A),
            (0x3809, 0x20),
            (0x380A, 0x07),
            (0x380B, 0x98),
            (0x380C, 0x0B),
            (0x380D, 0x1C),
            (0x380E, 0x07),
            (0x380F, 0xB0),
            (0x3811, 0x10),
            (0x3813, 0x04),
            (0x3814, 0x11),
            (0x3815, 0x11),
            (0x3820, 0x40),
            (0x4300, 0xF8),
            (0x460C, 0x20),
            (0x3824, 0x04),
            (0x4740, 0x20),
            (0x5000, 0x06),
            (0x5001, 0x01),
        ] {
            values[usize::from(register - FIRST)] = value;
        }
        Ov5640 { values }
    }

    fn write(&mut self, register: u16, value: u8) -> Result<(), String> {
        if !(FIRST..=LAST).contains(&register) {
            return Err(format!("there is no register {register:#06x}"));
        }
        if matches!(register, 0x300A | 0x300B) {
            return Err(format!("register {register:#06x} cannot be written"));
        }
        if register == 0x3008 && value & 0x80 != 0 {
            *self = Ov5640::new();
            return Ok(());
        }
        self.values[usize::from(register - FIRST)] = value;
        Ok(())
    }

    fn read(&self, register: u16) -> u8 {
        match register {
            FIRST..=LAST => self.values[usize::from(register - FIRST)],
            _ => 0,
        }
    }

    fn output(&self, xclk_hz: u32) -> Option<Output> {
        // SYSTEM_CTROL0: software power-down. PAD_OUTPUT_ENABLE: VSYNC, HREF, PCLK and the upper data lines, then the lower ones.
        let pads_on = self.own(0x3017) & 0x7F == 0x7F && self.own(0x3018) & 0xFC == 0xFC;
        if self.own(0x3008) & 0x40 != 0 || !pads_on {
            return None;
        }
        let (pixel_hz, outgoing_hz) = self.clocks(xclk_hz)?;
        if pixel_hz == 0 {
            return None;
        }
        let encoding = self.encoding()?;
        let skip = |register| (self.own(register) >> 4) + (self.own(register) & 15);
        // After skipping, the ISP's window; with scaling the offsets take a border from each side.
        let (x0, y0) = (self.pair(0x3800), self.pair(0x3802));
        let across = (self.pair(0x3804) + 1).checked_sub(x0)?;
        let down = (self.pair(0x3806) + 1).checked_sub(y0)?;
        let (step_x, step_y) = (skip(0x3814) / 2, skip(0x3815) / 2);
        if step_x == 0 || step_y == 0 {
            return None;
        }
        let (border_x, border_y) = (self.pair(0x3810) * step_x, self.pair(0x3812) * step_y);
        let (width, height) = (self.pair(0x3808), self.pair(0x380A));
        let view = View {
            // 16 and 4 pixels before the picture are dark or for the colours of its edge.
            left: (x0 + border_x).saturating_sub(16),
            top: (y0 + border_y).saturating_sub(4),
            width: across.checked_sub(2 * border_x)?,
            height: down.checked_sub(2 * border_y)?,
        };
        let scales = self.own(0x5001) & 0x20 != 0;
        let (inner_x, inner_y) = (view.width / step_x, view.height / step_y);
        if width > inner_x || height > inner_y || !scales && (width, height) != (inner_x, inner_y) {
            return None;
        }
        let line_pixels = u64::from(self.pair(0x380C));
        Some(Output {
            array: (2592, 1944),
            view,
            width,
            height,
            mirror: self.own(0x3821) & 6 == 6,
            flip: self.own(0x3820) & 6 == 6,
            encoding,
            bars: self.own(0x503D) & 0x80 != 0,
            level: self.level(),
            pixclk_hz: u32::try_from(outgoing_hz).ok()?,
            line_clocks: line_pixels * outgoing_hz / pixel_hz,
            frame_lines: self.pair(0x380E).into(),
            polarity: Polarity {
                // POLARITY_CTRL00: VSYNC active high is a pulse.
                vsync_high: self.own(0x4740) & 1 == 0,
                href_high: self.own(0x4740) & 2 != 0,
                rising: self.own(0x4740) & 0x20 != 0,
            },
        })
    }
}
