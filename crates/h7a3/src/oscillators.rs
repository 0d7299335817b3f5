//! Before the clock tree: what a boot loader has left is taken back, and the crystal is asked whether it swings.

#![allow(unsafe_code)]

use embassy_stm32::pac::RCC;
use embassy_stm32::pac::rcc::vals::Sw;

/// RCC_CKGAENR, which embassy's PAC lacks.
const CKGAENR: *mut u32 = 0x5802_44B0 as *mut u32;
/// All of its bits, as code of CubeMX sets it first of all (docs/errata.md).
const ALL_GATES: u32 = 0xE003_FFFF;
/// Looks at the crystal, of some 20 cycles each: at least 20 ms, of which it wants two.
const LOOKS: u32 = 100_000;

/// The core runs on the chip's own oscillator, which starts with the supply, and no PLL runs: dividers of one that does would
/// not change (RM0455 RCC_PLL1DIVR).
pub fn leave_plls() {
    RCC.cr().modify(|w| w.set_hsion(true));
    while !RCC.cr().read().hsirdy() {}
    RCC.cfgr().modify(|w| w.set_sw(Sw::HSI));
    while RCC.cfgr().read().sws() != Sw::HSI {}
    RCC.cr()
        .modify(|w| (0..3).for_each(|pll| w.set_pllon(pll, false)));
}

/// Switches the crystal on, and off again if it does not swing. Says whether it does.
pub fn start_crystal() -> bool {
    RCC.cr().modify(|w| w.set_hseon(true));
    let swings = (0..LOOKS).any(|_| RCC.cr().read().hserdy());
    if !swings {
        RCC.cr().modify(|w| w.set_hseon(false));
    }
    swings
}

/// Whether AXI's clocks run only while something is under way (0), or as CubeMX has it. What the bits do is not published.
pub fn open_gates(all: bool) {
    // SAFETY: a register of RCC that nobody else writes; both values are in use on boards.
    unsafe { CKGAENR.write_volatile(if all { ALL_GATES } else { 0 }) };
}
