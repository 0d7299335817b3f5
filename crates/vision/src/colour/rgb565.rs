//! RGB565 and its expansion to 8 bits, which repeats the high bits below.

/// Red, green, blue as they are stored: 5, 6 and 5 bits.
pub const fn parts(colour: u16) -> [u8; 3] {
    [
        (colour >> 11) as u8,
        (colour >> 5 & 63) as u8,
        (colour & 31) as u8,
    ]
}

/// Red, green, blue, 0 to 255.
pub const fn to_rgb(colour: u16) -> [u8; 3] {
    let [r, g, b] = parts(colour);
    [r << 3 | r >> 2, g << 2 | g >> 4, b << 3 | b >> 2]
}

/// The colour of red, green, blue, 0 to 255, cut off.
pub const fn from_rgb(rgb: [u8; 3]) -> u16 {
    let [r, g, b] = rgb;
    (r as u16 >> 3) << 11 | (g as u16 >> 2) << 5 | b as u16 >> 3
}

/// Brightness: (38 R + 75 G + 15 B) / 128.
pub const fn luma(colour: u16) -> u8 {
    let [r, g, b] = to_rgb(colour);
    ((38 * r as u32 + 75 * g as u32 + 15 * b as u32) >> 7) as u8
}

/// The grey of a brightness.
pub const fn from_grey(grey: u8) -> u16 {
    from_rgb([grey, grey, grey])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_of_the_api() {
        // A triple passes through RGB565 first.
        let colour = from_rgb([120, 200, 120]);
        assert_eq!(to_rgb(colour), [123, 203, 123]);
        assert_eq!(luma(colour), 169);
        assert_eq!(to_rgb(from_grey(182)), [181, 182, 181]);
        assert_eq!((to_rgb(0xFFFF), luma(0xFFFF)), ([255; 3], 255));
    }

    #[test]
    fn expansion_and_packing_are_inverse() {
        for colour in 0..=u16::MAX {
            assert_eq!(from_rgb(to_rgb(colour)), colour);
        }
    }
}
