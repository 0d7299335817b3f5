//! One image drawn into another: copying, cropping, scaling, blending, palettes, and arithmetic between two images.
//!
//! All of it is one walk over the pixels of the destination; each asks for its source (`sample`) at the place that the
//! geometry names (`place`), and combines it with what is there (`op`).

mod hints;
mod how;
mod op;
mod place;
mod sample;

pub use hints::Hints;
pub use how::Compose;
pub use op::Op;

use crate::colour::rgb565;
use crate::pixel::by_format;
use crate::view::admits;
use crate::words::combine;
use crate::{Binary, Error, Format, Grey, Pixel, Rgb565, View, ViewMut, stop};
use op::by_op;
use place::Place;
use sample::Sampler;

/// What is drawn.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// An image.
    Image(View<'a>),
    /// The same pixel value, of the destination's format, everywhere.
    Value(u16),
}

/// Width and height that a source has once it is scaled and turned.
///
/// # Errors
/// A region outside the source, or a scale that leaves no pixel or too many.
pub fn scaled_size(source: &View, how: &Compose) -> Result<(usize, usize), Error> {
    let area = source.area_of(how.roi)?;
    place::scaled(area, how)
}

/// Draws `source` into `image`.
///
/// # Errors
/// A region outside the source, a scale or a channel that is none, a transform without inverse.
pub fn compose(image: &mut ViewMut, source: &Source, how: &Compose) -> Result<(), Error> {
    match source {
        Source::Value(value) => fill(image, *value, how),
        Source::Image(source) => {
            let place = Place::new(image, source, how)?;
            if place.is_plain(how) {
                if source.format() == image.format() {
                    return by_format!(image.format(), P => plain::<P>(image, source, how, &place));
                }
                return by_format!(image.format(), P => converted::<P>(image, source, how, &place));
            }
            let sampler = Sampler::new(source, how, &place)?;
            by_format!(image.format(), P => drawn::<P>(image, how, &place, &sampler))
        }
    }
}

/// Every pixel with one value.
fn fill(image: &mut ViewMut, value: u16, how: &Compose) -> Result<(), Error> {
    let (width, height) = (image.width(), image.height());
    by_format!(image.format(), P => for y in 0..height {
        stop::check()?;
        let row = image.row_mut(y);
        for x in 0..width {
            if admits(how.mask.as_ref(), x, y) {
                let old = P::get(row, x);
                let new = how.op.apply::<P>(old, value);
                P::put(row, x, op::mix::<P>(old, new, how.alpha));
            }
        }
    });
    Ok(())
}

/// The same format and size: row by row.
fn plain<P: Pixel>(image: &mut ViewMut, source: &View, how: &Compose, place: &Place) -> Result<(), Error> {
    let is_whole = how.mask.is_none() && how.alpha == 255 && P::FORMAT != Format::Binary;
    if is_whole && how.op.is_bitwise() {
        return in_words::<P>(image, source, how, place);
    }
    by_op!(how.op, of => walk::<P>(image, source, how, place, P::get, |old, new| of.apply::<P>(old, new)))
}

/// Operations that take a word as well as a pixel.
fn in_words<P: Pixel>(image: &mut ViewMut, source: &View, how: &Compose, place: &Place) -> Result<(), Error> {
    let bytes = P::FORMAT.row_bytes(1);
    let columns = place.columns();
    if columns.is_empty() {
        return Ok(());
    }
    for y in place.rows() {
        stop::check()?;
        let (from_x, from_y) = place.nearest(columns.start, y);
        let from = &source.row(from_y)[from_x * bytes..][..columns.len() * bytes];
        let row = &mut image.row_mut(y)[columns.start * bytes..columns.end * bytes];
        match how.op {
            Op::And => combine(row, from, |a, b| a & b),
            Op::Nand => combine(row, from, |a, b| !(a & b)),
            Op::Or => combine(row, from, |a, b| a | b),
            Op::Nor => combine(row, from, |a, b| !(a | b)),
            Op::Xor => combine(row, from, |a, b| a ^ b),
            Op::Xnor => combine(row, from, |a, b| !(a ^ b)),
            _ => row.copy_from_slice(from),
        }
    }
    Ok(())
}

/// Another format, the same size.
fn converted<P: Pixel>(
    image: &mut ViewMut,
    source: &View,
    how: &Compose,
    place: &Place,
) -> Result<(), Error> {
    let of = |old, new| how.op.apply::<P>(old, new);
    match source.format() {
        Format::Rgb565 => walk::<P>(
            image,
            source,
            how,
            place,
            |row, x| P::from_rgb565(Rgb565::get(row, x)),
            of,
        ),
        Format::Grey => walk::<P>(
            image,
            source,
            how,
            place,
            |row, x| P::from_grey(Grey::grey(Grey::get(row, x))),
            of,
        ),
        Format::Binary => walk::<P>(
            image,
            source,
            how,
            place,
            |row, x| P::from_grey(Binary::grey(Binary::get(row, x))),
            of,
        ),
    }
}

