//! Corners that are known again: found at several scales, each with an angle and a description of its surroundings, after
//! E. Rublee and others, "ORB: an efficient alternative to SIFT or SURF", 2011.
//!
//! The pairs of pixels that are compared are this library's own, so descriptions compare among each other only.

mod corner;
mod describe;
mod matching;

pub use corner::Detector;
pub use matching::{KeypointMatch, match_keypoints};

use crate::{Area, Error, Format, Found, Region, Scratch, View, bytes_for, math};

/// Pixels around a corner that a description may ask for: 15 at any angle, and the blur.
const REACH: usize = 20;
/// Bytes of a keypoint in a file.
pub const KEYPOINT_BYTES: usize = 42;

/// A corner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, bytemuck::Zeroable, bytemuck::Pod)]
#[repr(C)]
pub struct Keypoint {
    /// In the image.
    pub x: u16,
    /// In the image.
    pub y: u16,
    /// How far brightness may change before it is none.
    pub score: u16,
    /// 1 for the whole image, each next one is smaller by the scale factor.
    pub octave: u16,
    /// Degrees, a multiple of 15.
    pub angle: u16,
    /// Which pixel of each of 256 pairs is darker.
    pub description: [u8; 32],
}

impl Keypoint {
    /// Little-endian numbers, then the description.
    pub fn to_bytes(&self) -> [u8; KEYPOINT_BYTES] {
        let mut bytes = [0; KEYPOINT_BYTES];
        let numbers = [self.x, self.y, self.score, self.octave, self.angle];
        for (place, number) in bytes.chunks_exact_mut(2).zip(numbers) {
            place.copy_from_slice(&number.to_le_bytes());
        }
        bytes[10..].copy_from_slice(&self.description);
        bytes
    }

    /// The reverse of [`Keypoint::to_bytes`].
    pub fn from_bytes(bytes: &[u8; KEYPOINT_BYTES]) -> Keypoint {
        let number = |at: usize| u16::from_le_bytes([bytes[2 * at], bytes[2 * at + 1]]);
        let mut description = [0; 32];
        description.copy_from_slice(&bytes[10..]);
        Keypoint {
            x: number(0),
            y: number(1),
            score: number(2),
            octave: number(3),
            angle: number(4) % 360,
            description,
        }
    }
}

/// How corners are looked for.
#[derive(Clone, Copy, Debug)]
pub struct KeypointQuery {
    /// The part of the image.
    pub roi: Option<Region>,
    /// Corners with a lower score do not count.
    pub threshold: u16,
    /// Only at the whole image's scale.
    pub normalized: bool,
    /// From scale to scale, above 1.
    pub scale_factor: f32,
    /// Which pixels around are looked at.
    pub detector: Detector,
}

impl Default for KeypointQuery {
    fn default() -> Self {
        KeypointQuery {
            roi: None,
            threshold: 20,
            normalized: false,
            scale_factor: 1.5,
            detector: Detector::Near,
        }
    }
}

/// Bytes of working memory that [`find_keypoints`] needs for a region of this size.
pub fn keypoints_scratch(width: usize, height: usize) -> usize {
    2 * bytes_for::<u8>(width * height) + 3 * bytes_for::<u16>(width)
}

/// Finds corners, the clearest ones as many as `found` holds, the clearest first.
///
/// # Errors
/// A region outside, a scale factor that is not above 1, too little memory.
pub fn find_keypoints(
    image: &View,
    query: &KeypointQuery,
    mut scratch: Scratch,
    found: &mut Found<Keypoint>,
) -> Result<(), Error> {
    if !(query.scale_factor > 1.0 && query.scale_factor.is_finite()) {
        return Err(Error::Argument {
            name: "scale_factor",
            found: query.scale_factor,
            expected: "a number above 1",
        });
    }
    let area = image.area_of(query.roi)?;
    let sharp = scratch.take_dirty::<u8>(area.pixels())?;
    let blurred = scratch.take_dirty::<u8>(area.pixels())?;
    let scores = scratch.take::<u16>(3 * area.w)?;
    found.clear();
    let mut scale = 1.0f32;
    for octave in 1.. {
        let (w, h) = (
            math::round(area.w as f32 / scale) as usize,
            math::round(area.h as f32 / scale) as usize,
        );
        if w <= 2 * REACH || h <= 2 * REACH {
            break;
        }
        shrink(image, area, &mut sharp[..w * h], w, h);
        blur(&sharp[..w * h], &mut blurred[..w * h], w);
        let view = View::new(&blurred[..w * h], w, h, Format::Grey)?;
        corner::corners(&view, query, REACH, scores, |x, y, score| {
            let (angle, description) = describe::describe(&view, x, y);
            let place = |at: usize, first: usize| (math::floor(at as f32 * scale) as usize + first) as u16;
            keep(
                found,
                Keypoint {
                    x: place(x, area.x),
                    y: place(y, area.y),
                    score,
                    octave,
                    angle,
                    description,
                },
            );
        });
        if query.normalized {
            break;
        }
        scale *= query.scale_factor;
    }
    Ok(())
}

/// Puts it behind all that are as clear; the least clear one gives way.
fn keep(found: &mut Found<Keypoint>, keypoint: Keypoint) {
    if found.len() == found.capacity() {
        if found.last().is_none_or(|last| last.score >= keypoint.score) {
            return;
        }
        found.pop();
    }
    if found.push(keypoint).is_ok() {
        let mut at = found.len() - 1;
        while at > 0 && found[at - 1].score < found[at].score {
            found.swap(at - 1, at);
            at -= 1;
        }
    }
}

/// The nearest pixels of an area.
fn shrink(image: &View, area: Area, into: &mut [u8], w: usize, h: usize) {
    let (rx, ry) = ((area.w << 16) / w + 1, (area.h << 16) / h + 1);
    for (y, row) in into.chunks_exact_mut(w).enumerate() {
        let from_y = area.y + ((y * ry) >> 16).min(area.h - 1);
        for (x, pixel) in row.iter_mut().enumerate() {
            *pixel = image.grey_at(area.x + ((x * rx) >> 16).min(area.w - 1), from_y);
        }
    }
    debug_assert_eq!(into.len(), w * h);
}

/// A binomial of three by three, the rim as it was.
fn blur(from: &[u8], into: &mut [u8], w: usize) {
    into.copy_from_slice(from);
    for y in 1..(from.len() / w).saturating_sub(1) {
        for x in 1..w - 1 {
            let at = y * w + x;
            let row = |at: usize| u32::from(from[at - 1]) + 2 * u32::from(from[at]) + u32::from(from[at + 1]);
            into[at] = ((row(at - w) + 2 * row(at) + row(at + w)) / 16) as u8;
        }
    }
}
