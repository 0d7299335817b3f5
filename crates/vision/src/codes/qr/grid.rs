//! The code's plane, its modules, and which of them are fixed.

use super::finder::Finder;
use super::tables::alignments;
use crate::Point;
use crate::codes::dark::Dark;
use crate::geometry::Homography;
use crate::math::floor;

/// How many lower right corners are tried.
pub(super) const TRIES: usize = 81;

/// From modules to pixels by three patterns, and a lower right one that makes a parallelogram with them, moved in steps of
/// half a module; the first is not moved.
pub(super) fn rough(corner: &[Finder; 3], size: usize, index: usize) -> Option<Homography> {
    let [a, b, c] = corner;
    let far = size as f32 - 3.5;
    // From the middle of a square of 9 x 9 outward: its cells in an order that visits all, the middle one first.
    let cell = (index * 40 + 40) % TRIES;
    let step = (size as f32 - 7.0) * 2.0;
    let (i, j) = ((cell % 9) as f32 - 4.0, (cell / 9) as f32 - 4.0);
    let x = b.x + c.x - a.x + (i * (b.x - a.x) + j * (c.x - a.x)) / step;
    let y = b.y + c.y - a.y + (i * (b.y - a.y) + j * (c.y - a.y)) / step;
    let from = [(3.5, 3.5), (far, 3.5), (far, far), (3.5, far)];
    Homography::from_points(&from, &[(a.x, a.y), (b.x, b.y), (x, y), (c.x, c.y)])
}

/// From modules to pixels by three patterns and the lower right alignment pattern; nothing without one.
pub(super) fn exact(dark: &Dark, corner: &[Finder; 3], size: usize) -> Option<Homography> {
    if size < 25 {
        return None;
    }
    let [a, b, c] = corner;
    let (far, inner) = (size as f32 - 3.5, size as f32 - 6.5);
    let rough = rough(corner, size, 0)?;
    let (x, y) = rough.apply(inner, inner)?;
    let place = alignment(dark, &rough, x, y, (a.module + b.module + c.module) / 3.0)?;
    let from = [(3.5, 3.5), (far, 3.5), (inner, inner), (3.5, far)];
    Homography::from_points(&from, &[(a.x, a.y), (b.x, b.y), place, (c.x, c.y)])
}

/// The middle of the alignment pattern near a place: where most of its 25 modules are as they should.
fn alignment(dark: &Dark, plane: &Homography, x: f32, y: f32, module: f32) -> Option<(f32, f32)> {
    // The plane's own directions.
    let (ox, oy) = plane.apply(10.0, 10.0)?;
    let step = |u: f32, v: f32| plane.apply(10.0 + u, 10.0 + v).map(|(x, y)| (x - ox, y - oy));
    let ((ux, uy), (vx, vy)) = (step(1.0, 0.0)?, step(0.0, 1.0)?);
    let score = |x: f32, y: f32| {
        let mut right = 0;
        for v in -2..=2i32 {
            for u in -2..=2i32 {
                let (fu, fv) = (u as f32, v as f32);
                let (px, py) = (x + fu * ux + fv * vx, y + fu * uy + fv * vy);
                let want = u.abs().max(v.abs()) != 1;
                right += i32::from(dark.at(floor(px), floor(py)) == Some(want));
            }
        }
        right
    };
    // Half pixels; of equally good places the nearest counts, with those beside it.
    let reach = (module * 8.0) as i32 + 4;
    let places =
        || (-reach..=reach).flat_map(|dy| (-reach..=reach).map(move |dx| (dx as f32 / 2.0, dy as f32 / 2.0)));
    let (mut best, mut nearest, mut chosen) = (0, f32::MAX, (0.0, 0.0));
    for (dx, dy) in places() {
        let right = score(x + dx, y + dy);
        let distance = dx * dx + dy * dy;
        if right > best || (right == best && distance < nearest) {
            (best, nearest, chosen) = (right, distance, (dx, dy));
        }
    }
    let (mut sum_x, mut sum_y, mut count) = (0.0, 0.0, 0.0);
    for (dx, dy) in places() {
        let beside = (dx - chosen.0).abs().max((dy - chosen.1).abs()) <= module;
        if beside && score(x + dx, y + dy) == best {
            sum_x += x + dx;
            sum_y += y + dy;
            count += 1.0;
        }
    }
    (best >= 21).then(|| (sum_x / count, sum_y / count))
}

/// 1 for each dark module.
pub(super) fn sample(dark: &Dark, plane: &Homography, size: usize, modules: &mut [u8]) {
    for (at, module) in modules.iter_mut().enumerate() {
        let (u, v) = ((at % size) as f32, (at / size) as f32);
        *module = u8::from(dark.module(plane, u, v));
    }
}

/// The corners of the code in whole pixels.
pub(super) fn corners(plane: &Homography, size: usize) -> [Point; 4] {
    let far = size as f32;
    [(0.0, 0.0), (far, 0.0), (far, far), (0.0, far)].map(|(u, v)| {
        let (x, y) = plane.apply(u, v).unwrap_or_default();
        Point::new(crate::math::floor(x), crate::math::floor(y))
    })
}

/// 1 for each module that holds no data.
pub(super) fn mark_fixed(version: usize, fixed: &mut [u8]) {
    let size = 17 + 4 * version;
    fixed.fill(0);
    let mut mark = |x: usize, y: usize, w: usize, h: usize| {
        for row in y..y + h {
            fixed[row * size + x..row * size + x + w].fill(1);
        }
    };
    // Finder patterns with their air and the format; the module beside the lower one is always dark.
    mark(0, 0, 9, 9);
    mark(size - 8, 0, 8, 9);
    mark(0, size - 8, 9, 8);
    mark(6, 0, 1, size);
    mark(0, 6, size, 1);
    if version >= 7 {
        mark(size - 11, 0, 3, 6);
        mark(0, size - 11, 6, 3);
    }
    let (places, count) = alignments(version);
    let last = count.saturating_sub(1);
    for (i, x) in places[..count].iter().enumerate() {
        for (j, y) in places[..count].iter().enumerate() {
            let at_finder = matches!(
                (i == 0, i == last, j == 0, j == last),
                (true, _, true, _) | (true, _, _, true) | (_, true, true, _)
            );
            if !at_finder {
                mark(x - 2, y - 2, 5, 5);
            }
        }
    }
}
