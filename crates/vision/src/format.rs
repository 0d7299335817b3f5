//! How pixels lie in memory, and the numbers that scripts see for it.

/// The longest side of an image: positions must fit 16 bits with sign, twice over.
pub const MAX_SIDE: usize = 16383;

/// A format whose pixels can be addressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One bit a pixel, the lowest first; each row is padded to 32 bits.
    Binary,
    /// One byte a pixel.
    Grey,
    /// Two bytes a pixel, little-endian: red in the 5 high bits, green in 6, blue in 5.
    Rgb565,
}

impl Format {
    /// Bytes of one row.
    pub const fn row_bytes(self, width: usize) -> usize {
        match self {
            Format::Binary => width.div_ceil(32) * 4,
            Format::Grey => width,
            Format::Rgb565 => width * 2,
        }
    }

    /// Bytes of an image.
    pub const fn image_bytes(self, width: usize, height: usize) -> usize {
        self.row_bytes(width) * height
    }

    /// The name that messages use.
    pub const fn name(self) -> &'static str {
        match self {
            Format::Binary => "binary",
            Format::Grey => "grayscale",
            Format::Rgb565 => "RGB565",
        }
    }

    /// The largest pixel value: white.
    pub const fn white(self) -> u16 {
        match self {
            Format::Binary => 1,
            Format::Grey => 255,
            Format::Rgb565 => 0xFFFF,
        }
    }
}

/// The pixel formats of OpenMV's API: the integer is what `image.format()` returns.
///
/// Bit 28 luma only, 27 mutable, 26 colour, 25 compressed, 24 Bayer, 16 to 23 identity, 8 to 15 variant,
/// 0 to 7 bits (binary) or bytes a pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum PixFormat {
    /// [`Format::Binary`].
    Binary = 0x0801_0000,
    /// [`Format::Grey`].
    Grey = 0x0802_0001,
    /// [`Format::Rgb565`].
    Rgb565 = 0x0C03_0002,
    /// A Bayer mosaic, blue-green first.
    Bayer = 0x0504_0001,
    /// YUV 4:2:2, interleaved as Y U Y V.
    Yuv422 = 0x0405_0002,
    /// A JPEG stream.
    Jpeg = 0x0606_0000,
    /// A PNG stream.
    Png = 0x0607_0000,
}

impl PixFormat {
    /// All formats, in the order of their identities.
    pub const ALL: [PixFormat; 7] = [
        PixFormat::Binary,
        PixFormat::Grey,
        PixFormat::Rgb565,
        PixFormat::Bayer,
        PixFormat::Yuv422,
        PixFormat::Jpeg,
        PixFormat::Png,
    ];

    /// The format with this number.
    pub fn from_code(code: u32) -> Option<PixFormat> {
        Self::ALL.into_iter().find(|format| *format as u32 == code)
    }

    /// The format as one whose pixels can be addressed.
    pub const fn pixels(self) -> Option<Format> {
        match self {
            PixFormat::Binary => Some(Format::Binary),
            PixFormat::Grey => Some(Format::Grey),
            PixFormat::Rgb565 => Some(Format::Rgb565),
            _ => None,
        }
    }

    /// True for a stream whose length does not follow from width and height.
    pub const fn is_compressed(self) -> bool {
        self as u32 & (1 << 25) != 0
    }

    /// The name that `print(image)` shows.
    pub const fn name(self) -> &'static str {
        match self {
            PixFormat::Binary => "binary",
            PixFormat::Grey => "grayscale",
            PixFormat::Rgb565 => "rgb565",
            PixFormat::Bayer => "bayer",
            PixFormat::Yuv422 => "yuv422",
            PixFormat::Jpeg => "jpeg",
            PixFormat::Png => "png",
        }
    }
}

impl From<Format> for PixFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Binary => PixFormat::Binary,
            Format::Grey => PixFormat::Grey,
            Format::Rgb565 => PixFormat::Rgb565,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_api() {
        assert_eq!(PixFormat::Grey as u32, 0x0802_0001);
        assert_eq!(PixFormat::Rgb565 as u32, 0x0C03_0002);
        assert_eq!(PixFormat::Jpeg as u32, 0x0606_0000);
        assert_eq!(PixFormat::from_code(0x0C03_0002), Some(PixFormat::Rgb565));
        assert_eq!(PixFormat::from_code(1), None);
        assert!(PixFormat::Jpeg.is_compressed() && !PixFormat::Grey.is_compressed());
    }

    #[test]
    fn binary_rows_are_whole_words() {
        assert_eq!(Format::Binary.row_bytes(1), 4);
        assert_eq!(Format::Binary.row_bytes(32), 4);
        assert_eq!(Format::Binary.row_bytes(33), 8);
    }
}
