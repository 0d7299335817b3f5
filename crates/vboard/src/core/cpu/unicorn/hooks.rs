//! What Unicorn asks while guest code runs: devices, rights, blocks, exceptions.

use super::super::blocks;
use super::super::{Bus, Exit, Run};
use super::memory::{Backing, code, writable_at};
use super::registers::{Running, is_unprivileged};
use super::shared::{Engine, Shared};
use crate::machine::memory::{FLASH, MEMORIES, MODELLED, WINDOW, holes, is_flash};
use chipmodel::Width;
use chipmodel::core::mpu::{Access, Rights};
use core::ffi::c_void;
use m7time::issue::BlockCost;
use unicorn_engine::unicorn_const::{HookType, MemType, Prot, TlbEntry, TlbType, uc_error};
use unicorn_engine::{ArmCpuModel, RegisterARM, Unicorn};

/// Denied pages are translated to their address plus this; physical addresses have 64 bits.
const DENIED: u64 = 1 << 32;
/// Pages whose accesses are looked at one by one are translated to their address plus this.
pub const CUT: u64 = 1 << 33;

/// External memory that must be accessed with natural alignment is translated to its address plus this.
pub const ALIGNED: u64 = 1 << 34;

/// EPSR with the T bit and no IT state.
const EPSR_T: u64 = 1 << 24;

const SEV: [u8; 2] = [0x40, 0xBF];
/// With any option in the low bits of the third byte.
const DSB: [u8; 4] = [0xBF, 0xF3, 0x40, 0x8F];

/// Memories, devices, hooks.
pub fn set_up<B: Bus + 'static>(
    engine: &mut Engine<B>,
    memories: &[Backing],
    flash: &[u8],
) -> Result<(), uc_error> {
    engine.ctl_set_cpu_model(ArmCpuModel::CORTEX_M7 as i32)?;
    engine.ctl_exits_enable()?;
    engine.ctl_set_tlb_type(TlbType::VIRTUAL)?;
    map_memories(engine, memories)?;
    for (base, bytes) in MODELLED {
        map_devices(engine, u64::from(base), base, bytes)?;
    }
    map_devices(engine, ALIGNED | u64::from(WINDOW.0), WINDOW.0, WINDOW.1)?;
    map_checked(engine)?;
    watch_refusals(engine)?;
    engine.add_tlb_hook(0, u64::MAX, |uc, page, kind| {
        Some(translate(uc, page as u32, access(kind)))
    })?;
    engine.add_block_hook(1, 0, |uc, pc, size| block(uc, pc as u32, size))?;
    engine.add_intr_hook(interrupt)?;
    engine.add_insn_invalid_hook(|_| false)?;
    watch_hints(engine, FLASH.base, flash)
}

fn map_memories<B: Bus + 'static>(engine: &mut Engine<B>, memories: &[Backing]) -> Result<(), uc_error> {
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
    Ok(())
}

/// The place where every access is looked at.
fn map_checked<B: Bus + 'static>(engine: &mut Engine<B>) -> Result<(), uc_error> {
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
    )
}

/// Accesses where nothing is, where nothing may be done, and stores to flash that is locked.
fn watch_refusals<B: Bus + 'static>(engine: &mut Engine<B>) -> Result<(), uc_error> {
    for (first, last) in holes() {
        let (first, last) = (first.into(), last.into());
        engine.add_mem_hook(HookType::MEM_UNMAPPED, first, last, |uc, kind, address, _, _| {
            let (access, address) = (access(kind), address as u32);
            uc.get_data_mut().exit = Some(Exit::BusError { access, address });
            false
        })?;
    }
    let last = 2 * DENIED - 1;
    engine.add_mem_hook(HookType::MEM_UNMAPPED, DENIED, last, |uc, kind, address, _, _| {
        let (access, address) = (access(kind), address as u32);
        uc.get_data_mut().exit = Some(Exit::Denied { access, address });
        false
    })?;
    // A page of flash that is seen for reads: its bank is locked, or was until this block.
    let (first, last) = (u64::from(FLASH.base), u64::from(FLASH.base + FLASH.bytes - 1));
    engine.add_mem_hook(
        HookType::MEM_WRITE_PROT,
        first,
        last,
        |uc, _, address, size, value| {
            let (access, address) = (Access::Write, address as u32);
            let written = uc.get_data_mut().bus().write(address, width(size), value as u32);
            uc.get_data_mut().exit = Some(match written {
                Ok(()) => Exit::Broken("a store to flash in the block that unlocks it"),
                Err(_) => Exit::BusError { access, address },
            });
            false
        },
    )?;
    Ok(())
}

