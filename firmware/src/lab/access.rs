//! Loads and stores of one exact kind each, and loops of them that no compiler unrolls.
//!
//! Where an interrupt can strike is part of the experiment: between any two stores of a loop, hence one store an
//! iteration.

use core::arch::asm;

/// Memory that the lab has to itself: offsets instead of addresses, and no access outside.
#[derive(Clone, Copy)]
pub struct Region {
    base: u32,
    bytes: u32,
}

/// How wide one access is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// LDRB, STRB.
    Byte,
    /// LDRH, STRH.
    Half,
    /// LDR, STR.
    Word,
    /// LDRD, STRD.
    Double,
}

impl Width {
    pub const ALL: [Width; 4] = [Width::Byte, Width::Half, Width::Word, Width::Double];

    pub const fn bytes(self) -> u32 {
        match self {
            Width::Byte => 1,
            Width::Half => 2,
            Width::Word => 4,
            Width::Double => 8,
        }
    }

    /// The low bits of a number that such an access carries.
    pub const fn cut(self, value: u64) -> u64 {
        match self {
            Width::Double => value,
            narrower => value & ((1 << (8 * narrower.bytes())) - 1),
        }
    }
}

impl Region {
    /// # Safety
    /// The range is readable and writable memory, and nobody else uses it while this value or a copy of it lives.
    pub const unsafe fn new(base: u32, bytes: u32) -> Self {
        Region { base, bytes }
    }

    pub const fn bytes(self) -> u32 {
        self.bytes
    }

    /// The address of an offset, for reports.
    pub const fn address(self, offset: u32) -> u32 {
        self.base + offset
    }

    /// A part of it.
    pub fn part(self, offset: u32, bytes: u32) -> Self {
        assert!(
            offset <= self.bytes && bytes <= self.bytes - offset,
            "a part of the region lies outside of it"
        );
        Region {
            base: self.base + offset,
            bytes,
        }
    }

    fn at(self, offset: u32, bytes: u32) -> u32 {
        assert!(
            offset <= self.bytes && bytes <= self.bytes - offset,
            "an access lies outside of the region"
        );
        self.base + offset
    }

    /// One load.
    pub fn load(self, offset: u32, width: Width) -> u64 {
        let at = self.at(offset, width.bytes());
        let low: u32;
        let mut high: u32 = 0;
        // SAFETY: inside the region, which is readable. An unaligned one is asked for only where the memory allows it.
        unsafe {
            match width {
                Width::Byte => asm!("ldrb {v}, [{a}]", v = out(reg) low, a = in(reg) at, options(nostack)),
                Width::Half => asm!("ldrh {v}, [{a}]", v = out(reg) low, a = in(reg) at, options(nostack)),
                Width::Word => asm!("ldr {v}, [{a}]", v = out(reg) low, a = in(reg) at, options(nostack)),
                Width::Double => {
                    asm!("ldrd {v}, {w}, [{a}]", v = out(reg) low, w = out(reg) high, a = in(reg) at, options(nostack))
                }
            }
        }
        u64::from(high) << 32 | u64::from(low)
    }

    /// One store.
    pub fn store(self, offset: u32, width: Width, value: u64) {
        let at = self.at(offset, width.bytes());
        let (low, high) = (value as u32, (value >> 32) as u32);
        // SAFETY: inside the region, which is writable and nobody else's.
        unsafe {
            match width {
                Width::Byte => asm!("strb {v}, [{a}]", v = in(reg) low, a = in(reg) at, options(nostack)),
                Width::Half => asm!("strh {v}, [{a}]", v = in(reg) low, a = in(reg) at, options(nostack)),
                Width::Word => asm!("str {v}, [{a}]", v = in(reg) low, a = in(reg) at, options(nostack)),
                Width::Double => {
                    asm!("strd {v}, {w}, [{a}]", v = in(reg) low, w = in(reg) high, a = in(reg) at, options(nostack))
                }
            }
        }
    }

