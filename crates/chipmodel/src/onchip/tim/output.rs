//! Channels as outputs: what the count makes of them, and what gets to the pins.

use super::*;

/// OCxM (RM0455 TIMx_CCMR1).
const FROZEN: u32 = 0;
const ACTIVE: u32 = 1;
const INACTIVE: u32 = 2;
const TOGGLE: u32 = 3;
const FORCED_LOW: u32 = 4;
const FORCED_HIGH: u32 = 5;
const PWM1: u32 = 6;
const PWM2: u32 = 7;

/// The number of an output, CH1 to CH4 and then CH1N to CH4N.
pub fn index(signal: &str) -> Option<usize> {
    let number = signal.strip_prefix("CH")?;
    let (number, complement) = match number.strip_suffix('N') {
        Some(number) => (number, 4),
        None => (number, 0),
    };
    let channel: usize = number.parse().ok()?;
    (1..=4).contains(&channel).then(|| channel - 1 + complement)
}

impl Tim {
    fn field(&self, channel: usize) -> u32 {
        self.ccmr[channel / 2] >> (8 * (channel % 2))
    }

    fn mode(&self, channel: usize) -> u32 {
        self.field(channel) >> 4 & 7
    }

    /// CCxS: 0 is an output.
    pub(super) fn selection(&self, channel: usize) -> u32 {
        self.field(channel) & 3
    }

    pub(super) fn is_preloaded(&self, channel: usize) -> bool {
        self.selection(channel) == 0 && self.field(channel) & 1 << 3 != 0
    }

    pub(super) fn enables(&self, channel: usize) -> u32 {
        self.ccer >> (4 * channel) & 15
    }

    pub(super) fn is_routed(&self, channel: usize) -> bool {
        self.routed & 0b1_0001 << channel != 0 && self.enables(channel) & 0b101 != 0
    }

    pub(super) fn write_ccmr(&mut self, which: usize, value: u32) -> Result<(), Refused> {
        for channel in [2 * which, 2 * which + 1] {
            let (field, high) = (
                value >> (8 * (channel % 2)) & 0xFF,
                value >> (16 + 8 * (channel % 2)) & 1,
            );
            if channel >= self.kind.channels && (field | high) != 0 {
                return Err(Refused::Unmodelled(
                    "TIM_CCMRx of a channel that this timer does not have",
                ));
            }
            match field & 3 {
                0 if high != 0 => return Err(Refused::Unmodelled("TIM_CCMRx.OCxM (modes from 8 on)")),
                0 if field >> 7 != 0 => return Err(Refused::Unmodelled("TIM_CCMRx.OCxCE")),
                1 | 2 if field >> 2 != 0 => {
                    return Err(Refused::Unmodelled("TIM_CCMRx (filter, prescaler of an input)"));
                }
                0..=2 => {}
                _ => return Err(Refused::Unmodelled("TIM_CCMRx.CCxS = 3 (trigger as input)")),
            }
        }
        self.ccmr[which] = value;
        for channel in [2 * which, 2 * which + 1] {
            match self.mode(channel) {
                FORCED_LOW => self.reference[channel] = false,
                FORCED_HIGH => self.reference[channel] = true,
                _ => {}
            }
        }
        Ok(())
    }

    pub(super) fn write_ccer(&mut self, value: u32) -> Result<(), Refused> {
        for channel in 0..4 {
            let enables = value >> (4 * channel) & 15;
            if channel >= self.kind.channels && enables != 0 {
                return Err(Refused::Unmodelled(
                    "TIM_CCER of a channel that this timer does not have",
                ));
            }
        }
        self.ccer = value;
        Ok(())
    }

    /// The counter has met the channel's value so many times.
    pub(super) fn compared(&mut self, channel: usize, times: u64) {
        let reference = &mut self.reference[channel];
        match self.ccmr[channel / 2] >> (8 * (channel % 2)) & 0x73 {
            m if m == ACTIVE << 4 => *reference = true,
            m if m == INACTIVE << 4 => *reference = false,
            m if m == TOGGLE << 4 => *reference ^= times % 2 == 1,
            _ => {}
        }
    }

    /// OCxREF.
    fn reference(&self, channel: usize) -> bool {
        let below = self.count() < u64::from(self.active.ccr[channel]);
        match self.mode(channel) {
            PWM1 => below,
            PWM2 => !below,
            FROZEN | ACTIVE | INACTIVE | TOGGLE | FORCED_LOW | FORCED_HIGH => self.reference[channel],
            _ => unreachable!("three bits"),
        }
    }

    /// What is on an output; `None`: it is off, and the pin floats.
    pub(super) fn output_level(&self, index: usize) -> Option<bool> {
        let channel = index % 4;
        if channel >= self.kind.channels
            || self.selection(channel) != 0
            || self.kind.has_break && self.bdtr & BDTR_MOE == 0
        {
            return None;
        }
        let enables = self.enables(channel);
        let (reference, is_complement) = (self.reference(channel), index >= 4);
        let (enable, polarity) = if is_complement {
            (1 << 2, 1 << 3)
        } else {
            (1, 1 << 1)
        };
        if enables & enable == 0 || is_complement && !self.kind.has_break {
            return None;
        }
        // By itself the complement shows the reference as it is (RM0455 table 337, OCxREF xor CCxNP).
        let inverted = is_complement && enables & 1 != 0;
        Some(reference ^ inverted ^ (enables & polarity != 0))
    }

    /// Ticks until the channel's reference next changes, as far as the present registers tell.
    pub(super) fn ticks_until_edge(&self, channel: usize) -> u64 {
        let compare = u64::from(self.active.ccr[channel]);
        match self.mode(channel) {
            // Always on, or always off.
            PWM1 | PWM2 if compare == 0 || compare >= self.period() => u64::MAX,
            PWM1 | PWM2 => self.ticks_until(compare).min(self.ticks_until(0)),
            ACTIVE | INACTIVE | TOGGLE => self.ticks_until(compare),
            _ => u64::MAX,
        }
    }
}
