//! The core made of Unicorn. The only file with `unsafe` and foreign code.
//!
//! Settings that matter, each found out the hard way:
//! * Not `Mode::MCLASS`: it forces a Cortex-M33, which has no double precision.
//! * A virtual TLB: without it every store to RAM takes the slow path, because RAM would be executable.
//! * `ctl_exits_enable`: otherwise the end address of a run can never be executed.
//! * A TLB fill leaves IT state behind, which has to be cleared (see `translate`).
//! * Memory hooks only where there is no memory: one that covers RAM makes every store slow again.
//!
//! A page that the MPU denies is translated to an address where nothing is mapped ([`DENIED`]): the hook there learns
//! the exact address, and the core stops precisely at the instruction. A page that an MPU region cuts in two is
//! translated to a place where every access asks for its rights ([`CUT`]); code cannot run there.
//!
//! Not exact: a bus error that a device answers to an instruction in an IT block is noticed a few instructions later.

use super::blocks::{self, Counts};
use super::{Bus, CONTROL_NPRIV, CONTROL_SPSEL, Cpu, Exit, Reg, XPSR_EXCEPTION};
use crate::memory::{FLASH, MEMORIES, MODELLED, Memory, holes};
use chipmodel::Width;
use chipmodel::mpu::Access;
use chipmodel::nvic::Masks;
use core::ffi::c_void;
use core::ptr::NonNull;
use unicorn_engine::unicorn_const::{Arch, HookType, MemType, Mode, Prot, TlbEntry, TlbType, uc_error};
use unicorn_engine::{ArmCpuModel, RegisterARM, Unicorn};

/// Denied pages are translated to their address plus this; physical addresses have 64 bits.
const DENIED: u64 = 1 << 32;
/// Pages with more than one answer are translated to their address plus this.
const CUT: u64 = 1 << 33;

/// Syndrome after an undefined instruction or a clear T bit (Armv8-A ESR, class 0, 32-bit); WFE leaves another value.
const SYNDROME_UNDEFINED: u64 = 0x0200_0000;

/// EPSR with the T bit and no IT state.
const EPSR_T: u64 = 1 << 24;

const WFE: u16 = 0xBF20;
const YIELD: u16 = 0xBF10;
const SEV: [u8; 2] = [0x40, 0xBF];
/// With any option in the low bits of the third byte.
const DSB: [u8; 4] = [0xBF, 0xF3, 0x40, 0x8F];

/// The bytes of one memory. Guest code writes them while it runs, so they are only reached through a pointer.
struct Backing {
    memory: Memory,
    bytes: NonNull<u8>,
}

impl Backing {
    fn new(memory: Memory) -> Self {
        let boxed = vec![0u8; memory.bytes as usize].into_boxed_slice();
        // SAFETY: a box's pointer is not null.
        let bytes = unsafe { NonNull::new_unchecked(Box::into_raw(boxed).cast::<u8>()) };
        Backing { memory, bytes }
    }

    /// The pointer to `address`, if `len` bytes from there are inside.
    fn at(&self, address: u32, len: usize) -> Option<NonNull<u8>> {
        let offset = address.checked_sub(self.memory.base)? as usize;
        let inside = offset.checked_add(len)? <= self.memory.bytes as usize;
        // SAFETY: the offset was just found to be inside the allocation.
        inside.then(|| unsafe { self.bytes.add(offset) })
    }

    /// The bytes at `address`.
    fn slice(&self, address: u32, len: usize) -> Option<&[u8]> {
        // SAFETY: inside the allocation; guest code is the only writer besides `poke`, and never runs while a caller in
        // this file holds the slice.
        self.at(address, len)
            .map(|at| unsafe { core::slice::from_raw_parts(at.as_ptr(), len) })
    }
}

impl Drop for Backing {
    fn drop(&mut self) {
        let bytes = core::ptr::slice_from_raw_parts_mut(self.bytes.as_ptr(), self.memory.bytes as usize);
        // SAFETY: made from a box of this length in `new`, and the engine is gone (see the order in `UnicornCpu`).
        drop(unsafe { Box::from_raw(bytes) });
    }
}

/// What the hooks share: lives inside the engine.
struct Shared<B> {
    /// The machine, lent for the time of a run.
    bus: Option<NonNull<B>>,
    /// Why the run ends, if a hook knows.
    exit: Option<Exit>,
    counts: Counts,
    memories: Vec<NonNull<u8>>,
}

