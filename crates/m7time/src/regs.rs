//! Sets of registers: r0 to r15, the flags, s0 to s31.

use std::ops::{BitOr, BitOrAssign};

/// A set of registers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Regs(u64);

/// Where the flags are among [`Regs::iter`]'s numbers.
pub const FLAGS: usize = 16;
/// Where s0 is.
const S0: u32 = 32;
/// One more than the highest number.
pub const COUNT: usize = 64;

impl Regs {
    /// None.
    pub const NONE: Regs = Regs(0);
    /// N, Z, C, V.
    pub const FLAGS: Regs = Regs(1 << FLAGS);
    /// The stack pointer.
    pub const SP: Regs = Regs(1 << 13);
    /// The link register.
    pub const LR: Regs = Regs(1 << 14);

    /// One integer register, r0 to r15. r15 is never waited for: the program counter is always known.
    pub const fn r(n: u32) -> Regs {
        if n >= 15 { Regs(0) } else { Regs(1 << n) }
    }

    /// The registers of an LDM's or STM's list.
    pub const fn list(bits: u32) -> Regs {
        Regs((bits & 0x7FFF) as u64)
    }

    /// One single-precision register.
    pub const fn s(n: u32) -> Regs {
        Regs(1 << (S0 + (n & 31)))
    }

    /// One double-precision register, d0 to d15.
    pub const fn d(n: u32) -> Regs {
        Regs(3 << (S0 + ((n & 15) * 2)))
    }

    /// `count` single-precision registers from `first`.
    pub fn s_range(first: u32, count: u32) -> Regs {
        (first..(first + count).min(32)).fold(Regs::NONE, |all, n| all | Regs::s(n))
    }

    /// Whether the sets share a register.
    pub const fn meets(self, other: Regs) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether it has this one, by number.
    pub const fn has(self, at: usize) -> bool {
        self.0 >> at & 1 != 0
    }

    /// Whether it has none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The registers by number, below [`COUNT`].
    pub fn iter(self) -> impl Iterator<Item = usize> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let next = (rest != 0).then(|| rest.trailing_zeros() as usize)?;
            rest &= rest - 1;
            Some(next)
        })
    }
}

impl BitOr for Regs {
    type Output = Regs;
    fn bitor(self, other: Regs) -> Regs {
        Regs(self.0 | other.0)
    }
}

impl BitOrAssign for Regs {
    fn bitor_assign(&mut self, other: Regs) {
        self.0 |= other.0;
    }
}
