//! What codes are looked for in.

use crate::geometry::Homography;
use crate::math::floor;

/// A binary picture of a region: not 0 for dark.
pub(super) struct Dark<'a> {
    pub bits: &'a [u8],
    pub width: usize,
    pub height: usize,
}

impl Dark<'_> {
    pub fn at(&self, x: i32, y: i32) -> Option<bool> {
        let (x, y) = (usize::try_from(x).ok()?, usize::try_from(y).ok()?);
        (x < self.width && y < self.height).then(|| self.bits[y * self.width + x] != 0)
    }

    /// Whether the module whose upper left corner is (u, v) of a plane is dark: the middle and four places around it decide.
    pub fn module(&self, plane: &Homography, u: f32, v: f32) -> bool {
        let votes = [(0.5, 0.5), (0.35, 0.5), (0.65, 0.5), (0.5, 0.35), (0.5, 0.65)]
            .iter()
            .filter(|(du, dv)| {
                plane
                    .apply(u + du, v + dv)
                    .is_some_and(|(x, y)| self.at(floor(x), floor(y)) == Some(true))
            });
        votes.count() >= 3
    }
}
