//! `image.Image`: width, height and format, over bytes that are a Python object of their own, a bytearray as a rule.

use core::cell::Cell;

use upy::{Buffer, BufferMut, Error, Kind, Obj, ObjCell, Result, Scratch, new_object};
use vision::codec::{Info, jpeg, png};
use vision::colour::mosaic;
use vision::{PixFormat, View, ViewMut};

use crate::interrupt;

/// What an image is, without its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Pixels.
    pub width: usize,
    /// Pixels.
    pub height: usize,
    /// How pixels lie in memory.
    pub format: PixFormat,
    /// Bytes of the pixels, or of the stream if it is compressed.
    pub bytes: usize,
}

impl Shape {
    /// Of an image whose size follows from its sides. ValueError if a side is none.
    pub fn new(width: usize, height: usize, format: PixFormat) -> Result<Shape> {
        if !(1..=vision::MAX_SIDE).contains(&width) || !(1..=vision::MAX_SIDE).contains(&height) {
            return Err(told(vision::Error::Size { width, height }));
        }
        let bytes = match format.pixels() {
            Some(format) => format.image_bytes(width, height),
            None if format == PixFormat::Bayer => width * height,
            None if format == PixFormat::Yuv422 => 2 * width * height,
            None => 0,
        };
        Ok(Shape {
            width,
            height,
            format,
            bytes,
        })
    }
}

/// `image.Image`
pub struct Image {
    /// What holds the bytes; None if the image was released.
    store: ObjCell,
    shape: Cell<Shape>,
}

impl Image {
    /// Over the bytes of an object with the buffer protocol.
    pub fn over(store: Obj, shape: Shape) -> Image {
        Image {
            store: ObjCell::new(store),
            shape: Cell::new(shape),
        }
    }

    /// A new object, all zeros.
    pub fn zeros(shape: Shape) -> Result<Obj> {
        new_object(Image::over(Obj::bytearray(shape.bytes)?, shape))
    }

    /// What it is.
    pub fn shape(&self) -> Shape {
        self.shape.get()
    }

    /// The object that holds the bytes. ValueError if the image was released.
    pub fn store(&self) -> Result<Obj> {
        match self.store.get() {
            Obj::NONE => Err(Error::Value(
                c"this image was released: its memory went back to the camera or the heap; take a new snapshot",
            )),
            store => Ok(store),
        }
    }

    /// Gives it other bytes and another shape.
    pub fn replace(&self, store: Obj, shape: Shape) {
        self.store.set(store);
        self.shape.set(shape);
    }

    /// Its bytes once more.
    pub fn copied_bytes(&self) -> Result<Obj> {
        let pixels = self.pixels()?;
        let store = Obj::bytearray(pixels.bytes().len())?;
        store
            .buffer_to_fill()?
            .as_mut_slice()
            .copy_from_slice(pixels.bytes());
        Ok(store)
    }

    /// The same image as a new object.
    pub fn copied(&self) -> Result<Obj> {
        new_object(Image::over(self.copied_bytes()?, self.shape()))
    }

    /// Its bytes, to be read.
    pub fn pixels(&self) -> Result<Pixels> {
        let shape = self.shape();
        let buffer = self.store()?.buffer()?;
        enough(buffer.len(), shape)?;
        Ok(Pixels { buffer, shape })
    }

    /// Its bytes, to be changed.
    pub fn pixels_mut(&self) -> Result<PixelsMut> {
        let shape = self.shape();
        let buffer = self.store()?.buffer_to_fill()?;
        enough(buffer.len(), shape)?;
        Ok(PixelsMut { buffer, shape })
    }
}

/// A script may have shortened the bytearray meanwhile.
fn enough(has_bytes: usize, shape: Shape) -> Result<()> {
    if has_bytes < shape.bytes {
        return Err(told(vision::Error::Buffer {
            needed_bytes: shape.bytes,
            has_bytes,
        }));
    }
    Ok(())
}

/// An image's format as one whose pixels can be addressed.
fn addressed(format: PixFormat) -> Result<vision::Format> {
    format.pixels().ok_or_else(|| {
        told(vision::Error::Format {
            found: format.name(),
            expected: "binary, grayscale or RGB565; to_rgb565() or to_grayscale() makes one of it",
        })
    })
}

/// An image's bytes, borrowed.
pub struct Pixels {
    buffer: Buffer,
    shape: Shape,
}

