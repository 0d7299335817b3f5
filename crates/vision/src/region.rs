//! Regions as scripts write them, and areas: what is left of them inside an image.

use crate::Error;

/// A place in an image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Point {
    /// Pixels from the left.
    pub x: i32,
    /// Pixels from the top.
    pub y: i32,
}

impl Point {
    /// The point (x, y).
    pub const fn new(x: i32, y: i32) -> Self {
        Point { x, y }
    }
}

/// A rectangle that may lie anywhere: (x, y, w, h) of a script.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Region {
    /// Left edge.
    pub x: i32,
    /// Upper edge.
    pub y: i32,
    /// Width; not above 0 means empty.
    pub w: i32,
    /// Height; not above 0 means empty.
    pub h: i32,
}

impl Region {
    /// The rectangle (x, y, w, h).
    pub const fn new(x: i32, y: i32, w: i32, h: i32) -> Self {
        Region { x, y, w, h }
    }

    /// The pixels that it shares with an image.
    ///
    /// # Errors
    /// [`Error::Outside`] if there are none.
    pub fn within(self, width: usize, height: usize) -> Result<Area, Error> {
        let span = |start: i32, length: i32, limit: usize| {
            let limit = limit as i64;
            let low = i64::from(start).clamp(0, limit);
            let high = (i64::from(start) + i64::from(length)).clamp(0, limit);
            (low as usize, high.saturating_sub(low).max(0) as usize)
        };
        let (x, w) = span(self.x, self.w, width);
        let (y, h) = span(self.y, self.h, height);
        if w == 0 || h == 0 {
            return Err(Error::Outside {
                region: (self.x, self.y, self.w, self.h),
                image: (width, height),
            });
        }
        Ok(Area { x, y, w, h })
    }

    /// True if both share a pixel.
    pub fn overlaps(&self, other: &Region) -> bool {
        self.x < other.x.saturating_add(other.w)
            && other.x < self.x.saturating_add(self.w)
            && self.y < other.y.saturating_add(other.h)
            && other.y < self.y.saturating_add(self.h)
    }

    /// The smallest rectangle that holds both.
    pub fn united(&self, other: &Region) -> Region {
        let x = self.x.min(other.x);
        let y = self.y.min(other.y);
        let right = (self.x + self.w).max(other.x + other.w);
        let bottom = (self.y + self.h).max(other.y + other.h);
        Region::new(x, y, right - x, bottom - y)
    }

    /// Grown by `margin` on all sides.
    pub fn grown(&self, margin: i32) -> Region {
        Region::new(
            self.x.saturating_sub(margin),
            self.y.saturating_sub(margin),
            self.w.saturating_add(margin.saturating_mul(2)),
            self.h.saturating_add(margin.saturating_mul(2)),
        )
    }
}

/// A rectangle that lies in its image and is not empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    /// Left edge.
    pub x: usize,
    /// Upper edge.
    pub y: usize,
    /// Width, above 0.
    pub w: usize,
    /// Height, above 0.
    pub h: usize,
}

impl Area {
    /// First column behind it.
    pub const fn right(&self) -> usize {
        self.x + self.w
    }

    /// First row below it.
    pub const fn bottom(&self) -> usize {
        self.y + self.h
    }

    /// How many pixels.
    pub const fn pixels(&self) -> usize {
        self.w * self.h
    }
}

impl From<Area> for Region {
    fn from(area: Area) -> Self {
        Region::new(area.x as i32, area.y as i32, area.w as i32, area.h as i32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_half_outside_is_cut() {
        assert_eq!(
            Region::new(-5, 3, 10, 100).within(20, 10),
            Ok(Area {
                x: 0,
                y: 3,
                w: 5,
                h: 7
            })
        );
        for region in [
            Region::new(20, 0, 1, 1),
            Region::new(-3, 0, 3, 1),
            Region::new(0, 0, 0, 5),
            Region::new(5, 5, -2, 5),
            Region::new(i32::MIN, i32::MIN, i32::MAX, i32::MAX),
        ] {
            assert!(region.within(20, 10).is_err(), "{region:?}");
        }
        assert!(Region::new(i32::MIN, 0, i32::MAX, 1).within(20, 10).is_err());
        assert!(Region::new(0, 0, i32::MAX, i32::MAX).within(20, 10).is_ok());
    }

    #[test]
    fn overlap_needs_a_pixel_in_common() {
        let region = Region::new(0, 0, 4, 4);
        assert!(region.overlaps(&Region::new(3, 3, 4, 4)));
        assert!(!region.overlaps(&Region::new(4, 0, 4, 4)));
        assert_eq!(region.united(&Region::new(6, -1, 2, 2)), Region::new(0, -1, 8, 5));
    }
}
