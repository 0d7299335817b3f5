//! Decompression after RFC 1950 and 1951, in working memory of the caller's: bytes come out one by one, so that an image needs no
//! room for all of them at once.

use crate::{Error, Scratch, bytes_for};

/// How far back a copy reaches.
const WINDOW: usize = 32768;
/// Bits of a code that one look into a table decodes.
const FAST_BITS: u32 = 9;
const LONGEST_CODE: usize = 15;
const LITERALS: usize = 288;
const DISTANCES: usize = 32;

/// The window for so many bytes in all: nothing reaches back farther than to the first one.
fn window_bytes(total: usize) -> usize {
    total.clamp(1, WINDOW).next_power_of_two()
}

/// Bytes of working memory that [`inflate`] needs for so many bytes in all.
pub(super) fn scratch(total: usize) -> usize {
    bytes_for::<u8>(window_bytes(total)) + bytes_for::<u16>((2 << FAST_BITS) + LITERALS + DISTANCES)
}

/// Why it ended too soon.
pub(super) enum Stop {
    /// The stream is damaged, or torn.
    Damaged,
    /// The caller refused a byte, or there was too little memory.
    Refused(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop::Refused(error)
    }
}

/// Unpacks a zlib stream of exactly `total` bytes. `next` gives the pieces of the stream, `put` takes the bytes; the sum at the
/// stream's end is returned.
pub(super) fn inflate<'a>(
    next: impl FnMut() -> Option<&'a [u8]>,
    total: usize,
    scratch: &mut Scratch,
    put: impl FnMut(u8) -> Result<(), Error>,
) -> Result<u32, Stop> {
    let mut bits = Bits {
        next,
        piece: &[],
        held: 0,
        count: 0,
    };
    let mut out = Out {
        window: scratch.take_dirty(window_bytes(total))?,
        done: 0,
        total,
        put,
    };
    let mut literals = Code::new(scratch, LITERALS)?;
    let mut distances = Code::new(scratch, DISTANCES)?;
    let (method, flags) = (bits.take(8)?, bits.take(8)?);
    // No window beyond 32 KB, and no dictionary.
    if method & 0x8F != 8 || (method << 8 | flags) % 31 != 0 || flags & 0x20 != 0 {
        return Err(Stop::Damaged);
    }
    loop {
        let last = bits.take(1)?;
        match bits.take(2)? {
            0 => stored(&mut bits, &mut out)?,
            1 => {
                fixed(&mut literals, &mut distances)?;
                block(&mut bits, &mut out, &literals, &distances)?;
            }
            2 => {
                dynamic(&mut bits, &mut literals, &mut distances)?;
                block(&mut bits, &mut out, &literals, &distances)?;
            }
            _ => return Err(Stop::Damaged),
        }
        if last != 0 {
            break;
        }
    }
    if out.done < total {
        return Err(Stop::Damaged);
    }
    bits.align();
    let mut sum = 0;
    for _ in 0..4 {
        sum = sum << 8 | bits.take(8)?;
    }
    Ok(sum)
}

/// The stream as bits, the lowest first.
struct Bits<'a, F> {
    next: F,
    piece: &'a [u8],
    held: u32,
    count: u32,
}

impl<'a, F: FnMut() -> Option<&'a [u8]>> Bits<'a, F> {
    /// Holds at least 16 bits, unless the stream ends.
    fn fill(&mut self) {
        while self.count <= 16 {
            let Some((byte, rest)) = self.piece.split_first() else {
                match (self.next)() {
                    Some(piece) => self.piece = piece,
                    None => return,
                }
                continue;
            };
            self.piece = rest;
            self.held |= u32::from(*byte) << self.count;
            self.count += 8;
        }
    }

    /// Up to 16 bits.
    fn take(&mut self, count: u32) -> Result<u32, Stop> {
        self.fill();
        let value = self.held & ((1 << count) - 1);
        self.drop(count)?;
        Ok(value)
    }

    fn drop(&mut self, count: u32) -> Result<(), Stop> {
        self.count = self.count.checked_sub(count).ok_or(Stop::Damaged)?;
        self.held >>= count;
        Ok(())
    }

    fn align(&mut self) {
        let over = self.count % 8;
        self.held >>= over;
        self.count -= over;
    }
}

/// What was unpacked.
struct Out<'w, P> {
    window: &'w mut [u8],
    done: usize,
    total: usize,
    put: P,
}

impl<P: FnMut(u8) -> Result<(), Error>> Out<'_, P> {
    fn byte(&mut self, byte: u8) -> Result<(), Stop> {
        if self.done == self.total {
            return Err(Stop::Damaged);
        }
        let at = self.done & (self.window.len() - 1);
        self.window[at] = byte;
        self.done += 1;
        Ok((self.put)(byte)?)
    }

    fn copy(&mut self, length: usize, distance: usize) -> Result<(), Stop> {
        if distance > self.done || distance > self.window.len() {
            return Err(Stop::Damaged);
        }
        for _ in 0..length {
            let from = (self.done - distance) & (self.window.len() - 1);
            self.byte(self.window[from])?;
        }
        Ok(())
    }
}

/// A Huffman code: how many codes there are of each length, and the symbols in the order of the codes; and, for short codes, a
/// table from the next bits to symbol and length.
struct Code<'s> {
    counts: [u16; LONGEST_CODE + 1],
    symbols: &'s mut [u16],
    fast: &'s mut [u16],
}

