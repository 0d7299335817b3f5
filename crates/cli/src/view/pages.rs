//! Which parts of the memory chip change: a page of it is 32 KB, and known by a sum.

use vboard::Machine;

const PAGE_BYTES: usize = 32 << 10;
/// Every part that fits the footprint.
const CHIP_BYTES: usize = 8 << 20;

/// The sums of all pages when they were last looked at.
#[derive(Default)]
pub struct Pages(Vec<u64>);

impl Pages {
    /// A letter a page: `1` it has changed since the last look, `0` it has not. Empty: there is no memory chip.
    pub fn changed(&mut self, machine: &mut Machine) -> String {
        let Some(psram) = machine.chip().devices.octospi1.chip().psram() else {
            return String::new();
        };
        // Cells that are broken in a way that concerns the whole array have no plain pages.
        let pages = (0..CHIP_BYTES / PAGE_BYTES).map(|page| {
            let cells = psram.cells().run((page * PAGE_BYTES) as u32, PAGE_BYTES);
            cells.map_or(0, sum)
        });
        let sums: Vec<u64> = pages.collect();
        let letters = sums.iter().enumerate().map(|(page, sum)| {
            let is_same = self.0.get(page).is_none_or(|before| before == sum);
            if is_same { '0' } else { '1' }
        });
        let letters = letters.collect();
        self.0 = sums;
        letters
    }
}

/// A sum of bytes in which each counts by its place (after Fowler, Noll and Vo, by words).
pub fn sum(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let words = words.iter().map(|word| u64::from_le_bytes(*word));
    let all = words.chain(rest.iter().map(|byte| u64::from(*byte)));
    all.fold(0xCBF2_9CE4_8422_2325, |sum, word| {
        (sum ^ word).wrapping_mul(0x0000_0100_0000_01B3).rotate_left(17)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_byte_that_changes_changes_the_sum() {
        let before = sum(&[7; 100]);
        for place in 0..100 {
            let mut bytes = [7; 100];
            bytes[place] ^= 1;
            assert_ne!(sum(&bytes), before, "{place}");
        }
    }
}
