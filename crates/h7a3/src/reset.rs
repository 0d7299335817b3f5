//! Why the chip started, and how to start it again.

/// What caused the last reset (RM0455 RCC_RSR, table 56).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cause {
    /// The supply came up, or dipped.
    Power,
    /// The reset key or pin.
    Pin,
    /// A program asked for it.
    Software,
    /// A watchdog.
    Watchdog,
    /// The end of Standby; or a low-power mode was entered that the options forbid.
    LowPower,
    /// No flag is set.
    Unknown,
}

/// Clears the flags.
#[cfg(any(test, target_os = "none"))]
const RMVF: u32 = 1 << 16;
/// The flags of RCC_RSR.
const BORRSTF: u32 = 1 << 21;
const PINRSTF: u32 = 1 << 22;
const PORRSTF: u32 = 1 << 23;
const SFTRSTF: u32 = 1 << 24;
const IWDGRSTF: u32 = 1 << 26;
const WWDGRSTF: u32 = 1 << 28;
const LPWRRSTF: u32 = 1 << 30;

impl Cause {
    /// Reads the flags. Several are set at once: a watchdog also pulls the pin, power-on also counts as brown-out, so
    /// the most telling goes first.
    pub const fn decode(rsr: u32) -> Self {
        if rsr & PORRSTF != 0 {
            Cause::Power
        } else if rsr & (IWDGRSTF | WWDGRSTF) != 0 {
            Cause::Watchdog
        } else if rsr & LPWRRSTF != 0 {
            Cause::LowPower
        } else if rsr & SFTRSTF != 0 {
            Cause::Software
        } else if rsr & BORRSTF != 0 {
            Cause::Power
        } else if rsr & PINRSTF != 0 {
            Cause::Pin
        } else {
            Cause::Unknown
        }
    }
}

/// Why the chip started. The flags are read and cleared by the first call, so that the next start tells its own reason.
#[cfg(target_os = "none")]
pub fn cause() -> Cause {
    use core::cell::Cell;

    use critical_section::Mutex;

    static CAUSE: Mutex<Cell<Option<Cause>>> = Mutex::new(Cell::new(None));
    critical_section::with(|cs| {
        let known = CAUSE.borrow(cs);
        let cause = known.get().unwrap_or_else(|| {
            let flags = embassy_stm32::pac::RCC.rsr();
            // Standby has a flag of its own, and sets none of these.
            let cause = if crate::sleep::take_standby() {
                Cause::LowPower
            } else {
                Cause::decode(flags.read().0)
            };
            flags.modify(|w| w.0 |= RMVF);
            cause
        });
        known.set(Some(cause));
        cause
    })
}

/// Starts the chip again, as the reset key would, once the console has sent what it was given.
#[cfg(target_os = "none")]
pub fn now() -> ! {
    crate::console::flush();
    cortex_m::peripheral::SCB::sys_reset()
}

/// Where the boot loader in ROM has its vector table (AN2606, STM32H7A3: 0x1FF0A800).
#[cfg(target_os = "none")]
const ROM_VECTORS: *const u32 = 0x1FF0_A800 as *const u32;

/// Hands the chip over to the boot loader in ROM. Only for a chip that has just been reset: clocks, interrupts and caches are as
/// it expects them.
#[cfg(target_os = "none")]
#[allow(unsafe_code)]
pub fn to_rom() -> ! {
    // SAFETY: the ROM is always there.
    unsafe { start(ROM_VECTORS) }
}

/// Hands the chip over to the program with this vector table.
///
/// # Safety
/// There is such a program. Nothing of this one is needed any more, and clocks, interrupts, MPU and caches are as that one expects
/// them.
#[cfg(target_os = "none")]
#[allow(unsafe_code)]
pub unsafe fn start(vectors: *const u32) -> ! {
    // SAFETY: as promised.
    unsafe {
        (*cortex_m::peripheral::SCB::PTR).vtor.write(vectors as u32);
        cortex_m::asm::dsb();
        cortex_m::asm::bootload(vectors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reset_value_of_the_register_says_power() {
        // RM0455 RCC_RSR: 0x00E8_0000 after power-on.
        assert_eq!(Cause::decode(0x00E8_0000), Cause::Power);
    }

    #[test]
    fn a_software_reset_also_shows_the_pin_and_is_told_apart() {
        assert_eq!(Cause::decode(SFTRSTF | PINRSTF), Cause::Software);
        assert_eq!(Cause::decode(IWDGRSTF | PINRSTF), Cause::Watchdog);
        assert_eq!(Cause::decode(PINRSTF), Cause::Pin);
        assert_eq!(Cause::decode(0), Cause::Unknown);
    }

    #[test]
    fn the_bit_that_clears_the_flags_is_not_one_of_them() {
        assert_eq!(Cause::decode(RMVF), Cause::Unknown);
    }
}
