//! How often each value occurs, as a share: round((value - least) * (bins - 1) / range), halves to the even bin, in `f32`.

use crate::colour::lab;
use crate::math::{ratio, round};
use crate::pixel::by_format;
use crate::threshold::Threshold;
use crate::{Error, Format, Pixel, Region, Rgb565, Scratch, View, bytes_for};

/// Least and largest value of a channel.
pub(super) const GREY: (i32, i32) = (0, 255);
const BINARY: (i32, i32) = (0, 1);
const L: (i32, i32) = (0, 100);
const AB: (i32, i32) = (-128, 127);

/// What is counted, and into how many bins.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counted<'a> {
    /// Only pixels for which one of these holds, once for each; all pixels if there are none.
    pub thresholds: &'a [Threshold],
    /// Pixels for which a threshold does not hold.
    pub invert: bool,
    /// The part of the image.
    pub roi: Option<Region>,
    /// Bins for brightness or L; the whole range without.
    pub l_bins: Option<usize>,
    /// Bins for a.
    pub a_bins: Option<usize>,
    /// Bins for b.
    pub b_bins: Option<usize>,
    /// Counts the difference from this image instead.
    pub difference: Option<View<'a>>,
}

/// Shares of all pixels, by channel: one of brightness, or L, a and b.
#[derive(Debug)]
pub struct Histogram<'a> {
    pub(super) format: Format,
    pub(super) bins: [&'a mut [f32]; 3],
}

/// The channels' ranges.
pub(super) fn ranges(format: Format) -> &'static [(i32, i32)] {
    match format {
        Format::Binary => &[BINARY],
        Format::Grey => &[GREY],
        Format::Rgb565 => &[L, AB, AB],
    }
}

/// The number of bins of each channel.
fn bins(format: Format, how: &Counted) -> Result<[usize; 3], Error> {
    let mut bins = [0; 3];
    let asked = [
        ("l_bins", how.l_bins),
        ("a_bins", how.a_bins),
        ("b_bins", how.b_bins),
    ];
    for ((bins, (least, largest)), (name, asked)) in bins.iter_mut().zip(ranges(format)).zip(asked) {
        *bins = asked.unwrap_or((largest - least + 1) as usize);
        if !(2..=256).contains(bins) {
            return Err(Error::Argument {
                name,
                found: *bins as f32,
                expected: "2 to 256",
            });
        }
    }
    Ok(bins)
}

/// Bytes of working memory that a histogram takes at most.
pub fn histogram_scratch() -> usize {
    bytes_for::<f32>(3 * 256) + bytes_for::<u32>(3 * 256)
}

/// Counts the values of an image; the result lives in `scratch`.
///
/// # Errors
/// A region outside, another image of another size or format, bins beyond 2 to 256, too little memory.
pub fn histogram<'a>(image: &View, how: &Counted, scratch: &mut Scratch<'a>) -> Result<Histogram<'a>, Error> {
    let area = image.area_of(how.roi)?;
    let bins = bins(image.format(), how)?;
    if let Some(other) = &how.difference {
        compare(image, other)?;
    }
    let mut shares = [
        scratch.take::<f32>(bins[0])?,
        scratch.take::<f32>(bins[1])?,
        scratch.take::<f32>(bins[2])?,
    ];
    let mut scratch = scratch.step();
    let mut counts = [
        scratch.take::<u32>(bins[0])?,
        scratch.take::<u32>(bins[1])?,
        scratch.take::<u32>(bins[2])?,
    ];
    let mut pixels = 0u32;
    let bin_of = bins_of_values(image.format(), bins);
    by_format!(image.format(), P => {
        let mut count = |pixel: u16| {
            pixels += 1;
            let values = values::<P>(pixel);
            for channel in 0..P::CHANNELS {
                let (least, _) = ranges(P::FORMAT)[channel];
                let bin = bin_of[channel][(values[channel] - least) as usize & 255];
                counts[channel][usize::from(bin)] += 1;
            }
        };
        for y in area.y..area.bottom() {
            crate::stop::check()?;
            for x in area.x..area.right() {
                let mut pixel = P::get(image.row(y), x);
                if let Some(other) = &how.difference {
                    pixel = crate::compose::Op::Difference.apply::<P>(pixel, P::get(other.row(y), x));
                }
                if how.thresholds.is_empty() {
                    count(pixel);
                }
                for threshold in how.thresholds {
                    if threshold.holds::<P>(pixel) != how.invert {
                        count(pixel);
                    }
                }
            }
        }
    });
    let share = ratio(1.0, pixels as f32);
    for (shares, counts) in shares.iter_mut().zip(counts) {
        for (share_of, count) in shares.iter_mut().zip(counts.iter()) {
            *share_of = *count as f32 * share;
        }
    }
    Ok(Histogram {
        format: image.format(),
        bins: shares,
    })
}

fn compare(image: &View, other: &View) -> Result<(), Error> {
    image.same_size(other)?;
    if other.format() != image.format() {
        return Err(Error::Format {
            found: other.format().name(),
            expected: "the format of the image that it is compared with",
        });
    }
    Ok(())
}

/// The bin of each value of each channel, from the least on.
fn bins_of_values(format: Format, bins: [usize; 3]) -> [[u8; 256]; 3] {
    let mut bin_of = [[0u8; 256]; 3];
    for ((bin_of, (least, largest)), bins) in bin_of.iter_mut().zip(ranges(format)).zip(bins) {
        let mul = bins.saturating_sub(1) as f32 / (largest - least) as f32;
        for (value, bin) in (0..=largest - least).zip(bin_of) {
            *bin = round(value as f32 * mul) as u8;
        }
    }
    bin_of
}

/// The values that are counted of a pixel.
fn values<P: Pixel>(pixel: u16) -> [i32; 3] {
    if P::FORMAT == Rgb565::FORMAT {
        let (l, a, b) = lab::from_rgb565(pixel);
        return [l.into(), a.into(), b.into()];
    }
    [P::level(pixel), 0, 0]
}

impl<'a> Histogram<'a> {
    /// One whose shares were kept elsewhere.
    pub fn of_shares(format: Format, bins: [&'a mut [f32]; 3]) -> Self {
        Histogram { format, bins }
    }

    /// The bins of brightness or L.
    pub fn l_bins(&self) -> &[f32] {
        self.bins[0]
    }

    /// The bins of a; empty without colour.
    pub fn a_bins(&self) -> &[f32] {
        self.bins[1]
    }

    /// The bins of b; empty without colour.
    pub fn b_bins(&self) -> &[f32] {
        self.bins[2]
    }

    /// The image's format.
    pub fn format(&self) -> Format {
        self.format
    }
}
