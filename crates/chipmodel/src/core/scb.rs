//! The system control block (Armv7-M B3.2, Cortex-M7 TRM): identity, vector table, fault status, cache maintenance.
//!
//! It holds registers and says what a write means for others ([`Effect`]); exceptions are in `nvic`.
//! Not modelled: the TCM and AHB-slave control registers, lazy FP stacking (frames are written at once).

use crate::Refused;
use crate::core::dcache::Op;
use crate::core::nvic::{IRQS, Nvic, exception_of, number};

/// What a write asks of the rest of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    None,
    /// AIRCR.SYSRESETREQ.
    Reset,
    /// CCR.DC, ACTLR.DISRAMODE or CACR.FORCEWT may have changed.
    CacheControl,
    /// An operation on the data cache.
    Cache(Op),
    /// The instruction cache is to forget what it holds.
    CodeChanged,
}

/// Fault status bits, as they stand in CFSR (Armv7-M B3.2.15).
pub mod cfsr {
    /// Instruction access violation.
    pub const IACCVIOL: u32 = 1 << 0;
    /// Data access violation.
    pub const DACCVIOL: u32 = 1 << 1;
    /// MemManage while unstacking.
    pub const MUNSTKERR: u32 = 1 << 3;
    /// MemManage while stacking.
    pub const MSTKERR: u32 = 1 << 4;
    /// MMFAR holds the address.
    pub const MMARVALID: u32 = 1 << 7;
    /// Bus error on a fetch.
    pub const IBUSERR: u32 = 1 << 8;
    /// Precise data bus error.
    pub const PRECISERR: u32 = 1 << 9;
    /// Bus error of an earlier store.
    pub const IMPRECISERR: u32 = 1 << 10;
    /// Bus error while unstacking.
    pub const UNSTKERR: u32 = 1 << 11;
    /// Bus error while stacking.
    pub const STKERR: u32 = 1 << 12;
    /// BFAR holds the address.
    pub const BFARVALID: u32 = 1 << 15;
    /// Undefined instruction.
    pub const UNDEFINSTR: u32 = 1 << 16;
    /// T bit clear, or a bad IT state.
    pub const INVSTATE: u32 = 1 << 17;
    /// Bad EXC_RETURN.
    pub const INVPC: u32 = 1 << 18;
    /// No such coprocessor.
    pub const NOCP: u32 = 1 << 19;
    /// Unaligned access.
    pub const UNALIGNED: u32 = 1 << 24;
}

/// HFSR bits.
pub mod hfsr {
    /// Fault on a vector read.
    pub const VECTTBL: u32 = 1 << 1;
    /// Another fault was escalated.
    pub const FORCED: u32 = 1 << 30;
    /// A debug event (BKPT without a debugger).
    pub const DEBUGEVT: u32 = 1 << 31;
}

const SHCSR_MEMFAULTENA: u32 = 1 << 16;
/// SHCSR: bit, exception, and whether it is the pending (else the active) state.
const SHCSR_STATES: [(u32, u8, bool); 11] = [
    (0, number::MEM_MANAGE, false),
    (1, number::BUS_FAULT, false),
    (3, number::USAGE_FAULT, false),
    (7, number::SVCALL, false),
    (8, number::DEBUG_MONITOR, false),
    (10, number::PEND_SV, false),
    (11, number::SYS_TICK, false),
    (12, number::USAGE_FAULT, true),
    (13, number::MEM_MANAGE, true),
    (14, number::BUS_FAULT, true),
    (15, number::SVCALL, true),
];

