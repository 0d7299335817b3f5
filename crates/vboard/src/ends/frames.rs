//! What a camera looks at. The sensor's model makes its own pixel format, size and timing of it.

use chipmodel::Time;

/// A picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Pixels in a line.
    pub width: u16,
    /// Lines.
    pub height: u16,
    /// Red, green, blue of each pixel, line by line: `3 * width * height` bytes.
    pub rgb: Vec<u8>,
}

/// A scene.
pub trait Frames {
    /// What is to be seen at `now`.
    fn frame(&mut self, now: Time) -> Frame;

    /// The same scene once more, for a snapshot.
    fn boxed(&self) -> Box<dyn Frames>;
}

/// A picture that does not move.
#[derive(Clone, Debug)]
pub struct Still(pub Frame);

impl Frames for Still {
    fn frame(&mut self, _now: Time) -> Frame {
        self.0.clone()
    }

    fn boxed(&self) -> Box<dyn Frames> {
        Box::new(self.clone())
    }
}
