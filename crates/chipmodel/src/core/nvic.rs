//! The Cortex-M7's exceptions: which are pending, enabled, active, and which one goes first (Armv7-M B1.5, B3.4).
//!
//! System exceptions and interrupts share one table, because priority does not tell them apart. Not here: stacking and
//! vector fetch, which belong to the processor. The STM32H7A3 implements 4 priority bits (RM0455, NVIC features).

use crate::Refused;

/// Exception numbers (Armv7-M B1.5.2).
pub mod number {
    /// Non-maskable interrupt.
    pub const NMI: u8 = 2;
    /// HardFault.
    pub const HARD_FAULT: u8 = 3;
    /// MemManage fault.
    pub const MEM_MANAGE: u8 = 4;
    /// BusFault.
    pub const BUS_FAULT: u8 = 5;
    /// UsageFault.
    pub const USAGE_FAULT: u8 = 6;
    /// Supervisor call.
    pub const SVCALL: u8 = 11;
    /// Debug monitor.
    pub const DEBUG_MONITOR: u8 = 12;
    /// Pendable request for system service.
    pub const PEND_SV: u8 = 14;
    /// System tick timer.
    pub const SYS_TICK: u8 = 15;
    /// Interrupt 0.
    pub const FIRST_IRQ: u8 = 16;
}
use number::{FIRST_IRQ, HARD_FAULT, NMI};

/// Interrupts that the STM32H7A3 connects (RM0455 table "interrupt vectors": positions 0 to 154).
pub const IRQS: u16 = 155;

/// Execution priority of code that no exception interrupted: lower than any configurable one.
pub const THREAD_PRIORITY: i16 = 256;

/// Bits of a priority byte that exist.
const PRIORITY_MASK: u8 = 0xF0;

/// The processor's own masks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Masks {
    /// PRIMASK bit 0.
    pub primask: bool,
    /// FAULTMASK bit 0.
    pub faultmask: bool,
    /// BASEPRI.
    pub basepri: u8,
}

/// A set of exception numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Set([u64; 4]);

impl Set {
    fn has(&self, n: u8) -> bool {
        self.0[usize::from(n >> 6)] >> (n & 63) & 1 != 0
    }
    fn put(&mut self, n: u8, on: bool) {
        let bit = 1 << (n & 63);
        let word = &mut self.0[usize::from(n >> 6)];
        *word = if on { *word | bit } else { *word & !bit };
    }
    fn iter_and(&self, other: &Set) -> impl Iterator<Item = u8> + use<> {
        let words = [0, 1, 2, 3].map(|i| self.0[i] & other.0[i]);
        (0..4u8).flat_map(move |i| {
            let mut word = words[usize::from(i)];
            core::iter::from_fn(move || {
                let bit = word.trailing_zeros() as u8;
                (word != 0).then(|| {
                    word &= word - 1;
                    i * 64 + bit
                })
            })
        })
    }
}

/// The state of all exceptions.
#[derive(Clone, Debug)]
pub struct Nvic {
    enabled: Set,
    pending: Set,
    active: Set,
    line: Set,
    priority: [u8; 256],
    prigroup: u8,
    best: Option<(u8, i16)>,
    active_priority: i16,
}

impl Default for Nvic {
    fn default() -> Self {
        let mut enabled = Set::default();
        for n in NMI..FIRST_IRQ {
            enabled.put(n, true);
        }
        Nvic {
            enabled,
            pending: Set::default(),
            active: Set::default(),
            line: Set::default(),
            priority: [0; 256],
            prigroup: 0,
            best: None,
            active_priority: THREAD_PRIORITY,
        }
    }
}

impl Nvic {
    /// Group priority: what decides over preemption. Fixed ones are negative (Armv7-M B1.5.4).
    pub fn group_priority(&self, n: u8) -> i16 {
        match n {
            NMI => -2,
            HARD_FAULT => -1,
            _ => self.group_of(self.priority[usize::from(n)]),
        }
    }

