//! The core made of Unicorn. `unsafe` and foreign code stay in this folder.
//!
//! Settings that matter, each found out the hard way:
//! * Not `Mode::MCLASS`: it forces a Cortex-M33, which has no double precision.
//! * A virtual TLB: without it every store to RAM takes the slow path, because RAM would be executable.
//! * `ctl_exits_enable`: otherwise the end address of a run can never be executed.
//! * A TLB fill leaves IT state behind, which has to be cleared (see `hooks::translate`).
//! * Stores to a page drop translated code only until the first of them: after that the page counts as data. Code that
//!   changes is seen anew after ICIALLU or ICIMVAU, as on silicon (`forget_code`).
//! * Memory hooks only where there is no memory: one that covers RAM makes every store slow again.
//!
//! A page that the MPU denies is translated to an address where nothing is mapped (`hooks::DENIED`): the hook there learns
//! the exact address, and the core stops precisely at the instruction. A page that an MPU region cuts in two is
//! translated to a place where every access asks for its rights (`hooks::CUT`); code cannot run there.
//!
//! A page whose cache lines are followed is translated there too, for data.
//!
//! Not modelled: UsageFault for unaligned LDRD and LDM in Normal memory and for unaligned access to registers, the
//! divide-by-zero trap, CPACR (floating point always works). Not exact: a bus error that a device answers to an instruction in an IT block is noticed a few instructions later.

mod debug;
mod halts;
mod hooks;
mod memory;
mod registers;
mod shared;

use super::blocks::Costs;
use super::{Bus, CONTROL_SPSEL, Cpu, Exit, Memory, Reg, Watchpoint, XPSR_EXCEPTION};
use crate::machine::memory::{FLASH, MEMORIES, is_flash};
use chipmodel::core::mpu::Access;
use core::ptr::NonNull;
use memory::Backing;
use registers::{is_unprivileged, lifted, register};
use shared::{Engine, Shared};
use unicorn_engine::unicorn_const::{Arch, Mode, uc_error};
use unicorn_engine::{RegisterARM, Unicorn};

/// Syndrome after an undefined instruction or a clear T bit (Armv8-A ESR, class 0, 32-bit); WFE leaves another value.
const SYNDROME_UNDEFINED: u32 = 0x0200_0000;

const PAGE: u64 = 4096;

const WFE: u16 = 0xBF20;
const YIELD: u16 = 0xBF10;

/// A Cortex-M7 with the chip's memories.
pub struct UnicornCpu<B: Bus + 'static> {
    // Before the memories: fields are dropped in order, and the engine points into them.
    engine: Engine<B>,
    memories: Vec<Backing>,
}

