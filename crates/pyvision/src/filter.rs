//! Filters over a window: `mean`, `median` and so on. All can make a threshold of their result.

use upy::{Arguments, Error, Obj, Result, Room, Scratch, args, convert};
use vision::filter::{self, Adaptive, Bilateral, Kernel, MAX_KSIZE};
use vision::{Format, View, ViewMut};

use crate::Image;
use crate::parse::this;
use crate::picture::{told, view_of};

/// What all filters take besides.
struct Common<'a> {
    threshold: bool,
    offset: i32,
    invert: bool,
    mask: Option<&'a Image>,
}

impl<'a> Common<'a> {
    fn new(threshold: bool, offset: i32, invert: bool, mask: Option<&'a Image>) -> Self {
        Common {
            threshold,
            offset,
            invert,
            mask,
        }
    }

    fn adaptive<'b>(&self, mask: Option<View<'b>>) -> Adaptive<'b> {
        Adaptive {
            threshold: self.threshold,
            offset: self.offset,
            invert: self.invert,
            mask,
        }
    }
}

type Done = core::result::Result<(), vision::Error>;

/// Runs a filter on the image's pixels, with as much memory as it needs. Returns the image's object, for the next call of a chain.
fn filtered(
    (object, image): (Obj, &Image),
    ksize: usize,
    common: &Common,
    needs: fn(Format, usize, usize, usize) -> usize,
    run: impl FnOnce(&mut ViewMut, &Adaptive, vision::Scratch) -> Done,
) -> Result<Obj> {
    let mut pixels = image.pixels_mut()?;
    let mask = pixels.beside_mask(common.mask)?;
    let adaptive = common.adaptive(view_of(mask.as_ref())?);
    let mut view = pixels.view()?;
    // Beyond the largest window the library refuses; there is no need to ask for so much memory first.
    let window = ksize.min(MAX_KSIZE);
    let mut memory = Scratch::near(needs(view.format(), view.width(), view.height(), window))?;
    run(&mut view, &adaptive, vision::Scratch::new(memory.bytes())).map_err(told)?;
    Ok(object)
}

/// `mean(ksize, *, threshold=False, offset=0, invert=False, mask=None)`
pub fn mean(arguments: Arguments) -> Result<Obj> {
    let (object, image, rest) = this(arguments)?;
    args!(rest => ksize: usize, *, threshold: bool = false, offset: i32 = 0, invert: bool = false,
        mask: Option<&Image> = None);
    let common = Common::new(threshold, offset, invert, mask);
    filtered(
        (object, image),
        ksize,
        &common,
        filter::mean_scratch,
        |view, adaptive, scratch| filter::mean(view, ksize, adaptive, scratch),
    )
}

/// `median(ksize, *, percentile=0.5, threshold=False, offset=0, invert=False, mask=None)`
pub fn median(arguments: Arguments) -> Result<Obj> {
    let (object, image, rest) = this(arguments)?;
    args!(rest => ksize: usize, percentile: f32 = 0.5, *, threshold: bool = false, offset: i32 = 0,
        invert: bool = false, mask: Option<&Image> = None);
    let common = Common::new(threshold, offset, invert, mask);
    filtered(
        (object, image),
        ksize,
        &common,
        filter::median_scratch,
        |view, adaptive, scratch| filter::median(view, ksize, percentile, adaptive, scratch),
    )
}

/// `mode(ksize, *, threshold=False, offset=0, invert=False, mask=None)`
pub fn mode(arguments: Arguments) -> Result<Obj> {
    let (object, image, rest) = this(arguments)?;
    args!(rest => ksize: usize, *, threshold: bool = false, offset: i32 = 0, invert: bool = false,
        mask: Option<&Image> = None);
    let common = Common::new(threshold, offset, invert, mask);
    filtered(
        (object, image),
        ksize,
        &common,
        filter::mode_scratch,
        |view, adaptive, scratch| filter::mode(view, ksize, adaptive, scratch),
    )
}

/// `midpoint(ksize, *, bias=0.5, threshold=False, offset=0, invert=False, mask=None)`
pub fn midpoint(arguments: Arguments) -> Result<Obj> {
    let (object, image, rest) = this(arguments)?;
    args!(rest => ksize: usize, bias: f32 = 0.5, *, threshold: bool = false, offset: i32 = 0, invert: bool = false,
        mask: Option<&Image> = None);
    let common = Common::new(threshold, offset, invert, mask);
    filtered(
        (object, image),
        ksize,
        &common,
        filter::midpoint_scratch,
        |view, adaptive, scratch| filter::midpoint(view, ksize, bias, adaptive, scratch),
    )
}

