//! Models of the devices on the board, as pure state machines: no Unicorn, no threads, no host I/O.
//!
//! A device sees the world only through [`Effects`]: what time it is, how fast the clocks run, and where to put
//! what it has to report. It says when it next needs to be woken; it never calls back.
//! Register bits are declared here from our own reading of the manuals, never shared with the firmware.

pub mod axi;
pub mod bank;
pub mod dbgmcu;
pub mod dcache;
pub mod device;
pub mod dwt;
pub mod flash;
pub mod gpio;
pub mod mdma;
pub mod mpu;
pub mod nvic;
pub mod octospi;
pub mod octospim;
pub mod psram;
pub mod pwr;
pub mod qspi;
pub mod rcc;
pub mod report;
pub mod rng;
pub mod scb;
pub mod signature;
pub mod syscfg;
pub mod systick;
pub mod tim;
pub mod time;
pub mod usart;

pub use device::{Clocks, Device, Effects, Refused, Width};
pub use report::{Kind, Report};
pub use time::{Picos, Time};
