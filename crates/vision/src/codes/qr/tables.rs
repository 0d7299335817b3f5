//! Numbers of ISO/IEC 18004: blocks, words for correction, places of alignment patterns. Levels in the order L, M, Q, H.

/// Words for correction in each block.
const CORRECTION: [[u8; 40]; 4] = [
    [
        7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28, 28, 28, 30, 30, 26,
        28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
    [
        10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26, 28, 28, 28, 28,
        28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28,
    ],
    [
        13, 22, 18, 26, 18, 24, 18, 22, 20, 24, 28, 26, 24, 20, 30, 24, 28, 28, 26, 30, 28, 30, 30, 30, 30,
        28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
    [
        17, 28, 22, 16, 22, 28, 26, 26, 24, 28, 24, 28, 22, 24, 24, 30, 28, 28, 26, 28, 30, 24, 30, 30, 30,
        30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
];

/// Blocks.
const BLOCKS: [[u8; 40]; 4] = [
    [
        1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8, 8, 9, 9, 10, 12, 12, 12, 13, 14, 15, 16,
        17, 18, 19, 19, 20, 21, 22, 24, 25,
    ],
    [
        1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20, 21, 23, 25, 26, 28,
        29, 31, 33, 35, 37, 38, 40, 43, 45, 47, 49,
    ],
    [
        1, 1, 2, 2, 4, 4, 6, 6, 8, 8, 8, 10, 12, 16, 12, 17, 16, 18, 21, 20, 23, 23, 25, 27, 29, 34, 34, 35,
        38, 40, 43, 45, 48, 51, 53, 56, 59, 62, 65, 68,
    ],
    [
        1, 1, 2, 4, 4, 4, 5, 6, 8, 8, 11, 11, 16, 16, 18, 16, 19, 21, 25, 25, 25, 34, 30, 32, 35, 37, 40, 42,
        45, 48, 51, 54, 57, 60, 63, 66, 70, 74, 77, 81,
    ],
];

/// Blocks and words for correction of a version and the level's two bits as the code has them.
pub(super) fn blocks(version: usize, level: u32) -> (usize, usize) {
    // 0 is M, 1 L, 2 H, 3 Q.
    let row = [1, 0, 3, 2][level as usize & 3];
    (
        BLOCKS[row][version - 1].into(),
        CORRECTION[row][version - 1].into(),
    )
}

/// Words for correction that guard small versions against wrong corrections.
pub(super) fn spare(version: usize, level: u32) -> usize {
    match (version, level & 3) {
        (1, 1) => 3,
        (1, 0) | (2, 1) => 2,
        (1, _) | (3, 1) => 1,
        _ => 0,
    }
}

/// All words of a version.
pub(super) fn words(version: usize) -> usize {
    let mut modules = (16 * version + 128) * version + 64;
    if version >= 2 {
        let count = version / 7 + 2;
        modules -= (25 * count - 10) * count - 55;
        if version >= 7 {
            modules -= 36;
        }
    }
    modules / 8
}

/// Rows, and columns, of alignment patterns, and how many there are.
pub(super) fn alignments(version: usize) -> ([usize; 7], usize) {
    let mut places = [0; 7];
    if version < 2 {
        return (places, 0);
    }
    let count = version / 7 + 2;
    let step = if version == 32 {
        26
    } else {
        (version * 4 + count * 2 + 1) / (count * 2 - 2) * 2
    };
    let last = 17 + 4 * version - 7;
    for (index, place) in places.iter_mut().enumerate().take(count).skip(1) {
        *place = last - (count - 1 - index) * step;
    }
    places[0] = 6;
    (places, count)
}