impl<B> Shared<B> {
    /// The machine.
    fn bus(&mut self) -> &mut B {
        let mut bus = self.bus.expect("hooks run only inside `run`");
        // SAFETY: `run` holds the only reference for as long as it is set, and hooks do not nest.
        unsafe { bus.as_mut() }
    }
}

type Engine<B> = Unicorn<'static, Shared<B>>;

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
        let shared = Shared {
            bus: None,
            exit: None,
            counts: Counts::new(),
            memories: memories.iter().map(|m| m.bytes).collect(),
        };
        let mut engine =
            Unicorn::new_with_data(Arch::ARM, Mode::THUMB, shared).map_err(|e| format!("{e:?}"))?;
        set_up(&mut engine, &memories, flash).map_err(|e| format!("{e:?}"))?;
        let mut cpu = UnicornCpu { engine, memories };
        let mut erased = vec![0xFF; FLASH.bytes as usize];
        erased[..flash.len()].copy_from_slice(flash);
        cpu.poke(FLASH.base, &erased);
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

    fn unprivileged(&self) -> bool {
        is_unprivileged(&self.engine)
    }

    /// Stack pointers and masks are hidden from unprivileged code, and from this interface with it.
    fn while_privileged<T>(&mut self, action: impl FnOnce(&mut Self) -> T) -> T {
        let hidden = self.unprivileged();
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
            Err(uc_error::INSN_INVALID) if self.read(RegisterARM::ESR) == SYNDROME_UNDEFINED as u32 => {
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

impl<B: Bus + 'static> Cpu<B> for UnicornCpu<B> {
    fn run(&mut self, bus: &mut B) -> Exit {
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
        if hidden && self.unprivileged() {
            // A second handle to the same engine, because lifting the privilege writes registers.
            let mut engine = self.engine.clone();
            let lifted = engine.reg_write(RegisterARM::IPSR, 3);
            let value = self.read(register(reg));
            let back = engine.reg_write(RegisterARM::IPSR, 0);
            debug_assert!(lifted.is_ok() && back.is_ok());
            return value;
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

    fn peek(&self, address: u32, bytes: &mut [u8]) -> bool {
        let from = self.memories.iter().find_map(|m| m.slice(address, bytes.len()));
        from.map(|from| bytes.copy_from_slice(from)).is_some()
    }

    fn poke(&mut self, address: u32, bytes: &[u8]) -> bool {
        let known = self.memories.iter().any(|m| m.at(address, bytes.len()).is_some());
        if known && address.wrapping_sub(FLASH.base) < FLASH.bytes {
            self.engine.get_data_mut().counts.forget();
        }
        // Through the engine, so that it drops the code that it has translated from there.
        known && self.engine.mem_write(u64::from(address), bytes).is_ok()
    }

    fn flush_rights(&mut self) {
        let flushed = self.engine.ctl_flush_tlb();
        debug_assert!(flushed.is_ok());
    }
}

fn register(reg: Reg) -> RegisterARM {
    const R: [RegisterARM; 13] = [
        RegisterARM::R0,
        RegisterARM::R1,
        RegisterARM::R2,
        RegisterARM::R3,
        RegisterARM::R4,
        RegisterARM::R5,
        RegisterARM::R6,
        RegisterARM::R7,
        RegisterARM::R8,
        RegisterARM::R9,
        RegisterARM::R10,
        RegisterARM::R11,
        RegisterARM::R12,
    ];
    match reg {
        Reg::R(n) => R[usize::from(n)],
        Reg::S(n) => S[usize::from(n)],
        Reg::Lr => RegisterARM::LR,
        Reg::Pc => RegisterARM::PC,
        Reg::Xpsr => RegisterARM::XPSR,
        Reg::Msp => RegisterARM::MSP,
        Reg::Psp => RegisterARM::PSP,
        Reg::Control => RegisterARM::CONTROL,
        Reg::Primask => RegisterARM::PRIMASK,
        Reg::Faultmask => RegisterARM::FAULTMASK,
        Reg::Basepri => RegisterARM::BASEPRI,
        Reg::Fpscr => RegisterARM::FPSCR,
    }
}

#[rustfmt::skip]
const S: [RegisterARM; 32] = {
    use RegisterARM::*;
    [S0, S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12, S13, S14, S15,
     S16, S17, S18, S19, S20, S21, S22, S23, S24, S25, S26, S27, S28, S29, S30, S31]
};

fn is_unprivileged<B>(engine: &Unicorn<'_, Shared<B>>) -> bool {
    let read = |reg| engine.reg_read(reg).map_or(0, |v| v as u32);
    read(RegisterARM::CONTROL) & CONTROL_NPRIV != 0 && read(RegisterARM::IPSR) & XPSR_EXCEPTION == 0
}

/// The masks, from inside a run. Unprivileged code cannot have set any that hide from it: it reads as zero, and the
/// machine then only stops once more than needed.
fn masks_of<B>(engine: &Unicorn<'_, Shared<B>>) -> Masks {
    let read = |reg| engine.reg_read(reg).map_or(0, |v| v as u32);
    Masks {
        primask: read(RegisterARM::PRIMASK) & 1 != 0,
        faultmask: read(RegisterARM::FAULTMASK) & 1 != 0,
        basepri: read(RegisterARM::BASEPRI) as u8,
    }
}

fn set_up<B: Bus + 'static>(
    engine: &mut Engine<B>,
    memories: &[Backing],
    flash: &[u8],
) -> Result<(), uc_error> {
    engine.ctl_set_cpu_model(ArmCpuModel::CORTEX_M7 as i32)?;
    engine.ctl_exits_enable()?;
    engine.ctl_set_tlb_type(TlbType::VIRTUAL)?;
    for m in memories {
        let prot = if m.memory.writable {
            Prot::ALL
        } else {
            Prot::READ | Prot::EXEC
        };
        let (base, bytes) = (u64::from(m.memory.base), u64::from(m.memory.bytes));
        // SAFETY: the allocation is that long, and outlives the engine (field order of `UnicornCpu`).
        unsafe { engine.mem_map_ptr(base, bytes, prot, m.bytes.as_ptr().cast::<c_void>()) }?;
    }
    for (base, bytes) in MODELLED {
        engine.mmio_map(
            u64::from(base),
            u64::from(bytes),
            Some(move |uc: &mut Unicorn<'_, Shared<B>>, offset: u64, size: usize| {
                load(uc, base + offset as u32, size)
            }),
            Some(
                move |uc: &mut Unicorn<'_, Shared<B>>, offset: u64, size: usize, value: u64| {
                    store(uc, base + offset as u32, size, value as u32);
                },
            ),
        )?;
    }
    engine.mmio_map(
        CUT,
        1 << 32,
        Some(|uc: &mut Unicorn<'_, Shared<B>>, address: u64, size: usize| {
            load_checked(uc, address as u32, size)
        }),
        Some(
            |uc: &mut Unicorn<'_, Shared<B>>, address: u64, size: usize, value: u64| {
                store_checked(uc, address as u32, size, value as u32);
            },
        ),
    )?;
    for (first, last) in holes() {
        engine.add_mem_hook(
            HookType::MEM_UNMAPPED,
            first.into(),
            last.into(),
            |uc, kind, address, _, _| {
                uc.get_data_mut().exit = Some(Exit::BusError {
                    access: access(kind),
                    address: address as u32,
                });
                false
            },
        )?;
    }
    engine.add_mem_hook(
        HookType::MEM_UNMAPPED,
        DENIED,
        2 * DENIED - 1,
        |uc, kind, address, _, _| {
            uc.get_data_mut().exit = Some(Exit::Denied {
                access: access(kind),
                address: address as u32,
            });
            false
        },
    )?;
    let flash_end = FLASH.base + FLASH.bytes - 1;
    engine.add_mem_hook(
        HookType::MEM_WRITE_PROT,
        FLASH.base.into(),
        flash_end.into(),
        |uc, _, address, _, _| {
            uc.get_data_mut().exit = Some(Exit::BusError {
                access: Access::Write,
                address: address as u32,
            });
            false
        },
    )?;
    engine.add_tlb_hook(0, u64::MAX, |uc, page, kind| {
        Some(translate(uc, page as u32, access(kind)))
    })?;
    engine.add_block_hook(1, 0, |uc, pc, size| block(uc, pc as u32, size))?;
    engine.add_intr_hook(interrupt)?;
    engine.add_insn_invalid_hook(|_| false)?;
    // SEV and DSB do nothing in Unicorn, so the places where they may stand are watched. A false one (data) is never
    // executed.
    for (index, pair) in flash.windows(4).enumerate().step_by(2) {
        let at = u64::from(FLASH.base) + index as u64;
        if pair[..2] == SEV {
            engine.add_code_hook(at, at, |uc, _, _| uc.get_data_mut().bus().send_event())?;
        } else if pair[..2] == DSB[..2] && pair[2] & 0xF0 == DSB[2] && pair[3] == DSB[3] {
            engine.add_code_hook(at, at, |uc, _, _| uc.get_data_mut().bus().barrier())?;
        }
    }
    Ok(())
}

