//! Black and white: thresholds, inversion, morphology.

use upy::{Arguments, Obj, Result, Scratch, args, convert, new_object};
use vision::binary::{self, Binarize};
use vision::{Format, PixFormat, View, ViewMut};

use crate::Image;
use crate::parse::{Thresholds, this};
use crate::picture::{Shape, told, view_of};

/// `binary(thresholds, *, invert=False, zero=False, mask=None, to_bitmap=False, copy=False)`
pub fn binary(arguments: Arguments) -> Result<Obj> {
    let (object, image, rest) = this(arguments)?;
    args!(rest => thresholds: Thresholds, *, invert: bool = false, zero: bool = false, mask: Option<&Image> = None,
        to_bitmap: bool = false, copy: bool = false);
    if to_bitmap {
        return bitmap(object, image, &thresholds, invert, mask, copy);
    }
    let object = if copy { image.copied()? } else { object };
    let image: &Image = convert("self", &object)?;
    let mut pixels = image.pixels_mut()?;
    let mask = pixels.beside_mask(mask)?;
    let how = Binarize {
        thresholds: thresholds.as_slice(),
        invert,
        zero,
        mask: view_of(mask.as_ref())?,
    };
    binary::binarize(&mut pixels.view()?, &how).map_err(told)?;
    Ok(object)
}

/// The result as one bit a pixel.
fn bitmap(
    object: Obj,
    image: &Image,
    thresholds: &Thresholds,
    invert: bool,
    mask: Option<&Image>,
    copy: bool,
) -> Result<Obj> {
    let pixels = image.pixels()?;
    let view = pixels.view()?;
    let mask = mask.map(Image::pixels).transpose()?;
    let how = Binarize {
        thresholds: thresholds.as_slice(),
        invert,
        zero: false,
        mask: mask.as_ref().map(|mask| mask.view()).transpose()?,
    };
    let shape = Shape::new(view.width(), view.height(), PixFormat::Binary)?;
    let store = Obj::bytearray(shape.bytes)?;
    {
        let mut bytes = store.buffer_to_fill()?;
        let mut bits =
            ViewMut::new(bytes.as_mut_slice(), shape.width, shape.height, Format::Binary).map_err(told)?;
        binary::binarize_to(&mut bits, &view, &how).map_err(told)?;
    }
    if copy {
        return new_object(Image::over(store, shape));
    }
    image.replace(store, shape);
    Ok(object)
}

/// `invert()`
pub fn invert(arguments: Arguments) -> Result<Obj> {
    let (object, image, rest) = this(arguments)?;
    args!(rest => );
    binary::invert(&mut image.pixels_mut()?.view()?);
    Ok(object)
}

/// Beyond it the library refuses; there is no need to ask for so much memory first.
const MOST_KSIZE: usize = 128;

type Operation =
    fn(&mut ViewMut, usize, i32, Option<&View>, vision::Scratch) -> core::result::Result<(), vision::Error>;

/// `ksize, *, threshold=0, mask=None`
fn morphology(
    arguments: Arguments,
    operation: Operation,
    needs: fn(Format, usize, usize, usize) -> usize,
) -> Result<Obj> {
    let (object, image, rest) = this(arguments)?;
    args!(rest => ksize: usize, threshold: i32 = 0, *, mask: Option<&Image> = None);
    let mut pixels = image.pixels_mut()?;
    let mask = pixels.beside_mask(mask)?;
    let mask = view_of(mask.as_ref())?;
    let mut view = pixels.view()?;
    let bytes = needs(view.format(), view.width(), view.height(), ksize.min(MOST_KSIZE));
    let mut memory = Scratch::near(bytes)?;
    operation(
        &mut view,
        ksize,
        threshold,
        mask.as_ref(),
        vision::Scratch::new(memory.bytes()),
    )
    .map_err(told)?;
    Ok(object)
}

pub fn erode(arguments: Arguments) -> Result<Obj> {
    morphology(arguments, binary::erode, binary::morphology_scratch)
}

pub fn dilate(arguments: Arguments) -> Result<Obj> {
    morphology(arguments, binary::dilate, binary::morphology_scratch)
}

pub fn open(arguments: Arguments) -> Result<Obj> {
    morphology(arguments, binary::open, binary::morphology_scratch)
}

pub fn close(arguments: Arguments) -> Result<Obj> {
    morphology(arguments, binary::close, binary::morphology_scratch)
}

pub fn top_hat(arguments: Arguments) -> Result<Obj> {
    morphology(arguments, binary::top_hat, binary::hat_scratch)
}

pub fn black_hat(arguments: Arguments) -> Result<Obj> {
    morphology(arguments, binary::black_hat, binary::hat_scratch)
}
