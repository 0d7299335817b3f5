//! The converters of the module: each of binary, grey, RGB, LAB and YUV to each other.
//!
//! Every colour passes through RGB565, as stored pixels do.

use super::{lab, rgb565, yuv};
use crate::pixel::{Binary, Pixel};

/// A colour in one of the five ways that the API knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// 0 or 1.
    Binary(bool),
    /// 0 to 255.
    Grey(u8),
    /// Red, green, blue, 0 to 255.
    Rgb([u8; 3]),
    /// L 0 to 100, a and b -128 to 127.
    Lab(i8, i8, i8),
    /// Y 0 to 255, U and V -128 to 127.
    Yuv(u8, i8, i8),
}

/// One of the five ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Space {
    /// [`Colour::Binary`].
    Binary,
    /// [`Colour::Grey`].
    Grey,
    /// [`Colour::Rgb`].
    Rgb,
    /// [`Colour::Lab`].
    Lab,
    /// [`Colour::Yuv`].
    Yuv,
}

impl Colour {
    /// The colour as it is stored.
    pub fn rgb565(self) -> u16 {
        match self {
            Colour::Binary(bit) => Binary::rgb565(u16::from(bit)),
            Colour::Grey(grey) => rgb565::from_grey(grey),
            Colour::Rgb(rgb) => rgb565::from_rgb(rgb),
            Colour::Lab(l, a, b) => lab::to_rgb565(l, a, b),
            Colour::Yuv(y, u, v) => yuv::to_rgb565(y, u, v),
        }
    }

    /// The same colour in another way.
    pub fn to(self, space: Space) -> Colour {
        // Between the two without colour nothing is lost on the way.
        match (self, space) {
            (Colour::Grey(grey), Space::Grey) => return Colour::Grey(grey),
            (Colour::Grey(grey), Space::Binary) => return Colour::Binary(grey > 127),
            (Colour::Binary(bit), Space::Grey) => return Colour::Grey(if bit { 255 } else { 0 }),
            _ => {}
        }
        let colour = self.rgb565();
        match space {
            Space::Binary => Colour::Binary(Binary::from_rgb565(colour) != 0),
            Space::Grey => Colour::Grey(rgb565::luma(colour)),
            Space::Rgb => Colour::Rgb(rgb565::to_rgb(colour)),
            Space::Lab => {
                let (l, a, b) = lab::from_rgb565(colour);
                Colour::Lab(l, a, b)
            }
            Space::Yuv => {
                let (y, u, v) = yuv::from_rgb565(colour);
                Colour::Yuv(y, u, v)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_of_the_api() {
        let rgb = Colour::Rgb([120, 200, 120]);
        assert_eq!(rgb.to(Space::Grey), Colour::Grey(169));
        assert_eq!(rgb.to(Space::Lab), Colour::Lab(75, -40, 34));
        assert_eq!(rgb.to(Space::Binary), Colour::Binary(true));
        assert_eq!(Colour::Grey(182).to(Space::Rgb), Colour::Rgb([181, 182, 181]));
        assert_eq!(
            Colour::Lab(74, -38, 30).to(Space::Rgb),
            Colour::Rgb([123, 199, 123])
        );
        assert_eq!(Colour::Grey(130).to(Space::Grey), Colour::Grey(130));
    }
}
