//! Straight pieces of an edge, and whether chance could have made them: A. Desolneux, L. Moisan and J.-M. Morel,
//! "Meaningful alignments", 2000.

use super::of_ends;
use crate::find::Line;
use crate::math::{round, sqrt};
use crate::{Error, Found, Point, View};

/// Pixels farther than this from a line are not its own.
const FARTHEST: f32 = 1.0;
/// So many of them in a row end it.
const MISSES: usize = 3;
/// A pixel is aligned if its gradient is within 22.5 degrees of the normal: by chance one of eight is.
const CHANCE: f32 = 0.125;
/// The square of the cosine of 22.5 degrees.
const ALIGNED: f32 = 0.853_553_4;

/// Sums over pixels, for the line through them by least squares across it.
#[derive(Clone, Copy, Default)]
struct Sums {
    count: f32,
    x: f32,
    y: f32,
    xx: f32,
    xy: f32,
    yy: f32,
}

/// A point of a line, its direction, and the mean of the squared distances.
struct Fit {
    x: f32,
    y: f32,
    dx: f32,
    dy: f32,
    error: f32,
}

impl Sums {
    /// Coordinates are from the first pixel, so that squares stay exact.
    fn add(&mut self, x: f32, y: f32) {
        self.count += 1.0;
        self.x += x;
        self.y += y;
        self.xx += x * x;
        self.xy += x * y;
        self.yy += y * y;
    }

    fn fit(&self) -> Fit {
        let n = self.count;
        let (x, y) = (self.x / n, self.y / n);
        let (xx, xy, yy) = (self.xx / n - x * x, self.xy / n - x * y, self.yy / n - y * y);
        let root = sqrt((xx - yy) * (xx - yy) + 4.0 * xy * xy);
        let large = 0.5 * (xx + yy + root);
        // Of two ways to the direction the longer is exact.
        let (ax, ay) = (large - yy, xy);
        let (bx, by) = (xy, large - xx);
        let (dx, dy) = if ax * ax + ay * ay > bx * bx + by * by {
            (ax, ay)
        } else {
            (bx, by)
        };
        let length = sqrt(dx * dx + dy * dy);
        let (dx, dy) = if length > 0.0 {
            (dx / length, dy / length)
        } else {
            (1.0, 0.0)
        };
        Fit {
            x,
            y,
            dx,
            dy,
            error: 0.5 * (xx + yy - root),
        }
    }
}

impl Fit {
    fn distance(&self, x: f32, y: f32) -> f32 {
        ((x - self.x) * self.dy - (y - self.y) * self.dx).abs()
    }

    /// The nearest point of the line.
    fn nearest(&self, x: f32, y: f32) -> (f32, f32) {
        let along = (x - self.x) * self.dx + (y - self.y) * self.dy;
        (self.x + along * self.dx, self.y + along * self.dy)
    }
}

/// The least number of pixels that could mean anything in an image of this size: -4 log n / log p of n x n pixels.
fn least_length(smooth: &View) -> usize {
    let side = sqrt((smooth.width() * smooth.height()) as f32);
    (libm::ceilf(-4.0 * libm::logf(side) / libm::logf(CHANCE)) as usize).max(5)
}

/// Cuts an edge into straight pieces.
pub(super) fn straight(
    smooth: &View,
    strengths: &[u16],
    chain: &[[u16; 2]],
    found: &mut Found<Line>,
) -> Result<(), Error> {
    let least = least_length(smooth);
    let mut start = 0;
    while start + least <= chain.len() {
        let origin = chain[start].map(f32::from);
        let own = |at: usize| {
            let [x, y] = chain[at].map(f32::from);
            (x - origin[0], y - origin[1])
        };
        let mut sums = Sums::default();
        for at in start..start + least {
            let (x, y) = own(at);
            sums.add(x, y);
        }
        let mut fit = sums.fit();
        if fit.error > 0.5 * FARTHEST * FARTHEST {
            start += 1;
            continue;
        }
        let (mut end, mut misses) = (start + least, 0);
        for at in start + least..chain.len() {
            let (x, y) = own(at);
            if fit.distance(x, y) > FARTHEST {
                misses += 1;
                if misses == MISSES {
                    break;
                }
                continue;
            }
            misses = 0;
            sums.add(x, y);
            end = at + 1;
            // The steps of a line that is nearly level are not its slope.
            fit = sums.fit();
        }
        if is_meaningful(smooth, &chain[start..end], &fit) {
            let place = |at: usize| {
                let (x, y) = own(at);
                let (x, y) = fit.nearest(x, y);
                Point::new(round(x + origin[0]), round(y + origin[1]))
            };
            let sum: u32 = chain[start..end]
                .iter()
                .map(|[x, y]| u32::from(strengths[usize::from(*y) * smooth.width() + usize::from(*x)] >> 1))
                .sum();
            found.push(of_ends(place(start), place(end - 1), sum / (end - start) as u32))?;
        }
        start = end;
    }
    Ok(())
}

/// Whether fewer than one such piece is expected in noise. The tail of the binomial distribution is bounded by W. Hoeffding's
/// inequality (1963), which keeps a little less.
fn is_meaningful(smooth: &View, pixels: &[[u16; 2]], fit: &Fit) -> bool {
    let aligned = pixels.iter().filter(|[x, y]| {
        let (gx, gy) = gradient(smooth, usize::from(*x), usize::from(*y));
        let across = gy * fit.dx - gx * fit.dy;
        across * across >= ALIGNED * (gx * gx + gy * gy)
    });
    let count = pixels.len() as f32;
    let share = aligned.count() as f32 / count;
    if share <= CHANCE {
        return false;
    }
    let rest = if share < 1.0 {
        (1.0 - share) * libm::logf((1.0 - share) / (1.0 - CHANCE))
    } else {
        0.0
    };
    let gain = count * (share * libm::logf(share / CHANCE) + rest);
    // As many pieces as there are pairs of pixels.
    gain >= 2.0 * libm::logf((smooth.width() * smooth.height()) as f32)
}

/// Sobel's gradient at a pixel with all its neighbours.
fn gradient(smooth: &View, x: usize, y: usize) -> (f32, f32) {
    let rows = [smooth.row(y - 1), smooth.row(y), smooth.row(y + 1)];
    let p = |row: usize, column: usize| i32::from(rows[row][x + column - 1]);
    let gx = p(0, 0) - p(0, 2) + 2 * (p(1, 0) - p(1, 2)) + p(2, 0) - p(2, 2);
    let gy = p(0, 0) + 2 * p(0, 1) + p(0, 2) - p(2, 0) - 2 * p(2, 1) - p(2, 2);
    (gx as f32, gy as f32)
}
