//! Boxes in which an object may be: P. Felzenszwalb and D. Huttenlocher, "Efficient Graph-Based Image Segmentation", 2004, then
//! J. Uijlings and others, "Selective Search for Object Recognition", 2013.
//!
//! Images of more than 80 x 60 pixels are looked at by every fourth pixel, as OpenMV does.

use crate::colour::rgb565;
use crate::math::sqrt;
use crate::{Error, Format, Found, Region, Scratch, View, bytes_for};

/// How likely parts are joined.
#[derive(Clone, Copy, Debug)]
pub struct ProposalQuery {
    /// Higher makes larger parts.
    pub threshold: f32,
    /// Smaller parts are joined to a neighbour.
    pub size: u32,
    /// Weights of likeness in colour, in size, and of how well two parts fill their box.
    pub weights: [f32; 3],
}

impl Default for ProposalQuery {
    fn default() -> Self {
        ProposalQuery {
            threshold: 500.0,
            size: 20,
            weights: [1.0; 3],
        }
    }
}

/// Bins of a colour channel.
const BINS: usize = 25;
/// As many parts as are compared with one another.
const MOST_PARTS: usize = 512;

/// Two neighbours and how much their colours differ.
#[derive(Clone, Copy, bytemuck::Zeroable, bytemuck::Pod)]
#[repr(C)]
struct Edge {
    difference: f32,
    ends: [u32; 2],
}

/// A part of the image.
#[derive(Clone, Copy, bytemuck::Zeroable, bytemuck::Pod)]
#[repr(C)]
struct Part {
    /// Left, top, right, bottom, all inside.
    rim: [i32; 4],
    pixels: u32,
    /// Shares of the most frequent bin, by channel.
    bins: [[f32; BINS]; 3],
    /// 1 until another one takes it over.
    alive: u32,
}

fn small(width: usize, height: usize) -> (usize, usize, usize) {
    let step = if width * height > 80 * 60 { 4 } else { 1 };
    (width / step, height / step, step)
}

/// Bytes of working memory that [`proposals`] needs for an image of this size.
pub fn proposals_scratch(width: usize, height: usize) -> usize {
    let (w, h, _) = small(width, height);
    3 * bytes_for::<u32>(w * h)
        + bytes_for::<f32>(w * h)
        + bytes_for::<Edge>(4 * w * h)
        + bytes_for::<Part>(MOST_PARTS)
        + bytes_for::<u8>(MOST_PARTS * MOST_PARTS)
}

/// Finds boxes, of the parts that were joined first first.
///
/// # Errors
/// An image that is not RGB565, too little memory, more parts than can be compared, more boxes than `found` holds.
pub fn proposals(
    image: &View,
    query: &ProposalQuery,
    mut scratch: Scratch,
    found: &mut Found<Region>,
) -> Result<(), Error> {
    if image.format() != Format::Rgb565 {
        return Err(Error::Format {
            found: image.format().name(),
            expected: "an RGB565 image",
        });
    }
    found.clear();
    let (w, h, step) = small(image.width(), image.height());
    if w == 0 || h == 0 {
        return Ok(());
    }
    let colours = scratch.take_dirty::<u32>(w * h)?;
    let (rx, ry) = ((image.width() << 16) / w + 1, (image.height() << 16) / h + 1);
    for (at, colour) in colours.iter_mut().enumerate() {
        let (x, y) = ((at % w * rx) >> 16, (at / w * ry) >> 16);
        *colour = image
            .at(x.min(image.width() - 1), y.min(image.height() - 1))
            .into();
    }
    let mut sets = Sets {
        parents: scratch.take_dirty(w * h)?,
        sizes: scratch.take_dirty(w * h)?,
    };
    segment(colours, w, query, &mut sets, scratch.step())?;
    let parts = scratch.take_dirty::<Part>(MOST_PARTS)?;
    let count = gather(colours, w, &mut sets, parts)?;
    let beside = scratch.take::<u8>(count * count)?;
    neighbours(&sets, w, count, beside);
    let whole = (w * h) as f32;
    join(
        &mut parts[..count],
        beside,
        query,
        whole,
        |[left, top, right, bottom]| {
            let scaled = |value: i32| value * step as i32;
            let region = Region::new(
                scaled(left),
                scaled(top),
                scaled(right - left),
                scaled(bottom - top),
            );
            if found.contains(&region) {
                Ok(())
            } else {
                found.push(region)
            }
        },
    )
}

