//! What cameras send, as colours: a Bayer mosaic, and YUV with half as many colours as pixels.

use super::{rgb565, yuv};
use crate::{Error, Format, Pixel, Rgb565, ViewMut, stop};

/// Refuses an image that is no RGB565, or bytes that do not fill it.
fn fits(data: &[u8], needed_bytes: usize, image: &ViewMut) -> Result<(), Error> {
    if image.format() != Format::Rgb565 {
        return Err(Error::Format {
            found: image.format().name(),
            expected: "RGB565",
        });
    }
    if data.len() < needed_bytes {
        return Err(Error::Buffer {
            needed_bytes,
            has_bytes: data.len(),
        });
    }
    Ok(())
}

/// A mosaic whose even rows are blue, green, and odd rows green, red: each colour that a pixel lacks is the mean of its
/// neighbours that have it, rounded down. Beyond an edge lies the picture's mirror image.
///
/// # Errors
/// [`Error::Format`] unless the image is RGB565, [`Error::Buffer`].
pub fn from_bayer(data: &[u8], image: &mut ViewMut) -> Result<(), Error> {
    let (width, height) = (image.width(), image.height());
    fits(data, width * height, image)?;
    for y in 0..height {
        stop::check()?;
        let rows = [mirrored(y, 0, height), y, mirrored(y, 2, height)]
            .map(|row| &data[row * width..(row + 1) * width]);
        let out = image.row_mut(y);
        for x in 0..width {
            let columns = [mirrored(x, 0, width), x, mirrored(x, 2, width)];
            let at = |row: usize, column: usize| u16::from(rows[row][columns[column]]);
            let own = at(1, 1);
            let beside = (at(1, 0) + at(1, 2)) / 2;
            let along = (at(0, 1) + at(2, 1)) / 2;
            let cross = (at(1, 0) + at(1, 2) + at(0, 1) + at(2, 1)) / 4;
            let corners = (at(0, 0) + at(0, 2) + at(2, 0) + at(2, 2)) / 4;
            let rgb = match (y % 2, x % 2) {
                (0, 0) => [corners, cross, own],
                (0, _) => [along, own, beside],
                (_, 0) => [beside, own, along],
                _ => [own, cross, corners],
            };
            Rgb565::put(out, x, rgb565::from_rgb(rgb.map(|channel| channel as u8)));
        }
    }
    Ok(())
}

/// Neighbour 0, 1 or 2 of a place, mirrored at the ends: the one before the first is the second, which has its colour.
fn mirrored(place: usize, neighbour: usize, length: usize) -> usize {
    match (place + neighbour).checked_sub(1) {
        None => 1.min(length - 1),
        Some(at) if at >= length => length.saturating_sub(2),
        Some(at) => at,
    }
}

/// Two pixels are Y U Y V. The last one of an odd row has no V: it is 0.
///
/// # Errors
/// [`Error::Format`] unless the image is RGB565, [`Error::Buffer`].
pub fn from_yuv422(data: &[u8], image: &mut ViewMut) -> Result<(), Error> {
    let (width, height) = (image.width(), image.height());
    fits(data, 2 * width * height, image)?;
    for y in 0..height {
        stop::check()?;
        let row = &data[2 * width * y..2 * width * (y + 1)];
        let out = image.row_mut(y);
        let signed = |at: usize| row.get(at).map_or(0, |byte| (byte ^ 0x80) as i8);
        for x in 0..width {
            let pair = x / 2 * 4;
            let colour = yuv::to_rgb565(row[2 * x], signed(pair + 1), signed(pair + 3));
            Rgb565::put(out, x, colour);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;
    use std::vec::Vec;

    fn image(width: usize, height: usize, fill: impl Fn(&mut ViewMut)) -> Vec<u16> {
        let mut bytes = vec![0; 2 * width * height];
        let mut view = ViewMut::new(&mut bytes, width, height, Format::Rgb565).unwrap();
        fill(&mut view);
        let view = view.as_view();
        (0..width * height)
            .map(|at| view.at(at % width, at / width))
            .collect()
    }

    #[test]
    fn a_mosaic_of_one_colour_is_that_colour() {
        let (red, green, blue) = (200, 100, 50);
        for (width, height) in [(2, 2), (5, 4), (8, 7)] {
            let of = |x: usize, y: usize| [[blue, green], [green, red]][y % 2][x % 2];
            let data: Vec<u8> = (0..width * height).map(|at| of(at % width, at / width)).collect();
            let made = image(width, height, |view| from_bayer(&data, view).unwrap());
            let colour = rgb565::from_rgb([red, green, blue]);
            assert!(made.iter().all(|pixel| *pixel == colour), "{made:x?}");
        }
        // A single row or pixel lacks colours, and is drawn all the same.
        image(1, 1, |view| from_bayer(&[9], view).unwrap());
        image(5, 1, |view| from_bayer(&[9; 5], view).unwrap());
    }

    #[test]
    fn pairs_share_their_colours() {
        // Black, white; a pair with colour; an odd row.
        let data = [0, 128, 255, 128, 100, 228, 120, 28, 50, 138];
        let made = image(5, 1, |view| from_yuv422(&data, view).unwrap());
        let expected = [
            yuv::to_rgb565(0, 0, 0),
            yuv::to_rgb565(255, 0, 0),
            yuv::to_rgb565(100, 100, -100),
            yuv::to_rgb565(120, 100, -100),
            yuv::to_rgb565(50, 10, 0),
        ];
        assert_eq!(made, expected);
    }

    #[test]
    fn too_few_bytes_are_refused() {
        let mut bytes = [0; 8];
        let mut view = ViewMut::new(&mut bytes, 2, 2, Format::Rgb565).unwrap();
        assert!(from_bayer(&[0; 3], &mut view).is_err());
        assert!(from_yuv422(&[0; 7], &mut view).is_err());
    }
}
