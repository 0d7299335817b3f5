//! Pictures for a display: an image of any format drawn into one of RGB565, as large as the panel, black around it.

use upy::{Arguments, Error, FromObj, Obj, Result, convert, new_object};
use vision::compose::Op;
use vision::{PixFormat, draw};

use crate::Image;
use crate::compose;
use crate::drawing::onto;
use crate::picture::{Pixels, Shape};

/// A black picture of this size, as an Image; `near`: in fast memory, if there is room. Allocates; may collect.
pub fn blank(width: u16, height: u16, near: bool) -> Result<Obj> {
    let shape = Shape::new(width.into(), height.into(), PixFormat::Rgb565)?;
    let make = if near { Obj::bytearray_near } else { Obj::bytearray };
    new_object(Image::over(make(shape.bytes)?, shape))
}

/// The bytes of such a picture.
pub fn pixels(picture: &Obj) -> Result<Pixels> {
    convert::<&Image>("picture", picture)?.pixels()
}

/// Makes it black.
pub fn clear(picture: &Obj) -> Result<()> {
    let image = convert::<&Image>("picture", picture)?;
    draw::clear(&mut image.pixels_mut()?.view()?, None);
    Ok(())
}

/// `image, x=0, y=0, *, x_scale=1.0, y_scale=1.0, roi=None, rgb_channel=-1, alpha=255, color_palette=None, alpha_palette=None,
/// hint=0`: an image, or the path of a file.
pub fn paint(picture: &Obj, arguments: Arguments) -> Result<()> {
    let image = convert::<&Image>("picture", picture)?;
    let (source, rest) = arguments
        .split_first()
        .ok_or(Error::Type(c"expected an image, or a path, to show"))?;
    let from = match <&Image>::from_obj(source) {
        Ok(from) => Some(from.shape()),
        Err(_) if source.is_str() => None,
        Err(_) => {
            return Err(Error::Type(
                c"expected an image, or the path of a file with one; image.Image(w, h, image.RGB565) makes one",
            ));
        }
    };
    let drawing = onto(rest)?;
    let covers = |from: Shape| from.width >= image.shape().width && from.height >= image.shape().height;
    let plain = !drawing.changes() && (drawing.x, drawing.y) == (0, 0) && drawing.mask.is_none();
    if !(plain && from.is_some_and(covers)) {
        clear(picture)?;
    }
    compose::draw(image, source, Op::Replace, &drawing)
}
