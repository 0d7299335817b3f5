//! Filtering in place: new rows wait in a ring until no window needs the old ones any more.

use crate::{Error, Format, Scratch, View, ViewMut, bytes_for, stop};

/// Bytes of the ring for windows that reach `reach` rows up and down.
pub(crate) fn ring_bytes(format: Format, width: usize, height: usize, reach: usize) -> usize {
    bytes_for::<u8>(format.row_bytes(width) * (reach + 1).min(height))
}

/// Calls `row(old, y, new)` for each row in turn. Of `old`, the rows from `y - reach` to `y + reach` are as they were;
/// `new` begins as a copy of row `y`.
pub(crate) fn in_place(
    image: &mut ViewMut,
    reach: usize,
    scratch: &mut Scratch,
    mut row: impl FnMut(&View, usize, &mut [u8]),
) -> Result<(), Error> {
    let height = image.height();
    let bytes = image.format().row_bytes(image.width());
    let slots = (reach + 1).min(height);
    let ring = scratch.take_dirty::<u8>(bytes * slots)?;
    let slot = |y: usize| (y % slots) * bytes..(y % slots + 1) * bytes;
    for y in 0..height {
        stop::check()?;
        if let Some(done) = y.checked_sub(slots) {
            image.row_mut(done).copy_from_slice(&ring[slot(done)]);
        }
        let old = image.as_view();
        let new = &mut ring[slot(y)];
        new.copy_from_slice(old.row(y));
        row(&old, y, new);
    }
    for y in height - slots..height {
        image.row_mut(y).copy_from_slice(&ring[slot(y)]);
    }
    Ok(())
}
