//! Drawing: `draw_line` and its like. Numbers come loose or in one tuple; each method returns the image.

use upy::{Arguments, Error, FromObj, Obj, Result, Scratch, args};
use vision::{Paint, Point, Region, ViewMut, draw};

use crate::Image;
use crate::keypoints::KeyPoints;
use crate::parse::{Pair, colour, four_points, numbers, of_sequence, this};
use crate::picture::{PixelsMut, told, view_of};

/// What shapes have in common.
struct Style {
    color: Option<Obj>,
    thickness: i32,
    fill: bool,
}

impl Style {
    /// Thickness and fill of a shape in colour `color`.
    fn paint(&self, view: &ViewMut) -> Result<Paint> {
        let paint = Paint::new(colour(self.color, view.format())?).thick(self.thickness);
        Ok(if self.fill { paint.filled() } else { paint })
    }
}

/// `color=None, thickness=1, fill=False`
fn shape(arguments: Arguments) -> Result<Style> {
    args!(arguments => color: Option<Obj> = None, thickness: i32 = 1, fill: bool = false);
    Ok(Style {
        color,
        thickness,
        fill,
    })
}

/// `color=None, size=..., thickness=1, fill=False`
fn sized(arguments: Arguments, usual: i32) -> Result<(i32, Style)> {
    args!(arguments => color: Option<Obj> = None, size: i32 = usual, thickness: i32 = 1, fill: bool = false);
    Ok((
        size,
        Style {
            color,
            thickness,
            fill,
        },
    ))
}

/// Draws on the image's pixels.
fn on(image: &Image, style: &Style, shape: impl FnOnce(&mut ViewMut, &Paint)) -> Result<()> {
    let mut pixels = image.pixels_mut()?;
    let mut view = pixels.view()?;
    let paint = style.paint(&view)?;
    shape(&mut view, &paint);
    Ok(())
}

/// `draw_line((x0, y0, x1, y1), color=None, thickness=1)`
pub fn line(arguments: Arguments) -> Result<Obj> {
    let (object, image, rest) = this(arguments)?;
    let ([x0, y0, x1, y1], rest) = numbers("(x0, y0, x1, y1)", rest)?;
    on(image, &shape(rest)?, |view, paint| {
        draw::line(view, Point::new(x0, y0), Point::new(x1, y1), paint)
    })?;
    Ok(object)
}

/// `draw_rectangle((x, y, w, h), color=None, thickness=1, fill=False)`
pub fn rectangle(arguments: Arguments) -> Result<Obj> {
    let (object, image, rest) = this(arguments)?;
    let ([x, y, w, h], rest) = numbers("(x, y, w, h)", rest)?;
    on(image, &shape(rest)?, |view, paint| {
        draw::rectangle(view, Region::new(x, y, w, h), paint)
    })?;
    Ok(object)
}

/// `draw_circle((x, y, r), color=None, thickness=1, fill=False)`
pub fn circle(arguments: Arguments) -> Result<Obj> {
    let (object, image, rest) = this(arguments)?;
    let ([x, y, r], rest) = numbers("(x, y, r)", rest)?;
    on(image, &shape(rest)?, |view, paint| {
        draw::circle(view, Point::new(x, y), r, paint)
    })?;
    Ok(object)
}

/// `draw_ellipse((cx, cy, rx, ry, rotation), color=None, thickness=1, fill=False)`
pub fn ellipse(arguments: Arguments) -> Result<Obj> {
    let (object, image, rest) = this(arguments)?;
    let ([cx, cy, rx, ry, rotation], rest) = numbers("(cx, cy, rx, ry, rotation)", rest)?;
    let ellipse = draw::Ellipse {
        centre: Point::new(cx, cy),
        rx,
        ry,
        rotation,
    };
    on(image, &shape(rest)?, |view, paint| {
        draw::ellipse(view, &ellipse, paint)
    })?;
    Ok(object)
}

/// `draw_cross((x, y), color=None, size=5, thickness=1)`
pub fn cross(arguments: Arguments) -> Result<Obj> {
    let (object, image, rest) = this(arguments)?;
    let ([x, y], rest) = numbers("(x, y)", rest)?;
    let (size, style) = sized(rest, 5)?;
    on(image, &style, |view, paint| {
        draw::cross(view, Point::new(x, y), size, paint)
    })?;
    Ok(object)
}

