//! Finding shapes, edges, templates and shifts.

use upy::{Arguments, Error, Obj, Result, Room, Scratch, args, convert};
use vision::compose::{self, Op, Source};
use vision::find::{self, CircleQuery, DisplacementQuery, LineQuery, Search, SegmentQuery};
use vision::{Found, ViewMut};

use crate::Image;
use crate::drawing::comparing;
use crate::parse::{Pair, Roi, rect, region, this};
use crate::picture::{Beside, told};
use crate::results;

/// How many things there is room for at first, and how many at most.
const FEW: usize = 256;
const MANY: usize = 16_384;

type Done = core::result::Result<(), vision::Error>;

/// Searches with room for more and more results, and makes a list of them.
pub fn listed<T: Copy + Default>(
    what: &'static str,
    scratch_bytes: usize,
    search: impl Fn(vision::Scratch, &mut Found<T>) -> Done,
    one: impl Fn(&T) -> Result<Obj>,
) -> Result<Obj> {
    let mut memory = Scratch::near(scratch_bytes)?;
    let mut count = FEW;
    loop {
        let mut room = Room::new(count)?;
        let mut found = Found::new(room.as_mut_slice(), what);
        match search(vision::Scratch::new(memory.bytes()), &mut found) {
            Err(vision::Error::Full { .. }) if count < MANY => count *= 8,
            Err(error) => return Err(told(error)),
            Ok(()) => return results::list(&found, one),
        }
    }
}

/// `find_lines(*, roi=None, x_stride=2, y_stride=1, threshold=1000, theta_margin=25, rho_margin=25)`
pub fn find_lines(arguments: Arguments) -> Result<Obj> {
    let (_, image, rest) = this(arguments)?;
    args!(rest => *, roi: Option<Roi> = None, x_stride: usize = 2, y_stride: usize = 1, threshold: u32 = 1000,
        theta_margin: i32 = 25, rho_margin: i32 = 25);
    let query = LineQuery {
        roi: region(roi),
        x_stride,
        y_stride,
        threshold,
        theta_margin,
        rho_margin,
    };
    let pixels = image.pixels()?;
    let view = pixels.view()?;
    listed(
        "lines",
        find::lines_scratch(view.width(), view.height()),
        |scratch, found| find::find_lines(&view, &query, scratch, found),
        results::line,
    )
}

/// `find_line_segments(*, roi=None, merge_distance=0, max_theta_diff=15, threshold=50)`
pub fn find_line_segments(arguments: Arguments) -> Result<Obj> {
    let (_, image, rest) = this(arguments)?;
    args!(rest => *, roi: Option<Roi> = None, merge_distance: u32 = 0, max_theta_diff: u32 = 15, threshold: u32 = 50);
    let query = SegmentQuery {
        roi: region(roi),
        merge_distance,
        max_theta_diff,
        threshold,
    };
    let pixels = image.pixels()?;
    let view = pixels.view()?;
    listed(
        "line segments",
        find::segments_scratch(view.width(), view.height()),
        |scratch, found| find::find_line_segments(&view, &query, scratch, found),
        results::line,
    )
}

/// `find_circles(*, roi=None, x_stride=2, y_stride=1, threshold=2000, x_margin=10, y_margin=10, r_margin=10, r_min=2,
/// r_max=min(w, h) / 2, r_step=2)`
pub fn find_circles(arguments: Arguments) -> Result<Obj> {
    let (_, image, rest) = this(arguments)?;
    args!(rest => *, roi: Option<Roi> = None, x_stride: usize = 2, y_stride: usize = 1, threshold: u32 = 2000,
        x_margin: i32 = 10, y_margin: i32 = 10, r_margin: i32 = 10, r_min: usize = 2, r_max: Option<usize> = None,
        r_step: usize = 2);
    let query = CircleQuery {
        roi: region(roi),
        x_stride,
        y_stride,
        threshold,
        x_margin,
        y_margin,
        r_margin,
        r_min,
        r_max,
        r_step,
    };
    let pixels = image.pixels()?;
    let view = pixels.view()?;
    listed(
        "circles",
        find::circles_scratch(view.width(), view.height()),
        |scratch, found| find::find_circles(&view, &query, scratch, found),
        results::circle,
    )
}

