//! A camera at the eight lines of DCMI: pictures into frames that a program leaves here, while it goes on.
//!
//! By registers: embassy's driver takes one picture at a time into memory that DMA reaches, and its caller waits. Here DMA2 fills two
//! bands of AHB SRAM in turn, and MDMA takes each full one on to the frame, 64 bits at a time as the memory chip needs it, and
//! with the bytes of pixels exchanged if the sensor sends the high one first. The core only starts that, once a band. Each
//! picture is a snapshot of its own, begun between two of them; without an empty frame pictures go by.
//!
//! What a frame's ends share with others in lines of the cache, the core writes when the frame is taken (`dma`).

#[cfg(target_os = "none")]
mod capture;
#[cfg(any(test, target_os = "none"))]
mod edges;
pub mod sensor;

#[cfg(target_os = "none")]
pub use capture::{
    Bands, Counts, Frame, MOST_FRAMES, Order, Picked, Pictures, give, pick, start, stop, take_back,
};

#[cfg(target_os = "none")]
use embassy_stm32::pac::RCC;
#[cfg(target_os = "none")]
use embassy_stm32::pac::rcc::vals::{Mco1sel, Mcopre};

/// What XCLK is while a camera is on: of the 48 MHz oscillator.
pub const XCLK_HZ: u32 = 24_000_000;

#[cfg(target_os = "none")]
/// Puts XCLK on MCO1. The pin is the caller's. The oscillator is on for the USB.
pub fn start_clock() {
    critical_section::with(|_| {
        RCC.cr().modify(|w| w.set_hsi48on(true));
    });
    while !RCC.cr().read().hsi48rdy() {}
    critical_section::with(|_| {
        RCC.cfgr().modify(|w| {
            w.set_mco1sel(Mco1sel::HSI48);
            w.set_mco1pre(Mcopre::DIV2);
        });
    });
}

#[cfg(target_os = "none")]
/// Takes it away.
pub fn stop_clock() {
    critical_section::with(|_| RCC.cfgr().modify(|w| w.set_mco1pre(Mcopre::from_bits(0))));
}