const VECTKEY: u32 = 0x05FA;
const CACR_FORCEWT: u32 = 1 << 2;
const CCR_DC: u32 = 1 << 16;
const CCR_IC: u32 = 1 << 17;
/// BP and STKALIGN read as one (Cortex-M7 TRM, CCR).
const CCR_FIXED: u32 = 1 << 18 | 1 << 9;
/// NONBASETHRDENA, USERSETMPEND, DC, IC.
const CCR_WRITABLE: u32 = 0x0003_0003;
/// UNALIGN_TRP, DIV_0_TRP, BFHFNMIGN: the core's model cannot do them.
const CCR_UNMODELLED: u32 = 1 << 3 | 1 << 4 | 1 << 8;
const SCR_SLEEPONEXIT: u32 = 1 << 1;
const SCR_SLEEPDEEP: u32 = 1 << 2;
const SCR_SEVONPEND: u32 = 1 << 4;
const FPCCR_ASPEN: u32 = 1 << 31;
const FPCCR_LSPEN: u32 = 1 << 30;

/// The registers.
#[derive(Clone, Debug)]
pub struct Scb {
    /// Vector table address.
    pub vtor: u32,
    /// SCR: SLEEPONEXIT, SLEEPDEEP, SEVONPEND.
    pub scr: u32,
    /// CCR.
    pub ccr: u32,
    /// SHCSR bits 18:16: which configurable faults are enabled.
    pub fault_enables: u32,
    /// CFSR.
    pub cfsr: u32,
    /// HFSR.
    pub hfsr: u32,
    /// DFSR.
    pub dfsr: u32,
    /// MMFAR.
    pub mmfar: u32,
    /// BFAR.
    pub bfar: u32,
    /// CPACR.
    pub cpacr: u32,
    /// ACTLR.
    pub actlr: u32,
    /// FPCCR; ASPEN and LSPEN are set after reset.
    pub fpccr: u32,
    /// FPCAR.
    pub fpcar: u32,
    /// FPDSCR.
    pub fpdscr: u32,
    /// DHCSR.C_DEBUGEN: a debug probe is attached.
    pub debugged: bool,
    csselr: u32,
    cacr: u32,
}

impl Default for Scb {
    fn default() -> Self {
        Scb {
            vtor: 0,
            scr: 0,
            ccr: CCR_FIXED,
            fault_enables: 0,
            cfsr: 0,
            hfsr: 0,
            dfsr: 0,
            mmfar: 0,
            bfar: 0,
            cpacr: 0,
            actlr: 0,
            fpccr: FPCCR_ASPEN | FPCCR_LSPEN,
            fpcar: 0,
            fpdscr: 0,
            debugged: false,
            csselr: 0,
            cacr: 0,
        }
    }
}

impl Scb {
    /// Whether the core's clock may stop in its sleep.
    pub fn sleeps_deep(&self) -> bool {
        self.scr & SCR_SLEEPDEEP != 0
    }

    /// Is a configurable fault enabled? Otherwise it becomes a HardFault.
    pub fn fault_enabled(&self, exception: u8) -> bool {
        match exception {
            number::MEM_MANAGE => self.fault_enables & SHCSR_MEMFAULTENA != 0,
            number::BUS_FAULT => self.fault_enables & SHCSR_MEMFAULTENA << 1 != 0,
            number::USAGE_FAULT => self.fault_enables & SHCSR_MEMFAULTENA << 2 != 0,
            _ => true,
        }
    }

    /// CCR.IC: instruction cache on.
    pub fn icache_on(&self) -> bool {
        self.ccr & CCR_IC != 0
    }

    /// CCR.DC: data cache on.
    pub fn dcache_on(&self) -> bool {
        self.ccr & CCR_DC != 0
    }

    /// CACR.FORCEWT: every cacheable region is written through.
    pub fn force_write_through(&self) -> bool {
        self.cacr & CACR_FORCEWT != 0
    }

    /// ACTLR.DISRAMODE, bit 11 (Cortex-M7 TRM): no dynamic read-allocate mode.
    pub fn disramode(&self) -> bool {
        self.actlr & 1 << 11 != 0
    }

