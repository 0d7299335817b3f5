//! Embassy's drivers, case by case, in the manner of embassy's own examples for this chip. Each case takes the whole chip; the first
//! one that goes wrong panics, which ends the run. What is wired to what is in `vboard/tests/board/hal.rs`.
#![no_std]
#![no_main]

mod analogue;
mod buses;
mod camera;
mod host;
mod memory;
mod pins;

use embassy_stm32::rcc::{
    AHBPrescaler, APBPrescaler, Hse, HseMode, Hsi48Config, LsConfig, Pll, PllDiv, PllMul, PllPreDiv,
    PllSource, SupplyConfig, Sysclk, VoltageScale, mux,
};
use embassy_stm32::time::Hertz;
use embassy_stm32::{Config, Peripherals, bind_interrupts, peripherals};

bind_interrupts!(
    /// All interrupts that the cases take.
    pub struct Irqs {
        DCMI_PSSI => embassy_stm32::dcmi::InterruptHandler<peripherals::DCMI>;
        DMA1_STREAM0 => embassy_stm32::dma::InterruptHandler<peripherals::DMA1_CH0>;
        DMA1_STREAM1 => embassy_stm32::dma::InterruptHandler<peripherals::DMA1_CH1>;
        DMA2_STREAM0 => embassy_stm32::dma::InterruptHandler<peripherals::DMA2_CH0>;
        BDMA2_CHANNEL0 => embassy_stm32::dma::InterruptHandler<peripherals::BDMA2_CH0>;
        BDMA2_CHANNEL1 => embassy_stm32::dma::InterruptHandler<peripherals::BDMA2_CH1>;
        EXTI1 => embassy_stm32::exti::InterruptHandler<embassy_stm32::interrupt::typelevel::EXTI1>;
        FDCAN1_IT0 => embassy_stm32::can::IT0InterruptHandler<peripherals::FDCAN1>;
        FDCAN1_IT1 => embassy_stm32::can::IT1InterruptHandler<peripherals::FDCAN1>;
        I2C1_EV => embassy_stm32::i2c::EventInterruptHandler<peripherals::I2C1>;
        I2C1_ER => embassy_stm32::i2c::ErrorInterruptHandler<peripherals::I2C1>;
        RNG => embassy_stm32::rng::InterruptHandler<peripherals::RNG>;
        TIM1_CC => embassy_stm32::timer::CaptureCompareInterruptHandler<peripherals::TIM1>;
        USART3 => embassy_stm32::usart::InterruptHandler<peripherals::USART3>;
    }
);

type Case = (&'static str, fn(Peripherals));

/// In this order; the last one does not come back.
const CASES: &[Case] = &[
    ("blinky", pins::blinky),
    ("button by exti", pins::button),
    ("pwm, measured", pins::pwm),
    ("memory to memory by dma", memory::copy),
    ("usart by dma", buses::usart),
    ("usart into a ring by dma", buses::usart_ring),
    ("spi by dma", buses::spi),
    ("spi by bdma", buses::spi_by_bdma),
    ("i2c by dma", buses::i2c),
    ("fdcan", buses::fdcan),
    ("dcmi", camera::pictures),
    ("adc alone and by dma, and dac", analogue::converters),
    ("rng", memory::rng),
    ("crc", memory::crc),
    ("flash", memory::flash),
    ("independent watchdog", memory::watchdog),
];

/// As embassy's examples set up this chip: 280 MHz from a crystal of 25 MHz.
fn configuration() -> Config {
    let mut config = Config::default();
    let rcc = &mut config.rcc;
    rcc.supply_config = SupplyConfig::LDO;
    rcc.voltage_scale = VoltageScale::Scale0;
    rcc.hse = Some(Hse {
        freq: Hertz(25_000_000),
        mode: HseMode::Oscillator,
    });
    rcc.hsi48 = Some(Hsi48Config { sync_from_usb: false });
    rcc.csi = true;
    rcc.pll1 = Some(Pll {
        source: PllSource::HSE,
        prediv: PllPreDiv::DIV5,
        mul: PllMul::MUL112,
        divp: Some(PllDiv::DIV2),
        divq: Some(PllDiv::DIV8),
        divr: None,
    });
    // 50 MHz for the converters.
    rcc.pll2 = Some(Pll {
        source: PllSource::HSE,
        prediv: PllPreDiv::DIV5,
        mul: PllMul::MUL80,
        divp: Some(PllDiv::DIV8),
        divq: None,
        divr: None,
    });
    rcc.sys = Sysclk::PLL1_P;
    rcc.ahb_pre = AHBPrescaler::DIV1;
    rcc.apb1_pre = APBPrescaler::DIV2;
    rcc.apb2_pre = APBPrescaler::DIV2;
    rcc.apb3_pre = APBPrescaler::DIV2;
    rcc.apb4_pre = APBPrescaler::DIV2;
    rcc.ls = LsConfig::default_lse();
    rcc.mux.adcsel = mux::Adcsel::PLL2_P;
    rcc.mux.fdcansel = mux::Fdcansel::PLL1_Q;
    config
}

#[cortex_m_rt::entry]
fn main() -> ! {
    embassy_stm32::init(configuration());
    memory::after_the_watchdog();
    for (name, case) in CASES {
        // SAFETY: the case before has ended, and what it held with it.
        case(unsafe { Peripherals::steal() });
        host::say(format_args!("{name}: ok"));
    }
    panic!("the watchdog did not bite");
}
