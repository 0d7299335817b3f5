//! Making an image, and what it says of itself and of single pixels.

use core::cell::Cell;
use core::fmt::{self, Write};

use upy::{Access, Arguments, Error, Kind, Obj, Printer, Result, args, class, convert, new_object, sys};
use vision::colour::rgb565;
use vision::{Format, PixFormat};

use crate::parse::{colour, numbers, this, tuple};
use crate::picture::{Shape, told};
use crate::{Image, file};

/// `Image(path)`, or `Image(width, height, pixformat, *, buffer=None, copy_to_fb=False)`.
pub fn new(arguments: Arguments) -> Result<Obj> {
    let (first, rest) = arguments
        .split_first()
        .ok_or(Error::Type(c"Image needs a path, or width, height and a format"))?;
    if first.is_str() {
        args!(rest => *, copy_to_fb: bool = false);
        let _ = copy_to_fb;
        return file::load(*first);
    }
    args!(arguments => [width: usize, height: usize, pixformat: u32], *, buffer: Option<Obj> = None,
        copy_to_fb: bool = false);
    // There is one memory for all images.
    let _ = copy_to_fb;
    let format = format(pixformat)?;
    let mut shape = Shape::new(width, height, format)?;
    let Some(store) = buffer else {
        if format.is_compressed() {
            return Err(Error::Value(
                c"a JPEG or PNG image needs buffer=, the bytes of the stream; or make one by to_jpeg()",
            ));
        }
        return Image::zeros(shape);
    };
    let bytes = store.buffer()?;
    if format.is_compressed() {
        shape.bytes = bytes.len();
    } else if bytes.len() < shape.bytes {
        return Err(told(vision::Error::Buffer {
            needed_bytes: shape.bytes,
            has_bytes: bytes.len(),
        }));
    }
    new_object(Image::over(store, shape))
}

/// The format of a script's number.
pub fn format(code: u32) -> Result<PixFormat> {
    PixFormat::from_code(code).ok_or_else(|| {
        Error::new(
            Kind::Value,
            format_args!(
                "{code} is no pixel format; use image.GRAYSCALE, image.RGB565, image.BINARY and the like"
            ),
        )
    })
}

/// `{"w":320, "h":240, "type":"grayscale", "size":76800}`
pub fn print(image: &Image, printer: &mut Printer) -> fmt::Result {
    let Shape {
        width,
        height,
        format,
        bytes,
    } = image.shape();
    let kind = format.name();
    write!(
        printer,
        "{{\"w\":{width}, \"h\":{height}, \"type\":\"{kind}\", \"size\":{bytes}}}"
    )
}

pub fn width(image: &Image) -> Result<u32> {
    Ok(image.shape().width as u32)
}

pub fn height(image: &Image) -> Result<u32> {
    Ok(image.shape().height as u32)
}

pub fn pixformat(image: &Image) -> Result<u32> {
    Ok(image.shape().format as u32)
}

pub fn size(image: &Image) -> Result<u32> {
    Ok(image.shape().bytes as u32)
}

/// `bytearray()`: the very bytes, not a copy.
pub fn bytearray(image: &Image) -> Result<Obj> {
    image.store()
}

/// `get_pixel((x, y), *, rgbtuple=None)`: None outside.
pub fn get_pixel(arguments: Arguments) -> Result<Option<Obj>> {
    let (_, image, rest) = this(arguments)?;
    let ([x, y], rest) = numbers("(x, y)", rest)?;
    args!(rest => rgbtuple: Option<bool> = None);
    let pixels = image.pixels()?;
    let view = pixels.view()?;
    let Some(value) = view.pixel(x, y) else {
        return Ok(None);
    };
    let format = view.format();
    if !rgbtuple.unwrap_or(format == Format::Rgb565) {
        return Ok(Some(Obj::small_int(value.into())));
    }
    let colour = match format {
        Format::Rgb565 => value,
        Format::Grey => rgb565::from_grey(value as u8),
        Format::Binary => {
            if value != 0 {
                0xFFFF
            } else {
                0
            }
        }
    };
    tuple(&rgb565::to_rgb(colour).map(i32::from)).map(Some)
}

