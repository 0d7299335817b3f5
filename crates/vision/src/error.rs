//! What can be wrong with an operation's input, in words for the person who wrote the script.

use core::fmt;

/// Why an operation was refused. No image is changed when it is, but by [`Error::Stopped`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Error {
    /// Width or height is zero or beyond [`crate::MAX_SIDE`].
    Size {
        /// Pixels.
        width: usize,
        /// Pixels.
        height: usize,
    },
    /// The pixels' buffer is shorter than the image.
    Buffer {
        /// Bytes of an image of this size and format.
        needed_bytes: usize,
        /// Bytes given.
        has_bytes: usize,
    },
    /// Working memory is too small.
    Scratch {
        /// Bytes that were asked for.
        needed_bytes: usize,
        /// Bytes left.
        has_bytes: usize,
    },
    /// More was found than the caller's list holds.
    Full {
        /// What the list holds, in the plural.
        what: &'static str,
        /// How many it holds.
        capacity: usize,
    },
    /// An operation that does not work on this format.
    Format {
        /// The format that was given.
        found: &'static str,
        /// The formats that would do.
        expected: &'static str,
    },
    /// A region that shares no pixel with the image.
    Outside {
        /// Left, top, width, height.
        region: (i32, i32, i32, i32),
        /// Width and height of the image.
        image: (usize, usize),
    },
    /// Two images that had to be of one size.
    Mismatch {
        /// Width and height of the first.
        first: (usize, usize),
        /// Width and height of the second.
        second: (usize, usize),
    },
    /// An argument out of its range.
    Argument {
        /// The argument's name in Python.
        name: &'static str,
        /// What it was.
        found: f32,
        /// What it may be.
        expected: &'static str,
    },
    /// A file or a stream that is not what it claims to be.
    Damaged {
        /// The kind of file.
        file: &'static str,
        /// Offset in bytes.
        at: usize,
        /// What should be there.
        expected: &'static str,
    },
    /// A file of a kind that is not read.
    Unsupported {
        /// The kind of file.
        file: &'static str,
        /// What it has.
        found: &'static str,
    },
    /// Somebody asked for the end of the operation ([`crate::stop`]). The image may be changed in part.
    Stopped,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match *self {
            Error::Size { width, height } => write!(
                f,
                "an image of {width} x {height}; each side must be 1 to {} pixels",
                crate::MAX_SIDE
            ),
            Error::Buffer {
                needed_bytes,
                has_bytes,
            } => write!(
                f,
                "the image needs a buffer of {needed_bytes} bytes and has {has_bytes}"
            ),
            Error::Scratch {
                needed_bytes,
                has_bytes,
            } => write!(
                f,
                "the operation needs {needed_bytes} more bytes of working memory and has {has_bytes}; try a smaller image or region"
            ),
            Error::Full { what, capacity } => write!(
                f,
                "more than {capacity} {what}; narrow the thresholds or the region"
            ),
            Error::Format { found, expected } => {
                write!(f, "the image is {found}; expected {expected}")
            }
            Error::Outside {
                region: (x, y, w, h),
                image: (width, height),
            } => write!(
                f,
                "region ({x}, {y}, {w}, {h}) shares no pixel with the image of {width} x {height}"
            ),
            Error::Mismatch { first, second } => write!(
                f,
                "images of {} x {} and {} x {}; both must be of one size",
                first.0, first.1, second.0, second.1
            ),
            Error::Argument {
                name,
                found,
                expected,
            } => write!(f, "{name} is {}; expected {expected}", Plain(found)),
            Error::Damaged { file, at, expected } => {
                write!(f, "damaged {file} at byte {at}: expected {expected}")
            }
            Error::Unsupported { file, found } => {
                write!(f, "{file} with {found}, which is not supported")
            }
            Error::Stopped => f.write_str("the operation was interrupted"),
        }
    }
}

impl core::error::Error for Error {}

/// A number with three decimals at most: what `core` writes for floats takes 25 KB of a microcontroller's flash.
struct Plain(f32);

impl fmt::Display for Plain {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let size = self.0.abs();
        if size.is_nan() {
            return f.write_str("nan");
        }
        if self.0 < 0.0 {
            f.write_str("-")?;
        }
        if size > 1e15 {
            return f.write_str("above 1e15");
        }
        let thousandths = libm::rint(f64::from(size) * 1000.0) as u64;
        let (whole, mut rest) = (thousandths / 1000, thousandths % 1000);
        write!(f, "{whole}")?;
        if rest == 0 {
            return Ok(());
        }
        let mut digits = 3;
        while rest % 10 == 0 {
            rest /= 10;
            digits -= 1;
        }
        write!(f, ".{rest:0digits$}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn words_name_what_was_found_and_what_was_expected() {
        let error = Error::Outside {
            region: (400, 0, 10, 10),
            image: (320, 240),
        };
        assert_eq!(
            error.to_string(),
            "region (400, 0, 10, 10) shares no pixel with the image of 320 x 240"
        );
        let error = Error::Argument {
            name: "quality",
            found: 0.0,
            expected: "1 to 100",
        };
        assert_eq!(error.to_string(), "quality is 0; expected 1 to 100");
    }

    #[test]
    fn numbers_are_written_as_people_would() {
        for (number, words) in [
            (0.0, "0"),
            (-1.5, "-1.5"),
            (0.05, "0.05"),
            (2.0 / 3.0, "0.667"),
            (0.9999, "1"),
            (100.125, "100.125"),
            (f32::NAN, "nan"),
            (f32::NEG_INFINITY, "-above 1e15"),
        ] {
            assert_eq!(Plain(number).to_string(), words);
        }
    }
}