/// The weights of a kernel: a list of all, or of rows.
fn weights(kernel: Obj, count: usize) -> Result<Room<i32>> {
    let wrong = || Error::Value(c"the kernel must have (2 * ksize + 1) ** 2 numbers, in one list or in rows");
    let list = kernel.sequence().ok_or(Error::Type(
        c"the kernel must be a list of numbers, or of rows of them",
    ))?;
    let mut room = Room::new(count)?;
    let mut places = room.as_mut_slice().iter_mut();
    for item in list.iter() {
        match item.sequence() {
            Some(row) => {
                for weight in row.iter() {
                    *places.next().ok_or_else(wrong)? = convert("kernel", &weight)?;
                }
            }
            None => *places.next().ok_or_else(wrong)? = convert("kernel", &item)?,
        }
    }
    if places.next().is_some() {
        return Err(wrong());
    }
    Ok(room)
}

/// `morph(ksize, kernel, *, mul=1.0, add=0.0, threshold=False, offset=0, invert=False, mask=None)`
pub fn morph(arguments: Arguments) -> Result<Obj> {
    let (object, image, rest) = this(arguments)?;
    args!(rest => ksize: usize, kernel: Obj, mul: f32 = 1.0, add: f32 = 0.0, *, threshold: bool = false,
        offset: i32 = 0, invert: bool = false, mask: Option<&Image> = None);
    let common = Common::new(threshold, offset, invert, mask);
    let side = 2 * ksize.min(MAX_KSIZE) + 1;
    let mut weights = weights(kernel, side * side)?;
    let kernel = Kernel {
        ksize,
        weights: weights.as_mut_slice(),
        mul,
        add,
    };
    filtered(
        (object, image),
        ksize,
        &common,
        filter::morph_scratch,
        |view, adaptive, scratch| filter::morph(view, &kernel, adaptive, scratch),
    )
}

/// `gaussian(ksize, *, unsharp=False, mul=1.0, add=0.0, threshold=False, offset=0, invert=False, mask=None)`
pub fn gaussian(arguments: Arguments) -> Result<Obj> {
    let (object, image, rest) = this(arguments)?;
    args!(rest => ksize: usize, unsharp: bool = false, mul: f32 = 1.0, add: f32 = 0.0, *, threshold: bool = false,
        offset: i32 = 0, invert: bool = false, mask: Option<&Image> = None);
    let common = Common::new(threshold, offset, invert, mask);
    filtered(
        (object, image),
        ksize,
        &common,
        filter::morph_scratch,
        |view, adaptive, scratch| filter::gaussian(view, ksize, unsharp, (mul, add), adaptive, scratch),
    )
}

/// `laplacian(ksize, *, sharpen=False, mul=1.0, add=0.0, threshold=False, offset=0, invert=False, mask=None)`
pub fn laplacian(arguments: Arguments) -> Result<Obj> {
    let (object, image, rest) = this(arguments)?;
    args!(rest => ksize: usize, sharpen: bool = false, mul: f32 = 1.0, add: f32 = 0.0, *, threshold: bool = false,
        offset: i32 = 0, invert: bool = false, mask: Option<&Image> = None);
    let common = Common::new(threshold, offset, invert, mask);
    filtered(
        (object, image),
        ksize,
        &common,
        filter::morph_scratch,
        |view, adaptive, scratch| filter::laplacian(view, ksize, sharpen, (mul, add), adaptive, scratch),
    )
}

/// `bilateral(ksize, *, color_sigma=0.1, space_sigma=1.0, threshold=False, offset=0, invert=False, mask=None)`
pub fn bilateral(arguments: Arguments) -> Result<Obj> {
    let (object, image, rest) = this(arguments)?;
    args!(rest => ksize: usize, color_sigma: f32 = 0.1, space_sigma: f32 = 1.0, *, threshold: bool = false,
        offset: i32 = 0, invert: bool = false, mask: Option<&Image> = None);
    let common = Common::new(threshold, offset, invert, mask);
    let widths = Bilateral {
        color_sigma,
        space_sigma,
    };
    filtered(
        (object, image),
        ksize,
        &common,
        filter::bilateral_scratch,
        |view, adaptive, scratch| filter::bilateral(view, ksize, &widths, adaptive, scratch),
    )
}
