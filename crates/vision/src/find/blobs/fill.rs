//! One blob, run by run: what hangs together with a seed, and the sums over it.

use super::bins::BinRange;
use super::blob::{Blob, CORNERS, corner_angle};
use super::mask::{Mask, within};
use super::query::BlobQuery;
use crate::math::{COS, SIN, atan2, div_round_even, ratio, sqrt};
use crate::{Area, Error, Found, Point, Region, Scratch, View};

/// Cosine and sine of the directions of corners.
static DIRECTIONS: [[f32; 2]; CORNERS] = {
    let (mut all, mut index) = ([[0.0; 2]; CORNERS], 0);
    while index < CORNERS {
        let degrees = corner_angle(index) as usize;
        all[index] = [COS[degrees], SIN[degrees]];
        index += 1;
    }
    all
};

/// A run on the way down to a seed, and where the search above and below it goes on.
#[derive(Clone, Copy, bytemuck::Zeroable, bytemuck::Pod)]
#[repr(C)]
pub(super) struct Run {
    y: u16,
    left: u16,
    right: u16,
    above: u16,
    below: u16,
}

/// The runs that are on the way at most, in a picture of nothing but corners.
pub(super) fn most_runs(width: usize, height: usize) -> usize {
    width.div_ceil(2) * height
}

/// What is shared by all blobs of an image.
pub(super) struct Filler<'a> {
    area: Area,
    /// For which pixels the threshold holds, and which belong to a blob already.
    pub mask: Mask<'a>,
    taken: &'a mut [u32],
    /// Pixels of the blob in each column, and in each row of the image.
    columns: &'a mut [u16],
    rows: &'a mut [u16],
    stack: Found<'a, Run>,
}

/// Sums over one blob.
pub(super) struct Shape {
    pub pixels: i64,
    perimeter: i64,
    x: i64,
    y: i64,
    xx: i64,
    xy: i64,
    yy: i64,
    left: i32,
    top: i32,
    right: i32,
    bottom: i32,
    corners: [Corner; CORNERS],
}

/// The furthest place in one direction, and how many places there are that far.
#[derive(Clone, Copy)]
struct Corner {
    reach: f32,
    place: Point,
    count: i32,
}

impl<'a> Filler<'a> {
    pub fn new(
        image: &View,
        area: Area,
        query: &BlobQuery,
        scratch: &mut Scratch<'a>,
        mut stack: Scratch<'a>,
    ) -> Result<Self, Error> {
        let mask = Mask::new(image, scratch)?;
        let counted = |most: usize, length: usize| if most > 0 { length } else { 0 };
        Ok(Filler {
            area,
            taken: scratch.take(mask.words.len())?,
            mask,
            columns: scratch.take(counted(query.x_hist_bins_max, image.width()))?,
            rows: scratch.take(counted(query.y_hist_bins_max, image.height()))?,
            stack: stack.list(most_runs(image.width(), image.height()), "runs of a blob")?,
        })
    }

    pub fn columns(&self) -> &[u16] {
        self.columns
    }

    pub fn rows(&self) -> &[u16] {
        self.rows
    }

    /// The pixels of a word for which the threshold holds and that are free.
    fn free(&self, word: usize) -> u32 {
        self.mask.words[word] & !self.taken[word]
    }

    /// The first free column of a row from `from` to `last`.
    pub fn next_free(&self, y: usize, from: usize, last: usize) -> Option<usize> {
        let row = y * self.mask.row_words;
        (from / 32..=last / 32).find_map(|index| {
            let bits = self.free(row + index) & within(index, from, last);
            (bits != 0).then(|| 32 * index + bits.trailing_zeros() as usize)
        })
    }

