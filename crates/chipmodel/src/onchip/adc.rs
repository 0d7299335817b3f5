//! ADC1, ADC2 and what they share (RM0455, analog-to-digital converters): sequences of up to 16 conversions, once or over and
//! over, started by software, with requests to DMA.
//!
//! An ideal converter: no noise, no offset, VREF+ at the supply. A conversion takes the time that sampling time, resolution
//! and clock give it. The temperature sensor, VBAT (a quarter of it) and VREFINT are channels of ADC2. The order of switching
//! on is checked: voltage regulator, its start-up time, calibration, enable.
//! Does NOT model: injected channels, triggers, discontinuous and dual mode, differential inputs, oversampling,
//! offsets, watchdogs, the linearity calibration's words. Using one is refused or reported.

use crate::bus::bank::{lane, merged};
use crate::bus::pad::SUPPLY_MV;
use crate::{Clocks, Device, Effects, Kind, Picos, Refused, Time, Width};

const ISR: u32 = 0x00;
const IER: u32 = 0x04;
const CR: u32 = 0x08;
const CFGR: u32 = 0x0C;
const CFGR2: u32 = 0x10;
const SMPR1: u32 = 0x14;
const SMPR2: u32 = 0x18;
const PCSEL: u32 = 0x1C;
/// The first of four.
const SQR1: u32 = 0x30;
const SQR4: u32 = 0x3C;
const DR: u32 = 0x40;
const DIFSEL: u32 = 0xC0;
/// Of the common block, at 0x300.
const CCR: u32 = 0x308;

const ADRDY: u32 = 1 << 0;
const EOSMP: u32 = 1 << 1;
const EOC: u32 = 1 << 2;
const EOS: u32 = 1 << 3;
const OVR: u32 = 1 << 4;
const LDORDY: u32 = 1 << 12;
const CLEARABLE: u32 = ADRDY | EOSMP | EOC | EOS | OVR;

const ADEN: u32 = 1 << 0;
const ADDIS: u32 = 1 << 1;
const ADSTART: u32 = 1 << 2;
const ADSTP: u32 = 1 << 4;
const BOOST: u32 = 3 << 8;
const ADCALLIN: u32 = 1 << 16;
const ADVREGEN: u32 = 1 << 28;
const DEEPPWD: u32 = 1 << 29;
const ADCAL: u32 = 1 << 31;
const CR_KNOWN: u32 = ADEN | ADDIS | ADSTART | ADSTP | BOOST | ADCALLIN | ADVREGEN | DEEPPWD | ADCAL;

/// One shot or circular; DFSDM is the third.
const DMNGT: u32 = 3;
const DMNGT_DFSDM: u32 = 2;
const OVRMOD: u32 = 1 << 12;
const CONT: u32 = 1 << 13;
/// With the resolution.
const CFGR_KNOWN: u32 = DMNGT | 7 << 2 | OVRMOD | CONT;
const CFGR_RESET: u32 = 1 << 31;
/// Clock mode, prescaler, and the three internal channels.
const CCR_KNOWN: u32 = 3 << 16 | 15 << 18 | VREFEN | VSENSEEN | VBATEN;
const VREFEN: u32 = 1 << 22;
const VSENSEEN: u32 = 1 << 23;
const VBATEN: u32 = 1 << 24;

/// tADCVREG_STUP of DS13195: the regulator's start-up time.
const REGULATOR: Picos = Picos::from_ns(10_000);
/// Clocks of a calibration without linearity, and of enabling (DS13195, ADC characteristics, rounded up).
const CALIBRATION_CLOCKS: u64 = 1280;
const ENABLE_CLOCKS: u64 = 5;
/// The fastest clock of a converter (DS13195).
const MAX_HZ: u32 = 50_000_000;

/// Half clocks of the sampling times.
const SAMPLING: [u64; 8] = [3, 5, 17, 33, 65, 129, 775, 1621];
/// Bits and half clocks of a conversion for the values of CFGR.RES; `None` is reserved.
const RESOLUTIONS: [Option<(u32, u64)>; 8] = [
    Some((16, 17)),
    Some((14, 15)),
    Some((12, 13)),
    Some((10, 11)),
    None,
    Some((14, 15)),
    Some((12, 13)),
    Some((8, 9)),
];
const PRESCALERS: [u32; 16] = [1, 2, 4, 6, 8, 10, 12, 16, 32, 64, 128, 256, 1, 1, 1, 1];

/// VREFINT (DS13195, embedded reference voltage, typical).
const VREFINT_MV: u32 = 1216;
/// The temperature sensor at 25 degrees: 0.62 V at 30 degrees, 2 mV for each degree (DS13195, typical).
const VSENSE_MV: u32 = 610;
/// A cell of 3 V on VBAT, behind the divider by four.
const VBAT_QUARTER_MV: u32 = 750;

