//! Faults: which exception, which status bits, and when it becomes a HardFault or a lockup (Armv7-M B1.5.14, B1.5.15).

use crate::core::cpu::{Cpu, Exit, Reg};
use crate::machine::awaited::Awaited;
use crate::machine::system::System;
use chipmodel::core::mpu::Access;
use chipmodel::core::nvic::number;
use chipmodel::core::scb::{cfsr, hfsr};
use chipmodel::{Kind, Picos, Report};

/// Turn a core's exit into a fault. False: it is none.
pub fn from_exit(cpu: &impl Cpu<System>, sys: &mut System, exit: Exit) -> bool {
    let usage = number::USAGE_FAULT;
    match exit {
        Exit::Undefined => raise(cpu, sys, usage, cfsr::UNDEFINSTR, None, "undefined instruction"),
        Exit::InvalidState => raise(
            cpu,
            sys,
            usage,
            cfsr::INVSTATE,
            None,
            "execution without the Thumb bit",
        ),
        Exit::NoCoprocessor => raise(cpu, sys, usage, cfsr::NOCP, None, "no such coprocessor"),
        Exit::Unaligned => raise(cpu, sys, usage, cfsr::UNALIGNED, None, "unaligned access"),
        // The private peripheral bus answers user code with an error, not the MPU (Armv7-M B3.1.1).
        Exit::Denied { access, address } if access != Access::Execute && address >> 20 == 0xE00 => {
            refused_by_bus(cpu, sys, access, address);
        }
        Exit::Denied { access, address } => refused_by_mpu(cpu, sys, access, address),
        Exit::BusError { access, address } => refused_by_bus(cpu, sys, access, address),
        Exit::Breakpoint => {
            sys.scb.hfsr |= hfsr::DEBUGEVT;
            hard(cpu, sys, "BKPT without a debugger");
        }
        _ => return false,
    }
    true
}

fn refused_by_mpu(cpu: &impl Cpu<System>, sys: &mut System, access: Access, address: u32) {
    let n = number::MEM_MANAGE;
    if access == Access::Execute {
        let message = format!("execution of 0x{address:08x} is not allowed");
        raise(cpu, sys, n, cfsr::IACCVIOL, None, &message);
    } else {
        let message = format!("{} 0x{address:08x} is not allowed", verb(access));
        raise(cpu, sys, n, cfsr::DACCVIOL, Some(address), &message);
    }
}

fn refused_by_bus(cpu: &impl Cpu<System>, sys: &mut System, access: Access, address: u32) {
    let n = number::BUS_FAULT;
    if access == Access::Execute {
        let message = format!("no instruction can be fetched at 0x{address:08x}");
        raise(cpu, sys, n, cfsr::IBUSERR, None, &message);
    } else {
        let message = format!("bus error, {} 0x{address:08x}", verb(access));
        raise(cpu, sys, n, cfsr::PRECISERR, Some(address), &message);
    }
}

fn verb(access: Access) -> &'static str {
    match access {
        Access::Read => "reading",
        Access::Write => "writing",
        Access::Execute => "executing",
    }
}

/// A store has failed after its instruction: an imprecise bus fault, which waits until its priority allows it.
pub fn imprecise(cpu: &impl Cpu<System>, sys: &mut System) {
    sys.pending.imprecise_fault = false;
    raise(
        cpu,
        sys,
        number::BUS_FAULT,
        cfsr::IMPRECISERR,
        None,
        "bus error of an earlier store",
    );
}

/// A configurable fault at PC.
pub fn raise(
    cpu: &impl Cpu<System>,
    sys: &mut System,
    exception: u8,
    bits: u32,
    address: Option<u32>,
    message: &str,
) {
    sys.scb.cfsr |= bits;
    match (exception, address) {
        (number::MEM_MANAGE, Some(address)) => {
            sys.scb.cfsr |= cfsr::MMARVALID;
            sys.scb.mmfar = address;
        }
        (number::BUS_FAULT, Some(address)) => {
            sys.scb.cfsr |= cfsr::BFARVALID;
            sys.scb.bfar = address;
        }
        _ => {}
    }
    let execution = sys.nvic.execution_priority(cpu.masks());
    if sys.scb.fault_enabled(exception) && sys.nvic.group_priority(exception) < execution {
        // A program may expect that of a word that a failing power has left half programmed.
        if !address.is_some_and(|address| sys.chip.devices.flash.is_damaged(address)) {
            report(cpu, sys, address, message, exception);
        }
        sys.nvic.pend(exception, true);
    } else {
        sys.scb.hfsr |= hfsr::FORCED;
        hard(cpu, sys, message);
    }
}

/// SVC where its priority does not allow it (Armv7-M B1.5.7: escalated).
pub fn svc_not_possible(cpu: &impl Cpu<System>, sys: &mut System) {
    sys.scb.hfsr |= hfsr::FORCED;
    hard(cpu, sys, "SVC where its priority does not allow it");
}

/// A HardFault, or a lockup if there is already one (or an NMI, or FAULTMASK).
pub fn hard(cpu: &impl Cpu<System>, sys: &mut System, message: &str) {
    if sys.nvic.execution_priority(cpu.masks()) <= -1 {
        lock_up(cpu, sys, message);
    } else {
        report(cpu, sys, None, message, number::HARD_FAULT);
        sys.nvic.pend(number::HARD_FAULT, true);
    }
}

/// No exception can be taken any more.
pub fn lock_up(cpu: &impl Cpu<System>, sys: &mut System, message: &str) {
    sys.locked_up = true;
    let message = format!("lockup: {message}, in a handler that cannot be interrupted");
    sys.report(Kind::Fault, cpu.get(Reg::Pc), None, message);
}

/// How long a handler may take to allow a store.
const PATIENCE: Picos = Picos(100_000_000);

/// A store to memory that the MPU lets be read: a program may watch its stores so, and do this one again.
fn is_watched(sys: &System) -> bool {
    const WORDS: u32 = cfsr::DACCVIOL | cfsr::MMARVALID;
    sys.scb.cfsr == WORDS && sys.mpu.rights(sys.scb.mmfar, true, false).allow(Access::Read)
}

/// Note a fault that is taken as `exception`.
pub fn report(cpu: &impl Cpu<System>, sys: &mut System, address: Option<u32>, message: &str, exception: u8) {
    let name = match exception {
        number::HARD_FAULT => "HardFault",
        number::MEM_MANAGE => "MemManage",
        number::BUS_FAULT => "BusFault",
        _ => "UsageFault",
    };
    let (pc, message) = (cpu.get(Reg::Pc), format!("{name}: {message}"));
    sys.give_up();
    if is_watched(sys) {
        sys.awaited = Some(Awaited {
            exception,
            pc,
            report: Report {
                kind: Kind::Fault,
                address,
                message,
            },
            until: sys.now() + PATIENCE,
        });
    } else {
        sys.report(Kind::Fault, pc, address, message);
    }
}
