//! How an image is drawn into another.

use super::hints::Hints;
use super::op::Op;
use crate::colour::palette::Palette;
use crate::{Region, View};

/// How an image is drawn into another; the names are those of the API.
#[derive(Clone, Copy, Debug)]
pub struct Compose<'a> {
    /// Left edge in the destination.
    pub x: i32,
    /// Upper edge in the destination.
    pub y: i32,
    /// Factor on the width; below 0 mirrors.
    pub x_scale: f32,
    /// Factor on the height; below 0 mirrors.
    pub y_scale: f32,
    /// The part of the source that is drawn.
    pub roi: Option<Region>,
    /// Only red, green or blue (0 to 2) of a colour source, as grey.
    pub rgb_channel: Option<u8>,
    /// 0 invisible to 255 opaque.
    pub alpha: u8,
    /// Colours for the source's grey values.
    pub color_palette: Option<&'a Palette>,
    /// Alpha for the source's grey values.
    pub alpha_palette: Option<&'a [u8; 256]>,
    /// Scaling and orientation.
    pub hints: Hints,
    /// A homography from the drawn rectangle to itself, row by row.
    pub transform: Option<[f32; 9]>,
    /// Where the destination may change.
    pub mask: Option<View<'a>>,
    /// How source and destination are combined.
    pub op: Op,
}

impl Default for Compose<'_> {
    fn default() -> Self {
        Compose {
            x: 0,
            y: 0,
            x_scale: 1.0,
            y_scale: 1.0,
            roi: None,
            rgb_channel: None,
            alpha: 255,
            color_palette: None,
            alpha_palette: None,
            hints: Hints::default(),
            transform: None,
            mask: None,
            op: Op::Replace,
        }
    }
}
