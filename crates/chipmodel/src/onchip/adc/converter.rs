//! One of the two converters.

use super::registers::{
    ADCAL, ADCALLIN, ADDIS, ADEN, ADRDY, ADSTART, ADSTP, ADVREGEN, BOOST, CALIBRATION_CLOCKS, CFGR,
    CFGR_KNOWN, CFGR_RESET, CFGR2, CLEARABLE, CONT, CR, CR_KNOWN, DEEPPWD, DIFSEL, DMNGT, DMNGT_DFSDM, DR,
    ENABLE_CLOCKS, EOC, EOS, EOSMP, IER, ISR, LDORDY, MAX_HZ, OVR, OVRMOD, PCSEL, REGULATOR, RESOLUTIONS,
    SAMPLING, SMPR1, SMPR2, SQR1, SQR4,
};
use crate::bus::pad::SUPPLY_MV;
use crate::{Effects, Kind, Picos, Refused, Time};

#[derive(Clone, Debug)]
pub struct Converter {
    pub name: &'static str,
    pub isr: u32,
    pub ier: u32,
    pub cr: u32,
    pub cfgr: u32,
    pub smpr: [u32; 2],
    pub pcsel: u32,
    pub sqr: [u32; 4],
    /// Where in the sequence it is.
    pub rank: u32,
    pub dr: u32,
    /// When the regulator is up.
    pub regulated_at: Option<Time>,
    pub calibrated_at: Option<Time>,
    pub ready_at: Option<Time>,
    /// The conversion under way: its channel waits for a voltage, or its result for the time.
    pub waits: Option<u8>,
    pub result: Option<(u32, Time)>,
    pub start: Time,
}

impl Default for Converter {
    fn default() -> Self {
        Converter {
            name: "ADC1",
            isr: 0,
            ier: 0,
            cr: DEEPPWD,
            cfgr: CFGR_RESET,
            smpr: [0; 2],
            pcsel: 0,
            sqr: [0; 4],
            rank: 0,
            dr: 0,
            regulated_at: None,
            calibrated_at: None,
            ready_at: None,
            waits: None,
            result: None,
            start: Time(0),
        }
    }
}

impl Converter {
    pub fn rule(&self, fx: &mut Effects, what: &str) {
        fx.report(Kind::Rule, format!("{}: {what}", self.name));
    }

    /// The channel of this place in the sequence: five to a register, and the first one holds the length, too.
    pub fn channel(&self, rank: u32) -> u8 {
        let place = rank + 1;
        (self.sqr[(place / 5) as usize] >> (6 * (place % 5)) & 31) as u8
    }

    pub fn last_rank(&self) -> u32 {
        self.sqr[0] & 15
    }

    /// It asks DMA to fetch what it has converted.
    pub fn requests(&self) -> bool {
        self.cfgr & DMNGT != 0 && self.isr & EOC != 0 && self.isr & OVR == 0
    }

    pub fn write_cr(&mut self, value: u32, hz: u32, fx: &mut Effects) -> Result<(), Refused> {
        if value & !CR_KNOWN != 0 {
            return Err(Refused::Unmodelled(
                "ADC_CR: injected channels or calibration words",
            ));
        }
        let rising = value & !self.cr;
        self.cr = self.cr & !(DEEPPWD | ADVREGEN | BOOST | ADCALLIN)
            | value & (DEEPPWD | ADVREGEN | BOOST | ADCALLIN);
        if self.cr & DEEPPWD != 0 || self.cr & ADVREGEN == 0 {
            (self.regulated_at, self.isr) = (None, self.isr & !LDORDY);
        } else if self.regulated_at.is_none() {
            self.regulated_at = Some(fx.now + REGULATOR);
        }
        let is_up = self.isr & LDORDY != 0;
        if rising & (ADCAL | ADEN) != 0 && !is_up {
            self.rule(
                fx,
                "calibrated or enabled before its voltage regulator is up (LDORDY is 0)",
            );
            return Ok(());
        }
        if rising & (ADCAL | ADEN | ADSTART) != 0 && (hz == 0 || hz > MAX_HZ) {
            self.rule(
                fx,
                &format!("its clock runs at {hz} Hz; more than 0 and at most {MAX_HZ} Hz is needed"),
            );
            return Ok(());
        }
        if rising & ADCAL != 0 {
            if self.cr & ADEN != 0 {
                self.rule(fx, "calibration while it is enabled; ignored");
            } else {
                self.cr |= ADCAL;
                self.calibrated_at = Some(fx.now + Picos::of_cycles(CALIBRATION_CLOCKS, hz));
            }
        }
        if rising & ADEN != 0 {
            self.cr |= ADEN;
            self.ready_at = Some(fx.now + Picos::of_cycles(ENABLE_CLOCKS, hz));
        }
        if value & ADDIS != 0 || value & ADSTP != 0 {
            (self.waits, self.result) = (None, None);
            self.cr &= !ADSTART;
        }
        if value & ADDIS != 0 {
            self.cr &= !ADEN;
            self.ready_at = None;
            self.isr &= !ADRDY;
        }
        if rising & ADSTART != 0 {
            self.begin(fx);
        }
        Ok(())
    }

