//! Interrupts by edges on pins: EXTI lines 0 to 15 (RM0455 20), each of one port at a time (SYSCFG_EXTICR).
//!
//! By register: embassy's driver waits for an edge in a task, and nothing here has tasks.
#![allow(unsafe_code)]

use core::cell::Cell;
use core::marker::PhantomData;

use critical_section::Mutex;
use embassy_stm32::interrupt::typelevel::{self, Handler, Interrupt};
use embassy_stm32::pac::{EXTI, SYSCFG};
use embassy_stm32::{bind_interrupts, interrupt::Priority};

use crate::gpio::PinId;

/// Told the line, in the interrupt, after its flag was cleared.
pub type Hook = fn(usize);

static HOOK: Mutex<Cell<Option<Hook>>> = Mutex::new(Cell::new(None));

bind_interrupts!(struct Irqs {
    EXTI0 => Lines<typelevel::EXTI0>;
    EXTI1 => Lines<typelevel::EXTI1>;
    EXTI2 => Lines<typelevel::EXTI2>;
    EXTI3 => Lines<typelevel::EXTI3>;
    EXTI4 => Lines<typelevel::EXTI4>;
    EXTI9_5 => Lines<typelevel::EXTI9_5>;
    EXTI15_10 => Lines<typelevel::EXTI15_10>;
});

/// All vectors do the same: whatever is pending is served.
struct Lines<I>(PhantomData<I>);

impl<I: Interrupt> Handler<I> for Lines<I> {
    unsafe fn on_interrupt() {
        let hook = critical_section::with(|cs| HOOK.borrow(cs).get());
        for line in 0..16 {
            let bit = 1 << line;
            if EXTI.pr(0).read().0 & EXTI.imr(0).read().0 & bit != 0 {
                EXTI.pr(0).write(|w| w.0 = bit);
                if let Some(hook) = hook {
                    hook(line);
                }
            }
        }
    }
}

/// Lets the vectors through; `hook` is told of each edge. Programs can hold them back ([`crate::interrupts`]).
pub fn start(hook: Hook) {
    critical_section::with(|cs| HOOK.borrow(cs).set(Some(hook)));
    fn enable<I: Interrupt>() {
        I::set_priority(Priority::P1);
        // SAFETY: the handler above is ready from the start.
        unsafe { I::enable() };
    }
    enable::<typelevel::EXTI0>();
    enable::<typelevel::EXTI1>();
    enable::<typelevel::EXTI2>();
    enable::<typelevel::EXTI3>();
    enable::<typelevel::EXTI4>();
    enable::<typelevel::EXTI9_5>();
    enable::<typelevel::EXTI15_10>();
}

/// The pin whose line this is while it interrupts.
pub fn owner(line: usize) -> Option<PinId> {
    let listens = EXTI.imr(0).read().0 & 1 << line != 0;
    let port = SYSCFG.exticr(line / 4).read().0 >> (4 * (line % 4)) & 15;
    PinId::from_index(port * 16 + line as u32).filter(|_| listens)
}

/// Interrupts at these edges of the pin from now on; at none, its line is free.
pub fn listen(pin: PinId, rising: bool, falling: bool) {
    let line = usize::from(pin.number());
    let bit = 1 << line;
    let put = |word: u32, on: bool| if on { word | bit } else { word & !bit };
    critical_section::with(|_| {
        EXTI.imr(0).modify(|w| w.0 = put(w.0, false));
        let shift = 4 * (line % 4);
        SYSCFG
            .exticr(line / 4)
            .modify(|w| w.0 = w.0 & !(15 << shift) | (pin.index() / 16) << shift);
        EXTI.rtsr(0).modify(|w| w.0 = put(w.0, rising));
        EXTI.ftsr(0).modify(|w| w.0 = put(w.0, falling));
        EXTI.pr(0).write(|w| w.0 = bit);
        EXTI.imr(0).modify(|w| w.0 = put(w.0, rising || falling));
    });
}

/// The edges at which the pin's line interrupts: rising, falling.
pub fn edges(pin: PinId) -> (bool, bool) {
    let bit = 1 << pin.number();
    if owner(pin.number().into()) != Some(pin) {
        return (false, false);
    }
    (EXTI.rtsr(0).read().0 & bit != 0, EXTI.ftsr(0).read().0 & bit != 0)
}

/// No line interrupts any more.
pub fn forget_all() {
    critical_section::with(|_| {
        EXTI.imr(0).modify(|w| w.0 &= !0xFFFF);
        EXTI.rtsr(0).modify(|w| w.0 &= !0xFFFF);
        EXTI.ftsr(0).modify(|w| w.0 &= !0xFFFF);
        EXTI.pr(0).write(|w| w.0 = 0xFFFF);
    });
}
