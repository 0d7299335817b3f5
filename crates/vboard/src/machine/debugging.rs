//! What a debugger does to the machine: breakpoints, watchpoints, steps, registers, memory.

use super::Machine;
use crate::core::cpu::{Bus, Cpu, Memory, Reg, Watchpoint};
use crate::machine::memory::{FLASH, MEMORIES, is_flash};
use chipmodel::Width;
use chipmodel::onchip::flash::SECTOR_BYTES;

impl Machine {
    /// Stop with [`Stop::Halted`](crate::Stop::Halted) before the instruction at `address`, or no longer. False: it cannot be.
    pub fn break_at(&mut self, address: u32, on: bool) -> bool {
        self.cpu.break_at(address & !1, on)
    }

    /// Stop behind instructions that access these bytes, or no longer. False: it cannot be.
    pub fn watch_for(&mut self, watchpoint: Watchpoint, on: bool) -> bool {
        self.cpu.watch_for(watchpoint, on)
    }

    /// Let the next run end behind one instruction; that of a handler, if an interrupt comes first.
    pub fn step_next(&mut self) {
        self.cpu.step_next();
    }

    /// Write a register of the core.
    pub fn set_register(&mut self, reg: Reg, value: u32) {
        self.cpu.set(reg, value);
        if reg == Reg::Pc {
            self.cpu.moved();
        }
    }

    /// The bytes from `address` on, as many as there are in a row, as the core would see them. Nothing changes by it: what is
    /// not in a plain memory is read from a copy of the machine.
    pub fn look(&self, address: u32, most: usize) -> Vec<u8> {
        let mut bytes = vec![0; most];
        if self.cpu.peek(address, &mut bytes) {
            return bytes;
        }
        let mut copy = self.sys.clone();
        let mut found = Vec::new();
        while found.len() < most {
            let at = address.wrapping_add(found.len() as u32);
            let left = most - found.len();
            let width = match (at % 4, left) {
                (0, 4..) => Width::Word,
                (0 | 2, 2..) => Width::Half,
                _ => Width::Byte,
            };
            let count = width.bytes() as usize;
            let mut some = [0; 4];
            if self.cpu.peek(at, &mut some[..count]) {
                found.extend(&some[..count]);
                continue;
            }
            let before = copy.log.count();
            match copy.read(at, width) {
                // In a lenient run an unmodelled register reads as zero, with an event.
                Ok(value) if copy.log.count() == before => found.extend(&value.to_le_bytes()[..count]),
                _ => break,
            }
        }
        found
    }

    /// Write bytes as a debugger does: memories and the flash directly, all else over the bus, with all that this sets off.
    /// False: not all of it can be written.
    pub fn alter(&mut self, address: u32, bytes: &[u8]) -> bool {
        if is_flash(address) {
            return self.program((address - FLASH.base) as usize, bytes);
        }
        if MEMORIES.iter().any(|m| address.wrapping_sub(m.base) < m.bytes) {
            return self.cpu.poke(address, bytes);
        }
        let (width, value) = match *bytes {
            [a, b, c, d] if address % 4 == 0 => (Width::Word, u32::from_le_bytes([a, b, c, d])),
            [a, b] if address % 2 == 0 => (Width::Half, u32::from(u16::from_le_bytes([a, b]))),
            _ => {
                return (0..).zip(bytes).all(|(n, byte)| {
                    let at = address.wrapping_add(n);
                    self.sys.write(at, Width::Byte, u32::from(*byte)).is_ok()
                });
            }
        };
        self.sys.write(address, width, value).is_ok()
    }

    /// Write into the flash, sector by sector.
    fn program(&mut self, offset: usize, bytes: &[u8]) -> bool {
        let end = offset + bytes.len();
        if end > FLASH.bytes as usize {
            return false;
        }
        let array = self.sys.chip.devices.flash.array_mut();
        for index in offset / SECTOR_BYTES..end.div_ceil(SECTOR_BYTES) {
            let start = index * SECTOR_BYTES;
            let (first, last) = (offset.max(start), end.min(start + SECTOR_BYTES));
            let mut sector = array.sector(index).to_vec();
            sector[first - start..last - start].copy_from_slice(&bytes[first - offset..last - offset]);
            array.erase(index);
            array.load(start, &sector);
        }
        self.show_flash();
        true
    }

    /// What was reported so far no longer ends a strict run: the user has seen it.
    pub fn overlook_events(&mut self) {
        self.sys.log.overlook();
    }
}
