//! What answered? READ ID decoded, and everything else that may sit in the footprint recognized.
//!
//! The answer to 9F and 24 ignored address bits is maker, known good die, and 48 bits of die identity, most
//! significant first (LY68L6400 rev. 0.7 section 12.4, IPS6404L-SQ v1.1 section 10.4). The top three identity bits are
//! the density (IPS figure 13 calls them device type; the codes are those of ESP-IDF's `esp_psram_impl_quad.c`).
//!
//! The identity does **not** tell one part of a size from another, see [`crate::part`].
//! This module only judges bytes; how often to read before believing them is [`crate::driver`]'s business.

use core::fmt;

/// Maker byte of every known part: the die is AP Memory's, whoever packs it.
pub const MAKER_AP_MEMORY: u8 = 0x0D;
/// Known good die.
pub const KGD_PASS: u8 = 0x5D;
/// Known bad die, or one that was never tested.
pub const KGD_FAIL: u8 = 0x55;

/// Whether these bytes begin like the identity of a chip.
pub(crate) fn answers(id: &[u8]) -> bool {
    matches!(id, [MAKER_AP_MEMORY, KGD_PASS | KGD_FAIL, ..])
}

/// The eight bytes that follow READ ID.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Id(pub [u8; 8]);

impl Id {
    /// Byte 0.
    pub const fn maker(self) -> u8 {
        self.0[0]
    }

    /// Byte 1, known good die.
    pub const fn kgd(self) -> u8 {
        self.0[1]
    }

    /// Bytes 2 to 7, the die's identity, 48 bits.
    pub const fn eid(self) -> u64 {
        u64::from_be_bytes(self.0) & 0xFFFF_FFFF_FFFF
    }

    /// The top three bits, EID\[47:45\].
    pub const fn density_code(self) -> u8 {
        self.0[2] >> 5
    }

    /// What the density code stands for, in bytes; `None` for codes that no source explains.
    pub const fn density_bytes(self) -> Option<u32> {
        match (self.0[2], self.density_code()) {
            // A trial lot of 64 Mbit dies carries the code of 32 Mbit (ESP-IDF, first identity byte 0x26).
            (0x26, _) => Some(8 << 20),
            (_, 0b000) => Some(2 << 20),
            (_, 0b001) => Some(4 << 20),
            (_, 0b010) => Some(8 << 20),
            _ => None,
        }
    }

    /// A die that says 64 Mbit but is an APS3204 in two-transistor mode: half the size (ESP-IDF, ESP32-S3).
    pub const fn is_two_transistor(self) -> bool {
        (self.eid() >> 21) & 0xF_FFFF == 0x8_A445
    }

    /// A 32 Mbit part of the first version, which wants two extra clocks after CE# high (ESP-IDF, first identity byte 0x20).
    pub const fn is_first_version(self) -> bool {
        self.0[2] == 0x20
    }

    /// Bytes that a chip of this kind can hold.
    pub const fn usable_bytes(self) -> Option<u32> {
        match self.density_bytes() {
            Some(bytes) if bytes == 8 << 20 && self.is_two_transistor() => Some(4 << 20),
            density => density,
        }
    }

    /// Is it the answer of a good die? The error says what was seen instead. Its size is another matter: [`crate::size`].
    pub fn expect(self) -> Result<(), Unfit> {
        if self.0 == [0xFF; 8] {
            return Err(Unfit::AllOnes);
        }
        if self.0 == [0; 8] {
            return Err(Unfit::AllZeros);
        }
        if self.maker() != MAKER_AP_MEMORY {
            return Err(Unfit::Maker {
                id: self,
                expected: MAKER_AP_MEMORY,
            });
        }
        if self.kgd() != KGD_PASS {
            return Err(Unfit::BadDie {
                id: self,
                expected: KGD_PASS,
            });
        }
        Ok(())
    }
}

impl fmt::Display for Id {
    /// `0d 5d 52 a2 64 31 91 31`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, byte) in self.0.iter().enumerate() {
            write!(f, "{}{byte:02x}", if i == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Id({self})")
    }
}