impl Pixels {
    /// All bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.buffer.as_slice()[..self.shape.bytes]
    }

    /// As pixels. ValueError if they cannot be addressed.
    pub fn view(&self) -> Result<View<'_>> {
        view(self.bytes(), self.shape)
    }
}

fn view(bytes: &[u8], shape: Shape) -> Result<View<'_>> {
    View::new(bytes, shape.width, shape.height, addressed(shape.format)?).map_err(told)
}

/// An image's bytes, borrowed to be changed.
pub struct PixelsMut {
    buffer: BufferMut,
    shape: Shape,
}

impl PixelsMut {
    /// All bytes.
    pub fn bytes(&mut self) -> &mut [u8] {
        &mut self.buffer.as_mut_slice()[..self.shape.bytes]
    }

    /// As pixels. ValueError if they cannot be addressed.
    pub fn view(&mut self) -> Result<ViewMut<'_>> {
        let Shape { width, height, .. } = self.shape;
        let format = addressed(self.shape.format)?;
        ViewMut::new(self.bytes(), width, height, format).map_err(told)
    }

    /// Another image that is read meanwhile; if it has bytes in common with this one, a copy of them. One whose pixels cannot
    /// be addressed is unpacked.
    pub fn beside(&self, other: &Image) -> Result<Beside> {
        let pixels = other.pixels()?;
        if pixels.shape.format.pixels().is_none() {
            return unpacked(&pixels);
        }
        if !self.buffer.overlaps(&pixels.buffer) {
            return Ok(Beside::Borrowed(pixels));
        }
        let mut copy = Scratch::leaf(pixels.shape.bytes)?;
        copy.bytes().copy_from_slice(pixels.bytes());
        Ok(Beside::Copied(copy, pixels.shape))
    }

    /// The same for an image that may be missing.
    pub fn beside_mask(&self, mask: Option<&Image>) -> Result<Option<Beside>> {
        mask.map(|mask| self.beside(mask)).transpose()
    }
}

/// An image whose pixels cannot be addressed, as one of which they can: JPEG, PNG, a mosaic, YUV.
fn unpacked(pixels: &Pixels) -> Result<Beside> {
    let data = pixels.bytes();
    let Shape {
        width,
        height,
        format,
        ..
    } = pixels.shape;
    let info = match format {
        PixFormat::Jpeg => jpeg::info(data).map_err(told)?,
        PixFormat::Png => png::info(data).map_err(told)?,
        _ => Info {
            width,
            height,
            format: vision::Format::Rgb565,
        },
    };
    let shape = Shape::new(info.width, info.height, info.format.into())?;
    let mut memory = Scratch::leaf(shape.bytes)?;
    let mut view = ViewMut::new(memory.bytes(), shape.width, shape.height, info.format).map_err(told)?;
    match format {
        PixFormat::Jpeg => jpeg::decode(data, &mut view),
        PixFormat::Png => {
            let mut work = Scratch::near(png::decode_scratch(data).map_err(told)?)?;
            png::decode(data, &mut view, vision::Scratch::new(work.bytes()))
        }
        PixFormat::Bayer => mosaic::from_bayer(data, &mut view),
        _ => mosaic::from_yuv422(data, &mut view),
    }
    .map_err(told)?;
    Ok(Beside::Copied(memory, shape))
}

/// An image that is read while another one is changed.
pub enum Beside {
    Borrowed(Pixels),
    Copied(Scratch, Shape),
}

impl Beside {
    /// An image that is read while a new one is made of it; unpacked if its pixels cannot be addressed.
    pub fn of(image: &Image) -> Result<Beside> {
        let pixels = image.pixels()?;
        if pixels.shape.format.pixels().is_none() {
            return unpacked(&pixels);
        }
        Ok(Beside::Borrowed(pixels))
    }

    /// As pixels. ValueError if they cannot be addressed.
    pub fn view(&self) -> Result<View<'_>> {
        match self {
            Beside::Borrowed(pixels) => pixels.view(),
            Beside::Copied(bytes, shape) => view(bytes.as_slice(), *shape),
        }
    }
}

/// The view of one that may be missing.
pub fn view_of(beside: Option<&Beside>) -> Result<Option<View<'_>>> {
    beside.map(Beside::view).transpose()
}

/// What the library says, as a Python exception.
pub fn told(error: vision::Error) -> Error {
    if error == vision::Error::Stopped {
        return interrupt::raised();
    }
    let kind = match error {
        vision::Error::Scratch { .. } | vision::Error::Full { .. } => Kind::Memory,
        _ => Kind::Value,
    };
    Error::new(kind, format_args!("{error}"))
}
