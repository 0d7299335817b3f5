//! Which pixel of the source lies at a pixel of the destination.

use super::hints::Hints;
use super::how::Compose;
use crate::format::MAX_SIDE;
use crate::{Area, Error, View, ViewMut};
use core::ops::Range;

/// Where the drawn rectangle lies, and how it goes back to the source.
pub(super) struct Place {
    /// The drawn part of the source.
    pub area: Area,
    /// Corner and size of the drawn rectangle in the destination.
    left: i32,
    top: i32,
    width: usize,
    height: usize,
    /// What of it lies in the destination.
    columns: Range<usize>,
    rows: Range<usize>,
    mirror_x: bool,
    mirror_y: bool,
    transpose: bool,
}

/// Size of the drawn rectangle without regard to a destination.
pub(super) fn scaled(area: Area, how: &Compose) -> Result<(usize, usize), Error> {
    let side = |length: usize, scale: f32, name| {
        let scaled = libm::floorf(length as f32 * scale.abs());
        // A scale that is not a number fails both comparisons.
        if scaled >= 1.0 && scaled <= MAX_SIDE as f32 {
            return Ok(scaled as usize);
        }
        Err(Error::Argument {
            name,
            found: scale,
            expected: "a factor that leaves 1 to 16383 pixels",
        })
    };
    let (width, height) = (
        side(area.w, how.x_scale, "x_scale")?,
        side(area.h, how.y_scale, "y_scale")?,
    );
    Ok(if how.hints.has(Hints::TRANSPOSE) {
        (height, width)
    } else {
        (width, height)
    })
}

impl Place {
    pub fn new(image: &ViewMut, source: &View, how: &Compose) -> Result<Place, Error> {
        let area = source.area_of(how.roi)?;
        let transpose = how.hints.has(Hints::TRANSPOSE);
        let (width, height) = match fitted(image, area, how.hints, transpose) {
            Some(size) => size,
            None => scaled(area, how)?,
        };
        let (mut left, mut top) = (how.x, how.y);
        if how.hints.has(Hints::CENTER) {
            left = left.saturating_add((image.width() as i32 - width as i32) / 2);
            top = top.saturating_add((image.height() as i32 - height as i32) / 2);
        }
        let cut = |start: i32, length: usize, limit: usize| {
            let end = i64::from(start) + length as i64;
            let limit = limit as i64;
            i64::from(start).clamp(0, limit) as usize..end.clamp(0, limit) as usize
        };
        Ok(Place {
            area,
            left,
            top,
            width,
            height,
            columns: cut(left, width, image.width()),
            rows: cut(top, height, image.height()),
            mirror_x: how.hints.has(Hints::HMIRROR) != (how.x_scale < 0.0),
            mirror_y: how.hints.has(Hints::VFLIP) != (how.y_scale < 0.0),
            transpose,
        })
    }

    pub fn columns(&self) -> Range<usize> {
        self.columns.clone()
    }

    pub fn rows(&self) -> Range<usize> {
        self.rows.clone()
    }

    /// Size of the drawn rectangle.
    pub fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// True if pixels are only copied or combined, one to one.
    pub fn is_plain(&self, how: &Compose) -> bool {
        let upright = !(self.mirror_x || self.mirror_y || self.transpose);
        upright
            && (self.width, self.height) == (self.area.w, self.area.h)
            && how.rgb_channel.is_none()
            && how.color_palette.is_none()
            && how.alpha_palette.is_none()
            && how.transform.is_none()
            && !how.hints.has(Hints::BLACK_BACKGROUND)
    }

    /// A destination pixel as one of the drawn rectangle.
    pub fn inside(&self, x: usize, y: usize) -> (usize, usize) {
        (
            (x as i64 - i64::from(self.left)) as usize,
            (y as i64 - i64::from(self.top)) as usize,
        )
    }

    /// A pixel of the drawn rectangle before it was turned and mirrored, and the rectangle's size then.
    pub fn upright(&self, x: usize, y: usize) -> ((usize, usize), (usize, usize)) {
        let (mut x, mut y) = (x, y);
        let mut size = (self.width, self.height);
        if self.transpose {
            (x, y) = (y, x);
            size = (size.1, size.0);
        }
        if self.mirror_x {
            x = size.0 - 1 - x;
        }
        if self.mirror_y {
            y = size.1 - 1 - y;
        }
        ((x, y), size)
    }

    /// The nearest pixel of the source, which is the one below and left in proportion.
    pub fn nearest(&self, x: usize, y: usize) -> (usize, usize) {
        let (x, y) = self.inside(x, y);
        self.nearest_inside(x, y)
    }

    /// The same for a pixel of the drawn rectangle.
    pub fn nearest_inside(&self, x: usize, y: usize) -> (usize, usize) {
        let ((x, y), (width, height)) = self.upright(x, y);
        (
            self.area.x + x * self.area.w / width,
            self.area.y + y * self.area.h / height,
        )
    }
}

/// Size of the drawn rectangle if it follows from the destination's.
fn fitted(image: &ViewMut, area: Area, hints: Hints, transpose: bool) -> Option<(usize, usize)> {
    let (width, height) = (image.width(), image.height());
    let (w, h) = if transpose {
        (area.h, area.w)
    } else {
        (area.w, area.h)
    };
    if hints.has(Hints::SCALE_ASPECT_IGNORE) {
        return Some((width, height));
    }
    let keep = hints.has(Hints::SCALE_ASPECT_KEEP);
    if !keep && !hints.has(Hints::SCALE_ASPECT_EXPAND) {
        return None;
    }
    // Which side meets the destination's: the one that is relatively longer, to fit in; the other, to cover.
    let by_width = (w * height >= h * width) == keep;
    let (width, height) = if by_width {
        (width, h * width / w)
    } else {
        (w * height / h, height)
    };
    Some((width.clamp(1, MAX_SIDE), height.clamp(1, MAX_SIDE)))
}
