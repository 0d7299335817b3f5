//! What a debugger stops the core for: breakpoints, watchpoints, single steps.
//!
//! A breakpoint is a hook on its one instruction and costs nothing elsewhere. For watchpoints and steps a hook sees every
//! instruction. A run that stops within a block has paid for all of it: it goes on without paying again, so that a
//! debugger costs no virtual time. Unicorn cannot stop within an IT block: it is one instruction here, and gdb moves
//! breakpoints out of it.

use super::super::{Bus, Exit, Halt, Watchpoint};
use super::halts::Step;
use super::hooks::{ALIGNED, CUT, clear_it_state, stop};
use super::memory::code;
use super::shared::{Engine, Shared};
use core::ptr::NonNull;
use unicorn_engine::Unicorn;
use unicorn_engine::unicorn_const::{HookType, uc_error};

/// Three wide instructions behind an IT, and the IT.
const MOST_IT_HALFWORDS: u32 = 7;
const PAGE: u32 = 4096;

/// Stop before the instruction at `address`, or no longer.
pub fn break_at<B: Bus + 'static>(engine: &mut Engine<B>, address: u32, on: bool) -> Result<(), uc_error> {
    let known = engine.get_data_mut().debug.breakpoints.remove(&address);
    if let Some(hook) = known {
        engine.remove_hook(hook)?;
    }
    if on {
        let hook = engine.add_code_hook(address.into(), address.into(), |uc, pc, _| {
            before(uc, pc as u32, Some(Halt::Breakpoint));
        })?;
        engine.get_data_mut().debug.breakpoints.insert(address, hook);
    }
    engine.ctl_flush_tb()
}

/// Stop behind an instruction that does this, or no longer.
pub fn watch_for<B: Bus + 'static>(
    engine: &mut Engine<B>,
    watchpoint: Watchpoint,
    on: bool,
) -> Result<(), uc_error> {
    let watchpoints = &mut engine.get_data_mut().debug.watchpoints;
    if let Some(at) = watchpoints.iter().position(|(known, _)| *known == watchpoint) {
        for hook in watchpoints.remove(at).1 {
            engine.remove_hook(hook)?;
        }
    }
    if on {
        let kind = match (watchpoint.reads, watchpoint.writes) {
            (true, true) => HookType::MEM_READ | HookType::MEM_WRITE,
            (true, false) => HookType::MEM_READ,
            _ => HookType::MEM_WRITE,
        };
        let (first, last) = (u64::from(watchpoint.first), u64::from(watchpoint.last));
        let mut hooks = Vec::new();
        for place in [0, CUT, ALIGNED] {
            let hook = engine.add_mem_hook(kind, place | first, place | last, move |uc, _, _, _, _| {
                clear_it_state(uc);
                uc.get_data_mut().debug.hit = Some(watchpoint);
                true
            })?;
            hooks.push(hook);
        }
        engine.get_data_mut().debug.watchpoints.push((watchpoint, hooks));
    }
    engine.ctl_flush_tb()
}

/// Before a run: see every instruction, or no longer.
pub fn prepare<B: Bus + 'static>(engine: &mut Engine<B>) -> Result<(), uc_error> {
    let debug = &mut engine.get_data_mut().debug;
    match (debug.needs_every(), debug.every.take()) {
        (true, None) => {
            let hook = engine.add_code_hook(1, 0, |uc, pc, _| before(uc, pc as u32, None))?;
            engine.get_data_mut().debug.every = Some(hook);
        }
        (false, Some(hook)) => engine.remove_hook(hook)?,
        (_, hook) => {
            debug.every = hook;
            return Ok(());
        }
    }
    engine.ctl_flush_tb()
}

/// An instruction is about to run.
fn before<B: Bus>(uc: &mut Unicorn<'_, Shared<B>>, pc: u32, breakpoint: Option<Halt>) {
    let shared = uc.get_data_mut();
    if shared.exit.is_some() {
        return;
    }
    let debug = &mut shared.debug;
    let halt = match (debug.hit.take(), breakpoint) {
        (Some(watchpoint), _) => Some(Halt::Watch(watchpoint)),
        (None, Some(halt)) => (debug.halted_at.take() != Some(pc)).then_some(halt),
        (None, None) => (debug.step == Step::Over).then_some(Halt::Step),
    };
    if let Some(halt) = halt {
        if is_in_it_block(&shared.memories, debug.block, pc) {
            // An access is told behind the block.
            if let Halt::Watch(watchpoint) = halt {
                debug.hit = Some(watchpoint);
            }
            clear_it_state(uc);
            return;
        }
        debug.step = Step::No;
        (debug.halted_at, debug.paid) = (Some(pc), Some(pc));
        stop(uc, Exit::Halted(halt));
        return;
    }
    if debug.step == Step::Begin && breakpoint.is_none() {
        debug.step = Step::Over;
    }
    // As after other hooks.
    clear_it_state(uc);
}

/// Is `pc`, in a block of code that begins at `start`, within an IT block?
fn is_in_it_block(memories: &[NonNull<u8>], start: u32, pc: u32) -> bool {
    if start % PAGE >= 4 {
        return is_left_in_it_block(memories, start, pc);
    }
    // Only the end of a page cuts an IT block. What looks like an IT before it costs a stop at most.
    (0..=MOST_IT_HALFWORDS).any(|back| is_left_in_it_block(memories, start.wrapping_sub(2 * back), pc))
}

/// The same for code that is known to begin at `start`.
fn is_left_in_it_block(memories: &[NonNull<u8>], start: u32, pc: u32) -> bool {
    let half =
        |at: u32| code(memories, at, 2).and_then(|half| Some(u16::from_le_bytes(*half.first_chunk()?)));
    let (mut at, mut left) = (start, 0);
    // No block is longer than a page.
    while at < pc && pc - at < 2 * PAGE {
        let Some(first) = half(at) else { return false };
        left = match first {
            // The mask's lowest one ends the list of instructions.
            0xBF00..=0xBFFF if first & 0xF != 0 => 4 - (first & 0xF).trailing_zeros(),
            _ => u32::saturating_sub(left, 1),
        };
        at += if first >> 11 >= 0x1D { 4 } else { 2 };
    }
    at == pc && left > 0
}
