//! How the chip starts: after a reset with its program or ST's boot loader, and when that one starts a program.

use super::Machine;
use super::memory::{MEMORIES, power_up};
use super::system::Sleep;
use crate::core::cpu::{Cpu, Memory, state};
use chipmodel::onchip::rcc::ResetCause;

impl Machine {
    /// Press the reset button: devices and core start anew, memories, time and events go on.
    pub fn reset(&mut self) {
        self.reset_by(ResetCause::Pin);
    }

    pub(super) fn reset_by(&mut self, cause: ResetCause) {
        if self.sys.sleeping == Sleep::Standby {
            // Memories were without supply; what they hold now is drawn anew.
            self.power_up_memories(self.sys.now().0);
        }
        self.sys.reset(cause);
        self.start();
    }

    /// Set the BOOT0 pin high, or let it go: with the next reset the boot loader in ROM starts, or the program again.
    pub fn hold_boot0(&mut self, high: bool) {
        self.boot0 = high;
    }

    /// Where the chip starts after a reset.
    pub(super) fn start(&mut self) {
        if self.boot0 {
            self.enter_rom();
        } else {
            self.start_at(self.sys.scb.vtor);
        }
    }

    /// ST's boot loader begins; the core rests.
    pub(super) fn enter_rom(&mut self) {
        self.sys.chip.devices.rom.start();
        self.sys.sleeping = Sleep::InRom;
        self.sys.settle();
    }

    /// The boot loader has started a program: stack and entry from its vector table, and nothing else is as after a reset.
    fn leave_rom(&mut self, vectors: u32) {
        self.sys.settle();
        self.sys.sleeping = Sleep::Awake;
        self.show_flash();
        self.sys.pending.code = true;
        self.start_at(vectors);
    }

    /// Stack and entry from a vector table.
    fn start_at(&mut self, table: u32) {
        let mut vectors = [0; 8];
        self.cpu.peek(table, &mut vectors);
        let [a, b, c, d, e, f, g, h] = vectors;
        state::reset(
            &mut self.cpu,
            u32::from_le_bytes([a, b, c, d]),
            u32::from_le_bytes([e, f, g, h]),
        );
        self.cpu.flush_rights();
        self.cpu.moved();
    }

    pub(super) fn wake_from_rom(&mut self) -> bool {
        let vectors = self.sys.chip.devices.rom.take_leave();
        if let Some(vectors) = vectors {
            self.leave_rom(vectors);
        }
        vectors.is_some()
    }

    /// What memories hold when they get their supply.
    pub(super) fn power_up_memories(&mut self, seed: u64) {
        for memory in MEMORIES.iter().filter(|m| m.writable) {
            let mut bytes = vec![0; memory.bytes as usize];
            power_up(seed, memory.base, &mut bytes);
            self.cpu.poke(memory.base, &bytes);
        }
    }
}
