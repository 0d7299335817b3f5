//! Which keypoints of two images are the same corner: each must be the other's nearest by far.

use super::Keypoint;
use crate::math::sqrt;
use crate::{Found, Point, Region};

/// What two lists have in common.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeypointMatch {
    /// The box around the matched keypoints of the second list.
    pub region: Region,
    /// Their middle.
    pub centre: Point,
    /// How many.
    pub count: usize,
    /// The most frequent turn from the first to the second, degrees.
    pub theta: u32,
}

fn distance(one: &Keypoint, other: &Keypoint) -> u32 {
    let pairs = one.description.iter().zip(&other.description);
    pairs.map(|(a, b)| (a ^ b).count_ones()).sum()
}

/// The nearest one, if no other one is about as near: its distance is at most `percent` of the next one's.
fn nearest(one: &Keypoint, others: &[Keypoint], percent: u32) -> Option<usize> {
    let mut best = (257, 257, None);
    for (at, other) in others.iter().enumerate() {
        let apart = distance(one, other);
        if apart < best.0 {
            best = (apart, best.0, Some(at));
        } else if apart < best.1 {
            best.1 = apart;
        }
    }
    best.2.filter(|_| best.0 * 100 <= percent * best.1)
}

/// Matches two lists; `pairs` gets the places in the first and in the second list. Without outliers, those are left out whose
/// distance from the middle is off the mean by more than a standard deviation.
pub fn match_keypoints(
    first: &[Keypoint],
    second: &[Keypoint],
    percent: u32,
    filter_outliers: bool,
    pairs: &mut Found<[u16; 2]>,
) -> Result<KeypointMatch, crate::Error> {
    pairs.clear();
    for (at, one) in first.iter().enumerate() {
        let Some(other) = nearest(one, second, percent) else {
            continue;
        };
        if nearest(&second[other], first, percent) == Some(at) {
            pairs.push([at as u16, other as u16])?;
        }
    }
    if filter_outliers && !pairs.is_empty() {
        drop_outliers(second, pairs);
    }
    Ok(summed_up(first, second, pairs))
}

fn centre(second: &[Keypoint], pairs: &[[u16; 2]]) -> Point {
    let count = pairs.len().max(1) as i32;
    let sum = |of: fn(&Keypoint) -> u16| {
        pairs
            .iter()
            .map(|pair| i32::from(of(&second[usize::from(pair[1])])))
            .sum::<i32>()
    };
    Point::new(sum(|point| point.x) / count, sum(|point| point.y) / count)
}

fn drop_outliers(second: &[Keypoint], pairs: &mut Found<[u16; 2]>) {
    let middle = centre(second, pairs);
    let away = |pair: &[u16; 2]| {
        let point = &second[usize::from(pair[1])];
        let (dx, dy) = (i32::from(point.x) - middle.x, i32::from(point.y) - middle.y);
        sqrt((dx * dx + dy * dy) as f32)
    };
    let count = pairs.len() as f32;
    let mean = pairs.iter().map(away).sum::<f32>() / count;
    let variance = pairs
        .iter()
        .map(|pair| (away(pair) - mean) * (away(pair) - mean))
        .sum::<f32>()
        / count;
    let deviation = sqrt(variance);
    pairs.retain(|pair| (away(pair) - mean).abs() <= deviation);
}

fn summed_up(first: &[Keypoint], second: &[Keypoint], pairs: &[[u16; 2]]) -> KeypointMatch {
    let Some(start) = pairs.first() else {
        return KeypointMatch::default();
    };
    let start = &second[usize::from(start[1])];
    let (mut low, mut high) = ((start.x, start.y), (start.x, start.y));
    // Angles are multiples of 15 degrees.
    let mut turns = [0u32; 24];
    for [one, other] in pairs {
        let (one, other) = (&first[usize::from(*one)], &second[usize::from(*other)]);
        low = (low.0.min(other.x), low.1.min(other.y));
        high = (high.0.max(other.x), high.1.max(other.y));
        turns[usize::from((other.angle + 360 - one.angle % 360) % 360 / 15)] += 1;
    }
    let most = turns.iter().max().copied().unwrap_or(0);
    let theta = turns.iter().position(|count| *count == most).unwrap_or(0) as u32 * 15;
    KeypointMatch {
        region: Region::new(
            low.0.into(),
            low.1.into(),
            (high.0 - low.0).into(),
            (high.1 - low.1).into(),
        ),
        centre: centre(second, pairs),
        count: pairs.len(),
        theta,
    }
}