/// `draw_arrow((x0, y0, x1, y1), color=None, size=10, thickness=1)`
pub fn arrow(arguments: Arguments) -> Result<Obj> {
    let (object, image, rest) = this(arguments)?;
    let ([x0, y0, x1, y1], rest) = numbers("(x0, y0, x1, y1)", rest)?;
    let (size, style) = sized(rest, 10)?;
    on(image, &style, |view, paint| {
        draw::arrow(view, Point::new(x0, y0), Point::new(x1, y1), size, paint)
    })?;
    Ok(object)
}

/// `draw_edges(((x, y), ...), color=None, size=0, thickness=1, fill=False)`
pub fn edges(arguments: Arguments) -> Result<Obj> {
    let (object, image, rest) = this(arguments)?;
    let (corners, rest) = rest
        .split_first()
        .ok_or(Error::Type(c"draw_edges needs four points ((x, y), ...)"))?;
    let corners = four_points("corners", *corners)?;
    let (size, style) = sized(rest, 0)?;
    on(image, &style, |view, paint| {
        draw::edges(view, &corners, size, paint)
    })?;
    Ok(object)
}

/// `draw_detection((x, y, w, h, cx, cy), color1=None, color2=color1, size=5, thickness=1, fill=False, label=None,
/// label_offset=(0, -10))`
pub fn detection(arguments: Arguments) -> Result<Obj> {
    let (object, image, rest) = this(arguments)?;
    let ([x, y, w, h, cx, cy], rest) = numbers("(x, y, w, h, cx, cy)", rest)?;
    args!(rest => color1: Option<Obj> = None, color2: Option<Obj> = None, size: i32 = 5, thickness: i32 = 1,
        fill: bool = false, label: Option<&str> = None, label_offset: Pair = Pair(0, -10));
    let style = Style {
        color: color1,
        thickness,
        fill,
    };
    let mut pixels = image.pixels_mut()?;
    let mut view = pixels.view()?;
    let paint = style.paint(&view)?;
    let centre = colour(color2.or(color1), view.format())?;
    let Pair(dx, dy) = label_offset;
    draw::detection(
        &mut view,
        Region::new(x, y, w, h),
        Point::new(cx, cy),
        &paint,
        centre,
        size,
        label.map(|label| (label, Point::new(dx, dy))),
    );
    Ok(object)
}

/// Quarter turns of an angle in degrees.
fn turns(name: &'static str, degrees: i32) -> Result<u8> {
    match degrees.rem_euclid(360) {
        0 => Ok(0),
        90 => Ok(1),
        180 => Ok(2),
        270 => Ok(3),
        _ => Err(told(vision::Error::Argument {
            name,
            found: degrees as f32,
            expected: "0, 90, 180 or 270",
        })),
    }
}

/// `draw_string((x, y), text, color=None, scale=1.0, x_spacing=0, y_spacing=0, mono_space=True, char_rotation=0,
/// char_hmirror=False, char_vflip=False, string_rotation=0, string_hmirror=False, string_vflip=False)`
pub fn string(arguments: Arguments) -> Result<Obj> {
    let (object, image, rest) = this(arguments)?;
    let ([x, y], rest) = numbers("(x, y)", rest)?;
    args!(rest => text: &str, color: Option<Obj> = None, scale: f32 = 1.0, x_spacing: i32 = 0, y_spacing: i32 = 0,
        mono_space: bool = true, char_rotation: i32 = 0, char_hmirror: bool = false, char_vflip: bool = false,
        string_rotation: i32 = 0, string_hmirror: bool = false, string_vflip: bool = false);
    let mut pixels = image.pixels_mut()?;
    let mut view = pixels.view()?;
    let style = draw::Text {
        colour: colour(color, view.format())?,
        scale,
        x_spacing,
        y_spacing,
        mono_space,
        char_turns: turns("char_rotation", char_rotation)?,
        char_hmirror,
        char_vflip,
        string_turns: turns("string_rotation", string_rotation)?,
        string_hmirror,
        string_vflip,
    };
    draw::text(&mut view, Point::new(x, y), text, &style);
    Ok(object)
}