    /// Read the word at `address` (0xE000E004..0xE000EFFC without NVIC, SysTick and MPU).
    pub fn read(&self, address: u32, nvic: &Nvic, active: u8) -> Result<u32, Refused> {
        Ok(match address & 0xFFF {
            // ICTR: interrupt lines in steps of 32, minus one.
            0x004 => (u32::from(crate::core::nvic::IRQS) - 1) / 32,
            0x008 => self.actlr,
            0xD00 => 0x411F_C271,
            0xD04 => icsr(nvic, active),
            0xD08 => self.vtor,
            0xD0C => 0xFA05_0000 | u32::from(nvic.prigroup()) << 8,
            0xD10 => self.scr,
            0xD14 => self.ccr,
            at @ 0xD18..=0xD20 => shpr(nvic, at as u8 - 0x18 + 4),
            0xD24 => {
                let states = SHCSR_STATES.iter().map(|&(bit, n, pending)| {
                    let on = if pending {
                        nvic.is_pending(n)
                    } else {
                        nvic.is_active(n)
                    };
                    u32::from(on) << bit
                });
                states.sum::<u32>() | self.fault_enables
            }
            0xD28 => self.cfsr,
            0xD2C => self.hfsr,
            0xD30 => self.dfsr,
            0xD34 => self.mmfar,
            0xD38 => self.bfar,
            // AFSR: no auxiliary faults on this chip.
            0xD3C => 0,
            at @ 0xD40..=0xD74 => FEATURES[((at - 0xD40) / 4) as usize],
            0xD78 => 0x0900_0003,
            0xD7C => 0x8303_C003,
            // CCSIDR: 16 KB each, lines of 32 bytes; data 4 ways, instructions 2.
            0xD80 if self.csselr & 1 == 0 => 0xF00F_E019,
            0xD80 => 0xF01F_E009,
            0xD84 => self.csselr,
            0xD88 => self.cpacr,
            // DHCSR; a core that reads it is not halted.
            0xDF0 => u32::from(self.debugged),
            0xF34 => self.fpccr,
            0xF38 => self.fpcar,
            0xF3C => self.fpdscr,
            // MVFR0-2: FPv5, single and double precision.
            0xF40 => 0x1011_0221,
            0xF44 => 0x1200_0011,
            0xF48 => 0x0000_0040,
            0xF9C => self.cacr,
            _ => return Err(unknown(address)),
        })
    }

    /// Write the bytes of the word at `address` that `mask` selects.
    pub fn write(&mut self, address: u32, value: u32, mask: u32, nvic: &mut Nvic) -> Result<Effect, Refused> {
        let merge = |old: u32| old & !mask | value & mask;
        match address & 0xFFF {
            0x008 => {
                self.actlr = merge(self.actlr) & 0x1FFF_FC04;
                return Ok(Effect::CacheControl);
            }
            0xD04 => write_icsr(value & mask, nvic),
            0xD08 => self.vtor = merge(self.vtor) & !0x7F,
            0xD0C if value >> 16 == VECTKEY => {
                nvic.set_prigroup((value >> 8 & 7) as u8);
                if value & 1 << 2 != 0 {
                    return Ok(Effect::Reset);
                }
            }
            // Without the key a write is ignored.
            0xD0C => {}
            0xD10 if value & mask & SCR_SEVONPEND != 0 => {
                return Err(Refused::Unmodelled("SCR.SEVONPEND"));
            }
            0xD10 => self.scr = merge(self.scr) & (SCR_SLEEPONEXIT | SCR_SLEEPDEEP),
            0xD14 if value & mask & CCR_UNMODELLED != 0 => {
                return Err(Refused::Unmodelled("CCR.UNALIGN_TRP, DIV_0_TRP or BFHFNMIGN"));
            }
            0xD14 => {
                self.ccr = merge(self.ccr) & CCR_WRITABLE | CCR_FIXED;
                return Ok(Effect::CacheControl);
            }
            at @ 0xD18..=0xD20 => write_priorities(at as u8 - 0x18, value, mask, nvic),
            0xD24 => {
                self.fault_enables = merge(self.fault_enables) & 7 << 16;
                write_handler_states(value, mask, nvic);
            }
            // Writing one clears.
            0xD28 => self.cfsr &= !(value & mask),
            0xD2C => self.hfsr &= !(value & mask),
            0xD30 => self.dfsr &= !(value & mask),
            0xD34 => self.mmfar = merge(self.mmfar),
            0xD38 => self.bfar = merge(self.bfar),
            0xD3C => {}
            0xD84 => self.csselr = merge(self.csselr) & 0xF,
            0xD88 => self.cpacr = merge(self.cpacr) & 0x00F0_0000,
            0xF00 if value & mask & 0x1FF < u32::from(IRQS) => {
                nvic.pend(exception_of((value & mask & 0x1FF) as u16), true);
            }
            _ => return self.write_upper(address, value, mask),
        }
        Ok(Effect::None)
    }