/// Both converters.
#[derive(Clone, Debug, Default)]
pub struct Adc12 {
    converters: [Converter; 2],
    ccr: u32,
}

#[derive(Clone, Debug)]
struct Converter {
    name: &'static str,
    isr: u32,
    ier: u32,
    cr: u32,
    cfgr: u32,
    smpr: [u32; 2],
    pcsel: u32,
    sqr: [u32; 4],
    /// Where in the sequence it is.
    rank: u32,
    dr: u32,
    /// When the regulator is up.
    regulated_at: Option<Time>,
    calibrated_at: Option<Time>,
    ready_at: Option<Time>,
    /// The conversion under way: its channel waits for a voltage, or its result for the time.
    waits: Option<u8>,
    result: Option<(u32, Time)>,
    start: Time,
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
    fn rule(&self, fx: &mut Effects, what: &str) {
        fx.report(Kind::Rule, format!("{}: {what}", self.name));
    }

    /// The channel of this place in the sequence: five to a register, and the first one holds the length, too.
    fn channel(&self, rank: u32) -> u8 {
        let place = rank + 1;
        (self.sqr[(place / 5) as usize] >> (6 * (place % 5)) & 31) as u8
    }

    fn last_rank(&self) -> u32 {
        self.sqr[0] & 15
    }

    /// It asks DMA to fetch what it has converted.
    fn requests(&self) -> bool {
        self.cfgr & DMNGT != 0 && self.isr & EOC != 0 && self.isr & OVR == 0
    }

