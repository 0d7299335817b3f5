//! AVI files of JPEG frames (Motion JPEG), RIFF as Microsoft describes it.
//!
//! A file is [`HEAD`] bytes of head, then for each frame 8 bytes of its own, the JPEG and a byte of padding if its length is
//! odd, then an index. The head names sums that are known at the end only: write it first with zeros, and again at close.

use super::Sink;
use crate::Error;

/// Bytes before the first frame.
pub const HEAD: usize = 224;

/// What the head says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Movie {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Frames.
    pub frames: u32,
    /// From frame to frame.
    pub frame_us: u32,
    /// Sum of the frames' lengths with heads and padding.
    pub frame_bytes: u32,
    /// The longest frame.
    pub largest_bytes: u32,
}

impl Movie {
    /// Counts one frame, and returns what the file needs for it.
    pub fn add(&mut self, jpeg_bytes: u32) -> u32 {
        let padded = 8 + jpeg_bytes + jpeg_bytes % 2;
        self.frames += 1;
        self.frame_bytes += padded;
        self.largest_bytes = self.largest_bytes.max(jpeg_bytes);
        padded
    }

    /// Its length, and `AVIMAINHEADER`.
    fn main_header(&self) -> [u32; 15] {
        let rate = 1_000_000 / self.frame_us.max(1);
        [
            56,
            self.frame_us,
            rate.saturating_mul(self.largest_bytes),
            0,
            0x10,
            self.frames,
            0,
            1,
            self.largest_bytes,
            self.width,
            self.height,
            0,
            0,
            0,
            0,
        ]
    }

    /// The first [`HEAD`] bytes of the file.
    pub fn head(&self) -> [u8; HEAD] {
        let mut head = [0; HEAD];
        let mut at = 0;
        let mut put = |bytes: &[u8]| {
            head[at..at + bytes.len()].copy_from_slice(bytes);
            at += bytes.len();
        };
        let index_bytes = 16 * self.frames;
        put(b"RIFF");
        put(&(HEAD as u32 - 8 + self.frame_bytes + 8 + index_bytes).to_le_bytes());
        put(b"AVI LIST");
        put(&192u32.to_le_bytes());
        put(b"hdrlavih");
        let main = self.main_header();
        main.iter().for_each(|word| put(&word.to_le_bytes()));
        put(b"LIST");
        put(&116u32.to_le_bytes());
        put(b"strlstrh");
        put(&56u32.to_le_bytes());
        put(b"vidsMJPG");
        let stream = [
            0,
            0,
            0,
            self.frame_us.max(1),
            1_000_000,
            0,
            self.frames,
            self.largest_bytes,
            u32::MAX,
            0,
            0,
            0,
        ];
        stream.iter().for_each(|word| put(&word.to_le_bytes()));
        put(b"strf");
        let bitmap = [40, 40, self.width, self.height, 1 | 24 << 16];
        bitmap.iter().for_each(|word| put(&word.to_le_bytes()));
        put(b"MJPG");
        let rest = [self.width * self.height * 3, 0, 0, 0, 0];
        rest.iter().for_each(|word| put(&word.to_le_bytes()));
        put(b"LIST");
        put(&(4 + self.frame_bytes).to_le_bytes());
        put(b"movi");
        head
    }
}

/// Writes a frame.
///
/// # Errors
/// What the sink says.
pub fn frame(jpeg: &[u8], sink: &mut dyn Sink) -> Result<(), Error> {
    sink.put(b"00dc")?;
    sink.put(&(jpeg.len() as u32).to_le_bytes())?;
    sink.put(jpeg)?;
    sink.put(&[0][..jpeg.len() % 2])
}

/// Writes the head of the index; an entry for each frame follows.
///
/// # Errors
/// What the sink says.
pub fn index_head(frames: u32, sink: &mut dyn Sink) -> Result<(), Error> {
    sink.put(b"idx1")?;
    sink.put(&(16 * frames).to_le_bytes())
}

/// Writes an entry of the index; `offset` is the sum of [`Movie::add`] over the frames before.
///
/// # Errors
/// What the sink says.
pub fn index_entry(offset: u32, jpeg_bytes: u32, sink: &mut dyn Sink) -> Result<(), Error> {
    sink.put(b"00dc")?;
    sink.put(&0x10u32.to_le_bytes())?;
    sink.put(&(offset + 4).to_le_bytes())?;
    sink.put(&jpeg_bytes.to_le_bytes())
}
