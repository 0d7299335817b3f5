//! `image.ImageIO`: streams of images with their times, in a file or in memory.

use core::cell::Cell;
use core::fmt::{self, Write};

use upy::{
    Arguments, Error, Kind, Obj, ObjCell, Printer, Result, Value, args, class, convert, fun, interpreter,
    new_object, port, qstr,
};
use vision::codec::Buffer;
use vision::codec::imageio::{self, FRAME_HEAD, Frame, MAGIC};

use crate::Image;
use crate::basic::format;
use crate::movie::Kept;
use crate::picture::{Shape, told};

const FILE_STREAM: i32 = 0;
const MEMORY_STREAM: i32 = 1;
/// 2.0, as scripts see it.
const VERSION: i32 = 20;

/// Where the frames are.
enum Place {
    Read(Kept),
    Write(Kept),
    /// A bytearray of as many slots of so many bytes.
    Memory {
        store: ObjCell,
        slots: usize,
        slot_bytes: usize,
    },
}

pub struct ImageIO {
    place: Place,
    closed: Cell<bool>,
    /// Frames that are there, and the next one.
    count: Cell<usize>,
    offset: Cell<usize>,
    /// Where the next frame begins in a file that is read, and where the last one ends.
    at: Cell<usize>,
    end: Cell<usize>,
    /// When the last frame was written or read.
    last_us: Cell<Option<u64>>,
}

class! {
    ImageIO as "an ImageIO" { make_new: new, print: print }
    r#type: fun!(1, |io: &ImageIO| -> Result<i32> { Ok(if io.is_memory() { MEMORY_STREAM } else { FILE_STREAM }) }),
    is_closed: fun!(1, |io: &ImageIO| -> Result<bool> { Ok(io.closed.get()) }),
    count: fun!(1, |io: &ImageIO| -> Result<u32> { Ok(io.open()?.count.get() as u32) }),
    offset: fun!(1, |io: &ImageIO| -> Result<u32> { Ok(io.open()?.offset.get() as u32) }),
    version: fun!(1, |io: &ImageIO| -> Result<Option<i32>> { Ok((!io.is_memory()).then_some(VERSION)) }),
    buffer_size: fun!(1, buffer_size),
    size: fun!(1, size),
    write: fun!(2, write),
    read: fun!(keywords 1.., read),
    seek: fun!(2, seek),
    sync: fun!(1, sync),
    close: fun!(1, close),
    FILE_STREAM: Value::int(FILE_STREAM),
    MEMORY_STREAM: Value::int(MEMORY_STREAM),
}

impl ImageIO {
    fn is_memory(&self) -> bool {
        matches!(self.place, Place::Memory { .. })
    }

    fn open(&self) -> Result<&ImageIO> {
        if self.closed.get() {
            return Err(Error::Value(c"the stream is closed"));
        }
        Ok(self)
    }

    fn on(place: Place) -> ImageIO {
        ImageIO {
            place,
            closed: Cell::new(false),
            count: Cell::new(0),
            offset: Cell::new(0),
            at: Cell::new(MAGIC.len()),
            end: Cell::new(MAGIC.len()),
            last_us: Cell::new(None),
        }
    }

    /// Microseconds since the last frame, which this one follows.
    fn elapsed_us(&self) -> u64 {
        let now = port::now_us();
        let last = self.last_us.replace(Some(now));
        last.map_or(0, |last| now.saturating_sub(last))
    }
}

/// `ImageIO(path, "r" or "w")`, or `ImageIO((width, height, pixformat), count)`: in memory.
fn new(arguments: Arguments) -> Result<Obj> {
    args!(arguments => [stream: Obj, mode: Obj]);
    if stream.is_str() {
        return match mode.as_str()? {
            "r" => reading(stream),
            "w" => {
                let kept = Kept::new(stream)?;
                kept.append(|sink| sink.put(MAGIC))?;
                new_object(ImageIO::on(Place::Write(kept)))
            }
            _ => Err(Error::Value(c"the mode must be 'r' or 'w'")),
        };
    }
    let what = stream
        .sequence()
        .filter(|items| items.len() == 3)
        .ok_or(Error::Type(
            c"ImageIO needs a path and a mode, or (width, height, pixformat) and a count",
        ))?;
    let item = |at| what.get(at).unwrap_or(Obj::NONE);
    let side = |at| convert::<usize>("stream", &item(at));
    let shape = Shape::new(side(0)?, side(1)?, format(convert("pixformat", &item(2))?)?)?;
    let slots: usize = convert("count", &mode)?;
    // A compressed frame may have as many bytes as it has pixels.
    let bytes = if shape.format.is_compressed() {
        shape.width * shape.height
    } else {
        shape.bytes
    };
    let slot_bytes = FRAME_HEAD + imageio::padded(bytes);
    let all = slots.checked_mul(slot_bytes).filter(|_| slots > 0);
    let all = all.ok_or(Error::Value(
        c"count must be at least 1, and the frames must fit the memory",
    ))?;
    new_object(ImageIO::on(Place::Memory {
        store: ObjCell::new(Obj::bytearray(all)?),
        slots,
        slot_bytes,
    }))
}

