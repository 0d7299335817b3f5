//! Images from files and into files, by Python's streams.

use upy::{Arguments, Error, File, Kind, Obj, Result, Scratch, args, new_object, qstr};
use vision::codec::{self, Sink, bmp, jpeg, png, pnm};
use vision::{PixFormat, View, ViewMut, compose};

use crate::Image;
use crate::parse::{Roi, region, this};
use crate::picture::{Beside, Shape, told};

/// The image in a file. JPEG and PNG stay as they are; the others are pixels.
pub fn load(path: Obj) -> Result<Obj> {
    let stream = File::open(path, qstr::rb)?;
    let size = stream.size()?;
    let store = Obj::bytearray(size)?;
    let read = stream.read(store.buffer_to_fill()?.as_mut_slice())?;
    stream.close()?;
    if read < size {
        return Err(Error::Value(c"the file ended before its end"));
    }
    decoded_file(store)
}

/// The image in bytes that are a whole file.
fn decoded_file(store: Obj) -> Result<Obj> {
    let buffer = store.buffer()?;
    let data = buffer.as_slice();
    let (info, format) = match codec::kind(data) {
        Some(codec::Kind::Jpeg) => (jpeg::info(data), Some(PixFormat::Jpeg)),
        Some(codec::Kind::Png) => (png::info(data), Some(PixFormat::Png)),
        Some(codec::Kind::Bmp) => (bmp::info(data), None),
        Some(codec::Kind::Pnm) => (pnm::info(data), None),
        None => {
            return Err(Error::Value(
                c"the file is none of JPEG, PNG, BMP, PGM and PPM, by its first bytes",
            ));
        }
    };
    let info = info.map_err(told)?;
    if let Some(format) = format {
        let mut shape = Shape::new(info.width, info.height, format)?;
        shape.bytes = data.len();
        return new_object(Image::over(store, shape));
    }
    let shape = Shape::new(info.width, info.height, info.format.into())?;
    let pixels = Obj::bytearray(shape.bytes)?;
    {
        let mut into = pixels.buffer_to_fill()?;
        let mut view =
            ViewMut::new(into.as_mut_slice(), shape.width, shape.height, info.format).map_err(told)?;
        match codec::kind(data) {
            Some(codec::Kind::Bmp) => bmp::decode(data, &mut view),
            _ => pnm::decode(data, &mut view),
        }
        .map_err(told)?;
    }
    new_object(Image::over(pixels, shape))
}

/// A file that is written piece by piece.
pub struct Into<'a> {
    stream: &'a File,
    /// What the stream raised.
    raised: Option<Error>,
    /// What has not gone to the stream yet: many pieces are a few bytes.
    waiting: [u8; 256],
    used: usize,
    /// All that was put into it.
    bytes: usize,
}

impl<'a> Into<'a> {
    /// To this stream.
    pub fn new(stream: &'a File) -> Into<'a> {
        Into {
            stream,
            raised: None,
            waiting: [0; 256],
            used: 0,
            bytes: 0,
        }
    }

    /// Bytes that were written so far.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    fn drain(&mut self) -> core::result::Result<(), vision::Error> {
        let used = core::mem::take(&mut self.used);
        self.pass(used, None)
    }

    fn pass(&mut self, used: usize, more: Option<&[u8]>) -> core::result::Result<(), vision::Error> {
        let bytes = more.unwrap_or(&self.waiting[..used]);
        self.stream.write(bytes).map_err(|error| {
            self.raised = Some(error);
            vision::Error::Unsupported {
                file: "the file",
                found: "an error while it was written",
            }
        })
    }

    /// What is left, and how it went.
    pub fn end(mut self, result: core::result::Result<(), vision::Error>) -> Result<()> {
        let result = result.and_then(|()| self.drain());
        match self.raised {
            Some(error) => Err(error),
            None => result.map_err(told),
        }
    }
}

impl Sink for Into<'_> {
    fn put(&mut self, bytes: &[u8]) -> core::result::Result<(), vision::Error> {
        self.bytes += bytes.len();
        if self.used + bytes.len() > self.waiting.len() {
            self.drain()?;
        }
        if bytes.len() > self.waiting.len() {
            return self.pass(0, Some(bytes));
        }
        self.waiting[self.used..self.used + bytes.len()].copy_from_slice(bytes);
        self.used += bytes.len();
        Ok(())
    }
}

/// `save(path, *, roi=None, quality=50)`: the kind of file is that of the name's end. A JPEG or PNG image goes into a file of its
/// kind as it is.
pub fn save(arguments: Arguments) -> Result<Obj> {
    let (object, image, rest) = this(arguments)?;
    args!(rest => path: Obj, *, roi: Option<Roi> = None, quality: u8 = 50);
    let kind = kind_of(path.as_str()?)?;
    let stays = matches!(
        (image.shape().format, kind),
        (PixFormat::Jpeg, codec::Kind::Jpeg) | (PixFormat::Png, codec::Kind::Png)
    );
    if stays && roi.is_none() {
        let pixels = image.pixels()?;
        let stream = File::open(path, qstr::wb)?;
        stream.write(pixels.bytes())?;
        stream.close()?;
        return Ok(object);
    }
    let source = Beside::of(image)?;
    let view = source.view()?;
    let Some(roi) = region(roi) else {
        write(path, kind, &view, quality)?;
        return Ok(object);
    };
    // Only the part of it, in a copy.
    let area = view.area_of(Some(roi)).map_err(told)?;
    let mut part = Scratch::leaf(view.format().image_bytes(area.w, area.h))?;
    let mut cut = ViewMut::new(part.bytes(), area.w, area.h, view.format()).map_err(told)?;
    let how = compose::Compose {
        roi: Some(roi),
        ..Default::default()
    };
    compose::compose(&mut cut, &compose::Source::Image(view), &how).map_err(told)?;
    write(path, kind, &cut.as_view(), quality)?;
    Ok(object)
}

fn write(path: Obj, kind: codec::Kind, view: &View, quality: u8) -> Result<()> {
    let stream = File::open(path, qstr::wb)?;
    let mut into = Into::new(&stream);
    let result = match kind {
        codec::Kind::Jpeg => jpeg::encode(view, quality, jpeg::Subsampling::Auto, &mut into),
        codec::Kind::Bmp => bmp::encode(view, &mut into),
        codec::Kind::Pnm => pnm::encode(view, &mut into),
        codec::Kind::Png => {
            let mut scratch = Scratch::leaf(png::encode_scratch(view.format(), view.width(), view.height()))?;
            png::encode(view, vision::Scratch::new(scratch.bytes()), &mut into)
        }
    };
    into.end(result)?;
    stream.close()
}

/// The kind of file that a name asks for.
fn kind_of(path: &str) -> Result<codec::Kind> {
    let kinds = [
        (".bmp", codec::Kind::Bmp),
        (".pgm", codec::Kind::Pnm),
        (".ppm", codec::Kind::Pnm),
        (".jpg", codec::Kind::Jpeg),
        (".jpeg", codec::Kind::Jpeg),
        (".png", codec::Kind::Png),
    ];
    let ends = |end: &str| {
        path.len() >= end.len()
            && path.as_bytes()[path.len() - end.len()..].eq_ignore_ascii_case(end.as_bytes())
    };
    let kind = kinds.iter().find(|(end, _)| ends(end)).map(|(_, kind)| *kind);
    kind.ok_or_else(|| {
        Error::new(
            Kind::Value,
            format_args!("'{path}' must end with .bmp, .pgm, .ppm, .jpg, .jpeg or .png"),
        )
    })
}
