//! Results with names: what the finders give, other than blobs.

use upy::record::{Fields, Record};
use upy::{IntoObj, Obj, Result, record};
use vision::Region;
use vision::codes::apriltag::{self, Camera};
use vision::codes::{barcode, datamatrix, qr};
use vision::find;

use crate::generation::style;
use crate::parse::{points, rect};

record! {
    Line as "a line" { length: 8, calls_length: 8, calls_order: &[] }
    x1: at(0), y1: at(1), x2: at(2), y2: at(3), length: at(4), magnitude: at(5), theta: at(6), rho: at(7),
    line: by(ends),
}

record! {
    Circle as "a circle" { length: 4, calls_length: 4, calls_order: &[] }
    x: at(0), y: at(1), r: at(2), magnitude: at(3), circle: by(first_three),
}

record! {
    Rect as "a rect" { length: 6, calls_length: 5, calls_order: &[] }
    x: at(0), y: at(1), w: at(2), h: at(3), magnitude: at(4), corners: at(5), rect: by(first_four),
}

record! {
    QRCode as "a QR code" { length: 11, calls_length: 10, calls_order: &[] }
    x: at(0), y: at(1), w: at(2), h: at(3), payload: at(4), version: at(5), ecc_level: at(6), mask: at(7),
    data_type: at(8), eci: at(9), corners: at(10), rect: by(first_four), is_numeric: by(is_numeric),
    is_alphanumeric: by(is_alphanumeric), is_binary: by(is_binary), is_kanji: by(is_kanji),
}

record! {
    BarCode as "a bar code" { length: 9, calls_length: 8, calls_order: &[] }
    x: at(0), y: at(1), w: at(2), h: at(3), payload: at(4), r#type: at(5), rotation: at(6), quality: at(7),
    corners: at(8), rect: by(first_four),
}

record! {
    Datamatrix as "a Data Matrix" { length: 11, calls_length: 10, calls_order: &[] }
    x: at(0), y: at(1), w: at(2), h: at(3), payload: at(4), rotation: at(5), rows: at(6), columns: at(7), capacity: at(8),
    padding: at(9), corners: at(10), rect: by(first_four),
}

record! {
    KptMatch as "a match of keypoints" { length: 9, calls_length: 9, calls_order: CENTRE_FIRST }
    x: at(0), y: at(1), w: at(2), h: at(3), cx: at(4), cy: at(5), count: at(6), theta: at(7), r#match: at(8),
    rect: by(first_four),
}

/// The tuple of a match with calls begins with the centre.
const CENTRE_FIRST: &[u8] = &[4, 5, 0, 1, 2, 3, 6, 7, 8];

record! {
    AprilTag as "an AprilTag" { length: 24, calls_length: 24, calls_order: &[] }
    x: at(0), y: at(1), w: at(2), h: at(3), cx: at(4), cy: at(5), id: at(6), family: at(7), name: at(8), cxf: at(9),
    cyf: at(10), rotation: at(11), decision_margin: at(12), hamming: at(13), goodness: at(14), x_translation: at(15),
    y_translation: at(16), z_translation: at(17), x_rotation: at(18), y_rotation: at(19), z_rotation: at(20),
    corners: at(21), area: at(22), rect: at(23),
}

record! {
    Displacement as "a displacement" { length: 5, calls_length: 5, calls_order: &[] }
    x_translation: at(0), y_translation: at(1), rotation: at(2), scale: at(3), response: at(4),
}

record! {
    Similarity as "a similarity" { length: 4, calls_length: 4, calls_order: &[] }
    mean: at(0), stdev: at(1), min: at(2), max: at(3),
}

record! {
    Statistics as "statistics" { length: 32, calls_length: 24, calls_order: CHANNELS_FIRST }
    mean: at(0), median: at(1), mode: at(2), stdev: at(3), min: at(4), max: at(5), lq: at(6), uq: at(7),
    l_mean: at(8), l_median: at(9), l_mode: at(10), l_stdev: at(11), l_min: at(12), l_max: at(13), l_lq: at(14),
    l_uq: at(15),
    a_mean: at(16), a_median: at(17), a_mode: at(18), a_stdev: at(19), a_min: at(20), a_max: at(21), a_lq: at(22),
    a_uq: at(23),
    b_mean: at(24), b_median: at(25), b_mode: at(26), b_stdev: at(27), b_min: at(28), b_max: at(29), b_lq: at(30),
    b_uq: at(31),
}

