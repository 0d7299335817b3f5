//! Objects by cascades of Haar-like features: P. Viola and M. Jones, "Rapid Object Detection using a Boosted Cascade of
//! Simple Features", 2001.
//!
//! The image is shrunk, not the features. The details are those of OpenMV, whose cascades were made for them: windows one
//! pixel right and down of where the sums begin, whole standard deviations, thresholds times the deviation, variances that
//! wrap at 32 bits, windows of little contrast skipped.

use crate::codec::Reader;
use crate::{Area, Error, Found, Region, Scratch, View, bytes_for, math};

/// A cascade file: little-endian numbers.
#[derive(Clone, Copy, Debug)]
pub struct Cascade<'a> {
    data: &'a [u8],
    /// Width and height of the window.
    pub window: (usize, usize),
    /// Stages that are used.
    pub stages: usize,
    all_stages: usize,
    features: usize,
    /// Where the stages' thresholds begin.
    at: usize,
}

impl<'a> Cascade<'a> {
    /// A cascade in a file's bytes; `stages` uses only the first ones.
    ///
    /// # Errors
    /// [`Error::Damaged`] if lengths do not fit together.
    pub fn new(data: &'a [u8], stages: Option<usize>) -> Result<Self, Error> {
        let reader = Reader {
            data,
            file: "cascade",
        };
        let word = |at: usize| reader.le32(at).map(|value| value as usize);
        let (width, height, all_stages) = (word(0)?, word(4)?, word(8)?);
        if !(1..=256).contains(&width) || !(1..=256).contains(&height) || !(1..=1024).contains(&all_stages) {
            return Err(reader.damaged(0, "a window of 1 to 256 pixels and 1 to 1024 stages"));
        }
        let counts = reader.bytes(12, all_stages)?;
        let features: usize = counts.iter().map(|count| usize::from(*count)).sum();
        let mut cascade = Cascade {
            data,
            window: (width, height),
            stages: stages.unwrap_or(all_stages).min(all_stages),
            all_stages,
            features,
            at: 12 + all_stages,
        };
        // Some files have a byte between that makes numbers lie at even places.
        let fits = |cascade: &Cascade| cascade.length() == Some(data.len());
        if !fits(&cascade) {
            cascade.at += cascade.at % 2;
            if !fits(&cascade) {
                return Err(reader.damaged(12 + all_stages, "as many bytes as the stages and features need"));
            }
        }
        cascade.check(&reader)?;
        Ok(cascade)
    }

    fn rectangles_at(&self) -> usize {
        self.at + 2 * self.all_stages + 6 * self.features
    }

    fn length(&self) -> Option<usize> {
        let counts = self.data.get(self.rectangles_at()..)?.get(..self.features)?;
        let rectangles: usize = counts.iter().map(|count| usize::from(*count)).sum();
        Some(self.rectangles_at() + self.features + 5 * rectangles)
    }

    /// Rectangles lie in the window.
    fn check(&self, reader: &Reader) -> Result<(), Error> {
        let counts = &self.data[self.rectangles_at()..][..self.features];
        let count: usize = counts.iter().map(|count| usize::from(*count)).sum();
        let first = self.rectangles_at() + self.features + count;
        for index in 0..count {
            let [x, y, w, h] = self.rectangle(first, index);
            if x + w > self.window.0 || y + h > self.window.1 {
                return Err(reader.damaged(first + 4 * index, "rectangles in the window"));
            }
        }
        Ok(())
    }

    fn rectangle(&self, first: usize, index: usize) -> [usize; 4] {
        let bytes = &self.data[first + 4 * index..][..4];
        [bytes[0], bytes[1], bytes[2], bytes[3]].map(usize::from)
    }

    fn short(&self, at: usize) -> i32 {
        i32::from(i16::from_le_bytes([self.data[at], self.data[at + 1]]))
    }
}

/// Bytes of working memory that [`find_features`] needs for a region of this size.
pub fn features_scratch(width: usize, height: usize) -> usize {
    2 * bytes_for::<u32>((width + 1) * (height + 1))
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

/// Sums of brightness, and of its squares, over all that lies above and left.
struct Sums<'a> {
    plain: &'a mut [u32],
    squares: &'a mut [u32],
    width: usize,
    height: usize,
}