/// What a flash chip answers to 9F without an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlashId {
    /// Maker by JEDEC JEP106, e.g. 0xEF for Winbond.
    pub maker: u8,
    /// Family, e.g. 0x40 for W25Q..JV.
    pub kind: u8,
    /// The size is two to this power.
    pub capacity: u8,
}

impl FlashId {
    /// The three bytes, if they look like a flash chip and not like an empty footprint or noise: a plausible capacity
    /// (64 KB to 256 MB) and neither maker nor family all zeros or ones.
    pub const fn of(bytes: [u8; 3]) -> Option<FlashId> {
        let [maker, kind, capacity] = bytes;
        let blank = maker == 0 || maker == 0xFF || kind == 0xFF;
        if blank || capacity < 16 || capacity > 28 {
            return None;
        }
        Some(FlashId {
            maker,
            kind,
            capacity,
        })
    }

    /// Its size.
    pub const fn size_bytes(self) -> u32 {
        1 << self.capacity
    }

    /// The type, where it is a usual one in this footprint.
    pub const fn name(self) -> Option<&'static str> {
        match (self.maker, self.kind, self.capacity) {
            (0xEF, 0x40 | 0x60 | 0x70, 0x16) => Some("W25Q32"),
            (0xEF, 0x40 | 0x60 | 0x70, 0x17) => Some("W25Q64"),
            (0xEF, 0x40 | 0x60 | 0x70, 0x18) => Some("W25Q128"),
            _ => None,
        }
    }
}

impl fmt::Display for FlashId {
    /// `W25Q64 flash (JEDEC id ef 40 17, 8 MB)`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = self.name() {
            write!(f, "{name} ")?;
        }
        write!(
            f,
            "flash (JEDEC id {:02x} {:02x} {:02x}, ",
            self.maker, self.kind, self.capacity
        )?;
        write_size(f, self.size_bytes())?;
        f.write_str(")")
    }
}

/// Why what answered cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// The line stays high: no chip, or CE# or SIO1 open.
    AllOnes,
    /// The line stays low: shorted, no supply, or no chip and no pull-up.
    AllZeros,
    /// Still (or again) a flash chip.
    Flash {
        /// What it says of itself.
        flash: FlashId,
    },
    /// Two readings in a row never agreed.
    Unstable {
        /// The last but one.
        before: Id,
        /// The last.
        last: Id,
    },
    /// A maker that is not known here.
    Maker {
        /// What was read.
        id: Id,
        /// The maker that all known parts have.
        expected: u8,
    },
    /// The die did not pass its tests.
    BadDie {
        /// What was read.
        id: Id,
        /// The byte of a good one.
        expected: u8,
    },
}

impl Unfit {
    /// What a person could look at next.
    pub const fn hint(&self) -> &'static str {
        match self {
            Unfit::AllOnes => "is a chip fitted? check CE# and SO/SIO1 for open pins",
            Unfit::AllZeros => "check VDD, and SO/SIO1 for a short to ground",
            Unfit::Flash { .. } => "the flash chip has to be replaced by a PSRAM",
            Unfit::Unstable { .. } => "check the solder joints, or lower the clock",
            Unfit::Maker { .. } => "no file for this maker yet; is the orientation right?",
            Unfit::BadDie { .. } => "the chip reports a failed die: replace it",
        }
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unfit::AllOnes => f.write_str("no answer, all bits read 1"),
            Unfit::AllZeros => f.write_str("no answer, all bits read 0"),
            Unfit::Flash { flash } => write!(f, "found a {flash}, expected a PSRAM"),
            Unfit::Unstable { before, last } => write!(f, "READ ID is unstable: {before}, then {last}"),
            Unfit::Maker { id, expected } => {
                write!(
                    f,
                    "unknown maker: expected {expected:#04x}, found {:#04x} (id {id})",
                    id.maker()
                )
            }
            Unfit::BadDie { id, expected } => {
                write!(
                    f,
                    "bad die: expected KGD {expected:#04x}, found {:#04x} (id {id})",
                    id.kgd()
                )
            }
        }
    }
}

impl core::error::Error for Unfit {}

