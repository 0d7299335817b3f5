//! PNG, ISO/IEC 15948: written as grey of 1 or 8 bits or as colour of 8; read in all types and depths, interlaced or not.

mod decode;
mod deflate;
mod encode;
mod inflate;

pub use decode::{decode, decode_scratch, info};
pub use encode::{encode, encode_scratch};

const SIGNATURE: [u8; 8] = [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A];

/// What is foretold of a byte from its left, upper and upper left neighbours (A. Paeth, 1991).
fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let (a, b, c) = (i32::from(left), i32::from(up), i32::from(corner));
    let p = a + b - c;
    let (da, db, dc) = ((p - a).abs(), (p - b).abs(), (p - c).abs());
    if da <= db && da <= dc {
        left
    } else if db <= dc {
        up
    } else {
        corner
    }
}
