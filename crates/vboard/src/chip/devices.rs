//! Every device of the chip that has a model, as plain fields. Where it lies is its row in `map.rs`.

use chipmodel::Kernel;
use chipmodel::bus::master::Requests;
use chipmodel::onchip::adc::Adc12;
use chipmodel::onchip::bdma::Bdma;
use chipmodel::onchip::crc::Crc;
use chipmodel::onchip::crs::Crs;
use chipmodel::onchip::dac::Dac;
use chipmodel::onchip::dbgmcu::Dbgmcu;
use chipmodel::onchip::dcmi::Dcmi;
use chipmodel::onchip::dma::Dma;
use chipmodel::onchip::dmamux::Dmamux;
use chipmodel::onchip::exti::Exti;
use chipmodel::onchip::fdcan::Fdcan;
use chipmodel::onchip::flash::Flash;
use chipmodel::onchip::fmc::Fmc;
use chipmodel::onchip::gpio::Gpio;
use chipmodel::onchip::i2c::I2c;
use chipmodel::onchip::iwdg::Iwdg;
use chipmodel::onchip::mdma::Mdma;
use chipmodel::onchip::octospi::Octospi;
use chipmodel::onchip::octospim::Octospim;
use chipmodel::onchip::otg::Otg;
use chipmodel::onchip::pwr::Pwr;
use chipmodel::onchip::rcc::Rcc;
use chipmodel::onchip::rng::Rng;
use chipmodel::onchip::rom::Rom;
use chipmodel::onchip::rtc::{Rtc, Tamp};
use chipmodel::onchip::sdmmc::Sdmmc;
use chipmodel::onchip::signature::Signature;
use chipmodel::onchip::spi::Spi;
use chipmodel::onchip::syscfg::Syscfg;
use chipmodel::onchip::tim::{KINDS, Tim};
use chipmodel::onchip::usart::Usart;
use chipmodel::parts::fitted::Fitted;

/// What devices are made from.
pub struct Making {
    /// Main crystal.
    pub hse_hz: u32,
    /// Clock crystal.
    pub lse_hz: u32,
    /// Speed of whatever is at the other end of a serial port.
    pub baud: u32,
    /// Whether the package has the pins of the step-down converter.
    pub has_smps: bool,
    /// The banks of the flash.
    pub flash_banks_kb: [u32; 2],
    /// Stands for the noise of the chip.
    pub seed: u64,
    /// What is soldered where the memory chip goes.
    pub memory_chip: Fitted,
}