/// The tuple of statistics with calls begins with L.
const CHANNELS_FIRST: &[u8] = &[
    8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 0, 1, 2, 3,
    4, 5, 6, 7,
];

record! {
    Levels as "levels" { length: 4, calls_length: 4, calls_order: &[] }
    value: at(0), l_value: at(1), a_value: at(2), b_value: at(3),
}

fn whole<K: Record>(numbers: &[i32]) -> Result<Obj> {
    let mut items = [Obj::NONE; 32];
    for (item, number) in items.iter_mut().zip(numbers) {
        *item = Obj::from_i32(*number)?;
    }
    K::make(style(), &items, Obj::NONE)
}

fn real<K: Record>(numbers: &[f32]) -> Result<Obj> {
    let mut items = [Obj::NONE; 8];
    for (item, number) in items.iter_mut().zip(numbers) {
        *item = number.into_obj()?;
    }
    K::make(style(), &items, Obj::NONE)
}

pub fn line(line: &find::Line) -> Result<Obj> {
    whole::<Line>(&line.tuple())
}

pub fn circle(circle: &find::Circle) -> Result<Obj> {
    whole::<Circle>(&[circle.x, circle.y, circle.r, circle.magnitude as i32])
}

pub fn statistics(statistics: &vision::histogram::Statistics) -> Result<Obj> {
    whole::<Statistics>(&statistics.tuple())
}

pub fn levels(levels: &vision::histogram::Levels) -> Result<Obj> {
    let vision::histogram::Levels { l, a, b } = *levels;
    whole::<Levels>(&[l, l, a, b])
}

pub fn displacement(found: &find::Displacement) -> Result<Obj> {
    real::<Displacement>(&[
        found.x_translation,
        found.y_translation,
        found.rotation,
        found.scale,
        found.response,
    ])
}

pub fn similarity(found: &find::Similarity) -> Result<Obj> {
    real::<Similarity>(&[found.mean, found.stdev, found.min, found.max])
}

/// Puts the four numbers of a region first.
fn boxed(items: &mut [Obj], region: Region) -> Result<()> {
    for (item, number) in items.iter_mut().zip([region.x, region.y, region.w, region.h]) {
        *item = Obj::from_i32(number)?;
    }
    Ok(())
}

pub fn rectangle(found: &apriltag::Rect) -> Result<Obj> {
    let mut items = [Obj::NONE; 6];
    boxed(&mut items, found.region())?;
    items[4] = found.magnitude.into_obj()?;
    items[5] = points(&found.corners)?;
    Rect::make(style(), &items, Obj::NONE)
}

/// `payload` are the bytes of it; text if they are UTF-8, else each byte is a character.
pub fn qrcode(found: &qr::QrCode, payload: &[u8]) -> Result<Obj> {
    let mut items = [Obj::NONE; 11];
    boxed(&mut items, found.region())?;
    items[4] = text(payload)?;
    items[5] = found.version.into_obj()?;
    items[6] = found.ecc_level.into_obj()?;
    items[7] = found.mask.into_obj()?;
    items[8] = Obj::small_int(found.data_type as i32);
    items[9] = found.eci.into_obj()?;
    items[10] = points(&found.corners)?;
    QRCode::make(style(), &items, Obj::NONE)
}

/// `list` are the pairs of places.
pub fn keypoint_match(found: &find::keypoints::KeypointMatch, list: Obj) -> Result<Obj> {
    let mut items = [Obj::NONE; 9];
    boxed(&mut items, found.region)?;
    items[4] = found.centre.x.into_obj()?;
    items[5] = found.centre.y.into_obj()?;
    items[6] = Obj::small_int(found.count as i32);
    items[7] = found.theta.into_obj()?;
    items[8] = list;
    KptMatch::make(style(), &items, Obj::NONE)
}

