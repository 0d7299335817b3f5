//! Images as files: JPEG, PNG, BMP, PNM, GIF, AVI of JPEGs, and streams of raw frames.
//!
//! Writing goes into a [`Sink`], piece by piece, so that a file needs no buffer of its own; reading takes all bytes.

pub mod avi;
pub mod bmp;
pub mod gif;
pub mod imageio;
pub mod jpeg;
pub mod png;
pub mod pnm;
mod sink;

pub use sink::{Buffer, Sink};

/// A kind of file, told by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// Windows bitmap.
    Bmp,
    /// Portable grey or pixel map.
    Pnm,
}

/// The kind of file that begins so.
pub fn kind(data: &[u8]) -> Option<Kind> {
    match data {
        [0xFF, 0xD8, ..] => Some(Kind::Jpeg),
        [0x89, b'P', b'N', b'G', ..] => Some(Kind::Png),
        [b'B', b'M', ..] => Some(Kind::Bmp),
        [b'P', b'2' | b'3' | b'5' | b'6', ..] => Some(Kind::Pnm),
        _ => None,
    }
}

/// What a file's head says of its image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info {
    /// Pixels.
    pub width: usize,
    /// Pixels.
    pub height: usize,
    /// The format that keeps most of it.
    pub format: crate::Format,
}

/// Reads little-endian numbers of a file and says where it ends too soon.
pub(crate) struct Reader<'a> {
    pub data: &'a [u8],
    pub file: &'static str,
}

impl<'a> Reader<'a> {
    pub fn bytes(&self, at: usize, count: usize) -> Result<&'a [u8], crate::Error> {
        at.checked_add(count)
            .and_then(|end| self.data.get(at..end))
            .ok_or(self.damaged(at, "more bytes"))
    }

    pub fn damaged(&self, at: usize, expected: &'static str) -> crate::Error {
        crate::Error::Damaged {
            file: self.file,
            at,
            expected,
        }
    }

    pub fn le16(&self, at: usize) -> Result<u32, crate::Error> {
        let bytes = self.bytes(at, 2)?;
        Ok(u32::from(u16::from_le_bytes([bytes[0], bytes[1]])))
    }

    pub fn le32(&self, at: usize) -> Result<u32, crate::Error> {
        let bytes = self.bytes(at, 4)?;
        Ok(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    pub fn be32(&self, at: usize) -> Result<u32, crate::Error> {
        Ok(self.le32(at)?.swap_bytes())
    }
}
