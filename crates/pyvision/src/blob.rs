//! What `find_blobs` gives, and the functions of the module that measure a blob further.

use upy::record::{Fields, Of, Record, Style};
use upy::{Error, IntoObj, Obj, Result, class, convert, new_object, record};
use vision::find::blobs::Bins;

use crate::generation;
use crate::parse::{points, rect, tuple};

record! {
    Blob as "a blob" { length: 23, calls_length: 12, calls_order: ORDER_WITH_CALLS }
    x: at(0), y: at(1), w: at(2), h: at(3), cx: at(4), cy: at(5), pixels: at(6), rotation: at(7), code: at(8),
    count: at(9), perimeter: at(10), roundness: at(11), x_hist_bins: at(12), y_hist_bins: at(13), corners: at(14),
    min_corners: at(15), cxf: at(16), cyf: at(17), elongation: at(18), area: at(19), density: at(20),
    compactness: at(21), rect: at(22),
    rotation_rad: by(rotation_rad), rotation_deg: by(rotation_deg), extent: by(extent), solidity: by(solidity),
    convexity: by(convexity), major_axis_line: by(major_axis_line), minor_axis_line: by(minor_axis_line),
    enclosing_circle: by(enclosing_circle), enclosed_ellipse: by(enclosed_ellipse),
}

/// Pixels come before the centre there.
const ORDER_WITH_CALLS: &[u8] = &[
    0, 1, 2, 3, 6, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22,
];

/// The library's blob, kept with its result.
pub struct Measured(vision::find::Blob);

class! {
    Measured as "the measures of a blob" {}
}

/// A blob for Python. Without bins the two histograms are empty.
pub fn blob(blob: &vision::find::Blob, bins: Option<&Bins>) -> Result<Obj> {
    let region = blob.region;
    let mut items = [Obj::NONE; 23];
    let (cx, cy) = match generation::style() {
        Style::Attributes => (blob.cx(), blob.cy()),
        // The fourth generation cuts.
        Style::Calls => (blob.x as i32, blob.y as i32),
    };
    let numbers = [region.x, region.y, region.w, region.h, cx, cy];
    for (item, number) in items.iter_mut().zip(numbers) {
        *item = Obj::from_i32(number)?;
    }
    items[6] = blob.pixels.into_obj()?;
    items[7] = blob.rotation.into_obj()?;
    items[8] = blob.code.into_obj()?;
    items[9] = blob.count.into_obj()?;
    items[10] = blob.perimeter.into_obj()?;
    items[11] = blob.roundness.into_obj()?;
    items[12] = counts(bins.map_or(&[], |bins| bins.get(blob.x_bins)))?;
    items[13] = counts(bins.map_or(&[], |bins| bins.get(blob.y_bins)))?;
    items[14] = points(&blob.corners())?;
    items[15] = points(&blob.min_corners())?;
    items[16] = blob.x.into_obj()?;
    items[17] = blob.y.into_obj()?;
    items[18] = blob.elongation().into_obj()?;
    items[19] = blob.area().into_obj()?;
    items[20] = blob.density().into_obj()?;
    items[21] = blob.compactness().into_obj()?;
    items[22] = rect(region)?;
    Blob::make(generation::style(), &items, new_object(Measured(*blob))?)
}

fn counts(counts: &[u16]) -> Result<Obj> {
    let list = Obj::list(&[])?;
    for count in counts {
        list.append(Obj::small_int((*count).into()))?;
    }
    Ok(list)
}

/// The library's blob behind a result.
fn measured(fields: &Fields) -> Result<vision::find::Blob> {
    let hidden = fields.hidden();
    Ok(convert::<&Measured>("blob", &hidden)?.0)
}

fn rotation_rad(fields: &Fields) -> Result<Obj> {
    measured(fields)?.rotation.into_obj()
}

fn rotation_deg(fields: &Fields) -> Result<Obj> {
    let degrees = measured(fields)?.rotation.to_degrees();
    vision::math::round(degrees).into_obj()
}

fn extent(fields: &Fields) -> Result<Obj> {
    measured(fields)?.density().into_obj()
}

fn solidity(fields: &Fields) -> Result<Obj> {
    measured(fields)?.solidity().into_obj()
}

fn convexity(fields: &Fields) -> Result<Obj> {
    measured(fields)?.convexity().into_obj()
}

fn major_axis_line(fields: &Fields) -> Result<Obj> {
    let (from, to) = measured(fields)?.major_axis_line();
    tuple(&[from.x, from.y, to.x, to.y])
}

fn minor_axis_line(fields: &Fields) -> Result<Obj> {
    let (from, to) = measured(fields)?.minor_axis_line();
    tuple(&[from.x, from.y, to.x, to.y])
}

fn enclosing_circle(fields: &Fields) -> Result<Obj> {
    let (centre, radius) = measured(fields)?.enclosing_circle();
    tuple(&[centre.x, centre.y, radius])
}

fn enclosed_ellipse(fields: &Fields) -> Result<Obj> {
    let ellipse = measured(fields)?.enclosed_ellipse();
    tuple(&[
        ellipse.centre.x,
        ellipse.centre.y,
        ellipse.rx,
        ellipse.ry,
        ellipse.rotation,
    ])
}

/// The functions `get_solidity(blob)` and so on, of the module.
macro_rules! measures {
    ($($name:ident = $of:ident),* $(,)?) => {$(
        pub fn $name(blob: Obj) -> Result<Obj> {
            let fields = convert::<Of<Blob>>("blob", &blob)?.0;
            $of(&fields)
        }
    )*};
}

measures! {
    get_solidity = solidity,
    get_convexity = convexity,
    get_major_axis_line = major_axis_line,
    get_minor_axis_line = minor_axis_line,
    get_enclosing_circle = enclosing_circle,
    get_enclosed_ellipse = enclosed_ellipse,
}

/// What a script's callback says of a blob, or of two.
pub fn ask(callback: Obj, blobs: &[&vision::find::Blob]) -> core::result::Result<bool, Error> {
    let mut arguments = [Obj::NONE; 2];
    for (argument, one) in arguments.iter_mut().zip(blobs) {
        *argument = blob(one, None)?;
    }
    callback.call(&arguments[..blobs.len()])?.to_bool()
}
