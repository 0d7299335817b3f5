//! CIE L*a*b* (D65) of every RGB565 colour, from a table made at build time, and the way back.

use super::rgb565;

/// L, a, b of the colours without their lowest bit, which is blue's: of every fourth green, by red, green, blue.
static CORNERS: &[u8; 32 * 17 * 16 * 3] = include_bytes!(concat!(env!("OUT_DIR"), "/lab_corners.bin"));
/// For the three greens between two of them, how far each channel is from the straight line, and 2, in two bits.
static RESTS: &[u8; 32 * 16 * 16 * 3] = include_bytes!(concat!(env!("OUT_DIR"), "/lab_rests.bin"));

/// L 0 to 100, a and b -128 to 127.
pub fn from_rgb565(colour: u16) -> (i8, i8, i8) {
    let colour = usize::from(colour);
    let (red, green, blue) = (colour >> 11, colour >> 5 & 63, colour >> 1 & 15);
    let (group, step) = (green / 4, green % 4);
    let at = ((red * 17 + group) * 16 + blue) * 3;
    let from = &CORNERS[at..at + 3];
    if step == 0 {
        return (from[0] as i8, from[1] as i8, from[2] as i8);
    }
    let to = &CORNERS[at + 48..at + 51];
    let at = ((red * 16 + group) * 16 + blue) * 3;
    let rests = &RESTS[at..at + 3];
    let bits = u32::from_le_bytes([rests[0], rests[1], rests[2], 0]) >> ((step - 1) * 6);
    let channel = |channel: usize| {
        let (from, to) = (i32::from(from[channel] as i8), i32::from(to[channel] as i8));
        let rest = (bits >> (channel * 2) & 3) as i32 - 2;
        (from + (((to - from) * step as i32 + 2) >> 2) + rest) as i8
    };
    (channel(0), channel(1), channel(2))
}

/// The nearest colour, red, green, blue, before it is stored as RGB565.
pub fn to_rgb(l: i8, a: i8, b: i8) -> [u8; 3] {
    let y = (f32::from(l) + 16.0) * 0.008621;
    let x = y + f32::from(a) * 0.002;
    let z = y - f32::from(b) * 0.005;
    let linear = |share: f32| {
        if share > 0.206897 {
            share * share * share
        } else {
            0.128419 * share - 0.017713
        }
    };
    let (x, y, z) = (linear(x) * 95.047, linear(y) * 100.0, linear(z) * 108.883);
    [
        (x * 3.2406 - y * 1.5372 - z * 0.4986) / 100.0,
        (y * 1.8758 - x * 0.9689 + z * 0.0415) / 100.0,
        (x * 0.0557 - y * 0.2040 + z * 1.0570) / 100.0,
    ]
    .map(|share| {
        let curved = if share > 0.0031308 {
            1.055 * libm::powf(share, 0.416666) - 0.055
        } else {
            12.92 * share
        };
        libm::floorf(curved * 255.0).clamp(0.0, 255.0) as u8
    })
}

/// The nearest colour.
pub fn to_rgb565(l: i8, a: i8, b: i8) -> u16 {
    rgb565::from_rgb(to_rgb(l, a, b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_of_the_api() {
        assert_eq!(from_rgb565(rgb565::from_rgb([120, 200, 120])), (75, -40, 34));
        assert_eq!(rgb565::to_rgb(to_rgb565(74, -38, 30)), [123, 199, 123]);
        // The mean of black and the darkest blue.
        assert_eq!(from_rgb565(0), (0, 0, -1));
        assert_eq!(from_rgb565(0xFFFF).0, 100);
    }
}