    /// Floating point and caches.
    fn write_upper(&mut self, address: u32, value: u32, mask: u32) -> Result<Effect, Refused> {
        let merge = |old: u32| old & !mask | value & mask;
        match address & 0xFFF {
            0xF34 if merge(self.fpccr) & FPCCR_ASPEN == 0 => {
                return Err(Refused::Unmodelled(
                    "FPCCR without ASPEN: frames always have room for what is in use",
                ));
            }
            0xF34 => self.fpccr = merge(self.fpccr) & (FPCCR_ASPEN | FPCCR_LSPEN),
            0xF38 => self.fpcar = merge(self.fpcar) & !7,
            0xF3C => self.fpdscr = merge(self.fpdscr) & 0x07C0_0000,
            // ICIALLU, ICIMVAU.
            0xF50 | 0xF58 => return Ok(Effect::CodeChanged),
            // BPIALL: there is no model of the branch predictor, and none needed for correctness.
            0xF78 => {}
            0xF9C => {
                self.cacr = merge(self.cacr) & CACR_FORCEWT;
                return Ok(Effect::CacheControl);
            }
            at => {
                return Op::of_register(at - 0xD00, value)
                    .map(Effect::Cache)
                    .ok_or_else(|| unknown(address));
            }
        }
        Ok(Effect::None)
    }
}

/// SHPR1 to SHPR3: four priorities from exception 4 + `first` on.
fn write_priorities(first: u8, value: u32, mask: u32, nvic: &mut Nvic) {
    for b in (0..4).filter(|b| mask >> (8 * b) & 0xFF != 0) {
        nvic.set_priority(first + 4 + b, (value >> (8 * b)) as u8);
    }
}

/// SHCSR: active and pending bits of the system handlers.
fn write_handler_states(value: u32, mask: u32, nvic: &mut Nvic) {
    for (bit, n, pending) in SHCSR_STATES.into_iter().filter(|s| mask >> s.0 & 1 != 0) {
        let on = value >> bit & 1 != 0;
        if pending {
            nvic.pend(n, on);
        } else {
            nvic.set_active(n, on);
        }
    }
}

/// ID_PFR0 to ID_ISAR4 (Cortex-M7 TRM table 3-1), with the reserved words between them.
const FEATURES: [u32; 14] = [
    0x0000_0030,
    0x0000_0200,
    0x0010_0000,
    0x0000_0000,
    0x0010_0030,
    0x0000_0000,
    0x0100_0000,
    0x0000_0000,
    0x0110_1110,
    0x0211_2000,
    0x2023_2231,
    0x0111_1131,
    0x0131_0132,
    0x0000_0000,
];

fn shpr(nvic: &Nvic, first: u8) -> u32 {
    (0..4).fold(0, |word, b| word | u32::from(nvic.priority(first + b)) << (8 * b))
}

fn icsr(nvic: &Nvic, active: u8) -> u32 {
    let flag = |on: bool, bit: u32| u32::from(on) << bit;
    u32::from(active)
        | flag(active == 0 || !nvic.others_active(active), 11)
        | u32::from(nvic.vectpending()) << 12
        | flag(nvic.any_irq_pending(), 22)
        | flag(nvic.is_pending(number::SYS_TICK), 26)
        | flag(nvic.is_pending(number::PEND_SV), 28)
        | flag(nvic.is_pending(number::NMI), 31)
}

