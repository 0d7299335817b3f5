//! What the pipeline has to know of an instruction.

use crate::regs::Regs;

/// One instruction, without its meaning: which unit, which registers and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Op {
    /// 2 or 4.
    pub bytes: u8,
    /// The unit.
    pub unit: Unit,
    /// Sources that the late ALU takes.
    pub late: Regs,
    /// Sources that are wanted one cycle earlier: addresses, shifted operands, inputs of bit-field instructions.
    pub early: Regs,
    /// What is multiplied: as the late ALU takes it, but a loaded word one cycle later.
    pub factors: Regs,
    /// Sources that are wanted one stage later: what a multiply adds to.
    pub accumulator: Regs,
    /// What a store writes to memory.
    pub data: Regs,
    /// Results.
    pub writes: Regs,
    /// Base registers that an address update changes.
    pub updates: Regs,
}

/// Where an instruction is executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Add, subtract, move, simple shifts: the early ALU if its sources are there and it is the older of a pair.
    Simple,
    /// Logic, compares with registers, carry chains: the late ALU.
    Logic,
    /// An operand goes through the shifter.
    Shifted,
    /// Byte reversal: from the early ALU, older slot only.
    Reverse,
    /// Bit fields, extensions, clz, saturation, SIMD: older slot only.
    Field,
    /// A multiply, with or without sum.
    Multiply,
    /// A divide.
    Divide,
    /// One load of so many bytes.
    Load {
        /// 1, 2 or 4.
        bytes: u8,
        /// Which half of a double word, if base and offset tell: (base, offset).
        place: Option<(u8, i16)>,
    },
    /// LDM, POP, LDRD: so many words.
    LoadMany(u8),
    /// One store of so many bytes.
    Store {
        /// 1, 2 or 4.
        bytes: u8,
    },
    /// STM, PUSH, STRD.
    StoreMany(u8),
    /// The end of a straight run.
    Branch(Branch),
    /// IT.
    IfThen,
    /// A hint.
    Nop,
    /// DMB, DSB, ISB: alone.
    Barrier,
    /// A change of state, an exclusive access: alone.
    Alone,
    /// The floating-point unit.
    Float(Float),
}

/// How a branch finds its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Branch {
    /// Always taken, target in the instruction.
    Direct,
    /// The same, with the return address kept.
    Call,
    /// Taken or not.
    Conditional,
    /// Target in a register or a table.
    Indirect,
    /// The same, with the return address kept.
    IndirectCall,
    /// To the link register, or popped.
    Return,
}

/// Operations of the floating-point unit, by their latency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Float {
    /// Add, subtract, convert: single.
    Add,
    /// Multiply: single.
    Multiply,
    /// Multiply and add, rounded twice: single.
    MultiplyAdd,
    /// Fused multiply and add: single.
    Fused,
    /// Divide: single.
    Divide,
    /// Square root: single.
    Root,
    /// Compare.
    Compare,
    /// Between the two register files, to the floats.
    FromInteger,
    /// To the integers.
    ToInteger,
    /// Among the floats, sign changes, constants.
    Move,
    /// Load of one single.
    Load,
    /// Store of one single.
    Store,
    /// Load of one double.
    LoadDouble,
    /// Store of one double.
    StoreDouble,
    /// Add, subtract, convert: double.
    AddDouble,
    /// Multiply: double.
    MultiplyDouble,
    /// Fused or not: double.
    MultiplyAddDouble,
    /// Divide: double.
    DivideDouble,
    /// Square root: double.
    RootDouble,
    /// VMRS, VMSR.
    System,
}

impl Op {
    /// An instruction of this unit without operands.
    pub const fn new(bytes: u8, unit: Unit) -> Op {
        Op {
            bytes,
            unit,
            late: Regs::NONE,
            early: Regs::NONE,
            factors: Regs::NONE,
            accumulator: Regs::NONE,
            data: Regs::NONE,
            writes: Regs::NONE,
            updates: Regs::NONE,
        }
    }

    /// With these sources for the late ALU.
    pub fn late(mut self, regs: Regs) -> Op {
        self.late |= regs;
        self
    }

    /// With these sources that are wanted early.
    pub fn early(mut self, regs: Regs) -> Op {
        self.early |= regs;
        self
    }

    /// With these sources that are multiplied.
    pub fn factors(mut self, regs: Regs) -> Op {
        self.factors |= regs;
        self
    }

    /// With these sources that are wanted late.
    pub fn accumulator(mut self, regs: Regs) -> Op {
        self.accumulator |= regs;
        self
    }

    /// With these registers stored.
    pub fn data(mut self, regs: Regs) -> Op {
        self.data |= regs;
        self
    }

    /// With these results.
    pub fn writes(mut self, regs: Regs) -> Op {
        self.writes |= regs;
        self
    }

    /// With this base register updated.
    pub fn updates(mut self, regs: Regs) -> Op {
        self.updates |= regs;
        self
    }

    /// With the flags as a result.
    pub fn flags_if(self, sets: bool) -> Op {
        if sets { self.writes(Regs::FLAGS) } else { self }
    }

    /// Whether it may be the last of a straight run.
    pub fn branch(&self) -> Option<Branch> {
        match self.unit {
            Unit::Branch(branch) => Some(branch),
            _ => None,
        }
    }
}
