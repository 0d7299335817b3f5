//! How many instructions stand in a block of code: the measure of virtual time.
//!
//! Thumb instructions are told apart by their first halfword: the upper five bits 11101, 11110, 11111 begin a 32-bit one
//! (Armv7-M A5.1).

use m7time::issue::BlockCost;

/// The count for `code`; half an instruction at the end counts as one.
pub fn count(code: &[u8]) -> u32 {
    let (mut at, mut instructions) = (0, 0);
    while at + 1 < code.len() {
        at += if code[at + 1] >> 3 >= 0b11101 { 4 } else { 2 };
        instructions += 1;
    }
    instructions
}

/// Counts of blocks in flash, whose bytes do not change while code runs there.
pub struct Counts {
    slots: Box<[Slot]>,
}

/// Eight bytes, because this table is read at every block: it must stay in the host's cache.
#[derive(Clone, Copy)]
struct Slot {
    pc: u32,
    size: u16,
    instructions: u16,
}

const SLOTS: usize = 1 << 14;

impl Counts {
    /// Nothing known yet.
    pub fn new() -> Self {
        Counts {
            slots: vec![
                Slot {
                    pc: !0,
                    size: 0,
                    instructions: 0
                };
                SLOTS
            ]
            .into(),
        }
    }

    /// The count of the block at `pc`, from memory or by `count`.
    #[inline]
    pub fn of(&mut self, pc: u32, size: u32, count: impl FnOnce() -> u32) -> u32 {
        let slot = &mut self.slots[(pc >> 1) as usize % SLOTS];
        if slot.pc != pc || u32::from(slot.size) != size {
            let instructions = count();
            let (Ok(size), Ok(short)) = (size.try_into(), instructions.try_into()) else {
                return instructions;
            };
            *slot = Slot {
                pc,
                size,
                instructions: short,
            };
        }
        u32::from(slot.instructions)
    }

    /// Forget everything, after flash has changed.
    pub fn forget(&mut self) {
        *self = Self::new();
    }
}

/// Costs of blocks in flash, as [`Counts`] has their counts.
pub struct Costs {
    slots: Box<[Option<(u32, u32, BlockCost)>]>,
}

impl Costs {
    /// Nothing known yet.
    pub fn new() -> Self {
        Costs {
            slots: vec![None; SLOTS].into(),
        }
    }

    /// The cost of the block at `pc`, from memory or by `cost`.
    #[inline]
    pub fn of(&mut self, pc: u32, size: u32, cost: impl FnOnce() -> BlockCost) -> BlockCost {
        let slot = &mut self.slots[(pc >> 1) as usize % SLOTS];
        match slot {
            Some((known, bytes, cost)) if (*known, *bytes) == (pc, size) => *cost,
            _ => {
                let cost = cost();
                *slot = Some((pc, size, cost));
                cost
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_and_narrow_instructions_are_told_apart() {
        // movs r0, #1; b.w .; nop; bl +0; bx lr
        let code = [
            0x01, 0x20, 0xff, 0xf7, 0xfe, 0xbf, 0x00, 0xbf, 0x00, 0xf0, 0x00, 0xf8, 0x70, 0x47,
        ];
        assert_eq!(count(&code), 5);
        // b.n is 0xE000.. = 11100: narrow.
        assert_eq!(count(&[0xfe, 0xe7]), 1);
    }

    #[test]
    fn a_block_with_another_size_is_counted_again() {
        let mut counts = Counts::new();
        assert_eq!(counts.of(0x0800_0000, 4, || 2), 2);
        assert_eq!(counts.of(0x0800_0000, 4, || panic!("known")), 2);
        assert_eq!(counts.of(0x0800_0000, 2, || 1), 1);
    }
}