/// SEV and DSB do nothing in Unicorn, so the places where they may stand are watched. A false one (data) is never executed,
/// and what stands there by then is looked at again: code in RAM changes.
pub fn watch_hints<B: Bus>(
    engine: &mut Unicorn<'_, Shared<B>>,
    base: u32,
    bytes: &[u8],
) -> Result<(), uc_error> {
    for (index, place) in bytes.windows(4).enumerate().step_by(2) {
        let at = u64::from(base) + index as u64;
        if (!is_dsb(place) && !is_sev(place)) || !engine.get_data_mut().hints.insert(at) {
            continue;
        }
        engine.add_code_hook(at, at, |uc, pc, _| hint(uc, pc as u32))?;
    }
    Ok(())
}

fn is_dsb(place: &[u8]) -> bool {
    place.len() == 4 && place[..2] == DSB[..2] && place[2] & 0xF0 == DSB[2] && place[3] == DSB[3]
}

fn is_sev(place: &[u8]) -> bool {
    place[..2] == SEV[..2]
}

fn hint<B: Bus>(uc: &mut Unicorn<'_, Shared<B>>, pc: u32) {
    let place = code(&uc.get_data().memories, pc, 4).filter(|place| place.len() >= 2);
    let (dsb, sev) = place.map_or((false, false), |place| (is_dsb(place), is_sev(place)));
    if dsb {
        uc.get_data_mut().bus().barrier();
    } else if sev {
        uc.get_data_mut().bus().send_event();
    }
}

/// The same for a page of RAM that code runs in.
fn watch_hints_in_ram<B: Bus>(uc: &mut Unicorn<'_, Shared<B>>, page: u32) {
    // An instruction may begin before.
    let first = MEMORIES
        .iter()
        .find(|m| page.wrapping_sub(m.base) < m.bytes)
        .map_or(page, |m| page.saturating_sub(2).max(m.base));
    let bytes = code(&uc.get_data().memories, first, page - first + 4096 + 2).map(<[u8]>::to_vec);
    let watched = watch_hints(uc, first, &bytes.unwrap_or_default());
    debug_assert!(watched.is_ok());
}

/// Let devices answer from `base` on, seen at `physical`.
fn map_devices<B: Bus + 'static>(
    engine: &mut Engine<B>,
    physical: u64,
    base: u32,
    bytes: u32,
) -> Result<(), uc_error> {
    let read =
        move |uc: &mut Unicorn<'_, Shared<B>>, offset: u64, size: usize| load(uc, base + offset as u32, size);
    let write = move |uc: &mut Unicorn<'_, Shared<B>>, offset: u64, size: usize, value: u64| {
        store(uc, base + offset as u32, size, value as u32);
    };
    engine.mmio_map(physical, u64::from(bytes), Some(read), Some(write))
}

/// Look at the alignment of accesses to [`ALIGNED`]. Only while it is needed: as long as there is such a hook, all code
/// is translated so that every access, to any memory, is slow.
fn watch_alignment<B: Bus>(uc: &mut Unicorn<'_, Shared<B>>) {
    if uc.get_data().alignment_watch.is_some() {
        return;
    }
    let first = ALIGNED | u64::from(WINDOW.0);
    let last = first + u64::from(WINDOW.1) - 1;
    let accesses = HookType::MEM_READ | HookType::MEM_WRITE;
    let hook = uc.add_mem_hook(accesses, first, last, |uc, _, address, size, _| {
        check_alignment(uc, address as u32, size);
        true
    });
    debug_assert!(hook.is_ok());
    uc.get_data_mut().alignment_watch = hook.ok();
}

/// Rights and memory types have changed: the watch, and the slow code that came with it, may no longer be needed.
pub fn end_alignment_watch<B: Bus + 'static>(engine: &mut Engine<B>) -> Result<(), uc_error> {
    match engine.get_data_mut().alignment_watch.take() {
        Some(hook) => {
            engine.remove_hook(hook)?;
            engine.ctl_flush_tb()
        }
        None => Ok(()),
    }
}

