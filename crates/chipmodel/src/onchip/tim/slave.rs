//! What edges at pins do to the count: they are counted (external clock mode 1, encoder mode 3), or begin it anew (reset mode;
//! RM0455 TIMx_SMCR).

use super::*;

const SMS_INTERNAL: u32 = 0;
const SMS_ENCODER_3: u32 = 3;
const SMS_RESET: u32 = 4;
const SMS_EXTERNAL: u32 = 7;
/// Trigger: TI1 or TI2, behind its filter.
const TS_TI1FP1: u32 = 5;
const TS_TI2FP2: u32 = 6;
const SMCR_KNOWN: u32 = 0b111_0111;

impl Tim {
    fn slave_mode(&self) -> u32 {
        self.smcr & 7
    }

    pub(super) fn counts_edges(&self) -> bool {
        !matches!(self.slave_mode(), SMS_INTERNAL | SMS_RESET)
    }

    pub(super) fn write_smcr(&mut self, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        self.expect_within(value, SMCR_KNOWN, "SMCR", fx);
        let known = match value & 7 {
            SMS_INTERNAL => true,
            SMS_ENCODER_3 => self.kind.channels >= 2,
            SMS_EXTERNAL | SMS_RESET => {
                self.kind.channels >= 2 && matches!(value >> 4 & 7, TS_TI1FP1 | TS_TI2FP2)
            }
            _ => false,
        };
        if !known {
            return Err(Refused::Unmodelled("TIM_SMCR (other slave modes and triggers)"));
        }
        self.rebase(fx.now);
        self.smcr = value & SMCR_KNOWN;
        Ok(())
    }

    /// A level as the slave controller sees it, behind the polarity.
    fn filtered(&self, input: usize) -> bool {
        self.inputs[input].unwrap_or(false) ^ (self.enables(input) & 0b1010 == 0b0010)
    }

    /// TIx has changed to this level.
    pub(super) fn edge(&mut self, input: usize, high: bool, now: Time) {
        // What is kept is the count before it begins anew.
        self.capture(input, high);
        let triggers = (self.smcr >> 4 & 7).checked_sub(TS_TI1FP1) == Some(input as u32)
            && Self::counts(self.enables(input), high);
        match self.slave_mode() {
            SMS_EXTERNAL if triggers => self.step(true),
            SMS_RESET if triggers => {
                self.generate_update(now);
                self.sr |= TIF;
            }
            SMS_ENCODER_3 if input < 2 => {
                // TI1 leads when it is turned up: the levels differ behind its edges, and are the same behind those of TI2.
                let differ = self.filtered(0) != self.filtered(1);
                self.step(differ == (input == 0));
            }
            _ => {}
        }
    }
}