impl Sums<'_> {
    /// Sums over the area shrunk to this size by its nearest pixels.
    fn fill(&mut self, image: &View, area: Area, width: usize, height: usize) {
        (self.width, self.height) = (width, height);
        let ratio = |from: usize, to: usize| (from << 16) / to + 1;
        let (rx, ry) = (ratio(area.w, width), ratio(area.h, height));
        for y in 0..height {
            let from_y = ((y * ry) >> 16).min(area.h - 1);
            let (mut sum, mut squares) = (0u32, 0u32);
            for x in 0..width {
                let from_x = ((x * rx) >> 16).min(area.w - 1);
                let level = u32::from(image.grey_at(area.x + from_x, area.y + from_y));
                sum = sum.wrapping_add(level);
                squares = squares.wrapping_add(level * level);
                let at = y * width + x;
                let above = at.checked_sub(width);
                self.plain[at] = sum.wrapping_add(above.map_or(0, |above| self.plain[above]));
                self.squares[at] = squares.wrapping_add(above.map_or(0, |above| self.squares[above]));
            }
        }
    }

    /// The sum over a rectangle that begins one pixel right and down of (x, y).
    fn over(sums: &[u32], width: usize, [x, y, w, h]: [usize; 4]) -> u32 {
        let at = |x: usize, y: usize| sums[y * width + x];
        at(x + w, y + h)
            .wrapping_sub(at(x + w, y))
            .wrapping_sub(at(x, y + h))
            .wrapping_add(at(x, y))
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
    let mut sums = Sums {
        plain: scratch.take_dirty(area.pixels())?,
        squares: scratch.take_dirty(area.pixels())?,
        width: 0,
        height: 0,
    };
    found.clear();
    let mut factor = 1.0f32;
    let mut step = area.w as f32 * 0.05;
    step = step.min(cascade.window.1 as f32);
    loop {
        let (width, height) = (
            (area.w as f32 / factor) as usize,
            (area.h as f32 / factor) as usize,
        );
        let (w, h) = cascade.window;
        if width <= w || height <= h {
            break;
        }
        sums.fill(image, area, width, height);
        step /= factor;
        let stride = (step as usize).max(1);
        for y in (0..height - h).step_by(stride) {
            for x in (0..width - w).step_by(stride) {
                if passes(cascade, &sums, (x, y), query.threshold) {
                    let scaled = |value: usize| math::round(value as f32 * factor);
                    found.push(Region::new(
                        scaled(x) + area.x as i32,
                        scaled(y) + area.y as i32,
                        scaled(w),
                        scaled(h),
                    ))?;
                }
            }
        }
        factor *= query.scale;
    }
    average(found);
    Ok(())
}

/// True if a window passes all stages.
fn passes(cascade: &Cascade, sums: &Sums, (x, y): (usize, usize), threshold: f32) -> bool {
    let (w, h) = cascade.window;
    let n = (w * h) as u32;
    let sum = Sums::over(sums.plain, sums.width, [x, y, w, h]);
    let squares = Sums::over(sums.squares, sums.width, [x, y, w, h]);
    let mean = sum / n;
    let variance = (squares / n).wrapping_sub(mean.wrapping_mul(mean));
    if variance < 50 * 50 {
        return false;
    }
    let deviation = math::isqrt(variance) as i32;
    let features = cascade.features;
    let nodes = cascade.at + 2 * cascade.all_stages;
    let counts = cascade.rectangles_at();
    let weights = counts + features;
    let all: usize = cascade.data[counts..weights]
        .iter()
        .map(|count| usize::from(*count))
        .sum();
    let places = weights + all;
    let (mut node, mut rectangle) = (0, 0);
    for stage in 0..cascade.stages {
        let mut score = 0i32;
        for _ in 0..cascade.data[12 + stage] {
            let mut response = 0i64;
            for _ in 0..cascade.data[counts + node] {
                let [rx, ry, rw, rh] = cascade.rectangle(places, rectangle);
                let weight = i64::from(cascade.data[weights + rectangle] as i8);
                let part = Sums::over(sums.plain, sums.width, [x + rx, y + ry, rw, rh]);
                // Weights count in 4096ths of the thresholds' scale.
                response += i64::from(part) * weight * 4096;
                rectangle += 1;
            }
            let limit = i64::from(cascade.short(nodes + 2 * node)) * i64::from(deviation) * i64::from(n);
            let side = if response >= limit { 2 } else { 1 };
            score += cascade.short(nodes + 2 * side * features + 2 * node);
            node += 1;
        }
        if (score as f32) < threshold * cascade.short(cascade.at + 2 * stage) as f32 {
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
