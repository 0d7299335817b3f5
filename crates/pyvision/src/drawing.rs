//! What the methods have in common that draw one image into another: `x_scale`, `roi`, `alpha`, palettes and so on.

use upy::{Arguments, Error, FromObj, Mismatch, Obj, Result, args};
use vision::colour::palette::{self, Palette};
use vision::compose::{Compose, Hints, Op};
use vision::{Format, View};

use crate::Image;
use crate::parse::{Roi, reals, region};

/// `color_palette`: one of the two that are built in, or an image of 256 colours.
#[allow(clippy::large_enum_variant, reason = "it lives on the stack, for one call")]
pub enum Colours {
    BuiltIn(&'static Palette),
    Own(Palette),
}

/// The numbers that scripts have for palettes.
pub const RAINBOW: i32 = 0;
pub const IRONBOW: i32 = 1;

impl Colours {
    fn as_palette(&self) -> &Palette {
        match self {
            Colours::BuiltIn(palette) => palette,
            Colours::Own(palette) => palette,
        }
    }
}

/// The 256 pixels of an image, row by row.
fn pixels_of(image: &Image, format: Format, mut put: impl FnMut(usize, u16)) -> Result<()> {
    let pixels = image.pixels()?;
    let view = pixels.view()?;
    if view.format() != format || view.width() * view.height() != 256 {
        return Err(Error::Value(
            c"a palette is an image of 256 pixels: RGB565 for colours, GRAYSCALE for alpha",
        ));
    }
    for at in 0..256 {
        put(at, view.at(at % view.width(), at / view.width()));
    }
    Ok(())
}

impl<'a> FromObj<'a> for Colours {
    fn from_obj(object: &'a Obj) -> core::result::Result<Colours, Mismatch> {
        if let Ok(image) = <&Image>::from_obj(object) {
            let mut colours = [0; 256];
            pixels_of(image, Format::Rgb565, |at, colour| colours[at] = colour)?;
            return Ok(Colours::Own(colours));
        }
        match object.to_i64() {
            Some(0) => Ok(Colours::BuiltIn(&palette::RAINBOW)),
            Some(1) => Ok(Colours::BuiltIn(&palette::IRONBOW)),
            Some(_) => Err(Mismatch::Range(
                "image.PALETTE_RAINBOW, image.PALETTE_IRONBOW or an RGB565 image of 256 pixels",
            )),
            None => Err(Mismatch::Kind(
                "image.PALETTE_RAINBOW, image.PALETTE_IRONBOW or an RGB565 image of 256 pixels",
            )),
        }
    }
}

/// `alpha_palette`: a grayscale image of 256 values.
pub struct Alphas([u8; 256]);

impl<'a> FromObj<'a> for Alphas {
    fn from_obj(object: &'a Obj) -> core::result::Result<Alphas, Mismatch> {
        let mut alphas = [0; 256];
        let image = <&Image>::from_obj(object)?;
        pixels_of(image, Format::Grey, |at, alpha| alphas[at] = alpha as u8)?;
        Ok(Alphas(alphas))
    }
}

/// `transform`: three rows of three numbers, or nine.
#[derive(Clone, Copy)]
pub struct Matrix(pub [f32; 9]);

impl<'a> FromObj<'a> for Matrix {
    fn from_obj(object: &'a Obj) -> core::result::Result<Matrix, Mismatch> {
        let rows = object.sequence().ok_or(Mismatch::Kind("a matrix of 3 x 3"))?;
        if rows.len() != 3 {
            return Ok(Matrix(reals("transform", *object)?));
        }
        let mut matrix = [0.0; 9];
        for (row, item) in matrix.chunks_exact_mut(3).zip(rows.iter()) {
            row.copy_from_slice(&reals::<3>("transform", item)?);
        }
        Ok(Matrix(matrix))
    }
}

/// The keyword arguments, taken apart.
pub struct Drawing<'a> {
    pub x: i32,
    pub y: i32,
    scale: (Option<f32>, Option<f32>),
    pub roi: Option<Roi>,
    rgb_channel: i32,
    alpha: u8,
    pub colours: Option<Colours>,
    alphas: Option<Alphas>,
    hint: u32,
    transform: Option<Matrix>,
    pub mask: Option<&'a Image>,
}

