//! Corners that are known again: found, listed, compared. And boxes in which an object may be.

use core::cell::Cell;
use core::fmt::{self, Write};

use upy::{
    Access, Arguments, Buffer, Error, Kind, Obj, ObjCell, Printer, Result, Room, Scratch, args, class,
    convert, new_object, sys,
};
use vision::Found;
use vision::find::keypoints::{self, Detector, KEYPOINT_BYTES, Keypoint, KeypointMatch, KeypointQuery};
use vision::find::{self, ProposalQuery};

use crate::find::listed;
use crate::parse::{Roi, rect, region, this, tuple};
use crate::picture::told;
use crate::results;

/// The numbers that scripts have for them.
pub const CORNER_FAST: i32 = 0;
pub const CORNER_AGAST: i32 = 1;

/// What `find_keypoints` gives.
pub struct KeyPoints {
    /// The bytes of all, one after another.
    store: ObjCell,
    bytes: usize,
}

class! {
    KeyPoints as "what find_keypoints() gives" {
        print: print,
        unary: unary,
        subscr: subscr,
        iter_of: iter,
    }
}

impl KeyPoints {
    /// Over the first bytes of a bytearray.
    pub fn over(store: Obj, bytes: usize) -> Result<Obj> {
        new_object(KeyPoints {
            store: ObjCell::new(store),
            bytes,
        })
    }

    /// Their bytes.
    pub fn store(&self) -> Result<Buffer> {
        self.store.get().buffer()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.bytes / KEYPOINT_BYTES
    }

    /// One of them.
    pub fn get(&self, at: usize) -> Option<Keypoint> {
        let store = self.store().ok()?;
        let bytes = store.as_slice().get(at * KEYPOINT_BYTES..)?.first_chunk()?;
        (at < self.count()).then(|| Keypoint::from_bytes(bytes))
    }

    /// All of them.
    fn all(&self) -> Result<Room<Keypoint>> {
        let mut room = Room::new(self.count())?;
        for (at, place) in room.as_mut_slice().iter_mut().enumerate() {
            *place = self.get(at).unwrap_or_default();
        }
        Ok(room)
    }
}

fn print(points: &KeyPoints, printer: &mut Printer) -> fmt::Result {
    write!(printer, "{{\"size\":{}}}", points.count())
}

fn unary(points: &KeyPoints, operation: sys::mp_unary_op_t) -> Result<Option<Obj>> {
    match operation {
        sys::MP_UNARY_OP_BOOL => Ok(Some(Obj::bool(points.count() > 0))),
        sys::MP_UNARY_OP_LEN => Ok(Some(Obj::small_int(points.count() as i32))),
        _ => Ok(None),
    }
}

/// `keypoints[i]`: (x, y, score, octave, angle).
fn subscr(points: &KeyPoints, index: Obj, access: Access) -> Result<Option<Obj>> {
    let Access::Load = access else {
        return Err(Error::Type(c"keypoints cannot be changed"));
    };
    let (asked, count): (i32, _) = (convert("index", &index)?, points.count() as i32);
    let at = if asked < 0 { asked + count } else { asked };
    let point = usize::try_from(at)
        .ok()
        .and_then(|at| points.get(at))
        .ok_or_else(|| {
            Error::new(
                Kind::Index,
                format_args!("index {asked} in a list of {count} keypoints"),
            )
        })?;
    let numbers = [point.x, point.y, point.score, point.octave, point.angle];
    tuple(&numbers.map(i32::from)).map(Some)
}

/// What `iter(keypoints)` gives.
struct KeyPointIterator {
    points: ObjCell,
    next: Cell<i32>,
}

class! {
    KeyPointIterator as "an iterator over keypoints" { next: next }
}

fn iter(object: Obj) -> Result<Obj> {
    new_object(KeyPointIterator {
        points: ObjCell::new(object),
        next: Cell::new(0),
    })
}