    /// Takes everything that hangs together with (x, y), which is free.
    pub fn fill(&mut self, x: usize, y: usize) -> Result<Shape, Error> {
        self.columns.fill(0);
        self.rows.fill(0);
        self.stack.clear();
        let mut shape = Shape::new();
        let mut run = self.take(x, y, &mut shape);
        loop {
            match self.next(&mut run) {
                Some((x, y)) => {
                    self.stack.push(run)?;
                    run = self.take(x, y, &mut shape);
                }
                None => match self.stack.pop() {
                    Some(before) => run = before,
                    None => return Ok(shape),
                },
            }
        }
    }

    /// First and last column of the free run through (x, y).
    fn ends(&self, x: usize, y: usize) -> (usize, usize) {
        let row = y * self.mask.row_words;
        let mut index = x / 32;
        let mut held = !self.free(row + index) & within(index, 0, x);
        while held == 0 && index > 0 {
            index -= 1;
            held = !self.free(row + index);
        }
        let left = if held == 0 {
            0
        } else {
            32 * index + 32 - held.leading_zeros() as usize
        };
        index = x / 32;
        held = !self.free(row + index) & within(index, x, usize::MAX);
        while held == 0 && index + 1 < self.mask.row_words {
            index += 1;
            held = !self.free(row + index);
        }
        // Beyond the area nothing holds; the last word has no such bit if the area fills it.
        (left, 32 * index + held.trailing_zeros() as usize - 1)
    }

    /// Takes the run through (x, y).
    fn take(&mut self, x: usize, y: usize, shape: &mut Shape) -> Run {
        let (left, right) = self.ends(x, y);
        let row = y * self.mask.row_words;
        for index in left / 32..=right / 32 {
            self.taken[row + index] |= within(index, left, right);
        }
        if !self.rows.is_empty() {
            self.rows[y] += (right - left + 1) as u16;
        }
        if !self.columns.is_empty() {
            self.columns[left..=right]
                .iter_mut()
                .for_each(|count| *count += 1);
        }
        let above = (y > self.area.y).then(|| self.edge(y - 1, left, right));
        let below = (y + 1 < self.area.bottom()).then(|| self.edge(y + 1, left, right));
        // The region's edge is an edge of the blob.
        let whole = right - left + 1;
        let edge = above.unwrap_or(whole) + below.unwrap_or(whole);
        shape.add(left as i32, right as i32, y as i32, edge as i64);
        Run {
            y: y as u16,
            left: left as u16,
            right: right as u16,
            above: left as u16,
            below: left as u16,
        }
    }

    /// Pixels beside a run that belong to no blob; below and above its ends they are counted with the run.
    fn edge(&self, y: usize, left: usize, right: usize) -> usize {
        if right - left < 2 {
            return 0;
        }
        let (left, right, row) = (left + 1, right - 1, y * self.mask.row_words);
        let count = |index: usize| {
            let bits = !(self.mask.words[row + index] | self.taken[row + index]);
            (bits & within(index, left, right)).count_ones() as usize
        };
        (left / 32..=right / 32).map(count).sum()
    }

    /// The next pixel above the run, then below it, that belongs to the blob and is not taken yet.
    fn next(&self, run: &mut Run) -> Option<(usize, usize)> {
        let y = usize::from(run.y);
        let above = (y > self.area.y).then(|| y - 1);
        let below = (y + 1 < self.area.bottom()).then_some(y + 1);
        let right = run.right;
        for (row, from) in [(above, &mut run.above), (below, &mut run.below)] {
            let Some(row) = row.filter(|_| *from <= right) else {
                continue;
            };
            if let Some(x) = self.next_free(row, usize::from(*from), usize::from(right)) {
                *from = x as u16 + 1;
                return Some((x, row));
            }
            *from = right + 1;
        }
        None
    }
}

impl Shape {
    fn new() -> Shape {
        let corner = Corner {
            reach: f32::INFINITY,
            place: Point::new(0, 0),
            count: 0,
        };
        Shape {
            pixels: 0,
            perimeter: 0,
            x: 0,
            y: 0,
            xx: 0,
            xy: 0,
            yy: 0,
            left: i32::MAX,
            top: i32::MAX,
            right: i32::MIN,
            bottom: i32::MIN,
            corners: [corner; CORNERS],
        }
    }

