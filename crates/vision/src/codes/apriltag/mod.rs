//! AprilTags: E. Olson, "AprilTag: A robust and flexible visual fiducial system", 2011; J. Wang and E. Olson, "AprilTag 2",
//! 2016; M. Krogius, A. Haggenmiller and E. Olson, "Flexible Layouts for Fiducial Tags", 2019. And rectangles, by the same
//! search for four edges.
//!
//! The parameters are those of the reference library: half resolution, edges refined, sharpening 0.25, clusters of at
//! least 5 points. Fits are in `f64`.

mod cluster;
mod decode;
mod families;
mod pose;
mod quad;
mod rects;
mod refine;
mod segment;
mod threshold;

pub use families::{FAMILIES, Families, Family};
pub use pose::{Camera, Pose};
pub use rects::{Rect, find_rects, rects_scratch};

use crate::pixel::by_format;
use crate::{Error, Found, Pixel, Point, Region, Scratch, View, bytes_for};
use cluster::Edge;
use quad::Quad;

/// A tag that was found.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tag {
    /// The family's place in [`FAMILIES`].
    pub family: usize,
    /// The tag's number.
    pub id: u32,
    /// Bits that were corrected.
    pub hamming: u32,
    /// How clearly bits differ from the threshold, on the average.
    pub decision_margin: f32,
    /// The middle.
    pub centre: (f32, f32),
    /// From the lower left, counter-clockwise in the tag's own frame.
    pub corners: [(f32, f32); 4],
    /// From the tag's plane, -1 to 1, to pixels.
    pub homography: [f64; 9],
}

impl Tag {
    /// The corners in whole pixels, rounded.
    pub fn whole_corners(&self) -> [Point; 4] {
        self.corners
            .map(|(x, y)| Point::new(crate::math::round(x), crate::math::round(y)))
    }

    /// The box around the corners.
    pub fn region(&self) -> Region {
        super::region_of(&self.whole_corners())
    }

    /// Direction of the tag's right side, 0 to 2 pi.
    pub fn rotation(&self) -> f32 {
        let [a, b, ..] = self.corners;
        crate::math::atan2(b.1 - a.1, b.0 - a.0)
    }

    /// Where the tag is, for a camera.
    pub fn pose(&self, camera: &Camera) -> Pose {
        pose::pose(&self.homography, camera)
    }
}

/// Bytes of working memory that [`find_apriltags`] needs for a region of this size with usual content: half a point of an
/// edge for each pixel. Content with more edges asks for more.
pub fn apriltags_scratch(width: usize, height: usize) -> usize {
    let (w, h) = (width.div_ceil(2), height.div_ceil(2));
    bytes_for::<u8>(width * height) + search_scratch(w, h)
}

/// Bytes for the search for quadrilaterals at this resolution.
fn search_scratch(w: usize, h: usize) -> usize {
    2 * bytes_for::<u8>(w * h)
        + 2 * bytes_for::<u8>(w.div_ceil(4) * h.div_ceil(4))
        + 2 * bytes_for::<u32>(w * h)
        + bytes_for::<Edge>(2 * w * h)
        + bytes_for::<Quad>(256)
        + bytes_for::<f64>(16 * (w + h) * 8)
}

