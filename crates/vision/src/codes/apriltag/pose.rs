//! Where a tag is in space, from its homography: Hartley and Zisserman, chapter 8. Lengths in halves of the tag's side.

/// A camera's focal lengths and middle, in pixels.
#[derive(Clone, Copy, Debug)]
pub struct Camera {
    /// Focal length along rows.
    pub fx: f64,
    /// Focal length along columns.
    pub fy: f64,
    /// The optical middle.
    pub cx: f64,
    /// The optical middle.
    pub cy: f64,
}

impl Camera {
    /// A lens of 2.8 mm before a sensor of 3.984 x 2.952 mm.
    pub fn standard(width: usize, height: usize) -> Camera {
        Camera {
            fx: 2.8 / 3.984 * width as f64,
            fy: 2.8 / 2.952 * height as f64,
            cx: width as f64 / 2.0,
            cy: height as f64 / 2.0,
        }
    }
}

/// Translation, and rotation around the axes in radians, 0 to 2 pi.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pose {
    /// To the right.
    pub x_translation: f32,
    /// Down, negated as the API has it.
    pub y_translation: f32,
    /// Away from the camera, negated.
    pub z_translation: f32,
    /// Around the horizontal axis.
    pub x_rotation: f32,
    /// Around the vertical axis.
    pub y_rotation: f32,
    /// In the image.
    pub z_rotation: f32,
}

pub(super) fn pose(h: &[f64; 9], camera: &Camera) -> Pose {
    // The camera's matrix taken away, row by row; it looks along the negative z axis.
    let row = |index: usize, column: usize| match index {
        0 => (h[column] - camera.cx * h[6 + column]) / camera.fx,
        1 => (h[3 + column] - camera.cy * h[6 + column]) / -camera.fy,
        _ => -h[6 + column],
    };
    let column = |index: usize| [row(0, index), row(1, index), row(2, index)];
    let (mut first, mut second, mut shift) = (column(0), column(1), column(2));
    let length = |v: &[f64; 3]| libm::sqrt(v.iter().map(|x| x * x).sum());
    let mut scale = 1.0 / libm::sqrt(length(&first) * length(&second));
    // The tag is in front of the camera.
    if shift[2] * scale > 0.0 {
        scale = -scale;
    }
    for vector in [&mut first, &mut second, &mut shift] {
        vector.iter_mut().for_each(|x| *x *= scale);
    }
    let third = [
        first[1] * second[2] - first[2] * second[1],
        first[2] * second[0] - first[0] * second[2],
        first[0] * second[1] - first[1] * second[0],
    ];
    let turn = |y: f64, x: f64| {
        let angle = libm::atan2(y, x);
        (if angle < 0.0 {
            angle + core::f64::consts::TAU
        } else {
            angle
        }) as f32
    };
    Pose {
        x_translation: shift[0] as f32,
        y_translation: shift[1] as f32,
        z_translation: shift[2] as f32,
        x_rotation: turn(second[2], third[2]),
        y_rotation: turn(-first[2], libm::sqrt(second[2] * second[2] + third[2] * third[2])),
        z_rotation: turn(first[1], first[0]),
    }
}