/// A file to be read: its whole frames are counted. One that was cut when the power failed is left out.
fn reading(path: Obj) -> Result<Obj> {
    let kept = Kept::open(path, qstr::rb)?;
    let (mut count, mut at) = (0, MAGIC.len());
    kept.with(|file| {
        let size = file.size()?;
        let mut magic = [0; MAGIC.len()];
        let read = file.read(&mut magic)?;
        if read < magic.len() || magic[..13] != MAGIC[..13] {
            return Err(Error::Value(
                c"the file is no image stream: it does not begin with 'OMV IMG STR V'",
            ));
        }
        if magic != *MAGIC {
            let version = core::str::from_utf8(&magic[13..]).unwrap_or("?");
            return Err(Error::new(
                Kind::Value,
                format_args!("the image stream is of version {version}; only 2.0 is read"),
            ));
        }
        while size - at >= FRAME_HEAD {
            let mut head = [0; FRAME_HEAD];
            file.seek(at as i32, false)?;
            if file.read(&mut head)? < FRAME_HEAD {
                break;
            }
            let frame = imageio::read_head(&head).map_err(|error| {
                Error::new(Kind::Value, format_args!("frame {count} at byte {at}: {error}"))
            })?;
            let bytes = FRAME_HEAD + imageio::padded(frame.size_bytes as usize);
            if bytes > size - at {
                break;
            }
            at += bytes;
            count += 1;
            if interpreter::pending() {
                interpreter::serve_pending()?;
            }
        }
        Ok(())
    })?;
    let io = ImageIO::on(Place::Read(kept));
    io.count.set(count);
    io.end.set(at);
    new_object(io)
}

fn print(io: &ImageIO, printer: &mut Printer) -> fmt::Result {
    let kind = if io.is_memory() { "memory" } else { "file" };
    let (closed, count, offset) = (io.closed.get(), io.count.get(), io.offset.get());
    write!(
        printer,
        "{{\"type\":\"{kind} stream\", \"closed\":{closed}, \"count\":{count}, \"offset\":{offset}}}"
    )
}

/// `buffer_size()`: bytes that a frame in memory may have; None for a file.
fn buffer_size(io: &ImageIO) -> Result<Option<u32>> {
    Ok(match io.open()?.place {
        Place::Memory { slot_bytes, .. } => Some((slot_bytes - FRAME_HEAD) as u32),
        _ => None,
    })
}

/// `size()`: bytes of the file, or of the memory.
fn size(io: &ImageIO) -> Result<u32> {
    Ok(match &io.open()?.place {
        Place::Read(_) => io.end.get(),
        Place::Write(kept) => kept.bytes(),
        Place::Memory {
            slots, slot_bytes, ..
        } => slots * slot_bytes,
    } as u32)
}

/// `write(image)`: behind all others in a file, in the next place of a memory.
fn write(object: Obj, image: &Image) -> Result<Obj> {
    let io: &ImageIO = convert("self", &object)?;
    let shape = image.shape();
    let pixels = image.pixels()?;
    let data = pixels.bytes();
    io.open()?;
    let next = |elapsed_us: u64| Frame {
        elapsed_ms: u32::try_from(elapsed_us / 1000).unwrap_or(u32::MAX),
        width: shape.width as u32,
        height: shape.height as u32,
        format: shape.format,
        size_bytes: data.len() as u32,
    };
    match &io.place {
        Place::Read(_) => {
            return Err(Error::Value(
                c"the stream was opened to be read; open it with 'w' to write",
            ));
        }
        Place::Write(kept) => kept.append(|sink| imageio::write(&next(io.elapsed_us()), data, sink))?,
        Place::Memory {
            store,
            slots,
            slot_bytes,
        } => {
            let at = io.offset.get();
            let most = slot_bytes - FRAME_HEAD;
            if at >= *slots {
                return Err(Error::new(
                    Kind::Value,
                    format_args!("the stream holds {slots} images and is full; seek(0) begins anew"),
                ));
            }
            if data.len() > most {
                let bytes = data.len();
                return Err(Error::new(
                    Kind::Value,
                    format_args!("an image of {bytes} bytes in a stream with {most} for each"),
                ));
            }
            let mut memory = store.get().buffer_to_fill()?;
            let slot = &mut memory.as_mut_slice()[at * slot_bytes..(at + 1) * slot_bytes];
            imageio::write(&next(io.elapsed_us()), data, &mut Buffer::new(slot)).map_err(told)?;
        }
    }
    let offset = io.offset.get() + 1;
    io.offset.set(offset);
    io.count.set(io.count.get().max(offset));
    Ok(object)
}

