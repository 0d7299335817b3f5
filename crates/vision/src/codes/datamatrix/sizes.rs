//! The sizes of symbols: ISO/IEC 16022, table 7.

/// A size of symbols.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    /// Modules down and across, with the borders.
    pub rows: usize,
    pub columns: usize,
    /// Regions down and across, each with a border of its own.
    pub regions: (usize, usize),
    /// Words of data, and words for correction in each block.
    pub data: usize,
    pub correction: usize,
    pub blocks: usize,
}

impl Size {
    /// Rows and columns of modules that hold data.
    pub const fn inner(&self) -> (usize, usize) {
        (self.rows - 2 * self.regions.0, self.columns - 2 * self.regions.1)
    }

    /// Words of both kinds.
    pub const fn words(&self) -> usize {
        self.data + self.correction * self.blocks
    }
}

const fn size(side: (usize, usize), regions: (usize, usize), words: (usize, usize, usize)) -> Size {
    Size {
        rows: side.0,
        columns: side.1,
        regions,
        data: words.0,
        correction: words.1,
        blocks: words.2,
    }
}

/// The largest side.
pub(super) const LARGEST: usize = 144;
/// Words of the largest symbol.
pub(super) const MOST_WORDS: usize = 1558 + 620;

pub(super) const SIZES: [Size; 30] = [
    size((10, 10), (1, 1), (3, 5, 1)),
    size((12, 12), (1, 1), (5, 7, 1)),
    size((14, 14), (1, 1), (8, 10, 1)),
    size((16, 16), (1, 1), (12, 12, 1)),
    size((18, 18), (1, 1), (18, 14, 1)),
    size((20, 20), (1, 1), (22, 18, 1)),
    size((22, 22), (1, 1), (30, 20, 1)),
    size((24, 24), (1, 1), (36, 24, 1)),
    size((26, 26), (1, 1), (44, 28, 1)),
    size((32, 32), (2, 2), (62, 36, 1)),
    size((36, 36), (2, 2), (86, 42, 1)),
    size((40, 40), (2, 2), (114, 48, 1)),
    size((44, 44), (2, 2), (144, 56, 1)),
    size((48, 48), (2, 2), (174, 68, 1)),
    size((52, 52), (2, 2), (204, 42, 2)),
    size((64, 64), (4, 4), (280, 56, 2)),
    size((72, 72), (4, 4), (368, 36, 4)),
    size((80, 80), (4, 4), (456, 48, 4)),
    size((88, 88), (4, 4), (576, 56, 4)),
    size((96, 96), (4, 4), (696, 68, 4)),
    size((104, 104), (4, 4), (816, 56, 6)),
    size((120, 120), (6, 6), (1050, 68, 6)),
    size((132, 132), (6, 6), (1304, 62, 8)),
    size((144, 144), (6, 6), (1558, 62, 10)),
    size((8, 18), (1, 1), (5, 7, 1)),
    size((8, 32), (1, 2), (10, 11, 1)),
    size((12, 26), (1, 1), (16, 14, 1)),
    size((12, 36), (1, 2), (22, 18, 1)),
    size((16, 36), (1, 2), (32, 24, 1)),
    size((16, 48), (1, 2), (49, 28, 1)),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_has_its_eight_modules() {
        for size in SIZES {
            let (rows, columns) = size.inner();
            // What is left over is the fixed pattern of four in the corner.
            let left = rows * columns - 8 * size.words();
            assert!(left == 0 || left == 4, "{size:?}: {left}");
            assert!(size.words() <= MOST_WORDS && size.columns <= LARGEST);
        }
    }
}
