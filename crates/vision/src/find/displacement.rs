//! How an image is moved, turned and scaled against another: phase correlation (C. Kuglin and D. Hines, 1975), of log-polar
//! maps for turn and scale (B. Reddy and B. Chatterji, 1996).

use super::fft::{Complex, Plane, multiply, plane_bytes};
use crate::{Area, Error, Region, Scratch, View, bytes_for, math};
use core::f32::consts::{PI, TAU};

/// What is compared.
#[derive(Clone, Copy, Debug, Default)]
pub struct DisplacementQuery {
    /// The part of the image.
    pub roi: Option<Region>,
    /// The part of the template, of the same size.
    pub template_roi: Option<Region>,
    /// Turn and scale around the middle instead of the shift.
    pub logpolar: bool,
    /// Turn and scale first, then the shift of what is left.
    pub fix_rotation_scale: bool,
}

/// What was found.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Displacement {
    /// Pixels to the right.
    pub x_translation: f32,
    /// Pixels down.
    pub y_translation: f32,
    /// Radians, clockwise in an image.
    pub rotation: f32,
    /// Magnification.
    pub scale: f32,
    /// How clear it is: the height of the peak, 1 for equal images.
    pub response: f32,
}

fn sides(width: usize, height: usize) -> (usize, usize) {
    (width.next_power_of_two(), height.next_power_of_two())
}

/// Bytes of working memory that [`displacement`] needs for regions of this size.
pub fn displacement_scratch(width: usize, height: usize) -> usize {
    let (w, h) = sides(width, height);
    2 * bytes_for::<Complex>(w * h) + bytes_for::<f32>(w * h) + plane_bytes(w, h)
}

/// Finds how the image's content lies against the template's.
///
/// # Errors
/// Regions outside or of different sizes, too little memory.
pub fn displacement(
    image: &View,
    template: &View,
    query: &DisplacementQuery,
    mut scratch: Scratch,
) -> Result<Displacement, Error> {
    let (own, other) = (image.area_of(query.roi)?, template.area_of(query.template_roi)?);
    if (own.w, own.h) != (other.w, other.h) {
        return Err(Error::Mismatch {
            first: (own.w, own.h),
            second: (other.w, other.h),
        });
    }
    let (w, h) = sides(own.w, own.h);
    let a = scratch.take::<Complex>(w * h)?;
    let b = scratch.take::<Complex>(w * h)?;
    let spare = scratch.take::<f32>(w * h)?;
    let mut plane = Plane::new(w, h, &mut scratch)?;
    let mut found = Displacement {
        scale: 1.0,
        ..Displacement::default()
    };
    if query.logpolar {
        let whole = Area { x: 0, y: 0, w, h };
        fill(a, w, whole, true, |x, y| polar(image, own, (w, h), x, y));
        fill(b, w, whole, true, |x, y| polar(template, other, (w, h), x, y));
        let (dx, dy, response) = correlate(&mut plane, a, b, true);
        found.rotation = turn(dx, w, TAU);
        found.scale = libm::expf(dy * log_step(own, h));
        found.response = response;
        return Ok(found);
    }
    if query.fix_rotation_scale {
        (found.rotation, found.scale) = spectra(&mut plane, (image, own), (template, other), a, b, spare);
    }
    let (sin, cos) = libm::sincosf(found.rotation);
    let (cx, cy) = ((own.w as f32 - 1.0) / 2.0, (own.h as f32 - 1.0) / 2.0);
    fill(a, w, own, false, |x, y| level(image, own, x as f32, y as f32));
    fill(b, w, other, false, |x, y| {
        if !query.fix_rotation_scale {
            return level(template, other, x as f32, y as f32);
        }
        // The template as it looks turned and scaled.
        let (dx, dy) = ((x as f32 - cx) / found.scale, (y as f32 - cy) / found.scale);
        level(
            template,
            other,
            cx + dx * cos + dy * sin,
            cy - dx * sin + dy * cos,
        )
    });
    (found.x_translation, found.y_translation, found.response) = correlate(&mut plane, a, b, false);
    Ok(found)
}

/// A shift of columns as part of a turn, between minus and plus half of it.
fn turn(shift: f32, columns: usize, whole: f32) -> f32 {
    let angle = shift * whole / columns as f32;
    let half = whole / 2.0;
    if angle > half {
        angle - whole
    } else if angle < -half {
        angle + whole
    } else {
        angle
    }
}

/// Brightness at a place of an area, between its neighbours; 0 outside.
fn level(image: &View, area: Area, x: f32, y: f32) -> f32 {
    if !(x >= 0.0 && y >= 0.0 && x <= (area.w - 1) as f32 && y <= (area.h - 1) as f32) {
        return 0.0;
    }
    let (left, top) = (x as usize, y as usize);
    let (right, bottom) = ((left + 1).min(area.w - 1), (top + 1).min(area.h - 1));
    let (fx, fy) = (x - left as f32, y - top as f32);
    let at = |x: usize, y: usize| f32::from(image.grey_at(area.x + x, area.y + y));
    (at(left, top) * (1.0 - fx) + at(right, top) * fx) * (1.0 - fy)
        + (at(left, bottom) * (1.0 - fx) + at(right, bottom) * fx) * fy
}