/// `draw_keypoints([(x, y, angle), ...], color=None, size=10, thickness=1, fill=False)`
pub fn keypoints(arguments: Arguments) -> Result<Obj> {
    let (object, image, rest) = this(arguments)?;
    let (list, rest) = rest
        .split_first()
        .ok_or(Error::Type(c"draw_keypoints needs a list of (x, y, angle)"))?;
    let (size, style) = sized(rest, 10)?;
    let draw = |x: i32, y: i32, angle: i32| {
        let mark = draw::Mark {
            place: Point::new(x, y),
            angle,
        };
        on(image, &style, |view, paint| {
            draw::keypoints(view, &[mark], size, paint)
        })
    };
    if let Ok(points) = <&KeyPoints>::from_obj(list) {
        for point in (0..points.count()).filter_map(|at| points.get(at)) {
            draw(point.x.into(), point.y.into(), point.angle.into())?;
        }
        return Ok(object);
    }
    let list = list.sequence().ok_or(Error::Type(
        c"draw_keypoints needs a list of (x, y, angle), or what find_keypoints() gives",
    ))?;
    for item in list.iter() {
        let [x, y, angle] = of_sequence("a keypoint", item)?;
        draw(x, y, angle)?;
    }
    Ok(object)
}

/// `clear(*, mask=None)`
pub fn clear(arguments: Arguments) -> Result<Obj> {
    let (object, image, rest) = this(arguments)?;
    args!(rest => *, mask: Option<&Image> = None);
    let mut pixels = image.pixels_mut()?;
    let mask = pixels.beside_mask(mask)?;
    draw::clear(&mut pixels.view()?, view_of(mask.as_ref())?.as_ref());
    Ok(object)
}

/// `flood_fill((x, y), seed_threshold=0.05, floating_threshold=0.05, color=None, invert=False, clear_background=False,
/// mask=None)`
pub fn flood_fill(arguments: Arguments) -> Result<Obj> {
    let (object, image, rest) = this(arguments)?;
    let ([x, y], rest) = numbers("(x, y)", rest)?;
    args!(rest => seed_threshold: f32 = 0.05, floating_threshold: f32 = 0.05, color: Option<Obj> = None,
        invert: bool = false, clear_background: bool = false, mask: Option<&Image> = None);
    let mut pixels = image.pixels_mut()?;
    let mask = pixels.beside_mask(mask)?;
    let mut view = pixels.view()?;
    let fill = draw::FloodFill {
        seed: Point::new(x, y),
        seed_threshold,
        floating_threshold,
        colour: colour(color, view.format())?,
        invert,
        clear_background,
    };
    let mut memory = Scratch::near(draw::flood_fill_scratch(view.width(), view.height()))?;
    let scratch = vision::Scratch::new(memory.bytes());
    draw::flood_fill(&mut view, &fill, view_of(mask.as_ref())?.as_ref(), scratch).map_err(told)?;
    Ok(object)
}

/// What a mask method was given: nothing, or numbers, loose or in a tuple.
fn figure<const N: usize>(what: &'static str, rest: Arguments) -> Result<Option<[i32; N]>> {
    if rest.is_empty() {
        return Ok(None);
    }
    let (numbers, rest) = numbers(what, rest)?;
    args!(rest => );
    Ok(Some(numbers))
}

/// Changes the pixels of the image that a method was called for.
fn masked(image: &Image, mask: impl FnOnce(&mut ViewMut)) -> Result<()> {
    let mut pixels: PixelsMut = image.pixels_mut()?;
    mask(&mut pixels.view()?);
    Ok(())
}

/// `mask_rectangle([(x, y, w, h)])`: black outside; the middle half without.
pub fn mask_rectangle(arguments: Arguments) -> Result<Obj> {
    let (object, image, rest) = this(arguments)?;
    let region = figure("(x, y, w, h)", rest)?.map(|[x, y, w, h]| Region::new(x, y, w, h));
    masked(image, |view| draw::mask_rectangle(view, region))?;
    Ok(object)
}

/// `mask_circle([(x, y, r)])`
pub fn mask_circle(arguments: Arguments) -> Result<Obj> {
    let (object, image, rest) = this(arguments)?;
    let circle = figure("(x, y, r)", rest)?.map(|[x, y, r]| (Point::new(x, y), r));
    masked(image, |view| draw::mask_circle(view, circle))?;
    Ok(object)
}

/// `mask_ellipse([(cx, cy, rx, ry, rotation)])`
pub fn mask_ellipse(arguments: Arguments) -> Result<Obj> {
    let (object, image, rest) = this(arguments)?;
    let figure = figure("(cx, cy, rx, ry, rotation)", rest)?;
    let ellipse = figure.map(|[cx, cy, rx, ry, rotation]| draw::Ellipse {
        centre: Point::new(cx, cy),
        rx,
        ry,
        rotation,
    });
    masked(image, |view| draw::mask_ellipse(view, ellipse.as_ref()))?;
    Ok(object)
}
