//! How the core may reach the memory chip: the ways worth naming, with the letters that the documentation uses.
//!
//! Two of them are safe with a chip that has no mask pin, A and B (docs/corrupt-writes.md). The others exist so that a
//! board can show that they are not: nothing but the lab ever sets them.

use crate::mpu::Memory;

/// Memory attributes of the window, and the core's read-allocate mode.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MemoryPolicy {
    /// A: strongly-ordered. Each access travels as it is. Slow, and unaligned access faults.
    StronglyOrdered,
    /// A': Device. As A, but the core need not wait for a store.
    Device,
    /// B: write-back, write-allocate, read-allocate mode off. Only whole lines travel.
    WriteBack,
    /// B0: write-back, write-allocate, read-allocate mode on: what a program gets that does not know better.
    Streaming,
    /// Write-through: what the default memory map gives.
    WriteThrough,
    /// Normal, not cached.
    NonCacheable,
    /// Write-back without write-allocate.
    NoAllocate,
}

impl MemoryPolicy {
    /// All of them, safe ones first.
    pub const ALL: [MemoryPolicy; 7] = [
        MemoryPolicy::StronglyOrdered,
        MemoryPolicy::Device,
        MemoryPolicy::WriteBack,
        MemoryPolicy::Streaming,
        MemoryPolicy::WriteThrough,
        MemoryPolicy::NonCacheable,
        MemoryPolicy::NoAllocate,
    ];

    /// The short name.
    pub const fn name(self) -> &'static str {
        match self {
            MemoryPolicy::StronglyOrdered => "A",
            MemoryPolicy::Device => "A'",
            MemoryPolicy::WriteBack => "B",
            MemoryPolicy::Streaming => "B0",
            MemoryPolicy::WriteThrough => "WT",
            MemoryPolicy::NonCacheable => "NC",
            MemoryPolicy::NoAllocate => "WB",
        }
    }

    /// What it is, in words.
    pub const fn words(self) -> &'static str {
        match self {
            MemoryPolicy::StronglyOrdered => "strongly-ordered",
            MemoryPolicy::Device => "device",
            MemoryPolicy::WriteBack => "write-back",
            MemoryPolicy::Streaming => "write-back with read-allocate mode",
            MemoryPolicy::WriteThrough => "write-through",
            MemoryPolicy::NonCacheable => "non-cacheable",
            MemoryPolicy::NoAllocate => "write-back, no write-allocate",
        }
    }

    /// The memory type for the MPU.
    pub const fn memory(self) -> Memory {
        match self {
            MemoryPolicy::StronglyOrdered => Memory::StronglyOrdered,
            MemoryPolicy::Device => Memory::Device,
            MemoryPolicy::WriteBack | MemoryPolicy::Streaming => Memory::WriteBack,
            MemoryPolicy::WriteThrough => Memory::WriteThrough,
            MemoryPolicy::NonCacheable => Memory::NonCacheable,
            MemoryPolicy::NoAllocate => Memory::WriteBackNoAllocate,
        }
    }

    /// Whether ACTLR.DISRAMODE is set: everywhere but in B0.
    pub const fn disramode(self) -> bool {
        !matches!(self, MemoryPolicy::Streaming)
    }

    /// Whether stores of the core reach the chip whole (docs/corrupt-writes.md).
    pub const fn is_safe(self) -> bool {
        matches!(
            self,
            MemoryPolicy::StronglyOrdered | MemoryPolicy::Device | MemoryPolicy::WriteBack
        )
    }

    /// Whether an access may be unaligned (DDI0403E A3.2.1: never to Device or Strongly-ordered memory).
    pub const fn allows_unaligned(self) -> bool {
        !matches!(self, MemoryPolicy::StronglyOrdered | MemoryPolicy::Device)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b0_differs_from_b_in_nothing_but_the_read_allocate_mode() {
        let (b, b0) = (MemoryPolicy::WriteBack, MemoryPolicy::Streaming);
        assert_eq!(b.memory(), b0.memory());
        assert!(b.disramode() && !b0.disramode());
    }

    #[test]
    fn short_names_are_distinct() {
        for (n, one) in MemoryPolicy::ALL.iter().enumerate() {
            for other in &MemoryPolicy::ALL[..n] {
                assert_ne!(one.name(), other.name());
            }
        }
    }
}
