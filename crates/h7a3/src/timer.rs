//! The timers TIM1 to TIM17, by their numbers: who uses which, and interrupts at the end of each period. What they do at pins is
//! in [`crate::wave`].
//!
//! By register: embassy's drivers know a timer by its type and a pin by its own, and here both are numbers that a program gives.
//! TIM12 is embassy's time base, and the vector of TIM7 serves [`crate::alarms`].
#![allow(unsafe_code)]

use core::cell::Cell;

use critical_section::Mutex;
use embassy_stm32::interrupt::typelevel::{self, Handler, Interrupt};
use embassy_stm32::pac::RCC;
use embassy_stm32::pac::timer::TimGp32;
use embassy_stm32::{bind_interrupts, interrupt::Priority};

use crate::period::Period;

/// What there is of timers: number, address, channels, and whether outputs want MOE.
struct Row(u8, usize, u8, bool);

const ROWS: [Row; Timer::COUNT] = [
    Row(1, 0x4001_0000, 4, true),
    Row(2, 0x4000_0000, 4, false),
    Row(3, 0x4000_0400, 4, false),
    Row(4, 0x4000_0800, 4, false),
    Row(5, 0x4000_0C00, 4, false),
    Row(6, 0x4000_1000, 0, false),
    Row(8, 0x4001_0400, 4, true),
    Row(13, 0x4000_1C00, 1, false),
    Row(14, 0x4000_2000, 1, false),
    Row(15, 0x4001_4000, 2, true),
    Row(16, 0x4001_4400, 1, true),
    Row(17, 0x4001_4800, 1, true),
];

/// Who has a timer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum User {
    /// Nobody.
    Nobody,
    /// Interrupts.
    Interrupts,
    /// Waves at pins.
    Waves,
    /// Edges at pins are counted.
    Edges,
}

/// One that a program may have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Timer(u8);

/// Told the timer, in the interrupt, after its flag was cleared.
pub type Hook = fn(Timer);

static USERS: Mutex<[Cell<User>; Timer::COUNT]> =
    Mutex::new([const { Cell::new(User::Nobody) }; Timer::COUNT]);
static HOOK: Mutex<Cell<Option<Hook>>> = Mutex::new(Cell::new(None));

/// The enable bits of APB1 begin at TIM2, those of APB2 lie apart.
const APB1_FIRST: usize = 0x4000_0000;

impl Timer {
    /// How many there are.
    pub const COUNT: usize = 12;

    /// By its number in the manual.
    pub fn numbered(number: u8) -> Option<Timer> {
        let index = ROWS.iter().position(|row| row.0 == number)?;
        Some(Timer(index as u8))
    }

    /// All of them.
    pub fn all() -> impl Iterator<Item = Timer> {
        (0..Timer::COUNT as u8).map(Timer)
    }

    /// From 0.
    pub fn index(self) -> usize {
        self.0.into()
    }

