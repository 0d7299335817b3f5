//! One image drawn into another: `draw_image` and its names, logic and arithmetic between two images.

use upy::{Arguments, Error, FromObj, Obj, Result, convert};
use vision::compose::{self, Op, Source};

use crate::Image;
use crate::drawing::{Drawing, onto};
use crate::file;
use crate::parse::{colour, this};
use crate::picture::{told, view_of};

/// What all of these methods do; they differ in how source and destination are combined.
fn combined(op: Op, arguments: Arguments) -> Result<Obj> {
    let (object, image, rest) = this(arguments)?;
    let (source, rest) = rest
        .split_first()
        .ok_or(Error::Type(c"expected an image, a colour or a path to draw"))?;
    // The place may be a pair.
    let place = rest
        .split_first()
        .and_then(|(first, rest)| Some((first.sequence()?, rest)));
    let drawing = match place {
        None => onto(rest)?,
        Some((pair, rest)) => {
            let mut drawing = onto(rest)?;
            let coordinate = |at| convert::<i32>("(x, y)", &pair.get(at).unwrap_or(Obj::NONE));
            (drawing.x, drawing.y) = (coordinate(0)?, coordinate(1)?);
            drawing
        }
    };
    draw(image, source, op, &drawing)?;
    Ok(object)
}

/// An image, a colour or a file drawn onto an image.
pub fn draw(image: &Image, source: &Obj, op: Op, drawing: &Drawing) -> Result<()> {
    // A file's image lives in this variable meanwhile.
    let loaded;
    let source = if source.is_str() {
        loaded = file::load(*source)?;
        &loaded
    } else {
        source
    };
    let mut pixels = image.pixels_mut()?;
    let mask = pixels.beside_mask(drawing.mask)?;
    let mask = view_of(mask.as_ref())?;
    let how = drawing.compose(op, mask);
    let Ok(other) = <&Image>::from_obj(source) else {
        let mut view = pixels.view()?;
        let value = colour(Some(*source), view.format())?;
        return compose::compose(&mut view, &Source::Value(value), &how).map_err(told);
    };
    let other = pixels.beside(other)?;
    let source = Source::Image(other.view()?);
    compose::compose(&mut pixels.view()?, &source, &how).map_err(told)
}

/// A method for each way.
macro_rules! ways {
    ($($name:ident = $op:ident),* $(,)?) => {$(
        pub fn $name(arguments: Arguments) -> Result<Obj> {
            combined(Op::$op, arguments)
        }
    )*};
}

ways! {
    draw_image = Replace,
    and = And,
    nand = Nand,
    or = Or,
    nor = Nor,
    xor = Xor,
    xnor = Xnor,
    add = Add,
    sub = Sub,
    rsub = Rsub,
    min = Min,
    max = Max,
    difference = Difference,
}