    fn group_of(&self, priority: u8) -> i16 {
        i16::from(priority) & !((2 << self.prigroup) - 1)
    }

    fn update(&mut self) {
        let key = |n: u8| (self.group_priority(n), self.priority[usize::from(n)], n);
        self.best = self
            .pending
            .iter_and(&self.enabled)
            .map(key)
            .min()
            .map(|(group, _, n)| (n, group));
        let active = self
            .active
            .iter_and(&self.active)
            .map(|n| self.group_priority(n))
            .min();
        self.active_priority = active.unwrap_or(THREAD_PRIORITY);
    }

    /// The pending and enabled exception that goes first, with its group priority.
    pub fn best(&self) -> Option<(u8, i16)> {
        self.best
    }

    /// Could the best pending exception preempt what runs, were it not for the masks?
    #[inline]
    pub fn wants_attention(&self) -> bool {
        matches!(self.best, Some((_, priority)) if priority < self.active_priority)
    }

    /// Priority of what runs now (Armv7-M B1.5.4, ExecutionPriority).
    pub fn execution_priority(&self, masks: Masks) -> i16 {
        let mut boosted = THREAD_PRIORITY;
        if masks.basepri & PRIORITY_MASK != 0 {
            boosted = self.group_of(masks.basepri & PRIORITY_MASK);
        }
        if masks.primask {
            boosted = boosted.min(0);
        }
        if masks.faultmask {
            boosted = boosted.min(-1);
        }
        boosted.min(self.active_priority)
    }

    /// The exception to take now, if any.
    pub fn to_take(&self, masks: Masks) -> Option<u8> {
        let (n, priority) = self.best?;
        (priority < self.execution_priority(masks)).then_some(n)
    }

    /// Would a sleeping processor wake? PRIMASK does not keep it asleep (Armv7-M B1.5.18).
    pub fn wakes(&self, masks: Masks) -> bool {
        self.to_take(Masks {
            primask: false,
            ..masks
        })
        .is_some()
    }

    /// Make an exception pending, or not.
    pub fn pend(&mut self, n: u8, on: bool) {
        self.pending.put(n, on);
        self.update();
    }

    /// Is it pending?
    pub fn is_pending(&self, n: u8) -> bool {
        self.pending.has(n)
    }

    /// Is it active?
    pub fn is_active(&self, n: u8) -> bool {
        self.active.has(n)
    }

    /// Force the active state, as SHCSR writes can.
    pub fn set_active(&mut self, n: u8, on: bool) {
        self.active.put(n, on);
        self.update();
    }

    /// Are there active exceptions besides `n`?
    pub fn others_active(&self, n: u8) -> bool {
        let mut others = self.active;
        others.put(n, false);
        others != Set::default()
    }

    /// Exception entry: pending becomes active.
    pub fn enter(&mut self, n: u8) {
        self.pending.put(n, false);
        self.active.put(n, true);
        self.update();
    }

    /// Exception return. An interrupt line that is still high pends again (Armv7-M B3.4.1).
    pub fn leave(&mut self, n: u8) {
        self.active.put(n, false);
        if n >= FIRST_IRQ && self.line.has(n) {
            self.pending.put(n, true);
        }
        self.update();
    }

    /// Level of an interrupt line; a rising one pends the interrupt.
    #[inline]
    pub fn set_line(&mut self, irq: u16, high: bool) {
        let n = exception_of(irq);
        if self.line.has(n) == high {
            return;
        }
        self.line.put(n, high);
        if high {
            self.pending.put(n, true);
        }
        self.update();
    }

    /// AIRCR.PRIGROUP.
    pub fn prigroup(&self) -> u8 {
        self.prigroup
    }

    /// Set AIRCR.PRIGROUP.
    pub fn set_prigroup(&mut self, prigroup: u8) {
        self.prigroup = prigroup & 7;
        self.update();
    }

