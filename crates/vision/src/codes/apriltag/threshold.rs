//! Black, white or neither: each pixel against the middle of what its tile of 4 x 4 and the tiles around it hold.

use crate::{Error, Scratch, View};

/// Neither black nor white.
pub(super) const NEITHER: u8 = 127;
/// Tiles with less contrast are neither.
const LEAST_CONTRAST: u8 = 5;
const TILE: usize = 4;

/// Writes 0, 127 or 255 for each pixel.
pub(super) fn threshold(image: &View, out: &mut [u8], mut scratch: Scratch) -> Result<(), Error> {
    let (width, height) = (image.width(), image.height());
    // Columns and rows beyond the last whole tile go with it.
    let (columns, rows) = ((width / TILE).max(1), (height / TILE).max(1));
    let least = scratch.take_dirty::<u8>(columns * rows)?;
    let most = scratch.take_dirty::<u8>(columns * rows)?;
    for row in 0..rows {
        crate::stop::check()?;
        for column in 0..columns {
            let (mut low, mut high) = (255, 0);
            for y in row * TILE..((row + 1) * TILE).min(height) {
                for pixel in &image.row(y)[column * TILE..((column + 1) * TILE).min(width)] {
                    low = low.min(*pixel);
                    high = high.max(*pixel);
                }
            }
            least[row * columns + column] = low;
            most[row * columns + column] = high;
        }
    }
    for row in 0..rows {
        crate::stop::check()?;
        for column in 0..columns {
            let (mut low, mut high) = (255, 0);
            for r in row.saturating_sub(1)..(row + 2).min(rows) {
                for c in column.saturating_sub(1)..(column + 2).min(columns) {
                    low = low.min(least[r * columns + c]);
                    high = high.max(most[r * columns + c]);
                }
            }
            let bottom = if row == rows - 1 { height } else { (row + 1) * TILE };
            let right = if column == columns - 1 {
                width
            } else {
                (column + 1) * TILE
            };
            for y in row * TILE..bottom {
                for x in column * TILE..right {
                    out[y * width + x] = if high - low < LEAST_CONTRAST {
                        NEITHER
                    } else if image.row(y)[x] > low + (high - low) / 2 {
                        255
                    } else {
                        0
                    };
                }
            }
        }
    }
    Ok(())
}
