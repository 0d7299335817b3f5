//! Each bit of each pixel exchanged.

use crate::{Format, ViewMut};

/// Black becomes white and white black; of a colour each channel is turned round.
pub fn invert(image: &mut ViewMut) {
    if image.format() != Format::Binary {
        image.data_mut().iter_mut().for_each(|byte| *byte = !*byte);
        return;
    }
    // The padding of a row stays 0.
    let width = image.width();
    for y in 0..image.height() {
        for (index, byte) in image.row_mut(y).iter_mut().enumerate() {
            let used = width.saturating_sub(index * 8).min(8);
            *byte ^= ((1u16 << used) - 1) as u8;
        }
    }
}
