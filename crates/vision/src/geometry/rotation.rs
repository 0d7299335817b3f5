//! Rotation correction: the image as a plane in space before a pinhole camera (Hartley and Zisserman, chapter 8).

use super::{Homography, bend};
use crate::{Error, Scratch, ViewMut};

/// How the plane is turned and moved.
#[derive(Clone, Copy, Debug)]
pub struct Rotation {
    /// Degrees around the horizontal axis.
    pub x_rotation: f32,
    /// Degrees around the vertical axis.
    pub y_rotation: f32,
    /// Degrees in the image.
    pub z_rotation: f32,
    /// Pixels to the right.
    pub x_translation: f32,
    /// Pixels down.
    pub y_translation: f32,
    /// Magnification.
    pub zoom: f32,
    /// Degrees that the camera sees across the longer side.
    pub fov: f32,
    /// Where the image's corners are found in it first, from the upper left clockwise.
    pub corners: Option<[(f32, f32); 4]>,
}

impl Default for Rotation {
    fn default() -> Self {
        Rotation {
            x_rotation: 0.0,
            y_rotation: 0.0,
            z_rotation: 0.0,
            x_translation: 0.0,
            y_translation: 0.0,
            zoom: 1.0,
            fov: 60.0,
            corners: None,
        }
    }
}

/// Turns an image in space; takes a copy of it from `scratch`.
///
/// # Errors
/// A field of view outside 0 to 180 degrees, a zoom of 0, corners on one line, a plane seen edge-on, too little memory.
pub fn rotation_correction(image: &mut ViewMut, how: &Rotation, mut scratch: Scratch) -> Result<(), Error> {
    let refuse = |name, found, expected| Error::Argument {
        name,
        found,
        expected,
    };
    if !(how.fov > 0.0 && how.fov < 180.0) {
        return Err(refuse("fov", how.fov, "degrees between 0 and 180"));
    }
    if how.zoom == 0.0 || !how.zoom.is_finite() {
        return Err(refuse("zoom", how.zoom, "a number other than 0"));
    }
    let (width, height) = (image.width() as f32, image.height() as f32);
    let turned = plane(how, width, height);
    let mut back = turned.inverse().ok_or(refuse(
        "x_rotation",
        how.x_rotation,
        "a plane that is not seen edge-on",
    ))?;
    if let Some(corners) = &how.corners {
        let own = [
            (0.0, 0.0),
            (width - 1.0, 0.0),
            (width - 1.0, height - 1.0),
            (0.0, height - 1.0),
        ];
        let unbend = Homography::from_points(&own, corners).ok_or(refuse(
            "corners",
            4.0,
            "four corners, no three on one line",
        ))?;
        back = unbend.after(&back);
    }
    bend(image, &mut scratch, |x, y| back.apply(x as f32, y as f32))
}

/// From pixels of the image to pixels of its view.
fn plane(how: &Rotation, width: f32, height: f32) -> Homography {
    let (cx, cy) = ((width - 1.0) / 2.0, (height - 1.0) / 2.0);
    let distance = width.max(height) / 2.0 / libm::tanf((how.fov / 2.0).to_radians());
    let [(sx, cosx), (sy, cosy), (sz, cosz)] =
        [how.x_rotation, how.y_rotation, how.z_rotation].map(|degrees| libm::sincosf(degrees.to_radians()));
    // Rows of Rz Ry Rx without the third column: the plane has no depth of its own.
    let r = [
        [cosz * cosy, cosz * sy * sx - sz * cosx],
        [sz * cosy, sz * sy * sx + cosz * cosx],
        [-sy, cosy * sx],
    ];
    let focal = distance * how.zoom;
    let space = Homography([
        focal * r[0][0],
        focal * r[0][1],
        focal * how.x_translation,
        focal * r[1][0],
        focal * r[1][1],
        focal * how.y_translation,
        r[2][0],
        r[2][1],
        distance,
    ]);
    let to_middle = Homography([1.0, 0.0, -cx, 0.0, 1.0, -cy, 0.0, 0.0, 1.0]);
    let from_middle = Homography([1.0, 0.0, cx, 0.0, 1.0, cy, 0.0, 0.0, 1.0]);
    from_middle.after(&space.after(&to_middle))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Format;

    #[test]
    fn nothing_asked_changes_nothing_and_half_a_turn_is_one() {
        let mut data = [0; 12];
        for (index, pixel) in data.iter_mut().enumerate() {
            *pixel = index as u8;
        }
        let before = data;
        let mut memory = [0; 64];
        let mut image = ViewMut::new(&mut data, 4, 3, Format::Grey).unwrap();
        rotation_correction(&mut image, &Rotation::default(), Scratch::new(&mut memory)).unwrap();
        assert_eq!(image.as_view().data(), before);
        let half = Rotation {
            z_rotation: 180.0,
            ..Rotation::default()
        };
        rotation_correction(&mut image, &half, Scratch::new(&mut memory)).unwrap();
        data.reverse();
        assert_eq!(data, before);
    }
}
