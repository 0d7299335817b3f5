//! The ten serial ports: registers, clocks, rates, vectors.
#![allow(unsafe_code)]

use core::cell::Cell;

use critical_section::Mutex;
use embassy_stm32::interrupt::typelevel::{self, Handler};
use embassy_stm32::pac::usart::{Usart, vals};
use embassy_stm32::pac::{self, RCC};
use embassy_stm32::{bind_interrupts, interrupt};

use crate::baud::Divider;

/// One of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unit(u8);

/// What serves a port's interrupt.
pub type Service = fn(Unit);

static SERVICES: Mutex<[Cell<Option<Service>>; Unit::COUNT]> =
    Mutex::new([const { Cell::new(None) }; Unit::COUNT]);

impl Unit {
    /// How many there are.
    pub const COUNT: usize = 10;

    /// By its number in the manual.
    pub fn numbered(number: u32) -> Option<Unit> {
        matches!(number, 1..=10).then(|| Unit(number as u8 - 1))
    }

    /// All of them.
    pub fn all() -> impl Iterator<Item = Unit> {
        (0..Unit::COUNT as u8).map(Unit)
    }

    /// From 0.
    pub fn index(self) -> usize {
        self.0.into()
    }

    /// Its number in the manual.
    pub fn number(self) -> u8 {
        self.0 + 1
    }

    /// What the manual calls it, up to its number.
    pub fn kind(self) -> &'static str {
        match self.number() {
            1..=3 | 6 | 10 => "USART",
            _ => "UART",
        }
    }

    /// Its registers.
    pub fn registers(self) -> Usart {
        match self.number() {
            1 => pac::USART1,
            2 => pac::USART2,
            3 => pac::USART3,
            4 => pac::UART4,
            5 => pac::UART5,
            6 => pac::USART6,
            7 => pac::UART7,
            8 => pac::UART8,
            9 => pac::UART9,
            _ => pac::USART10,
        }
    }

    /// Whether its clock is enabled in APB2's register, else in APB1's; and by which bit.
    fn gate(self) -> (bool, u32) {
        match self.number() {
            1 => (true, 4),
            6 => (true, 5),
            9 => (true, 6),
            10 => (true, 7),
            number @ 2..=5 => (false, 15 + u32::from(number)),
            number => (false, 23 + u32::from(number)),
        }
    }

    /// Whether its clock is on.
    pub fn is_clocked(self) -> bool {
        let (apb2, bit) = self.gate();
        let bits = if apb2 {
            RCC.apb2enr().read().0
        } else {
            RCC.apb1lenr().read().0
        };
        bits >> bit & 1 != 0
    }

    /// Switches its clock on or off; all registers are as after a reset then.
    pub fn clock(self, on: bool) {
        let (apb2, bit) = self.gate();
        let bit = 1 << bit;
        critical_section::with(|_| {
            if apb2 {
                RCC.apb2enr()
                    .modify(|w| w.0 = w.0 & !bit | if on { bit } else { 0 });
                RCC.apb2rstr().modify(|w| w.0 |= bit);
                RCC.apb2rstr().modify(|w| w.0 &= !bit);
            } else {
                RCC.apb1lenr()
                    .modify(|w| w.0 = w.0 & !bit | if on { bit } else { 0 });
                RCC.apb1lrstr().modify(|w| w.0 |= bit);
                RCC.apb1lrstr().modify(|w| w.0 &= !bit);
            }
        });
    }

    /// From now on its interrupts are served by this.
    pub fn serve_by(self, service: Service) {
        critical_section::with(|cs| SERVICES.borrow(cs)[self.index()].set(Some(service)));
    }
}

/// What a port has.
fn read(uart: Usart) -> Divider {
    let by_eight = uart.cr1().read().over8() == vals::Over8::OVERSAMPLING8;
    let brr = uart.brr().read().0;
    Divider {
        prescaler: (uart.presc().read().0 & 0xF).min(11) as u8,
        by_eight,
        // With eight samples the low bits are shifted (RM0455 USART_BRR).
        divider: if by_eight {
            brr & 0xFFF0 | (brr & 7) << 1
        } else {
            brr
        },
    }
}

/// Sets the rate of a port that is off.
pub fn set(uart: Usart, rate: Divider) {
    let (over8, brr) = if rate.by_eight {
        (
            vals::Over8::OVERSAMPLING8,
            rate.divider & 0xFFF0 | (rate.divider & 0xF) >> 1,
        )
    } else {
        (vals::Over8::OVERSAMPLING16, rate.divider)
    };
    uart.cr1().modify(|w| w.set_over8(over8));
    uart.presc().write(|w| w.0 = rate.prescaler.into());
    uart.brr().write(|w| w.0 = brr);
}

/// The clock of all buses has changed: every serial port that is on keeps its rate. What is on the wires meanwhile is lost.
pub(crate) fn retime(before_hz: u32, after_hz: u32) {
    for unit in Unit::all().filter(|unit| unit.is_clocked()) {
        let uart = unit.registers();
        if !uart.cr1().read().ue() {
            continue;
        }
        let was = read(uart);
        if was.divider == 0 {
            continue;
        }
        // The rate can be written only while the port is off (RM0455 USART_BRR).
        uart.cr1().modify(|w| w.set_ue(false));
        set(uart, Divider::of(after_hz, was.baud(before_hz)).unwrap_or(was));
        uart.cr1().modify(|w| w.set_ue(true));
    }
}

macro_rules! vectors {
    ($($vector:ident: $index:literal;)*) => {
        bind_interrupts!(
            /// The vectors of all ports.
            pub struct Vectors { $($vector => Served;)* }
        );

        $(impl Handler<typelevel::$vector> for Served {
            unsafe fn on_interrupt() {
                let service = critical_section::with(|cs| SERVICES.borrow(cs)[$index].get());
                if let Some(service) = service {
                    service(Unit($index));
                }
            }
        })*

        impl Unit {
            $(
                #[doc = concat!("The port ", stringify!($vector), ".")]
                pub const $vector: Unit = Unit($index);
            )*

            /// Its vector.
            pub fn interrupt(self) -> interrupt::Interrupt {
                [$(interrupt::$vector),*][self.index()]
            }
        }
    };
}

/// The program that has the port serves it.
pub struct Served;

vectors! {
    USART1: 0;
    USART2: 1;
    USART3: 2;
    UART4: 3;
    UART5: 4;
    USART6: 5;
    UART7: 6;
    UART8: 7;
    UART9: 8;
    USART10: 9;
}