    /// Priority byte of an exception.
    pub fn priority(&self, n: u8) -> u8 {
        self.priority[usize::from(n)]
    }

    /// Set it; bits that do not exist stay zero.
    pub fn set_priority(&mut self, n: u8, priority: u8) {
        self.priority[usize::from(n)] = priority & PRIORITY_MASK;
        self.update();
    }

    /// Highest pending exception for ICSR.VECTPENDING, 0 if none.
    pub fn vectpending(&self) -> u8 {
        self.best.map_or(0, |(n, _)| n)
    }

    /// Is any interrupt (not system exception) pending? ICSR.ISRPENDING.
    pub fn any_irq_pending(&self) -> bool {
        self.pending.iter_and(&self.pending).any(|n| n >= FIRST_IRQ)
    }

    /// Read the register word at `offset` from 0xE000E100 (Armv7-M table B3-8).
    pub fn read(&self, offset: u32) -> Result<u32, Refused> {
        let (bank, index) = (offset >> 7, (offset >> 2 & 7) as u16);
        let bits = |set: &Set| (0..32).fold(0, |w, b| w | u32::from(has_irq(set, index * 32 + b)) << b);
        match (bank, offset & 0x7F) {
            (0 | 1, ..0x20) => Ok(bits(&self.enabled)),
            (2 | 3, ..0x20) => Ok(bits(&self.pending)),
            (4, ..0x20) => Ok(bits(&self.active)),
            (6.., _) if offset < 0x3F0 => Ok((0..4).fold(0, |w, b| {
                let irq = (offset - 0x300) as u16 + b;
                w | u32::from(if irq < IRQS {
                    self.priority(exception_of(irq))
                } else {
                    0
                }) << (8 * b)
            })),
            _ => Err(Refused::Unmodelled(
                "an NVIC register that Armv7-M does not define",
            )),
        }
    }

    /// Write the bytes of the register word at `offset` that `mask` selects.
    pub fn write(&mut self, offset: u32, value: u32, mask: u32) -> Result<(), Refused> {
        let (bank, index) = (offset >> 7, (offset >> 2 & 7) as u16);
        match (bank, offset & 0x7F) {
            (0..=3, ..0x20) => {
                for b in (0..32).filter(|b| (value & mask) >> b & 1 != 0) {
                    let irq = index * 32 + b;
                    if irq >= IRQS {
                        continue;
                    }
                    let n = exception_of(irq);
                    match bank {
                        0 => self.enabled.put(n, true),
                        1 => self.enabled.put(n, false),
                        2 => self.pending.put(n, true),
                        // A line that is high keeps its interrupt pending.
                        _ => self.pending.put(n, self.line.has(n) && !self.active.has(n)),
                    }
                }
            }
            // IABR is read-only; writes are ignored.
            (4, ..0x20) => {}
            (6.., _) if offset < 0x3F0 => {
                for b in (0..4).filter(|b| mask >> (8 * b) & 0xFF != 0) {
                    let irq = (offset - 0x300) as u16 + b;
                    if irq < IRQS {
                        self.priority[usize::from(exception_of(irq))] =
                            (value >> (8 * b)) as u8 & PRIORITY_MASK;
                    }
                }
            }
            _ => {
                return Err(Refused::Unmodelled(
                    "an NVIC register that Armv7-M does not define",
                ));
            }
        }
        self.update();
        Ok(())
    }
}

fn has_irq(set: &Set, irq: u16) -> bool {
    irq < IRQS && set.has(exception_of(irq))
}

