//! The chip as a debug probe reaches it: registers of the halted core, and memory through the core's own port, so that the
//! D-cache is seen and not gone around.

use crate::core::cpu::{Bus, Cpu, Reg};
use crate::machine::memory::{MEMORIES, is_window};
use crate::machine::system::System;
use crate::probe::Target;
use chipmodel::{Kind, Time, Width};

/// A core that stands still, and all around it.
pub struct Reach<'a, C> {
    pub cpu: &'a mut C,
    pub sys: &'a mut System,
}

impl<C: Cpu<System>> Target for Reach<'_, C> {
    fn register(&self, number: u8) -> u32 {
        self.cpu.get(Reg::R(number))
    }

    fn read(&mut self, address: u32, bytes: &mut [u8]) -> bool {
        if self.cpu.peek(address, bytes) {
            return true;
        }
        (0..).zip(bytes).all(|(n, byte)| {
            let at = address.wrapping_add(n);
            let read = is_window(at).then(|| self.sys.read(at, Width::Byte));
            read.is_some_and(|read| read.map(|value| *byte = value as u8).is_ok())
        })
    }

    fn write(&mut self, address: u32, bytes: &[u8]) -> bool {
        let mut memories = MEMORIES.iter().filter(|m| m.writable);
        if memories.any(|m| address.wrapping_sub(m.base) < m.bytes) {
            return self.cpu.poke(address, bytes);
        }
        (0..).zip(bytes).all(|(n, byte)| {
            let at = address.wrapping_add(n);
            is_window(at) && self.sys.write(at, Width::Byte, u32::from(*byte)).is_ok()
        })
    }

    fn ram(&mut self) -> Vec<(u32, Vec<u8>)> {
        let memories = MEMORIES.iter().filter(|m| m.writable);
        let bytes = memories.map(|memory| {
            let mut bytes = vec![0; memory.bytes as usize];
            self.cpu.peek(memory.base, &mut bytes);
            (memory.base, bytes)
        });
        bytes.collect()
    }

    fn now(&self) -> Time {
        self.sys.now()
    }

    fn say(&mut self, bytes: &[u8]) {
        self.sys.ends.tape.record(bytes);
    }

    fn report(&mut self, kind: Kind, address: Option<u32>, message: String) {
        let pc = self.cpu.get(Reg::Pc);
        self.sys.report(kind, pc, address, message);
    }
}
