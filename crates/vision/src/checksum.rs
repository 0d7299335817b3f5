//! The two sums of OpenMV's debug protocol, which scripts have as the module `crc`: highest bit first, nothing inverted.

use crc::{Algorithm, Crc, Table};

const fn algorithm16() -> Algorithm<u16> {
    Algorithm {
        width: 16,
        poly: 0xF94F,
        init: CRC16_START,
        refin: false,
        refout: false,
        xorout: 0,
        check: 0,
        residue: 0,
    }
}

const fn algorithm32() -> Algorithm<u32> {
    Algorithm {
        width: 32,
        poly: 0xFA56_7D89,
        init: CRC32_START,
        refin: false,
        refout: false,
        xorout: 0,
        check: 0,
        residue: 0,
    }
}

/// What [`crc16`] begins with.
pub const CRC16_START: u16 = 0xFFFF;
/// What [`crc32`] begins with.
pub const CRC32_START: u32 = 0xFFFF_FFFF;

static ALGORITHM16: Algorithm<u16> = algorithm16();
static ALGORITHM32: Algorithm<u32> = algorithm32();
static CRC16: Crc<u16, Table<1>> = Crc::<u16, Table<1>>::new(&ALGORITHM16);
static CRC32: Crc<u32, Table<1>> = Crc::<u32, Table<1>>::new(&ALGORITHM32);

/// The sum over more bytes; `value` is the sum so far.
pub fn crc16(value: u16, data: &[u8]) -> u16 {
    let mut digest = CRC16.digest_with_initial(value);
    digest.update(data);
    digest.finalize()
}

/// The sum over more bytes; `value` is the sum so far.
pub fn crc32(value: u32, data: &[u8]) -> u32 {
    let mut digest = CRC32.digest_with_initial(value);
    digest.update(data);
    digest.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By the definition, bit by bit.
    fn slow(width: u32, poly: u64, start: u64, data: &[u8]) -> u64 {
        let top = 1u64 << (width - 1);
        let mut sum = start;
        for bit in data
            .iter()
            .flat_map(|byte| (0..8).rev().map(move |bit| u64::from(byte >> bit & 1)))
        {
            let out = u64::from(sum & top != 0) ^ bit;
            sum = (sum << 1) & (2 * top - 1);
            sum ^= out * poly;
        }
        sum
    }

    #[test]
    fn sums_are_those_of_the_definition_at_once_and_in_pieces() {
        let data: std::vec::Vec<u8> = (0..300u32).map(|n| (n * n + 7) as u8).collect();
        for length in [0, 1, 2, 9, 300] {
            let data = &data[..length];
            let (head, tail) = data.split_at(length / 3);
            assert_eq!(
                u64::from(crc16(CRC16_START, data)),
                slow(16, 0xF94F, 0xFFFF, data)
            );
            assert_eq!(
                u64::from(crc32(CRC32_START, data)),
                slow(32, 0xFA56_7D89, 0xFFFF_FFFF, data)
            );
            assert_eq!(crc16(crc16(CRC16_START, head), tail), crc16(CRC16_START, data));
            assert_eq!(crc32(crc32(CRC32_START, head), tail), crc32(CRC32_START, data));
        }
    }
}
