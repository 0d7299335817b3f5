//! What hangs together and is dark, by its outline, and the quadrilateral that it fills.
//!
//! Outlines are followed by Moore's neighbourhood. Of a part only the first and the last column of each row are kept, which
//! is enough for its convex hull.

use crate::{Error, Found, Scratch, bytes_for};

/// A pixel whose outline has been followed.
const SEEN: u8 = 3;
/// Neighbours clockwise from the right one.
const AROUND: [(i32, i32); 8] = [
    (1, 0),
    (1, 1),
    (0, 1),
    (-1, 1),
    (-1, 0),
    (-1, -1),
    (0, -1),
    (1, -1),
];
/// Least sides of the box around a symbol, in pixels.
const LEAST_SIDE: usize = 8;

/// A corner of pixels.
pub(super) type Place = [i32; 2];

/// Memory for outlines.
pub(super) struct Outlines<'a> {
    /// First column and the one behind the last, of each row.
    spans: &'a mut [[u16; 2]],
    chain: Found<'a, Place>,
    other: Found<'a, Place>,
}

pub(super) fn outlines_scratch(height: usize) -> usize {
    bytes_for::<[u16; 2]>(height) + 2 * bytes_for::<Place>(4 * height)
}

impl<'a> Outlines<'a> {
    pub fn new(height: usize, scratch: &mut Scratch<'a>) -> Result<Self, Error> {
        let spans = scratch.take_dirty::<[u16; 2]>(height)?;
        spans.fill([u16::MAX, 0]);
        Ok(Outlines {
            spans,
            chain: Found::new(scratch.take_dirty(4 * height)?, "corners of a hull"),
            other: Found::new(scratch.take_dirty(2 * height)?, "corners of a hull"),
        })
    }

    /// The hull of what has its outline here, counter-clockwise; nothing if it is small, or the outline of a hole.
    pub fn hull(
        &mut self,
        bits: &mut [u8],
        width: usize,
        start: (usize, usize),
    ) -> Result<Option<&[Place]>, Error> {
        let (bottom, twice_area) = self.follow(bits, width, start);
        let rows = start.1..bottom + 1;
        let left = rows.clone().map(|y| self.spans[y][0]).min().unwrap_or(0);
        let right = rows.clone().map(|y| self.spans[y][1]).max().unwrap_or(0);
        let large = usize::from(right.saturating_sub(left)) >= LEAST_SIDE && rows.len() >= LEAST_SIDE;
        let wanted = large && twice_area > 0;
        if wanted {
            self.chain.clear();
            self.other.clear();
            for y in rows.clone() {
                let [left, right] = self.spans[y].map(i32::from);
                let y = y as i32;
                for y in [y, y + 1] {
                    // Left below stays left of the line downwards, and right below right.
                    push(&mut self.chain, [left, y], 1)?;
                    push(&mut self.other, [right, y], -1)?;
                }
            }
            while let Some(place) = self.other.pop() {
                self.chain.push(place)?;
            }
        }
        self.spans[rows].fill([u16::MAX, 0]);
        Ok(wanted.then_some(&*self.chain))
    }

    /// Goes clockwise along an outline from its highest, leftmost pixel; the lowest row, and twice the area inside.
    fn follow(&mut self, bits: &mut [u8], width: usize, start: (usize, usize)) -> (usize, i64) {
        let height = bits.len() / width;
        let origin = (start.0 as i32, start.1 as i32);
        let (mut x, mut y) = origin;
        let (mut heading, mut first) = (0, None);
        let (mut bottom, mut twice_area) = (start.1, 0i64);
        for _ in 0..bits.len() * 2 {
            let at = y as usize * width + x as usize;
            bits[at] = SEEN;
            let span = &mut self.spans[y as usize];
            span[0] = span[0].min(x as u16);
            span[1] = span[1].max(x as u16 + 1);
            bottom = bottom.max(y as usize);
            let next = (0..8).map(|turn| (heading + 5 + turn) % 8).find(|turn| {
                let (dx, dy) = AROUND[*turn];
                let (x, y) = (x + dx, y + dy);
                x >= 0
                    && y >= 0
                    && (x as usize) < width
                    && (y as usize) < height
                    && bits[y as usize * width + x as usize] != 0
            });
            let Some(next) = next else { break };
            if (x, y) == origin {
                if first == Some(next) {
                    break;
                }
                first.get_or_insert(next);
            }
            let (dx, dy) = AROUND[next];
            twice_area += i64::from(x) * i64::from(dy) - i64::from(y) * i64::from(dx);
            (x, y, heading) = (x + dx, y + dy, next);
        }
        (bottom, twice_area)
    }
}

/// Twice the area of a triangle, above 0 if it goes clockwise as seen.
fn turn(a: Place, b: Place, c: Place) -> i64 {
    let [ux, uy] = [b[0] - a[0], b[1] - a[1]].map(i64::from);
    let [vx, vy] = [c[0] - a[0], c[1] - a[1]].map(i64::from);
    ux * vy - uy * vx
}

/// Appends to a chain that turns one way only.
fn push(chain: &mut Found<Place>, place: Place, sign: i64) -> Result<(), Error> {
    while let [.., a, b] = **chain
        && turn(a, b, place) * sign >= 0
    {
        chain.pop();
    }
    chain.push(place)
}

/// Four corners of a hull, counter-clockwise, the last one missing if it is a triangle.
pub(super) fn quadrilateral(hull: &[Place]) -> Option<([Place; 3], Option<Place>)> {
    let distance = |a: Place, b: Place| {
        let [dx, dy] = [a[0] - b[0], a[1] - b[1]].map(i64::from);
        dx * dx + dy * dy
    };
    let mut longest = (0, [0; 2], [0; 2]);
    for (index, a) in hull.iter().enumerate() {
        for b in &hull[index + 1..] {
            if distance(*a, *b) > longest.0 {
                longest = (distance(*a, *b), *a, *b);
            }
        }
    }
    let (square, a, b) = longest;
    let below = *hull.iter().min_by_key(|c| turn(a, b, **c))?;
    let above = *hull.iter().max_by_key(|c| turn(a, b, **c))?;
    // How far a corner is off the diagonal, against its length: in eighths.
    let counts = |c: Place| turn(a, b, c).abs() * 8 > square;
    // Counter-clockwise: what lies clockwise of a to b comes after a.
    match (counts(above), counts(below)) {
        (true, true) => Some(([a, above, b], Some(below))),
        (true, false) => Some(([a, above, b], None)),
        (false, true) => Some(([b, below, a], None)),
        (false, false) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;

    #[test]
    fn the_hull_of_an_angle_is_a_triangle() {
        let (width, height) = (20, 16);
        let mut bits = vec![0; width * height];
        for y in 2..14 {
            bits[y * width + 3] = 1;
        }
        bits[13 * width + 3..13 * width + 17].fill(1);
        let mut memory = vec![0; outlines_scratch(height)];
        let mut outlines = Outlines::new(height, &mut Scratch::new(&mut memory)).unwrap();
        let hull = outlines.hull(&mut bits, width, (3, 2)).unwrap().unwrap();
        for corner in [[3, 2], [3, 14], [17, 14]] {
            assert!(hull.contains(&corner), "{hull:?}");
        }
        let (corners, fourth) = quadrilateral(hull).unwrap();
        assert_eq!((corners[1], fourth), ([3, 14], None));
        assert!(bits.iter().all(|bit| *bit != 1));
    }
}
