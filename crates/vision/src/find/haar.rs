//! Objects by cascades of Haar-like features: P. Viola and M. Jones, "Rapid Object Detection using a Boosted Cascade of
//! Simple Features", 2001.
//!
//! The image is shrunk, not the features. The details are those of OpenMV, whose cascades were made for them: windows one
//! pixel right and down of where the sums begin, nearest pixels, a step in whole pixels that each scale divides once more,
//! windows of little contrast skipped, thresholds times a standard deviation whose square wraps at 32 bits.

use super::cascade::Cascade;
use crate::{Area, Error, Found, Region, Scratch, View, bytes_for, math};

/// Windows with less variance are skipped.
const LEAST_VARIANCE: u32 = 50 * 50;

/// Bytes of working memory that [`find_features`] needs for a region of this width.
pub fn features_scratch(width: usize, cascade: &Cascade) -> usize {
    let rows = cascade.window.1 + 1;
    2 * bytes_for::<u32>(width * rows) + bytes_for::<u32>(rows)
}

/// How objects are looked for.
#[derive(Clone, Copy, Debug)]
pub struct FeatureQuery {
    /// The part of the image.
    pub roi: Option<Region>,
    /// 0 to 1: lower finds more.
    pub threshold: f32,
    /// From size to size, above 1.
    pub scale: f32,
}

impl Default for FeatureQuery {
    fn default() -> Self {
        FeatureQuery {
            roi: None,
            threshold: 0.5,
            scale: 1.5,
        }
    }
}

/// The area shrunk to `width` by its nearest pixels: of the rows of the window, the sums of brightness and of its squares
/// over all that lies above and left.
struct Sums<'a> {
    plain: &'a mut [u32],
    squares: &'a mut [u32],
    /// Where the window's rows begin.
    starts: &'a mut [u32],
    width: usize,
    ratio: (usize, usize),
    /// Rows that were summed so far; the last ones are kept.
    filled: usize,
}

impl Sums<'_> {
    fn shrink(&mut self, area: Area, width: usize, height: usize) {
        self.width = width;
        self.ratio = ((area.w << 16) / width + 1, (area.h << 16) / height + 1);
        self.filled = 0;
    }

    /// Moves the window's first row to `top`.
    fn move_to(&mut self, image: &View, area: Area, top: usize) {
        let rows = self.starts.len();
        while self.filled < top + rows {
            self.add_row(image, area);
        }
        for (row, start) in self.starts.iter_mut().enumerate() {
            *start = ((top + row) % rows * self.width) as u32;
        }
    }

    fn add_row(&mut self, image: &View, area: Area) {
        let (rows, y) = (self.starts.len(), self.filled);
        let from_y = area.y + ((y * self.ratio.1) >> 16).min(area.h - 1);
        let at = y % rows * self.width;
        let above = (y + rows - 1) % rows * self.width;
        let (mut sum, mut squares) = (0u32, 0u32);
        for x in 0..self.width {
            let from_x = area.x + ((x * self.ratio.0) >> 16).min(area.w - 1);
            let level = u32::from(image.grey_at(from_x, from_y));
            sum = sum.wrapping_add(level);
            squares = squares.wrapping_add(level * level);
            let (mut over, mut squares_over) = (0, 0);
            if y > 0 {
                (over, squares_over) = (self.plain[above + x], self.squares[above + x]);
            }
            self.plain[at + x] = sum.wrapping_add(over);
            self.squares[at + x] = squares.wrapping_add(squares_over);
        }
        self.filled += 1;
    }

    /// The sum over a rectangle of the window that begins one pixel right and down of (x, y).
    fn over(&self, sums: &[u32], [x, y, w, h]: [usize; 4]) -> u32 {
        let (top, bottom) = (self.starts[y] as usize, self.starts[y + h] as usize);
        sums[bottom + x + w]
            .wrapping_sub(sums[top + x + w])
            .wrapping_sub(sums[bottom + x])
            .wrapping_add(sums[top + x])
    }
}

