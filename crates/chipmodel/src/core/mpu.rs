//! The memory protection unit (Armv7-M B3.5): who may touch an address, and how it may be cached.
//!
//! The Cortex-M7 of the STM32H7A3 has 16 regions (RM0455, Cortex-M7 configuration). Not modelled: the cost of a change,
//! and speculation.

use crate::Refused;

/// What an access wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// A load.
    Read,
    /// A store.
    Write,
    /// An instruction fetch.
    Execute,
}

/// What the MPU says about an address for caches and buses: the bits of Armv7-M table B3-13, not yet interpreted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attributes {
    /// TEX, 3 bits.
    pub tex: u8,
    /// C.
    pub c: bool,
    /// B.
    pub b: bool,
    /// S, shareable.
    pub s: bool,
}

const fn attributes(tex: u8, c: bool, b: bool, s: bool) -> Attributes {
    Attributes { tex, c, b, s }
}

/// Rights at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rights {
    /// Loads are allowed.
    pub read: bool,
    /// Stores are allowed.
    pub write: bool,
    /// Fetches are allowed.
    pub execute: bool,
}

impl Rights {
    const ALL: Rights = Rights {
        read: true,
        write: true,
        execute: true,
    };
    const NONE: Rights = Rights {
        read: false,
        write: false,
        execute: false,
    };

    /// Is this kind of access allowed?
    pub fn allow(self, access: Access) -> bool {
        match access {
            Access::Read => self.read,
            Access::Write => self.write,
            Access::Execute => self.execute,
        }
    }
}

const REGIONS: usize = 16;
const ENABLE: u32 = 1;
const HFNMIENA: u32 = 1 << 1;
const PRIVDEFENA: u32 = 1 << 2;
const VALID: u32 = 1 << 4;

#[derive(Clone, Copy, Debug, Default)]
struct Region {
    rbar: u32,
    rasr: u32,
}

impl Region {
    /// Bytes, if the region is enabled; SIZE below 4 (32 bytes) is reserved.
    fn size(&self) -> Option<u64> {
        let size = self.rasr >> 1 & 31;
        (self.rasr & 1 != 0 && size >= 4).then(|| 1 << (size + 1))
    }

    fn base(&self) -> Option<u64> {
        Some(u64::from(self.rbar & !31) & !(self.size()? - 1))
    }

    fn covers(&self, address: u32) -> bool {
        let (Some(size), Some(base)) = (self.size(), self.base()) else {
            return false;
        };
        let offset = u64::from(address).wrapping_sub(base);
        // Eight sub-regions can be switched off, in regions of 256 bytes and more.
        offset < size && (size < 256 || self.rasr >> (8 + offset / (size / 8)) & 1 == 0)
    }

    /// Distance between boundaries inside the region.
    fn grain(&self) -> Option<u64> {
        let size = self.size()?;
        let split = size >= 256 && self.rasr >> 8 & 0xFF != 0;
        Some(if split { size / 8 } else { size })
    }

    /// Table B3-15: access permissions, and XN.
    fn rights(&self, privileged: bool) -> Rights {
        let (read, write) = match (self.rasr >> 24 & 7, privileged) {
            (0 | 4, _) | (1 | 5, false) => (false, false),
            (1, true) | (2, true) | (3, _) => (true, true),
            (2, false) | (5, true) | (6 | 7, _) => (true, false),
            _ => (false, false),
        };
        Rights {
            read,
            write,
            execute: read && self.rasr >> 28 & 1 == 0,
        }
    }

    fn attributes(&self) -> Attributes {
        let bit = |n: u32| self.rasr >> n & 1 != 0;
        attributes((self.rasr >> 19 & 7) as u8, bit(17), bit(16), bit(18))
    }
}

/// The unit's registers.
#[derive(Clone, Debug, Default)]
pub struct Mpu {
    control: u32,
    number: u32,
    regions: [Region; REGIONS],
}

