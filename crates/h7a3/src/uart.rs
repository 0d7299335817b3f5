//! Serial ports of programs: a ring on either side of the port's FIFOs, both moved by interrupt.
//!
//! The interrupt that moves bytes is as urgent as the console's, so that nothing that a program holds back loses any; what a
//! program wants called comes at the urgency of programs, by a vector of its own (that of LPUART1, which nothing uses). While the
//! ring is full, what comes stays in the FIFO, and RTS holds the other end.
//!
//! By registers: embassy's driver wants port and pins as types.
#![allow(unsafe_code)]

use core::cell::{Cell, RefCell};
use core::sync::atomic::{AtomicU8, AtomicU16, Ordering};

use cortex_m::peripheral::NVIC;
use critical_section::Mutex;
use embassy_stm32::interrupt::typelevel::{self, Handler, Interrupt as _};
use embassy_stm32::interrupt::{InterruptExt, Priority};
use embassy_stm32::pac::usart::{Usart, vals};
use embassy_stm32::{bind_interrupts, interrupt};

use crate::baud::Divider;
use crate::clocks;
use crate::console;
use crate::news;
use crate::ring::Ring;
use crate::serial::{self, Unit};

/// What a program may want to be told: something was received.
pub const RECEIVED: u8 = 1;
/// The line has been silent for a frame after something was received.
pub const RX_IDLE: u8 = 2;
/// All was sent.
pub const TX_IDLE: u8 = 4;
/// A break was received.
pub const BREAK: u8 = 8;

/// So many bytes are moved while interrupts are masked.
const PIECE: usize = 64;
/// RXFTCFG: a quarter of the FIFO has come. The rest of it is room for 130 microseconds at 921,600 baud.
const RX_QUARTER: u8 = 1;
/// TXFTCFG: three quarters of the FIFO have gone.
const TX_THREE_QUARTERS: u8 = 3;

/// What frames look like, and which of the other wires are used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Format {
    /// Seven data bits, else eight.
    pub seven: bool,
    /// Whether there is a parity bit, and an odd one.
    pub parity: Option<bool>,
    /// Two stop bits.
    pub two_stops: bool,
    /// TX rests low.
    pub invert_tx: bool,
    /// RX rests low.
    pub invert_rx: bool,
    /// RTS tells when there is no room.
    pub rts: bool,
    /// Nothing is sent while CTS is high.
    pub cts: bool,
}

/// Told the port, at the urgency of programs, that something has happened that is asked for.
pub type Hook = fn(Unit);

struct State {
    rx: Ring,
    tx: Ring,
    /// Of a parity bit, and of the eighth of seven.
    mask: u8,
    /// What a program wants to be told, and what has happened.
    wanted: u8,
    happened: u8,
    is_on: bool,
}

impl State {
    const OFF: State = State {
        rx: Ring::NONE,
        tx: Ring::NONE,
        mask: 0xFF,
        wanted: 0,
        happened: 0,
        is_on: false,
    };

    fn happens(&mut self, what: u8) {
        self.happened |= what;
        if what & self.wanted != 0 {
            NVIC::pend(interrupt::LPUART1);
        }
    }

    /// From the FIFO into the ring, as long as there is room.
    fn drain(&mut self, unit: Unit) {
        let uart = unit.registers();
        let mut got = false;
        loop {
            let status = uart.isr().read();
            if status.ore() {
                uart.icr().write(|w| w.set_ore(true));
            }
            if !status.rxne() || self.rx.room() == 0 {
                break;
            }
            if status.pe() || status.fe() || status.ne() {
                uart.icr().write(|w| {
                    w.set_pe(true);
                    w.set_fe(true);
                    w.set_ne(true);
                });
            }
            let byte = uart.rdr().read().0 as u8 & self.mask;
            if status.fe() && byte == 0 {
                self.happens(BREAK);
                continue;
            }
            if unit.is_terminal() && console::interrupts(byte) {
                continue;
            }
            self.rx.push(byte);
            got = true;
        }
        if got {
            self.happens(RECEIVED);
        }
        let has_room = self.rx.room() != 0;
        uart.cr3().modify(|w| w.set_rxftie(has_room));
        uart.cr1().modify(|w| {
            w.set_idleie(has_room);
            // Each byte by itself only if somebody wants to be told of each.
            w.set_rxneie(has_room && self.wanted & RECEIVED != 0);
        });
    }