impl<B: Bus + 'static> UnicornCpu<B> {
    /// A core with empty memories and `flash` at the start of flash.
    pub fn new(flash: &[u8]) -> Result<Self, String> {
        let memories: Vec<Backing> = MEMORIES.into_iter().map(Backing::new).collect();
        let shared = Shared::new(memories.iter().map(|m| m.bytes).collect());
        let mut engine =
            Unicorn::new_with_data(Arch::ARM, Mode::THUMB, shared).map_err(|e| format!("{e:?}"))?;
        hooks::set_up(&mut engine, &memories, flash).map_err(|e| format!("{e:?}"))?;
        let mut cpu = UnicornCpu { engine, memories };
        let mut array = vec![0xFF; FLASH.bytes as usize];
        array[..flash.len()].copy_from_slice(flash);
        cpu.poke(FLASH.base, &array);
        Ok(cpu)
    }

    fn read(&self, reg: RegisterARM) -> u32 {
        // Reading a register that exists does not fail.
        self.engine.reg_read(reg).map_or(0, |v| v as u32)
    }

    fn write(&mut self, reg: RegisterARM, value: u32) {
        let written = self.engine.reg_write(reg, u64::from(value));
        debug_assert!(written.is_ok());
    }

    /// Rebuild what the engine derives from mode and privilege; only this write does it.
    fn rebuild(&mut self) {
        let flags = self.read(RegisterARM::APSR_NZCV);
        self.write(RegisterARM::APSR_NZCV, flags);
    }

    /// Stack pointers and masks are hidden from unprivileged code, and from this interface with it.
    fn while_privileged<T>(&mut self, action: impl FnOnce(&mut Self) -> T) -> T {
        let hidden = is_unprivileged(&self.engine);
        if hidden {
            self.write(RegisterARM::IPSR, 3);
        }
        let result = action(self);
        if hidden {
            self.write(RegisterARM::IPSR, 0);
            self.rebuild();
        }
        result
    }

    fn halfword(&self, address: u32) -> u16 {
        let mut bytes = [0; 2];
        self.peek(address, &mut bytes);
        u16::from_le_bytes(bytes)
    }

    /// Why did the engine come back?
    fn reason(&mut self, result: Result<(), uc_error>) -> Exit {
        if let Some(exit) = self.engine.get_data_mut().exit.take() {
            return exit;
        }
        let pc = self.read(RegisterARM::PC);
        match result {
            Ok(()) => Exit::Wfi,
            Err(uc_error::INSN_INVALID) if self.read(RegisterARM::ESR) == SYNDROME_UNDEFINED => {
                let thumb = self.read(RegisterARM::XPSR) & 1 << 24 != 0;
                if thumb {
                    Exit::Undefined
                } else {
                    Exit::InvalidState
                }
            }
            Err(uc_error::INSN_INVALID) if self.halfword(pc.wrapping_sub(2)) == WFE => Exit::Wfe,
            Err(uc_error::INSN_INVALID) if self.halfword(pc.wrapping_sub(2)) == YIELD => Exit::Asked,
            Err(uc_error::FETCH_UNMAPPED | uc_error::FETCH_PROT) => Exit::BusError {
                access: Access::Execute,
                address: pc,
            },
            Err(uc_error::EXCEPTION) => Exit::Denied {
                access: Access::Execute,
                address: pc,
            },
            Err(uc_error::INSN_INVALID) => {
                Exit::Broken("an invalid instruction that is neither undefined nor WFE")
            }
            Err(uc_error::READ_UNMAPPED) => Exit::Broken("a load failed without its hook"),
            Err(uc_error::WRITE_UNMAPPED | uc_error::WRITE_PROT) => {
                Exit::Broken("a store failed without its hook")
            }
            Err(_) => Exit::Broken("Unicorn stopped with an error of its own"),
        }
    }
}

impl<B: Bus + 'static> UnicornCpu<B> {
    /// These bytes of flash have changed. Most often no code was there.
    fn forget_flash(&mut self, first: u32, last: u32) -> bool {
        let shared = self.engine.get_data_mut();
        let mut flushed = Ok(());
        if shared.flash_pages.range(first & !0xFFF..=last).next().is_some() {
            shared.flash_pages.clear();
            shared.counts.forget();
            shared.costs = Costs::new();
            flushed = self.engine.ctl_flush_tb();
        }
        // An instruction may begin before.
        let (first, end) = (
            first.saturating_sub(2).max(FLASH.base),
            (last + 3).min(FLASH.base + FLASH.bytes),
        );
        let mut code = vec![0; (end - first) as usize];
        self.peek(first, &mut code);
        flushed.is_ok() && hooks::watch_hints(&mut self.engine, first, &code).is_ok()
    }
}

impl<B: Bus + 'static> Memory for UnicornCpu<B> {
    fn peek(&self, address: u32, bytes: &mut [u8]) -> bool {
        let from = self.memories.iter().find_map(|m| m.slice(address, bytes.len()));
        from.map(|from| bytes.copy_from_slice(from)).is_some()
    }

    fn poke(&mut self, address: u32, bytes: &[u8]) -> bool {
        let known = self.memories.iter().any(|m| m.at(address, bytes.len()).is_some());
        if !known || self.engine.mem_write(u64::from(address), bytes).is_err() {
            return false;
        }
        let last = address + (bytes.len() as u32).saturating_sub(1);
        if is_flash(address) && !self.forget_flash(address, last) {
            return false;
        }
        let shared = self.engine.get_data();
        if shared.code_pages.range(address & !0xFFF..=last).next().is_some() {
            self.forget_code();
        }
        true
    }
}

