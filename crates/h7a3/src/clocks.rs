//! The clock tree, from crystal to core, bus and memory.
//!
//! ```text
//! HSE 25 MHz ─ /5 ─ 5 MHz ┬ PLL1 x112 = 560 ─ /2 ─ 280 MHz core, AXI, AHB ─ /2 ─ 140 MHz APB
//!                         └ PLL2 x80  = 400 ─ /8 ─  50 MHz OCTOSPI, or another of `OCTOSPI_KERNELS`
//! HSI48 ─ RNG, USB; trimmed by the frames of a host
//! ```
//! 280 MHz wants VOS0 and 6 wait states (RM0455 table 16), both set by embassy before the switch. The VIT6 package has no
//! step-down converter: the core is fed by the LDO.

#![allow(unsafe_code)]

use core::cell::Cell;
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use critical_section::Mutex;
use embassy_stm32::pac::RCC;
use embassy_stm32::rcc::mux::{Fmcsel, Rngsel, Saisel, Sdmmcsel, Spi6sel, Spi45sel, Usbsel};
use embassy_stm32::rcc::{
    AHBPrescaler, APBPrescaler, Hse, HseMode, Hsi48Config, Pll, PllDiv, PllMul, PllPreDiv, PllSource,
    SupplyConfig, Sysclk, VoltageScale,
};
use embassy_stm32::time::Hertz;
use embassy_stm32::{Config, Peripherals};

use crate::{oscillators, time_base};

/// The only crystal that the dividers below are for.
pub const HSE_HZ: u32 = 25_000_000;
/// Core, AXI and AHB at the start.
pub const CORE_HZ: u32 = 280_000_000;
/// The buses of the UARTs then.
pub const BUS_HZ: u32 = CORE_HZ / 2;
/// What they can be changed to. The first is the chip's own oscillator, the others are multiples of 2.5 MHz by PLL1.
pub const CORE_CHOICE_HZ: [u32; 10] = [
    HSI_HZ,
    80_000_000,
    100_000_000,
    120_000_000,
    160_000_000,
    200_000_000,
    225_000_000,
    240_000_000,
    250_000_000,
    CORE_HZ,
];
const HSI_HZ: u32 = 64_000_000;
/// What goes into PLL1 and PLL2.
const REFERENCE_HZ: u32 = HSE_HZ / 5;
/// The same without a crystal: the chip's own oscillator over 32.
const REFERENCE_WITHOUT_HZ: u32 = HSI_HZ / 32;

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

    /// PLL2's factor; without a crystal that of the next lower clock, where the reference makes no other.
    fn factor(self) -> PllMul {
        factor(REFERENCE_HZ * (self.mul.to_bits() as u32 + 1), reference().2)
    }
}

/// Kernel clocks of OCTOSPI that are on offer: the memory chip's limits choose. The oscillator of PLL2 stays within the medium range, 150 to
/// 420 MHz, whatever is chosen.
pub const OCTOSPI_KERNELS: [OctospiKernel; 16] = [
    kernel(PllMul::MUL80, PllDiv::DIV10), // 40 MHz
    kernel(PllMul::MUL84, PllDiv::DIV10), // 42 MHz
    kernel(PllMul::MUL44, PllDiv::DIV5),  // 44 MHz
    kernel(PllMul::MUL46, PllDiv::DIV5),  // 46 MHz
    kernel(PllMul::MUL48, PllDiv::DIV5),  // 48 MHz
    kernel(PllMul::MUL80, PllDiv::DIV8),  // 50 MHz
    kernel(PllMul::MUL55, PllDiv::DIV5),  // 55 MHz
    kernel(PllMul::MUL84, PllDiv::DIV7),  // 60 MHz
    kernel(PllMul::MUL64, PllDiv::DIV5),  // 64 MHz
    kernel(PllMul::MUL84, PllDiv::DIV6),  // 70 MHz
    kernel(PllMul::MUL75, PllDiv::DIV5),  // 75 MHz
    kernel(PllMul::MUL84, PllDiv::DIV5),  // 84 MHz
    kernel(PllMul::MUL72, PllDiv::DIV4),  // 90 MHz
    kernel(PllMul::MUL80, PllDiv::DIV4),  // 100 MHz
    kernel(PllMul::MUL66, PllDiv::DIV3),  // 110 MHz
    kernel(PllMul::MUL78, PllDiv::DIV3),  // 130 MHz
];