/// Fills a plane from an area, less its mean, fading at the edges (Hann). Columns that are angles have no edges.
fn fill(values: &mut [Complex], width: usize, area: Area, angles: bool, of: impl Fn(usize, usize) -> f32) {
    values.fill([0.0; 2]);
    let mut sum = 0.0;
    for y in 0..area.h {
        for x in 0..area.w {
            let value = of(x, y);
            sum += value;
            values[y * width + x][0] = value;
        }
    }
    let mean = sum / area.pixels() as f32;
    let fade = |at: usize, length: usize| 0.5 - 0.5 * libm::cosf(TAU * (at as f32 + 0.5) / length as f32);
    for y in 0..area.h {
        for x in 0..area.w {
            let value = &mut values[y * width + x][0];
            let across = if angles { 1.0 } else { fade(x, area.w) };
            *value = (*value - mean) * across * fade(y, area.h);
        }
    }
}

/// Rows go by the logarithm of the distance: so much a row.
fn log_step(area: Area, rows: usize) -> f32 {
    libm::logf((area.w.min(area.h) as f32 / 2.0).max(2.0)) / rows as f32
}

/// The log-polar map of an area: columns are angles, rows distances.
fn polar(image: &View, area: Area, (w, h): (usize, usize), x: usize, y: usize) -> f32 {
    let distance = libm::expf(y as f32 * log_step(area, h));
    let (sin, cos) = libm::sincosf(x as f32 * TAU / w as f32);
    let (cx, cy) = ((area.w as f32 - 1.0) / 2.0, (area.h as f32 - 1.0) / 2.0);
    level(image, area, cx + distance * cos, cy + distance * sin)
}

/// The shift of `a` against `b`, and the height of the peak. Both planes are used up. Maps that were resampled have the
/// grid of pixels in their fine details, which stands still: those are damped.
fn correlate(plane: &mut Plane, a: &mut [Complex], b: &mut [Complex], damp: bool) -> (f32, f32, f32) {
    plane.transform(a, false);
    plane.transform(b, false);
    let frequency = |at: usize, length: usize| at.min(length - at) as f32 / length as f32;
    let mut weights = 0.0;
    for (index, (a, b)) in a.iter_mut().zip(b.iter()).enumerate() {
        let product = multiply(*a, [b[0], -b[1]]);
        let length = math::sqrt(product[0] * product[0] + product[1] * product[1]);
        let weight = if damp {
            let x = frequency(index % plane.width, plane.width) * 12.0;
            let y = frequency(index / plane.width, plane.height) * 12.0;
            libm::expf(-(x * x + y * y))
        } else {
            1.0
        };
        weights += weight;
        *a = if length > 1e-6 {
            [product[0] / length * weight, product[1] / length * weight]
        } else {
            [0.0; 2]
        };
    }
    plane.transform(a, true);
    let (w, h) = (plane.width, plane.height);
    let scale = 1.0 / weights;
    let mut best = 0;
    for (index, value) in a.iter().enumerate() {
        if value[0] > a[best][0] {
            best = index;
        }
    }
    // The centre of the peak among its neighbours.
    let (px, py) = (best % w, best / w);
    let (mut sum, mut mx, mut my) = (0.0, 0.0, 0.0);
    for dy in -1..=1i32 {
        for dx in -1..=1i32 {
            let x = (px as i32 + dx).rem_euclid(w as i32) as usize;
            let y = (py as i32 + dy).rem_euclid(h as i32) as usize;
            let value = a[y * w + x][0].max(0.0);
            sum += value;
            mx += value * dx as f32;
            my += value * dy as f32;
        }
    }
    let signed = |at: usize, length: usize| {
        if at > length / 2 {
            at as f32 - length as f32
        } else {
            at as f32
        }
    };
    let offset = |moment: f32| math::ratio(moment, sum);
    (
        signed(px, w) + offset(mx),
        signed(py, h) + offset(my),
        a[best][0] * scale,
    )
}

/// Turn and scale from the log-polar maps of the spectra's sizes, which no shift changes.
fn spectra(
    plane: &mut Plane,
    (image, own): (&View, Area),
    (template, other): (&View, Area),
    a: &mut [Complex],
    b: &mut [Complex],
    sizes: &mut [f32],
) -> (f32, f32) {
    let (w, h) = (plane.width, plane.height);
    let reach = w.min(h) as f32 / 2.0;
    let step = libm::logf(reach.max(2.0)) / h as f32;
    for (view, area, values) in [(image, own, &mut *a), (template, other, &mut *b)] {
        fill(values, w, area, false, |x, y| {
            level(view, area, x as f32, y as f32)
        });
        plane.transform(values, false);
        for (size, value) in sizes.iter_mut().zip(values.iter()) {
            *size = libm::logf(1.0 + math::sqrt(value[0] * value[0] + value[1] * value[1]));
        }
        // Half a turn holds everything: the other half mirrors it.
        let map = |x: usize, y: usize| {
            let share = libm::expf(y as f32 * step) / reach / 2.0;
            let (sin, cos) = libm::sincosf(x as f32 * PI / w as f32);
            let at =
                |f: f32, length: usize| math::round(f * length as f32).rem_euclid(length as i32) as usize;
            sizes[at(share * sin, h) * w + at(share * cos, w)]
        };
        let whole = Area { x: 0, y: 0, w, h };
        fill(values, w, whole, true, map);
    }
    let (dx, dy, _) = correlate(plane, a, b, true);
    // A larger picture has a smaller spectrum.
    (turn(dx, w, PI), libm::expf(-dy * step))
}