    /// One store and at once a load of the same place, nothing in between.
    pub fn store_load_word(self, offset: u32, value: u32) -> u32 {
        let at = self.at(offset, 4);
        let mut back = value;
        // SAFETY: as for `store`.
        unsafe {
            asm!("str {v}, [{a}]", "ldr {v}, [{a}]", v = inout(reg) back, a = in(reg) at, options(nostack));
        }
        back
    }

    /// Four words by one STM.
    pub fn store_multiple(self, offset: u32, words: [u32; 4]) {
        let at = self.at(offset, 16);
        // SAFETY: as for `store`; word aligned by the callers.
        unsafe {
            asm!("stm {a}, {{r0-r3}}", a = in(reg) at,
                in("r0") words[0], in("r1") words[1], in("r2") words[2], in("r3") words[3], options(nostack));
        }
    }

    /// Four words by one LDM.
    pub fn load_multiple(self, offset: u32) -> [u32; 4] {
        let at = self.at(offset, 16);
        let mut words = [0; 4];
        // SAFETY: as for `load`; word aligned by the callers.
        unsafe {
            asm!("ldm {a}, {{r0-r3}}", a = in(reg) at,
                out("r0") words[0], out("r1") words[1], out("r2") words[2], out("r3") words[3], options(nostack));
        }
        words
    }

    /// The library's memset, with its heads and tails.
    pub fn set(self, offset: u32, value: u8, bytes: u32) {
        let at = self.at(offset, bytes) as *mut u8;
        // SAFETY: as for `store`. The barrier keeps the compiler from dropping bytes that nobody reads by name.
        unsafe {
            core::ptr::write_bytes(at, value, bytes as usize);
            asm!("", options(nostack));
        }
    }

    /// The library's memcpy, within the region; the two ranges do not overlap.
    pub fn copy(self, from: u32, to: u32, bytes: u32) {
        let source = self.at(from, bytes) as *const u8;
        let target = self.at(to, bytes) as *mut u8;
        assert!(
            from + bytes <= to || to + bytes <= from,
            "the ranges of a copy overlap"
        );
        // SAFETY: as for `store`, and they do not overlap.
        unsafe {
            core::ptr::copy_nonoverlapping(source, target, bytes as usize);
            asm!("", options(nostack));
        }
    }

    /// Stores `first`, `first + step`, ... upwards over all of the region.
    pub fn stream(self, width: Width, first: u64, step: u64) {
        let at = self.base;
        let end = self.base + self.bytes / width.bytes() * width.bytes();
        if at == end {
            return;
        }
        let (low, high) = (first as u32, (first >> 32) as u32);
        let (step_low, step_high) = (step as u32, (step >> 32) as u32);
        // SAFETY: from the first to the last element of the region, which is writable and nobody else's.
        unsafe {
            match width {
                Width::Byte => asm!("2: strb {v}, [{a}], #1", "add {v}, {v}, {s}", "cmp {a}, {e}", "bne 2b",
                    v = inout(reg) low => _, s = in(reg) step_low, a = inout(reg) at => _, e = in(reg) end, options(nostack)),
                Width::Half => asm!("2: strh {v}, [{a}], #2", "add {v}, {v}, {s}", "cmp {a}, {e}", "bne 2b",
                    v = inout(reg) low => _, s = in(reg) step_low, a = inout(reg) at => _, e = in(reg) end, options(nostack)),
                Width::Word => asm!("2: str {v}, [{a}], #4", "add {v}, {v}, {s}", "cmp {a}, {e}", "bne 2b",
                    v = inout(reg) low => _, s = in(reg) step_low, a = inout(reg) at => _, e = in(reg) end, options(nostack)),
                Width::Double => {
                    asm!("2: strd {v}, {w}, [{a}], #8", "adds {v}, {v}, {s}", "adc {w}, {w}, {t}",
                    "cmp {a}, {e}", "bne 2b",
                    v = inout(reg) low => _, w = inout(reg) high => _, s = in(reg) step_low, t = in(reg) step_high,
                    a = inout(reg) at => _, e = in(reg) end, options(nostack))
                }
            }
        }
    }
}

/// Everything stored has left the core.
pub fn barrier() {
    cortex_m::asm::dsb();
}
