//! OCTOSPI1.

use embassy_stm32::Peri;
use embassy_stm32::peripherals::OCTOSPI1;

/// The way to the memory chip.
pub struct Wires {
    _peripheral: Peri<'static, OCTOSPI1>,
}

impl Wires {
    /// All seven.
    pub fn new<A, B, C, D, E, F>(peripheral: Peri<'static, OCTOSPI1>, _: A, _: B, _: C, _: D, _: E, _: F) -> Self {
        Wires { _peripheral: peripheral }
    }
}
