//! Exception entry and return: frames, modes, stacks (Armv7-M B1.5.6 to B1.5.8).
//!
//! Floating-point registers are always stacked at once, never lazily; tail-chaining is a return and an entry.

use crate::core::cpu::{Bus, CONTROL_FPCA, CONTROL_NPRIV, CONTROL_SPSEL, Cpu, Reg, XPSR_EXCEPTION};
use crate::core::fault;
use crate::machine::memory::{FLASH, is_modelled};
use crate::machine::system::{Sleep, System};
use chipmodel::Width;
use chipmodel::core::nvic::number;
use chipmodel::core::scb::{cfsr, hfsr};

const XPSR_T: u32 = 1 << 24;
/// Flags, Q, GE: what an exception leaves as it was.
const XPSR_FLAGS: u32 = 0xF80F_0000;
/// In a stacked xPSR: the stack was moved by 4 to align it.
const FRAME_ALIGNED: u32 = 1 << 9;
const BASIC_FRAME: u32 = 0x20;
const EXTENDED_FRAME: u32 = 0x68;
/// EXC_RETURN bit 2: PSP. Bit 3: thread mode. Bit 4: basic frame.
const RETURN_PSP: u32 = 1 << 2;
const RETURN_THREAD: u32 = 1 << 3;
const RETURN_BASIC: u32 = 1 << 4;
const SCR_SLEEPONEXIT: u32 = 1 << 1;

/// The order in a frame; xPSR follows.
const BASIC: [Reg; 7] = [
    Reg::R(0),
    Reg::R(1),
    Reg::R(2),
    Reg::R(3),
    Reg::R(12),
    Reg::Lr,
    Reg::Pc,
];

/// Read a word as the core would: from memory, or over the bus.
fn load(cpu: &impl Cpu<System>, sys: &mut System, address: u32) -> Option<u32> {
    let mut bytes = [0; 4];
    if cpu.peek(address, &mut bytes) {
        return Some(u32::from_le_bytes(bytes));
    }
    if !is_modelled(address) {
        return None;
    }
    sys.read(address, Width::Word).ok()
}

/// Take exception `n`: PC is where it will return to.
pub fn enter(cpu: &mut impl Cpu<System>, sys: &mut System, n: u8) {
    let xpsr = cpu.get(Reg::Xpsr);
    let control = cpu.get(Reg::Control);
    let handler = xpsr & XPSR_EXCEPTION != 0;
    let on_psp = !handler && control & CONTROL_SPSEL != 0;
    let fp = control & CONTROL_FPCA != 0;
    let stack = if on_psp { Reg::Psp } else { Reg::Msp };

    let sp = cpu.get(stack);
    let frame = sp.wrapping_sub(if fp { EXTENDED_FRAME } else { BASIC_FRAME }) & !7;
    let moved = if sp & 4 != 0 { FRAME_ALIGNED } else { 0 };
    let stacked = push(
        cpu,
        sys,
        frame,
        fp,
        xpsr & !FRAME_ALIGNED | moved,
        !handler && control & CONTROL_NPRIV != 0,
    );
    cpu.set(stack, frame);

    let mut value = 0xFFFF_FFE1;
    value |= if fp { 0 } else { RETURN_BASIC };
    value |= if handler { 0 } else { RETURN_THREAD };
    value |= if on_psp { RETURN_PSP } else { 0 };

    sys.with_data(|data, port, fx| data.enter_exception(port, fx));
    let n = match stacked {
        Ok(()) => n,
        Err(bits) => match derived(cpu, sys, n, bits) {
            Some(n) => n,
            None => return,
        },
    };
    // Out of PSP while still in thread mode, where SPSEL can be written.
    if !handler {
        cpu.set(Reg::Control, control & CONTROL_NPRIV);
    }
    cpu.set(Reg::Xpsr, xpsr & XPSR_FLAGS | XPSR_T | u32::from(n));
    cpu.set(Reg::Control, control & CONTROL_NPRIV);
    cpu.set(Reg::Lr, value);

    sys.clock.cycles += sys.timing.exception();
    sys.nvic.enter(n);
    sys.current = n;
    sys.trace_core();
    sys.event = true;
    sys.rights_may_differ(n);
    match load(cpu, sys, sys.scb.vtor.wrapping_add(4 * u32::from(n))) {
        Some(vector) => {
            cpu.set(Reg::Xpsr, xpsr & XPSR_FLAGS | (vector & 1) << 24 | u32::from(n));
            cpu.set(Reg::Pc, vector & !1);
        }
        None => {
            sys.scb.hfsr |= hfsr::VECTTBL;
            fault::hard(cpu, sys, "no vector could be read");
        }
    }
}

