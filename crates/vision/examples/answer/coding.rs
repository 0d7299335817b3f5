//! Codes and tags, segments of lines, files.

use crate::Answer;
use crate::request::{Picture, Request};
use vision::codec::{Buffer, Kind, jpeg, kind, png};
use vision::codes::apriltag::{self, Families, Tag};
use vision::codes::barcode::{self, Barcode};
use vision::codes::datamatrix::{self, DataMatrix};
use vision::codes::qr::{self, QrCode};
use vision::find::{Line, SegmentQuery, find_line_segments, segments_scratch};
use vision::{Error, Found, Point, Scratch, ViewMut};

pub fn answer(request: &Request, pictures: &mut [Picture]) -> Option<Answer> {
    let picture = pictures.first()?;
    Some(match request.operation.as_str() {
        "qrcodes" => qrcodes(request, picture),
        "barcodes" => barcodes(request, picture),
        "datamatrices" => datamatrices(request, picture),
        "apriltags" => apriltags(request, picture),
        "segments" => segments(request, picture),
        "to_jpeg" => written(picture, |picture, buffer| {
            jpeg::encode(
                &picture.view(),
                request.get("quality", 50),
                jpeg::Subsampling::Auto,
                buffer,
            )
        }),
        "to_png" => written(picture, |picture, buffer| {
            let size = png::encode_scratch(picture.format, picture.width, picture.height);
            let mut memory = vec![0; size];
            png::encode(&picture.view(), Scratch::new(&mut memory), buffer)
        }),
        "file" => read(request, picture),
        _ => return None,
    })
}

fn written(picture: &Picture, write: impl FnOnce(&Picture, &mut Buffer) -> Result<(), Error>) -> Answer {
    let mut bytes = vec![0; 4 * picture.data.len() + 4096];
    let mut buffer = Buffer::new(&mut bytes);
    write(picture, &mut buffer)?;
    let length = buffer.len();
    bytes.truncate(length);
    Ok(bytes)
}

/// The picture's pixels are a file; the answer is the image that it holds, in the format of `binary`, `grey` or `rgb565`.
fn read(request: &Request, picture: &Picture) -> Answer {
    let file = &picture.data;
    let info = match kind(file) {
        Some(Kind::Png) => png::info(file)?,
        _ => jpeg::info(file)?,
    };
    let format = match request.text("format") {
        "grey" => vision::Format::Grey,
        _ => vision::Format::Rgb565,
    };
    let mut data = vec![0; format.image_bytes(info.width, info.height)];
    let mut image = ViewMut::new(&mut data, info.width, info.height, format)?;
    match kind(file) {
        Some(Kind::Png) => {
            let mut memory = vec![0; png::decode_scratch(file)?];
            png::decode(file, &mut image, Scratch::new(&mut memory))?;
        }
        _ => jpeg::decode(file, &mut image)?,
    }
    Ok(data)
}

/// A line: numbers, corners, payload in hexadecimal.
fn line(head: &[u32], corners: [Point; 4], payload: &[u8]) -> String {
    let numbers: Vec<String> = head.iter().map(u32::to_string).collect();
    let corners: Vec<String> = corners.iter().map(|c| format!("{},{}", c.x, c.y)).collect();
    let payload: String = payload.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{} {} {payload}\n", numbers.join(","), corners.join(" "))
}

fn qrcodes(request: &Request, picture: &Picture) -> Answer {
    let mut memory = vec![0; qr::qrcodes_scratch(picture.width, picture.height)];
    let (mut bytes, mut room) = (vec![0; 8192], vec![QrCode::default(); 64]);
    let (mut bytes, mut found) = (Found::new(&mut bytes, "bytes"), Found::new(&mut room, "codes"));
    let (view, roi) = (picture.view(), request.region("roi"));
    qr::find_qrcodes(&view, roi, Scratch::new(&mut memory), &mut bytes, &mut found)?;
    let text = |code: &QrCode| {
        let payload = &bytes[code.payload.0..][..code.payload.1];
        line(&[code.version, code.ecc_level, code.mask], code.corners, payload)
    };
    Ok(found.iter().map(text).collect::<String>().into_bytes())
}

fn barcodes(request: &Request, picture: &Picture) -> Answer {
    let mut memory = vec![0; barcode::barcodes_scratch(picture.width, picture.height)];
    let (mut bytes, mut room) = (vec![0; 8192], vec![Barcode::default(); 64]);
    let (mut bytes, mut found) = (Found::new(&mut bytes, "bytes"), Found::new(&mut room, "codes"));
    let (view, roi) = (picture.view(), request.region("roi"));
    barcode::find_barcodes(&view, roi, Scratch::new(&mut memory), &mut bytes, &mut found)?;
    let text = |code: &Barcode| {
        let payload = &bytes[code.payload.0..][..code.payload.1];
        line(&[code.symbology as u32, code.quality], code.corners(), payload)
    };
    Ok(found.iter().map(text).collect::<String>().into_bytes())
}

fn datamatrices(request: &Request, picture: &Picture) -> Answer {
    let mut memory = vec![0; datamatrix::datamatrices_scratch(picture.width, picture.height)];
    let (mut bytes, mut room) = (vec![0; 8192], vec![DataMatrix::default(); 64]);
    let (mut bytes, mut found) = (Found::new(&mut bytes, "bytes"), Found::new(&mut room, "codes"));
    let (view, roi) = (picture.view(), request.region("roi"));
    let scratch = Scratch::new(&mut memory);
    datamatrix::find_datamatrices(&view, roi, 200, scratch, &mut bytes, &mut found)?;
    let text = |code: &DataMatrix| {
        let payload = &bytes[code.payload.0..][..code.payload.1];
        line(&[code.rows, code.columns], code.corners, payload)
    };
    Ok(found.iter().map(text).collect::<String>().into_bytes())
}

fn apriltags(request: &Request, picture: &Picture) -> Answer {
    let mut memory = vec![0; 4 * apriltag::apriltags_scratch(picture.width, picture.height)];
    let mut room = vec![Tag::default(); 256];
    let mut found = Found::new(&mut room, "tags");
    let families = Families(request.get("families", Families::TAG36H11.0));
    let (view, roi) = (picture.view(), request.region("roi"));
    apriltag::find_apriltags(&view, roi, families, Scratch::new(&mut memory), &mut found)?;
    let text = |tag: &Tag| {
        let corners: Vec<String> = tag.corners.iter().map(|(x, y)| format!("{x},{y}")).collect();
        format!("{} {} {}\n", tag.id, tag.hamming, corners.join(" "))
    };
    Ok(found.iter().map(text).collect::<String>().into_bytes())
}

fn segments(request: &Request, picture: &Picture) -> Answer {
    let mut memory = vec![0; segments_scratch(picture.width, picture.height)];
    let mut room = vec![Line::default(); 20_000];
    let mut found = Found::new(&mut room, "segments");
    let query = SegmentQuery {
        roi: request.region("roi"),
        threshold: request.get("threshold", 50),
        merge_distance: request.get("merge_distance", 0),
        ..SegmentQuery::default()
    };
    find_line_segments(&picture.view(), &query, Scratch::new(&mut memory), &mut found)?;
    let text = |line: &Line| format!("{:?}\n", line.tuple());
    Ok(found.iter().map(text).collect::<String>().into_bytes())
}
