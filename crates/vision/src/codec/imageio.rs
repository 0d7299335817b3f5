//! Streams of raw or compressed frames with their times: the "OMV IMG STR V2.0" files of OpenMV's `ImageIO`.
//!
//! Each frame is 20 bytes of head and 12 of padding, then its data padded to 16 bytes; numbers are little-endian.

use super::{Reader, Sink};
use crate::format::MAX_SIDE;
use crate::{Error, PixFormat};

/// The first bytes of a stream.
pub const MAGIC: &[u8; 16] = b"OMV IMG STR V2.0";
/// Bytes of a frame's head.
pub const FRAME_HEAD: usize = 32;

/// A frame's head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Since the frame before.
    pub elapsed_ms: u32,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// How pixels are stored.
    pub format: PixFormat,
    /// Bytes of the data without padding.
    pub size_bytes: u32,
}

/// Bytes of data with padding.
pub const fn padded(size_bytes: usize) -> usize {
    size_bytes.div_ceil(16) * 16
}

/// Writes a frame.
///
/// # Errors
/// What the sink says.
pub fn write(frame: &Frame, data: &[u8], sink: &mut dyn Sink) -> Result<(), Error> {
    for word in [
        frame.elapsed_ms,
        frame.width,
        frame.height,
        frame.format as u32,
        data.len() as u32,
        0,
        0,
        0,
    ] {
        sink.put(&word.to_le_bytes())?;
    }
    sink.put(data)?;
    sink.put(&[0; 16][..padded(data.len()) - data.len()])
}

/// Reads a frame's head.
///
/// # Errors
/// [`Error::Damaged`] if its size, format and length do not fit together.
pub fn read_head(data: &[u8]) -> Result<Frame, Error> {
    let reader = Reader {
        data,
        file: "image stream",
    };
    let (width, height) = (reader.le32(4)?, reader.le32(8)?);
    let size_bytes = reader.le32(16)?;
    let format = PixFormat::from_code(reader.le32(12)?).ok_or(reader.damaged(12, "a pixel format"))?;
    let sides = [width, height].map(|side| side as usize);
    if !sides.iter().all(|side| (1..=MAX_SIDE).contains(side)) {
        return Err(reader.damaged(4, "a size of 1 to 16383 pixels"));
    }
    let bytes = match format {
        PixFormat::Bayer => Some(sides[0] * sides[1]),
        PixFormat::Yuv422 => Some(2 * sides[0] * sides[1]),
        _ => format
            .pixels()
            .map(|format| format.image_bytes(sides[0], sides[1])),
    };
    if bytes.is_some_and(|bytes| bytes != size_bytes as usize) {
        return Err(reader.damaged(16, "as many bytes as its size and format have"));
    }
    Ok(Frame {
        elapsed_ms: reader.le32(0)?,
        width,
        height,
        format,
        size_bytes,
    })
}