    pub fn begin(&mut self, fx: &mut Effects) {
        if self.cr & ADEN == 0 || self.ready_at.is_none_or(|at| at > fx.now) {
            self.rule(fx, "started before it was enabled and ready (ADRDY)");
            return;
        }
        for channel in (0..=self.last_rank()).map(|rank| self.channel(rank)) {
            if self.pcsel >> channel & 1 == 0 {
                self.rule(
                    fx,
                    &format!("channel {channel} is converted but not preselected in PCSEL"),
                );
            }
        }
        self.cr |= ADSTART;
        self.rank = 0;
        (self.start, self.waits, self.result) = (fx.now, Some(self.channel(0)), None);
    }

    /// The voltage has come.
    pub fn convert(&mut self, millivolts: u32, hz: u32) {
        let Some(channel) = self.waits.take() else { return };
        let Some((bits, clocks)) = RESOLUTIONS[(self.cfgr >> 2 & 7) as usize] else {
            return;
        };
        let full = (1u64 << bits) - 1;
        let value = (u64::from(millivolts) * full + u64::from(SUPPLY_MV) / 2) / u64::from(SUPPLY_MV);
        let sampling = self.smpr[usize::from(channel / 10)] >> (3 * u32::from(channel % 10)) & 7;
        let half_clocks = SAMPLING[sampling as usize] + clocks;
        let end = self.start + Picos::of_cycles(half_clocks.div_ceil(2), hz.max(1));
        self.result = Some((value.min(full) as u32, end));
    }

    pub fn advance(&mut self, now: Time) {
        let due = |at: Option<Time>| at.is_some_and(|at| at <= now);
        if due(self.regulated_at) {
            self.isr |= LDORDY;
        }
        if due(self.calibrated_at) {
            self.calibrated_at = None;
            self.cr &= !ADCAL;
        }
        if due(self.ready_at) && self.cr & ADEN != 0 && self.isr & ADRDY == 0 {
            self.isr |= ADRDY;
        }
        if let Some((value, end)) = self.result.filter(|(_, end)| *end <= now) {
            self.result = None;
            if self.isr & EOC != 0 {
                self.isr |= OVR;
            }
            // OVRMOD: without it the old value stays.
            if self.isr & OVR == 0 || self.cfgr & OVRMOD != 0 {
                self.dr = value;
            }
            self.isr |= EOSMP | EOC;
            let is_last = self.rank == self.last_rank();
            if is_last {
                self.isr |= EOS;
            }
            if is_last && self.cfgr & CONT == 0 {
                self.cr &= !ADSTART;
            } else {
                self.rank = if is_last { 0 } else { self.rank + 1 };
                (self.start, self.waits) = (end, Some(self.channel(self.rank)));
            }
        }
    }

    pub fn next_event(&self) -> Option<Time> {
        let regulated = self.regulated_at.filter(|_| self.isr & LDORDY == 0);
        let ready = self.ready_at.filter(|_| self.isr & ADRDY == 0);
        let times = [
            regulated,
            self.calibrated_at,
            ready,
            self.waits.map(|_| self.start),
            self.result.map(|(_, end)| end),
        ];
        times.into_iter().flatten().min()
    }

    pub fn read(&mut self, register: u32) -> Result<u32, Refused> {
        Ok(match register {
            ISR => self.isr,
            IER => self.ier,
            CR => self.cr,
            CFGR => self.cfgr,
            SMPR1 => self.smpr[0],
            SMPR2 => self.smpr[1],
            PCSEL => self.pcsel,
            SQR1..=SQR4 => self.sqr[((register - SQR1) / 4) as usize],
            DR => {
                self.isr &= !EOC;
                self.dr
            }
            CFGR2 | DIFSEL => 0,
            _ => return Err(Refused::Unmodelled("ADC register")),
        })
    }

    pub fn write(&mut self, register: u32, value: u32, hz: u32, fx: &mut Effects) -> Result<(), Refused> {
        match register {
            ISR => self.isr &= !(value & CLEARABLE),
            IER if value & !CLEARABLE != 0 => return Err(Refused::Unmodelled("ADC_IER: injected, watchdog")),
            IER => self.ier = value,
            CR => return self.write_cr(value, hz, fx),
            CFGR if (value ^ CFGR_RESET) & !CFGR_KNOWN != 0 => {
                return Err(Refused::Unmodelled(
                    "ADC_CFGR: triggers, discontinuous mode or watchdogs",
                ));
            }
            CFGR if value & DMNGT == DMNGT_DFSDM => {
                return Err(Refused::Unmodelled("ADC_CFGR.DMNGT: results to DFSDM"));
            }
            CFGR if RESOLUTIONS[(value >> 2 & 7) as usize].is_none() => {
                self.rule(fx, "CFGR.RES = 4 is reserved; ignored");
            }
            CFGR => self.cfgr = value,
            SMPR1 => self.smpr[0] = value & 0x3FFF_FFFF,
            SMPR2 => self.smpr[1] = value & 0x3FFF_FFFF,
            PCSEL => self.pcsel = value & 0xF_FFFF,
            SQR1..=SQR4 => self.sqr[((register - SQR1) / 4) as usize] = value,
            CFGR2 | DIFSEL if value == 0 => {}
            CFGR2 => return Err(Refused::Unmodelled("ADC_CFGR2: oversampling")),
            DIFSEL => return Err(Refused::Unmodelled("ADC_DIFSEL: differential inputs")),
            _ => return Err(Refused::Unmodelled("ADC register")),
        }
        Ok(())
    }
}