    /// From the ring into the FIFO.
    fn feed(&mut self, uart: Usart) {
        while !self.tx.is_empty() && uart.isr().read().txe() {
            if let Some(byte) = self.tx.pop() {
                uart.tdr().write(|w| w.0 = byte.into());
            }
        }
        let more = !self.tx.is_empty();
        uart.cr3().modify(|w| w.set_txftie(more));
        uart.cr1()
            .modify(|w| w.set_tcie(!more && self.wanted & TX_IDLE != 0));
    }
}

static STATES: Mutex<[RefCell<State>; Unit::COUNT]> =
    Mutex::new([const { RefCell::new(State::OFF) }; Unit::COUNT]);
static HOOK: Mutex<Cell<Option<Hook>>> = Mutex::new(Cell::new(None));

/// Ports that are consoles, too: a bit each.
static TERMINALS: AtomicU16 = AtomicU16::new(0);

bind_interrupts!(struct Irqs { LPUART1 => Told; });

struct Told;

impl Handler<typelevel::LPUART1> for Told {
    unsafe fn on_interrupt() {
        let Some(hook) = critical_section::with(|cs| HOOK.borrow(cs).get()) else {
            return;
        };
        for unit in Unit::all() {
            if with(unit, |state| state.is_on && state.happened & state.wanted != 0) {
                hook(unit);
            }
        }
    }
}

/// `hook` is told of what is asked for. Programs can hold it back ([`crate::interrupts`]).
pub fn start(hook: Hook) {
    critical_section::with(|cs| HOOK.borrow(cs).set(Some(hook)));
    typelevel::LPUART1::set_priority(Priority::P1);
    // SAFETY: the handler above is ready from the start.
    unsafe { typelevel::LPUART1::enable() };
}

/// The clock of the ports.
fn bus_hz() -> u32 {
    clocks::core_hz() / 2
}

/// Slowest and fastest that the clock makes at present.
pub fn limits() -> (u32, u32) {
    (bus_hz() / (256 * 0xFFFF) + 1, bus_hz() / 8)
}

/// The rate nearest to one that is asked for, if it is within 2 %.
pub fn rate(baud: u32) -> Option<u32> {
    let made = Divider::of(bus_hz(), baud)?.baud(bus_hz());
    (u64::from(made.abs_diff(baud)) * 50 <= u64::from(baud)).then_some(made)
}

fn with<T>(unit: Unit, action: impl FnOnce(&mut State) -> T) -> T {
    critical_section::with(|cs| action(&mut STATES.borrow(cs)[unit.index()].borrow_mut()))
}

impl Unit {
    /// Switches the port on, with these rings, at a rate that [`rate`] knows. Pins are the caller's matter.
    pub fn open(self, baud: u32, format: Format, rx: &'static [AtomicU8], tx: &'static [AtomicU8]) {
        self.close();
        let Some(divider) = Divider::of(bus_hz(), baud) else {
            return;
        };
        self.clock(true);
        let uart = self.registers();
        serial::set(uart, divider);
        set_format(uart, format);
        with(self, |state| {
            *state = State {
                rx: Ring::new(rx),
                tx: Ring::new(tx),
                mask: if format.seven { 0x7F } else { 0xFF },
                is_on: true,
                ..State::OFF
            };
        });
        self.serve_by(serve);
        uart.cr1().modify(|w| w.set_ue(true));
        uart.cr1().modify(|w| {
            w.set_te(true);
            w.set_re(true);
        });
        with(self, |state| state.drain(self));
        let vector = self.interrupt();
        vector.set_priority(Priority::P0);
        // SAFETY: `serve` is ready.
        unsafe { vector.enable() };
    }

    /// Switches it off. What was not sent is lost. The rings are the caller's again.
    pub fn close(self) {
        if with(self, |state| core::mem::replace(state, State::OFF).is_on) {
            self.interrupt().disable();
            self.clock(false);
            self.interrupt().unpend();
        }
    }

    /// Whether it is on.
    pub fn is_open(self) -> bool {
        with(self, |state| state.is_on)
    }

    /// Makes it a console, whose interrupt character ends what runs, or an ordinary port again.
    pub fn set_terminal(self, on: bool) {
        let bit = 1 << self.index();
        if on {
            TERMINALS.fetch_or(bit, Ordering::Relaxed);
        } else {
            TERMINALS.fetch_and(!bit, Ordering::Relaxed);
        }
    }

    /// Whether it is one.
    pub fn is_terminal(self) -> bool {
        TERMINALS.load(Ordering::Relaxed) & 1 << self.index() != 0
    }

