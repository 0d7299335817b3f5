//! A debug probe meets the machine.

use super::Machine;
use super::reach::Reach;
use super::system::{Sleep, System};
use crate::core::cpu::unicorn::UnicornCpu;
use crate::core::cpu::{Cpu, Memory, Reg};
use crate::probe::{Answer, Block, Probe};

/// The number of a BKPT that calls the host.
const SEMIHOSTING: u8 = 0xAB;
/// What `BKPT` is but for its number.
const BKPT: u8 = 0xBE;
/// The name that every implementation of RTT gives its control block.
const RTT: &str = "_SEGGER_RTT";

impl Machine {
    /// Put a debug probe on the chip: `BKPT #n` ends a run with [`Stop::Exit`](crate::Stop::Exit) instead of being a
    /// HardFault, semihosting is answered, and RTT's channel 0 belongs to the console.
    pub fn attach_probe(&mut self) {
        let block = match self.image.symbol(RTT) {
            Some(address) => Block::At(address),
            None if self.image.has_symbols() => Block::Nowhere,
            None => Block::Anywhere,
        };
        self.sys.probe = Some(Probe::new(block));
        self.sys.scb.debugged = true;
    }

    /// Let the probe do something to the chip.
    pub(super) fn with_probe<T>(
        &mut self,
        action: impl FnOnce(&mut Probe, &mut Reach<'_, UnicornCpu<System>>) -> T,
    ) -> Option<T> {
        let mut probe = self.sys.probe.take()?;
        let mut core = Reach {
            cpu: &mut self.cpu,
            sys: &mut self.sys,
        };
        let result = action(&mut probe, &mut core);
        self.sys.probe = Some(probe);
        Some(result)
    }

    /// Let the probe look into RAM, if it is time to. A core that sleeps says nothing more.
    pub(super) fn poll_probe_if_due(&mut self) {
        let sys = &self.sys;
        let due = sys.probe.as_ref().and_then(Probe::due);
        if due.is_some_and(|due| due <= sys.now() || sys.sleeping != Sleep::Awake) {
            self.poll_probe();
        }
    }

    /// Let the probe look into RAM.
    pub(super) fn poll_probe(&mut self) {
        self.with_probe(|probe, core| probe.poll(core));
    }

    /// The core stands at a BKPT, and there is a probe.
    pub(super) fn at_breakpoint(&mut self) {
        let pc = self.cpu.get(Reg::Pc);
        let mut code = [0, BKPT];
        self.cpu.peek(pc, &mut code);
        if code[0] != SEMIHOSTING {
            self.sys.exit = Some(code[0]);
            return;
        }
        // What was said by RTT was said before.
        self.poll_probe();
        match self.with_probe(|probe, core| probe.serve(core)) {
            Some(Answer::Return(value)) => {
                self.cpu.set(Reg::R(0), value);
                self.cpu.set(Reg::Pc, pc.wrapping_add(2));
            }
            Some(Answer::Wait) => self.sys.sleeping = Sleep::ForHost,
            Some(Answer::Exit(code)) => self.sys.exit = Some(code),
            None => {}
        }
    }
}