impl Mpu {
    /// Is it in force for code at this priority? Fault handlers run without it unless HFNMIENA.
    fn in_force(&self, hard_fault_or_nmi: bool) -> bool {
        self.control & ENABLE != 0 && (!hard_fault_or_nmi || self.control & HFNMIENA != 0)
    }

    fn region_of(&self, address: u32) -> Option<&Region> {
        self.regions.iter().rev().find(|r| r.covers(address))
    }

    /// Does the private peripheral bus hold this address? The MPU never applies there.
    fn is_ppb(address: u32) -> bool {
        address >> 20 == 0xE00
    }

    /// Rights at `address`.
    pub fn rights(&self, address: u32, privileged: bool, hard_fault_or_nmi: bool) -> Rights {
        if Self::is_ppb(address) {
            return Rights {
                read: privileged,
                write: privileged,
                execute: false,
            };
        }
        let default = Rights {
            execute: default_executable(address),
            ..Rights::ALL
        };
        if !self.in_force(hard_fault_or_nmi) {
            return default;
        }
        let rights = match self.region_of(address) {
            Some(region) => region.rights(privileged),
            None if privileged && self.control & PRIVDEFENA != 0 => default,
            None => Rights::NONE,
        };
        // The system space is never executable, whatever a region says (B3.1).
        Rights {
            execute: rights.execute && address < 0xE000_0000,
            ..rights
        }
    }

    /// Attributes at `address`.
    pub fn attributes(&self, address: u32) -> Attributes {
        match self.region_of(address) {
            Some(region) if self.control & ENABLE != 0 => region.attributes(),
            _ => default_attributes(address),
        }
    }

    /// Do the boundaries of an enabled region cut the 4 KB page at `page`? Then a page has no single answer.
    pub fn cuts_page(&self, page: u32) -> bool {
        let page = u64::from(page & !0xFFF);
        self.control & ENABLE != 0
            && self.regions.iter().any(|r| {
                let (Some(base), Some(size), Some(grain)) = (r.base(), r.size(), r.grain()) else {
                    return false;
                };
                grain < 4096 && base < page + 4096 && page < base + size
            })
    }

    /// Read the register word at `offset` from 0xE000ED90.
    pub fn read(&self, offset: u32) -> Result<u32, Refused> {
        let region = self.regions[self.number as usize];
        match offset {
            0x00 => Ok((REGIONS as u32) << 8),
            0x04 => Ok(self.control),
            0x08 => Ok(self.number),
            0x0C | 0x14 | 0x1C | 0x24 => Ok(region.rbar | self.number),
            0x10 | 0x18 | 0x20 | 0x28 => Ok(region.rasr),
            _ => Err(Refused::Unmodelled(
                "an MPU register that Armv7-M does not define",
            )),
        }
    }

    /// Write it. The caller must forget every right that it remembers.
    pub fn write(&mut self, offset: u32, value: u32, mask: u32) -> Result<(), Refused> {
        let merge = |old: u32| old & !mask | value & mask;
        match offset {
            0x00 => {}
            0x04 => self.control = merge(self.control) & (ENABLE | HFNMIENA | PRIVDEFENA),
            0x08 => self.number = merge(self.number) & (REGIONS as u32 - 1),
            0x0C | 0x14 | 0x1C | 0x24 => {
                if value & VALID != 0 {
                    self.number = value & 15;
                }
                let region = &mut self.regions[self.number as usize];
                region.rbar = merge(region.rbar) & !31;
            }
            0x10 | 0x18 | 0x20 | 0x28 => {
                let region = &mut self.regions[self.number as usize];
                region.rasr = merge(region.rasr) & 0x173F_FF3F;
            }
            _ => {
                return Err(Refused::Unmodelled(
                    "an MPU register that Armv7-M does not define",
                ));
            }
        }
        Ok(())
    }
}

/// Armv7-M table B3-1: peripherals, external device space and the system are execute-never.
fn default_executable(address: u32) -> bool {
    matches!(address >> 29, 0 | 1 | 3 | 4)
}