fn write_size(f: &mut fmt::Formatter<'_>, bytes: u32) -> fmt::Result {
    match bytes >> 20 {
        0 => write!(f, "{} KB", bytes >> 10),
        mb => write!(f, "{mb} MB"),
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::string::ToString;

    /// A real ESP-PSRAM64H, as its owner published it.
    const ESP: Id = Id([0x0D, 0x5D, 0x52, 0xA2, 0x64, 0x31, 0x91, 0x31]);

    #[test]
    fn a_published_id_decodes_as_8_mb_of_good_die() {
        assert_eq!(ESP.to_string(), "0d 5d 52 a2 64 31 91 31");
        assert_eq!(ESP.eid(), 0x52A2_6431_9131);
        assert_eq!(ESP.density_code(), 0b010);
        assert_eq!(ESP.usable_bytes(), Some(8 << 20));
        assert!(!ESP.is_two_transistor() && !ESP.is_first_version());
        assert_eq!(ESP.expect(), Ok(()));
    }

    #[test]
    fn each_misfit_is_named_with_both_sides() {
        let with = |index: usize, byte| {
            let mut id = ESP;
            id.0[index] = byte;
            id
        };
        let table = [
            (Id([0xFF; 8]), "no answer, all bits read 1"),
            (Id([0; 8]), "no answer, all bits read 0"),
            (
                with(0, 0x9D),
                "unknown maker: expected 0x0d, found 0x9d (id 9d 5d 52 a2 64 31 91 31)",
            ),
            (
                with(1, 0x55),
                "bad die: expected KGD 0x5d, found 0x55 (id 0d 55 52 a2 64 31 91 31)",
            ),
            (
                with(1, 0xFF),
                "bad die: expected KGD 0x5d, found 0xff (id 0d ff 52 a2 64 31 91 31)",
            ),
        ];
        for (id, text) in table {
            assert_eq!(id.expect().unwrap_err().to_string(), text);
        }
    }

    #[test]
    fn the_size_is_told_by_three_bits_and_some_codes_tell_nothing() {
        for (byte, size_bytes) in [
            (0x12, Some(2 << 20)),
            (0x32, Some(4 << 20)),
            (0x52, Some(8 << 20)),
            (0x72, None),
            (0xF2, None),
        ] {
            let mut id = ESP;
            id.0[2] = byte;
            assert_eq!(id.usable_bytes(), size_bytes, "{byte:#x}");
            assert_eq!(id.expect(), Ok(()));
        }
    }

    #[test]
    fn a_trial_lot_counts_as_8_mb_and_a_two_transistor_die_as_4() {
        let trial = Id([0x0D, 0x5D, 0x26, 0, 0, 0, 0, 0]);
        assert_eq!(trial.usable_bytes(), Some(8 << 20));
        // EID[40:21] = 0x8A445, EID[47:45] = 010.
        let eid: u64 = (0b010 << 45) | (0x8_A445 << 21);
        let mut bytes = eid.to_be_bytes();
        (bytes[0], bytes[1]) = (0x0D, 0x5D);
        let two = Id(bytes);
        assert!(two.is_two_transistor());
        assert_eq!(two.density_bytes(), Some(8 << 20));
        assert_eq!(two.usable_bytes(), Some(4 << 20));
        assert!(Id([0x0D, 0x5D, 0x20, 0, 0, 0, 0, 0]).is_first_version());
    }

    #[test]
    fn a_flash_is_told_from_noise() {
        let flash = FlashId::of([0xEF, 0x40, 0x17]).unwrap();
        assert_eq!(flash.to_string(), "W25Q64 flash (JEDEC id ef 40 17, 8 MB)");
        assert_eq!(
            FlashId::of([0xC8, 0x40, 0x15]).unwrap().to_string(),
            "flash (JEDEC id c8 40 15, 2 MB)"
        );
        for noise in [
            [0xFF; 3],
            [0; 3],
            [0xEF, 0xFF, 0x17],
            [0xEF, 0x40, 0xFF],
            [0x0D, 0x5D, 0x52],
        ] {
            assert_eq!(FlashId::of(noise), None, "{noise:02x?}");
        }
    }
}
