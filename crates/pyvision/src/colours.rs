//! The functions of module `image` that turn one colour into another: `rgb_to_lab((r, g, b))` and its like.

use upy::{Obj, Result, convert};
use vision::colour::convert::{Colour, Space};

use crate::parse::{of_sequence, tuple};

/// A colour of a script: a number, or three.
fn given(space: Space, object: Obj) -> Result<Colour> {
    let byte = |value: i32| value.clamp(0, 255) as u8;
    let signed = |value: i32| value.clamp(-128, 127) as i8;
    match space {
        Space::Binary => {
            let value: i32 = convert("the colour", &object)?;
            Ok(Colour::Binary(value != 0))
        }
        Space::Grey => convert("the colour", &object).map(|value| Colour::Grey(byte(value))),
        Space::Rgb => Ok(Colour::Rgb(of_sequence::<3>("(r, g, b)", object)?.map(byte))),
        Space::Lab => {
            let [l, a, b] = of_sequence("(l, a, b)", object)?;
            Ok(Colour::Lab(l.clamp(0, 100) as i8, signed(a), signed(b)))
        }
        Space::Yuv => {
            let [y, u, v] = of_sequence("(y, u, v)", object)?;
            Ok(Colour::Yuv(byte(y), signed(u), signed(v)))
        }
    }
}

fn made(colour: Colour) -> Result<Obj> {
    match colour {
        Colour::Binary(bit) => Ok(Obj::small_int(bit.into())),
        Colour::Grey(grey) => Ok(Obj::small_int(grey.into())),
        Colour::Rgb(rgb) => tuple(&rgb.map(i32::from)),
        Colour::Lab(l, a, b) => tuple(&[l.into(), a.into(), b.into()]),
        Colour::Yuv(y, u, v) => tuple(&[y.into(), u.into(), v.into()]),
    }
}

macro_rules! conversions {
    ($($name:ident: $from:ident => $to:ident),* $(,)?) => {$(
        pub fn $name(colour: Obj) -> Result<Obj> {
            made(given(Space::$from, colour)?.to(Space::$to))
        }
    )*};
}

conversions! {
    binary_to_grayscale: Binary => Grey,
    binary_to_rgb: Binary => Rgb,
    binary_to_lab: Binary => Lab,
    binary_to_yuv: Binary => Yuv,
    grayscale_to_binary: Grey => Binary,
    grayscale_to_rgb: Grey => Rgb,
    grayscale_to_lab: Grey => Lab,
    grayscale_to_yuv: Grey => Yuv,
    rgb_to_binary: Rgb => Binary,
    rgb_to_grayscale: Rgb => Grey,
    rgb_to_lab: Rgb => Lab,
    rgb_to_yuv: Rgb => Yuv,
    lab_to_binary: Lab => Binary,
    lab_to_grayscale: Lab => Grey,
    lab_to_rgb: Lab => Rgb,
    lab_to_yuv: Lab => Yuv,
    yuv_to_binary: Yuv => Binary,
    yuv_to_grayscale: Yuv => Grey,
    yuv_to_rgb: Yuv => Rgb,
    yuv_to_lab: Yuv => Lab,
}
