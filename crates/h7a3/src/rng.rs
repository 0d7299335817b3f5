//! True random numbers, from the chip's noise source.
//!
//! Started on first use: a noise source that does not start must not keep a board from booting.

use core::cell::RefCell;

use critical_section::Mutex;
use embassy_stm32::peripherals::RNG;
use embassy_stm32::rng::{InterruptHandler, Rng};
use embassy_stm32::{Peri, bind_interrupts};

bind_interrupts!(struct Irqs { RNG => InterruptHandler<RNG>; });

enum Source {
    Missing,
    Off(Peri<'static, RNG>),
    On(Rng<'static, RNG>),
}

static SOURCE: Mutex<RefCell<Source>> = Mutex::new(RefCell::new(Source::Missing));

/// Hands over the peripheral; it stays off.
pub fn provide(peripheral: Peri<'static, RNG>) {
    critical_section::with(|cs| *SOURCE.borrow_ref_mut(cs) = Source::Off(peripheral));
}

/// 32 random bits; `None` before [`provide`].
pub fn random() -> Option<u32> {
    critical_section::with(|cs| {
        let mut source = SOURCE.borrow_ref_mut(cs);
        *source = match core::mem::replace(&mut *source, Source::Missing) {
            Source::Off(peripheral) => Source::On(Rng::new(peripheral, Irqs)),
            other => other,
        };
        match &mut *source {
            Source::On(rng) => Some(rng.next_u32()),
            Source::Off(_) | Source::Missing => None,
        }
    })
}