/// The exception number of an interrupt.
pub fn exception_of(irq: u16) -> u8 {
    debug_assert!(irq < IRQS);
    FIRST_IRQ + irq as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Masks = Masks {
        primask: false,
        faultmask: false,
        basepri: 0,
    };

    fn with_irqs(irqs: &[(u16, u8)]) -> Nvic {
        let mut nvic = Nvic::default();
        for &(irq, priority) in irqs {
            nvic.write(u32::from(irq / 32) * 4, 1 << (irq % 32), !0).unwrap();
            nvic.set_priority(exception_of(irq), priority);
        }
        nvic
    }

    #[test]
    fn the_lower_priority_value_goes_first_and_then_the_lower_number() {
        let mut nvic = with_irqs(&[(40, 0x20), (41, 0x10), (7, 0x20)]);
        for irq in [40, 41, 7] {
            nvic.set_line(irq, true);
        }
        assert_eq!(nvic.to_take(NONE), Some(16 + 41));
        nvic.enter(16 + 41);
        assert_eq!(nvic.to_take(NONE), None, "equal or lower priority must wait");
        nvic.set_line(41, false);
        nvic.leave(16 + 41);
        assert_eq!(nvic.to_take(NONE), Some(16 + 7));
    }

    #[test]
    fn a_line_that_stays_high_pends_again_after_the_handler() {
        let mut nvic = with_irqs(&[(3, 0)]);
        nvic.set_line(3, true);
        nvic.enter(19);
        assert!(!nvic.is_pending(19));
        nvic.leave(19);
        assert!(nvic.is_pending(19));
    }

    #[test]
    fn basepri_masks_equal_and_lower_primask_all_faultmask_hardfault_too() {
        let mut nvic = with_irqs(&[(1, 0x40)]);
        nvic.set_line(1, true);
        assert_eq!(
            nvic.to_take(Masks {
                basepri: 0x40,
                ..NONE
            }),
            None
        );
        assert_eq!(
            nvic.to_take(Masks {
                basepri: 0x50,
                ..NONE
            }),
            Some(17)
        );
        assert_eq!(
            nvic.to_take(Masks {
                primask: true,
                ..NONE
            }),
            None
        );
        assert!(nvic.wakes(Masks {
            primask: true,
            ..NONE
        }));
        nvic.pend(HARD_FAULT, true);
        assert_eq!(
            nvic.to_take(Masks {
                primask: true,
                ..NONE
            }),
            Some(HARD_FAULT)
        );
        assert_eq!(
            nvic.to_take(Masks {
                faultmask: true,
                ..NONE
            }),
            None
        );
        nvic.pend(NMI, true);
        assert_eq!(
            nvic.to_take(Masks {
                faultmask: true,
                ..NONE
            }),
            Some(NMI)
        );
    }

    #[test]
    fn sub_priority_orders_but_does_not_preempt() {
        let mut nvic = with_irqs(&[(1, 0x50), (2, 0x40)]);
        nvic.set_prigroup(6); // group = bit 7
        nvic.set_line(1, true);
        nvic.enter(17);
        nvic.set_line(2, true);
        assert_eq!(nvic.to_take(NONE), None);
        nvic.set_line(1, false);
        nvic.leave(17);
        assert_eq!(nvic.to_take(NONE), Some(18));
    }

    #[test]
    fn priority_registers_take_bytes_and_keep_four_bits() {
        let mut nvic = Nvic::default();
        nvic.write(0x300 + 36, 0xFFFF_FFFF, 0x0000_FF00).unwrap();
        assert_eq!(nvic.read(0x300 + 36), Ok(0x0000_F000));
        assert_eq!(nvic.priority(exception_of(37)), 0xF0);
        assert!(nvic.read(0x2C0).is_err());
    }

    #[test]
    fn a_disabled_interrupt_stays_pending_until_it_is_enabled() {
        let mut nvic = Nvic::default();
        nvic.set_line(99, true);
        assert_eq!(nvic.to_take(NONE), None);
        nvic.write(4 * 3, 1 << 3, !0).unwrap();
        assert_eq!(nvic.to_take(NONE), Some(16 + 99));
        nvic.write(0x80 + 4 * 3, 1 << 3, !0).unwrap();
        assert_eq!(nvic.read(4 * 3), Ok(0));
    }
}
