//! What codes are looked for in.

/// A binary picture of a region, 1 for dark.
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
}
