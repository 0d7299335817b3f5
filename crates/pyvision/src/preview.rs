//! The picture for a host that looks over the script's shoulder: the newest frame that it has asked for and not seen yet.
//!
//! Python's thread makes it, [`publish`], in memory of the heap that is held for it. An interrupt shows it to the host:
//! [`lock`], [`piece`], [`unlock`]; then there is room for the next one. Frames in between are not for the host.

use core::cell::RefCell;
use core::mem;
use core::sync::atomic::{AtomicU8, Ordering};

use critical_section::Mutex;
use upy::{Error, Result, Scratch, held, port};
use vision::codec::{Sink, jpeg};
use vision::compose::{self, Compose, Hints, Source};
use vision::{Format, PixFormat, View, ViewMut};

use crate::Image;
use crate::picture::{Shape, told};

/// Before the picture: width, height, format, bytes of a pixel or of the stream, this length, frames a second (a float), two
/// zeros.
const HEAD_BYTES: usize = 32;
/// Where the collector finds its memory: before those of camera, display and protocol.
const PLACE: usize = held::PLACES - 4;
/// JPEG of frames of more bytes is made smaller.
const LARGE_BYTES: usize = 320 * 240 * 2;
const SMALL_BYTES: usize = 160 * 120 * 2;

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// The host has seen the last one.
    Empty,
    /// The next one is made.
    Filling,
    /// It is there.
    Full,
    /// The host reads it.
    Locked,
}

/// What the host wants.
#[derive(Clone, Copy)]
struct Wanted {
    raw: bool,
    most: (u32, u32),
    quality: u8,
    fps: f32,
}

struct Store {
    on: bool,
    wanted: Wanted,
    state: State,
    memory: &'static [AtomicU8],
    bytes: usize,
    sides: (usize, [u32; 3]),
    last_us: u64,
    tell: Option<fn()>,
}

static STORE: Mutex<RefCell<Store>> = Mutex::new(RefCell::new(Store {
    on: false,
    wanted: Wanted {
        raw: false,
        most: (320, 240),
        quality: 50,
        fps: 0.0,
    },
    state: State::Empty,
    memory: &[],
    bytes: 0,
    sides: (0, [0; 3]),
    last_us: 0,
    tell: None,
}));

fn with<R>(then: impl FnOnce(&mut Store) -> R) -> R {
    critical_section::with(|cs| then(&mut STORE.borrow_ref_mut(cs)))
}

/// Who is told of each picture.
pub fn on_ready(tell: fn()) {
    with(|store| store.tell = Some(tell));
}

/// The heap is about to go: so does the picture. What the host wants stays.
pub fn forget() {
    with(|store| (store.state, store.memory, store.bytes) = (State::Empty, &[], 0));
    held::hold(PLACE, None);
}

/// Pictures, or none.
pub fn set_on(on: bool) {
    with(|store| (store.on, store.state, store.bytes) = (on, State::Empty, 0));
}

/// As pixels, or as JPEG.
pub fn set_raw(raw: bool) {
    with(|store| store.wanted.raw = raw);
}

/// At most so wide and high as pixels. False: that is none.
pub fn set_most(width: u32, height: u32) -> bool {
    let is_some = width > 0 && height > 0;
    if is_some {
        with(|store| store.wanted.most = (width, height));
    }
    is_some
}

/// Keeps the picture. False: there is none.
pub fn lock() -> bool {
    with(|store| {
        let is_full = store.state == State::Full;
        if is_full {
            store.state = State::Locked;
        }
        is_full
    })
}

/// The host has seen it. False: it was not locked.
pub fn unlock() -> bool {
    with(|store| {
        let is_locked = store.state == State::Locked;
        if is_locked {
            (store.state, store.bytes) = (State::Empty, 0);
        }
        is_locked
    })
}

/// Whether the host reads one.
pub fn is_locked() -> bool {
    with(|store| store.state == State::Locked)
}

