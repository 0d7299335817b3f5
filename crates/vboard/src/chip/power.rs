//! Sleep, waking up, and what resets the chip.

use super::Chip;
use super::map::modelled;
use chipmodel::onchip::rcc::ResetCause;
use chipmodel::{Device, Effects, Time};

impl Chip {
    /// The core sleeps deep: Standby leaves the backup domain and the watchdog, Stop everything but the clocks. True: Standby.
    pub fn fall_asleep(&mut self, fx: &mut Effects) -> bool {
        self.advance(fx);
        let standby = self.devices.pwr.chooses_standby();
        self.devices.pwr.note_sleep(standby);
        if standby {
            for (_, row, device) in modelled() {
                if !matches!(row.name, "RCC" | "DBGMCU" | "RTC" | "TAMP" | "IWDG") {
                    device(&mut self.devices).reset();
                }
            }
            self.devices.rcc.system_reset(ResetCause::Standby);
            self.settle_pins(fx);
        } else {
            self.devices.rcc.stop();
        }
        self.advance(&mut Effects::new(fx.now, self.clocks(), &mut *fx.reports));
        standby
    }

    /// The end of Stop.
    pub fn wake_up(&mut self, fx: &mut Effects) {
        self.advance(fx);
        self.devices.rcc.wake();
        self.advance(&mut Effects::new(fx.now, self.clocks(), &mut *fx.reports));
    }

    /// Whether something ends Standby: the calendar.
    pub fn ends_standby(&self) -> bool {
        self.devices.rtc.lines() != 0
    }

    /// Whether the power failed in the middle of a step that changes what outlives it.
    pub fn power_failed(&mut self) -> bool {
        let card = self.devices.masters.sdmmc1.card.as_ref();
        self.devices.flash.steps().power_failed()
            || card.is_some_and(|card| card.steps().power_failed())
            || self.parts.power_failed()
    }

    /// Whether a device resets the chip now, and which.
    pub fn wants_reset(&self, now: Time) -> Option<ResetCause> {
        self.devices.iwdg.bites(now).then_some(ResetCause::Watchdog)
    }
}
