//! Correction after I. Reed and G. Solomon (1960): syndromes, E. Berlekamp's and J. Massey's polynomial (1969), R. Chien's

/// The most words for correction of a block.
const MOST: usize = 68;

/// A field, and the generator's first root in it.
pub(super) struct Field {
    /// Powers of 2, twice round, and their logarithms.
    power: [u8; 512],
    log: [u8; 256],
    /// The first root is 2 to this power: 0 or 1.
    first: usize,
}

/// Of QR codes: x^8 + x^4 + x^3 + x^2 + 1.
pub(super) static QR: Field = field(0x11D, 0);
/// Of Data Matrix: x^8 + x^5 + x^3 + x^2 + 1.
pub(super) static DATA_MATRIX: Field = field(0x12D, 1);

const fn field(polynomial: u16, first: usize) -> Field {
    let mut field = Field {
        power: [0; 512],
        log: [0; 256],
        first,
    };
    let mut value = 1u16;
    let mut index = 0;
    while index < 255 {
        field.power[index] = value as u8;
        field.power[index + 255] = value as u8;
        field.log[value as usize] = index as u8;
        value <<= 1;
        if value & 256 != 0 {
            value ^= polynomial;
        }
        index += 1;
    }
    field
}

impl Field {
    fn multiply(&self, a: u8, b: u8) -> u8 {
        if a == 0 || b == 0 {
            return 0;
        }
        self.power[usize::from(self.log[usize::from(a)]) + usize::from(self.log[usize::from(b)])]
    }

    fn divide(&self, a: u8, b: u8) -> u8 {
        if a == 0 {
            return 0;
        }
        self.power[usize::from(self.log[usize::from(a)]) + 255 - usize::from(self.log[usize::from(b)])]
    }

    /// The value of a polynomial, its lowest coefficient first.
    fn value(&self, polynomial: &[u8], x: u8) -> u8 {
        polynomial
            .iter()
            .rev()
            .fold(0, |sum, coefficient| self.multiply(sum, x) ^ coefficient)
    }
}

/// Corrects a block whose last `correction` words are for that, of which `spare` only tell right from wrong; true if it is
/// right then.
pub(super) fn correct(field: &Field, block: &mut [u8], correction: usize, spare: usize) -> bool {
    let Some(syndromes) = syndromes(field, block, correction) else {
        return true;
    };
    let (locator, errors) = locate(field, &syndromes[..correction]);
    if errors * 2 + spare > correction {
        return false;
    }
    // The evaluator: syndromes times locator, cut.
    let mut evaluator = [0u8; MOST];
    for (index, place) in evaluator.iter_mut().enumerate().take(correction) {
        for (step, coefficient) in locator.iter().enumerate().take(index + 1) {
            *place ^= field.multiply(*coefficient, syndromes[index - step]);
        }
    }
    let mut found = 0;
    for index in 0..block.len() {
        let power = block.len() - 1 - index;
        let inverse = field.power[(255 - power % 255) % 255];
        if field.value(&locator[..=errors], inverse) != 0 {
            continue;
        }
        // The locator's derivative: odd powers only.
        let mut slope = 0;
        for odd in (1..=errors).step_by(2) {
            let mut term = locator[odd];
            for _ in 1..odd {
                term = field.multiply(term, inverse);
            }
            slope ^= term;
        }
        if slope == 0 {
            return false;
        }
        let size = field.divide(field.value(&evaluator[..correction], inverse), slope);
        let place = field.power[(1 - field.first) * (power % 255)];
        block[index] ^= field.multiply(size, place);
        found += 1;
    }
    found == errors && self::syndromes(field, block, correction).is_none()
}

/// The block's values at the generator's roots; nothing if all are 0.
fn syndromes(field: &Field, block: &[u8], correction: usize) -> Option<[u8; MOST]> {
    let mut all = [0; MOST];
    let mut any = false;
    for (index, place) in all.iter_mut().enumerate().take(correction) {
        *place = block.iter().fold(0, |sum, word| {
            field.multiply(sum, field.power[field.first + index]) ^ word
        });
        any |= *place != 0;
    }
    any.then_some(all)
}

/// The polynomial whose roots tell where errors are, and how many there are.
fn locate(field: &Field, syndromes: &[u8]) -> ([u8; MOST], usize) {
    let mut current = [0u8; MOST];
    let mut before = [0u8; MOST];
    (current[0], before[0]) = (1, 1);
    let (mut length, mut shift, mut scale) = (0, 1, 1u8);
    for index in 0..syndromes.len() {
        let mut gap = syndromes[index];
        for step in 1..=length {
            gap ^= field.multiply(current[step], syndromes[index - step]);
        }
        if gap == 0 {
            shift += 1;
            continue;
        }
        let factor = field.divide(gap, scale);
        let kept = current;
        for step in shift..MOST {
            current[step] ^= field.multiply(factor, before[step - shift]);
        }
        if 2 * length <= index {
            length = index + 1 - length;
            before = kept;
            scale = gap;
            shift = 1;
        } else {
            shift += 1;
        }
    }
    (current, length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_errors_as_half_the_words_are_mended() {
        for field in [&QR, &DATA_MATRIX] {
            // Words that correct "hello", by long division.
            let mut block = [0u8; 15];
            block[..5].copy_from_slice(b"hello");
            let mut generator = [0u8; 11];
            generator[0] = 1;
            for root in 0..10 {
                for at in (1..=root + 1).rev() {
                    generator[at] ^= field.multiply(generator[at - 1], field.power[field.first + root]);
                }
            }
            let mut rest = block;
            for at in 0..5 {
                let factor = rest[at];
                for (step, coefficient) in generator.iter().enumerate() {
                    rest[at + step] ^= field.multiply(factor, *coefficient);
                }
            }
            block[5..].copy_from_slice(&rest[5..]);
            let right = block;
            assert!(correct(field, &mut block, 10, 0));
            for (index, place) in [0, 3, 7, 11, 14].into_iter().enumerate() {
                block[place] ^= 0x35 + index as u8;
                assert!(correct(field, &mut block, 10, 0));
                assert_eq!(block, right);
            }
            for place in [0, 3, 7, 11, 14] {
                block[place] ^= 0x77;
            }
            assert!(correct(field, &mut block, 10, 0));
            assert_eq!(block, right);
            for word in &mut block[..8] {
                *word ^= 0x77;
            }
            assert!(!correct(field, &mut block, 10, 0) || block != right);
        }
    }

    #[test]
    fn the_words_of_the_standard_s_example_are_right() {
        // ISO/IEC 16022, "123456": three words and five for correction.
        let mut block = [142, 164, 186, 114, 25, 5, 88, 102];
        assert!(correct(&DATA_MATRIX, &mut block, 5, 0));
        block[1] ^= 7;
        block[6] ^= 99;
        assert!(correct(&DATA_MATRIX, &mut block, 5, 0));
        assert_eq!(block, [142, 164, 186, 114, 25, 5, 88, 102]);
    }
}
