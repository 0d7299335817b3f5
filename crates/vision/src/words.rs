//! Rows of bytes in words, where they lie alike: four grey pixels or two of colour at a time.

/// Combines each byte of a row with that of another one as long.
pub(crate) fn combine(row: &mut [u8], other: &[u8], of: impl Fn(u32, u32) -> u32) {
    let length = row.len().min(other.len());
    let (row, other) = (&mut row[..length], &other[..length]);
    let (start, words, end) = bytemuck::pod_align_to_mut::<u8, u32>(row);
    let (other_start, other_words, other_end) = bytemuck::pod_align_to::<u8, u32>(other);
    let single = |bytes: &mut [u8], others: &[u8]| {
        for (byte, other) in bytes.iter_mut().zip(others) {
            *byte = of(u32::from(*byte), u32::from(*other)) as u8;
        }
    };
    if start.len() == other_start.len() {
        single(start, other_start);
        for (word, other) in words.iter_mut().zip(other_words) {
            *word = of(*word, *other);
        }
        single(end, other_end);
    } else {
        single(row, other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_words_say_the_same() {
        let other: [u8; 40] = core::array::from_fn(|n| (n * 37) as u8);
        for (start, shift, length) in [(0, 0, 40), (1, 1, 30), (3, 0, 21), (0, 2, 3), (5, 5, 0)] {
            let before: [u8; 40] = core::array::from_fn(|n| (n * 91 + 5) as u8);
            let mut row = before;
            combine(
                &mut row[start..start + length],
                &other[shift..shift + length],
                |a, b| !(a ^ b),
            );
            for (n, byte) in row.iter().enumerate() {
                let inside = (start..start + length).contains(&n);
                let expected = if inside {
                    !(before[n] ^ other[n - start + shift])
                } else {
                    before[n]
                };
                assert_eq!(*byte, expected, "{n}");
            }
        }
    }
}