/// `payload` are the bytes of it.
pub fn barcode(found: &barcode::Barcode, payload: &[u8]) -> Result<Obj> {
    let mut items = [Obj::NONE; 9];
    boxed(&mut items, found.region())?;
    items[4] = text(payload)?;
    items[5] = Obj::small_int(found.symbology as i32);
    items[6] = (found.turns as f32 * core::f32::consts::FRAC_PI_2).into_obj()?;
    items[7] = found.quality.into_obj()?;
    items[8] = points(&found.corners())?;
    BarCode::make(style(), &items, Obj::NONE)
}

/// `payload` are the bytes of it.
pub fn datamatrix(found: &datamatrix::DataMatrix, payload: &[u8]) -> Result<Obj> {
    let mut items = [Obj::NONE; 11];
    boxed(&mut items, found.region())?;
    items[4] = text(payload)?;
    items[5] = found.rotation().into_obj()?;
    for (item, number) in
        items[6..]
            .iter_mut()
            .zip([found.rows, found.columns, found.capacity, found.padding])
    {
        *item = number.into_obj()?;
    }
    items[10] = points(&found.corners)?;
    Datamatrix::make(style(), &items, Obj::NONE)
}

fn text(bytes: &[u8]) -> Result<Obj> {
    match core::str::from_utf8(bytes) {
        Ok(text) => Obj::str(text),
        Err(_) => Obj::bytes(bytes),
    }
}

pub fn tag(found: &apriltag::Tag, camera: &Camera) -> Result<Obj> {
    let (region, pose) = (found.region(), found.pose(camera));
    let mut items = [Obj::NONE; 24];
    boxed(&mut items, region)?;
    let (x, y) = found.centre;
    items[4] = vision::math::round(x).into_obj()?;
    items[5] = vision::math::round(y).into_obj()?;
    items[6] = found.id.into_obj()?;
    items[7] = Obj::small_int(1 << found.family);
    items[8] = Obj::str(
        apriltag::FAMILIES
            .get(found.family)
            .map_or("", |family| family.name),
    )?;
    items[9] = x.into_obj()?;
    items[10] = y.into_obj()?;
    items[11] = found.rotation().into_obj()?;
    items[12] = found.decision_margin.into_obj()?;
    items[13] = found.hamming.into_obj()?;
    // The reference library of today does not measure it.
    items[14] = Obj::float(0.0)?;
    let six = [
        pose.x_translation,
        pose.y_translation,
        pose.z_translation,
        pose.x_rotation,
        pose.y_rotation,
        pose.z_rotation,
    ];
    for (item, number) in items[15..].iter_mut().zip(six) {
        *item = number.into_obj()?;
    }
    items[21] = points(&found.whole_corners())?;
    items[22] = (region.w * region.h).into_obj()?;
    items[23] = rect(region)?;
    AprilTag::make(style(), &items, Obj::NONE)
}

fn ends(fields: &Fields) -> Result<Obj> {
    first::<4>(fields)
}

fn first_three(fields: &Fields) -> Result<Obj> {
    first::<3>(fields)
}

fn first_four(fields: &Fields) -> Result<Obj> {
    first::<4>(fields)
}

fn first<const N: usize>(fields: &Fields) -> Result<Obj> {
    let mut items = [Obj::NONE; N];
    for (at, item) in items.iter_mut().enumerate() {
        *item = fields.item(at);
    }
    Obj::tuple(&items)
}

fn has_type(fields: &Fields, kind: qr::DataType) -> Result<Obj> {
    Ok(Obj::bool(fields.item(8) == Obj::small_int(kind as i32)))
}

fn is_numeric(fields: &Fields) -> Result<Obj> {
    has_type(fields, qr::DataType::Numeric)
}

fn is_alphanumeric(fields: &Fields) -> Result<Obj> {
    has_type(fields, qr::DataType::Alphanumeric)
}

fn is_binary(fields: &Fields) -> Result<Obj> {
    has_type(fields, qr::DataType::Binary)
}

fn is_kanji(fields: &Fields) -> Result<Obj> {
    has_type(fields, qr::DataType::Kanji)
}

/// A list of what was found.
pub fn list<T>(found: &[T], one: impl Fn(&T) -> Result<Obj>) -> Result<Obj> {
    let list = Obj::list(&[])?;
    for item in found {
        list.append(one(item)?)?;
    }
    Ok(list)
}
