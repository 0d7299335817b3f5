//! Rectangles: quadrilaterals whose edges are strong.

use super::{copy_grey, quads, search_scratch};
use crate::codes::region_of;
use crate::{Error, Found, Point, Region, Scratch, View, bytes_for, math};

/// A rectangle that was found.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rect {
    /// The corners, in the order of the edges.
    pub corners: [Point; 4],
    /// The sum of gradients along the edges.
    pub magnitude: u32,
}

impl Rect {
    /// The box around the corners.
    pub fn region(&self) -> Region {
        region_of(&self.corners)
    }
}

/// Bytes of working memory that [`find_rects`] needs for a region of this size with usual content.
pub fn rects_scratch(width: usize, height: usize) -> usize {
    bytes_for::<u8>(width * height) + search_scratch(width, height)
}

/// Finds rectangles whose magnitude is at least `threshold`.
///
/// # Errors
/// A region outside, too little memory, more rectangles than `found` holds.
pub fn find_rects(
    image: &View,
    roi: Option<Region>,
    threshold: u32,
    mut scratch: Scratch,
    found: &mut Found<Rect>,
) -> Result<(), Error> {
    let area = image.area_of(roi)?;
    let grey = scratch.take_dirty::<u8>(area.w * area.h)?;
    copy_grey(image, area, grey);
    let grey = View::new(grey, area.w, area.h, crate::Format::Grey)?;
    found.clear();
    for quad in quads(&grey, 1, &mut scratch)? {
        let corners = quad.corners.map(|[x, y]| {
            let whole = |at: f64, limit: usize| (math::round(at as f32)).clamp(0, limit as i32 - 1);
            Point::new(whole(x, area.w), whole(y, area.h))
        });
        let magnitude = (0..4)
            .map(|index| along(&grey, corners[index], corners[(index + 1) % 4]))
            .sum();
        if magnitude >= threshold {
            let moved = |corner: Point| Point::new(corner.x + area.x as i32, corner.y + area.y as i32);
            found.push(Rect {
                corners: corners.map(moved),
                magnitude,
            })?;
        }
    }
    Ok(())
}

/// The sum of gradients' sizes, (|gx| + |gy|) / 2, along a line.
fn along(image: &View, from: Point, to: Point) -> u32 {
    let steps = (to.x - from.x).abs().max((to.y - from.y).abs()).max(1);
    let level = |x: i32, y: i32| {
        let x = x.clamp(0, image.width() as i32 - 1) as usize;
        let y = y.clamp(0, image.height() as i32 - 1) as usize;
        i32::from(image.row(y)[x])
    };
    (0..steps)
        .map(|step| {
            let x = from.x + (to.x - from.x) * step / steps;
            let y = from.y + (to.y - from.y) * step / steps;
            let column = |dx: i32| level(x + dx, y - 1) + 2 * level(x + dx, y) + level(x + dx, y + 1);
            let row = |dy: i32| level(x - 1, y + dy) + 2 * level(x, y + dy) + level(x + 1, y + dy);
            ((column(-1) - column(1)).unsigned_abs() + (row(-1) - row(1)).unsigned_abs()) / 2
        })
        .sum()
}
