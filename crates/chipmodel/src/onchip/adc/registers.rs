//! Registers, bits and times.

use crate::Picos;

pub const ISR: u32 = 0x00;
pub const IER: u32 = 0x04;
pub const CR: u32 = 0x08;
pub const CFGR: u32 = 0x0C;
pub const CFGR2: u32 = 0x10;
pub const SMPR1: u32 = 0x14;
pub const SMPR2: u32 = 0x18;
pub const PCSEL: u32 = 0x1C;
/// The first of four.
pub const SQR1: u32 = 0x30;
pub const SQR4: u32 = 0x3C;
pub const DR: u32 = 0x40;
pub const DIFSEL: u32 = 0xC0;
/// Of the common block, at 0x300.
pub const CCR: u32 = 0x308;

pub const ADRDY: u32 = 1 << 0;
pub const EOSMP: u32 = 1 << 1;
pub const EOC: u32 = 1 << 2;
pub const EOS: u32 = 1 << 3;
pub const OVR: u32 = 1 << 4;
pub const LDORDY: u32 = 1 << 12;
pub const CLEARABLE: u32 = ADRDY | EOSMP | EOC | EOS | OVR;

pub const ADEN: u32 = 1 << 0;
pub const ADDIS: u32 = 1 << 1;
pub const ADSTART: u32 = 1 << 2;
pub const ADSTP: u32 = 1 << 4;
pub const BOOST: u32 = 3 << 8;
pub const ADCALLIN: u32 = 1 << 16;
pub const ADVREGEN: u32 = 1 << 28;
pub const DEEPPWD: u32 = 1 << 29;
pub const ADCAL: u32 = 1 << 31;
pub const CR_KNOWN: u32 = ADEN | ADDIS | ADSTART | ADSTP | BOOST | ADCALLIN | ADVREGEN | DEEPPWD | ADCAL;

/// One shot or circular; DFSDM is the third.
pub const DMNGT: u32 = 3;
pub const DMNGT_DFSDM: u32 = 2;
pub const OVRMOD: u32 = 1 << 12;
pub const CONT: u32 = 1 << 13;
/// With the resolution.
pub const CFGR_KNOWN: u32 = DMNGT | 7 << 2 | OVRMOD | CONT;
pub const CFGR_RESET: u32 = 1 << 31;
/// Clock mode, prescaler, and the three internal channels.
pub const CCR_KNOWN: u32 = 3 << 16 | 15 << 18 | VREFEN | VSENSEEN | VBATEN;
pub const VREFEN: u32 = 1 << 22;
pub const VSENSEEN: u32 = 1 << 23;
pub const VBATEN: u32 = 1 << 24;

/// tADCVREG_STUP of DS13195: the regulator's start-up time.
pub const REGULATOR: Picos = Picos::from_ns(10_000);
/// Clocks of a calibration without linearity, and of enabling (DS13195, ADC characteristics, rounded up).
pub const CALIBRATION_CLOCKS: u64 = 1280;
pub const ENABLE_CLOCKS: u64 = 5;
/// The fastest clock of a converter (DS13195).
pub const MAX_HZ: u32 = 50_000_000;

/// Half clocks of the sampling times.
pub const SAMPLING: [u64; 8] = [3, 5, 17, 33, 65, 129, 775, 1621];
/// Bits and half clocks of a conversion for the values of CFGR.RES; `None` is reserved.
pub const RESOLUTIONS: [Option<(u32, u64)>; 8] = [
    Some((16, 17)),
    Some((14, 15)),
    Some((12, 13)),
    Some((10, 11)),
    None,
    Some((14, 15)),
    Some((12, 13)),
    Some((8, 9)),
];
pub const PRESCALERS: [u32; 16] = [1, 2, 4, 6, 8, 10, 12, 16, 32, 64, 128, 256, 1, 1, 1, 1];

/// VREFINT (DS13195, embedded reference voltage, typical).
pub const VREFINT_MV: u32 = 1216;
/// The temperature sensor at 25 degrees: 0.62 V at 30 degrees, 2 mV for each degree (DS13195, typical).
pub const VSENSE_MV: u32 = 610;
/// A cell of 3 V on VBAT, behind the divider by four.
pub const VBAT_QUARTER_MV: u32 = 750;
