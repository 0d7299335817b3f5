//! What scripts hand to an image: numbers loose or in a tuple, colours, regions, thresholds.

use upy::{Arguments, Error, FromObj, Kind, Mismatch, Obj, Result, convert, interpreter};
use vision::colour::rgb565;
use vision::{Format, Point, Region, Threshold};

use crate::Image;

/// What a method and the library may use of the stack together, beyond what every function may; `frames.rs` of the virtual board's
/// tests bounds each of their frames.
const STACK_BYTES: usize = 12 * 1024;

/// The image that a method is called for, as an object and as what it is, and the other arguments.
pub fn this<'a>(arguments: Arguments<'a>) -> Result<(Obj, &'a Image, Arguments<'a>)> {
    interpreter::stack_room(STACK_BYTES)?;
    let (object, rest) = arguments
        .split_first()
        .ok_or(Error::Type(c"argument 'self' is missing"))?;
    Ok((*object, convert("self", object)?, rest))
}

/// The first arguments as numbers: `N` loose ones, or the first `N` of one tuple or list.
pub fn numbers<'a, const N: usize>(
    what: &'static str,
    arguments: Arguments<'a>,
) -> Result<([i32; N], Arguments<'a>)> {
    let missing = || {
        Error::new(
            Kind::Type,
            format_args!("expected {what}: {N} numbers, or a tuple of them"),
        )
    };
    let (first, mut rest) = arguments.split_first().ok_or_else(missing)?;
    if first.sequence().is_some() {
        return Ok((of_sequence(what, *first)?, rest));
    }
    let mut numbers = [0; N];
    numbers[0] = convert(what, first)?;
    for number in &mut numbers[1..] {
        let (next, after) = rest.split_first().ok_or_else(missing)?;
        *number = convert(what, next)?;
        rest = after;
    }
    Ok((numbers, rest))
}

/// The first `N` numbers of a tuple or list; it may have more.
pub fn of_sequence<const N: usize>(what: &'static str, object: Obj) -> Result<[i32; N]> {
    let sequence = object.sequence().ok_or_else(|| {
        Error::new(
            Kind::Type,
            format_args!("{what} must be a tuple or list of {N} numbers"),
        )
    })?;
    let mut numbers = [0; N];
    for (at, number) in numbers.iter_mut().enumerate() {
        let item = sequence.get(at).ok_or_else(|| {
            let has = sequence.len();
            Error::new(
                Kind::Value,
                format_args!("{what} needs {N} numbers, the tuple has {has}"),
            )
        })?;
        *number = convert(what, &item)?;
    }
    Ok(numbers)
}

/// The first `N` real numbers of a tuple or list.
pub fn reals<const N: usize>(what: &'static str, object: Obj) -> Result<[f32; N]> {
    let sequence = object.sequence().filter(|items| items.len() >= N);
    let sequence = sequence.ok_or_else(|| {
        Error::new(
            Kind::Type,
            format_args!("{what} must be a tuple or list of {N} numbers"),
        )
    })?;
    let mut numbers = [0.0; N];
    for (number, item) in numbers.iter_mut().zip(sequence.iter()) {
        *number = convert(what, &item)?;
    }
    Ok(numbers)
}

/// A colour as a pixel value: an int as it is stored, or (r, g, b); white without.
pub fn colour(colour: Option<Obj>, format: Format) -> Result<u16> {
    let Some(object) = colour else {
        return Ok(format.white());
    };
    if object.sequence().is_some() {
        let rgb = of_sequence::<3>("color", object)?.map(|channel| channel.clamp(0, 255) as u8);
        let colour = rgb565::from_rgb(rgb);
        return Ok(match format {
            Format::Rgb565 => colour,
            Format::Grey => rgb565::luma(colour).into(),
            Format::Binary => (rgb565::luma(colour) > 127).into(),
        });
    }
    let value: i32 = convert("color", &object)?;
    Ok(match format {
        Format::Binary => (value != 0).into(),
        _ => value as u16 & format.white(),
    })
}

/// `roi`: (x, y, w, h).
#[derive(Clone, Copy)]
pub struct Roi(pub Region);