    /// How many bytes wait to be read.
    pub fn received(self) -> usize {
        self.moved(|state| state.rx.len())
    }

    /// How many bytes may be written at once.
    pub fn room(self) -> usize {
        with(self, |state| state.tx.room())
    }

    /// Takes what has come, as much as fits.
    pub fn take(self, into: &[Cell<u8>]) -> usize {
        let mut taken = 0;
        for piece in into.chunks(PIECE) {
            let n = self.moved(|state| {
                let bytes = piece.iter().map_while(|place| {
                    place.set(state.rx.pop()?);
                    Some(())
                });
                bytes.count()
            });
            taken += n;
            if n < piece.len() {
                break;
            }
        }
        // Room again for what waits in the FIFO.
        self.moved(|_| ());
        taken
    }

    /// Looks at the FIFO, too, in which less than a quarter waits until the line is silent.
    fn moved<T>(self, action: impl FnOnce(&mut State) -> T) -> T {
        with(self, |state| {
            if state.is_on {
                state.drain(self);
            }
            action(state)
        })
    }

    /// Puts bytes on their way, as many as there is room for.
    pub fn put(self, bytes: &[Cell<u8>]) -> usize {
        let mut put = 0;
        for piece in bytes.chunks(PIECE) {
            let n = with(self, |state| {
                let n = piece.iter().take_while(|byte| state.tx.push(byte.get())).count();
                if state.is_on {
                    state.feed(self.registers());
                }
                n
            });
            put += n;
            if n < piece.len() {
                break;
            }
        }
        put
    }

    /// Whether everything is on the wire.
    pub fn is_sent(self) -> bool {
        with(self, |state| {
            !state.is_on || state.tx.is_empty() && self.registers().isr().read().tc()
        })
    }

    /// Asks for a break after what is under way.
    pub fn send_break(self) {
        if self.is_open() {
            self.registers().rqr().write(|w| w.set_sbkrq(true));
        }
    }

    /// From now on the hook is told of these. What happened before is forgotten.
    pub fn listen(self, what: u8) {
        with(self, |state| {
            (state.wanted, state.happened) = (what, 0);
            if state.is_on {
                state.drain(self);
                // What was sent before is no news.
                self.registers().icr().write(|w| w.set_tc(true));
                self.registers()
                    .cr1()
                    .modify(|w| w.set_tcie(what & TX_IDLE != 0 && state.tx.is_empty()));
            }
        });
    }

    /// What the hook is told of.
    pub fn listens_for(self) -> u8 {
        with(self, |state| state.wanted)
    }

    /// What has happened since this was last asked.
    pub fn happened(self) -> u8 {
        with(self, |state| core::mem::take(&mut state.happened))
    }
}

/// Of a port that is off.
fn set_format(uart: Usart, format: Format) {
    let bits = if format.seven { 7 } else { 8 } + u8::from(format.parity.is_some());
    uart.cr1().modify(|w| {
        w.set_fifoen(true);
        w.set_m0(if bits == 9 { vals::M0::BIT9 } else { vals::M0::BIT8 });
        w.set_m1(if bits == 7 { vals::M1::BIT7 } else { vals::M1::M0 });
        w.set_pce(format.parity.is_some());
        w.set_ps(if format.parity == Some(true) {
            vals::Ps::ODD
        } else {
            vals::Ps::EVEN
        });
    });
    uart.cr2().write(|w| {
        w.set_stop(if format.two_stops {
            vals::Stop::STOP2
        } else {
            vals::Stop::STOP1
        });
        w.set_txinv(format.invert_tx);
        w.set_rxinv(format.invert_rx);
    });
    uart.cr3().write(|w| {
        w.set_rtse(format.rts);
        w.set_ctse(format.cts);
        w.set_rxftcfg(RX_QUARTER);
        w.set_txftcfg(TX_THREE_QUARTERS);
    });
}

/// In the port's interrupt.
fn serve(unit: Unit) {
    let uart = unit.registers();
    news::tell();
    with(unit, |state| {
        let status = uart.isr().read();
        state.drain(unit);
        if status.idle() {
            uart.icr().write(|w| w.set_idle(true));
            state.happens(RX_IDLE);
        }
        if uart.cr3().read().txftie() {
            state.feed(uart);
        }
        if status.tc() && uart.cr1().read().tcie() {
            uart.icr().write(|w| w.set_tc(true));
            state.happens(TX_IDLE);
        }
    });
}