/// A fault while the frame of `n` was written arrives late (Armv7-M B1.5.11): it is taken in place of `n`, which stays
/// pending, and nothing is stacked again. Returns what to take; `None` is a lockup.
fn derived(cpu: &impl Cpu<System>, sys: &mut System, n: u8, bits: u32) -> Option<u8> {
    const WHAT: &str = "the exception frame could not be written";
    sys.scb.cfsr |= bits;
    let fault = if bits == cfsr::MSTKERR {
        number::MEM_MANAGE
    } else {
        number::BUS_FAULT
    };
    if sys.nvic.group_priority(n) < 0 {
        fault::lock_up(cpu, sys, WHAT);
        return None;
    }
    let first = sys.nvic.group_priority(fault) < sys.nvic.group_priority(n);
    let taken = if first && sys.scb.fault_enabled(fault) {
        fault
    } else {
        sys.scb.hfsr |= hfsr::FORCED;
        number::HARD_FAULT
    };
    fault::report(cpu, sys, None, WHAT, taken);
    Some(taken)
}

/// Write the frame. `Err`: the status bit that says why not.
fn push(
    cpu: &mut impl Cpu<System>,
    sys: &mut System,
    frame: u32,
    fp: bool,
    xpsr: u32,
    unprivileged: bool,
) -> Result<(), u32> {
    let mut words = [0; EXTENDED_FRAME as usize / 4];
    for (word, reg) in words.iter_mut().zip(BASIC) {
        *word = cpu.get(reg);
    }
    words[7] = xpsr;
    if fp {
        for n in 0..16u8 {
            words[8 + usize::from(n)] = cpu.get(Reg::S(n));
        }
        words[24] = cpu.get(Reg::Fpscr);
    }
    // The reserved word that keeps the frame a multiple of 8 is not written.
    let words = if fp { &words[..25] } else { &words[..8] };
    for edge in [frame, frame.wrapping_add(4 * (words.len() as u32 - 1))] {
        if !sys.rights(edge, !unprivileged).write {
            return Err(cfsr::MSTKERR);
        }
    }
    let mut bytes = [0; EXTENDED_FRAME as usize];
    for (four, word) in bytes.chunks_exact_mut(4).zip(words) {
        four.copy_from_slice(&word.to_le_bytes());
    }
    let in_flash = frame.wrapping_sub(FLASH.base) < FLASH.bytes;
    if !in_flash && cpu.poke(frame, &bytes[..4 * words.len()]) {
        return Ok(());
    }
    if !is_modelled(frame) {
        return Err(cfsr::STKERR);
    }
    for (at, &word) in (0..).step_by(4).zip(words) {
        sys.write(frame.wrapping_add(at), Width::Word, word)
            .map_err(|_| cfsr::STKERR)?;
    }
    Ok(())
}

