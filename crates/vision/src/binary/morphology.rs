//! Shapes that shrink and grow: J. Serra, "Image Analysis and Mathematical Morphology", 1982, with a square of
//! 2 `ksize` + 1 pixels whose middle does not count.
//!
//! A pixel is set if it is not 0. Outside the image its edge pixels are repeated. Counting goes by sums of columns that run
//! down and across, so that time does not depend on the square's size.

use crate::compose::{Compose, Op, Source, compose};
use crate::filter::{MAX_KSIZE, in_place, ring_bytes};
use crate::pixel::by_format;
use crate::view::admits;
use crate::{Error, Format, Pixel, Scratch, View, ViewMut, bytes_for};

/// Bytes of working memory that [`erode`], [`dilate`], [`open`] and [`close`] need.
pub fn morphology_scratch(format: Format, width: usize, height: usize, ksize: usize) -> usize {
    ring_bytes(format, width, height, ksize + 1) + bytes_for::<u16>(width)
}

/// Bytes of working memory that [`top_hat`] and [`black_hat`] need.
pub fn hat_scratch(format: Format, width: usize, height: usize, ksize: usize) -> usize {
    bytes_for::<u8>(format.image_bytes(width, height)) + morphology_scratch(format, width, height, ksize)
}

/// Blackens a pixel if more than `threshold` of its neighbours are not set.
///
/// # Errors
/// A `ksize` above 127, too little memory.
pub fn erode(
    image: &mut ViewMut,
    ksize: usize,
    threshold: i32,
    mask: Option<&View>,
    scratch: Scratch,
) -> Result<(), Error> {
    let neighbours = ((2 * ksize + 1) * (2 * ksize + 1)) as i32 - 1;
    change(image, ksize, mask, scratch, 0, |set| {
        set < neighbours.saturating_sub(threshold)
    })
}

/// Whitens a pixel if more than `threshold` of its neighbours are set.
///
/// # Errors
/// A `ksize` above 127, too little memory.
pub fn dilate(
    image: &mut ViewMut,
    ksize: usize,
    threshold: i32,
    mask: Option<&View>,
    scratch: Scratch,
) -> Result<(), Error> {
    let white = image.format().white();
    change(image, ksize, mask, scratch, white, |set| set > threshold)
}

/// Erodes, then dilates: small spots vanish.
///
/// # Errors
/// Those of [`erode`].
pub fn open(
    image: &mut ViewMut,
    ksize: usize,
    threshold: i32,
    mask: Option<&View>,
    mut scratch: Scratch,
) -> Result<(), Error> {
    erode(image, ksize, threshold, mask, scratch.step())?;
    dilate(image, ksize, threshold, mask, scratch)
}

/// Dilates, then erodes: small holes vanish.
///
/// # Errors
/// Those of [`erode`].
pub fn close(
    image: &mut ViewMut,
    ksize: usize,
    threshold: i32,
    mask: Option<&View>,
    mut scratch: Scratch,
) -> Result<(), Error> {
    dilate(image, ksize, threshold, mask, scratch.step())?;
    erode(image, ksize, threshold, mask, scratch)
}

/// What opening takes away.
///
/// # Errors
/// Those of [`erode`].
pub fn top_hat(
    image: &mut ViewMut,
    ksize: usize,
    threshold: i32,
    mask: Option<&View>,
    scratch: Scratch,
) -> Result<(), Error> {
    hat(image, mask, scratch, |copy, scratch| {
        open(copy, ksize, threshold, mask, scratch)
    })
}

/// What closing adds.
///
/// # Errors
/// Those of [`erode`].
pub fn black_hat(
    image: &mut ViewMut,
    ksize: usize,
    threshold: i32,
    mask: Option<&View>,
    scratch: Scratch,
) -> Result<(), Error> {
    hat(image, mask, scratch, |copy, scratch| {
        close(copy, ksize, threshold, mask, scratch)
    })
}

/// The difference between an image and what becomes of its copy.
fn hat(
    image: &mut ViewMut,
    mask: Option<&View>,
    mut scratch: Scratch,
    work: impl FnOnce(&mut ViewMut, Scratch) -> Result<(), Error>,
) -> Result<(), Error> {
    let data = scratch.take_dirty::<u8>(image.data_mut().len())?;
    data.copy_from_slice(image.data_mut());
    let mut copy = ViewMut::new(data, image.width(), image.height(), image.format())?;
    work(&mut copy, scratch)?;
    let how = Compose {
        op: Op::Difference,
        mask: mask.copied(),
        ..Compose::default()
    };
    compose(image, &Source::Image(copy.as_view()), &how)
}

/// Writes `value` where `when` says so for the number of neighbours that are set.
fn change(
    image: &mut ViewMut,
    ksize: usize,
    mask: Option<&View>,
    mut scratch: Scratch,
    value: u16,
    when: impl Fn(i32) -> bool,
) -> Result<(), Error> {
    if ksize > MAX_KSIZE {
        return Err(Error::Argument {
            name: "size",
            found: ksize as f32,
            expected: "0 to 127",
        });
    }
    let columns = scratch.take::<u16>(image.width())?;
    by_format!(image.format(), P => {
        in_place(image, ksize + 1, &mut scratch, |old, y, new| {
            count::<P>(old, y, ksize, columns);
            let last = columns.len() as isize - 1;
            let reach = ksize as isize;
            let column = |x: isize| i32::from(columns[x.clamp(0, last) as usize]);
            let mut set: i32 = (-reach - 1..reach).map(column).sum();
            let row = old.row(y);
            for x in 0..columns.len() {
                let at = x as isize;
                set += column(at + reach) - column(at - reach - 1);
                let neighbours = set - i32::from(P::get(row, x) != 0);
                if when(neighbours) && admits(mask, x, y) {
                    P::put(new, x, value);
                }
            }
        })
    })
}

/// How many pixels are set in each column of the windows of row `y`, from those of the row before.
fn count<P: Pixel>(old: &View, y: usize, ksize: usize, columns: &mut [u16]) {
    let (y, reach) = (y as isize, ksize as isize);
    let mut add = |row: &[u8], step: u16| {
        for (x, column) in columns.iter_mut().enumerate() {
            if P::get(row, x) != 0 {
                *column = column.wrapping_add(step);
            }
        }
    };
    if y == 0 {
        for step in -reach..=reach {
            add(old.row_clamped(step), 1);
        }
    } else {
        add(old.row_clamped(y - reach - 1), u16::MAX);
        add(old.row_clamped(y + reach), 1);
    }
}
