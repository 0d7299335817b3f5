//! OV5640 (OmniVision data sheet 2.03). Up to 1280 x 960 the array gives every second pixel; the ISP scales the rest.

use super::{Bus, Format, Registers, Sends, Wanted, XCLK_HZ, divider, middle};

/// Clocks of pixels in a line, and lines in a picture: of all pixels, and of a quarter of them.
const ALL: (u32, u32) = (2844, 1968);
const QUARTER: (u32, u32) = (1896, 984);
/// What the ISP takes from each side: of all pixels 16 and 4.
const BORDER: (u32, u32) = (16, 4);

pub fn set_up<B: Bus>(registers: &mut Registers<B>, wanted: &Wanted) -> Result<Option<Sends>, B::Fault> {
    let (form, way) = match wanted.format {
        Format::Rgb565 => (0x61, 1),
        Format::Yuv422 => (0x30, 0),
        Format::Jpeg => return Ok(None),
    };
    let large = wanted.width > 1280 || wanted.height > 960;
    let (step, (line, lines)) = if large { (1, ALL) } else { (2, QUARTER) };
    let array = (2592 / step, 1944 / step);
    let [left, top, across, down] = middle(array, wanted);
    let border = (BORDER.0 / step, BORDER.1 / step);
    // The window has the border on both sides.
    let (first_x, first_y) = (left * step, top * step);
    let (last_x, last_y) = (
        first_x + (across + 2 * border.0) * step - 1,
        first_y + (down + 2 * border.1) * step - 1,
    );
    // 24 MHz / 3 * 48 = 384 MHz; by 4, by 2 for eight lines: 48 MHz of PIXCLK, two bytes to a pixel.
    let pixel_hz = XCLK_HZ;
    let fastest_milli = (u64::from(pixel_hz) * 1000 / u64::from(line * lines)) as u32;
    let by = divider(fastest_milli, wanted, 3);
    registers.write_all(&[
        (0x3008, 0x42),
        (0x3017, 0xFF),
        (0x3018, 0xFC),
        (0x3034, 0x18),
        (0x3035, (4 * by) as u8 * 16 + 1),
        (0x3036, 48),
        (0x3037, 0x03),
        (0x3108, 0x00),
        (0x460C, 0x20),
        (0x4740, 0x20),
        (0x4300, form),
        (0x501F, way),
        (0x5001, 0x21),
        (0x3814, if large { 0x11 } else { 0x31 }),
        (0x3815, if large { 0x11 } else { 0x31 }),
    ])?;
    for (register, value) in [
        (0x3800, first_x),
        (0x3802, first_y),
        (0x3804, last_x),
        (0x3806, last_y),
        (0x3808, wanted.width.into()),
        (0x380A, wanted.height.into()),
        (0x380C, line),
        (0x380E, lines),
        (0x3810, border.0),
        (0x3812, border.1),
    ] {
        registers.write_pair(register, value as u16)?;
    }
    registers.write(0x3008, 0x02)?;
    Ok(Some(Sends {
        rate_milli: fastest_milli / by,
        line_ns: (u64::from(line * by) * 1_000_000_000 / u64::from(pixel_hz)) as u32,
    }))
}
