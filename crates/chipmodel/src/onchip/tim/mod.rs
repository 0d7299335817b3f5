//! The timers TIM1 to TIM17 (RM0455 39 to 43): counting up by their clock or by edges at pins, comparing, outputs, and capture.
//!
//! Nothing is stepped: the count is computed from the time since an anchor, so a timer costs nothing while it runs, and a wave
//! at a pin one event for each of its edges. Does NOT model: filters and prescalers of inputs, counting down or to the centre but by an encoder, dead
//! time, break inputs, the repetition counter, triggers between timers, DMA requests.

mod capture;
mod count;
mod output;
mod slave;

use crate::bus::bank::{lane, merged};
use crate::{Clocks, Device, Effects, Kernel, Kind as Problem, Refused, Time, Width};

const CR1: u32 = 0x00;
const CR2: u32 = 0x04;
const SMCR: u32 = 0x08;
const DIER: u32 = 0x0C;
const SR: u32 = 0x10;
const EGR: u32 = 0x14;
const CCMR1: u32 = 0x18;
const CCMR2: u32 = 0x1C;
const CCER: u32 = 0x20;
const CNT: u32 = 0x24;
const PSC: u32 = 0x28;
const ARR: u32 = 0x2C;
const RCR: u32 = 0x30;
const CCR1: u32 = 0x34;
const CCR4: u32 = 0x40;
const BDTR: u32 = 0x44;
const AF1: u32 = 0x60;
const TISEL: u32 = 0x68;

const CR1_CEN: u32 = 1 << 0;
const CR1_UDIS: u32 = 1 << 1;
const CR1_URS: u32 = 1 << 2;
const CR1_OPM: u32 = 1 << 3;
/// Which way an encoder turns: hardware's then.
const CR1_DIR: u32 = 1 << 4;
const CR1_ARPE: u32 = 1 << 7;
const CR1_CKD: u32 = 3 << 8;
const CR1_KNOWN: u32 = CR1_CEN | CR1_UDIS | CR1_URS | CR1_OPM | CR1_ARPE | CR1_CKD;
const UIF: u32 = 1 << 0;
/// The flag of a channel, from 0.
const fn ccif(channel: usize) -> u32 {
    2 << channel
}
/// A trigger has come.
const TIF: u32 = 1 << 6;
const EGR_UG: u32 = 1 << 0;
const BDTR_MOE: u32 = 1 << 15;
const BDTR_KNOWN: u32 = BDTR_MOE | 1 << 14 | 3 << 10;

/// What there are of timers.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    name: &'static str,
    clock: fn(&Clocks) -> u32,
    /// What a count, a period and a compare value can be.
    most: u32,
    channels: usize,
    /// Outputs want BDTR.MOE, and may have complements.
    has_break: bool,
    /// Updates and compares have vectors of their own.
    two_vectors: bool,
}

impl Kind {
    const fn new(name: &'static str, clock: fn(&Clocks) -> u32, channels: usize) -> Self {
        Kind {
            name,
            clock,
            most: 0xFFFF,
            channels,
            has_break: false,
            two_vectors: false,
        }
    }

    const fn wide(mut self) -> Self {
        self.most = u32::MAX;
        self
    }

    const fn with_break(mut self) -> Self {
        self.has_break = true;
        self
    }

    const fn advanced(mut self) -> Self {
        self.has_break = true;
        self.two_vectors = true;
        self
    }
}

/// All of the chip, in the order of their numbers (RM0455 table 4: there are no TIM9 to TIM11).
pub const KINDS: [Kind; 14] = [
    Kind::new("TIM1", apb2, 4).advanced(),
    Kind::new("TIM2", apb1, 4).wide(),
    Kind::new("TIM3", apb1, 4),
    Kind::new("TIM4", apb1, 4),
    Kind::new("TIM5", apb1, 4).wide(),
    Kind::new("TIM6", apb1, 0),
    Kind::new("TIM7", apb1, 0),
    Kind::new("TIM8", apb2, 4).advanced(),
    Kind::new("TIM12", apb1, 2),
    Kind::new("TIM13", apb1, 1),
    Kind::new("TIM14", apb1, 1),
    Kind::new("TIM15", apb2, 2).with_break(),
    Kind::new("TIM16", apb2, 1).with_break(),
    Kind::new("TIM17", apb2, 1).with_break(),
];

fn apb1(clocks: &Clocks) -> u32 {
    clocks.hz(Kernel::Timers1)
}

fn apb2(clocks: &Clocks) -> u32 {
    clocks.hz(Kernel::Timers2)
}

/// A timer.
#[derive(Clone, Debug)]
pub struct Tim {
    kind: Kind,
    cr1: u32,
    smcr: u32,
    dier: u32,
    sr: u32,
    ccmr: [u32; 2],
    ccer: u32,
    bdtr: u32,
    /// What software has written, and what counts: an update takes one over into the other.
    preload: Preload,
    active: Preload,
    /// OCxREF where it has a state of its own.
    reference: [bool; 4],
    /// The count at `anchor`, and how many ticks since then have already set their flags.
    anchor: Time,
    anchor_count: u64,
    settled_ticks: u64,
    /// Timer clock at the anchor; a change of the clock moves the anchor.
    hz: u32,
    /// Levels of TI1 to TI4, where a pin leads there.
    inputs: [Option<bool>; 4],
    /// Outputs that a pin carries: CH1 to CH4, then CH1N to CH4N.
    routed: u8,
    shown: [Option<bool>; 8],
}

/// Registers that may wait for an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Preload {
    psc: u32,
    arr: u32,
    ccr: [u32; 4],
}