/// `read(copy_to_fb=True, *, loop=True, pause=True)`: None behind the last frame, unless `loop` begins anew; `pause` waits as
/// long as it took when it was written.
fn read(arguments: Arguments) -> Result<Obj> {
    let (object, rest) = arguments
        .split_first()
        .ok_or(Error::Type(c"argument 'self' is missing"))?;
    let io: &ImageIO = convert("self", object)?;
    args!(rest => copy_to_fb: bool = true, *, r#loop: bool = true, pause: bool = true);
    // There is one memory for all images.
    let _ = copy_to_fb;
    io.open()?;
    if io.offset.get() >= io.count.get() {
        if !r#loop || io.count.get() == 0 {
            return Ok(Obj::NONE);
        }
        io.offset.set(0);
        io.at.set(MAGIC.len());
    }
    let (frame, store) = match &io.place {
        Place::Write(_) => {
            return Err(Error::Value(
                c"the stream was opened to be written; close it and open it with 'r' to read",
            ));
        }
        Place::Read(kept) => from_file(io, kept)?,
        Place::Memory {
            store, slot_bytes, ..
        } => {
            let memory = store.get().buffer()?;
            let slot = &memory.as_slice()[io.offset.get() * slot_bytes..];
            let frame = imageio::read_head(slot).map_err(told)?;
            let made = Obj::bytearray(frame.size_bytes as usize)?;
            let mut bytes = made.buffer_to_fill()?;
            let count = bytes.len();
            bytes
                .as_mut_slice()
                .copy_from_slice(&slot[FRAME_HEAD..FRAME_HEAD + count]);
            (frame, made)
        }
    };
    io.offset.set(io.offset.get() + 1);
    if pause && let Some(last) = io.last_us.get() {
        let until = last + 1000 * u64::from(frame.elapsed_ms);
        let left_ms = until.saturating_sub(port::now_us()).div_ceil(1000);
        if left_ms > 0 {
            interpreter::sleep_ms(u32::try_from(left_ms).unwrap_or(u32::MAX))?;
        }
    }
    io.last_us.set(Some(port::now_us()));
    let shape = Shape {
        width: frame.width as usize,
        height: frame.height as usize,
        format: frame.format,
        bytes: frame.size_bytes as usize,
    };
    new_object(Image::over(store, shape))
}

/// The head of the frame at the place where the file is read.
fn head_at(io: &ImageIO, kept: &Kept) -> Result<Frame> {
    kept.with(|file| {
        let mut head = [0; FRAME_HEAD];
        file.seek(io.at.get() as i32, false)?;
        if file.read(&mut head)? < FRAME_HEAD {
            return Err(Error::Value(c"the file has become shorter since it was opened"));
        }
        imageio::read_head(&head).map_err(told)
    })
}

fn from_file(io: &ImageIO, kept: &Kept) -> Result<(Frame, Obj)> {
    let frame = head_at(io, kept)?;
    let bytes = frame.size_bytes as usize;
    let store = Obj::bytearray(bytes)?;
    let read = kept.with(|file| file.read(store.buffer_to_fill()?.as_mut_slice()))?;
    if read < bytes {
        return Err(Error::Value(c"the file has become shorter since it was opened"));
    }
    io.at.set(io.at.get() + FRAME_HEAD + imageio::padded(bytes));
    Ok((frame, store))
}

/// `seek(offset)`: the frame that is read or written next.
fn seek(io: &ImageIO, offset: usize) -> Result<()> {
    let count = io.open()?.count.get();
    if offset > count {
        return Err(Error::new(
            Kind::Value,
            format_args!("seek to image {offset} of a stream of {count}"),
        ));
    }
    match &io.place {
        Place::Write(_) => return Err(Error::Value(c"a file that is written grows at its end only")),
        Place::Memory { .. } => {}
        Place::Read(kept) => {
            if offset < io.offset.get() {
                io.at.set(MAGIC.len());
                io.offset.set(0);
            }
            while io.offset.get() < offset {
                let bytes = head_at(io, kept)?.size_bytes as usize;
                io.at.set(io.at.get() + FRAME_HEAD + imageio::padded(bytes));
                io.offset.set(io.offset.get() + 1);
            }
        }
    }
    io.offset.set(offset);
    Ok(())
}

/// `sync()`: what was written goes to the volume.
fn sync(io: &ImageIO) -> Result<()> {
    match &io.open()?.place {
        Place::Write(kept) => kept.sync(),
        _ => Ok(()),
    }
}

/// `close()`: a second time nothing happens.
fn close(io: &ImageIO) -> Result<()> {
    if io.closed.replace(true) {
        return Ok(());
    }
    match &io.place {
        Place::Read(kept) | Place::Write(kept) => kept.close(),
        Place::Memory { store, .. } => {
            store.set(Obj::NONE);
            Ok(())
        }
    }
}