fn access(kind: MemType) -> Access {
    match kind {
        MemType::WRITE | MemType::WRITE_UNMAPPED | MemType::WRITE_PROT => Access::Write,
        MemType::FETCH | MemType::FETCH_UNMAPPED | MemType::FETCH_PROT => Access::Execute,
        _ => Access::Read,
    }
}

fn width(size: usize) -> Width {
    match size {
        1 => Width::Byte,
        2 => Width::Half,
        _ => Width::Word,
    }
}

fn load<B: Bus>(uc: &mut Unicorn<'_, Shared<B>>, address: u32, size: usize) -> u64 {
    match uc.get_data_mut().bus().read(address, width(size)) {
        Ok(value) => u64::from(value),
        Err(_) => {
            refuse(uc, Access::Read, address);
            0
        }
    }
}

fn store<B: Bus>(uc: &mut Unicorn<'_, Shared<B>>, address: u32, size: usize, value: u32) {
    if uc
        .get_data_mut()
        .bus()
        .write(address, width(size), value)
        .is_err()
    {
        refuse(uc, Access::Write, address);
    }
}

/// A load from a page that the MPU cuts.
fn load_checked<B: Bus>(uc: &mut Unicorn<'_, Shared<B>>, address: u32, size: usize) -> u64 {
    if !may(uc, address, Access::Read) {
        return 0;
    }
    match memory_at(&uc.get_data().memories, address, size) {
        Some(at) => {
            let mut bytes = [0; 8];
            // SAFETY: `size` bytes from there are inside the allocation, and guest code stands still during a hook.
            unsafe { core::ptr::copy_nonoverlapping(at.as_ptr(), bytes.as_mut_ptr(), size.min(8)) };
            u64::from_le_bytes(bytes)
        }
        None => load(uc, address, size),
    }
}

