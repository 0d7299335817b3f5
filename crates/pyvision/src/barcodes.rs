//! Bar codes of one dimension.

use upy::{Arguments, Obj, Result, Room, Scratch, args};
use vision::Found;
use vision::codes::barcode::{self, Barcode};

use crate::parse::{Roi, region, this};
use crate::picture::told;
use crate::results;

/// How many codes of how many bytes together.
const MOST_CODES: usize = 64;
const MOST_BYTES: usize = 8192;

/// `find_barcodes(*, roi=None)`
pub fn find_barcodes(arguments: Arguments) -> Result<Obj> {
    let (_, image, rest) = this(arguments)?;
    args!(rest => *, roi: Option<Roi> = None);
    let pixels = image.pixels()?;
    let view = pixels.view()?;
    let mut memory = Scratch::near(barcode::barcodes_scratch(view.width(), view.height()))?;
    let (mut byte_room, mut code_room) = (Room::new(MOST_BYTES)?, Room::new(MOST_CODES)?);
    let mut bytes = Found::new(byte_room.as_mut_slice(), "bytes of bar codes");
    let mut found = Found::new(code_room.as_mut_slice(), "bar codes");
    let scratch = vision::Scratch::new(memory.bytes());
    barcode::find_barcodes(&view, region(roi), scratch, &mut bytes, &mut found).map_err(told)?;
    results::list(&found, |code: &Barcode| {
        let (start, length) = code.payload;
        results::barcode(code, bytes.get(start..start + length).unwrap_or_default())
    })
}