/// `set_pixel((x, y), color=None)`: outside nothing happens.
pub fn set_pixel(arguments: Arguments) -> Result<Obj> {
    let (object, image, rest) = this(arguments)?;
    let ([x, y], rest) = numbers("(x, y)", rest)?;
    args!(rest => color: Option<Obj> = None);
    let mut pixels = image.pixels_mut()?;
    let mut view = pixels.view()?;
    let value = colour(color, view.format())?;
    view.set_pixel(x, y, value);
    Ok(object)
}

/// How many pixels, or bytes if it is compressed.
fn length(shape: Shape) -> usize {
    if shape.format.is_compressed() {
        shape.bytes
    } else {
        shape.width * shape.height
    }
}

/// `len(image)`
pub fn unary(image: &Image, operation: sys::mp_unary_op_t) -> Result<Option<Obj>> {
    match operation {
        sys::MP_UNARY_OP_BOOL => Ok(Some(Obj::TRUE)),
        sys::MP_UNARY_OP_LEN => Ok(Some(Obj::small_int(length(image.shape()) as i32))),
        _ => Ok(None),
    }
}

/// `image[i]`: pixels in rows; bytes if it is compressed.
pub fn subscr(image: &Image, index: Obj, access: Access) -> Result<Option<Obj>> {
    let shape = image.shape();
    let count = length(shape) as i32;
    let asked: i32 = convert("index", &index)?;
    let at = if asked < 0 { asked + count } else { asked };
    if !(0..count).contains(&at) {
        return Err(Error::new(
            Kind::Index,
            format_args!("index {asked} in an image of {count} pixels"),
        ));
    }
    let width = shape.width as i32;
    match access {
        Access::Load if shape.format.pixels().is_none() => {
            let pixels = image.pixels()?;
            Ok(pixels
                .bytes()
                .get(at as usize)
                .map(|byte| Obj::small_int((*byte).into())))
        }
        Access::Load => {
            let pixels = image.pixels()?;
            Ok(pixels
                .view()?
                .pixel(at % width, at / width)
                .map(|value| Obj::small_int(value.into())))
        }
        Access::Store(value) => {
            let mut pixels = image.pixels_mut()?;
            let mut view = pixels.view()?;
            let value = colour(Some(value), view.format())?;
            view.set_pixel(at % width, at / width, value);
            Ok(Some(Obj::NONE))
        }
        Access::Delete => Err(Error::Type(c"pixels cannot be deleted")),
    }
}

/// What `iter(image)` gives.
pub struct PixelIterator {
    image: Obj,
    next: Cell<i32>,
}

class! {
    PixelIterator as "an iterator over pixels" { next: next }
}

/// `for pixel in image`
pub fn iter(object: Obj) -> Result<Obj> {
    new_object(PixelIterator {
        image: object,
        next: Cell::new(0),
    })
}

fn next(pixels: &PixelIterator) -> Result<Option<Obj>> {
    let image: &Image = convert("image", &pixels.image)?;
    let at = pixels.next.get();
    if at as usize >= length(image.shape()) {
        return Ok(None);
    }
    pixels.next.set(at + 1);
    subscr(image, Obj::small_int(at), Access::Load)
}

/// The bytes for a caller that takes a buffer: those of the object that holds them.
pub fn store(image: &Image) -> Option<Obj> {
    image.store().ok()
}

/// `to_ndarray(dtype, *, buffer=None)` gives an array of the module `ulab`, which is not in this firmware.
pub fn to_ndarray(arguments: Arguments) -> Result<Obj> {
    let (_, _, rest) = this(arguments)?;
    args!(rest => dtype: Obj, *, buffer: Option<Obj> = None);
    let _ = (dtype, buffer);
    Err(Error::new(
        Kind::NotImplemented,
        format_args!(
            "to_ndarray() makes an array of module ulab, which this firmware does not have; bytearray() has the pixels"
        ),
    ))
}
