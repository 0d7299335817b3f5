//! Words as characters: ISO/IEC 16022, 5.2.

use crate::{Error, Found};

/// Ends a run in another encodation.
const UNLATCH: u8 = 254;
/// Separates fields (FNC1), as GS1's readers give it.
const SEPARATOR: u8 = 0x1D;

struct Words<'a> {
    words: &'a [u8],
    at: usize,
}

impl Words<'_> {
    fn next(&mut self) -> Option<u8> {
        let word = self.words.get(self.at).copied()?;
        self.at += 1;
        Some(word)
    }

    fn left(&self) -> usize {
        self.words.len() - self.at
    }

    /// A byte that was mixed with its place.
    fn unmixed(&mut self) -> Option<u8> {
        let word = self.next()?;
        let mixed = (149 * self.at % 255 + 1) as u8;
        Some(word.wrapping_sub(mixed))
    }
}

/// Characters of one run: nothing if they do not make sense.
type Run = Result<Option<()>, Error>;

/// Appends the characters; how many words pad the rest, or nothing if the words do not make sense.
pub(super) fn read(words: &[u8], out: &mut Found<u8>) -> Result<Option<usize>, Error> {
    let mut words = Words { words, at: 0 };
    let (mut upper, mut trailer) = (0, false);
    let mut padding = 0;
    while let Some(word) = words.next() {
        let run = match word {
            1..=128 => {
                out.push((word - 1).wrapping_add(upper))?;
                upper = 0;
                Some(())
            }
            129 => {
                padding = words.left() + 1;
                break;
            }
            130..=229 => {
                let pair = word - 130;
                out.push(b'0' + pair / 10)?;
                out.push(b'0' + pair % 10)?;
                Some(())
            }
            230 => threes(&mut words, Set::Capitals, out)?,
            239 => threes(&mut words, Set::Small, out)?,
            238 => threes(&mut words, Set::X12, out)?,
            231 => bytes(&mut words, out)?,
            240 => fours(&mut words, out)?,
            232 => {
                // In the first place it says that the rest follows GS1.
                if words.at > 1 {
                    out.push(SEPARATOR)?;
                }
                Some(())
            }
            // One of several symbols: place and file.
            233 => skip(&mut words, 3),
            // For the reader itself; and an end of three characters in two words that comes as the last word.
            234 | UNLATCH => Some(()),
            235 => {
                upper = 128;
                Some(())
            }
            236 | 237 => {
                trailer = true;
                push_all(b"[)>\x1e0", out)?;
                out.push(if word == 236 { b'5' } else { b'6' })?;
                out.push(SEPARATOR)?;
                Some(())
            }
            241 => page(&mut words),
            _ => None,
        };
        if run.is_none() {
            return Ok(None);
        }
    }
    if trailer {
        push_all(b"\x1e\x04", out)?;
    }
    Ok(Some(padding))
}

fn push_all(bytes: &[u8], out: &mut Found<u8>) -> Result<(), Error> {
    bytes.iter().try_for_each(|byte| out.push(*byte))
}

fn skip(words: &mut Words, count: usize) -> Option<()> {
    (words.left() >= count).then(|| words.at += count)
}

/// The number of a code page, which is passed over.
fn page(words: &mut Words) -> Option<()> {
    match words.next()? {
        1..=127 => Some(()),
        128..=191 => skip(words, 1),
        192..=207 => skip(words, 2),
        _ => None,
    }
}

/// Three characters in two words.
#[derive(Clone, Copy, PartialEq)]
enum Set {
    /// C40.
    Capitals,
    /// Text.
    Small,
    X12,
}

