//! Registers by their names in Unicorn, and the privilege that some of them need.

use super::super::{CONTROL_NPRIV, Reg, Registers, XPSR_EXCEPTION};
use super::shared::Shared;
use chipmodel::core::nvic::Masks;
use unicorn_engine::{RegisterARM, Unicorn};

/// Some handler's exception number: handlers are privileged.
const SOME_HANDLER: u64 = 3;

/// The name in Unicorn.
pub fn register(reg: Reg) -> RegisterARM {
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

fn read<B>(engine: &Unicorn<'_, Shared<B>>, reg: RegisterARM) -> u32 {
    // Reading a register that exists does not fail.
    engine.reg_read(reg).map_or(0, |v| v as u32)
}

/// Does unprivileged thread code run?
pub fn is_unprivileged<B>(engine: &Unicorn<'_, Shared<B>>) -> bool {
    read(engine, RegisterARM::CONTROL) & CONTROL_NPRIV != 0
        && read(engine, RegisterARM::IPSR) & XPSR_EXCEPTION == 0
}

/// Stack pointers and masks read as zero while unprivileged code runs, here too: do it in handler mode then.
pub fn lifted<B, T>(engine: &mut Unicorn<'_, Shared<B>>, action: impl FnOnce() -> T) -> T {
    if !is_unprivileged(engine) {
        return action();
    }
    let up = engine.reg_write(RegisterARM::IPSR, SOME_HANDLER);
    let result = action();
    let down = engine.reg_write(RegisterARM::IPSR, 0);
    debug_assert!(up.is_ok() && down.is_ok());
    result
}

/// The engine while it runs.
pub struct Running<'a, 'b, B>(pub &'a mut Unicorn<'b, Shared<B>>);

impl<B> Registers for Running<'_, '_, B> {
    fn masks(&mut self) -> Masks {
        let handle = self.0.clone();
        lifted(self.0, || Masks {
            primask: read(&handle, RegisterARM::PRIMASK) & 1 != 0,
            faultmask: read(&handle, RegisterARM::FAULTMASK) & 1 != 0,
            basepri: read(&handle, RegisterARM::BASEPRI) as u8,
        })
    }

    fn link(&mut self) -> u32 {
        read(self.0, RegisterARM::LR)
    }

    fn stack(&mut self) -> u32 {
        read(self.0, RegisterARM::SP)
    }
}