/// Bytes of it, with what stands before it; 0: there is none.
pub fn size() -> usize {
    with(|store| match store.state {
        State::Full | State::Locked => store.bytes,
        _ => 0,
    })
}

/// Its sides: width, height and bytes of a pixel, or the length of a stream; says how many.
pub fn shape(sides: &mut [u32; 4]) -> usize {
    let (count, found) = with(|store| store.sides);
    sides[..3].copy_from_slice(&found);
    if size() > 0 { count } else { 0 }
}

/// Bytes of it from there on; zeros where there is none any more.
pub fn piece(offset: usize, into: &mut [u8]) {
    with(|store| {
        let from = store.memory.get(offset..).unwrap_or_default();
        for (at, byte) in into.iter_mut().enumerate() {
            *byte = from.get(at).map_or(0, |byte| byte.load(Ordering::Relaxed));
        }
    });
}

/// A frame that a script has done with, or wants to be seen. If the host has not seen the last one, or there is no memory for a
/// picture, it misses this one, and the script goes on.
pub fn publish(image: &Image) {
    let Some((wanted, memory)) = begin() else { return };
    let made = make(image, wanted, memory);
    let tell = with(|store| {
        if store.state != State::Filling {
            return None;
        }
        let Ok(made) = made else {
            store.state = State::Empty;
            return None;
        };
        (store.state, store.memory, store.bytes, store.sides) =
            (State::Full, made.memory, made.bytes, made.sides);
        store.wanted.quality = made.quality;
        store.tell
    });
    if let Some(tell) = tell {
        tell();
    }
}

fn begin() -> Option<(Wanted, &'static [AtomicU8])> {
    let now_us = port::now_us();
    with(|store| {
        let passed_us = now_us.saturating_sub(mem::replace(&mut store.last_us, now_us));
        store.wanted.fps = 1_000_000.0 / passed_us.max(1) as f32;
        if !store.on || store.state != State::Empty {
            return None;
        }
        store.state = State::Filling;
        Some((store.wanted, mem::take(&mut store.memory)))
    })
}

/// A picture, all of it in memory.
struct Made {
    memory: &'static [AtomicU8],
    bytes: usize,
    sides: (usize, [u32; 3]),
    quality: u8,
}

fn make(image: &Image, wanted: Wanted, memory: &'static [AtomicU8]) -> Result<Made> {
    let shape = image.shape();
    let pixels = image.pixels()?;
    match shape.format.pixels() {
        None => copied(pixels.bytes(), shape, wanted, memory),
        Some(format) if wanted.raw && format != Format::Binary => {
            let (width, height) = (shape.width as u32, shape.height as u32);
            let (most_width, most_height) = wanted.most;
            if width <= most_width && height <= most_height {
                return copied(pixels.bytes(), shape, wanted, memory);
            }
            scaled(&pixels.view()?, shape, wanted, memory)
        }
        Some(_) => packed(&pixels.view()?, shape, wanted, memory),
    }
}

