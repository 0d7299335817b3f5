//! `gif.Gif`: animated GIF files, not compressed.

use core::cell::Cell;

use upy::{Arguments, Error, Kind, Obj, Result, args, class, convert, fun, new_object};
use vision::codec::gif;

use crate::Image;
use crate::movie::Kept;
use crate::picture::Beside;

/// What is fixed by the first frame at the latest.
#[derive(Clone, Copy)]
struct Look {
    width: i32,
    height: i32,
    /// 1, 0, or -1 for not yet known.
    colour: i32,
    /// Whether the head was written.
    begun: bool,
}

pub struct Gif {
    kept: Kept,
    look: Cell<Look>,
    repeats: bool,
}

class! {
    Gif as "a Gif" { make_new: new }
    width: fun!(1, |gif: &Gif| -> Result<i32> { Ok(gif.look.get().width) }),
    height: fun!(1, |gif: &Gif| -> Result<i32> { Ok(gif.look.get().height) }),
    format: fun!(1, |gif: &Gif| -> Result<i32> { Ok(gif.look.get().colour) }),
    size: fun!(1, |gif: &Gif| -> Result<u32> { Ok(gif.kept.bytes() as u32) }),
    r#loop: fun!(1, |gif: &Gif| -> Result<bool> { Ok(gif.repeats) }),
    is_closed: fun!(1, |gif: &Gif| -> Result<bool> { Ok(gif.kept.is_closed()) }),
    add_frame: fun!(keywords 1.., add_frame),
    close: fun!(1, close),
}

/// `Gif(path, *, width=-1, height=-1, color=-1, loop=True)`: what is -1 is as the first frame has it.
fn new(arguments: Arguments) -> Result<Obj> {
    args!(arguments => [path: Obj], *, width: i32 = -1, height: i32 = -1, color: i32 = -1, r#loop: bool = true);
    path.as_str()?;
    for side in [width, height] {
        if side != -1 && !(1..=vision::MAX_SIDE as i32).contains(&side) {
            return Err(Error::Value(
                c"width and height must be 1 to 16383, or -1: as the first frame",
            ));
        }
    }
    new_object(Gif {
        kept: Kept::new(path)?,
        look: Cell::new(Look {
            width,
            height,
            colour: color.clamp(-1, 1),
            begun: false,
        }),
        repeats: r#loop,
    })
}

/// `add_frame(image, *, delay=10)`: shown for so many hundredths of a second.
fn add_frame(arguments: Arguments) -> Result<Obj> {
    let (object, rest) = arguments
        .split_first()
        .ok_or(Error::Type(c"argument 'self' is missing"))?;
    let gif: &Gif = convert("self", object)?;
    args!(rest => [image: &Image], *, delay: u16 = 10);
    let source = Beside::of(image)?;
    let view = source.view()?;
    let mut look = gif.look.get();
    let (width, height) = (view.width() as i32, view.height() as i32);
    if look.width == -1 {
        look.width = width;
    }
    if look.height == -1 {
        look.height = height;
    }
    if look.colour == -1 {
        look.colour = (view.format() == vision::Format::Rgb565).into();
    }
    if (look.width, look.height) != (width, height) {
        return Err(Error::new(
            Kind::Value,
            format_args!(
                "a frame of {width} x {height} in a GIF of {} x {}; scale it first",
                look.width, look.height
            ),
        ));
    }
    let colour = look.colour != 0;
    if !look.begun {
        let (width, height) = (view.width(), view.height());
        gif.kept
            .append(|sink| gif::head(width, height, colour, gif.repeats, sink))?;
        look.begun = true;
        gif.look.set(look);
    }
    gif.kept.append(|sink| gif::frame(&view, colour, delay, sink))?;
    Ok(*object)
}

/// `close()`
fn close(gif: &Gif) -> Result<()> {
    if !gif.kept.is_closed() && gif.look.get().begun {
        gif.kept.append(|sink| gif::end(sink))?;
    }
    gif.kept.close()
}