/// The engine cuts an unaligned access into aligned ones before a device sees it; here it is still whole. Doublewords
/// are two words.
fn check_alignment<B: Bus>(uc: &mut Unicorn<'_, Shared<B>>, address: u32, size: usize) {
    clear_it_state(uc);
    if address % size.min(4) as u32 != 0 {
        stop(uc, Exit::Unaligned);
    }
}

/// Before some hooks Unicorn writes the IT state of the accessing instruction into the core, where it must be zero while
/// a block runs: left there, it would be taken for the state of the next block.
pub fn clear_it_state<B: Bus>(uc: &mut Unicorn<'_, Shared<B>>) {
    let cleared = uc.reg_write(RegisterARM::EPSR, EPSR_T);
    debug_assert!(cleared.is_ok());
}

/// End the run. Inside a device access this takes the instruction back: the load's register stays as it was.
pub fn stop<B: Bus>(uc: &mut Unicorn<'_, Shared<B>>, exit: Exit) {
    uc.get_data_mut().exit.get_or_insert(exit);
    let stopped = uc.emu_stop();
    debug_assert!(stopped.is_ok());
}

/// Has this instruction already failed? Then the rest of its accesses must do nothing.
fn has_failed<B: Bus>(uc: &Unicorn<'_, Shared<B>>) -> bool {
    uc.get_data().exit.is_some()
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
    if has_failed(uc) {
        return 0;
    }
    match uc.get_data_mut().bus().read(address, width(size)) {
        Ok(value) => u64::from(value),
        Err(_) => {
            stop(
                uc,
                Exit::BusError {
                    access: Access::Read,
                    address,
                },
            );
            0
        }
    }
}

fn store<B: Bus>(uc: &mut Unicorn<'_, Shared<B>>, address: u32, size: usize, value: u32) {
    if has_failed(uc) {
        return;
    }
    let written = uc.get_data_mut().bus().write(address, width(size), value);
    if written.is_err() {
        stop(
            uc,
            Exit::BusError {
                access: Access::Write,
                address,
            },
        );
    }
}

