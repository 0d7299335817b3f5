//! Corners by a segment test: E. Rosten and T. Drummond, "Machine Learning for High-Speed Corner Detection", 2006 (FAST), and
//! E. Mair and others, "Adaptive and Generic Corner Detection Based on the Accelerated Segment Test", 2010 (AGAST): a corner
//! has, on a ring around it, a run of pixels that are all lighter, or all darker, by more than a threshold.

use super::KeypointQuery;
use crate::View;

/// A ring, and how long the run must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detector {
    /// FAST: 9 of 16 pixels, three away.
    Far,
    /// AGAST: 5 of 8 pixels, next to it.
    Near,
}

const FAR: [(isize, isize); 16] = [
    (0, -3),
    (1, -3),
    (2, -2),
    (3, -1),
    (3, 0),
    (3, 1),
    (2, 2),
    (1, 3),
    (0, 3),
    (-1, 3),
    (-2, 2),
    (-3, 1),
    (-3, 0),
    (-3, -1),
    (-2, -2),
    (-1, -3),
];
const NEAR: [(isize, isize); 8] = [
    (0, -1),
    (1, -1),
    (1, 0),
    (1, 1),
    (0, 1),
    (-1, 1),
    (-1, 0),
    (-1, -1),
];

impl Detector {
    fn ring(self) -> (&'static [(isize, isize)], usize) {
        match self {
            Detector::Far => (&FAR, 9),
            Detector::Near => (&NEAR, 5),
        }
    }
}

/// The largest threshold at which (x, y) is a corner, and one more; 0 if it is none at any.
fn score(image: &View, (x, y): (usize, usize), detector: Detector) -> u16 {
    let (ring, run) = detector.ring();
    let middle = i16::from(image.row(y)[x]);
    let mut differences = [0; 16];
    for (difference, (dx, dy)) in differences.iter_mut().zip(ring) {
        let (x, y) = (x.wrapping_add_signed(*dx), y.wrapping_add_signed(*dy));
        *difference = i16::from(image.row(y)[x]) - middle;
    }
    let mut best = 0;
    for start in 0..ring.len() {
        let run = || (start..start + run).map(|at| differences[at % ring.len()]);
        let lighter = run().min().unwrap_or(0);
        let darker = -run().max().unwrap_or(0);
        best = best.max(lighter).max(darker);
    }
    best as u16
}

/// Calls `put(x, y, score)` for corners at least `reach` from the rim whose score none of their eight neighbours surpasses; of
/// equal neighbours the first one counts.
pub(super) fn corners(
    image: &View,
    query: &KeypointQuery,
    reach: usize,
    scores: &mut [u16],
    mut put: impl FnMut(usize, usize, u16),
) {
    let w = image.width();
    let (mut above, rest) = scores.split_at_mut(scores.len() / 3);
    let (mut own, mut below) = rest.split_at_mut(rest.len() / 2);
    let fill = |y: usize, row: &mut [u16]| {
        row.fill(0);
        if y < image.height() - reach {
            for (x, place) in row.iter_mut().enumerate().take(w - reach).skip(reach) {
                *place = score(image, (x, y), query.detector);
            }
        }
    };
    above.fill(0);
    fill(reach, own);
    for y in reach..image.height() - reach {
        fill(y + 1, below);
        for x in reach..w - reach {
            let mine = own[x];
            let before = above[x - 1].max(above[x]).max(above[x + 1]).max(own[x - 1]);
            let behind = own[x + 1].max(below[x - 1]).max(below[x]).max(below[x + 1]);
            if mine > query.threshold && mine > before && mine >= behind {
                put(x, y, mine);
            }
        }
        (above, own, below) = (own, below, above);
    }
}
