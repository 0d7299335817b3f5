//! Finder patterns: squares of 7 modules whose rows through the middle are dark and light as 1:1:3:1:1.

use crate::Found;
use crate::codes::dark::Dark;

/// At most so many patterns are looked at.
pub(super) const MOST: usize = 64;

/// A pattern's middle and the width of a module.
#[derive(Clone, Copy, Debug, Default, bytemuck::Zeroable, bytemuck::Pod)]
#[repr(C)]
pub(super) struct Finder {
    pub x: f32,
    pub y: f32,
    pub module: f32,
    /// How many rows saw it.
    count: f32,
}

/// Five runs as 1:1:3:1:1, each within half a module (the middle within one and a half).
fn is_pattern(runs: &[u32; 5]) -> Option<f32> {
    let total: u32 = runs.iter().sum();
    if total < 7 || runs.contains(&0) {
        return None;
    }
    let module = total as f32 / 7.0;
    let near = |run: u32, modules: f32| {
        (run as f32 - modules * module).abs() <= 0.25 * modules.max(2.0) * module + 0.5
    };
    let fits = [1.0, 1.0, 3.0, 1.0, 1.0]
        .iter()
        .zip(runs)
        .all(|(modules, run)| near(*run, *modules));
    fits.then_some(module)
}

/// Collects the patterns that rows see and columns confirm.
pub(super) fn find(dark: &Dark, finders: &mut Found<Finder>) {
    for y in 0..dark.height {
        let row = &dark.bits[y * dark.width..(y + 1) * dark.width];
        let mut runs = [0u32; 5];
        let mut colour = false;
        for x in 0..=dark.width {
            // Behind the row it is neither.
            let next = row.get(x).map(|bit| *bit != 0);
            if next == Some(colour) {
                runs[4] += 1;
                continue;
            }
            if colour && is_pattern(&runs).is_some() {
                let middle = x as f32 - (runs[4] + runs[3]) as f32 - runs[2] as f32 / 2.0;
                confirm(dark, middle, y, finders);
            }
            runs.rotate_left(1);
            runs[4] = 1;
            colour = next.unwrap_or(false);
        }
    }
    crate::math::sort(finders, |a, b| a.count.total_cmp(&b.count).is_gt());
    // What only one row saw is chance, where others were seen by many.
    let most = finders.first().map_or(0.0, |first| first.count);
    finders.retain(|finder| finder.count * 8.0 >= most);
}

/// The five runs through a place along a direction: the place's own, and two to each side.
fn across(dark: &Dark, x: i32, y: i32, (dx, dy): (i32, i32)) -> Option<([u32; 5], f32)> {
    let mut runs = [0u32; 5];
    if dark.at(x, y) != Some(true) {
        return None;
    }
    let mut ends = [0i32; 2];
    for (side, sign) in [(0usize, -1i32), (1, 1)] {
        let mut step = if side == 0 { 0 } else { 1 };
        for ring in 0..3 {
            let want = ring != 1;
            let slot = if side == 0 { 2 - ring } else { 2 + ring };
            while dark.at(x + sign * step * dx, y + sign * step * dy) == Some(want) {
                runs[slot] += 1;
                step += 1;
            }
            if ring == 0 {
                ends[side] = step;
            }
        }
    }
    // The middle of the middle run, from the place.
    Some((runs, (ends[1] - ends[0]) as f32 / 2.0))
}

fn confirm(dark: &Dark, x: f32, y: usize, finders: &mut Found<Finder>) {
    let column = x as i32;
    let Some((down, offset)) = across(dark, column, y as i32, (0, 1)) else {
        return;
    };
    let Some(module_y) = is_pattern(&down) else {
        return;
    };
    let middle_y = y as f32 + 0.5 + offset;
    let Some((along, offset)) = across(dark, column, middle_y as i32, (1, 0)) else {
        return;
    };
    let Some(module_x) = is_pattern(&along) else {
        return;
    };
    let found = Finder {
        x: column as f32 + 0.5 + offset,
        y: middle_y,
        module: (module_x + module_y) / 2.0,
        count: 1.0,
    };
    for known in finders.iter_mut() {
        let near = (known.x - found.x).abs() <= known.module * 2.0
            && (known.y - found.y).abs() <= known.module * 2.0;
        if near {
            let sum = known.count + 1.0;
            let mean = |old: f32, new: f32| (old * known.count + new) / sum;
            *known = Finder {
                x: mean(known.x, found.x),
                y: mean(known.y, found.y),
                module: mean(known.module, found.module),
                count: sum,
            };
            return;
        }
    }
    // Without room the first ones stay.
    let _ = finders.push(found);
}

/// Upper left, upper right and lower left, if `corner` is the upper left of the three.
pub(super) fn corner(corner: Finder, one: Finder, other: Finder) -> Option<[Finder; 3]> {
    let (ux, uy) = (one.x - corner.x, one.y - corner.y);
    let (vx, vy) = (other.x - corner.x, other.y - corner.y);
    let (u, v) = (
        crate::math::sqrt(ux * ux + uy * uy),
        crate::math::sqrt(vx * vx + vy * vy),
    );
    let modules = [corner.module, one.module, other.module];
    let (least, most) = modules.iter().fold((f32::MAX, 0.0f32), |(least, most), m| {
        (least.min(*m), most.max(*m))
    });
    let cos = (ux * vx + uy * vy) / (u * v);
    // Perspective bends the square, but not beyond these; 14 modules at least part two patterns, and turned by half a right
    // angle a module looks larger by half.
    if most > 1.8 * least || u > 1.8 * v || v > 1.8 * u || cos.abs() > 0.5 || u.min(v) < 8.0 * least {
        return None;
    }
    // From the right clockwise to below, as an image counts.
    Some(if ux * vy - uy * vx > 0.0 {
        [corner, one, other]
    } else {
        [corner, other, one]
    })
}

/// The version whose size the distances suggest.
pub(super) fn version(corner: &[Finder; 3]) -> i32 {
    let [a, b, c] = corner;
    let modules = |p: &Finder, q: &Finder| {
        let (dx, dy) = (q.x - p.x, q.y - p.y);
        let length = crate::math::sqrt(dx * dx + dy * dy);
        // A module's width is measured along rows and columns: turned patterns look larger there.
        let stretch = dx.abs().max(dy.abs()) / length;
        length / ((p.module + q.module) / 2.0 * stretch)
    };
    let size = (modules(a, b) + modules(a, c)) / 2.0 + 7.0;
    crate::math::round((size - 17.0) / 4.0)
}
