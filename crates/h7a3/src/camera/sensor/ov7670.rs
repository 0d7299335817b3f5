//! OV7670 (OmniVision data sheet 1.4, implementation guide 1.0). It scales by halves only: a size is the middle of the largest
//! part of VGA that is two, four or eight times as large.

use super::{Bus, Format, Registers, Sends, Wanted, XCLK_HZ, divider};

/// Clocks of PIXCLK in a line, two to a pixel, and lines in a picture.
const LINE: u32 = 2 * 784;
const LINES: u32 = 510;
/// Where the picture begins: HREF and VREF of the guide's VGA.
const FIRST: (u32, u32) = (158, 10);

pub fn set_up<B: Bus>(registers: &mut Registers<B>, wanted: &Wanted) -> Result<Option<Sends>, B::Fault> {
    let format = match wanted.format {
        Format::Rgb565 => 0x04,
        Format::Yuv422 => 0x00,
        Format::Jpeg => return Ok(None),
    };
    let (width, height) = (u32::from(wanted.width), u32::from(wanted.height));
    let halves = (0..4)
        .rev()
        .find(|n| width << n <= 640 && height << n <= 480)
        .unwrap_or(0);
    let (across, down) = (width << halves, height << halves);
    let start = FIRST.0 + (640 - across) / 2 / 2 * 2;
    let stop = (start + across) % (LINE / 2);
    let top = FIRST.1 + (480 - down) / 2;
    let bottom = top + down;
    let fastest_milli = (u64::from(XCLK_HZ) * 1000 / u64::from(LINE * LINES)) as u32;
    let by = divider(fastest_milli, wanted, 32);
    registers.write_all(&[
        (0x12, format),
        // RGB565, all values.
        (0x40, 0xD0),
        // Y before U and V.
        (0x3A, 0x05),
        // The clock as it comes, or divided; never both.
        (0x11, if by == 1 { 0x40 } else { (by - 1) as u8 }),
        (0x17, (start >> 3) as u8),
        (0x18, (stop >> 3) as u8),
        (0x32, 0x80 | ((stop & 7) as u8) << 3 | (start & 7) as u8),
        (0x19, (top >> 2) as u8),
        (0x1A, (bottom >> 2) as u8),
        (0x03, ((bottom & 3) as u8) << 2 | (top & 3) as u8),
        (0x0C, if halves == 0 { 0x00 } else { 0x04 }),
        (0x72, (halves as u8) << 4 | halves as u8),
        (0x3E, if halves == 0 { 0x00 } else { 0x18 | halves as u8 }),
        (0x73, 0xF0 | halves as u8),
    ])?;
    Ok(Some(Sends {
        rate_milli: fastest_milli / by,
        line_ns: (u64::from(LINE * by) * 1_000_000_000 / u64::from(XCLK_HZ)) as u32,
    }))
}