/// A store to such a page.
fn store_checked<B: Bus>(uc: &mut Unicorn<'_, Shared<B>>, address: u32, size: usize, value: u32) {
    if !may(uc, address, Access::Write) {
        return;
    }
    match memory_at(&uc.get_data().memories, address, size) {
        Some(at) => {
            // SAFETY: as above; a store has at most four bytes.
            unsafe { core::ptr::copy_nonoverlapping(value.to_le_bytes().as_ptr(), at.as_ptr(), size.min(4)) };
        }
        None => store(uc, address, size, value),
    }
}

/// Ask for the rights at an exact address; stops the instruction if there are none.
fn may<B: Bus>(uc: &mut Unicorn<'_, Shared<B>>, address: u32, access: Access) -> bool {
    let privileged = !is_unprivileged(uc);
    let allowed = uc.get_data_mut().bus().rights(address, privileged).allow(access);
    if !allowed {
        uc.get_data_mut()
            .exit
            .get_or_insert(Exit::Denied { access, address });
        let stopped = uc.emu_stop();
        debug_assert!(stopped.is_ok());
    }
    allowed
}

/// Where `size` bytes of a writable memory lie.
fn memory_at(memories: &[NonNull<u8>], address: u32, size: usize) -> Option<NonNull<u8>> {
    let inside = |m: &Memory| {
        let offset = address.wrapping_sub(m.base);
        m.writable && offset < m.bytes && size as u32 <= m.bytes - offset
    };
    let (memory, bytes) = MEMORIES.iter().zip(memories).find(|(m, _)| inside(m))?;
    // SAFETY: the offset was just found to be inside the allocation.
    Some(unsafe { bytes.add((address - memory.base) as usize) })
}

/// Stopping inside a device access takes the instruction back: the load's register stays as it was.
fn refuse<B: Bus>(uc: &mut Unicorn<'_, Shared<B>>, access: Access, address: u32) {
    uc.get_data_mut()
        .exit
        .get_or_insert(Exit::BusError { access, address });
    let stopped = uc.emu_stop();
    debug_assert!(stopped.is_ok());
}