impl Drawing<'_> {
    /// All of an image, as it is.
    const PLAIN: Self = Drawing {
        x: 0,
        y: 0,
        scale: (None, None),
        roi: None,
        rgb_channel: -1,
        alpha: 255,
        colours: None,
        alphas: None,
        hint: 0,
        transform: None,
        mask: None,
    };

    /// As the library takes it.
    pub fn compose<'b>(&'b self, op: Op, mask: Option<View<'b>>) -> Compose<'b> {
        let (x_scale, y_scale) = match self.scale {
            (None, None) => (1.0, 1.0),
            // One stands for both.
            (Some(one), None) | (None, Some(one)) => (one, one),
            (Some(x_scale), Some(y_scale)) => (x_scale, y_scale),
        };
        Compose {
            x: self.x,
            y: self.y,
            x_scale,
            y_scale,
            roi: region(self.roi),
            rgb_channel: u8::try_from(self.rgb_channel).ok(),
            alpha: self.alpha,
            color_palette: self.colours.as_ref().map(Colours::as_palette),
            alpha_palette: self.alphas.as_ref().map(|alphas| &alphas.0),
            hints: Hints(self.hint),
            transform: self.transform.map(|matrix| matrix.0),
            mask,
            op,
        }
    }

    /// As the library takes it to fill an image of a given size: kept in proportion, in the middle, unless a hint says otherwise.
    pub fn filling(&self) -> Compose<'_> {
        let mut how = self.compose(Op::Replace, None);
        let chosen = Hints::SCALE_ASPECT_KEEP.0 | Hints::SCALE_ASPECT_EXPAND.0 | Hints::SCALE_ASPECT_IGNORE.0;
        if how.hints.0 & chosen == 0 {
            how.hints.0 |= Hints::SCALE_ASPECT_KEEP.0;
        }
        how.hints.0 |= Hints::CENTER.0;
        how
    }

    /// Whether it changes more than the format.
    pub fn changes(&self) -> bool {
        self.scale != (None, None)
            || self.roi.is_some()
            || self.rgb_channel >= 0
            || self.alpha != 255
            || self.colours.is_some()
            || self.alphas.is_some()
            || self.hint != 0
            || self.transform.is_some()
    }
}

/// `x=0, y=0, *, x_scale=1.0, y_scale=1.0, roi=None, rgb_channel=-1, alpha=255, color_palette=None, alpha_palette=None, hint=0,
/// transform=None, mask=None`
pub fn onto(arguments: Arguments<'_>) -> Result<Drawing<'_>> {
    args!(arguments => x: i32 = 0, y: i32 = 0, *, x_scale: Option<f32> = None, y_scale: Option<f32> = None,
        roi: Option<Roi> = None, rgb_channel: i32 = -1, alpha: u8 = 255, color_palette: Option<Colours> = None,
        alpha_palette: Option<Alphas> = None, hint: u32 = 0, transform: Option<Matrix> = None,
        mask: Option<&Image> = None);
    Ok(Drawing {
        x,
        y,
        scale: (x_scale, y_scale),
        roi,
        rgb_channel,
        alpha,
        colours: color_palette,
        alphas: alpha_palette,
        hint,
        transform,
        mask,
    })
}

/// What the methods take that make one image of another.
pub struct Making<'a> {
    pub drawing: Drawing<'a>,
    pub copy: bool,
    pub quality: u8,
    pub subsampling: i32,
}

/// `*, x_scale=1.0, y_scale=1.0, roi=None, rgb_channel=-1, alpha=255, color_palette=None, alpha_palette=None, hint=0,
/// transform=None, copy=..., copy_to_fb=False, quality=90, subsampling=JPEG_SUBSAMPLING_AUTO`
pub fn making(arguments: Arguments<'_>, copies: bool) -> Result<Making<'_>> {
    args!(arguments => *, x_scale: Option<f32> = None, y_scale: Option<f32> = None, roi: Option<Roi> = None,
        rgb_channel: i32 = -1, alpha: u8 = 255, color_palette: Option<Colours> = None,
        alpha_palette: Option<Alphas> = None, hint: u32 = 0, transform: Option<Matrix> = None, copy: bool = copies,
        copy_to_fb: bool = false, quality: u8 = 90, subsampling: i32 = 0);
    let drawing = Drawing {
        scale: (x_scale, y_scale),
        roi,
        rgb_channel,
        alpha,
        colours: color_palette,
        alphas: alpha_palette,
        hint,
        transform,
        ..Drawing::PLAIN
    };
    Ok(Making {
        drawing,
        copy: copy || copy_to_fb,
        quality,
        subsampling,
    })
}

/// What the frames of a movie take: `*, roi=None, rgb_channel=-1, alpha=255, color_palette=None, alpha_palette=None, hint=0,
/// quality=90`
pub fn framing(arguments: Arguments<'_>) -> Result<Making<'_>> {
    args!(arguments => *, roi: Option<Roi> = None, rgb_channel: i32 = -1, alpha: u8 = 255,
        color_palette: Option<Colours> = None, alpha_palette: Option<Alphas> = None, hint: u32 = 0, quality: u8 = 90);
    let drawing = Drawing {
        roi,
        rgb_channel,
        alpha,
        colours: color_palette,
        alphas: alpha_palette,
        hint,
        ..Drawing::PLAIN
    };
    Ok(Making {
        drawing,
        copy: false,
        quality,
        subsampling: 0,
    })
}

/// What a comparison takes: `x=0, y=0, *, x_scale=1.0, y_scale=1.0, roi=None, rgb_channel=-1, alpha=255, color_palette=None,
/// alpha_palette=None, hint=0, dssim=False`
pub fn comparing(arguments: Arguments<'_>) -> Result<(Drawing<'_>, bool)> {
    args!(arguments => x: i32 = 0, y: i32 = 0, *, x_scale: Option<f32> = None, y_scale: Option<f32> = None,
        roi: Option<Roi> = None, rgb_channel: i32 = -1, alpha: u8 = 255, color_palette: Option<Colours> = None,
        alpha_palette: Option<Alphas> = None, hint: u32 = 0, dssim: bool = false);
    let drawing = Drawing {
        x,
        y,
        scale: (x_scale, y_scale),
        roi,
        rgb_channel,
        alpha,
        colours: color_palette,
        alphas: alpha_palette,
        hint,
        transform: None,
        mask: None,
    };
    Ok((drawing, dssim))
}