fn write_icsr(value: u32, nvic: &mut Nvic) {
    for (bit, n, on) in [
        (25, number::SYS_TICK, false),
        (26, number::SYS_TICK, true),
        (27, number::PEND_SV, false),
        (28, number::PEND_SV, true),
        (31, number::NMI, true),
    ] {
        if value >> bit & 1 != 0 {
            nvic.pend(n, on);
        }
    }
}

fn unknown(address: u32) -> Refused {
    Refused::Unmodelled(match address & 0xFFF {
        0xF90..=0xFAC => "a TCM or AHB control register of the Cortex-M7 (ITCMCR .. ABFSR)",
        0xDF4 | 0xDF8 => "DCRSR or DCRDR, the debugger's registers",
        _ => "a system control register",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn system_priorities_are_reached_through_shpr() {
        let (mut scb, mut nvic) = (Scb::default(), Nvic::default());
        scb.write(0xE000_ED20, 0xFFFF_0000, 0x00FF_0000, &mut nvic)
            .unwrap();
        assert_eq!(nvic.priority(number::PEND_SV), 0xF0);
        assert_eq!(nvic.priority(number::SYS_TICK), 0);
        assert_eq!(scb.read(0xE000_ED20, &nvic, 0), Ok(0x00F0_0000));
        scb.write(0xE000_ED18, 0x1020_3040, !0, &mut nvic).unwrap();
        assert_eq!(nvic.priority(number::MEM_MANAGE), 0x40);
        assert_eq!(nvic.priority(number::USAGE_FAULT), 0x20);
    }

    #[test]
    fn status_bits_clear_where_a_one_is_written_and_only_in_the_bytes_written() {
        let (mut scb, mut nvic) = (Scb::default(), Nvic::default());
        scb.cfsr = cfsr::DACCVIOL | cfsr::PRECISERR | cfsr::UNDEFINSTR;
        scb.write(0xE000_ED28, 0xFF, 0xFF, &mut nvic).unwrap();
        assert_eq!(scb.cfsr, cfsr::PRECISERR | cfsr::UNDEFINSTR);
    }

    #[test]
    fn a_reset_request_needs_the_key() {
        let (mut scb, mut nvic) = (Scb::default(), Nvic::default());
        assert_eq!(scb.write(0xE000_ED0C, 4, !0, &mut nvic), Ok(Effect::None));
        assert_eq!(
            scb.write(0xE000_ED0C, 0x05FA_0004, !0, &mut nvic),
            Ok(Effect::Reset)
        );
    }

    #[test]
    fn pendsv_is_set_and_cleared_by_its_own_bits() {
        let (mut scb, mut nvic) = (Scb::default(), Nvic::default());
        scb.write(0xE000_ED04, 1 << 28, !0, &mut nvic).unwrap();
        assert_eq!(scb.read(0xE000_ED04, &nvic, 0).unwrap() & 0x1FF000, 14 << 12);
        scb.write(0xE000_ED04, 1 << 27, !0, &mut nvic).unwrap();
        assert!(!nvic.is_pending(number::PEND_SV));
    }

    #[test]
    fn what_the_core_cannot_do_is_refused_not_ignored() {
        let (mut scb, mut nvic) = (Scb::default(), Nvic::default());
        for (address, value) in [(0xE000_ED10, 1 << 4), (0xE000_ED14, 1 << 4), (0xE000_EF34, 0)] {
            assert!(scb.write(address, value, !0, &mut nvic).is_err(), "{address:08x}");
        }
        assert!(!scb.sleeps_deep());
        scb.write(0xE000_ED10, 1 << 2, !0, &mut nvic).unwrap();
        assert!(scb.sleeps_deep());
        scb.write(0xE000_ED14, 3 << 16, !0, &mut nvic).unwrap();
        assert!(scb.dcache_on());
    }

    #[test]
    fn an_unknown_register_is_refused() {
        let (mut scb, mut nvic) = (Scb::default(), Nvic::default());
        assert!(scb.read(0xE000_EF90, &nvic, 0).is_err());
        assert!(scb.write(0xE000_ED98 + 0x200, 0, !0, &mut nvic).is_err());
    }
}