    fn write_cr(&mut self, value: u32, hz: u32, fx: &mut Effects) -> Result<(), Refused> {
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

    fn begin(&mut self, fx: &mut Effects) {
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
    fn convert(&mut self, millivolts: u32, hz: u32) {
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

    fn advance(&mut self, now: Time) {
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

    fn next_event(&self) -> Option<Time> {
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

    fn read(&mut self, register: u32) -> Result<u32, Refused> {
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

    fn write(&mut self, register: u32, value: u32, hz: u32, fx: &mut Effects) -> Result<(), Refused> {
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

impl Adc12 {
    /// After reset.
    pub fn new() -> Self {
        let mut adc = Adc12::default();
        adc.converters[1].name = "ADC2";
        adc
    }

    /// The clock of both converters.
    fn hz(&self, clocks: &Clocks) -> u32 {
        match self.ccr >> 16 & 3 {
            0 => clocks.adc_hz / PRESCALERS[(self.ccr >> 18 & 15) as usize],
            mode => clocks.hclk_hz >> (mode - 1),
        }
    }

    /// The voltage of a channel that no pin carries; `None` if it is not one, or switched off.
    fn internal(&self, converter: usize, channel: u8) -> Option<u32> {
        let (enable, millivolts) = match (converter, channel) {
            (1, 14) => (VBATEN, VBAT_QUARTER_MV),
            (1, 18) => (VSENSEEN, VSENSE_MV),
            (1, 19) => (VREFEN, VREFINT_MV),
            _ => return None,
        };
        (self.ccr & enable != 0).then_some(millivolts)
    }

    fn waiting(&self) -> Option<(usize, u8)> {
        let mut converters = self.converters.iter().enumerate();
        converters.find_map(|(index, converter)| Some((index, converter.waits?)))
    }
}

/// Converter and register of an offset.
fn place(offset: u32) -> Option<(usize, u32)> {
    (offset < 0x200).then_some(((offset / 0x100) as usize, (offset % 0x100) & !3))
}

impl Device for Adc12 {
    fn read(&mut self, offset: u32, width: Width, fx: &mut Effects) -> Result<u32, Refused> {
        self.advance(fx);
        let word = match place(offset) {
            Some((index, register)) => self.converters[index].read(register)?,
            None if offset & !3 == CCR => self.ccr,
            None => return Err(Refused::Unmodelled("ADC common register")),
        };
        Ok(lane(word, offset, width))
    }

    fn write(&mut self, offset: u32, width: Width, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        self.advance(fx);
        let hz = self.hz(&fx.clocks);
        match place(offset) {
            Some((index, register)) => {
                // Narrow writes to registers that clear when read or written do not happen here.
                let before = if matches!(register, ISR | DR) {
                    0
                } else {
                    self.converters[index].read(register)?
                };
                self.converters[index].write(register, merged(before, offset, width, value), hz, fx)
            }
            None if offset & !3 == CCR => {
                let value = merged(self.ccr, offset, width, value);
                if value & !CCR_KNOWN != 0 {
                    return Err(Refused::Unmodelled("ADC_CCR: dual mode or DMA"));
                }
                self.ccr = value;
                Ok(())
            }
            None => Err(Refused::Unmodelled("ADC common register")),
        }
    }

    fn reset(&mut self) {
        *self = Adc12::new();
    }

    fn lines(&self) -> u32 {
        self.converters.iter().any(|c| c.isr & c.ier != 0).into()
    }

    fn requests(&self) -> u32 {
        u32::from(self.converters[0].requests()) | u32::from(self.converters[1].requests()) << 1
    }

    fn wants_sample(&self) -> Option<(&'static str, u8)> {
        let (index, channel) = self.waiting()?;
        Some((self.converters[index].name, channel))
    }

    fn sample(&mut self, millivolts: Option<u32>, fx: &mut Effects) {
        let Some((index, channel)) = self.waiting() else {
            return;
        };
        let found = millivolts.or_else(|| self.internal(index, channel));
        if found.is_none() {
            let what = format!("channel {channel} floats, or is switched off: the result is arbitrary");
            self.converters[index].rule(fx, &what);
        }
        let hz = self.hz(&fx.clocks);
        self.converters[index].convert(found.unwrap_or(0), hz);
    }

    fn next_event(&self, _clocks: &Clocks) -> Option<Time> {
        self.converters.iter().filter_map(Converter::next_event).min()
    }

    fn advance(&mut self, fx: &mut Effects) {
        for converter in &mut self.converters {
            converter.advance(fx.now);
        }
    }
}

#[cfg(test)]
mod tests {
    //! Offsets and bits from RM0455 once more.

    use super::*;
    use crate::bus::bank::testing::Bench;

    const ADC2: u32 = 0x100;

    /// A converter at 25 MHz that is ready, with the sampling time of channels 0 to 9 at 64.5 clocks.
    fn ready(base: u32) -> (Bench, Adc12) {
        let mut bench = Bench::new(Clocks {
            adc_hz: 25_000_000,
            ..Clocks::default()
        });
        let mut adc = Adc12::new();
        bench.write(&mut adc, base + 0x08, 0x1000_0000);
        bench.pass(&mut adc, Picos::from_ns(10_000));
        assert_eq!(bench.read(&mut adc, base), 1 << 12);
        bench.write(&mut adc, base + 0x08, 0x9000_0000);
        bench.pass(&mut adc, Picos::from_ns(100_000));
        assert_eq!(bench.read(&mut adc, base + 0x08), 0x1000_0000);
        bench.write(&mut adc, base + 0x08, 0x1000_0001);
        bench.pass(&mut adc, Picos::from_ns(1000));
        assert_eq!(bench.read(&mut adc, base) & 1, 1);
        (bench, adc)
    }

    fn start(bench: &mut Bench, adc: &mut Adc12, base: u32, channel: u32) {
        bench.write(adc, base + 0x1C, 1 << channel);
        bench.write(adc, base + 0x30, channel << 6);
        bench.write(adc, base + 0x08, 0x1000_0005);
    }

    #[test]
    fn a_voltage_becomes_its_share_of_full_scale_at_each_resolution() {
        for (res, full) in [(0, 65535_u32), (1, 16383), (2, 4095), (3, 1023), (7, 255)] {
            let (mut bench, mut adc) = ready(0);
            bench.write(&mut adc, 0x0C, 0x8000_0000 | res << 2);
            for (mv, value) in [(0, 0), (3300, full), (1650, full.div_ceil(2)), (5000, full)] {
                start(&mut bench, &mut adc, 0, 3);
                assert_eq!(adc.wants_sample(), Some(("ADC1", 3)));
                adc.sample(Some(mv), &mut bench.fx());
                bench.pass(&mut adc, Picos::from_ns(10_000));
                assert_eq!(bench.read(&mut adc, 0x40), value, "{mv} mV, RES {res}");
            }
            assert!(bench.complaints().is_empty());
        }
    }

    #[test]
    fn a_conversion_takes_sampling_and_conversion_time() {
        let (mut bench, mut adc) = ready(0);
        bench.write(&mut adc, 0x14, 5 << 9);
        start(&mut bench, &mut adc, 0, 3);
        adc.sample(Some(1000), &mut bench.fx());
        // 64.5 + 8.5 clocks of 40 ns.
        bench.pass(&mut adc, Picos::from_ns(2919));
        assert_eq!(bench.read(&mut adc, 0) & 4, 0);
        bench.pass(&mut adc, Picos::from_ns(1));
        assert_eq!(bench.read(&mut adc, 0) & 0b1110, 0b1110);
        assert_eq!(bench.read(&mut adc, 0x08) & 4, 0, "ADSTART has fallen");
    }

    #[test]
    fn internal_channels_answer_when_they_are_switched_on() {
        for (channel, enable, mv) in [(19, 1 << 22, 1216), (18, 1 << 23, 610), (14, 1 << 24, 750)] {
            let (mut bench, mut adc) = ready(ADC2);
            start(&mut bench, &mut adc, ADC2, channel);
            adc.sample(None, &mut bench.fx());
            assert!(bench.complaints()[0].contains("switched off"));
            bench.pass(&mut adc, Picos::from_ns(100_000));
            assert_eq!(bench.read(&mut adc, ADC2 + 0x40), 0);
            bench.write(&mut adc, 0x308, enable);
            start(&mut bench, &mut adc, ADC2, channel);
            adc.sample(None, &mut bench.fx());
            bench.pass(&mut adc, Picos::from_ns(100_000));
            bench.read(&mut adc, ADC2 + 0x40);
            assert_eq!(bench.complaints(), Vec::<String>::new());
            start(&mut bench, &mut adc, ADC2, channel);
            adc.sample(None, &mut bench.fx());
            bench.pass(&mut adc, Picos::from_ns(100_000));
            let value = bench.read(&mut adc, ADC2 + 0x40);
            assert_eq!((value * 3300 + 32767) / 65535, mv, "channel {channel}");
        }
    }

    #[test]
    fn each_step_of_switching_on_is_checked() {
        let mut bench = Bench::new(Clocks {
            adc_hz: 25_000_000,
            ..Clocks::default()
        });
        let mut adc = Adc12::new();
        bench.write(&mut adc, 0x08, 0x1000_0000);
        bench.write(&mut adc, 0x08, 0x9000_0000);
        assert!(bench.complaints()[0].contains("before its voltage regulator is up"));
        bench.pass(&mut adc, Picos::from_ns(10_000));
        bench.write(&mut adc, 0x08, 0x1000_0004);
        assert!(bench.complaints()[0].contains("before it was enabled"));
        bench.clocks.adc_hz = 64_000_000;
        bench.write(&mut adc, 0x08, 0x1000_0001);
        assert!(bench.complaints()[0].contains("64000000 Hz"));
    }

    #[test]
    fn what_has_no_model_is_refused_by_name() {
        let (mut bench, mut adc) = ready(0);
        for (offset, value) in [
            (0x0C, 0x8000_0002),
            (0x0C, 0x8001_0000),
            (0x10, 1),
            (0xC0, 1),
            (0x30C, 0),
            (0x308, 1),
        ] {
            let refused = adc.write(offset, Width::Word, value, &mut bench.fx());
            assert!(matches!(refused, Err(Refused::Unmodelled(_))), "{offset:#x}");
        }
    }

    /// Channel `n` has `n` * 100 mV.
    fn convert_one(bench: &mut Bench, adc: &mut Adc12) -> u32 {
        let (_, channel) = adc.wants_sample().expect("a conversion is under way");
        adc.sample(Some(100 * u32::from(channel)), &mut bench.fx());
        bench.now = adc.next_event(&bench.clocks).unwrap();
        adc.advance(&mut bench.fx());
        u32::from(channel)
    }

    #[test]
    fn a_sequence_is_converted_in_its_order_and_over_and_over_if_asked() {
        let (mut bench, mut adc) = ready(0);
        // Six conversions: 3, 5, 1, 7 in SQR1, 2, 15 in SQR2.
        bench.write(&mut adc, 0x1C, 0x80AE);
        bench.write(&mut adc, 0x30, 5 | 3 << 6 | 5 << 12 | 1 << 18 | 7 << 24);
        bench.write(&mut adc, 0x34, 2 | 15 << 6);
        // CONT, DMA in one shot, 12 bits.
        bench.write(&mut adc, 0x0C, 0x8000_0000 | 1 << 13 | 2 << 2 | 1);
        bench.write(&mut adc, 0x08, 0x1000_0005);
        for round in 0..2 {
            for (n, channel) in [3, 5, 1, 7, 2, 15].into_iter().enumerate() {
                assert_eq!(adc.requests(), 0);
                assert_eq!(convert_one(&mut bench, &mut adc), channel, "round {round}");
                assert_eq!(adc.requests(), 1);
                let isr = bench.read(&mut adc, 0);
                assert_eq!(isr & 8 != 0, round > 0 || n == 5, "EOS");
                assert_eq!(bench.read(&mut adc, 0x40), (channel * 100 * 4095 + 1650) / 3300);
            }
        }
        // What nobody fetches is lost, and asks for nothing more.
        convert_one(&mut bench, &mut adc);
        convert_one(&mut bench, &mut adc);
        assert_eq!((bench.read(&mut adc, 0) & 0x10, adc.requests()), (0x10, 0));
        assert!(bench.complaints().is_empty());
        bench.write(&mut adc, 0x08, 0x1000_0011);
        assert_eq!(adc.wants_sample(), None);
    }
}