fn translate<B: Bus>(uc: &mut Unicorn<'_, Shared<B>>, page: u32, access: Access) -> TlbEntry {
    if access != Access::Execute {
        // Before it asks for a translation, Unicorn writes the IT state of the accessing instruction into the core, where
        // it must be zero while a block runs: left there, it would be taken for the state of the next block.
        let cleared = uc.reg_write(RegisterARM::EPSR, EPSR_T);
        debug_assert!(cleared.is_ok());
    }
    let privileged = !is_unprivileged(uc);
    if access != Access::Execute && uc.get_data_mut().bus().is_cut(page) {
        return TlbEntry {
            paddr: CUT | u64::from(page),
            perms: Prot::READ | Prot::WRITE,
        };
    }
    let rights = uc.get_data_mut().bus().rights(page, privileged);
    if !rights.allow(access) {
        // A fetch cannot be redirected; without EXEC it ends with an exception at its own address.
        let perms = if access == Access::Execute {
            Prot::NONE
        } else {
            Prot::READ | Prot::WRITE
        };
        return TlbEntry {
            paddr: DENIED | u64::from(page),
            perms,
        };
    }
    let in_ram = MEMORIES
        .iter()
        .any(|m| m.writable && page.wrapping_sub(m.base) < m.bytes);
    let mut perms = Prot::NONE;
    if rights.read {
        perms |= Prot::READ;
    }
    // A page of RAM is either for stores or for code at one time: executable pages have slow stores.
    if rights.write && !(in_ram && access == Access::Execute) {
        perms |= Prot::WRITE;
    }
    if rights.execute && (!in_ram || access == Access::Execute) {
        perms |= Prot::EXEC;
    }
    TlbEntry {
        paddr: u64::from(page),
        perms,
    }
}

fn block<B: Bus>(uc: &mut Unicorn<'_, Shared<B>>, pc: u32, size: u32) {
    let shared = uc.get_data_mut();
    let count = || code(&shared.memories, pc, size).map_or(1, blocks::count);
    // Code in RAM may have changed since it was last counted.
    let in_flash = pc.wrapping_sub(FLASH.base) < FLASH.bytes;
    let instructions = if in_flash {
        shared.counts.of(pc, size, count)
    } else {
        count()
    };
    let mut bus = shared.bus.expect("hooks run only inside `run`");
    let engine = &*uc;
    // SAFETY: `run` lends the machine to the hooks for its duration, and hooks do not nest.
    let stop = unsafe { bus.as_mut() }.block(pc, instructions, || masks_of(engine));
    if stop {
        uc.get_data_mut().exit = Some(Exit::Asked);
        let stopped = uc.emu_stop();
        debug_assert!(stopped.is_ok());
    }
}

/// The code of a block, from the memories in the order of [`MEMORIES`].
fn code(memories: &[NonNull<u8>], pc: u32, size: u32) -> Option<&[u8]> {
    let (memory, bytes) = MEMORIES
        .iter()
        .zip(memories)
        .find(|(m, _)| pc.wrapping_sub(m.base) < m.bytes)?;
    let offset = pc - memory.base;
    let size = size.min(memory.bytes - offset) as usize;
    // SAFETY: cut to the allocation, and guest code stands still during a hook.
    Some(unsafe { core::slice::from_raw_parts(bytes.as_ptr().add(offset as usize), size) })
}

/// Exceptions that the engine raises by number.
fn interrupt<B: Bus>(uc: &mut Unicorn<'_, Shared<B>>, number: u32) {
    let pc = uc.reg_read(RegisterARM::PC).map_or(0, |v| v as u32);
    let exit = match number {
        2 => Exit::Svc,
        3 => Exit::Denied {
            access: Access::Execute,
            address: pc,
        },
        4 => Exit::Unaligned,
        7 => Exit::Breakpoint,
        8 => Exit::ExceptionReturn(pc | 1),
        17 => Exit::NoCoprocessor,
        _ => Exit::Broken("Unicorn raised an exception of unknown number"),
    };
    uc.get_data_mut().exit = Some(exit);
    let stopped = uc.emu_stop();
    debug_assert!(stopped.is_ok());
}
