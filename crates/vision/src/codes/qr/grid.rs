//! The code's plane, its modules, and which of them are fixed.

use super::Dark;
use super::finder::Finder;
use super::tables::alignments;
use crate::Point;
use crate::geometry::Homography;

/// From modules to pixels. With `exact` the lower right comes from its alignment pattern, otherwise from the other three.
pub(super) fn plane(dark: &Dark, corner: &[Finder; 3], size: usize, exact: bool) -> Option<Homography> {
    let [a, b, c] = corner;
    let far = size as f32 - 3.5;
    let from = |inner: f32| [(3.5, 3.5), (far, 3.5), (inner, inner), (3.5, far)];
    let to = |place: (f32, f32)| [(a.x, a.y), (b.x, b.y), place, (c.x, c.y)];
    let flat = (b.x + c.x - a.x, b.y + c.y - a.y);
    let rough = Homography::from_points(&from(far), &to(flat))?;
    if !exact {
        return Some(rough);
    }
    if size < 25 {
        return None;
    }
    let inner = size as f32 - 6.5;
    let (x, y) = rough.apply(inner, inner)?;
    let place = alignment(dark, &rough, x, y, (a.module + b.module + c.module) / 3.0)?;
    Homography::from_points(&from(inner), &to(place))
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
                right += i32::from(dark.at(libm::floorf(px) as i32, libm::floorf(py) as i32) == Some(want));
            }
        }
        right
    };
    let reach = (module * 5.0) as i32 + 2;
    let mut best = 0;
    let (mut sum_x, mut sum_y, mut count) = (0.0, 0.0, 0.0);
    for dy in -reach..=reach {
        for dx in -reach..=reach {
            let (px, py) = (x + dx as f32, y + dy as f32);
            let right = score(px, py);
            if right > best {
                best = right;
                (sum_x, sum_y, count) = (0.0, 0.0, 0.0);
            }
            if right == best {
                sum_x += px;
                sum_y += py;
                count += 1.0;
            }
        }
    }
    (best >= 22).then(|| (sum_x / count, sum_y / count))
}

/// 1 for each dark module.
pub(super) fn sample(dark: &Dark, plane: &Homography, size: usize, modules: &mut [u8]) {
    for (at, module) in modules.iter_mut().enumerate() {
        let (u, v) = ((at % size) as f32, (at / size) as f32);
        // The middle and four places around it decide.
        let votes = [(0.5, 0.5), (0.35, 0.5), (0.65, 0.5), (0.5, 0.35), (0.5, 0.65)]
            .iter()
            .filter(|(du, dv)| {
                plane.apply(u + du, v + dv).is_some_and(|(x, y)| {
                    dark.at(libm::floorf(x) as i32, libm::floorf(y) as i32) == Some(true)
                })
            });
        *module = u8::from(votes.count() >= 3);
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