impl<'a> FromObj<'a> for Roi {
    fn from_obj(object: &'a Obj) -> core::result::Result<Roi, Mismatch> {
        let [x, y, w, h] = of_sequence("roi", *object)?;
        Ok(Roi(Region::new(x, y, w, h)))
    }
}

/// The region of a `roi` that may be missing.
pub fn region(roi: Option<Roi>) -> Option<Region> {
    roi.map(|roi| roi.0)
}

/// A pair of whole numbers.
#[derive(Clone, Copy)]
pub struct Pair(pub i32, pub i32);

impl<'a> FromObj<'a> for Pair {
    fn from_obj(object: &'a Obj) -> core::result::Result<Pair, Mismatch> {
        let [first, second] = of_sequence("the pair", *object)?;
        Ok(Pair(first, second))
    }
}

/// Four points, each a pair.
pub fn four_points(what: &'static str, object: Obj) -> Result<[Point; 4]> {
    let sequence = object.sequence().filter(|items| items.len() >= 4);
    let sequence = sequence.ok_or_else(|| {
        Error::new(
            Kind::Type,
            format_args!("{what} must be four points ((x, y), ...)"),
        )
    })?;
    let mut points = [Point::default(); 4];
    for (point, item) in points.iter_mut().zip(sequence.iter()) {
        let [x, y] = of_sequence(what, item)?;
        *point = Point::new(x, y);
    }
    Ok(points)
}

/// As many thresholds as a blob's code has bits.
const MOST_THRESHOLDS: usize = 32;

/// `thresholds`: a list of (low, high), or of (l_low, l_high, a_low, a_high, b_low, b_high).
pub struct Thresholds {
    list: [Threshold; MOST_THRESHOLDS],
    count: usize,
}

impl Thresholds {
    /// None at all.
    pub fn none() -> Thresholds {
        Thresholds {
            list: [Threshold::level(0, 0); MOST_THRESHOLDS],
            count: 0,
        }
    }

    /// As the library takes them.
    pub fn as_slice(&self) -> &[Threshold] {
        &self.list[..self.count]
    }
}

impl<'a> FromObj<'a> for Thresholds {
    fn from_obj(object: &'a Obj) -> core::result::Result<Thresholds, Mismatch> {
        let list = object
            .sequence()
            .ok_or(Mismatch::Kind("a list of thresholds such as [(0, 80)]"))?;
        let mut thresholds = Thresholds::none();
        for item in list.iter() {
            let place = thresholds.list.get_mut(thresholds.count);
            *place.ok_or(Mismatch::Range("at most 32 thresholds"))? = threshold(item)?;
            thresholds.count += 1;
        }
        Ok(thresholds)
    }
}

/// What is left out has its whole range.
fn threshold(object: Obj) -> core::result::Result<Threshold, Mismatch> {
    const KIND: Mismatch =
        Mismatch::Kind("a list of thresholds, each (low, high) or six numbers for L, a and b");
    let mut ends = [0, 255, -128, 127, -128, 127];
    let items = object.sequence().ok_or(KIND)?;
    if !matches!(items.len(), 1..=6) {
        return Err(Mismatch::Range("a list of thresholds of 2 or 6 numbers each"));
    }
    for (end, item) in ends.iter_mut().zip(items.iter()) {
        *end = i32::from_obj(&item).map_err(|_| KIND)?;
    }
    Ok(Threshold::lab(ends))
}

/// A tuple of whole numbers.
pub fn tuple(numbers: &[i32]) -> Result<Obj> {
    let mut objects = [Obj::NONE; 32];
    let count = numbers.len().min(objects.len());
    for (object, number) in objects.iter_mut().zip(numbers) {
        *object = Obj::from_i32(*number)?;
    }
    Obj::tuple(&objects[..count])
}

/// A tuple of points, each a pair.
pub fn points(points: &[Point]) -> Result<Obj> {
    let mut pairs = [Obj::NONE; 8];
    let count = points.len().min(pairs.len());
    for (pair, point) in pairs.iter_mut().zip(points) {
        *pair = tuple(&[point.x, point.y])?;
    }
    Obj::tuple(&pairs[..count])
}

/// The four numbers of a region.
pub fn rect(region: Region) -> Result<Obj> {
    tuple(&[region.x, region.y, region.w, region.h])
}
