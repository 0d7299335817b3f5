//! What is printed to be found: AprilTags, rectangles, QR codes.

use upy::{Arguments, Error, Kind, Obj, Result, Room, Scratch, args};
use vision::Found;
use vision::codes::apriltag::{self, Camera, FAMILIES, Families};
use vision::codes::{datamatrix, qr};

use crate::find::listed;
use crate::parse::{Roi, region, this};
use crate::picture::told;
use crate::results;

/// `find_rects(*, roi=None, threshold=1000)`
pub fn find_rects(arguments: Arguments) -> Result<Obj> {
    let (_, image, rest) = this(arguments)?;
    args!(rest => *, roi: Option<Roi> = None, threshold: u32 = 1000);
    let pixels = image.pixels()?;
    let view = pixels.view()?;
    listed(
        "rects",
        apriltag::rects_scratch(view.width(), view.height()),
        |scratch, found| apriltag::find_rects(&view, region(roi), threshold, scratch, found),
        results::rectangle,
    )
}

/// `find_apriltags(*, roi=None, families=TAG36H11, fx=(2.8 / 3.984) * w, fy=(2.8 / 2.952) * h, cx=w / 2, cy=h / 2)`
pub fn find_apriltags(arguments: Arguments) -> Result<Obj> {
    let (_, image, rest) = this(arguments)?;
    args!(rest => *, roi: Option<Roi> = None, families: u32 = Families::TAG36H11.0, fx: Option<f64> = None,
        fy: Option<f64> = None, cx: Option<f64> = None, cy: Option<f64> = None);
    check(families)?;
    let pixels = image.pixels()?;
    let view = pixels.view()?;
    let usual = Camera::standard(view.width(), view.height());
    let camera = Camera {
        fx: fx.unwrap_or(usual.fx),
        fy: fy.unwrap_or(usual.fy),
        cx: cx.unwrap_or(usual.cx),
        cy: cy.unwrap_or(usual.cy),
    };
    listed(
        "AprilTags",
        apriltag::apriltags_scratch(view.width(), view.height()),
        |scratch, found| apriltag::find_apriltags(&view, region(roi), Families(families), scratch, found),
        |tag| results::tag(tag, &camera),
    )
}

/// Refuses families that are none, or not in this firmware.
fn check(families: u32) -> Result<()> {
    match (0..32).find(|bit| families >> bit & 1 != 0 && *bit >= FAMILIES.len()) {
        None => Ok(()),
        Some(bit) => Err(Error::new(
            Kind::Value,
            format_args!(
                "families has {}; those of 48 bits or more have more codes than its flash holds: use \
                 image.TAGSTANDARD41H12 or image.TAG36H11",
                1_u32 << bit
            ),
        )),
    }
}

/// How many codes of how many bytes together.
const MOST_CODES: usize = 64;
const MOST_BYTES: usize = 8192;

/// `find_qrcodes(*, roi=None)`
pub fn find_qrcodes(arguments: Arguments) -> Result<Obj> {
    let (_, image, rest) = this(arguments)?;
    args!(rest => *, roi: Option<Roi> = None);
    let pixels = image.pixels()?;
    let view = pixels.view()?;
    let mut memory = Scratch::near(qr::qrcodes_scratch(view.width(), view.height()))?;
    let (mut byte_room, mut code_room) = (Room::new(MOST_BYTES)?, Room::new(MOST_CODES)?);
    let mut bytes = Found::new(byte_room.as_mut_slice(), "bytes of QR codes");
    let mut found = Found::new(code_room.as_mut_slice(), "QR codes");
    let scratch = vision::Scratch::new(memory.bytes());
    qr::find_qrcodes(&view, region(roi), scratch, &mut bytes, &mut found).map_err(told)?;
    results::list(&found, |code: &qr::QrCode| {
        let (start, length) = code.payload;
        results::qrcode(code, bytes.get(start..start + length).unwrap_or_default())
    })
}

/// `find_datamatrices(*, roi=None, effort=200)`: at most `effort` outlines are looked at closely.
pub fn find_datamatrices(arguments: Arguments) -> Result<Obj> {
    let (_, image, rest) = this(arguments)?;
    args!(rest => *, roi: Option<Roi> = None, effort: usize = 200);
    let pixels = image.pixels()?;
    let view = pixels.view()?;
    let mut memory = Scratch::near(datamatrix::datamatrices_scratch(view.width(), view.height()))?;
    let (mut byte_room, mut code_room) = (Room::new(MOST_BYTES)?, Room::new(MOST_CODES)?);
    let mut bytes = Found::new(byte_room.as_mut_slice(), "bytes of Data Matrix symbols");
    let mut found = Found::new(code_room.as_mut_slice(), "Data Matrix symbols");
    let scratch = vision::Scratch::new(memory.bytes());
    datamatrix::find_datamatrices(&view, region(roi), effort, scratch, &mut bytes, &mut found)
        .map_err(told)?;
    results::list(&found, |code: &datamatrix::DataMatrix| {
        let (start, length) = code.payload;
        results::datamatrix(code, bytes.get(start..start + length).unwrap_or_default())
    })
}
