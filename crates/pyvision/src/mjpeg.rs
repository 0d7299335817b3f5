//! `mjpeg.Mjpeg`: AVI files of JPEG frames.

use core::cell::Cell;

use upy::{
    Arguments, Error, File, Kind, Obj, ObjCell, Result, Scratch, args, class, convert, fun, new_object, port,
};
use vision::codec::avi::{self, Movie};
use vision::compose::{self, Source};
use vision::{Format, PixFormat, ViewMut};

use crate::Image;
use crate::drawing::{Making, framing};
use crate::make::packed;
use crate::movie::Kept;
use crate::picture::{Beside, told};

/// A RIFF file counts its bytes with 32 bits, and many readers with 31.
const MOST_BYTES: u32 = i32::MAX as u32 - (1 << 24);

pub struct Mjpeg {
    kept: Kept,
    /// Width and height are 0 until the first frame is there.
    movie: Cell<Movie>,
    /// A bytearray with the lengths of the frames, for the index.
    lengths: ObjCell,
    /// When the first frame came, and the last one, in microseconds.
    times_us: Cell<(u64, u64)>,
}

class! {
    Mjpeg as "an Mjpeg" { make_new: new }
    width: fun!(1, |mjpeg: &Mjpeg| -> Result<u32> { Ok(mjpeg.movie.get().width) }),
    height: fun!(1, |mjpeg: &Mjpeg| -> Result<u32> { Ok(mjpeg.movie.get().height) }),
    count: fun!(1, |mjpeg: &Mjpeg| -> Result<u32> { Ok(mjpeg.movie.get().frames) }),
    size: fun!(1, |mjpeg: &Mjpeg| -> Result<u32> { Ok(mjpeg.kept.bytes() as u32) }),
    is_closed: fun!(1, |mjpeg: &Mjpeg| -> Result<bool> { Ok(mjpeg.kept.is_closed()) }),
    add_frame: fun!(keywords 1.., write),
    write: fun!(keywords 1.., write),
    sync: fun!(1, sync),
    close: fun!(keywords 1.., close),
}

/// `Mjpeg(path, width=-1, height=-1)`: what is -1 is as the first frame has it.
fn new(arguments: Arguments) -> Result<Obj> {
    args!(arguments => [path: Obj], width: i32 = -1, height: i32 = -1);
    path.as_str()?;
    let side = |side: i32| match side {
        -1 => Ok(0),
        1..=16383 => Ok(side as u32),
        _ => Err(Error::Value(
            c"width and height must be 1 to 16383, or -1: as the first frame",
        )),
    };
    let movie = Movie {
        width: side(width)?,
        height: side(height)?,
        frame_us: 100_000,
        ..Movie::default()
    };
    let kept = Kept::new(path)?;
    // Place for the head, which is written again when its sums are known.
    kept.append(|sink| sink.put(&movie.head()))?;
    new_object(Mjpeg {
        kept,
        movie: Cell::new(movie),
        lengths: ObjCell::new(Obj::bytearray(4 * 64)?),
        times_us: Cell::new((0, 0)),
    })
}

/// `write(image, *, roi=None, rgb_channel=-1, alpha=255, color_palette=None, alpha_palette=None, hint=0, quality=90)`, also
/// `add_frame`: a frame of another size is scaled.
fn write(arguments: Arguments) -> Result<Obj> {
    let (object, rest) = arguments
        .split_first()
        .ok_or(Error::Type(c"argument 'self' is missing"))?;
    let mjpeg: &Mjpeg = convert("self", object)?;
    let (image, rest) = rest
        .split_first()
        .ok_or(Error::Type(c"expected an image to write"))?;
    let image: &Image = convert("image", image)?;
    let making = framing(rest)?;
    let mut movie = mjpeg.movie.get();
    let shape = image.shape();
    if movie.width == 0 {
        movie.width = shape.width as u32;
    }
    if movie.height == 0 {
        movie.height = shape.height as u32;
    }
    let fits = (shape.width as u32, shape.height as u32) == (movie.width, movie.height);
    let same = fits && !making.drawing.changes();
    if same && shape.format == PixFormat::Jpeg {
        add(mjpeg, movie, image.pixels()?.bytes())?;
        return Ok(*object);
    }
    let stream = if same {
        packed(&Beside::of(image)?.view()?, PixFormat::Jpeg, &making)?.0
    } else {
        drawn(image, &movie, &making)?
    };
    add(mjpeg, movie, stream.buffer()?.as_slice())?;
    Ok(*object)
}

