//! OV7725 (OmniVision data sheet 1.31). The DSP scales a part of VGA down.

use super::{Bus, Format, Registers, Sends, Wanted, XCLK_HZ, divider, middle};

/// Clocks of PIXCLK in a line, two to a pixel, and lines in a picture.
const LINE: u32 = 2 * 784;
const LINES: u32 = 510;
/// Where the picture begins.
const FIRST: (u32, u32) = (0x23 << 2, 0x07 << 1);

pub fn set_up<B: Bus>(registers: &mut Registers<B>, wanted: &Wanted) -> Result<Option<Sends>, B::Fault> {
    let format = match wanted.format {
        Format::Rgb565 => 0x06,
        Format::Yuv422 => 0x00,
        Format::Jpeg => return Ok(None),
    };
    // The PLL makes four of the clock, CLKRC divides by twice its number and one.
    let fastest_milli = (u64::from(XCLK_HZ) * 1000 / u64::from(LINE * LINES)) as u32;
    let by = divider(fastest_milli, wanted, 32);
    let [left, top, across, down] = middle((640, 480), wanted);
    let (from, line) = (FIRST.0 + left, FIRST.1 + top);
    registers.write_all(&[
        (0x12, format),
        (0x0D, 0x41),
        (0x11, (2 * by - 1) as u8),
        (0x17, (from >> 2) as u8),
        (0x18, (across >> 2) as u8),
        (0x19, (line >> 1) as u8),
        (0x1A, (down >> 1) as u8),
        (0x32, ((from & 3) as u8) << 4),
        (0x29, (wanted.width >> 2) as u8),
        (0x2C, (wanted.height >> 1) as u8),
        // Both directions are sampled down and zoomed out.
        (0x65, 0x2F),
    ])?;
    // Y before U and V, and no bars.
    registers.change(0x0C, 0x10, 0)?;
    Ok(Some(Sends {
        rate_milli: fastest_milli / by,
        line_ns: (u64::from(LINE * by) * 1_000_000_000 / u64::from(XCLK_HZ)) as u32,
    }))
}