/// Return from the current exception by `value`, an EXC_RETURN.
pub fn leave(cpu: &mut impl Cpu<System>, sys: &mut System, value: u32) {
    sys.clock.cycles += sys.timing.exception();
    let n = sys.current;
    if !may_return(sys, n, value) {
        fault::raise(
            cpu,
            sys,
            number::USAGE_FAULT,
            cfsr::INVPC,
            None,
            &format!("bad EXC_RETURN 0x{value:08x}"),
        );
        return;
    }
    sys.nvic.leave(n);
    if n != number::NMI {
        cpu.set(Reg::Faultmask, 0);
    }
    let fp = value & RETURN_BASIC == 0;
    let stack = if value & RETURN_PSP != 0 {
        Reg::Psp
    } else {
        Reg::Msp
    };
    let frame = cpu.get(stack);
    let Some(words) = pop(cpu, sys, frame, fp) else {
        fault::raise(
            cpu,
            sys,
            number::BUS_FAULT,
            cfsr::UNSTKERR,
            None,
            "the exception frame could not be read",
        );
        return;
    };
    unstack(cpu, value, (stack, frame), words);
    sys.current = (words[7] & XPSR_EXCEPTION) as u8;
    sys.event = true;
    sys.rights_may_differ(n);
    sys.returned(n, cpu.get(Reg::Pc));
    let thread = value & RETURN_THREAD != 0;
    if (sys.current == 0) != thread {
        fault::raise(
            cpu,
            sys,
            number::USAGE_FAULT,
            cfsr::INVPC,
            None,
            "the stacked xPSR is of the other mode",
        );
    }
    if thread && sys.scb.scr & SCR_SLEEPONEXIT != 0 {
        sys.sleeping = Sleep::ForInterrupt;
    }
}

/// Is this an EXC_RETURN value that exception `n` may return by now?
fn may_return(sys: &System, n: u8, value: u32) -> bool {
    let known = matches!(value | RETURN_BASIC, 0xFFFF_FFF1 | 0xFFFF_FFF9 | 0xFFFF_FFFD);
    let thread = value & RETURN_THREAD != 0;
    known && sys.nvic.is_active(n) && thread != sys.nvic.others_active(n)
}

/// Registers, mode and stack as the frame has them.
fn unstack(cpu: &mut impl Cpu<System>, value: u32, (stack, frame): (Reg, u32), words: [u32; 8]) {
    let fp = value & RETURN_BASIC == 0;
    let xpsr = words[7];
    let size = if fp { EXTENDED_FRAME } else { BASIC_FRAME };
    let moved = if xpsr & FRAME_ALIGNED != 0 { 4 } else { 0 };
    let control = cpu.get(Reg::Control);
    cpu.set(stack, frame.wrapping_add(size) | moved);
    // Privileged until everything is written; SPSEL needs thread mode.
    cpu.set(Reg::Control, 0);
    cpu.set(Reg::Xpsr, xpsr & !FRAME_ALIGNED);
    let mut new = control & CONTROL_NPRIV;
    new |= if value & RETURN_PSP != 0 { CONTROL_SPSEL } else { 0 };
    new |= if fp { CONTROL_FPCA } else { 0 };
    cpu.set(Reg::Control, new);
    for (reg, word) in BASIC.into_iter().zip(words) {
        cpu.set(reg, word);
    }
}

/// The eight words of a frame; floating-point registers go straight to the core.
fn pop(cpu: &mut impl Cpu<System>, sys: &mut System, frame: u32, fp: bool) -> Option<[u32; 8]> {
    let mut words = [0; 8];
    for (offset, word) in (0..).step_by(4).zip(&mut words) {
        *word = load(cpu, sys, frame.wrapping_add(offset))?;
    }
    if fp {
        for n in 0..16u8 {
            let word = load(cpu, sys, frame.wrapping_add(BASIC_FRAME + 4 * u32::from(n)))?;
            cpu.set(Reg::S(n), word);
        }
        let fpscr = load(cpu, sys, frame.wrapping_add(BASIC_FRAME + 64))?;
        cpu.set(Reg::Fpscr, fpscr);
    }
    Some(words)
}
