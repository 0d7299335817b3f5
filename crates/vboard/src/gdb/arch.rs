//! The registers of a Cortex-M7 as gdb knows them: `target.xml` is what it is told, and their order here is that order.

use crate::Machine;
use crate::core::cpu::{CONTROL_SPSEL, Reg, XPSR_EXCEPTION};
use gdbstub::arch::{Arch, Registers};

/// The core registers, those of the system, and the floating-point status; without the doublewords.
const GENERAL: usize = 17;
const WORDS: usize = GENERAL + 6;
const DOUBLES: usize = 16;
const BYTES: usize = 4 * WORDS + 8 * DOUBLES + 4;
const SP: usize = 13;
const PC: usize = 15;

const SYSTEM: [Reg; 6] = [
    Reg::Msp,
    Reg::Psp,
    Reg::Primask,
    Reg::Basepri,
    Reg::Faultmask,
    Reg::Control,
];

/// The architecture, for gdbstub.
pub enum CortexM7 {}

impl Arch for CortexM7 {
    type Usize = u32;
    type Registers = Frame;
    type BreakpointKind = usize;
    type RegId = ();

    fn target_description_xml() -> Option<&'static str> {
        Some(include_str!("target.xml"))
    }
}

/// All registers at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    words: [u32; WORDS],
    floats: [u32; 2 * DOUBLES],
    fpscr: u32,
}

impl Default for Frame {
    fn default() -> Self {
        Frame {
            words: [0; WORDS],
            floats: [0; 2 * DOUBLES],
            fpscr: 0,
        }
    }
}

impl Frame {
    /// As they are now.
    pub fn of(machine: &Machine) -> Self {
        let mut frame = Frame {
            fpscr: machine.register(Reg::Fpscr),
            ..Frame::default()
        };
        for (n, word) in frame.words.iter_mut().enumerate() {
            *word = machine.register(register(machine, n));
        }
        for (n, float) in (0..).zip(&mut frame.floats) {
            *float = machine.register(Reg::S(n));
        }
        frame
    }

    /// Write what is another one there.
    pub fn put(&self, machine: &mut Machine) {
        let before = Frame::of(machine);
        for (n, (new, old)) in self.words.iter().zip(before.words).enumerate() {
            if *new != old {
                machine.set_register(register(machine, n), *new);
            }
        }
        for (n, (new, old)) in (0..).zip(self.floats.iter().zip(before.floats)) {
            if *new != old {
                machine.set_register(Reg::S(n), *new);
            }
        }
        if self.fpscr != before.fpscr {
            machine.set_register(Reg::Fpscr, self.fpscr);
        }
    }
}

/// The register of this number; SP is the one in use.
fn register(machine: &Machine, number: usize) -> Reg {
    match number {
        SP => {
            let in_handler = machine.register(Reg::Xpsr) & XPSR_EXCEPTION != 0;
            let process = machine.register(Reg::Control) & CONTROL_SPSEL != 0;
            if process && !in_handler {
                Reg::Psp
            } else {
                Reg::Msp
            }
        }
        14 => Reg::Lr,
        PC => Reg::Pc,
        16 => Reg::Xpsr,
        GENERAL.. => SYSTEM[number - GENERAL],
        _ => Reg::R(number as u8),
    }
}

impl Registers for Frame {
    type ProgramCounter = u32;

    fn pc(&self) -> u32 {
        self.words[PC]
    }

    fn gdb_serialize(&self, mut write_byte: impl FnMut(Option<u8>)) {
        let words = self.words.iter().chain(&self.floats).chain([&self.fpscr]);
        words
            .flat_map(|word| word.to_le_bytes())
            .for_each(|byte| write_byte(Some(byte)));
    }

    fn gdb_deserialize(&mut self, bytes: &[u8]) -> Result<(), ()> {
        if bytes.len() != BYTES {
            return Err(());
        }
        let words = self
            .words
            .iter_mut()
            .chain(&mut self.floats)
            .chain([&mut self.fpscr]);
        for (word, bytes) in words.zip(bytes.as_chunks::<4>().0) {
            *word = u32::from_le_bytes(*bytes);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_description_has_the_registers_of_the_frame_in_their_sizes() {
        let xml = CortexM7::target_description_xml().unwrap();
        let bits = |line: &str| {
            let rest = line.split_once("bitsize=\"")?.1;
            rest.split('"').next()?.parse::<usize>().ok()
        };
        let sizes: Vec<usize> = xml.lines().filter_map(bits).collect();
        assert_eq!(sizes.len(), WORDS + DOUBLES + 1);
        assert_eq!(sizes.iter().sum::<usize>(), 8 * BYTES);
        assert_eq!(sizes[WORDS], 64, "d0 behind the words");
    }

    #[test]
    fn what_is_sent_comes_back() {
        let mut frame = Frame::default();
        frame.words[PC] = 0x0800_1234;
        frame.floats[3] = 7;
        frame.fpscr = 9;
        let mut bytes = Vec::new();
        frame.gdb_serialize(|byte| bytes.extend(byte));
        let mut back = Frame::default();
        back.gdb_deserialize(&bytes).unwrap();
        assert_eq!((&back, back.pc()), (&frame, 0x0800_1234));
        assert!(back.gdb_deserialize(&bytes[1..]).is_err());
    }
}