/// A load from a page that the MPU cuts, or that is followed.
fn load_checked<B: Bus>(uc: &mut Unicorn<'_, Shared<B>>, address: u32, size: usize) -> u64 {
    if !may(uc, address, Access::Read) {
        return 0;
    }
    match writable_at(&uc.get_data().memories, address, size) {
        Some(at) => {
            uc.get_data_mut().bus().touched(address, Access::Read);
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
    match writable_at(&uc.get_data().memories, address, size) {
        Some(at) => {
            uc.get_data_mut().bus().touched(address, Access::Write);
            // SAFETY: as above; a store has at most four bytes.
            unsafe { core::ptr::copy_nonoverlapping(value.to_le_bytes().as_ptr(), at.as_ptr(), size.min(4)) };
        }
        None => store(uc, address, size, value),
    }
}

/// Ask for the rights at an exact address; stops the instruction if there are none.
fn may<B: Bus>(uc: &mut Unicorn<'_, Shared<B>>, address: u32, access: Access) -> bool {
    let privileged = !is_unprivileged(uc);
    if has_failed(uc) {
        return false;
    }
    let allowed = uc.get_data_mut().bus().rights(address, privileged).allow(access);
    if !allowed {
        stop(uc, Exit::Denied { access, address });
    }
    allowed
}

/// What the engine may remember of a page.
fn translate<B: Bus>(uc: &mut Unicorn<'_, Shared<B>>, page: u32, access: Access) -> TlbEntry {
    let entry = |base: u64, perms: Prot| TlbEntry {
        paddr: base | u64::from(page),
        perms,
    };
    if uc.get_data().bus.is_none() {
        // Between runs, when code is dropped. What is remembered here is flushed right after.
        return entry(0, Prot::ALL);
    }
    if access != Access::Execute {
        clear_it_state(uc);
    }
    let privileged = !is_unprivileged(uc);
    let bus = uc.get_data_mut().bus();
    let stores_to_flash = access == Access::Write && is_flash(page);
    let looked_at = bus.is_followed(page) || bus.is_cut(page) || bus.is_special(page);
    if access != Access::Execute && (looked_at || stores_to_flash) {
        return entry(CUT, Prot::READ | Prot::WRITE);
    }
    if access == Access::Execute && bus.is_cut(page) {
        bus.cut_fetch(page);
        return entry(0, Prot::NONE);
    }
    let rights = bus.rights(page, privileged);
    if !rights.allow(access) {
        // A fetch cannot be redirected; without EXEC it ends with an exception at its own address.
        let perms = if access == Access::Execute {
            Prot::NONE
        } else {
            Prot::READ | Prot::WRITE
        };
        return entry(DENIED, perms);
    }
    if access != Access::Execute && bus.is_device(page) {
        watch_alignment(uc);
        return entry(ALIGNED, data_perms(rights));
    }
    entry(0, open_perms(uc, page, access, rights))
}

/// What may be done in a page that is seen at its own address.
fn open_perms<B: Bus>(uc: &mut Unicorn<'_, Shared<B>>, page: u32, access: Access, rights: Rights) -> Prot {
    let in_ram = MEMORIES
        .iter()
        .any(|m| m.writable && page.wrapping_sub(m.base) < m.bytes);
    if in_ram && access == Access::Execute {
        let is_new = uc.get_data_mut().code_pages.insert(page);
        if is_new {
            watch_hints_in_ram(uc, page);
        }
    }
    if is_flash(page) && access == Access::Execute {
        uc.get_data_mut().flash_pages.insert(page);
    }
    let mut perms = data_perms(rights);
    // A page of RAM is either for stores or for code at one time: executable pages have slow stores.
    if in_ram && access == Access::Execute {
        perms = Prot(perms.0 & !Prot::WRITE.0);
    }
    if rights.execute && (!in_ram || access == Access::Execute) {
        perms |= Prot::EXEC;
    }
    perms
}

fn data_perms(rights: Rights) -> Prot {
    let mut perms = Prot::NONE;
    if rights.read {
        perms |= Prot::READ;
    }
    if rights.write {
        perms |= Prot::WRITE;
    }
    perms
}

fn block<B: Bus>(uc: &mut Unicorn<'_, Shared<B>>, pc: u32, size: u32) {
    let shared = uc.get_data_mut();
    if shared.debug.is_paid(pc) {
        return;
    }
    let mut bus = shared.bus.expect("hooks run only inside `run`");
    // SAFETY: `run` lends the machine to the hooks for its duration, and hooks do not nest.
    let bus = unsafe { bus.as_mut() };
    let count = || code(&shared.memories, pc, size).map_or(1, blocks::count);
    // Code in RAM may have changed since it was last counted.
    let in_flash = pc.wrapping_sub(FLASH.base) < FLASH.bytes;
    let instructions = if in_flash {
        shared.counts.of(pc, size, count)
    } else {
        count()
    };
    let cost = bus.wants_costs().then(|| {
        let cost = || code(&shared.memories, pc, size).map_or(BlockCost::default(), m7time::issue::block);
        if in_flash {
            shared.costs.of(pc, size, cost)
        } else {
            cost()
        }
    });
    let run = Run {
        instructions,
        bytes: size,
        cost,
    };
    if bus.block(pc, &run, &mut Running(uc)) {
        stop(uc, Exit::Asked);
    }
}

/// Have accesses of memory told to the machine, if it wants that. All code is slow from then on.
pub fn watch_accesses<B: Bus + 'static>(engine: &mut Engine<B>, bus: &B) -> Result<(), uc_error> {
    if !bus.wants_accesses() || engine.get_data().watches_accesses {
        return Ok(());
    }
    engine.get_data_mut().watches_accesses = true;
    for memory in MEMORIES {
        let (first, last) = (memory.base.into(), (memory.base + memory.bytes - 1).into());
        engine.add_mem_hook(
            HookType::MEM_READ | HookType::MEM_WRITE,
            first,
            last,
            |uc, kind, address, bytes, _| {
                clear_it_state(uc);
                uc.get_data_mut()
                    .bus()
                    .accessed(address as u32, bytes as u32, access(kind));
                true
            },
        )?;
    }
    engine.ctl_flush_tb()
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
    stop(uc, exit);
}