/// Finds objects; those that overlap are averaged.
///
/// # Errors
/// A region outside, a scale that is not above 1, too little memory, more objects than `found` holds.
pub fn find_features(
    image: &View,
    cascade: &Cascade,
    query: &FeatureQuery,
    mut scratch: Scratch,
    found: &mut Found<Region>,
) -> Result<(), Error> {
    if !(query.scale > 1.0 && query.scale.is_finite()) {
        return Err(Error::Argument {
            name: "scale",
            found: query.scale,
            expected: "a number above 1",
        });
    }
    let area = image.area_of(query.roi)?;
    let (w, h) = cascade.window;
    let mut sums = Sums {
        plain: scratch.take_dirty(area.w * (h + 1))?,
        squares: scratch.take_dirty(area.w * (h + 1))?,
        starts: scratch.take(h + 1)?,
        width: 0,
        ratio: (0, 0),
        filled: 0,
    };
    found.clear();
    let mut factor = 1.0f32;
    let mut step = (area.w * 50 / 1000).min(h);
    loop {
        let width = (area.w as f32 / factor) as usize;
        let height = (area.h as f32 / factor) as usize;
        if width <= w || height <= h {
            break;
        }
        sums.shrink(area, width, height);
        step = ((step as f32 / factor) as usize).max(1);
        for y in (0..height - h).step_by(step) {
            crate::stop::check()?;
            sums.move_to(image, area, y);
            for x in (0..width - w).step_by(step) {
                if passes(cascade, &sums, x, query.threshold) {
                    let scaled = |value: usize| math::round(value as f32 * factor);
                    let (left, top) = (scaled(x) + area.x as i32, scaled(y) + area.y as i32);
                    found.push(Region::new(left, top, scaled(w), scaled(h)))?;
                }
            }
        }
        factor *= query.scale;
    }
    average(found);
    Ok(())
}

/// True if the window at column `x` passes all stages.
fn passes(cascade: &Cascade, sums: &Sums, x: usize, threshold: f32) -> bool {
    let (w, h) = cascade.window;
    let n = (w * h) as u32;
    let sum = sums.over(sums.plain, [x, 0, w, h]);
    let squares = sums.over(sums.squares, [x, 0, w, h]);
    let mean = sum / n;
    if (squares / n).wrapping_sub(mean.wrapping_mul(mean)) < LEAST_VARIANCE {
        return false;
    }
    let spread = squares.wrapping_mul(n).wrapping_sub(sum.wrapping_mul(sum));
    let deviation = math::sqrt(spread as f32) as i32;
    let (mut node, mut rectangle) = (0, 0);
    for (stage, nodes) in cascade.nodes_of_stages.iter().enumerate().take(cascade.stages) {
        let mut score = 0i32;
        for _ in 0..*nodes {
            let mut response = 0i32;
            for _ in 0..cascade.rectangles_of_nodes[node] {
                let ([rx, ry, rw, rh], weight) = cascade.rectangle(rectangle);
                let part = sums.over(sums.plain, [x + rx, ry, rw, rh]) as i32;
                response = response.wrapping_add(part.wrapping_mul(weight << 12));
                rectangle += 1;
            }
            let limit = Cascade::short(cascade.node_limits, node).wrapping_mul(deviation);
            let side = if response >= limit {
                cascade.right
            } else {
                cascade.left
            };
            score += Cascade::short(side, node);
            node += 1;
        }
        if (score as f32) < threshold * Cascade::short(cascade.stage_limits, stage) as f32 {
            return false;
        }
    }
    true
}

/// Each object takes over those that overlap it; the group's mean stays.
fn average(found: &mut Found<Region>) {
    let mut kept = 0;
    while kept < found.len() {
        let first = found[kept];
        let mut sum = [i64::from(first.x), first.y.into(), first.w.into(), first.h.into()];
        let mut count = 1;
        let mut other = kept + 1;
        while other < found.len() {
            if first.overlaps(&found[other]) {
                let next = found.remove(other);
                for (sum, value) in sum.iter_mut().zip([next.x, next.y, next.w, next.h]) {
                    *sum += i64::from(value);
                }
                count += 1;
            } else {
                other += 1;
            }
        }
        let [x, y, w, h] = sum.map(|sum| (sum / count) as i32);
        found[kept] = Region::new(x, y, w, h);
        kept += 1;
    }
}
