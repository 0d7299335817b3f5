//! Anti-aliased lines, thin and thick: A. Zingl, "A Rasterizing Algorithm for Drawing Curves", 2012, listings 16 and 17,
//! in integers: coverage in 256 parts, lengths floored. Clipping: Y.-D. Liang and B. Barsky, 1984.

use super::Paint;
use super::blend::{blend, tame};
use crate::math::{floor, sqrt};
use crate::{Point, ViewMut};

/// A line between two points, both included.
pub fn line(image: &mut ViewMut, from: Point, to: Point, paint: &Paint) {
    let limit = (image.width() as i32 - 1, image.height() as i32 - 1);
    let Some((from, to)) = clip(from, to, limit) else {
        return;
    };
    let (dx, dy) = ((to.x - from.x).abs(), (to.y - from.y).abs());
    let length = floor(sqrt((dx * dx + dy * dy) as f32));
    if paint.thickness <= 1 || length == 0 {
        thin(image, from, to, paint.colour);
    } else {
        let thickness = 256 * (paint.thickness.min(i32::from(i16::MAX)) - 1);
        thick(image, from, to, length, thickness, paint.colour);
    }
}

/// The part of a line from (0, 0) to `limit`, both included, its ends cut towards zero.
pub fn clip(from: Point, to: Point, limit: (i32, i32)) -> Option<(Point, Point)> {
    let (from, to) = (
        Point::new(tame(from.x), tame(from.y)),
        Point::new(tame(to.x), tame(to.y)),
    );
    let (dx, dy) = (to.x - from.x, to.y - from.y);
    let (mut start, mut end) = (0.0f32, 1.0f32);
    for (direction, room) in [
        (-dx, from.x),
        (dx, limit.0 - from.x),
        (-dy, from.y),
        (dy, limit.1 - from.y),
    ] {
        if direction == 0 {
            if room < 0 {
                return None;
            }
            continue;
        }
        let share = room as f32 / direction as f32;
        if direction < 0 {
            start = start.max(share);
        } else {
            end = end.min(share);
        }
    }
    if start > end {
        return None;
    }
    let place = |share: f32| {
        let along =
            |from: i32, delta: i32, limit: i32| ((from as f32 + share * delta as f32) as i32).clamp(0, limit);
        Point::new(along(from.x, dx, limit.0), along(from.y, dy, limit.1))
    };
    // An end inside stays where it is, whatever floats do.
    let first = if start > 0.0 { place(start) } else { from };
    let last = if end < 1.0 { place(end) } else { to };
    Some((first, last))
}

/// One pixel wide: the two pixels beside the true line share its colour by distance.
pub(super) fn thin(image: &mut ViewMut, from: Point, to: Point, colour: u16) {
    let (dx, dy) = ((to.x - from.x).abs(), (to.y - from.y).abs());
    let (step_x, step_y) = (
        if from.x < to.x { 1 } else { -1 },
        if from.y < to.y { 1 } else { -1 },
    );
    let (mut x, mut y) = (from.x, from.y);
    let mut error = dx - dy;
    let length = floor(sqrt((dx * dx + dy * dy) as f32)).max(1);
    loop {
        blend(image, x, y, 256 * (error - dx + dy).abs() / length, colour);
        let (before, column) = (error, x);
        if 2 * before >= -dx {
            if x == to.x {
                return;
            }
            if before + dy < length {
                blend(image, x, y + step_y, 256 * (before + dy) / length, colour);
            }
            error -= dy;
            x += step_x;
        }
        if 2 * before <= dy {
            if y == to.y {
                return;
            }
            if dx - before < length {
                blend(image, column + step_x, y, 256 * (dx - before) / length, colour);
            }
            error += dx;
            y += step_y;
        }
    }
}

/// Wider: along the longer axis, and at each step a run across it with soft ends.
fn thick(image: &mut ViewMut, from: Point, to: Point, length: i32, thickness: i32, colour: u16) {
    let (dx, dy) = (
        (to.x - from.x).abs() * 256 / length,
        (to.y - from.y).abs() * 256 / length,
    );
    let (step_x, step_y) = (
        if from.x < to.x { 1 } else { -1 },
        if from.y < to.y { 1 } else { -1 },
    );
    let steep = dx < dy;
    // Along: the longer axis. Across: the other one, along which the runs lie.
    let (slope, run) = if steep { (dx, dy) } else { (dy, dx) };
    let (mut along, mut across, step_along, step_across, end) = if steep {
        (from.y, from.x, step_y, step_x, to.y)
    } else {
        (from.x, from.y, step_x, step_y, to.x)
    };
    let at = |along: i32, across: i32| {
        if steep { (across, along) } else { (along, across) }
    };
    let start = (length + thickness / 2) / run;
    let mut error = (start * run - thickness / 2).max(0);
    across -= start * step_across;
    loop {
        let mut place = across;
        let (x, y) = at(along, place);
        blend(image, x, y, error, colour);
        let mut rest = run - error - thickness;
        while rest + run < 256 {
            place += step_across;
            let (x, y) = at(along, place);
            image.set_pixel(x, y, colour);
            rest += run;
        }
        let (x, y) = at(along, place + step_across);
        blend(image, x, y, rest, colour);
        if along == end {
            return;
        }
        error += slope;
        if error > 256 {
            error -= run;
            across += step_across;
        }
        along += step_along;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Format;

    #[test]
    fn straight_lines_are_sharp() {
        let mut data = [0; 25];
        let mut image = ViewMut::new(&mut data, 5, 5, Format::Grey).unwrap();
        line(&mut image, Point::new(-3, 2), Point::new(9, 2), &Paint::new(255));
        assert_eq!(data[10..15], [255; 5]);
        assert!(data[..10].iter().chain(&data[15..]).all(|pixel| *pixel == 0));
    }

    #[test]
    fn clipping_keeps_what_is_inside_and_bears_any_number() {
        let limit = (9, 9);
        let p = Point::new;
        assert_eq!(clip(p(2, 3), p(7, 8), limit), Some((p(2, 3), p(7, 8))));
        assert_eq!(clip(p(-5, 5), p(20, 5), limit), Some((p(0, 5), p(9, 5))));
        assert_eq!(clip(p(-5, -1), p(20, -1), limit), None);
        assert_eq!(
            clip(p(i32::MIN, i32::MIN), p(i32::MAX, i32::MAX), limit),
            Some((p(0, 0), p(9, 9)))
        );
    }
}
