//! The most frequent value of the window, the least of them if there are several.

use super::{Adaptive, check, in_place, ring_bytes};
use crate::pixel::by_format;
use crate::{Error, Format, Pixel, Scratch, View, ViewMut};

/// Bytes of working memory that [`mode`] needs.
pub fn mode_scratch(format: Format, width: usize, height: usize, ksize: usize) -> usize {
    ring_bytes(format, width, height, ksize)
}

/// Replaces each pixel by the most frequent value of its window, channel by channel.
///
/// # Errors
/// A `ksize` above [`super::MAX_KSIZE`], too little memory.
pub fn mode(
    image: &mut ViewMut,
    ksize: usize,
    adaptive: &Adaptive,
    mut scratch: Scratch,
) -> Result<(), Error> {
    check(ksize)?;
    by_format!(image.format(), P => {
        in_place(image, ksize, &mut scratch, |old, y, new| row::<P>(old, y, new, ksize, adaptive))
    })
}

/// How often each value occurs in a window, and the most frequent.
struct Counts {
    bins: [u16; 256],
    best: usize,
    /// A value left the window that may have been the best.
    stale: bool,
}

impl Counts {
    fn enter(&mut self, value: usize) {
        self.bins[value] += 1;
        let (count, best) = (self.bins[value], self.bins[self.best]);
        if count > best || (count == best && value < self.best) {
            self.best = value;
        }
    }

    fn leave(&mut self, value: usize) {
        self.bins[value] -= 1;
        self.stale |= value == self.best;
    }

    fn mode(&mut self) -> usize {
        if self.stale {
            self.stale = false;
            self.best = 0;
            for (value, count) in self.bins.iter().enumerate() {
                if *count > self.bins[self.best] {
                    self.best = value;
                }
            }
        }
        self.best
    }
}

fn row<P: Pixel>(old: &View, y: usize, new: &mut [u8], ksize: usize, adaptive: &Adaptive) {
    let (width, reach, at) = (old.width() as isize, ksize as isize, y as isize);
    let empty = || Counts {
        bins: [0; 256],
        best: 0,
        stale: false,
    };
    let mut counts = [empty(), empty(), empty()];
    let column = |counts: &mut [Counts; 3], x: isize, enters: bool| {
        let x = x.clamp(0, width - 1) as usize;
        for step in -reach..=reach {
            let channels = P::split(P::get(old.row_clamped(at + step), x));
            for (counts, channel) in counts.iter_mut().zip(channels).take(P::CHANNELS) {
                if enters {
                    counts.enter(channel as usize);
                } else {
                    counts.leave(channel as usize);
                }
            }
        }
    };
    for step in -reach..=reach {
        column(&mut counts, step, true);
    }
    for x in 0..width {
        if x > 0 {
            column(&mut counts, x - reach - 1, false);
            column(&mut counts, x + reach, true);
        }
        if adaptive.admits(x as usize, y) {
            let mut channels = [0; 3];
            for (channel, counts) in channels.iter_mut().zip(&mut counts).take(P::CHANNELS) {
                *channel = counts.mode() as i32;
            }
            let before = P::get(old.row(y), x as usize);
            P::put(new, x as usize, adaptive.finish::<P>(P::join(channels), before));
        }
    }
}