/// Finds tags of the chosen families, in the order of families, then of numbers.
///
/// # Errors
/// A region outside, too little memory, more tags than `found` holds.
pub fn find_apriltags(
    image: &View,
    roi: Option<Region>,
    families: Families,
    mut scratch: Scratch,
    found: &mut Found<Tag>,
) -> Result<(), Error> {
    let area = image.area_of(roi)?;
    let grey = scratch.take_dirty::<u8>(area.w * area.h)?;
    copy_grey(image, area, grey);
    let grey = View::new(grey, area.w, area.h, crate::Format::Grey)?;
    found.clear();
    let quads = quads(&grey, 2, &mut scratch)?;
    for quad in quads {
        crate::stop::check()?;
        refine::refine(&grey, quad, 2.0);
        if let Some(tag) = decode::decode(&grey, quad, families) {
            keep_best(found, tag)?;
        }
    }
    let (left, top) = (area.x as f32, area.y as f32);
    for tag in found.iter_mut() {
        tag.centre = (tag.centre.0 + left, tag.centre.1 + top);
        tag.corners = tag.corners.map(|(x, y)| (x + left, y + top));
        // A shift of pixels, from the left.
        let h = &mut tag.homography;
        for column in 0..3 {
            h[column] += f64::from(left) * h[6 + column];
            h[3 + column] += f64::from(top) * h[6 + column];
        }
    }
    crate::math::sort(found, |a, b| (a.family, a.id) < (b.family, b.id));
    Ok(())
}

fn copy_grey(image: &View, area: crate::Area, grey: &mut [u8]) {
    by_format!(image.format(), P => for (y, out) in grey.chunks_exact_mut(area.w).enumerate() {
        let row = image.row(area.y + y);
        for (x, out) in out.iter_mut().enumerate() {
            *out = P::grey(P::get(row, area.x + x));
        }
    });
}

/// Quadrilaterals of an image, looked for at every `decimate`-th pixel.
fn quads<'a>(grey: &View, decimate: usize, scratch: &mut Scratch<'a>) -> Result<&'a mut [Quad], Error> {
    let (w, h) = (grey.width().div_ceil(decimate), grey.height().div_ceil(decimate));
    let room = scratch.take::<Quad>(256)?;
    let mut count = 0;
    if w < 3 || h < 3 {
        return Ok(&mut room[..0]);
    }
    let mut scratch = scratch.step();
    let small = scratch.take_dirty::<u8>(w * h)?;
    for (y, row) in small.chunks_exact_mut(w).enumerate() {
        for (x, pixel) in row.iter_mut().enumerate() {
            *pixel = grey.row(y * decimate)[x * decimate];
        }
    }
    let small = View::new(small, w, h, crate::Format::Grey)?;
    let binary = scratch.take_dirty::<u8>(w * h)?;
    threshold::threshold(&small, binary, scratch.step())?;
    let mut sets = segment::Sets::new(w * h, &mut scratch)?;
    segment::connect(binary, w, &mut sets);
    let spare = bytes_for::<f64>(16 * (w + h) * 8);
    let most = (scratch.left_bytes().saturating_sub(spare) / size_of::<Edge>()).min(4 * w * h);
    let mut edges = scratch.list::<Edge>(most, "points of edges")?;
    cluster::collect(binary, w, &mut sets, &mut edges)?;
    edges.sort_unstable_by_key(|edge: &Edge| u64::from(edge.pair[0]) << 32 | u64::from(edge.pair[1]));
    let longest = 3 * 2 * (w + h);
    for cluster in edges.chunk_by_mut(|a, b| a.pair == b.pair) {
        if cluster.len() < 24 || cluster.len() > longest {
            continue;
        }
        if let Some(mut quad) = quad::fit(&small, cluster, scratch.step())?
            && count < room.len()
        {
            // Pixels' corners are whole numbers, so that middles scale.
            let scale = decimate as f64;
            quad.corners = quad
                .corners
                .map(|[x, y]| [(x - 0.5) * scale + 0.5, (y - 0.5) * scale + 0.5]);
            room[count] = quad;
            count += 1;
        }
    }
    Ok(&mut room[..count])
}

/// Of several finds of one tag that overlap the clearest stays.
fn keep_best(found: &mut Found<Tag>, tag: Tag) -> Result<(), Error> {
    for other in found.iter_mut() {
        if other.family == tag.family && other.id == tag.id && other.region().overlaps(&tag.region()) {
            let better = (tag.hamming, -tag.decision_margin) < (other.hamming, -other.decision_margin);
            if better {
                *other = tag;
            }
            return Ok(());
        }
    }
    found.push(tag)
}