    /// Adds a run's sums, in closed form, and the pixels of the edge above and below it.
    fn add(&mut self, left: i32, right: i32, y: i32, edge: i64) {
        let (l, r, row) = (i64::from(left), i64::from(right), i64::from(y));
        let count = r - l + 1;
        let sum = (r * (r + 1) - l * (l - 1)) / 2;
        let squares = (r * (r + 1) * (2 * r + 1) - l * (l - 1) * (2 * l - 1)) / 6;
        self.pixels += count;
        self.perimeter += 2 + edge;
        self.x += sum;
        self.y += row * count;
        self.xx += squares;
        self.xy += row * sum;
        self.yy += row * row * count;
        self.left = self.left.min(left);
        self.right = self.right.max(right);
        self.top = self.top.min(y);
        self.bottom = self.bottom.max(y);
        for (corner, [cos, sin]) in self.corners.iter_mut().zip(DIRECTIONS) {
            let x = if cos > 0.0 {
                left
            } else if cos == 0.0 {
                (sum / count) as i32
            } else {
                right
            };
            corner.consider(x as f32 * cos + y as f32 * sin, Point::new(x, y));
        }
    }

    /// Area of the box.
    pub fn area(&self) -> u32 {
        ((self.right - self.left + 1) * (self.bottom - self.top + 1)) as u32
    }

    /// The blob of the threshold with this index.
    pub fn blob(&self, index: u32) -> Blob {
        let n = self.pixels;
        let (mx, my) = (div_round_even(self.x, n), div_round_even(self.y, n));
        let a = self.xx - 2 * mx * self.x + n * mx * mx;
        let b = self.xy - (mx * self.y + my * self.x) + n * mx * my;
        let c = self.yy - 2 * my * self.y + n * my * my;
        let (x, y) = (self.x as f32 / n as f32, self.y as f32 / n as f32);
        let rotation = if a == c {
            0.0
        } else {
            atan2((2 * b) as f32, (a - c) as f32) / 2.0
        };
        let roundness = roundness(a as f32, b as f32, c as f32);
        let pixels = n as f32;
        Blob {
            region: Region::new(
                self.left,
                self.top,
                self.right - self.left + 1,
                self.bottom - self.top + 1,
            ),
            pixels: n as u32,
            x,
            y,
            rotation,
            code: 1 << index,
            count: 1,
            perimeter: self.perimeter as u32,
            roundness,
            hull: self.corners.map(|corner| corner.place),
            x_bins: BinRange::default(),
            y_bins: BinRange::default(),
            sums: [
                x * pixels,
                y * pixels,
                libm::cosf(rotation) * pixels,
                libm::sinf(rotation) * pixels,
                roundness * pixels,
            ],
        }
    }
}

impl Corner {
    /// Places equally far are averaged as they come, rounded down.
    fn consider(&mut self, reach: f32, place: Point) {
        if reach < self.reach {
            *self = Corner {
                reach,
                place,
                count: 1,
            };
        } else if reach == self.reach {
            let mean = |old: i32, new: i32| (new + self.count * old) / (self.count + 1);
            self.place = Point::new(mean(self.place.x, place.x), mean(self.place.y, place.y));
            self.count += 1;
        }
    }
}

/// The shorter over the longer axis: 0 a line, 1 a circle.
fn roundness(a: f32, b: f32, c: f32) -> f32 {
    let length = sqrt(b * b + (a - c) * (a - c));
    let along = (ratio(a - c, length) * ((a - c) / 2.0)).abs();
    let across = (ratio(b, length) * (b / 2.0)).abs();
    let half = (a + c) / 2.0;
    ratio((half - along) - across, (half + along) + across)
}
