//! One image made of another: copies, parts, other formats, JPEG and PNG.

use upy::{Arguments, Error, Obj, Result, Scratch, new_object};
use vision::codec::{Buffer, jpeg, png};
use vision::compose::{self, Op, Source};
use vision::{Format, PixFormat, View, ViewMut};

use crate::Image;
use crate::drawing::{Colours, Drawing, Making, making};
use crate::parse::this;
use crate::picture::{Beside, Shape, told};

/// What a method makes: pixels of a format, or of that of the source.
#[derive(Clone, Copy)]
enum Target {
    Same,
    Pixels(Format),
    Stream(PixFormat),
}

fn make(arguments: Arguments, target: Target, copies: bool, palette: Option<Colours>) -> Result<Obj> {
    let (object, image, rest) = this(arguments)?;
    let mut making = making(rest, copies)?;
    if making.drawing.colours.is_none() {
        making.drawing.colours = palette;
    }
    let from = image.shape().format;
    let (store, shape) = match target {
        // A compressed image is copied as it is.
        Target::Same if from.is_compressed() && !making.drawing.changes() => {
            (image.copied_bytes()?, image.shape())
        }
        Target::Same => pixels(image, from.pixels(), &making.drawing)?,
        Target::Pixels(format) => pixels(image, Some(format), &making.drawing)?,
        Target::Stream(kind) if kind == from && !making.drawing.changes() => {
            (image.copied_bytes()?, image.shape())
        }
        Target::Stream(kind) => stream(image, kind, &making)?,
    };
    if making.copy {
        return new_object(Image::over(store, shape));
    }
    image.replace(store, shape);
    Ok(object)
}

/// New pixels; without a format in that of the source, once it is unpacked.
fn pixels(image: &Image, format: Option<Format>, drawing: &Drawing) -> Result<(Obj, Shape)> {
    let source = Beside::of(image)?;
    let view = source.view()?;
    let how = drawing.compose(Op::Replace, None);
    let (width, height) = compose::scaled_size(&view, &how).map_err(told)?;
    // Colours need an image that has some.
    let usual = if drawing.colours.is_some() {
        Format::Rgb565
    } else {
        view.format()
    };
    let format = format.unwrap_or(usual);
    let shape = Shape::new(width, height, format.into())?;
    let store = Obj::bytearray(shape.bytes)?;
    {
        let mut bytes = store.buffer_to_fill()?;
        let mut made = ViewMut::new(bytes.as_mut_slice(), width, height, format).map_err(told)?;
        compose::compose(&mut made, &Source::Image(view), &how).map_err(told)?;
    }
    Ok((store, shape))
}

/// A JPEG or PNG stream.
fn stream(image: &Image, kind: PixFormat, making: &Making) -> Result<(Obj, Shape)> {
    if !making.drawing.changes() {
        let source = Beside::of(image)?;
        return packed(&source.view()?, kind, making);
    }
    let (store, shape) = pixels(image, image.shape().format.pixels(), &making.drawing)?;
    let between = Image::over(store, shape);
    let source = between.pixels()?;
    packed(&source.view()?, kind, making)
}

/// Pixels as a JPEG or PNG stream.
pub fn packed(view: &View, kind: PixFormat, making: &Making) -> Result<(Obj, Shape)> {
    let subsampling = match making.subsampling {
        0 => jpeg::Subsampling::Auto,
        1 => jpeg::Subsampling::S444,
        2 => jpeg::Subsampling::S422,
        3 => jpeg::Subsampling::S420,
        _ => {
            return Err(Error::Value(
                c"subsampling must be one of image.JPEG_SUBSAMPLING_...",
            ));
        }
    };
    let raw_bytes = view.data().len();
    let mut room_bytes = 1024 + raw_bytes / 2;
    loop {
        let mut room = Scratch::leaf(room_bytes)?;
        let mut sink = Buffer::new(room.bytes());
        let result = if kind == PixFormat::Jpeg {
            jpeg::encode(view, making.quality, subsampling, &mut sink)
        } else {
            let mut scratch = Scratch::leaf(png::encode_scratch(view.format(), view.width(), view.height()))?;
            png::encode(view, vision::Scratch::new(scratch.bytes()), &mut sink)
        };
        match result {
            Ok(()) => {
                let mut shape = Shape::new(view.width(), view.height(), kind)?;
                shape.bytes = sink.len();
                let store = Obj::bytearray(shape.bytes)?;
                store
                    .buffer_to_fill()?
                    .as_mut_slice()
                    .copy_from_slice(sink.written());
                return Ok((store, shape));
            }
            // It was larger than its pixels would suggest.
            Err(vision::Error::Buffer { .. }) if room_bytes < 8 * raw_bytes + 4096 => room_bytes *= 2,
            Err(error) => return Err(told(error)),
        }
    }
}

pub fn to_bitmap(arguments: Arguments) -> Result<Obj> {
    make(arguments, Target::Pixels(Format::Binary), false, None)
}

pub fn to_grayscale(arguments: Arguments) -> Result<Obj> {
    make(arguments, Target::Pixels(Format::Grey), false, None)
}

pub fn to_rgb565(arguments: Arguments) -> Result<Obj> {
    make(arguments, Target::Pixels(Format::Rgb565), false, None)
}

pub fn to_rainbow(arguments: Arguments) -> Result<Obj> {
    let palette = Colours::BuiltIn(&vision::colour::palette::RAINBOW);
    make(arguments, Target::Pixels(Format::Rgb565), false, Some(palette))
}

pub fn to_ironbow(arguments: Arguments) -> Result<Obj> {
    let palette = Colours::BuiltIn(&vision::colour::palette::IRONBOW);
    make(arguments, Target::Pixels(Format::Rgb565), false, Some(palette))
}

pub fn to_jpeg(arguments: Arguments) -> Result<Obj> {
    make(arguments, Target::Stream(PixFormat::Jpeg), false, None)
}

pub fn to_png(arguments: Arguments) -> Result<Obj> {
    make(arguments, Target::Stream(PixFormat::Png), false, None)
}

/// `copy(...)`: a new image.
pub fn copy(arguments: Arguments) -> Result<Obj> {
    make(arguments, Target::Same, true, None)
}

/// `crop(...)`, also `scale(...)`: the same image, changed.
pub fn crop(arguments: Arguments) -> Result<Obj> {
    make(arguments, Target::Same, false, None)
}