/// Disjoint sets of pixels.
struct Sets<'a> {
    parents: &'a mut [u32],
    sizes: &'a mut [u32],
}

impl Sets<'_> {
    fn root(&mut self, at: u32) -> u32 {
        let mut root = at;
        while self.parents[root as usize] != root {
            root = self.parents[root as usize];
        }
        self.parents[at as usize] = root;
        root
    }

    /// The root of both.
    fn join(&mut self, one: u32, other: u32) -> u32 {
        let (large, little) = if self.sizes[one as usize] >= self.sizes[other as usize] {
            (one, other)
        } else {
            (other, one)
        };
        self.parents[little as usize] = large;
        self.sizes[large as usize] += self.sizes[little as usize];
        large
    }
}

fn segment(
    colours: &[u32],
    w: usize,
    query: &ProposalQuery,
    sets: &mut Sets,
    mut scratch: Scratch,
) -> Result<(), Error> {
    let h = colours.len() / w;
    for (at, (parent, size)) in sets.parents.iter_mut().zip(&mut *sets.sizes).enumerate() {
        (*parent, *size) = (at as u32, 1);
    }
    let limits = scratch.take_dirty::<f32>(colours.len())?;
    limits.fill(query.threshold);
    let mut edges = scratch.list::<Edge>(4 * colours.len(), "neighbours")?;
    for at in 0..colours.len() {
        let (x, y) = (at % w, at / w);
        let right = x + 1 < w;
        let others = [
            (right, at + 1),
            (y + 1 < h, at + w),
            (right && y + 1 < h, at + w + 1),
            (right && y > 0, (at + 1).wrapping_sub(w)),
        ];
        for (_, other) in others.into_iter().filter(|(inside, _)| *inside) {
            edges.push(Edge {
                difference: difference(colours[at], colours[other]),
                ends: [at as u32, other as u32],
            })?;
        }
    }
    // Differences are not negative, so their bits are in their order.
    edges.sort_unstable_by_key(|edge| (edge.difference.to_bits(), edge.ends));
    for edge in edges.iter() {
        let [one, other] = edge.ends.map(|end| sets.root(end));
        let limit = limits[one as usize].min(limits[other as usize]);
        if one != other && edge.difference <= limit {
            let root = sets.join(one, other) as usize;
            limits[root] = edge.difference + query.threshold / sets.sizes[root] as f32;
        }
    }
    for edge in edges.iter() {
        let [one, other] = edge.ends.map(|end| sets.root(end));
        let little = sets.sizes[one as usize].min(sets.sizes[other as usize]);
        if one != other && little < query.size {
            sets.join(one, other);
        }
    }
    Ok(())
}

fn difference(one: u32, other: u32) -> f32 {
    let (one, other) = (rgb565::to_rgb(one as u16), rgb565::to_rgb(other as u16));
    let apart = |at: usize| f32::from(one[at].abs_diff(other[at]));
    sqrt(apart(0) * apart(0) + apart(1) * apart(1) + apart(2) * apart(2))
}

