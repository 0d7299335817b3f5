//! Flags for scaling and orientation.

use core::ops::BitOr;

/// Flags for scaling and orientation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hints(pub u32);

impl Hints {
    /// The mean of all source pixels that fall on one, for shrinking.
    pub const AREA: Hints = Hints(1 << 0);
    /// Between the four nearest.
    pub const BILINEAR: Hints = Hints(1 << 1);
    /// A cubic through the sixteen nearest (E. Catmull and R. Rom, 1974).
    pub const BICUBIC: Hints = Hints(1 << 2);
    /// Mirrored left to right.
    pub const HMIRROR: Hints = Hints(1 << 3);
    /// Mirrored top to bottom.
    pub const VFLIP: Hints = Hints(1 << 4);
    /// Rows and columns exchanged.
    pub const TRANSPOSE: Hints = Hints(1 << 5);
    /// The offset is that of the middles.
    pub const CENTER: Hints = Hints(1 << 6);
    /// The channel is taken before scaling.
    pub const EXTRACT_RGB_CHANNEL_FIRST: Hints = Hints(1 << 7);
    /// The palette is applied before scaling.
    pub const APPLY_COLOR_PALETTE_FIRST: Hints = Hints(1 << 8);
    /// As large as fits the destination, in proportion.
    pub const SCALE_ASPECT_KEEP: Hints = Hints(1 << 9);
    /// As small as covers the destination, in proportion.
    pub const SCALE_ASPECT_EXPAND: Hints = Hints(1 << 10);
    /// As large as the destination.
    pub const SCALE_ASPECT_IGNORE: Hints = Hints(1 << 11);
    /// The destination counts as black.
    pub const BLACK_BACKGROUND: Hints = Hints(1 << 12);
    /// A quarter turn clockwise.
    pub const ROTATE_90: Hints = Hints(Self::VFLIP.0 | Self::TRANSPOSE.0);
    /// Half a turn.
    pub const ROTATE_180: Hints = Hints(Self::HMIRROR.0 | Self::VFLIP.0);
    /// A quarter turn counter-clockwise.
    pub const ROTATE_270: Hints = Hints(Self::HMIRROR.0 | Self::TRANSPOSE.0);

    /// True if all flags of `other` are set.
    pub const fn has(self, other: Hints) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for Hints {
    type Output = Hints;

    fn bitor(self, other: Hints) -> Hints {
        Hints(self.0 | other.0)
    }
}
