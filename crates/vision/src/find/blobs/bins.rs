//! Histograms of the columns and rows of blobs, all in one room.

use crate::Error;
use crate::math::floor;

/// Where a histogram lies in [`Bins`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BinRange {
    start: u32,
    len: u32,
}

/// Room for the histograms of all blobs.
#[derive(Debug)]
pub struct Bins<'a> {
    room: &'a mut [u16],
    used: usize,
}

impl<'a> Bins<'a> {
    /// Room for `room.len()` bins; merging leaves gaps.
    pub fn new(room: &'a mut [u16]) -> Self {
        Bins { room, used: 0 }
    }

    /// The bins of a blob.
    pub fn get(&self, range: BinRange) -> &[u16] {
        &self.room[range.start as usize..][..range.len as usize]
    }

    fn take(&mut self, len: usize) -> Result<BinRange, Error> {
        let start = self.used;
        if len > self.room.len() - start {
            return Err(Error::Full {
                what: "bins of blobs",
                capacity: self.room.len(),
            });
        }
        self.room[start..start + len].fill(0);
        self.used += len;
        Ok(BinRange {
            start: start as u32,
            len: len as u32,
        })
    }

    /// A histogram of at most `most` bins over the counts from the first to the last that is not 0.
    pub(super) fn of_counts(&mut self, counts: &[u16], most: usize) -> Result<BinRange, Error> {
        let Some(first) = counts.iter().position(|count| *count != 0) else {
            return Ok(BinRange::default());
        };
        let counts = counts[first..].split(|count| *count == 0).next().unwrap_or(&[]);
        let range = self.take(most.min(counts.len()))?;
        let scale = range.len as f32 / counts.len() as f32;
        for (index, count) in counts.iter().enumerate() {
            let bin = range.start as usize + floor(index as f32 * scale) as usize;
            self.room[bin] = self.room[bin].saturating_add(*count);
        }
        Ok(range)
    }

    /// A histogram over the union of two spans (first place, length), each with its bins.
    pub(super) fn merged(
        &mut self,
        one: (BinRange, (i32, i32)),
        other: (BinRange, (i32, i32)),
        most: usize,
    ) -> Result<BinRange, Error> {
        let start = one.1.0.min(other.1.0);
        let end = (one.1.0 + one.1.1).max(other.1.0 + other.1.1);
        let count = (end - start) as usize;
        let range = self.take(most.min(count))?;
        let scale = range.len as f32 / count as f32;
        for (bins, (first, length)) in [one, other] {
            let own = (bins.len as usize).min(length as usize) as f32 / length as f32;
            let mut last = None;
            for step in 0..length {
                let from = floor(step as f32 * own) as usize;
                // Each bin counts once, where it begins.
                if last == Some(from) || from >= bins.len as usize {
                    continue;
                }
                last = Some(from);
                let to = floor((first + step - start) as f32 * scale) as usize;
                let value = self.room[bins.start as usize + from];
                let place = &mut self.room[range.start as usize + to];
                *place = place.saturating_add(value);
            }
        }
        Ok(range)
    }
}