impl<'s> Code<'s> {
    fn new(scratch: &mut Scratch<'s>, symbols: usize) -> Result<Code<'s>, Error> {
        Ok(Code {
            counts: [0; LONGEST_CODE + 1],
            symbols: scratch.take(symbols)?,
            fast: scratch.take(1 << FAST_BITS)?,
        })
    }

    /// Sets it by the lengths of its codes.
    fn set(&mut self, lengths: &[u8]) -> Result<(), Stop> {
        self.counts = [0; LONGEST_CODE + 1];
        for length in lengths {
            self.counts[usize::from(*length)] += 1;
        }
        self.counts[0] = 0;
        let mut places = [0u16; LONGEST_CODE + 2];
        let mut codes = [0u32; LONGEST_CODE + 2];
        for length in 1..=LONGEST_CODE {
            places[length + 1] = places[length] + self.counts[length];
            codes[length + 1] = (codes[length] + u32::from(self.counts[length])) << 1;
            // More codes than bits tell apart.
            if codes[length] + u32::from(self.counts[length]) > 1 << length {
                return Err(Stop::Damaged);
            }
        }
        self.fast.fill(0);
        for (symbol, length) in lengths.iter().enumerate() {
            let (bits, length) = (u32::from(*length), usize::from(*length));
            if length == 0 {
                continue;
            }
            self.symbols[usize::from(places[length])] = symbol as u16;
            places[length] += 1;
            let code = codes[length];
            codes[length] += 1;
            if bits <= FAST_BITS {
                let first = (code.reverse_bits() >> (32 - bits)) as usize;
                for entry in self.fast[first..].iter_mut().step_by(1 << bits) {
                    *entry = (symbol as u16) << 4 | length as u16;
                }
            }
        }
        Ok(())
    }

    fn decode<'a, F: FnMut() -> Option<&'a [u8]>>(&self, bits: &mut Bits<'a, F>) -> Result<usize, Stop> {
        bits.fill();
        let entry = self.fast[(bits.held & ((1 << FAST_BITS) - 1)) as usize];
        if entry != 0 {
            bits.drop(u32::from(entry & 15))?;
            return Ok(usize::from(entry >> 4));
        }
        let (mut code, mut first, mut place) = (0u32, 0u32, 0u32);
        for length in 1..=LONGEST_CODE {
            code = code << 1 | bits.held >> (length - 1) & 1;
            let count = u32::from(self.counts[length]);
            if code < first + count {
                bits.drop(length as u32)?;
                return Ok(usize::from(self.symbols[(place + code - first) as usize]));
            }
            place += count;
            first = (first + count) << 1;
        }
        Err(Stop::Damaged)
    }
}

fn stored<'a>(
    bits: &mut Bits<'a, impl FnMut() -> Option<&'a [u8]>>,
    out: &mut Out<impl FnMut(u8) -> Result<(), Error>>,
) -> Result<(), Stop> {
    bits.align();
    let (length, other) = (bits.take(16)?, bits.take(16)?);
    if length != other ^ 0xFFFF {
        return Err(Stop::Damaged);
    }
    for _ in 0..length {
        out.byte(bits.take(8)? as u8)?;
    }
    Ok(())
}

/// The codes of RFC 1951 3.2.6.
fn fixed(literals: &mut Code, distances: &mut Code) -> Result<(), Stop> {
    let mut lengths = [8; LITERALS];
    lengths[144..256].fill(9);
    lengths[256..280].fill(7);
    literals.set(&lengths)?;
    distances.set(&[5; DISTANCES])
}

/// The codes that a block brings along, RFC 1951 3.2.7.
fn dynamic<'a>(
    bits: &mut Bits<'a, impl FnMut() -> Option<&'a [u8]>>,
    literals: &mut Code,
    distances: &mut Code,
) -> Result<(), Stop> {
    const ORDER: [u8; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
    let (literal_count, distance_count) = (257 + bits.take(5)? as usize, 1 + bits.take(5)? as usize);
    let length_count = 4 + bits.take(4)? as usize;
    let mut lengths = [0; 19];
    for symbol in &ORDER[..length_count] {
        lengths[usize::from(*symbol)] = bits.take(3)? as u8;
    }
    // The lengths have a code of their own; that of the literals lends its tables.
    literals.set(&lengths)?;
    let mut all = [0; LITERALS + DISTANCES];
    let count = literal_count + distance_count;
    let mut at = 0;
    while at < count {
        let symbol = literals.decode(bits)?;
        let (value, times) = match symbol {
            0..16 => (symbol as u8, 1),
            16 if at > 0 => (all[at - 1], 3 + bits.take(2)?),
            17 => (0, 3 + bits.take(3)?),
            18 => (0, 11 + bits.take(7)?),
            _ => return Err(Stop::Damaged),
        };
        let end = at + times as usize;
        if end > count {
            return Err(Stop::Damaged);
        }
        all[at..end].fill(value);
        at = end;
    }
    if literal_count > 286 || distance_count > 30 {
        return Err(Stop::Damaged);
    }
    literals.set(&all[..literal_count])?;
    distances.set(&all[literal_count..count])
}

fn block<'a>(
    bits: &mut Bits<'a, impl FnMut() -> Option<&'a [u8]>>,
    out: &mut Out<impl FnMut(u8) -> Result<(), Error>>,
    literals: &Code,
    distances: &Code,
) -> Result<(), Stop> {
    loop {
        let symbol = literals.decode(bits)?;
        match symbol {
            0..256 => out.byte(symbol as u8)?,
            256 => return Ok(()),
            _ => {
                let (first, extra) = *super::deflate::LENGTHS.get(symbol - 257).ok_or(Stop::Damaged)?;
                let length = usize::from(first) + bits.take(extra.into())? as usize;
                let code = distances.decode(bits)?;
                let (first, extra) = *super::deflate::DISTANCES.get(code).ok_or(Stop::Damaged)?;
                let distance = usize::from(first) + bits.take(extra.into())? as usize;
                out.copy(length, distance)?;
            }
        }
    }
}
