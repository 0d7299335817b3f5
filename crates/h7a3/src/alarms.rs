//! Alarms by the clock that always runs: as many as a program may want, in microseconds, once or again and again.
//!
//! embassy's queue wakes at the next one; its interrupt is as urgent as the console's, so all that it does is to pend the vector
//! of TIM7, a timer that nothing uses, where alarms are served at the urgency of a program's interrupts.
#![allow(unsafe_code)]

use core::cell::{Cell, RefCell};
use core::ptr;
use core::task::{RawWaker, RawWakerVTable, Waker};

use cortex_m::peripheral::NVIC;
use critical_section::Mutex;
use embassy_stm32::interrupt::typelevel::{self, Handler, Interrupt as _};
use embassy_stm32::{bind_interrupts, interrupt, interrupt::Priority};

use crate::time::ticks_us;

/// How many there are.
pub const COUNT: usize = 32;

/// An alarm that was set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Alarm {
    slot: u8,
    /// Tells it from later ones in the same place.
    serial: u32,
}

#[derive(Clone, Copy)]
struct Entry {
    at_us: u64,
    each_us: Option<u64>,
    serial: u32,
}

struct Table {
    entries: [Option<Entry>; COUNT],
    serial: u32,
}

/// Told the number of the alarm, in the interrupt, and whether that was the last time.
pub type Hook = fn(usize, bool);

static TABLE: Mutex<RefCell<Table>> = Mutex::new(RefCell::new(Table {
    entries: [None; COUNT],
    serial: 0,
}));
static HOOK: Mutex<Cell<Option<Hook>>> = Mutex::new(Cell::new(None));

struct Vector;

bind_interrupts!(struct Irqs { TIM7 => Vector; });

const WAKER: RawWaker = RawWaker::new(ptr::null(), &VTABLE);
static VTABLE: RawWakerVTable = RawWakerVTable::new(|_| WAKER, |_| pend(), |_| pend(), |_| {});

fn pend() {
    NVIC::pend(interrupt::TIM7);
}

impl Alarm {
    /// Its number, below [`COUNT`].
    pub fn slot(self) -> usize {
        self.slot.into()
    }

    /// In so many microseconds, perhaps again and again. `prepare` is told its number before it can come. `None`: all are in use.
    pub fn set(in_us: u64, repeats: bool, prepare: impl FnOnce(usize)) -> Option<Alarm> {
        let alarm = critical_section::with(|cs| {
            let mut table = TABLE.borrow_ref_mut(cs);
            let slot = table.entries.iter().position(Option::is_none)?;
            table.serial = table.serial.wrapping_add(1);
            let serial = table.serial;
            prepare(slot);
            table.entries[slot] = Some(Entry {
                at_us: ticks_us() + in_us,
                each_us: repeats.then_some(in_us),
                serial,
            });
            Some(Alarm {
                slot: slot as u8,
                serial,
            })
        });
        pend();
        alarm
    }

    /// Whether it still comes.
    pub fn is_set(self) -> bool {
        critical_section::with(|cs| {
            let entry = TABLE.borrow_ref(cs).entries[self.slot()];
            entry.is_some_and(|entry| entry.serial == self.serial)
        })
    }

    /// It comes no more. `true`: it would have.
    pub fn cancel(self) -> bool {
        critical_section::with(|cs| {
            let entry = &mut TABLE.borrow_ref_mut(cs).entries[self.slot()];
            let was_set = entry.is_some_and(|entry| entry.serial == self.serial);
            if was_set {
                *entry = None;
            }
            was_set
        })
    }
}

/// None comes any more.
pub fn cancel_all() {
    critical_section::with(|cs| TABLE.borrow_ref_mut(cs).entries = [None; COUNT]);
}

/// Lets alarms through; `hook` is told of each. Programs can hold them back ([`crate::interrupts`]).
pub fn start(hook: Hook) {
    critical_section::with(|cs| HOOK.borrow(cs).set(Some(hook)));
    typelevel::TIM7::set_priority(Priority::P1);
    // SAFETY: the handler below is ready from the start.
    unsafe { typelevel::TIM7::enable() };
}

impl Handler<typelevel::TIM7> for Vector {
    unsafe fn on_interrupt() {
        for slot in 0..COUNT {
            let due = critical_section::with(|cs| take_if_due(&mut TABLE.borrow_ref_mut(cs).entries[slot]));
            let hook = critical_section::with(|cs| HOOK.borrow(cs).get());
            if let (Some(is_last), Some(hook)) = (due, hook) {
                hook(slot, is_last);
            }
        }
        let next = critical_section::with(|cs| {
            let table = TABLE.borrow_ref(cs);
            table.entries.iter().flatten().map(|entry| entry.at_us).min()
        });
        if let Some(at_us) = next {
            // SAFETY: the functions of the table do nothing with its pointer.
            let waker = unsafe { Waker::from_raw(WAKER) };
            embassy_time_driver::schedule_wake(at_us, &waker);
            if ticks_us() >= at_us {
                pend();
            }
        }
    }
}

/// Whether it is time, and whether for the last time. What was missed is not made up for: the next one keeps the beat.
fn take_if_due(place: &mut Option<Entry>) -> Option<bool> {
    let entry = place.as_mut()?;
    let now_us = ticks_us();
    if now_us < entry.at_us {
        return None;
    }
    match entry.each_us {
        Some(each_us) => {
            let missed = (now_us - entry.at_us) / each_us;
            entry.at_us += (missed + 1) * each_us;
            Some(false)
        }
        None => {
            *place = None;
            Some(true)
        }
    }
}