const fn kernel(mul: PllMul, div: PllDiv) -> OctospiKernel {
    OctospiKernel { mul, div }
}

const _: () = assert!(OCTOSPI_KERNELS[0].hz() == 40_000_000 && OCTOSPI_KERNELS[15].hz() == 130_000_000);

/// The setting that gives this clock.
pub fn octospi_kernel(hz: u32) -> Option<OctospiKernel> {
    OCTOSPI_KERNELS.into_iter().find(|kernel| kernel.hz() == hz)
}

static HAS_CRYSTAL: AtomicBool = AtomicBool::new(true);
static CORE: AtomicU32 = AtomicU32::new(CORE_HZ);
static OCTOSPI: Mutex<Cell<OctospiKernel>> = Mutex::new(Cell::new(OCTOSPI_KERNELS[0]));

/// Core, AXI and AHB now.
pub fn core_hz() -> u32 {
    CORE.load(Ordering::Relaxed)
}

/// All timers now: twice the bus, whose divider is two.
pub fn timer_hz() -> u32 {
    core_hz()
}

/// The kernel clock of the memory chip's controller, and of the SD card's.
pub fn octospi_hz() -> u32 {
    critical_section::with(|cs| OCTOSPI.borrow(cs).get()).hz()
}

/// Whether the main crystal swings. If not, the chip's own oscillator stands in for it, 1 % off.
pub fn has_crystal() -> bool {
    HAS_CRYSTAL.load(Ordering::Relaxed)
}

/// What goes into the PLLs, and by which divider.
fn reference() -> (PllSource, PllPreDiv, u32) {
    if has_crystal() {
        (PllSource::HSE, PllPreDiv::DIV5, REFERENCE_HZ)
    } else {
        (PllSource::HSI, PllPreDiv::DIV32, REFERENCE_WITHOUT_HZ)
    }
}

/// The factor of a PLL whose oscillator runs at this. The field holds one less (RM0455 RCC_PLL1DIVR).
fn factor(hz: u32, reference_hz: u32) -> PllMul {
    PllMul::from_bits((hz / reference_hz - 1) as u16)
}

/// Starts the clock tree and hands out the chip. Once, first.
pub fn start(octospi: OctospiKernel) -> Peripherals {
    critical_section::with(|cs| OCTOSPI.borrow(cs).set(octospi));
    oscillators::leave_plls();
    HAS_CRYSTAL.store(oscillators::start_crystal(), Ordering::Relaxed);
    oscillators::open_gates(true);
    let chip = embassy_stm32::init(configuration(octospi, CORE_HZ));
    crate::rtc::start();
    chip
}

/// Changes the clock of the memory chip's controller, which is not at work. The SD card's controller has the same one, and wants
/// [`crate::sdmmc::retime`] if it stays.
pub fn feed_octospi(kernel: OctospiKernel) {
    /// PLL2.
    const N: usize = 1;
    // Its dividers do not change while it runs (RM0455 RCC_PLL2DIVR).
    RCC.cr().modify(|w| w.set_pllon(N, false));
    while RCC.cr().read().pllrdy(N) {}
    RCC.plldivr(N).modify(|w| {
        w.set_plln(kernel.factor());
        w.set_pllr(kernel.div);
    });
    RCC.cr().modify(|w| w.set_pllon(N, true));
    while !RCC.cr().read().pllrdy(N) {}
    critical_section::with(|cs| OCTOSPI.borrow(cs).set(kernel));
}