/// Room for so many bytes: what there was, or more.
fn room(memory: &'static [AtomicU8], bytes: usize) -> Result<&'static [AtomicU8]> {
    if memory.len() >= bytes {
        return Ok(memory);
    }
    held::memory(PLACE, bytes)
}

fn copied(bytes: &[u8], shape: Shape, wanted: Wanted, memory: &'static [AtomicU8]) -> Result<Made> {
    let memory = room(memory, HEAD_BYTES + bytes.len())?;
    for (to, byte) in memory[HEAD_BYTES..].iter().zip(bytes) {
        to.store(*byte, Ordering::Relaxed);
    }
    Ok(headed(shape, bytes.len(), wanted, memory))
}

/// Made smaller until it fits what the host wants.
fn scaled(view: &View, shape: Shape, wanted: Wanted, memory: &'static [AtomicU8]) -> Result<Made> {
    let (width, height) = (shape.width as u64, shape.height as u64);
    let most = (u64::from(wanted.most.0), u64::from(wanted.most.1));
    let by_width = (most.0.min(width), (height * most.0 / width).max(1));
    let by_height = ((width * most.1 / height).max(1), most.1.min(height));
    let (w, h) = if by_width.1 <= most.1 { by_width } else { by_height };
    let small = Shape::new(w as usize, h as usize, shape.format)?;
    let mut scratch = Scratch::leaf(small.bytes)?;
    let mut into = ViewMut::new(scratch.bytes(), small.width, small.height, view.format()).map_err(told)?;
    let how = Compose {
        x_scale: small.width as f32 / shape.width as f32,
        y_scale: small.height as f32 / shape.height as f32,
        hints: Hints::BILINEAR,
        ..Compose::default()
    };
    compose::compose(&mut into, &Source::Image(*view), &how).map_err(told)?;
    copied(scratch.as_slice(), small, wanted, memory)
}

/// As JPEG. One that does not fit is left out, and the next ones are made worse until they do.
fn packed(view: &View, shape: Shape, wanted: Wanted, memory: &'static [AtomicU8]) -> Result<Made> {
    let best = if shape.bytes <= SMALL_BYTES {
        90
    } else if shape.bytes <= LARGE_BYTES {
        60
    } else {
        35
    };
    let quality = wanted.quality.min(best);
    let memory = room(memory, HEAD_BYTES + (shape.width * shape.height).max(8192))?;
    let mut into = Into {
        memory,
        at: HEAD_BYTES,
    };
    let packed = jpeg::encode(view, quality, jpeg::Subsampling::Auto, &mut into);
    if packed.is_err() {
        with(|store| store.wanted.quality = (quality / 2).max(1));
        packed.map_err(told)?;
    }
    let stream = Shape {
        format: PixFormat::Jpeg,
        ..shape
    };
    let made = headed(stream, into.at - HEAD_BYTES, wanted, memory);
    Ok(Made {
        quality: (quality + 1).min(best),
        ..made
    })
}

/// Writes what stands before a picture.
fn headed(shape: Shape, bytes: usize, wanted: Wanted, memory: &'static [AtomicU8]) -> Made {
    let (width, height) = (shape.width as u32, shape.height as u32);
    let (code, pixel_bytes) = (shape.format as u32, shape.format as u32 & 0xFF);
    let is_stream = pixel_bytes == 0;
    let depth = if is_stream { bytes as u32 } else { pixel_bytes };
    let head = [
        width,
        height,
        code,
        depth,
        HEAD_BYTES as u32,
        wanted.fps.to_bits(),
        0,
        0,
    ];
    let head = head.iter().flat_map(|word| word.to_le_bytes());
    for (to, byte) in memory.iter().zip(head) {
        to.store(byte, Ordering::Relaxed);
    }
    let sides = if is_stream {
        (1, [bytes as u32, 0, 0])
    } else {
        (3, [width, height, depth])
    };
    Made {
        memory,
        bytes: HEAD_BYTES + bytes,
        sides,
        quality: wanted.quality,
    }
}

/// A stream on its way into memory.
struct Into {
    memory: &'static [AtomicU8],
    at: usize,
}

impl Sink for Into {
    fn put(&mut self, bytes: &[u8]) -> core::result::Result<(), vision::Error> {
        let room = self.memory.get(self.at..self.at + bytes.len());
        let room = room.ok_or(vision::Error::Full {
            what: "bytes of the picture",
            capacity: self.memory.len(),
        })?;
        for (to, byte) in room.iter().zip(bytes) {
            to.store(*byte, Ordering::Relaxed);
        }
        self.at += bytes.len();
        Ok(())
    }
}

/// `img.flush()`: this image is to be seen.
pub fn flush(image: &Image) -> core::result::Result<(), Error> {
    publish(image);
    Ok(())
}
