//! Descriptions of faces: made, compared, kept in files; and the picture of gradients, the disparity of two views.

use core::fmt::{self, Write};

use upy::{
    Arguments, Error, File, FromObj, IntoObj, Obj, ObjCell, Printer, Result, Scratch, args, class,
    new_object, qstr,
};
use vision::find::keypoints::KEYPOINT_BYTES;
use vision::find::{self, LBP_BYTES};

use crate::keypoints::{self, KeyPoints};
use crate::parse::{Roi, region, this};
use crate::picture::told;

/// What `find_lbp` gives: a face.
pub struct Lbp {
    /// The bins' bytes.
    bins: ObjCell,
}

class! {
    Lbp as "a descriptor of find_lbp()" { print: print }
}

fn print(_: &Lbp, printer: &mut Printer) -> fmt::Result {
    write!(printer, "{{\"size\":{LBP_BYTES}}}")
}

/// The number that stands first in a file of each kind.
const LBP_FILE: u32 = 0;
const KEYPOINTS_FILE: u32 = 1;

/// `find_lbp(roi)`
pub fn find_lbp(arguments: Arguments) -> Result<Obj> {
    let (_, image, rest) = this(arguments)?;
    args!(rest => roi: Roi);
    let pixels = image.pixels()?;
    let store = Obj::bytearray(LBP_BYTES)?;
    {
        let mut buffer = store.buffer_to_fill()?;
        let bins = buffer.as_mut_slice().first_chunk_mut();
        let bins = bins.ok_or(Error::Value(c"the descriptor was changed meanwhile"))?;
        find::lbp(&pixels.view()?, roi.0, bins).map_err(told)?;
    }
    lbp(store)
}

fn lbp(bins: Obj) -> Result<Obj> {
    new_object(Lbp {
        bins: ObjCell::new(bins),
    })
}

/// `match_descriptor(one, other, *, threshold=85, filter_outliers=False)`: for faces how far apart they are, 0 if equal; for
/// keypoints what they have in common.
pub fn match_descriptor(arguments: Arguments) -> Result<Obj> {
    args!(arguments => one: Obj, other: Obj, *, threshold: u32 = 85, filter_outliers: bool = false);
    if let (Ok(one), Ok(other)) = (<&KeyPoints>::from_obj(&one), <&KeyPoints>::from_obj(&other)) {
        return keypoints::compare(one, other, threshold, filter_outliers);
    }
    let (one, other) = (
        face(&one)?.bins.get().buffer()?,
        face(&other)?.bins.get().buffer()?,
    );
    let (Some(one), Some(other)) = (one.as_slice().first_chunk(), other.as_slice().first_chunk()) else {
        return Err(Error::Value(c"the descriptor was changed meanwhile"));
    };
    find::lbp_distance(one, other).into_obj()
}

fn face(object: &Obj) -> Result<&Lbp> {
    <&Lbp>::from_obj(object).map_err(|_| {
        Error::Type(c"expected descriptors of one kind, as find_lbp() or find_keypoints() gives them")
    })
}

/// `save_descriptor(descriptor, path)`, or in the other order, as OpenMV 4 has it.
pub fn save_descriptor(arguments: Arguments) -> Result<()> {
    args!(arguments => descriptor: Obj, path: Obj);
    let (descriptor, path) = if descriptor.is_str() {
        (path, descriptor)
    } else {
        (descriptor, path)
    };
    let (store, kind) = match <&KeyPoints>::from_obj(&descriptor) {
        Ok(points) => (points.store()?, KEYPOINTS_FILE),
        Err(_) => (face(&descriptor)?.bins.get().buffer()?, LBP_FILE),
    };
    let stream = File::open(path, qstr::wb)?;
    stream.write(&kind.to_le_bytes())?;
    if kind == KEYPOINTS_FILE {
        stream.write(&((store.len() / KEYPOINT_BYTES) as u32).to_le_bytes())?;
    }
    stream.write(store.as_slice())?;
    stream.close()
}

/// `load_descriptor(path)`
pub fn load_descriptor(arguments: Arguments) -> Result<Obj> {
    args!(arguments => path: Obj);
    let stream = File::open(path, qstr::rb)?;
    let size = stream.size()?;
    let mut head = [0; 8];
    let read = stream.read(&mut head)?;
    let [kind, count] =
        [0, 4].map(|at| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]));
    let (head_bytes, body) = match kind {
        LBP_FILE => (4, LBP_BYTES),
        KEYPOINTS_FILE => (8, KEYPOINT_BYTES.saturating_mul(count as usize)),
        _ => (8, usize::MAX),
    };
    if read < 8 || size.checked_sub(head_bytes) != Some(body) {
        return Err(Error::Value(
            c"the file is no descriptor: expected one that save_descriptor() wrote",
        ));
    }
    stream.seek(head_bytes as i32, false)?;
    let store = Obj::bytearray(body)?;
    if stream.read(&mut store.buffer_to_fill()?.as_mut_slice()[..body])? < body {
        return Err(Error::Value(c"the file ended before its end"));
    }
    stream.close()?;
    if kind == KEYPOINTS_FILE {
        return KeyPoints::over(store, body);
    }
    lbp(store)
}

/// `find_hog(*, roi=None, size=8)`: the picture of gradients takes the image's place.
pub fn find_hog(arguments: Arguments) -> Result<Obj> {
    let (object, image, rest) = this(arguments)?;
    args!(rest => *, roi: Option<Roi> = None, size: usize = 8);
    let mut pixels = image.pixels_mut()?;
    let mut view = pixels.view()?;
    let mut memory = Scratch::near(find::hog_scratch(view.width(), view.height(), size))?;
    let scratch = vision::Scratch::new(memory.bytes());
    find::hog(&mut view, region(roi), size, scratch).map_err(told)?;
    Ok(object)
}

/// `stereo_disparity(*, reversed=False, max_disparity=64, threshold=64)`: the disparity takes the place of one half.
pub fn stereo_disparity(arguments: Arguments) -> Result<Obj> {
    let (object, image, rest) = this(arguments)?;
    args!(rest => *, reversed: bool = false, max_disparity: usize = 64, threshold: u32 = 64);
    let mut pixels = image.pixels_mut()?;
    let mut view = pixels.view()?;
    let mut memory = Scratch::near(find::disparity_scratch(view.width(), view.height()))?;
    let scratch = vision::Scratch::new(memory.bytes());
    find::disparity(&mut view, reversed, max_disparity, threshold, scratch).map_err(told)?;
    Ok(object)
}
