//! CRC calculation unit (RM0455 21): any polynomial of 7, 8, 16 or 32 bits, bits of input and output in either order.
//!
//! A result is there at once. Does NOT model: the wait states of a write that comes before the last is worked in.

use crate::bus::bank::{Bank, Register, lane, merged};
use crate::{Device, Effects, Kind, Refused, Width};

const DR: u32 = 0x00;
const IDR: u32 = 0x04;
const CR: u32 = 0x08;
const INIT: u32 = 0x10;
const POL: u32 = 0x14;

const CR_RESET: u32 = 1 << 0;
const CR_REV_OUT: u32 = 1 << 7;

const REGISTERS: &[Register] = &[
    Register::new(IDR, "CRC_IDR", 0, u32::MAX),
    Register::new(CR, "CRC_CR", 0, 0xF8).with_read_only(CR_RESET),
    Register::new(INIT, "CRC_INIT", u32::MAX, u32::MAX),
    Register::new(POL, "CRC_POL", 0x04C1_1DB7, u32::MAX),
];

/// The unit.
#[derive(Clone, Debug)]
pub struct Crc {
    bank: Bank,
    sum: u32,
}

impl Default for Crc {
    fn default() -> Self {
        Crc {
            bank: Bank::new(REGISTERS),
            sum: u32::MAX,
        }
    }
}

impl Crc {
    /// CR.POLYSIZE.
    fn bits(&self) -> u32 {
        [32, 16, 8, 7][(self.bank.get(CR) >> 3 & 3) as usize]
    }

    fn mask(&self) -> u32 {
        u32::MAX >> (32 - self.bits())
    }

    fn result(&self) -> u32 {
        let sum = self.sum & self.mask();
        if self.bank.get(CR) & CR_REV_OUT == 0 {
            sum
        } else {
            sum.reverse_bits() >> (32 - self.bits())
        }
    }

    /// CR.REV_IN: bits are reversed within bytes, half-words or the word; no wider than what is written.
    fn input(&self, width: Width, value: u32) -> u32 {
        let bits = width.bytes() * 8;
        let unit = match self.bank.get(CR) >> 5 & 3 {
            0 => return value,
            1 => 8,
            2 => 16.min(bits),
            _ => 32.min(bits),
        };
        (0..bits / unit).fold(0, |all, n| {
            let part = value >> (n * unit) & (u32::MAX >> (32 - unit));
            all | part.reverse_bits() >> (32 - unit) << (n * unit)
        })
    }

    fn add(&mut self, width: Width, value: u32) {
        let (bits, mask, polynomial) = (self.bits(), self.mask(), self.bank.get(POL));
        let data = self.input(width, value);
        for n in (0..width.bytes() * 8).rev() {
            let high = self.sum >> (bits - 1) & 1;
            self.sum = (self.sum << 1) & mask;
            if high != data >> n & 1 {
                self.sum ^= polynomial & mask;
            }
        }
    }
}

impl Device for Crc {
    fn read(&mut self, offset: u32, width: Width, _fx: &mut Effects) -> Result<u32, Refused> {
        let word = match offset & !3 {
            DR => self.result(),
            other => self.bank.load(other, "CRC register")?,
        };
        Ok(lane(word, offset, width))
    }

    fn write(&mut self, offset: u32, width: Width, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        match offset & !3 {
            // A byte or a half-word that is written is worked in as such (RM0455 21.3.3).
            DR => self.add(width, value),
            other => {
                let value = merged(self.bank.load(other, "CRC register")?, offset, width, value);
                if other == POL && value & 1 == 0 {
                    fx.report(
                        Kind::Rule,
                        format!("CRC_POL: {value:#010x} is even, which no CRC is made of (RM0455 21.4.5)"),
                    );
                }
                self.bank.store(other, value, "CRC register", fx)?;
                if other == CR && value & CR_RESET != 0 || other == INIT {
                    self.sum = self.bank.get(INIT);
                }
            }
        }
        Ok(())
    }

    fn reset(&mut self) {
        *self = Crc::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Clocks;
    use crate::bus::bank::testing::Bench;

    /// The check values of the published catalogue of CRCs, over the text 123456789.
    #[test]
    fn known_sums_come_out() {
        for (name, cr, init, pol, xor, wanted) in [
            ("CRC-32/MPEG-2", 0, u32::MAX, 0x04C1_1DB7, 0, 0x0376_E6E7),
            (
                "CRC-32",
                1 << 5 | 1 << 7,
                u32::MAX,
                0x04C1_1DB7,
                u32::MAX,
                0xCBF4_3926,
            ),
            ("CRC-16/CCITT-FALSE", 1 << 3, 0xFFFF, 0x1021, 0, 0x29B1),
            ("CRC-8", 2 << 3, 0, 0x07, 0, 0xF4),
            ("CRC-7/MMC", 3 << 3, 0, 0x09, 0, 0x75),
        ] {
            let mut bench = Bench::new(Clocks::default());
            let mut crc = Crc::default();
            bench.write(&mut crc, POL, pol);
            bench.write(&mut crc, INIT, init);
            bench.write(&mut crc, CR, cr | CR_RESET);
            for byte in b"123456789" {
                crc.write(DR, Width::Byte, u32::from(*byte), &mut bench.fx())
                    .unwrap();
            }
            assert_eq!(bench.read(&mut crc, DR) ^ xor, wanted, "{name}");
            assert_eq!(bench.complaints(), Vec::<String>::new(), "{name}");
        }
    }

    #[test]
    fn a_word_counts_from_its_highest_bit_and_in_bytes_from_its_lowest_if_told() {
        let sum = |cr, write: &dyn Fn(&mut Crc, &mut Bench)| {
            let mut bench = Bench::new(Clocks::default());
            let mut crc = Crc::default();
            bench.write(&mut crc, CR, cr | CR_RESET);
            write(&mut crc, &mut bench);
            bench.read(&mut crc, DR)
        };
        let bytes = |crc: &mut Crc, bench: &mut Bench| {
            for byte in [0x12, 0x34, 0x56, 0x78] {
                crc.write(DR, Width::Byte, byte, &mut bench.fx()).unwrap();
            }
        };
        let word = |crc: &mut Crc, bench: &mut Bench| bench.write(crc, DR, 0x1234_5678);
        assert_eq!(sum(0, &bytes), sum(0, &word));
        let turned = |crc: &mut Crc, bench: &mut Bench| bench.write(crc, DR, 0x1234_5678_u32.reverse_bits());
        assert_eq!(sum(3 << 5, &turned), sum(0, &word));
    }

    #[test]
    fn the_reset_bit_falls_back_by_itself_and_an_even_polynomial_is_told() {
        let mut bench = Bench::new(Clocks::default());
        let mut crc = Crc::default();
        bench.write(&mut crc, CR, CR_RESET);
        assert_eq!(bench.read(&mut crc, CR), 0);
        bench.write(&mut crc, POL, 0x1020);
        assert!(bench.complaints()[0].contains("even"));
    }
}