/// Pixel by pixel, none of which is scaled or turned.
#[inline]
fn walk<P: Pixel>(
    image: &mut ViewMut,
    source: &View,
    how: &Compose,
    place: &Place,
    get: impl Fn(&[u8], usize) -> u16,
    of: impl Fn(u16, u16) -> u16,
) -> Result<(), Error> {
    let columns = place.columns();
    for y in place.rows() {
        stop::check()?;
        let (from_x, from_y) = place.nearest(columns.start, y);
        let from = source.row(from_y);
        let row = image.row_mut(y);
        if how.mask.is_none() && how.alpha == 255 {
            for (x, from_x) in columns.clone().zip(from_x..) {
                P::put(row, x, of(P::get(row, x), get(from, from_x)));
            }
            continue;
        }
        for (x, from_x) in columns.clone().zip(from_x..) {
            if admits(how.mask.as_ref(), x, y) {
                let old = P::get(row, x);
                let new = of(old, get(from, from_x));
                P::put(row, x, op::mix::<P>(old, new, how.alpha));
            }
        }
    }
    Ok(())
}

/// Anything else: pixel by pixel.
fn drawn<P: Pixel>(
    image: &mut ViewMut,
    how: &Compose,
    place: &Place,
    sampler: &Sampler,
) -> Result<(), Error> {
    let black = how.hints.has(Hints::BLACK_BACKGROUND);
    for y in place.rows() {
        stop::check()?;
        let row = image.row_mut(y);
        for x in place.columns() {
            if !admits(how.mask.as_ref(), x, y) {
                continue;
            }
            let Some(sample) = sampler.at(place, x, y) else {
                continue;
            };
            let old = if black { 0 } else { P::get(row, x) };
            let value = match sample.colour {
                sample::Colour::Grey(grey) => P::from_grey(grey),
                sample::Colour::Rgb(rgb) => P::from_rgb565(rgb565::from_rgb(rgb)),
            };
            let new = how.op.apply::<P>(old, value);
            P::put(row, x, op::mix::<P>(old, new, sample.alpha));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_outside_changes_nothing() {
        for format in [Format::Binary, Format::Grey, Format::Rgb565] {
            let source = [0xA5; 32];
            let source = View::new(&source, 4, 4, format).unwrap();
            let places = [
                (4, 0),
                (-4, 0),
                (0, 4),
                (0, -4),
                (400, 1),
                (-400, 1),
                (i32::MAX, i32::MIN),
                (i32::MIN, 2),
            ];
            for (x, y) in places {
                for (op, x_scale, alpha) in [
                    (Op::Replace, 1.0, 255),
                    (Op::And, 1.0, 255),
                    (Op::Add, 1.0, 255),
                    (Op::Replace, 1.0, 90),
                    (Op::Replace, -1.0, 255),
                ] {
                    let mut data = [7; 32];
                    let mut image = ViewMut::new(&mut data, 4, 4, format).unwrap();
                    let how = Compose {
                        x,
                        y,
                        x_scale,
                        alpha,
                        op,
                        ..Compose::default()
                    };
                    compose(&mut image, &Source::Image(source), &how).unwrap();
                    assert_eq!(data, [7; 32], "{format:?} at {x}, {y}");
                }
            }
        }
    }

    #[test]
    fn a_copy_at_an_offset_is_cut_at_the_edges() {
        let source = [1, 2, 3, 4];
        let source = View::new(&source, 2, 2, Format::Grey).unwrap();
        let mut data = [0; 9];
        let mut image = ViewMut::new(&mut data, 3, 3, Format::Grey).unwrap();
        let how = Compose {
            x: -1,
            y: 2,
            ..Compose::default()
        };
        compose(&mut image, &Source::Image(source), &how).unwrap();
        assert_eq!(data, [0, 0, 0, 0, 0, 0, 2, 0, 0]);
    }

    #[test]
    fn half_alpha_is_the_mean() {
        let source = [200];
        let source = View::new(&source, 1, 1, Format::Grey).unwrap();
        let mut data = [100];
        let mut image = ViewMut::new(&mut data, 1, 1, Format::Grey).unwrap();
        let how = Compose {
            alpha: 127,
            ..Compose::default()
        };
        compose(&mut image, &Source::Image(source), &how).unwrap();
        assert_eq!(data, [149]);
    }

    #[test]
    fn bad_numbers_are_refused() {
        let source = [0; 4];
        let source = View::new(&source, 2, 2, Format::Grey).unwrap();
        let mut data = [0; 4];
        let mut image = ViewMut::new(&mut data, 2, 2, Format::Grey).unwrap();
        for how in [
            Compose {
                x_scale: f32::NAN,
                ..Compose::default()
            },
            Compose {
                x_scale: 0.0,
                ..Compose::default()
            },
            Compose {
                y_scale: 1e9,
                ..Compose::default()
            },
            Compose {
                rgb_channel: Some(3),
                ..Compose::default()
            },
            Compose {
                transform: Some([0.0; 9]),
                ..Compose::default()
            },
        ] {
            assert!(
                compose(&mut image, &Source::Image(source), &how).is_err(),
                "{how:?}"
            );
        }
    }
}