/// A frame that is drawn into one of the movie's size.
fn drawn(image: &Image, movie: &Movie, making: &Making) -> Result<Obj> {
    let (width, height) = (movie.width as usize, movie.height as usize);
    let source = Beside::of(image)?;
    let view = source.view()?;
    let format = if making.drawing.colours.is_some() {
        Format::Rgb565
    } else {
        view.format()
    };
    let mut memory = Scratch::leaf(format.image_bytes(width, height))?;
    memory.bytes().fill(0);
    let mut frame = ViewMut::new(memory.bytes(), width, height, format).map_err(told)?;
    compose::compose(&mut frame, &Source::Image(view), &making.drawing.filling()).map_err(told)?;
    Ok(packed(&frame.as_view(), PixFormat::Jpeg, making)?.0)
}

fn add(mjpeg: &Mjpeg, mut movie: Movie, jpeg: &[u8]) -> Result<()> {
    let bytes = jpeg.len() as u32;
    if movie.frame_bytes.saturating_add(bytes) > MOST_BYTES {
        return Err(Error::Value(
            c"the movie has 2 GB, which is the most an AVI file may have; close it",
        ));
    }
    mjpeg.kept.append(|sink| avi::frame(jpeg, sink))?;
    note(mjpeg, movie.frames as usize, bytes)?;
    movie.add(bytes);
    mjpeg.movie.set(movie);
    let now = port::now_us();
    let (first, _) = mjpeg.times_us.get();
    mjpeg
        .times_us
        .set((if movie.frames == 1 { now } else { first }, now));
    Ok(())
}

/// Notes the length of a frame for the index.
fn note(mjpeg: &Mjpeg, index: usize, bytes: u32) -> Result<()> {
    let mut list = mjpeg.lengths.get();
    let room = list.buffer()?.len();
    if 4 * index + 4 > room {
        let longer = Obj::bytearray(2 * room)?;
        longer.buffer_to_fill()?.as_mut_slice()[..room].copy_from_slice(list.buffer()?.as_slice());
        mjpeg.lengths.set(longer);
        list = longer;
    }
    list.buffer_to_fill()?.as_mut_slice()[4 * index..4 * index + 4].copy_from_slice(&bytes.to_le_bytes());
    Ok(())
}

/// Writes the head with the sums as they are, and goes back to the end.
fn write_head(file: &File, movie: &Movie) -> Result<()> {
    file.seek(0, false)?;
    file.write(&movie.head())?;
    file.seek(0, true)?;
    Ok(())
}

/// How long a frame is shown, by when they came.
fn frame_us(mjpeg: &Mjpeg) -> u32 {
    let (first, last) = mjpeg.times_us.get();
    let gaps = u64::from(mjpeg.movie.get().frames.saturating_sub(1));
    match (last - first).checked_div(gaps) {
        Some(time) if time > 0 => u32::try_from(time).unwrap_or(u32::MAX),
        _ => 100_000,
    }
}

/// `sync()`: what was written so far can be played if nothing more comes, but not searched.
fn sync(mjpeg: &Mjpeg) -> Result<()> {
    let mut movie = mjpeg.movie.get();
    movie.frame_us = frame_us(mjpeg);
    mjpeg.kept.with(|file| write_head(file, &movie))?;
    mjpeg.kept.sync()
}

/// `close(fps=None)`: frames are shown as fast as they came, or `fps` a second.
fn close(arguments: Arguments) -> Result<()> {
    let (object, rest) = arguments
        .split_first()
        .ok_or(Error::Type(c"argument 'self' is missing"))?;
    let mjpeg: &Mjpeg = convert("self", object)?;
    args!(rest => fps: Option<f32> = None);
    if mjpeg.kept.is_closed() {
        return Ok(());
    }
    let mut movie = mjpeg.movie.get();
    movie.frame_us = match fps {
        None => frame_us(mjpeg),
        Some(fps) if (0.001..=1000.0).contains(&fps) => (1e6 / fps) as u32,
        Some(_) => return Err(Error::new(Kind::Value, format_args!("fps must be 0.001 to 1000"))),
    };
    let list = mjpeg.lengths.get().buffer()?;
    mjpeg.kept.append(|sink| {
        avi::index_head(movie.frames, sink)?;
        let mut offset = Movie::default();
        for word in list.as_slice().chunks_exact(4).take(movie.frames as usize) {
            let bytes = u32::from_le_bytes([word[0], word[1], word[2], word[3]]);
            avi::index_entry(offset.frame_bytes, bytes, sink)?;
            offset.add(bytes);
        }
        Ok(())
    })?;
    mjpeg.kept.with(|file| write_head(file, &movie))?;
    mjpeg.kept.close()
}