fn threes(words: &mut Words, set: Set, out: &mut Found<u8>) -> Run {
    let (mut shift, mut upper) = (0, 0);
    // A single word at the end is ASCII.
    while words.left() >= 2 {
        if words.words[words.at] == UNLATCH {
            words.at += 1;
            return Ok(Some(()));
        }
        let pair = words.next().zip(words.next());
        let Some((high, low)) = pair else { break };
        let Some(value) = (u32::from(high) * 256 + u32::from(low)).checked_sub(1) else {
            return Ok(None);
        };
        for value in [value / 1600, value / 40 % 40, value % 40] {
            let value = value as u8;
            let character = match (set, shift, value) {
                (Set::X12, ..) => x12(value),
                (_, 0, 0..=2) => {
                    shift = value + 1;
                    continue;
                }
                (_, 0, 3) => Some(b' '),
                (_, 0, 4..=13) => Some(b'0' + value - 4),
                (Set::Capitals, 0, 14..=39) => Some(b'A' + value - 14),
                (_, 0, 14..=39) => Some(b'a' + value - 14),
                (_, 1, 0..=31) => Some(value),
                (_, 2, 27) => Some(SEPARATOR),
                (_, 2, 30) => {
                    (shift, upper) = (0, 128);
                    continue;
                }
                (_, 2, 0..=26) => Some(sign(value)),
                (Set::Capitals, 3, 0..=31) => Some(96 + value),
                (_, 3, 0) => Some(b'`'),
                (_, 3, 1..=26) => Some(b'A' + value - 1),
                (_, 3, 27..=31) => Some(b'{' + value - 27),
                _ => None,
            };
            let Some(character) = character else {
                return Ok(None);
            };
            out.push(character.wrapping_add(upper))?;
            (shift, upper) = (0, 0);
        }
    }
    Ok(Some(()))
}

/// The signs between the digits and letters, in their order.
fn sign(value: u8) -> u8 {
    match value {
        0..=14 => b'!' + value,
        15..=21 => b':' + value - 15,
        _ => b'[' + value - 22,
    }
}

fn x12(value: u8) -> Option<u8> {
    Some(match value {
        0 => b'\r',
        1 => b'*',
        2 => b'>',
        3 => b' ',
        4..=13 => b'0' + value - 4,
        14..=39 => b'A' + value - 14,
        _ => return None,
    })
}

/// Four characters in three words (EDIFACT).
fn fours(words: &mut Words, out: &mut Found<u8>) -> Run {
    // One or two words at the end are ASCII.
    while words.left() >= 3 {
        let mut bits = 0u32;
        for index in 0..4 {
            // A word is taken when its first bits are needed: an unlatch leaves the later ones to ASCII.
            if index < 3 {
                bits = bits << 8 | u32::from(words.next().unwrap_or_default());
            }
            let have = if index < 3 { 8 - 6 + 2 * index } else { 0 };
            let value = (bits >> have & 0x3F) as u8;
            if value == 0x1F {
                return Ok(Some(()));
            }
            out.push(if value & 0x20 != 0 { value } else { value | 0x40 })?;
        }
    }
    Ok(Some(()))
}

/// Bytes as they are, mixed with their places.
fn bytes(words: &mut Words, out: &mut Found<u8>) -> Run {
    let count = match words.unmixed() {
        None => return Ok(None),
        Some(0) => words.left(),
        Some(first @ 1..250) => usize::from(first),
        Some(first) => match words.unmixed() {
            Some(second) => 250 * (usize::from(first) - 249) + usize::from(second),
            None => return Ok(None),
        },
    };
    for _ in 0..count {
        match words.unmixed() {
            Some(byte) => out.push(byte)?,
            None => return Ok(None),
        }
    }
    Ok(Some(()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(words: &[u8]) -> Option<(std::vec::Vec<u8>, usize)> {
        let mut room = [0; 100];
        let mut out = Found::new(&mut room, "bytes");
        let padding = read(words, &mut out).unwrap()?;
        Some((out.to_vec(), padding))
    }

    #[test]
    fn encodations_give_their_characters() {
        assert_eq!(text(&[142, 164, 186]), Some((b"123456".to_vec(), 0)));
        assert_eq!(text(&[66, 129, 70]), Some((b"A".to_vec(), 2)));
        // "AIMAIMAIM" in C40, the standard's example.
        assert_eq!(
            text(&[230, 91, 11, 91, 11, 91, 11, 254]),
            Some((b"AIMAIMAIM".to_vec(), 0))
        );
        // Upper half of the page.
        assert_eq!(text(&[235, 106]), Some((b"\xe9".to_vec(), 0)));
        // EDIFACT "DATA" and its end, then ASCII.
        assert_eq!(
            text(&[240, 0x10, 0x15, 0x01, 0x7C, 66, 129]),
            Some((b"DATAA".to_vec(), 1))
        );
        assert_eq!(text(&[0]), None);
        assert_eq!(text(&[231]), None);
    }
}