/// A struct of devices whose fields say how they are made.
macro_rules! devices {
    ($(#[$about:meta])* $name:ident, $making:ident: $($(#[$doc:meta])* $field:ident: $type:ty = $make:expr;)*) => {
        $(#[$about])*
        #[derive(Clone, Debug)]
        pub struct $name { $($(#[$doc])* pub $field: $type,)* }

        impl $name {
            /// As they are after power-up.
            pub fn new($making: &Making) -> Self {
                $name { $($field: $make,)* }
            }
        }
    };
}

devices! {
    /// All devices.
    Devices, making:
    /// Reset and clocks.
    rcc: Rcc = Rcc::new(making.hse_hz, making.lse_hz);
    /// Power.
    pwr: Pwr = Pwr::new(making.has_smps);
    /// Flash: interface and cells.
    flash: Flash = Flash::with_banks_kb(making.flash_banks_kb);
    /// Ports A to K.
    gpio: [Gpio; 11] = std::array::from_fn(|n| Gpio::new((b'A' + n as u8) as char));
    /// Interrupts by pins.
    exti: Exti = Exti::default();
    /// Calendar, alarms, wake-up timer.
    rtc: Rtc = Rtc::default();
    /// Backup registers.
    tamp: Tamp = Tamp::default();
    /// The watchdog.
    iwdg: Iwdg = Iwdg::default();
    /// Timers, in the order of [`KINDS`].
    tims: [Tim; KINDS.len()] = KINDS.map(Tim::new);
    /// Serial ports, in the order of [`SERIAL`].
    usarts: [Usart; SERIAL.len()] = std::array::from_fn(|n| serial(n, making.baud));
    /// I2C1 to I2C4.
    i2c: [I2c; 4] = [
        I2c::new("I2C1", |clocks| clocks.hz(Kernel::I2c123)),
        I2c::new("I2C2", |clocks| clocks.hz(Kernel::I2c123)),
        I2c::new("I2C3", |clocks| clocks.hz(Kernel::I2c123)),
        I2c::new("I2C4", |clocks| clocks.hz(Kernel::I2c4)),
    ];
    /// SPI1 to SPI4, and SPI6.
    spi: [Spi; 5] = [
        Spi::new("SPI1", |clocks| clocks.hz(Kernel::Spi123), 16),
        Spi::new("SPI2", |clocks| clocks.hz(Kernel::Spi123), 16),
        Spi::new("SPI3", |clocks| clocks.hz(Kernel::Spi123), 16),
        Spi::new("SPI4", |clocks| clocks.hz(Kernel::Spi45), 8),
        Spi::new("SPI6", |clocks| clocks.hz(Kernel::Spi6), 8),
    ];
    /// USB.
    otg: Otg = Otg::default();
    /// ST's boot loader.
    rom: Rom = Rom::default();
    /// Trims the clock of the USB.
    crs: Crs = Crs::default();
    /// Both converters.
    adc12: Adc12 = Adc12::new();
    /// Numbers to voltages.
    dac: [Dac; 2] = [Dac::new("DAC1", 2), Dac::new("DAC2", 1)];
    /// CAN, with the memory of its messages.
    fdcan: Fdcan = Fdcan::default();
    /// The camera's pictures.
    dcmi: Dcmi = Dcmi::default();
    /// System configuration.
    syscfg: Syscfg = Syscfg::default();
    /// Debug support.
    dbgmcu: Dbgmcu = Dbgmcu::default();
    /// Sums over data.
    crc: Crc = Crc::default();
    /// The controller of memories that the boards do not have.
    fmc: Fmc = Fmc::default();
    /// Random numbers.
    rng: Rng = Rng::new(making.seed);
    /// The factory's words.
    signature: Signature = Signature::new([0x0032_0019, 0x3132_510B, 0x3537_3334], making.flash_banks_kb.iter().sum());
    /// The memory's controller, with the chip behind it.
    octospi1: Octospi = Octospi::octospi1(making.memory_chip.clone());
    /// The switch between memory controllers and ports.
    octospim: Octospim = Octospim::new();
    /// Who asks DMA1 and DMA2.
    dmamux1: Dmamux = Dmamux::new("DMAMUX1", 0, 16);
    /// Who asks BDMA2.
    dmamux2: Dmamux = Dmamux::new("DMAMUX2", Requests::SRD, 8);
    /// Those that move memory by themselves: apart, because they work on the others.
    masters: Box<Masters> = Box::new(Masters::new(making));
}

devices! {
    /// The bus masters.
    Masters, _making:
    /// DMA between memories.
    mdma: Mdma = Mdma::new();
    /// DMA between memory and peripherals.
    dma: [Dma; 2] = [Dma::new("DMA1"), Dma::new("DMA2")];
    /// The same within the smart-run domain.
    bdma2: Bdma = Bdma::new("BDMA2");
    /// The SD card's controller, with the card in its socket.
    sdmmc1: Sdmmc = Sdmmc::default();
}

/// Names of the serial ports.
pub const SERIAL: [&str; 10] = [
    "USART1", "USART2", "USART3", "UART4", "UART5", "USART6", "UART7", "UART8", "UART9", "USART10",
];

fn serial(index: usize, baud: u32) -> Usart {
    match index {
        // On APB2 (RM0455 8.5.11).
        0 | 5 | 8 | 9 => Usart::new(SERIAL[index], |clocks| clocks.hz(Kernel::Usart16), baud),
        _ => Usart::new(SERIAL[index], |clocks| clocks.hz(Kernel::Usart234578), baud),
    }
}
