//! Rectangles, and the box, cross and label of a detection.

use super::blend::{hline, tame, vline};
use super::{Paint, Text, cross, text};
use crate::{Point, Region, ViewMut};

/// A rectangle; the outline's thickness grows first outward, then inward.
pub fn rectangle(image: &mut ViewMut, region: Region, paint: &Paint) {
    let (x, y) = (tame(region.x), tame(region.y));
    let (right, bottom) = (x + tame(region.w) - 1, y + tame(region.h) - 1);
    if paint.fill {
        for row in y.max(0)..=bottom.min(image.height() as i32 - 1) {
            hline(image, x, right, row, paint.colour);
        }
        return;
    }
    if paint.thickness <= 0 {
        return;
    }
    let thickness = tame(paint.thickness);
    let (low, high) = (thickness / 2, (thickness - 1) / 2);
    let columns = (x - low).max(0)..=(right + high).min(image.width() as i32 - 1);
    for column in columns {
        vline(image, column, y - low, y + high, paint.colour);
        vline(image, column, bottom - low, bottom + high, paint.colour);
    }
    let rows = (y - low).max(0)..=(bottom + high).min(image.height() as i32 - 1);
    for row in rows {
        hline(image, x - low, x + high, row, paint.colour);
        hline(image, right - low, right + high, row, paint.colour);
    }
}

/// A rectangle, a cross at `centre` and a label: what most scripts draw around something found.
pub fn detection(
    image: &mut ViewMut,
    region: Region,
    centre: Point,
    outline: &Paint,
    cross_colour: u16,
    cross_size: i32,
    label: Option<(&str, Point)>,
) {
    rectangle(image, region, outline);
    let paint = Paint {
        colour: cross_colour,
        fill: false,
        ..*outline
    };
    cross(image, centre, cross_size, &paint);
    if let Some((label, offset)) = label {
        let place = Point::new(
            region.x.saturating_add(offset.x),
            region.y.saturating_add(offset.y),
        );
        text(image, place, label, &Text::new(outline.colour));
    }
}
