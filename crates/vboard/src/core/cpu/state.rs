//! The whole visible state of a core, for snapshots.
//!
//! Not in it: the exclusive monitor (STREX compares values, so compare-and-swap stays safe).

use super::{Bus, Cpu, Reg};

/// Everything that a program can see of a core.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoreState {
    general: [u32; 13],
    float: [u32; 32],
    special: [u32; SPECIAL.len()],
    xpsr: u32,
    control: u32,
}

/// Registers that are written while the core is in handler mode, where nothing is hidden.
const SPECIAL: [Reg; 8] = [
    Reg::Msp,
    Reg::Psp,
    Reg::Primask,
    Reg::Faultmask,
    Reg::Basepri,
    Reg::Fpscr,
    Reg::Lr,
    Reg::Pc,
];

/// Handler mode with the T bit, whatever the exception.
const SOME_HANDLER: u32 = 1 << 24 | 3;
const THREAD: u32 = 1 << 24;

impl CoreState {
    /// Read it.
    pub fn of<B: Bus>(cpu: &impl Cpu<B>) -> Self {
        CoreState {
            general: core::array::from_fn(|n| cpu.get(Reg::R(n as u8))),
            float: core::array::from_fn(|n| cpu.get(Reg::S(n as u8))),
            special: SPECIAL.map(|reg| cpu.get(reg)),
            xpsr: cpu.get(Reg::Xpsr),
            control: cpu.get(Reg::Control),
        }
    }

    /// Write it.
    pub fn put<B: Bus>(&self, cpu: &mut impl Cpu<B>) {
        privileged_main_stack(cpu);
        cpu.set(Reg::Xpsr, SOME_HANDLER);
        for (reg, value) in SPECIAL.into_iter().zip(self.special) {
            cpu.set(reg, value);
        }
        for n in 0..13 {
            cpu.set(Reg::R(n), self.general[usize::from(n)]);
        }
        for n in 0..32 {
            cpu.set(Reg::S(n), self.float[usize::from(n)]);
        }
        cpu.set(Reg::Xpsr, self.xpsr);
        cpu.set(Reg::Control, self.control);
    }
}

/// Privileged thread mode on the main stack, from whatever mode the core is in.
fn privileged_main_stack<B: Bus>(cpu: &mut impl Cpu<B>) {
    // In handler mode nPRIV can be cleared but SPSEL cannot; in thread mode both can.
    cpu.set(Reg::Xpsr, SOME_HANDLER);
    cpu.set(Reg::Control, 0);
    cpu.set(Reg::Xpsr, THREAD);
    cpu.set(Reg::Control, 0);
}

/// The state after reset (Armv7-M B1.5.5): stack and start address come from the vector table.
pub fn reset<B: Bus>(cpu: &mut impl Cpu<B>, stack: u32, entry: u32) {
    let special = SPECIAL.map(|reg| match reg {
        Reg::Msp => stack & !3,
        Reg::Lr => 0xFFFF_FFFF,
        Reg::Pc => entry & !1,
        _ => 0,
    });
    let xpsr = (entry & 1) << 24;
    CoreState {
        general: [0; 13],
        float: [0; 32],
        special,
        xpsr,
        control: 0,
    }
    .put(cpu);
    // PC was written before the T bit was known.
    cpu.set(Reg::Pc, entry & !1);
}