fn next(iterator: &KeyPointIterator) -> Result<Option<Obj>> {
    let (object, at) = (iterator.points.get(), iterator.next.get());
    let points: &KeyPoints = convert("keypoints", &object)?;
    if at as usize >= points.count() {
        return Ok(None);
    }
    iterator.next.set(at + 1);
    subscr(points, Obj::small_int(at), Access::Load)
}

/// `find_keypoints(*, roi=None, threshold=20, normalized=False, scale_factor=1.5, max_keypoints=100,
/// corner_detector=CORNER_AGAST)`: None if there are none.
pub fn find_keypoints(arguments: Arguments) -> Result<Obj> {
    let (_, image, rest) = this(arguments)?;
    args!(rest => *, roi: Option<Roi> = None, threshold: u16 = 20, normalized: bool = false, scale_factor: f32 = 1.5,
        max_keypoints: usize = 100, corner_detector: i32 = CORNER_AGAST);
    let detector = match corner_detector {
        CORNER_FAST => Detector::Far,
        CORNER_AGAST => Detector::Near,
        _ => {
            return Err(Error::Value(
                c"corner_detector must be image.CORNER_FAST or image.CORNER_AGAST",
            ));
        }
    };
    if !(1..=10_000).contains(&max_keypoints) {
        return Err(Error::Value(c"max_keypoints must be 1 to 10000"));
    }
    let query = KeypointQuery {
        roi: region(roi),
        threshold,
        normalized,
        scale_factor,
        detector,
    };
    let pixels = image.pixels()?;
    let view = pixels.view()?;
    let mut memory = Scratch::near(keypoints::keypoints_scratch(view.width(), view.height()))?;
    let mut room = Room::new(max_keypoints)?;
    let mut found = Found::new(room.as_mut_slice(), "keypoints");
    let scratch = vision::Scratch::new(memory.bytes());
    keypoints::find_keypoints(&view, &query, scratch, &mut found).map_err(told)?;
    if found.is_empty() {
        return Ok(Obj::NONE);
    }
    let bytes = found.len() * KEYPOINT_BYTES;
    let store = Obj::bytearray(bytes)?;
    {
        let mut buffer = store.buffer_to_fill()?;
        for (place, point) in buffer
            .as_mut_slice()
            .chunks_exact_mut(KEYPOINT_BYTES)
            .zip(found.iter())
        {
            place.copy_from_slice(&point.to_bytes());
        }
    }
    KeyPoints::over(store, bytes)
}

/// What two lists have in common, as `match_descriptor` gives it.
pub fn compare(one: &KeyPoints, other: &KeyPoints, percent: u32, filter_outliers: bool) -> Result<Obj> {
    let (mut first, mut second) = (one.all()?, other.all()?);
    let mut room = Room::new(one.count())?;
    let mut pairs = Found::new(room.as_mut_slice(), "matches");
    let (first, second) = (first.as_mut_slice(), second.as_mut_slice());
    let found = keypoints::match_keypoints(first, second, percent.min(100), filter_outliers, &mut pairs);
    let found: KeypointMatch = found.map_err(told)?;
    let list = results::list(&pairs, |pair: &[u16; 2]| tuple(&pair.map(i32::from)))?;
    results::keypoint_match(&found, list)
}

/// `selective_search(*, threshold=500, size=20, a1=1.0, a2=1.0, a3=1.0)`: a list of (x, y, w, h).
pub fn selective_search(arguments: Arguments) -> Result<Obj> {
    let (_, image, rest) = this(arguments)?;
    args!(rest => *, threshold: f32 = 500.0, size: u32 = 20, a1: f32 = 1.0, a2: f32 = 1.0, a3: f32 = 1.0);
    let query = ProposalQuery {
        threshold,
        size,
        weights: [a1, a2, a3],
    };
    let pixels = image.pixels()?;
    let view = pixels.view()?;
    listed(
        "boxes",
        find::proposals_scratch(view.width(), view.height()),
        |scratch, found| find::proposals(&view, &query, scratch, found),
        |region| rect(*region),
    )
}