/// Changes the core's clock to one of [`CORE_CHOICE_HZ`]; buses and timers follow. The memory chip's clock is PLL2's, which runs
/// through. Serial ports keep their rates and timers their periods.
pub fn change_core(hz: u32) {
    let before_hz = core_hz();
    crate::console::flush();
    let change = || {
        let octospi = critical_section::with(|cs| OCTOSPI.borrow(cs).get());
        // SAFETY: RCC is nobody's: this file alone sets it up.
        let mut rcc = unsafe { embassy_stm32::peripherals::RCC::steal() };
        // By the chip's own oscillator: embassy writes the dividers of PLL1 without switching it off, and they do not change
        // while it runs (RM0455 RCC_PLL1DIVR). PLL2 gets the values that it has, so it runs through.
        embassy_stm32::rcc::reinit(configuration(octospi, HSI_HZ).rcc, &mut rcc);
        if hz != HSI_HZ {
            embassy_stm32::rcc::reinit(configuration(octospi, hz).rcc, &mut rcc);
        }
        CORE.store(hz, Ordering::Relaxed);
        crate::time::core_runs_at(hz);
        crate::serial::retime(before_hz, hz);
        crate::timer::retime(before_hz, hz);
    };
    time_base::quiet(|| {}, change);
}

/// Does something in which the clocks stop, and starts them again as they were. Time has stood still meanwhile.
pub(crate) fn restart_after(stop: impl Fn()) {
    time_base::quiet(stop, || {
        let octospi = critical_section::with(|cs| OCTOSPI.borrow(cs).get());
        // SAFETY: as above.
        let mut rcc = unsafe { embassy_stm32::peripherals::RCC::steal() };
        embassy_stm32::rcc::reinit(configuration(octospi, core_hz()).rcc, &mut rcc);
    });
}

/// PLL1 for the core; the chip's own oscillator needs none.
fn core_pll(hz: u32) -> Option<Pll> {
    let (source, prediv, reference_hz) = reference();
    (hz != HSI_HZ).then(|| Pll {
        source,
        prediv,
        mul: factor(2 * hz, reference_hz),
        divp: Some(PllDiv::DIV2),
        divq: None,
        divr: None,
    })
}

fn configuration(octospi: OctospiKernel, core_hz: u32) -> Config {
    let mut config = Config::default();
    let rcc = &mut config.rcc;
    rcc.supply_config = SupplyConfig::LDO;
    rcc.voltage_scale = VoltageScale::Scale0;
    rcc.hse = has_crystal().then_some(Hse {
        freq: Hertz(HSE_HZ),
        mode: HseMode::Oscillator,
    });
    // The cell that evens out the edges of the pins runs by it; embassy switches both on.
    rcc.csi = true;
    rcc.pll1 = core_pll(core_hz);
    let (source, prediv, _) = reference();
    rcc.pll2 = Some(Pll {
        source,
        prediv,
        mul: octospi.factor(),
        divp: None,
        divq: None,
        divr: Some(octospi.div),
    });
    rcc.sys = match rcc.pll1 {
        Some(_) => Sysclk::PLL1_P,
        None => Sysclk::HSI,
    };
    rcc.d1c_pre = AHBPrescaler::DIV1;
    rcc.ahb_pre = AHBPrescaler::DIV1;
    rcc.apb1_pre = APBPrescaler::DIV2;
    rcc.apb2_pre = APBPrescaler::DIV2;
    rcc.apb3_pre = APBPrescaler::DIV2;
    rcc.apb4_pre = APBPrescaler::DIV2;
    rcc.mux.octospisel = Fmcsel::PLL2_R;
    rcc.hsi48 = Some(Hsi48Config { sync_from_usb: true });
    rcc.mux.sdmmcsel = Sdmmcsel::PLL2_R;
    rcc.mux.rngsel = Rngsel::HSI48;
    rcc.mux.usbsel = Usbsel::HSI48;
    // The chip's own oscillator, whatever the core runs at: `spi`.
    rcc.mux.spi123sel = Saisel::PER;
    rcc.mux.spi45sel = Spi45sel::HSI;
    rcc.mux.spi6sel = Spi6sel::HSI;
    // The calendar's clock is `rtc`'s: a 32 kHz crystal takes up to seconds to start, and embassy would wait for it.
    rcc.ls = crate::rtc::kept();
    rcc.mux.rtcsel = rcc.ls.rtc;
    config
}