/// What is in each part, in the order of their first pixels; afterwards the sizes hold each root's number. How many.
fn gather(colours: &[u32], w: usize, sets: &mut Sets, parts: &mut [Part]) -> Result<usize, Error> {
    sets.sizes.fill(u32::MAX);
    let mut count = 0;
    for (at, colour) in colours.iter().enumerate() {
        let root = sets.root(at as u32) as usize;
        let (x, y) = ((at % w) as i32, (at / w) as i32);
        if sets.sizes[root] == u32::MAX {
            let capacity = parts.len();
            let part = parts.get_mut(count).ok_or(Error::Full {
                what: "parts",
                capacity,
            })?;
            *part = Part {
                rim: [x, y, x, y],
                pixels: 0,
                bins: [[0.0; BINS]; 3],
                alive: 1,
            };
            sets.sizes[root] = count as u32;
            count += 1;
        }
        let part = &mut parts[sets.sizes[root] as usize];
        let [left, top, right, bottom] = part.rim;
        part.rim = [left.min(x), top.min(y), right.max(x), bottom.max(y)];
        part.pixels += 1;
        for (channel, level) in rgb565::to_rgb(*colour as u16).into_iter().enumerate() {
            part.bins[channel][usize::from(level.min(240) / 10)] += 1.0;
        }
    }
    for part in &mut parts[..count] {
        let most = part
            .bins
            .iter()
            .flatten()
            .fold(0.0f32, |most, bin| most.max(*bin));
        part.bins.iter_mut().flatten().for_each(|bin| *bin /= most);
    }
    Ok(count)
}

/// Which parts touch one another.
fn neighbours(sets: &Sets, w: usize, count: usize, beside: &mut [u8]) {
    let number = |at: usize| {
        let mut root = at;
        while sets.parents[root] as usize != root {
            root = sets.parents[root] as usize;
        }
        sets.sizes[root] as usize
    };
    for at in 0..sets.parents.len() {
        let right = (at % w + 1 < w).then_some(at + 1);
        let below = (at + w < sets.parents.len()).then_some(at + w);
        for other in [right, below].into_iter().flatten() {
            let (one, other) = (number(at), number(other));
            if one != other {
                beside[one * count + other] = 1;
                beside[other * count + one] = 1;
            }
        }
    }
}

/// How alike two parts are.
fn likeness(one: &Part, other: &Part, query: &ProposalQuery, whole: f32) -> f32 {
    let [colour, size, fill] = query.weights;
    let common: f32 = one
        .bins
        .iter()
        .flatten()
        .zip(other.bins.iter().flatten())
        .map(|(a, b)| a.min(*b))
        .sum();
    let pixels = (one.pixels + other.pixels) as f32;
    let [left, top, right, bottom] = united(one.rim, other.rim);
    let boxed = ((right - left + 1) * (bottom - top + 1)) as f32;
    colour * common + size * (1.0 - pixels / whole) + fill * (1.0 - (boxed - pixels) / whole)
}

fn united(one: [i32; 4], other: [i32; 4]) -> [i32; 4] {
    [
        one[0].min(other[0]),
        one[1].min(other[1]),
        one[2].max(other[2]),
        one[3].max(other[3]),
    ]
}

/// Joins the two neighbours that are most alike, again and again, and tells each box.
fn join(
    parts: &mut [Part],
    beside: &mut [u8],
    query: &ProposalQuery,
    whole: f32,
    mut told: impl FnMut([i32; 4]) -> Result<(), Error>,
) -> Result<(), Error> {
    let count = parts.len();
    loop {
        let mut best = (f32::NEG_INFINITY, None);
        for one in (0..count).filter(|at| parts[*at].alive == 1) {
            for other in (one + 1..count).filter(|at| beside[one * count + *at] == 1) {
                let alike = likeness(&parts[one], &parts[other], query, whole);
                if alike > best.0 {
                    best = (alike, Some((one, other)));
                }
            }
        }
        let Some((one, other)) = best.1 else { return Ok(()) };
        let taken = parts[other];
        let part = &mut parts[one];
        part.rim = united(part.rim, taken.rim);
        let (own, its) = (part.pixels as f32, taken.pixels as f32);
        for (bin, more) in part.bins.iter_mut().flatten().zip(taken.bins.iter().flatten()) {
            *bin = (own * *bin + its * more) / (own + its);
        }
        part.pixels += taken.pixels;
        parts[other].alive = 0;
        for at in 0..count {
            let touches = beside[one * count + at] | beside[other * count + at];
            let touches = touches & u8::from(at != one && at != other);
            beside[one * count + at] = touches;
            beside[at * count + one] = touches;
            beside[other * count + at] = 0;
            beside[at * count + other] = 0;
        }
        told(parts[one].rim)?;
    }
}
