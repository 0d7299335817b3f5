//! OV2640 (OmniVision data sheet 1.6). Up to SVGA the array gives every second pixel, at twice the rate.

use super::{Bus, Format, Registers, Sends, Wanted, XCLK_HZ, divider, middle};

/// Pixels that the array gives, and its clocks in a line and lines in a picture.
const SVGA: ((u32, u32), u32, u32) = ((800, 600), 1190, 672);
const UXGA: ((u32, u32), u32, u32) = ((1600, 1200), 1922, 1248);

pub fn set_up<B: Bus>(registers: &mut Registers<B>, wanted: &Wanted) -> Result<Option<Sends>, B::Fault> {
    let large = wanted.width > 800 || wanted.height > 600;
    let (array, line, lines) = if large { UXGA } else { SVGA };
    let fastest_milli = (u64::from(XCLK_HZ) * 1000 / u64::from(line * lines)) as u32;
    let by = divider(fastest_milli, wanted, 64);
    // The sensor: COM7 chooses the array's mode, CLKRC divides.
    registers.write_all(&[
        (0xFF, 1),
        (0x12, if large { 0x00 } else { 0x40 }),
        (0x11, (by - 1) as u8),
    ])?;
    // The DSP, held meanwhile: size of what comes in eights, window and size of what goes out in fours.
    let [left, top, across, down] = middle(array, wanted);
    let low = |value: u32| value as u8;
    let high =
        ((down / 4) >> 8 & 1) << 7 | (top >> 8 & 7) << 4 | ((across / 4) >> 8 & 1) << 3 | left >> 8 & 7;
    let (width, height) = (u32::from(wanted.width), u32::from(wanted.height));
    registers.write_all(&[
        (0xFF, 0),
        (0xE0, 0x04),
        (0x05, 0x00),
        (0xC0, low(array.0 / 8)),
        (0xC1, low(array.1 / 8)),
        (0x8C, 0),
        (0x51, low(across / 4)),
        (0x52, low(down / 4)),
        (0x53, low(left)),
        (0x54, low(top)),
        (0x55, low(high)),
        (0x57, low(((across / 4) >> 9 & 1) << 7)),
        (0x5A, low(width / 4)),
        (0x5B, low(height / 4)),
        (0x5C, low(((height / 4) >> 8 & 1) << 2 | (width / 4) >> 8 & 3)),
        // Each pixel clock of the array is one of PIXCLK, by hand, as a line of half the pixels has as many bytes.
        (0xD3, if large { 0x01 } else { 0x02 }),
        (
            0xDA,
            match wanted.format {
                Format::Rgb565 => 0x08,
                Format::Yuv422 => 0x00,
                Format::Jpeg => 0x10,
            },
        ),
        (0x44, quantisation(wanted.quality)),
        (0xE0, 0x00),
    ])?;
    // With all of the width a line has twice as many bytes as PIXCLK at half speed takes out.
    if !large && width * 2 > line / 2 {
        registers.write(0xD3, 0x01)?;
    }
    // A picture of more bytes than there are clocks in that time lasts longer.
    let bytes_milli = (u64::from(XCLK_HZ) * 1000 / u64::from(2 * width * height)) as u32;
    Ok(Some(Sends {
        rate_milli: fastest_milli.min(bytes_milli) / by,
        line_ns: (u64::from(line * by) * 1_000_000_000 / u64::from(XCLK_HZ)) as u32,
    }))
}

/// QS, the scale of quantisation: 2 is fine, 60 coarse.
fn quantisation(quality: u8) -> u8 {
    let quality = quality.clamp(10, 100);
    (60 - (u16::from(quality) - 10) * 58 / 90) as u8
}
