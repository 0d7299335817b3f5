//! The chip: an STM32H7A3 seen through what this project needs of it.
//!
//! The only crate that names a register or a hardware library. One file an idea. The pure half (encodings, decoders,
//! tables) compiles everywhere and is tested on the host; whatever touches the chip exists only in a build for it.
//! Clocks, pins, the timer and the UART's set-up are embassy's; what embassy lacks is done here by register.
//!
//! It does not know boards, memory parts or Python. Small files hold all the `unsafe`: `armv7m` (the core's own
//! registers), `console`, `usb` (vectors), `exti`, `screen`, `sdmmc`, `serial`, `uart` and `interrupts` (handlers and masks), `camera::capture` (memory of its own, vectors), `fault::entry` and `probe` (assembly), `flash` (stores
//! that program), `mdma` (memory that something else writes), `mail` (memory that outlives a reset), `reset` (the start of another program), `octospi::fifo` (one byte of a wide register), `rewrite` (the flash beneath a program), `rtc` (registers that the PAC lacks), `watch` (called in a fault) and `window`
//! (memory at an address).
#![no_std]
#![deny(unsafe_code)]

#[cfg(test)]
extern crate std;

#[cfg(target_os = "none")]
pub mod adc;
#[cfg(target_os = "none")]
pub mod alarms;
#[cfg(target_os = "none")]
mod armv7m;
pub mod baud;
#[cfg(target_os = "none")]
pub mod caches;
pub mod camera;
pub mod civil;
#[cfg(target_os = "none")]
pub mod clocks;
#[cfg(target_os = "none")]
pub mod console;
pub mod dfu;
pub mod dma;
#[cfg(target_os = "none")]
pub mod exti;
pub mod fault;
#[cfg(target_os = "none")]
pub mod flash;
pub mod gpio;
#[cfg(target_os = "none")]
pub mod hurry;
#[cfg(target_os = "none")]
pub mod i2c;
#[cfg(target_os = "none")]
pub mod identity;
#[cfg(target_os = "none")]
pub mod interrupts;
pub mod layout;
#[cfg(target_os = "none")]
pub mod mail;
#[cfg(target_os = "none")]
pub mod mdma;
pub mod memory_policy;
pub mod mpu;
pub mod news;
#[cfg(target_os = "none")]
pub mod nor_flash;
#[cfg(target_os = "none")]
pub mod octospi;
#[cfg(target_os = "none")]
pub mod oscillators;
pub mod package;
pub mod period;
#[cfg(target_os = "none")]
mod probe;
#[cfg(target_os = "none")]
pub mod pulse;
#[cfg(target_os = "none")]
pub mod pulses;
pub mod reset;
#[cfg(target_os = "none")]
pub mod rewrite;
pub mod ring;
#[cfg(target_os = "none")]
pub mod rng;
#[cfg(target_os = "none")]
pub mod rtc;
pub mod screen;
#[cfg(target_os = "none")]
pub mod sdmmc;
#[cfg(target_os = "none")]
pub mod serial;
#[cfg(target_os = "none")]
pub mod sleep;
#[cfg(target_os = "none")]
pub mod spi;
#[cfg(target_os = "none")]
pub mod tally;
#[cfg(target_os = "none")]
pub mod time;
#[cfg(target_os = "none")]
mod time_base;
#[cfg(target_os = "none")]
pub mod timer;
#[cfg(target_os = "none")]
pub mod uart;
#[cfg(target_os = "none")]
pub mod usb;
#[cfg(target_os = "none")]
pub mod watch;
#[cfg(target_os = "none")]
pub mod watchdog;
#[cfg(target_os = "none")]
pub mod wave;
#[cfg(target_os = "none")]
pub mod window;

#[cfg(target_os = "none")]
pub use embassy_stm32::interrupt::typelevel::{SPI1, SPI2, SPI3, SPI4};
#[cfg(target_os = "none")]
pub use embassy_stm32::{Peripherals, bind_interrupts, peripherals};
