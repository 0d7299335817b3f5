//! Integer YUV: U and V are signed, around 0.

use super::rgb565;

/// Y 0 to 255, U and V -128 to 127.
pub const fn from_rgb565(colour: u16) -> (u8, i8, i8) {
    let [r, g, b] = rgb565::to_rgb(colour);
    let (r, g, b) = (r as i32, g as i32, b as i32);
    (
        rgb565::luma(colour),
        ((-21 * r - 43 * g + 64 * b) >> 7) as i8,
        ((64 * r - 54 * g - 10 * b) >> 7) as i8,
    )
}

/// Red, green, blue, 0 to 255.
pub fn to_rgb(y: u8, u: i8, v: i8) -> [u8; 3] {
    let (y, u, v) = (i32::from(y), i32::from(u), i32::from(v));
    [
        y + ((91881 * v) >> 16),
        y - ((22554 * u + 46802 * v) >> 16),
        y + ((116130 * u) >> 16),
    ]
    .map(|channel| channel.clamp(0, 255) as u8)
}

/// The nearest colour.
pub fn to_rgb565(y: u8, u: i8, v: i8) -> u16 {
    rgb565::from_rgb(to_rgb(y, u, v))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_and_black_have_no_colour() {
        assert_eq!(from_rgb565(0xFFFF), (255, 0, 0));
        assert_eq!(from_rgb565(0), (0, 0, 0));
        assert_eq!(to_rgb(200, 0, 0), [200; 3]);
        assert_eq!(to_rgb(255, 127, 127), [255, 121, 255]);
    }
}
