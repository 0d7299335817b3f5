//! Plain registers: storage with a reset value and a mask, and the lane arithmetic of narrow accesses.
//!
//! Most registers of a configuration peripheral just hold what was written. They are declared as a table; a device
//! adds its behaviour on top. A bit that the table does not list as writable is not silently dropped: a write that
//! would change it is reported.

use super::device::{Effects, Refused, Width};
use super::report::Kind;

/// One register of a [`Bank`].
#[derive(Clone, Copy, Debug)]
pub struct Register {
    /// Byte offset from the base of the peripheral.
    pub offset: u32,
    /// Its name in the reference manual, with the peripheral in front.
    pub name: &'static str,
    /// Value after reset.
    pub reset: u32,
    /// Bits that hold what is written.
    pub writable: u32,
    /// Bits that hardware owns: a write to them has no effect, as the manual says.
    pub read_only: u32,
}

impl Register {
    /// A register that holds the bits of `writable`; all others are reserved.
    pub const fn new(offset: u32, name: &'static str, reset: u32, writable: u32) -> Self {
        Register {
            offset,
            name,
            reset,
            writable,
            read_only: 0,
        }
    }

    /// The same with bits that hardware sets and software may only read.
    pub const fn with_read_only(mut self, bits: u32) -> Self {
        self.read_only = bits;
        self
    }
}

/// A set of plain registers.
#[derive(Clone, Debug)]
pub struct Bank {
    registers: &'static [Register],
    values: Vec<u32>,
}

impl Bank {
    /// All registers at their reset values.
    pub fn new(registers: &'static [Register]) -> Self {
        Bank {
            registers,
            values: registers.iter().map(|r| r.reset).collect(),
        }
    }

    /// Back to the reset values.
    pub fn reset(&mut self) {
        *self = Bank::new(self.registers);
    }

    /// The value at `offset`; `missing` is the answer for an offset that the table does not have.
    pub fn load(&self, offset: u32, missing: &'static str) -> Result<u32, Refused> {
        self.index(offset)
            .map(|i| self.values[i])
            .ok_or(Refused::Unmodelled(missing))
    }

    /// Store what the mask lets through, and report reserved bits that would change.
    pub fn store(
        &mut self,
        offset: u32,
        value: u32,
        missing: &'static str,
        fx: &mut Effects,
    ) -> Result<(), Refused> {
        let i = self.index(offset).ok_or(Refused::Unmodelled(missing))?;
        let Register {
            name,
            writable,
            read_only,
            ..
        } = self.registers[i];
        let reserved = (value ^ self.values[i]) & !writable & !read_only;
        if reserved != 0 {
            fx.report(
                Kind::Unmodelled,
                format!("{name}: bits {reserved:#010x} have no model (written {value:#010x})"),
            );
        }
        self.values[i] = (self.values[i] & !writable) | (value & writable);
        Ok(())
    }

    /// A register of the table, by its offset.
    ///
    /// # Panics
    /// If the table has no such register: a mistake in the model, not in the guest.
    pub fn get(&self, offset: u32) -> u32 {
        self.values[self.index(offset).expect("register is in the table")]
    }

    /// Set bits that hardware owns.
    ///
    /// # Panics
    /// As [`Bank::get`].
    pub fn set(&mut self, offset: u32, value: u32) {
        let i = self.index(offset).expect("register is in the table");
        self.values[i] = value;
    }

    fn index(&self, offset: u32) -> Option<usize> {
        self.registers.iter().position(|r| r.offset == offset)
    }
}

/// The lane of a 32-bit register that an access of `width` at `offset` sees.
pub fn lane(register: u32, offset: u32, width: Width) -> u32 {
    match width {
        Width::Word => register,
        Width::Half => (register >> (8 * (offset & 2))) & 0xFFFF,
        Width::Byte => (register >> (8 * (offset & 3))) & 0xFF,
    }
}

/// A 32-bit register after a write of `width` at `offset`.
pub fn merged(register: u32, offset: u32, width: Width, value: u32) -> u32 {
    let (shift, mask) = match width {
        Width::Word => (0, u32::MAX),
        Width::Half => (8 * (offset & 2), 0xFFFF),
        Width::Byte => (8 * (offset & 3), 0xFF),
    };
    (register & !(mask << shift)) | ((value & mask) << shift)
}

#[cfg(test)]
pub(crate) mod testing {
    //! A small bench for device tests.

    use crate::{Clocks, Device, Effects, Picos, Report, Time, Width};

    /// Time, clocks and complaints around the device under test.
    pub struct Bench {
        pub now: Time,
        pub clocks: Clocks,
        pub reports: Vec<Report>,
    }

    impl Bench {
        pub fn new(clocks: Clocks) -> Self {
            Bench {
                now: Time(0),
                clocks,
                reports: Vec::new(),
            }
        }

        pub fn fx(&mut self) -> Effects<'_> {
            Effects::new(self.now, self.clocks, &mut self.reports)
        }

        pub fn read(&mut self, device: &mut impl Device, offset: u32) -> u32 {
            device
                .read(offset, Width::Word, &mut self.fx())
                .expect("modelled")
        }

        pub fn write(&mut self, device: &mut impl Device, offset: u32, value: u32) {
            device
                .write(offset, Width::Word, value, &mut self.fx())
                .expect("modelled");
        }

        pub fn pass(&mut self, device: &mut impl Device, span: Picos) {
            self.now = self.now + span;
            device.advance(&mut self.fx());
        }

        pub fn complaints(&mut self) -> Vec<String> {
            std::mem::take(&mut self.reports)
                .into_iter()
                .map(|r| r.message)
                .collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::testing::Bench;
    use super::*;
    use crate::Clocks;

    const TABLE: &[Register] = &[Register::new(4, "X_CR", 0x11, 0xFF).with_read_only(0x100)];

    #[test]
    fn narrow_accesses_see_their_lane() {
        assert_eq!(lane(0x4433_2211, 2, Width::Half), 0x4433);
        assert_eq!(lane(0x4433_2211, 3, Width::Byte), 0x44);
        assert_eq!(merged(0x4433_2211, 1, Width::Byte, 0xAA), 0x4433_AA11);
        assert_eq!(merged(0x4433_2211, 2, Width::Half, 0xBBAA), 0xBBAA_2211);
    }

    #[test]
    fn a_reserved_bit_is_reported_and_a_read_only_bit_is_not() {
        let mut bench = Bench::new(Clocks::default());
        let mut bank = Bank::new(TABLE);
        bank.store(4, 0x1_22, "X", &mut bench.fx()).unwrap();
        assert_eq!((bank.get(4), bench.complaints().len()), (0x22, 0));
        bank.store(4, 0x8000_0033, "X", &mut bench.fx()).unwrap();
        assert_eq!(bank.get(4), 0x33);
        assert!(bench.complaints()[0].starts_with("X_CR: bits 0x80000000"));
        assert_eq!(bank.load(8, "X"), Err(Refused::Unmodelled("X")));
    }
}
