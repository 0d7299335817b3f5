//! Flood fill by rows: A. R. Smith, "Tint Fill", SIGGRAPH 1979.
//!
//! A pixel is filled if each channel differs from the seed by at most the seed threshold, and from the neighbour that it
//! was reached from by at most the floating one.

use crate::math::round;
use crate::pixel::by_format;
use crate::view::admits;
use crate::{Binary, Error, Pixel, Point, Scratch, View, ViewMut, bytes_for};

/// What to fill, and how.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FloodFill {
    /// Where the fill begins.
    pub seed: Point,
    /// Largest difference from the seed, as a share of the channel's range.
    pub seed_threshold: f32,
    /// Largest difference between neighbours, as a share of the channel's range.
    pub floating_threshold: f32,
    /// The pixel value to fill with.
    pub colour: u16,
    /// Fill everything but what was reached.
    pub invert: bool,
    /// Set the rest to 0.
    pub clear_background: bool,
}

/// A run of filled pixels whose neighbours are still to be looked at.
#[derive(Clone, Copy, bytemuck::Zeroable, bytemuck::Pod)]
#[repr(C)]
struct Run {
    y: u16,
    left: u16,
    right: u16,
}

/// Bytes of working memory that [`flood_fill`] needs at most for a picture of usual shapes; the worst ones ask for more.
pub fn flood_fill_scratch(width: usize, height: usize) -> usize {
    bytes_for::<u8>(Binary::FORMAT.image_bytes(width, height)) + bytes_for::<Run>(4 * (width + height))
}

/// Fills what hangs together with the seed; a seed outside the image fills nothing.
///
/// # Errors
/// [`Error::Scratch`] and, for shapes of extreme complexity, [`Error::Full`].
pub fn flood_fill(
    image: &mut ViewMut,
    fill: &FloodFill,
    mask: Option<&View>,
    mut scratch: Scratch,
) -> Result<(), Error> {
    if image.as_view().pixel(fill.seed.x, fill.seed.y).is_none() {
        return Ok(());
    }
    let bytes = Binary::FORMAT.image_bytes(image.width(), image.height());
    let reached = scratch.take::<u8>(bytes)?;
    by_format!(image.format(), P => reach::<P>(&image.as_view(), fill, reached, scratch))?;
    let row_bytes = Binary::FORMAT.row_bytes(image.width());
    for y in 0..image.height() {
        let row = &reached[y * row_bytes..];
        for x in 0..image.width() {
            if !admits(mask, x, y) {
                continue;
            }
            if (Binary::get(row, x) != 0) != fill.invert {
                image.set_pixel(x as i32, y as i32, fill.colour);
            } else if fill.clear_background {
                image.set_pixel(x as i32, y as i32, 0);
            }
        }
    }
    Ok(())
}

/// Sets the bits of all pixels that the fill reaches.
fn reach<P: Pixel>(
    image: &View,
    fill: &FloodFill,
    reached: &mut [u8],
    mut scratch: Scratch,
) -> Result<(), Error> {
    let limit = |share: f32| P::MAX.map(|max| round(share.clamp(0.0, 1.0) * max as f32));
    let (to_seed, to_neighbour) = (limit(fill.seed_threshold), limit(fill.floating_threshold));
    let seed = P::split(image.at(fill.seed.x as usize, fill.seed.y as usize));
    let near = |a: [i32; 3], b: [i32; 3], limit: [i32; 3]| {
        a.iter()
            .zip(b)
            .zip(limit)
            .all(|((a, b), limit)| (a - b).abs() <= limit)
    };
    let joins =
        |value: [i32; 3], from: [i32; 3]| near(value, seed, to_seed) && near(value, from, to_neighbour);
    let row_bytes = Binary::FORMAT.row_bytes(image.width());
    let value = |x: usize, y: usize| P::split(P::get(image.row(y), x));
    let mut open = scratch.list::<Run>(usize::MAX / 16, "runs of an area to fill")?;
    // Fills the run through (x, y), which joins, and returns it.
    let grow = |reached: &mut [u8], x: usize, y: usize| {
        let row = &mut reached[y * row_bytes..(y + 1) * row_bytes];
        let (mut left, mut right) = (x, x);
        while left > 0 && Binary::get(row, left - 1) == 0 && joins(value(left - 1, y), value(left, y)) {
            left -= 1;
        }
        while right + 1 < image.width()
            && Binary::get(row, right + 1) == 0
            && joins(value(right + 1, y), value(right, y))
        {
            right += 1;
        }
        for x in left..=right {
            Binary::put(row, x, 1);
        }
        Run {
            y: y as u16,
            left: left as u16,
            right: right as u16,
        }
    };
    open.push(grow(reached, fill.seed.x as usize, fill.seed.y as usize))?;
    while let Some(run) = open.pop() {
        crate::stop::check()?;
        let y = usize::from(run.y);
        let above = y.checked_sub(1);
        let below = Some(y + 1).filter(|below| *below < image.height());
        for next in [above, below].into_iter().flatten() {
            for x in usize::from(run.left)..=usize::from(run.right) {
                let free = Binary::get(&reached[next * row_bytes..], x) == 0;
                if free && joins(value(x, next), value(x, y)) {
                    open.push(grow(reached, x, next))?;
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Format;

    fn fill() -> FloodFill {
        FloodFill {
            seed: Point::new(0, 0),
            seed_threshold: 0.05,
            floating_threshold: 0.05,
            colour: 200,
            invert: false,
            clear_background: false,
        }
    }

    #[test]
    fn a_wall_stops_it() {
        let mut data = [0, 0, 99, 0, 0, 0, 99, 0, 0, 0, 99, 0];
        let mut memory = [0; 256];
        let mut image = ViewMut::new(&mut data, 4, 3, Format::Grey).unwrap();
        flood_fill(&mut image, &fill(), None, Scratch::new(&mut memory)).unwrap();
        assert_eq!(data, [200, 200, 99, 0, 200, 200, 99, 0, 200, 200, 99, 0]);
    }

    #[test]
    fn too_little_memory_is_an_error_and_outside_nothing() {
        let mut data = [0; 12];
        let mut image = ViewMut::new(&mut data, 4, 3, Format::Grey).unwrap();
        assert!(flood_fill(&mut image, &fill(), None, Scratch::none()).is_err());
        let outside = FloodFill {
            seed: Point::new(4, 0),
            ..fill()
        };
        assert!(flood_fill(&mut image, &outside, None, Scratch::none()).is_ok());
        assert_eq!(data, [0; 12]);
    }
}