impl<B: Bus + 'static> Cpu<B> for UnicornCpu<B> {
    fn run(&mut self, bus: &mut B) -> Exit {
        if hooks::watch_accesses(&mut self.engine, bus).is_err() {
            return Exit::Broken("Unicorn refuses to tell of accesses");
        }
        if debug::prepare(&mut self.engine).is_err() {
            return Exit::Broken("Unicorn refuses to tell of instructions");
        }
        self.write(RegisterARM::ESR, 0);
        let begin = u64::from(self.read(RegisterARM::PC)) | u64::from(self.read(RegisterARM::XPSR) >> 24 & 1);
        self.engine.get_data_mut().bus = Some(NonNull::from(bus));
        let result = self.engine.emu_start(begin, 0, 0, 0);
        self.engine.get_data_mut().bus = None;
        let exit = self.reason(result);
        if matches!(exit, Exit::Denied { .. }) {
            // The page may be open for other kinds of access.
            self.flush_rights();
        }
        exit
    }

    fn get(&self, reg: Reg) -> u32 {
        let hidden = matches!(
            reg,
            Reg::Msp | Reg::Psp | Reg::Primask | Reg::Faultmask | Reg::Basepri
        );
        if hidden {
            return lifted(&mut self.engine.clone(), || self.read(register(reg)));
        }
        match reg {
            // SPSEL reads as zero in handler mode (Armv7-M B1.4.4).
            Reg::Control if self.read(RegisterARM::XPSR) & XPSR_EXCEPTION != 0 => {
                self.read(RegisterARM::CONTROL) & !CONTROL_SPSEL
            }
            _ => self.read(register(reg)),
        }
    }

    fn set(&mut self, reg: Reg, value: u32) {
        match reg {
            Reg::Xpsr => {
                self.write(RegisterARM::XPSR_NZCVQG, value);
                self.rebuild();
            }
            // Bit 0 is the T bit here.
            Reg::Pc => {
                let thumb = self.read(RegisterARM::XPSR) >> 24 & 1;
                self.write(RegisterARM::PC, value & !1 | thumb);
            }
            Reg::R(_) | Reg::S(_) | Reg::Lr | Reg::Fpscr => self.write(register(reg), value),
            Reg::Control => self.while_privileged(|cpu| {
                cpu.write(RegisterARM::CONTROL, value);
                cpu.rebuild();
            }),
            Reg::Msp | Reg::Psp | Reg::Primask | Reg::Faultmask | Reg::Basepri => {
                self.while_privileged(|cpu| cpu.write(register(reg), value));
            }
        }
    }

    fn flush_rights(&mut self) {
        let flushed = self.engine.ctl_flush_tlb();
        let ended = hooks::end_alignment_watch(&mut self.engine);
        debug_assert!(flushed.is_ok() && ended.is_ok());
    }

    fn forget_code(&mut self) {
        for page in core::mem::take(&mut self.engine.get_data_mut().code_pages) {
            let (first, end) = (u64::from(page), u64::from(page) + PAGE);
            let dropped = self.engine.ctl_remove_cache(first, end);
            debug_assert!(dropped.is_ok());
        }
        // So that the pages are noted again when code next runs there.
        self.flush_rights();
    }

    fn break_at(&mut self, address: u32, on: bool) -> bool {
        debug::break_at(&mut self.engine, address, on).is_ok()
    }

    fn watch_for(&mut self, watchpoint: Watchpoint, on: bool) -> bool {
        debug::watch_for(&mut self.engine, watchpoint, on).is_ok()
    }

    fn step_next(&mut self) {
        self.engine.get_data_mut().debug.step();
    }

    fn moved(&mut self) {
        self.engine.get_data_mut().debug.moved();
    }
}
