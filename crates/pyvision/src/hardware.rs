//! A real camera, as this crate sees it: the firmware has the chip and gives an implementation.

use once_cell::sync::OnceCell;
use upy::{Obj, Result};

/// What a frame is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Pixels of the whole picture.
    pub size: (u16, u16),
    /// The part of it that is a frame: x, y, width, height.
    pub window: [u16; 4],
    /// How pixels lie in a frame.
    pub kind: Kind,
    /// Bytes of a frame, or the room for a compressed one.
    pub bytes: usize,
    /// Pictures a second; 0: as many as there are.
    pub rate: u16,
    /// 10 to 100.
    pub quality: u8,
}

/// How pixels lie in a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Grey,
    Rgb565,
    Yuv422,
    Jpeg,
}

/// A picture that has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Picked {
    /// In which of the frames.
    pub slot: usize,
    /// Bytes of it.
    pub bytes: usize,
}

/// What can be turned at a sensor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Control {
    /// hmirror, vflip
    Turn(bool, bool),
    Bars(bool),
    /// Automatic gain, exposure, white balance; `None` stays.
    Automatic([Option<bool>; 3]),
    GainDb(f64),
    ExposureUs(u32),
    Write(u16, u8),
}

/// What can be asked of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Figure {
    GainDb,
    ExposureUs,
    /// Pictures a second.
    Rate,
    /// Pictures that were lost since the start because hardware or interrupts came too late.
    Overruns,
    Register(u16),
}

/// The most frames.
pub const MOST_FRAMES: usize = 4;

/// The way to a camera.
pub trait Hardware: Sync {
    /// Switches it on and asks who it is; `None`: nobody answers. RuntimeError if somebody does who is not known, or if the bus does
    /// not work.
    fn find(&self) -> Result<Option<u32>>;
    /// ValueError, in words, unless it can send that.
    fn check(&self, size: (u16, u16), kind: Kind) -> Result<()>;
    /// Sends from now on, into frames that are given.
    fn start(&self, wanted: &Wanted) -> Result<()>;
    /// No more; hardware is done with all frames.
    fn stop(&self);
    /// A frame to be filled: the object is held until all is stopped.
    fn give(&self, slot: usize, frame: &Obj) -> Result<()>;
    /// The oldest picture.
    fn pick(&self) -> Option<Picked>;
    /// Some time passes; callbacks are served, and Ctrl-C.
    fn wait(&self) -> Result<()>;
    fn control(&self, control: Control) -> Result<()>;
    fn figure(&self, figure: Figure) -> Result<f64>;
    /// Switches it off, or on again.
    fn sleep(&self, asleep: bool) -> Result<()>;
}

static HARDWARE: OnceCell<&'static dyn Hardware> = OnceCell::new();

/// There is this one. Once.
pub fn provide(hardware: &'static dyn Hardware) {
    let _ = HARDWARE.set(hardware);
}

/// The one there is.
pub fn get() -> Option<&'static dyn Hardware> {
    HARDWARE.get().copied()
}