    fn row(self) -> &'static Row {
        &ROWS[self.index()]
    }

    /// Its number in the manual.
    pub fn number(self) -> u8 {
        self.row().0
    }

    /// How many channels it has.
    pub fn channels(self) -> u8 {
        self.row().2
    }

    /// Whether its outputs want BDTR.MOE.
    pub(crate) fn has_break(self) -> bool {
        self.row().3
    }

    /// Whether it counts in 32 bits.
    pub fn is_wide(self) -> bool {
        matches!(self.number(), 2 | 5)
    }

    /// The registers that all of them have, as the widest one names them: what a smaller one lacks is reserved there.
    pub(crate) fn registers(self) -> TimGp32 {
        // SAFETY: the address of a timer, whose registers are a part of these.
        unsafe { TimGp32::from_ptr(self.row().1 as *mut ()) }
    }

    /// Who has it.
    pub fn user(self) -> User {
        critical_section::with(|cs| USERS.borrow(cs)[self.index()].get())
    }

    /// Takes it, with its clock on and all registers as after a reset. `Err`: somebody else has it.
    pub fn take(self, user: User) -> Result<(), User> {
        critical_section::with(|cs| {
            let owner = &USERS.borrow(cs)[self.index()];
            if owner.get() != User::Nobody {
                return Err(owner.get());
            }
            owner.set(user);
            Ok(())
        })?;
        self.reset(true);
        Ok(())
    }

    /// Gives it back, with its clock off.
    pub fn release(self) {
        self.reset(false);
        critical_section::with(|cs| USERS.borrow(cs)[self.index()].set(User::Nobody));
    }

    fn reset(self, on: bool) {
        let number = self.number();
        let bit = match number {
            1 => 0,
            8 => 1,
            15..=17 => number + 1,
            13 | 14 => number - 6,
            _ => number - 2,
        };
        let bit = 1 << bit;
        let is_apb1 = self.row().1 - APB1_FIRST < 0x1_0000;
        critical_section::with(|_| {
            let put = |word: u32, on: bool| if on { word | bit } else { word & !bit };
            for held in [true, false] {
                if is_apb1 {
                    RCC.apb1lrstr().modify(|w| w.0 = put(w.0, held));
                } else {
                    RCC.apb2rstr().modify(|w| w.0 = put(w.0, held));
                }
            }
            // The clock needs two cycles to arrive (RM0455 RCC).
            if is_apb1 {
                RCC.apb1lenr().modify(|w| w.0 = put(w.0, on));
                RCC.apb1lenr().read();
            } else {
                RCC.apb2enr().modify(|w| w.0 = put(w.0, on));
                RCC.apb2enr().read();
            }
        });
    }

    /// Sets the period; it counts from the end of the present one, or at once if the timer stands still.
    pub(crate) fn set_period(self, period: Period) {
        let registers = self.registers();
        registers.cr1().modify(|w| w.set_arpe(true));
        registers.psc().write_value(period.psc);
        registers.arr().write_value(period.arr);
        if !registers.cr1().read().cen() {
            // No interrupt by this update.
            registers
                .cr1()
                .modify(|w| w.set_urs(embassy_stm32::pac::timer::vals::Urs::COUNTER_ONLY));
            registers.egr().write(|w| w.set_ug(true));
        }
    }

    /// The period that counts from the next end of one on.
    pub fn period(self) -> Period {
        let registers = self.registers();
        Period {
            psc: registers.psc().read(),
            arr: registers.arr().read(),
        }
    }

    /// Interrupts at the end of each period, or of one. Taken for [`User::Interrupts`].
    pub fn interrupt_each(self, period: Period, once: bool) {
        let registers = self.registers();
        self.stop();
        self.set_period(period);
        registers.sr().write(|_| {});
        registers.dier().write(|w| w.set_uie(true));
        registers.cr1().modify(|w| {
            w.set_opm(once);
            w.set_cen(true);
        });
    }

    /// Stands still, and interrupts no more.
    pub fn stop(self) {
        let registers = self.registers();
        registers.cr1().modify(|w| w.set_cen(false));
        registers.dier().write(|_| {});
    }
}

/// The timers of a vector: those that are used for interrupts and have their flag.
fn serve(number: u8) {
    let Some(timer) = Timer::numbered(number) else {
        return;
    };
    if timer.user() != User::Interrupts || !timer.registers().sr().read().uif() {
        return;
    }
    // A flag is cleared by a zero, and ones change nothing.
    timer.registers().sr().write(|w| {
        w.0 = u32::MAX;
        w.set_uif(false);
    });
    if let Some(hook) = critical_section::with(|cs| HOOK.borrow(cs).get()) {
        hook(timer);
    }
}

/// The clock of all timers has changed: those that are in use keep their periods, and waves their shape, to the nearest tick. What
/// the new clock cannot do stays as it is.
pub(crate) fn retime(before_hz: u32, after_hz: u32) {
    for timer in Timer::all().filter(|timer| matches!(timer.user(), User::Interrupts | User::Waves)) {
        let before = timer.period();
        let cycles = before.cycles() * u64::from(after_hz) / u64::from(before_hz);
        let Some(after) = Period::of_cycles(cycles, timer.is_wide()) else {
            continue;
        };
        let registers = timer.registers();
        for channel in 0..usize::from(timer.channels()) {
            let width = u64::from(registers.ccr(channel).read());
            registers
                .ccr(channel)
                .write_value((width * after.ticks() / before.ticks()) as u32);
        }
        timer.set_period(after);
    }
}

macro_rules! vectors {
    ($($vector:ident: $($number:literal),+;)*) => {
        bind_interrupts!(struct Irqs { $($vector => Vectors;)* });
        struct Vectors;
        $(impl Handler<typelevel::$vector> for Vectors {
            unsafe fn on_interrupt() {
                $(serve($number);)+
            }
        })*

        /// Lets the vectors through; `hook` is told of each end of a period. Programs can hold them back ([`crate::interrupts`]).
        pub fn start(hook: Hook) {
            critical_section::with(|cs| HOOK.borrow(cs).set(Some(hook)));
            $(
                typelevel::$vector::set_priority(Priority::P1);
                // SAFETY: the handlers above are ready from the start.
                unsafe { typelevel::$vector::enable() };
            )*
        }
    };
}

vectors! {
    TIM1_UP: 1;
    TIM2: 2;
    TIM3: 3;
    TIM4: 4;
    TIM5: 5;
    TIM6_DAC: 6;
    TIM8_UP_TIM13: 8, 13;
    TIM8_TRG_COM_TIM14: 14;
    TIM15: 15;
    TIM16: 16;
    TIM17: 17;
}
