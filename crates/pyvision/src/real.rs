//! Pictures of the real camera: frames on Python's heap, which hardware fills in turn.
//!
//! With one frame the picture begins when it is asked for; with two or more the next ones come in while a script works on the last.
//! They are handed out in the order in which they came, so that with three frames none is lost while a script pauses for up to two
//! pictures; those that find no empty frame go by.

use core::cell::Cell;

use upy::{Error, Kind, Obj, ObjCell, Result, port};
use vision::PixFormat;

use crate::hardware::{Figure, Hardware, Kind as Pixels, MOST_FRAMES, Picked, Wanted};
use crate::picture::Shape;

/// No picture for this long, and for three of them, is an error.
const PATIENCE_US: u64 = 500_000;
/// Whole lines of the cache.
const GRID_BYTES: usize = 32;

/// What comes from a camera.
pub struct Stream {
    /// The frames, a tuple of bytearrays; None if nothing runs.
    frames: ObjCell,
    /// The one that the script has.
    out: Cell<Option<usize>>,
}

/// What the camera is to send, what a frame of it is, and how many frames there are.
#[derive(Clone, Copy)]
pub struct Plan {
    pub wanted: Wanted,
    pub shape: Shape,
    pub count: usize,
}

/// A format as the hardware has it.
pub fn pixels(format: PixFormat) -> Option<Pixels> {
    match format {
        PixFormat::Grey => Some(Pixels::Grey),
        PixFormat::Rgb565 => Some(Pixels::Rgb565),
        PixFormat::Yuv422 => Some(Pixels::Yuv422),
        PixFormat::Jpeg => Some(Pixels::Jpeg),
        _ => None,
    }
}

impl Stream {
    /// Nothing.
    pub fn new() -> Self {
        Stream {
            frames: ObjCell::new(Obj::NONE),
            out: Cell::new(None),
        }
    }

    /// Hardware is done with all frames.
    pub fn stop(&self, hardware: &dyn Hardware) {
        hardware.stop();
        self.frames.set(Obj::NONE);
        self.out.set(None);
    }

    fn begin(&self, plan: &Plan, hardware: &dyn Hardware) -> Result<Shape> {
        let Plan { wanted, shape, count } = *plan;
        if self.frames.get() != Obj::NONE {
            return Ok(shape);
        }
        hardware.check(wanted.size, wanted.kind)?;
        let count = count.clamp(1, MOST_FRAMES);
        let mut frames = [Obj::NONE; MOST_FRAMES];
        for frame in &mut frames[..count] {
            *frame = Obj::bytearray(shape.bytes.next_multiple_of(GRID_BYTES))?;
        }
        let all = Obj::tuple(&frames[..count])?;
        hardware.start(&wanted)?;
        self.frames.set(all);
        for (slot, frame) in frames[..count].iter().enumerate() {
            hardware.give(slot, frame)?;
        }
        Ok(shape)
    }

    fn frame(&self, slot: usize) -> Obj {
        let frames = self.frames.get();
        let items = frames.sequence();
        items.and_then(|items| items.get(slot)).unwrap_or(Obj::NONE)
    }

    /// The script is done with its frame.
    fn give_back(&self, hardware: &dyn Hardware) -> Result<()> {
        match self.out.take() {
            Some(slot) => hardware.give(slot, &self.frame(slot)),
            None => Ok(()),
        }
    }

    /// The next picture: where its bytes are, and what it is.
    pub fn next(&self, plan: &Plan, hardware: &dyn Hardware) -> Result<(Obj, Shape)> {
        let mut shape = self.begin(plan, hardware)?;
        self.give_back(hardware)?;
        let picked = match self.wait(hardware) {
            Ok(picked) => picked,
            Err(error) => {
                self.stop(hardware);
                return Err(error);
            }
        };
        self.out.set(Some(picked.slot));
        let store = self.frame(picked.slot);
        if shape.format == PixFormat::Jpeg {
            shape.bytes = stream_bytes(&store, picked.bytes)?;
        }
        Ok((store, shape))
    }

    fn wait(&self, hardware: &dyn Hardware) -> Result<Picked> {
        let rate = hardware.figure(Figure::Rate)?.max(0.1);
        let start_us = port::now_us();
        let patience_us = PATIENCE_US + (3e6 / rate) as u64;
        loop {
            if let Some(picked) = hardware.pick() {
                return Ok(picked);
            }
            if port::now_us() - start_us > patience_us {
                return Err(late(hardware, patience_us / 1000));
            }
            hardware.wait()?;
        }
    }

    /// Lets pictures go by.
    pub fn skip(&self, plan: &Plan, hardware: &dyn Hardware, frames: i32, time_ms: i32) -> Result<()> {
        let end_us = port::now_us() + u64::try_from(time_ms).unwrap_or(0) * 1000;
        let mut left = frames;
        while if frames > 0 {
            left > 0
        } else {
            port::now_us() < end_us
        } {
            self.next(plan, hardware)?;
            left -= 1;
        }
        Ok(())
    }
}

/// Why no picture comes.
fn late(hardware: &dyn Hardware, after_ms: u64) -> Error {
    // A register, to hear whether it still answers.
    let answers = hardware.figure(Figure::GainDb);
    match answers.and_then(|_| hardware.figure(Figure::Overruns)) {
        Ok(overruns) if overruns > 0.0 => Error::new(
            Kind::Runtime,
            format_args!(
                "pictures come faster than memory takes them: {overruns} were lost; try a lower framerate or size"
            ),
        ),
        Ok(_) => Error::new(
            Kind::Runtime,
            format_args!(
                "timeout: the camera answers, but sent no picture in {after_ms} ms; look at PCLK, HREF and VSYNC"
            ),
        ),
        Err(_) => Error::new(
            Kind::Runtime,
            format_args!(
                "timeout: no picture in {after_ms} ms, and the camera no longer answers: was it unplugged?"
            ),
        ),
    }
}

/// Bytes of a compressed picture up to its end mark, behind which zeros may stand.
fn stream_bytes(store: &Obj, bytes: usize) -> Result<usize> {
    let buffer = store.buffer()?;
    let data = buffer.as_slice().get(..bytes).unwrap_or_default();
    let end = data.windows(2).rposition(|pair| pair == [0xFF, 0xD9]);
    end.map(|end| end + 2).ok_or(Error::Runtime(
        c"a JPEG picture came without its end: it is larger than its room, try a lower quality or size",
    ))
}
