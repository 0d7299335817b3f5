//! `find_blobs` and `get_regression`: what is found by thresholds.

use core::cell::Cell;

use upy::{Arguments, Error, Obj, Result, Room, Scratch, args};
use vision::find::{self, Bins, BlobQuery};
use vision::{Found, View};

use crate::blob::{ask, blob};
use crate::parse::{Pair, Roi, Thresholds, region, this};
use crate::picture::told;
use crate::results;

/// How many blobs there is room for at first, and how many at most.
const FEW: usize = 128;
const MANY: usize = 16_384;

/// `find_blobs(thresholds, *, invert=False, roi=None, x_stride=2, y_stride=1, area_threshold=10, pixels_threshold=10,
/// merge=False, margin=0, threshold_cb=None, merge_cb=None, x_hist_bins_max=0, y_hist_bins_max=0)`
pub fn find_blobs(arguments: Arguments) -> Result<Obj> {
    let (_, image, rest) = this(arguments)?;
    args!(rest => thresholds: Thresholds, *, invert: bool = false, roi: Option<Roi> = None, x_stride: usize = 2,
        y_stride: usize = 1, area_threshold: u32 = 10, pixels_threshold: u32 = 10, merge: bool = false,
        margin: i32 = 0, threshold_cb: Option<Obj> = None, merge_cb: Option<Obj> = None,
        x_hist_bins_max: usize = 0, y_hist_bins_max: usize = 0);
    let query = BlobQuery {
        thresholds: thresholds.as_slice(),
        invert,
        roi: region(roi),
        x_stride,
        y_stride,
        area_threshold,
        pixels_threshold,
        merge,
        margin,
        x_hist_bins_max: x_hist_bins_max.min(u16::MAX.into()),
        y_hist_bins_max: y_hist_bins_max.min(u16::MAX.into()),
    };
    let callbacks = Callbacks {
        admit: threshold_cb,
        join: merge_cb,
    };
    let pixels = image.pixels()?;
    let view = pixels.view()?;
    let mut memory = Scratch::near(find::blobs_scratch(view.width(), view.height()))?;
    let mut scratch = vision::Scratch::new(memory.bytes());
    let mut stack_memory = Scratch::leaf(find::blobs_stack(view.width(), view.height()))?;
    let mut stack = vision::Scratch::new(stack_memory.bytes());
    // A script's callback must not be asked twice.
    let asks = threshold_cb.or(merge_cb).is_some();
    let mut count = if asks { 8 * FEW } else { FEW };
    loop {
        match search(&view, &query, &callbacks, [scratch.step(), stack.step()], count)? {
            Ok(list) => return Ok(list),
            Err(vision::Error::Full { .. }) if count < MANY && !asks => count *= 8,
            Err(error) => return Err(told(error)),
        }
    }
}

/// Functions of the script that may refuse a blob, or to merge two.
struct Callbacks {
    admit: Option<Obj>,
    join: Option<Obj>,
}

/// One search, with room for `count` blobs: the list of them, or why the library gave up. An error of a callback ends it.
fn search(
    view: &View,
    query: &BlobQuery,
    callbacks: &Callbacks,
    [scratch, stack]: [vision::Scratch; 2],
    count: usize,
) -> Result<core::result::Result<Obj, vision::Error>> {
    let mut room = Room::new(count)?;
    let mut found = Found::new(room.as_mut_slice(), "blobs");
    let of_one = query.x_hist_bins_max.min(view.width()) + query.y_hist_bins_max.min(view.height());
    let mut bin_room = Room::new(2 * count * of_one)?;
    let mut bins = Bins::new(bin_room.as_mut_slice());
    let raised = Cell::new(None);
    let asked = |callback: Option<Obj>, blobs: &[&find::Blob]| {
        if raised.get().is_some() {
            return false;
        }
        let Some(callback) = callback else { return true };
        ask(callback, blobs).unwrap_or_else(|error| {
            raised.set(Some(error));
            false
        })
    };
    let result = find::find_blobs(
        view,
        query,
        &mut |one| asked(callbacks.admit, &[one]),
        &mut |one, other| asked(callbacks.join, &[one, other]),
        scratch,
        stack,
        &mut bins,
        &mut found,
    );
    if let Some(error) = raised.get() {
        return Err(error);
    }
    match result {
        Ok(()) => list(&found, &bins).map(Ok),
        Err(error) => Ok(Err(error)),
    }
}

fn list(found: &Found<find::Blob>, bins: &Bins) -> Result<Obj> {
    let list = Obj::list(&[])?;
    for one in found.iter() {
        list.append(blob(one, Some(bins))?)?;
    }
    Ok(list)
}

/// `get_regression(thresholds, *, invert=False, roi=None, x_stride=2, y_stride=1, area_threshold=10, pixels_threshold=10,
/// robust=False, target_size=(80, 60))`
pub fn get_regression(arguments: Arguments) -> Result<Obj> {
    let (_, image, rest) = this(arguments)?;
    args!(rest => thresholds: Thresholds, *, invert: bool = false, roi: Option<Roi> = None, x_stride: usize = 2,
        y_stride: usize = 1, area_threshold: u32 = 10, pixels_threshold: u32 = 10, robust: bool = false,
        target_size: Pair = Pair(80, 60));
    let Pair(columns, rows) = target_size;
    let side = |value: i32| {
        usize::try_from(value)
            .ok()
            .filter(|value| (1..=1024).contains(value))
    };
    let (Some(columns), Some(rows)) = (side(columns), side(rows)) else {
        return Err(Error::Value(c"target_size must be two numbers from 1 to 1024"));
    };
    let query = find::RegressionQuery {
        thresholds: thresholds.as_slice(),
        invert,
        roi: region(roi),
        x_stride,
        y_stride,
        area_threshold: area_threshold.into(),
        pixels_threshold: pixels_threshold.into(),
        robust,
        target_size: (columns, rows),
    };
    let pixels = image.pixels()?;
    let view = pixels.view()?;
    let mut memory = Scratch::near(if robust {
        find::regression_scratch((columns, rows))
    } else {
        0
    })?;
    let line = find::regression(&view, &query, vision::Scratch::new(memory.bytes())).map_err(told)?;
    line.map_or(Ok(Obj::NONE), |line| results::line(&line))
}
