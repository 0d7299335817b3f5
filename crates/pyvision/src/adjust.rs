//! Light and geometry: `gamma`, `histeq`, `lens_corr`, `rotation_corr` and their like.

use upy::{Arguments, Error, Obj, Result, Scratch, args};
use vision::geometry::{self, Lens, Polar, Rotation};
use vision::{ViewMut, light};

use crate::Image;
use crate::parse::{four_points, reals, this};
use crate::picture::{told, view_of};

type Done = core::result::Result<(), vision::Error>;

/// `awb(*, max=False)`
pub fn awb(arguments: Arguments) -> Result<Obj> {
    let (object, image, rest) = this(arguments)?;
    args!(rest => *, max: bool = false);
    light::white_balance(&mut image.pixels_mut()?.view()?, max).map_err(told)?;
    Ok(object)
}

/// `ccm(matrix)`: three rows of 3 or 4 numbers, or all of them in one list; with 4 rows the last one counts for nothing.
pub fn ccm(arguments: Arguments) -> Result<Obj> {
    let (object, image, rest) = this(arguments)?;
    args!(rest => matrix: Obj);
    let wrong = || Error::Value(c"the matrix must have 9 or 12 numbers, or 3 rows of 3 or 4");
    let list = matrix.sequence().ok_or_else(wrong)?;
    let mut rows = [[0.0; 4]; 3];
    match list.len() {
        3 => {
            for (row, item) in rows.iter_mut().zip(list.iter()) {
                match item.sequence().map(|items| items.len()) {
                    Some(3) => row[..3].copy_from_slice(&reals::<3>("a row", item)?),
                    Some(4) => *row = reals("a row", item)?,
                    _ => return Err(wrong()),
                }
            }
        }
        9 => {
            let numbers = reals::<9>("the matrix", matrix)?;
            for (row, three) in rows.iter_mut().zip(numbers.chunks_exact(3)) {
                row[..3].copy_from_slice(three);
            }
        }
        12 | 16 => {
            let numbers = reals::<12>("the matrix", matrix)?;
            for (row, four) in rows.iter_mut().zip(numbers.chunks_exact(4)) {
                row.copy_from_slice(four);
            }
        }
        _ => return Err(wrong()),
    }
    light::colour_matrix(&mut image.pixels_mut()?.view()?, &rows).map_err(told)?;
    Ok(object)
}

/// `gamma(*, gamma=1.0, contrast=1.0, brightness=0.0)`
pub fn gamma(arguments: Arguments) -> Result<Obj> {
    let (object, image, rest) = this(arguments)?;
    args!(rest => gamma: f32 = 1.0, contrast: f32 = 1.0, brightness: f32 = 0.0);
    light::gamma(&mut image.pixels_mut()?.view()?, gamma, contrast, brightness).map_err(told)?;
    Ok(object)
}

/// `histeq(*, adaptive=False, clip_limit=-1, mask=None)`
pub fn histeq(arguments: Arguments) -> Result<Obj> {
    let (object, image, rest) = this(arguments)?;
    args!(rest => *, adaptive: bool = false, clip_limit: f32 = -1.0, mask: Option<&Image> = None);
    let mut pixels = image.pixels_mut()?;
    let mask = pixels.beside_mask(mask)?;
    let mask = view_of(mask.as_ref())?;
    let mut view = pixels.view()?;
    if adaptive {
        let mut memory = Scratch::near(light::clahe_scratch())?;
        light::clahe(
            &mut view,
            clip_limit,
            mask.as_ref(),
            vision::Scratch::new(memory.bytes()),
        )
        .map_err(told)?;
    } else {
        light::equalize(&mut view, mask.as_ref()).map_err(told)?;
    }
    Ok(object)
}

/// Bends the image, by way of a copy.
fn bent(image: &Image, bend: impl FnOnce(&mut ViewMut, vision::Scratch) -> Done) -> Result<()> {
    let mut pixels = image.pixels_mut()?;
    let mut view = pixels.view()?;
    let mut memory = Scratch::near(geometry::bend_scratch(view.format(), view.width(), view.height()))?;
    bend(&mut view, vision::Scratch::new(memory.bytes())).map_err(told)
}

fn polar(arguments: Arguments, log: bool) -> Result<Obj> {
    let (object, image, rest) = this(arguments)?;
    args!(rest => *, x: Option<f32> = None, y: Option<f32> = None, reverse: bool = false);
    let shape = image.shape();
    let middle = (shape.width as f32 / 2.0, shape.height as f32 / 2.0);
    let centre = (x.is_some() || y.is_some()).then(|| (x.unwrap_or(middle.0), y.unwrap_or(middle.1)));
    let how = Polar { centre, log, reverse };
    bent(image, |view, scratch| geometry::polar(view, &how, scratch))?;
    Ok(object)
}

/// `linpolar(*, x=w/2, y=h/2, reverse=False)`
pub fn linpolar(arguments: Arguments) -> Result<Obj> {
    polar(arguments, false)
}

/// `logpolar(*, x=w/2, y=h/2, reverse=False)`
pub fn logpolar(arguments: Arguments) -> Result<Obj> {
    polar(arguments, true)
}

/// `lens_corr(strength=1.8, *, zoom=1.0, x_corr=0.0, y_corr=0.0)`
pub fn lens_corr(arguments: Arguments) -> Result<Obj> {
    let (object, image, rest) = this(arguments)?;
    args!(rest => strength: f32 = 1.8, zoom: f32 = 1.0, x_corr: f32 = 0.0, y_corr: f32 = 0.0);
    let lens = Lens {
        strength,
        zoom,
        x_corr,
        y_corr,
    };
    bent(image, |view, scratch| {
        geometry::lens_correction(view, &lens, scratch)
    })?;
    Ok(object)
}

/// `rotation_corr(*, x_rotation=0, y_rotation=0, z_rotation=0, x_translation=0, y_translation=0, zoom=1.0, fov=60, corners=None)`
pub fn rotation_corr(arguments: Arguments) -> Result<Obj> {
    let (object, image, rest) = this(arguments)?;
    args!(rest => x_rotation: f32 = 0.0, y_rotation: f32 = 0.0, z_rotation: f32 = 0.0, x_translation: f32 = 0.0,
        y_translation: f32 = 0.0, zoom: f32 = 1.0, fov: f32 = 60.0, corners: Option<Obj> = None);
    let corners = match corners {
        None => None,
        Some(corners) => Some(four_points("corners", corners)?.map(|point| (point.x as f32, point.y as f32))),
    };
    let how = Rotation {
        x_rotation,
        y_rotation,
        z_rotation,
        x_translation,
        y_translation,
        zoom,
        fov,
        corners,
    };
    bent(image, |view, scratch| {
        geometry::rotation_correction(view, &how, scratch)
    })?;
    Ok(object)
}
