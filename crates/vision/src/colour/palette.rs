//! Colours for grey values: the rainbow and heated iron, as thermal cameras use them.
//!
//! Both are our own curves; a palette of the user's is an image of 256 RGB565 pixels.

use super::rgb565;

/// 256 colours, one for each grey value.
pub type Palette = [u16; 256];

/// From violet-blue over cyan, green and yellow to red.
pub static RAINBOW: Palette = rainbow();
/// From black over violet, red and orange to white.
pub static IRONBOW: Palette = gradient(&[
    (0, [0, 0, 0]),
    (40, [32, 0, 140]),
    (100, [150, 0, 155]),
    (150, [225, 65, 30]),
    (200, [255, 160, 0]),
    (235, [255, 235, 90]),
    (255, [255, 255, 255]),
]);

const fn rainbow() -> Palette {
    gradient(&[
        (0, [0, 0, 255]),
        (64, [0, 255, 255]),
        (128, [0, 255, 0]),
        (192, [255, 255, 0]),
        (255, [255, 0, 0]),
    ])
}

/// Straight lines between stops, which begin at 0 and end at 255.
const fn gradient(stops: &[(i32, [i32; 3])]) -> Palette {
    let mut palette = [0; 256];
    let mut stop = 0;
    let mut grey = 0;
    while grey < 256 {
        while stop + 2 < stops.len() && grey > stops[stop + 1].0 {
            stop += 1;
        }
        let (from, low) = stops[stop];
        let (to, high) = stops[stop + 1];
        let mut rgb = [0; 3];
        let mut channel = 0;
        while channel < 3 {
            let rise = (high[channel] - low[channel]) * (grey - from);
            rgb[channel] = (low[channel] + rise / (to - from)) as u8;
            channel += 1;
        }
        palette[grey as usize] = rgb565::from_rgb(rgb);
        grey += 1;
    }
    palette
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_are_as_named() {
        assert_eq!(rgb565::to_rgb(RAINBOW[0]), [0, 0, 255]);
        assert_eq!(rgb565::to_rgb(RAINBOW[255]), [255, 0, 0]);
        assert_eq!(IRONBOW[0], 0);
        assert_eq!(IRONBOW[255], 0xFFFF);
    }
}