/// `find_edges(EDGE_CANNY or EDGE_SIMPLE, *, roi=None, threshold=(100, 200))`: the edges take the image's place.
pub fn find_edges(arguments: Arguments) -> Result<Obj> {
    let (object, image, rest) = this(arguments)?;
    args!(rest => edge_type: i32, roi: Option<Roi> = None, threshold: Pair = Pair(100, 200));
    let mut pixels = image.pixels_mut()?;
    let mut view = pixels.view()?;
    let Pair(low, high) = threshold;
    let (width, height) = (view.width(), view.height());
    match edge_type {
        EDGE_CANNY => {
            let mut memory = Scratch::near(find::canny_scratch(width, height))?;
            let scratch = vision::Scratch::new(memory.bytes());
            find::canny(&mut view, region(roi), (low, high), scratch).map_err(told)?;
        }
        EDGE_SIMPLE => {
            let mut memory = Scratch::near(find::simple_edges_scratch(width, height))?;
            let scratch = vision::Scratch::new(memory.bytes());
            find::simple_edges(&mut view, (low, high), scratch).map_err(told)?;
        }
        _ => return Err(Error::Value(c"expected image.EDGE_CANNY or image.EDGE_SIMPLE")),
    }
    Ok(object)
}

/// The numbers that scripts have for them.
pub const EDGE_CANNY: i32 = 0;
pub const EDGE_SIMPLE: i32 = 1;
pub const SEARCH_EX: i32 = 0;
pub const SEARCH_DS: i32 = 1;

/// `find_template(template, threshold, *, roi=None, step=2, search=SEARCH_EX)`: (x, y, w, h), or None.
pub fn find_template(arguments: Arguments) -> Result<Obj> {
    let (_, image, rest) = this(arguments)?;
    args!(rest => template: &Image, threshold: f32, roi: Option<Roi> = None, step: usize = 2, search: i32 = SEARCH_EX);
    let search = match search {
        SEARCH_EX => Search::Exhaustive { step },
        SEARCH_DS => Search::Diamond,
        _ => return Err(Error::Value(c"search must be image.SEARCH_EX or image.SEARCH_DS")),
    };
    let (pixels, template) = (image.pixels()?, Beside::of(template)?);
    let found = find::find_template(&pixels.view()?, &template.view()?, threshold, region(roi), search);
    found
        .map_err(told)?
        .map_or(Ok(Obj::NONE), |found| rect(found.region))
}

/// `find_displacement(template, *, roi=None, template_roi=None, logpolar=False, fix_rotation_scale=False)`
pub fn find_displacement(arguments: Arguments) -> Result<Obj> {
    let (_, image, rest) = this(arguments)?;
    args!(rest => template: &Image, *, roi: Option<Roi> = None, template_roi: Option<Roi> = None,
        logpolar: bool = false, fix_rotation_scale: bool = false);
    let query = DisplacementQuery {
        roi: region(roi),
        template_roi: region(template_roi),
        logpolar,
        fix_rotation_scale,
    };
    let (pixels, template) = (image.pixels()?, Beside::of(template)?);
    let view = pixels.view()?;
    let area = view.area_of(query.roi).map_err(told)?;
    let mut memory = Scratch::near(find::displacement_scratch(area.w, area.h))?;
    let scratch = vision::Scratch::new(memory.bytes());
    let found = find::displacement(&view, &template.view()?, &query, scratch).map_err(told)?;
    results::displacement(&found)
}

/// `get_similarity(image, x=0, y=0, *, x_scale, y_scale, roi, rgb_channel, alpha, color_palette, alpha_palette, hint, dssim=False)`:
/// with the other image as it is, or as it would be drawn; what it does not cover counts as equal.
pub fn get_similarity(arguments: Arguments) -> Result<Obj> {
    let (_, own, rest) = this(arguments)?;
    let (image, rest) = rest
        .split_first()
        .ok_or(Error::Type(c"argument 'image' is missing"))?;
    let image: &Image = convert("image", image)?;
    let (drawing, dssim) = comparing(rest)?;
    let (pixels, other) = (own.pixels()?, Beside::of(image)?);
    let (view, other) = (pixels.view()?, other.view()?);
    if !drawing.changes() && (drawing.x, drawing.y) == (0, 0) {
        let found = find::similarity(&view, &other, dssim).map_err(told)?;
        return results::similarity(&found);
    }
    let mut memory = Scratch::leaf(view.data().len())?;
    memory.bytes().copy_from_slice(view.data());
    let mut drawn = ViewMut::new(memory.bytes(), view.width(), view.height(), view.format()).map_err(told)?;
    compose::compose(
        &mut drawn,
        &Source::Image(other),
        &drawing.compose(Op::Replace, None),
    )
    .map_err(told)?;
    let found = find::similarity(&view, &drawn.as_view(), dssim).map_err(told)?;
    results::similarity(&found)
}