impl Tim {
    /// One of [`KINDS`].
    pub fn new(kind: Kind) -> Self {
        let registers = Preload {
            psc: 0,
            arr: kind.most,
            ccr: [0; 4],
        };
        Tim {
            kind,
            cr1: 0,
            smcr: 0,
            dier: 0,
            sr: 0,
            ccmr: [0; 2],
            ccer: 0,
            bdtr: 0,
            preload: registers,
            active: registers,
            reference: [false; 4],
            anchor: Time(0),
            anchor_count: 0,
            settled_ticks: 0,
            hz: 0,
            inputs: [None; 4],
            routed: 0,
            shown: [None; 8],
        }
    }

    fn write_register(&mut self, offset: u32, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        match offset {
            CR1 => {
                self.expect_within(value, CR1_KNOWN | self.cr1 & CR1_DIR, "CR1", fx);
                self.rebase(fx.now);
                self.cr1 = value & CR1_KNOWN | self.cr1 & CR1_DIR;
            }
            CR2 | RCR | AF1 | TISEL if value == 0 => {}
            CR2 => return Err(Refused::Unmodelled("TIM_CR2 (master mode)")),
            RCR => return Err(Refused::Unmodelled("TIM_RCR (repetition counter)")),
            SMCR => self.write_smcr(value, fx)?,
            DIER => {
                let known = (0..self.kind.channels).fold(UIF | TIF, |known, n| known | ccif(n));
                self.expect_within(value, known, "DIER", fx);
                self.dier = value & known;
            }
            SR => self.sr &= value,
            EGR => {
                self.expect_within(value, EGR_UG, "EGR", fx);
                if value & EGR_UG != 0 {
                    self.generate_update(fx.now);
                }
            }
            CCMR1 | CCMR2 => self.write_ccmr(usize::from(offset == CCMR2), value)?,
            CCER => self.write_ccer(value)?,
            CNT => self.restart_at(u64::from(value & self.kind.most), fx.now),
            PSC => self.preload.psc = value & 0xFFFF,
            ARR => self.write_arr(value & self.kind.most, fx),
            CCR1..=CCR4 => self.write_ccr(((offset - CCR1) / 4) as usize, value),
            BDTR if self.kind.has_break => {
                self.expect_within(value, BDTR_KNOWN, "BDTR", fx);
                self.bdtr = value & BDTR_KNOWN;
            }
            _ => return Err(Refused::Unmodelled("TIM register")),
        }
        Ok(())
    }

    fn read_register(&self, offset: u32) -> Result<u32, Refused> {
        Ok(match offset {
            CR1 => self.cr1,
            CR2 | EGR | RCR | AF1 | TISEL => 0,
            SMCR => self.smcr,
            DIER => self.dier,
            SR => self.sr,
            CCMR1 => self.ccmr[0],
            CCMR2 => self.ccmr[1],
            CCER => self.ccer,
            CNT => self.count() as u32,
            PSC => self.preload.psc,
            ARR => self.preload.arr,
            CCR1..=CCR4 => self.preload.ccr[((offset - CCR1) / 4) as usize],
            BDTR if self.kind.has_break => self.bdtr,
            _ => return Err(Refused::Unmodelled("TIM register")),
        })
    }

    fn expect_within(&self, value: u32, known: u32, register: &str, fx: &mut Effects) {
        let unknown = value & !known;
        if unknown != 0 {
            fx.report(
                Problem::Unmodelled,
                format!("{}_{register}: bits {unknown:#06x} have no model", self.kind.name),
            );
        }
    }
}

impl Device for Tim {
    fn read(&mut self, offset: u32, width: Width, fx: &mut Effects) -> Result<u32, Refused> {
        self.settle(fx.now, &fx.clocks);
        Ok(lane(self.read_register(offset & !3)?, offset, width))
    }

    fn write(&mut self, offset: u32, width: Width, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        self.settle(fx.now, &fx.clocks);
        let word = offset & !3;
        // A flag is cleared by writing 0 to it, so the lanes of SR that are not written count as ones.
        let before = if word == SR {
            u32::MAX
        } else {
            self.read_register(word)?
        };
        self.write_register(word, merged(before, offset, width, value), fx)
    }

    fn reset(&mut self) {
        let (inputs, routed, shown) = (self.inputs, self.routed, self.shown);
        *self = Tim {
            inputs,
            routed,
            shown,
            ..Tim::new(self.kind)
        };
    }

    fn lines(&self) -> u32 {
        let active = self.sr & self.dier;
        if self.kind.two_vectors {
            active & UIF | u32::from(active & !UIF != 0) << 1
        } else {
            u32::from(active != 0)
        }
    }

    fn output(&self, signal: &str) -> Option<bool> {
        self.output_level(output::index(signal)?)
    }

    fn take_outputs_changed(&mut self) -> bool {
        if self.routed == 0 {
            return false;
        }
        let levels = std::array::from_fn(|n| self.output_level(n));
        levels != core::mem::replace(&mut self.shown, levels)
    }

    fn sense(&mut self, signal: &str, level: Option<bool>, fx: &mut Effects) {
        self.settle(fx.now, &fx.clocks);
        let Some(index) = output::index(signal) else {
            return;
        };
        self.routed = self.routed & !(1 << index) | u8::from(level.is_some()) << index;
        if let Some(input) = self.inputs.get_mut(index) {
            let before = core::mem::replace(input, level);
            if let (Some(before), Some(after)) = (before, level)
                && before != after
            {
                self.edge(index, after, fx.now);
            }
        }
    }

    fn next_event(&self, _clocks: &Clocks) -> Option<Time> {
        self.next_tick()
            .map(|ticks| self.time_of_tick(self.settled_ticks + ticks))
    }

    fn advance(&mut self, fx: &mut Effects) {
        self.settle(fx.now, &fx.clocks);
    }
}

#[cfg(test)]
mod tests;
