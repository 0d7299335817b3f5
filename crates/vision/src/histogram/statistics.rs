//! Statistics of a histogram, in `f32` over the bins in their order: mean and deviation floored, quartiles the first bin
//! whose cumulative share reaches 0.25, 0.5, 0.75, mode the first of the largest bins.

use super::Histogram;
use super::count::ranges;
use super::otsu::otsu;
use crate::math::{floor, sqrt};
use crate::{Error, Format};

/// Statistics of one channel, in the order of the API.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Channel {
    /// Mean.
    pub mean: i32,
    /// Second quartile.
    pub median: i32,
    /// Most frequent value.
    pub mode: i32,
    /// Standard deviation.
    pub stdev: i32,
    /// Least value that occurs.
    pub min: i32,
    /// Largest value that occurs.
    pub max: i32,
    /// First quartile.
    pub lq: i32,
    /// Third quartile.
    pub uq: i32,
}

/// Statistics of brightness, or of L, a and b.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Brightness or L.
    pub l: Channel,
    /// a; zero without colour.
    pub a: Channel,
    /// b; zero without colour.
    pub b: Channel,
}

/// A value for each channel: a percentile or a threshold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Levels {
    /// Brightness or L.
    pub l: i32,
    /// a; zero without colour.
    pub a: i32,
    /// b; zero without colour.
    pub b: i32,
}

impl Statistics {
    /// The tuple of generation 5: 8 numbers, L's again, then a's and b's.
    pub fn tuple(&self) -> [i32; 32] {
        let mut tuple = [0; 32];
        for (place, channel) in tuple.chunks_exact_mut(8).zip([self.l, self.l, self.a, self.b]) {
            place.copy_from_slice(&channel.tuple());
        }
        tuple
    }
}

impl Channel {
    /// The numbers in the order of the API.
    pub const fn tuple(&self) -> [i32; 8] {
        [
            self.mean,
            self.median,
            self.mode,
            self.stdev,
            self.min,
            self.max,
            self.lq,
            self.uq,
        ]
    }
}

impl Histogram<'_> {
    /// Statistics of each channel.
    pub fn statistics(&self) -> Statistics {
        let mut channels = [Channel::default(); 3];
        for ((channel, bins), range) in channels.iter_mut().zip(&self.bins).zip(ranges(self.format)) {
            *channel = statistics(bins, *range);
        }
        let [l, a, b] = channels;
        Statistics { l, a, b }
    }

    /// The value of the first bin at which the cumulative share reaches `percentile`.
    ///
    /// # Errors
    /// A percentile outside 0 to 1.
    pub fn percentile(&self, percentile: f32) -> Result<Levels, Error> {
        if !(0.0..=1.0).contains(&percentile) {
            return Err(Error::Argument {
                name: "percentile",
                found: percentile,
                expected: "0 to 1",
            });
        }
        Ok(self.levels(|bins, (least, largest)| {
            let mul = (largest - least) as f32 / (bins.len() - 1) as f32;
            let mut sum = 0.0f32;
            let reached = bins.iter().position(|bin| {
                let before = sum;
                sum += bin;
                before < percentile && percentile <= sum
            });
            reached.map_or(0, |index| floor(index as f32 * mul + least as f32))
        }))
    }

    /// The threshold that parts each channel best.
    pub fn threshold(&self) -> Levels {
        self.levels(|bins, (least, largest)| {
            otsu(bins) as i32 * (largest - least) / (bins.len() as i32 - 1) + least
        })
    }

    fn levels(&self, of: impl Fn(&[f32], (i32, i32)) -> i32) -> Levels {
        let mut levels = [0; 3];
        for ((level, bins), range) in levels.iter_mut().zip(&self.bins).zip(ranges(self.format)) {
            *level = of(bins, *range);
        }
        let [l, a, b] = levels;
        Levels { l, a, b }
    }

    /// True for an image with colour.
    pub fn has_colour(&self) -> bool {
        self.format == Format::Rgb565
    }
}

fn statistics(bins: &[f32], (least, largest): (i32, i32)) -> Channel {
    let mul = (largest - least) as f32 / (bins.len() - 1) as f32;
    let mut found = Channel::default();
    let (mut mean, mut square, mut sum, mut most) = (0.0f32, 0.0f32, 0.0f32, 0.0f32);
    let mut any = false;
    for (index, bin) in bins.iter().enumerate() {
        let exact = index as f32 * mul + least as f32;
        let value = floor(exact);
        mean += exact * bin;
        square += exact * exact * bin;
        for (share, quartile) in [
            (0.25, &mut found.lq),
            (0.5, &mut found.median),
            (0.75, &mut found.uq),
        ] {
            if sum < share && share <= sum + bin {
                *quartile = value;
            }
        }
        if *bin > most {
            most = *bin;
            found.mode = value;
        }
        if *bin > 0.0 {
            if !any {
                found.min = value;
                any = true;
            }
            found.max = value;
        }
        sum += bin;
    }
    found.mean = floor(mean);
    // Rounding may leave a little less than nothing.
    found.stdev = floor(sqrt((square - mean * mean).max(0.0)));
    found
}
