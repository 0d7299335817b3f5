//! The clock tree, from crystal to core, bus and memory.
//!
//! ```text
//! HSE 25 MHz ─ /5 ─ 5 MHz ┬ PLL1 x112 = 560 ─ /2 ─ 280 MHz core, AXI, AHB ─ /2 ─ 140 MHz APB
//!                         └ PLL2 x80  = 400 ─ /8 ─  50 MHz OCTOSPI, or another of `OCTOSPI_KERNELS`
//! HSI48 ─ RNG
//! ```
//! 280 MHz wants VOS0 and 6 wait states (RM0455 table 16), both set by embassy before the switch. The VIT6 package has no
//! step-down converter: the core is fed by the LDO.

use embassy_stm32::rcc::mux::{Fmcsel, Rngsel};
use embassy_stm32::rcc::{
    AHBPrescaler, APBPrescaler, Hse, HseMode, Pll, PllDiv, PllMul, PllPreDiv, PllSource, SupplyConfig,
    Sysclk, VoltageScale,
};
use embassy_stm32::time::Hertz;
use embassy_stm32::{Config, Peripherals};

/// The only crystal that the dividers below are for.
pub const HSE_HZ: u32 = 25_000_000;
/// Core, AXI and AHB.
pub const CORE_HZ: u32 = 280_000_000;
/// All APB buses.
pub const APB_HZ: u32 = 140_000_000;
/// All timers: twice the bus, whose divider is two.
pub const TIMER_HZ: u32 = CORE_HZ;
/// What goes into PLL1 and PLL2.
const REFERENCE_HZ: u32 = HSE_HZ / 5;

/// A setting of PLL2 for OCTOSPI's kernel clock.
#[derive(Clone, Copy)]
pub struct OctospiKernel {
    mul: PllMul,
    div: PllDiv,
}

impl OctospiKernel {
    /// The clock that it gives.
    pub const fn hz(self) -> u32 {
        // Both fields hold one less than the factor (RM0455 RCC_PLL2DIVR).
        REFERENCE_HZ * (self.mul.to_bits() as u32 + 1) / (self.div.to_bits() as u32 + 1)
    }
}

/// Kernel clocks of OCTOSPI that are on offer: the memory chip's limits choose. The oscillator of PLL2 stays within 128 to
/// 560 MHz.
pub const OCTOSPI_KERNELS: [OctospiKernel; 5] = [
    kernel(PllMul::MUL80, PllDiv::DIV10), // 40 MHz
    kernel(PllMul::MUL80, PllDiv::DIV8),  // 50 MHz
    kernel(PllMul::MUL84, PllDiv::DIV7),  // 60 MHz
    kernel(PllMul::MUL84, PllDiv::DIV6),  // 70 MHz
    kernel(PllMul::MUL84, PllDiv::DIV5),  // 84 MHz
];

const fn kernel(mul: PllMul, div: PllDiv) -> OctospiKernel {
    OctospiKernel { mul, div }
}

const _: () = assert!(OCTOSPI_KERNELS[0].hz() == 40_000_000 && OCTOSPI_KERNELS[4].hz() == 84_000_000);

/// Starts the clock tree and hands out the chip. Once, first.
pub fn start(octospi: OctospiKernel) -> Peripherals {
    let mut config = Config::default();
    let rcc = &mut config.rcc;
    rcc.supply_config = SupplyConfig::LDO;
    rcc.voltage_scale = VoltageScale::Scale0;
    rcc.hse = Some(Hse {
        freq: Hertz(HSE_HZ),
        mode: HseMode::Oscillator,
    });
    rcc.pll1 = Some(Pll {
        source: PllSource::HSE,
        prediv: PllPreDiv::DIV5,
        mul: PllMul::MUL112,
        divp: Some(PllDiv::DIV2),
        divq: None,
        divr: None,
    });
    rcc.pll2 = Some(Pll {
        source: PllSource::HSE,
        prediv: PllPreDiv::DIV5,
        mul: octospi.mul,
        divp: None,
        divq: None,
        divr: Some(octospi.div),
    });
    rcc.sys = Sysclk::PLL1_P;
    rcc.d1c_pre = AHBPrescaler::DIV1;
    rcc.ahb_pre = AHBPrescaler::DIV1;
    rcc.apb1_pre = APBPrescaler::DIV2;
    rcc.apb2_pre = APBPrescaler::DIV2;
    rcc.apb3_pre = APBPrescaler::DIV2;
    rcc.apb4_pre = APBPrescaler::DIV2;
    rcc.mux.octospisel = Fmcsel::PLL2_R;
    rcc.mux.rngsel = Rngsel::HSI48;
    // The calendar's clock is `rtc`'s: a 32 kHz crystal takes up to seconds to start, and embassy would wait for it.
    rcc.ls = crate::rtc::kept();
    rcc.mux.rtcsel = rcc.ls.rtc;
    let chip = embassy_stm32::init(config);
    crate::rtc::start();
    chip
}
