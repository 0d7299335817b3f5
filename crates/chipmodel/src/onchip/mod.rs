//! ST's peripherals of the STM32H7A3.

pub mod adc;
pub mod crc;
pub mod crs;
pub mod dbgmcu;
pub mod exti;
pub mod flash;
pub mod fmc;
pub mod gpio;
pub mod i2c;
pub mod iwdg;
pub mod mdma;
pub mod octospi;
pub mod octospim;
pub mod otg;
pub mod pwr;
pub mod rcc;
pub mod rng;
pub mod rom;
pub mod rtc;
pub mod sdmmc;
pub mod signature;
pub mod spi;
pub mod syscfg;
pub mod tim;
pub mod usart;
