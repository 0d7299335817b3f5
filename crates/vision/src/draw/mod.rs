//! Drawing: lines, shapes, text. What lies outside the image is cut off.

mod arrow;
mod blend;
mod circle;
mod cross;
mod edges;
mod ellipse;
mod flood;
mod keypoints;
mod line;
mod mask;
mod rectangle;
mod text;

pub use arrow::arrow;
pub use circle::circle;
pub use cross::cross;
pub use edges::edges;
pub use ellipse::{Ellipse, ellipse};
pub use flood::{FloodFill, flood_fill, flood_fill_scratch};
pub use keypoints::{Mark, keypoints};
pub use line::{clip, line};
pub use mask::{clear, mask_circle, mask_ellipse, mask_rectangle};
pub use rectangle::{detection, rectangle};
pub use text::{Text, text, text_width};

pub(crate) use blend::hline;

/// How a shape is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paint {
    /// A pixel value of the image's format.
    pub colour: u16,
    /// Pixels across the outline; nothing is drawn below 1.
    pub thickness: i32,
    /// The inside too.
    pub fill: bool,
}

impl Paint {
    /// An outline of one pixel.
    pub const fn new(colour: u16) -> Self {
        Paint {
            colour,
            thickness: 1,
            fill: false,
        }
    }

    /// An outline of `thickness` pixels.
    pub const fn thick(mut self, thickness: i32) -> Self {
        self.thickness = thickness;
        self
    }

    /// The inside too.
    pub const fn filled(mut self) -> Self {
        self.fill = true;
        self
    }
}
