//! The clock tree, from crystal to core, bus and memory.
//!
//! ```text
//! HSE 25 MHz ─ /5 ─ 5 MHz ┬ PLL1 x112 = 560 ─ /2 ─ 280 MHz core, AXI, AHB ─ /2 ─ 140 MHz APB
//!                         └ PLL2 x84  = 420 ─ /6 ─  70 MHz OCTOSPI
//! HSI48 ─ RNG
//! ```
//! 280 MHz wants VOS0 and 6 wait states (RM0455 table 16), both set by embassy before the switch. The VIT6 package has no
//! step-down converter: the core is fed by the LDO.

use embassy_stm32::rcc::mux::{Fmcsel, Rngsel};
use embassy_stm32::rcc::{
    AHBPrescaler, APBPrescaler, Hse, HseMode, LsConfig, Pll, PllDiv, PllMul, PllPreDiv, PllSource,
    SupplyConfig, Sysclk, VoltageScale,
};
use embassy_stm32::time::Hertz;
use embassy_stm32::{Config, Peripherals};

/// The only crystal that the dividers below are for.
pub const HSE_HZ: u32 = 25_000_000;
/// Core, AXI and AHB.
pub const CORE_HZ: u32 = 280_000_000;
/// All APB buses.
pub const APB_HZ: u32 = 140_000_000;
/// Kernel clock of OCTOSPI.
pub const OCTOSPI_KERNEL_HZ: u32 = 70_000_000;

/// Starts the clock tree and hands out the chip. Once, first.
pub fn start() -> Peripherals {
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
        mul: PllMul::MUL84,
        divp: None,
        divq: None,
        divr: Some(PllDiv::DIV6),
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
    // Nothing keeps a calendar yet, and a 32 kHz crystal takes up to seconds to start.
    rcc.ls = LsConfig::off();
    embassy_stm32::init(config)
}