/// The same table: 0x60000000 is write-back write-allocate, 0x80000000 write-through.
fn default_attributes(address: u32) -> Attributes {
    match address >> 29 {
        0 | 4 => attributes(0, true, false, false),
        1 | 3 => attributes(1, true, true, false),
        2 | 6 => attributes(2, false, false, false),
        5 => attributes(0, false, true, true),
        _ => attributes(0, false, false, true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RASR for a region of 2^log2 bytes.
    fn rasr(log2: u32, ap: u32, xn: bool, tex_s_c_b: u32) -> u32 {
        1 | (log2 - 1) << 1 | tex_s_c_b << 16 | ap << 24 | u32::from(xn) << 28
    }

    fn mpu(regions: &[(u32, u32)]) -> Mpu {
        let mut mpu = Mpu::default();
        for (n, &(base, rasr)) in regions.iter().enumerate() {
            mpu.write(0x0C, base | VALID | n as u32, !0).unwrap();
            mpu.write(0x10, rasr, !0).unwrap();
        }
        mpu.write(4, ENABLE | PRIVDEFENA, !0).unwrap();
        mpu
    }

    #[test]
    fn the_region_with_the_higher_number_wins() {
        let mpu = mpu(&[
            (0x9000_0000, rasr(28, 0, true, 0)),
            (0x9000_0000, rasr(23, 3, true, 0b00_1011)),
        ]);
        let inside = mpu.rights(0x907F_FFFF, true, false);
        assert_eq!(
            inside,
            Rights {
                read: true,
                write: true,
                execute: false
            }
        );
        assert_eq!(mpu.attributes(0x9000_0000), attributes(1, true, true, false));
        assert_eq!(mpu.rights(0x9080_0000, true, false), Rights::NONE);
        assert!(
            mpu.rights(0x9080_0000, true, true).read,
            "HardFault runs without the MPU"
        );
    }

    #[test]
    fn access_permissions_follow_the_table() {
        let expected = [
            // (privileged read, write, unprivileged read, write), Armv7-M table B3-15
            (false, false, false, false),
            (true, true, false, false),
            (true, true, true, false),
            (true, true, true, true),
            (false, false, false, false),
            (true, false, false, false),
            (true, false, true, false),
            (true, false, true, false),
        ];
        for (ap, &(pr, pw, ur, uw)) in expected.iter().enumerate() {
            let mpu = mpu(&[(0x2400_0000, rasr(20, ap as u32, false, 0))]);
            let privileged = mpu.rights(0x2400_0000, true, false);
            let user = mpu.rights(0x2400_0000, false, false);
            assert_eq!(
                (privileged.read, privileged.write, user.read, user.write),
                (pr, pw, ur, uw),
                "AP {ap}"
            );
        }
    }

    #[test]
    fn sub_regions_can_be_switched_off() {
        let mpu = mpu(&[(0x2000_0000, rasr(16, 0, true, 0) | 0b1000_0000 << 8)]);
        assert!(!mpu.rights(0x2000_DFFF, true, false).read);
        assert!(mpu.rights(0x2000_E000, true, false).read);
        assert!(!mpu.cuts_page(0x2000_0000), "eighths of 64 KB are whole pages");
    }

    #[test]
    fn a_small_region_cuts_its_page_only() {
        let mpu = mpu(&[(0x2000_1000, rasr(5, 0, true, 0))]);
        assert!(mpu.cuts_page(0x2000_1000));
        assert!(!mpu.cuts_page(0x2000_2000));
    }

    #[test]
    fn without_the_mpu_the_default_map_holds() {
        let mpu = Mpu::default();
        assert!(!mpu.rights(0x4000_0000, true, false).execute);
        assert!(mpu.rights(0x9000_0000, true, false).execute);
        assert_eq!(mpu.attributes(0x9000_0000), attributes(0, true, false, false));
        assert_eq!(mpu.attributes(0x6000_0000), attributes(1, true, true, false));
        assert!(
            !mpu.rights(0xE000_ED00, false, false).read,
            "user code sees no system registers"
        );
    }
}
