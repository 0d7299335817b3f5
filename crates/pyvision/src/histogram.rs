//! `get_histogram`, `get_statistics`, and the object that a histogram is.

use upy::{
    Access, Arguments, Error, IntoObj, Kind, Obj, Result, Room, Scratch, args, class, convert, fun,
    new_object, sys,
};
use vision::histogram::{self as counting, Counted};

use crate::parse::{Roi, Thresholds, region, this};
use crate::picture::told;
use crate::{Image, results};

/// What was counted, as a Python object.
pub struct Histogram {
    /// The shares as `f32`, of brightness or L, a, b in turn.
    shares: Obj,
    counts: [usize; 3],
    format: vision::Format,
}

class! {
    Histogram as "a histogram" {
        subscr: subscr,
        unary: unary,
    }
    bins: fun!(1, |histogram: &Histogram| histogram.list(0)),
    l_bins: fun!(1, |histogram: &Histogram| histogram.list(0)),
    a_bins: fun!(1, |histogram: &Histogram| histogram.list(1)),
    b_bins: fun!(1, |histogram: &Histogram| histogram.list(2)),
    get_percentile: fun!(2, percentile),
    get_threshold: fun!(1, threshold),
    get_stats: fun!(1, of_histogram),
    get_statistics: fun!(1, of_histogram),
    statistics: fun!(1, of_histogram),
}

impl Histogram {
    fn of(histogram: &counting::Histogram) -> Result<Obj> {
        let channels = [histogram.l_bins(), histogram.a_bins(), histogram.b_bins()];
        let counts = channels.map(<[f32]>::len);
        let shares = Obj::bytes_with(4 * counts.iter().sum::<usize>(), |bytes| {
            let shares = channels.into_iter().flatten();
            for (place, share) in bytes.chunks_exact_mut(4).zip(shares) {
                place.copy_from_slice(&share.to_le_bytes());
            }
            Ok(())
        })?;
        new_object(Histogram {
            shares,
            counts,
            format: histogram.format(),
        })
    }

    /// A channel's bins as a list.
    fn list(&self, channel: usize) -> Result<Obj> {
        let first: usize = self.counts[..channel].iter().sum();
        let shares = self.shares.buffer()?;
        let list = Obj::list(&[])?;
        let of_channel = shares.as_slice().chunks_exact(4).skip(first);
        for share in of_channel.take(self.counts[channel]) {
            list.append(share_of(share).into_obj()?)?;
        }
        Ok(list)
    }

    /// As the library has it.
    fn with<R>(&self, then: impl FnOnce(&counting::Histogram) -> Result<R>) -> Result<R> {
        let shares = self.shares.buffer()?;
        let mut room = Room::new(shares.len() / 4)?;
        for (place, share) in room
            .as_mut_slice()
            .iter_mut()
            .zip(shares.as_slice().chunks_exact(4))
        {
            *place = share_of(share);
        }
        let (l, rest) = room.as_mut_slice().split_at_mut(self.counts[0]);
        let (a, b) = rest.split_at_mut(self.counts[1]);
        then(&counting::Histogram::of_shares(self.format, [l, a, b]))
    }
}

fn share_of(bytes: &[u8]) -> f32 {
    bytes.try_into().map_or(0.0, f32::from_le_bytes)
}

/// How the values of an image are counted.
struct Query<'a> {
    thresholds: Thresholds,
    invert: bool,
    roi: Option<Roi>,
    bins: [Option<usize>; 3],
    difference: Option<&'a Image>,
}

/// `*, thresholds=None, invert=False, roi=None, bins=-1, l_bins=-1, a_bins=-1, b_bins=-1, difference=None`
fn query(arguments: Arguments<'_>) -> Result<Query<'_>> {
    args!(arguments => *, thresholds: Option<Thresholds> = None, invert: bool = false, roi: Option<Roi> = None,
        bins: i32 = -1, l_bins: i32 = -1, a_bins: i32 = -1, b_bins: i32 = -1, difference: Option<&Image> = None);
    let asked = |own: i32| {
        let count = if own >= 0 { own } else { bins };
        usize::try_from(count).ok()
    };
    Ok(Query {
        thresholds: thresholds.unwrap_or_else(Thresholds::none),
        invert,
        roi,
        bins: [asked(l_bins), asked(a_bins), asked(b_bins)],
        difference,
    })
}

/// Counts, and does something with the result, which lives no longer.
fn counted<R>(
    image: &Image,
    arguments: Arguments,
    then: impl FnOnce(&counting::Histogram) -> Result<R>,
) -> Result<R> {
    let query = query(arguments)?;
    let pixels = image.pixels()?;
    let other = query.difference.map(Image::pixels).transpose()?;
    let view = pixels.view()?;
    let how = Counted {
        thresholds: query.thresholds.as_slice(),
        invert: query.invert,
        roi: region(query.roi),
        l_bins: query.bins[0],
        a_bins: query.bins[1],
        b_bins: query.bins[2],
        difference: other.as_ref().map(|other| other.view()).transpose()?,
    };
    let mut memory = Scratch::near(counting::histogram_scratch())?;
    let mut scratch = vision::Scratch::new(memory.bytes());
    let histogram = counting::histogram(&view, &how, &mut scratch).map_err(told)?;
    then(&histogram)
}

/// `get_histogram(...)`
pub fn get_histogram(arguments: Arguments) -> Result<Obj> {
    let (_, image, rest) = this(arguments)?;
    counted(image, rest, Histogram::of)
}

/// `get_statistics(...)`
pub fn get_statistics(arguments: Arguments) -> Result<Obj> {
    let (_, image, rest) = this(arguments)?;
    counted(image, rest, |histogram| {
        results::statistics(&histogram.statistics())
    })
}

/// `histogram.get_percentile(p)`
fn percentile(histogram: &Histogram, percentile: f32) -> Result<Obj> {
    histogram.with(|bins| results::levels(&bins.percentile(percentile).map_err(told)?))
}

/// `histogram.get_threshold()`
fn threshold(histogram: &Histogram) -> Result<Obj> {
    histogram.with(|bins| results::levels(&bins.threshold()))
}

/// `histogram.get_statistics()`
fn of_histogram(histogram: &Histogram) -> Result<Obj> {
    histogram.with(|bins| results::statistics(&bins.statistics()))
}

/// How many lists `histogram[i]` gives.
fn channels(histogram: &Histogram) -> usize {
    histogram.counts.iter().filter(|count| **count > 0).count()
}

fn unary(histogram: &Histogram, operation: sys::mp_unary_op_t) -> Result<Option<Obj>> {
    Ok(match operation {
        sys::MP_UNARY_OP_BOOL => Some(Obj::TRUE),
        sys::MP_UNARY_OP_LEN => Some(Obj::small_int(channels(histogram) as i32)),
        _ => None,
    })
}

fn subscr(histogram: &Histogram, index: Obj, access: Access) -> Result<Option<Obj>> {
    if access != Access::Load {
        return Ok(None);
    }
    let at: usize = convert("index", &index)?;
    if at >= channels(histogram) {
        return Err(Error::new(
            Kind::Index,
            format_args!("index {at} in a histogram of {} channels", channels(histogram)),
        ));
    }
    histogram.list(at).map(Some)
}
