//! What models are made with: the trait of a device, plain registers, time, and the two buses between models (AXI, quad SPI).

pub mod axi;
pub mod bank;
pub mod device;
pub mod master;
pub mod pad;
pub mod qspi;
pub mod report;
pub mod time;
pub mod usb;
pub mod video;
