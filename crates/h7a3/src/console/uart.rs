//! The console's UART, with a ring on either side, both moved by interrupt.
//!
//! embassy sets the UART up (pins, kernel clock, baud rate, FIFOs); from then on its registers are ours, because the
//! receive interrupt must look at each character (Ctrl-C) before anybody reads it, and because a fault must be able to
//! speak by polling, whatever state the rest is in.
//!
//! It does not know lines, encodings or Python.
#![allow(unsafe_code)]

use core::cell::{Cell, RefCell};
use core::fmt;

use critical_section::Mutex;
use embassy_stm32::Peri;
use embassy_stm32::interrupt::InterruptExt;
use embassy_stm32::pac::usart::Usart;
use embassy_stm32::usart::{Config, Instance, RxPin, TxPin, Uart};
use heapless::Deque;

use super::{interrupts_reach_here, sleep_unless};
use crate::gpio::{PinId, Pull};
use crate::serial::Unit;

/// Enough for what a host pushes while Python is busy for a third of a second.
const RX_BYTES: usize = 4096;
/// Enough that a line of output does not wait for the wire, and less than a twentieth of a second on it: so long what is in
/// here goes on after Ctrl-C.
const TX_BYTES: usize = 512;

static UART: Mutex<Cell<Option<Usart>>> = Mutex::new(Cell::new(None));
static RX: Mutex<RefCell<Deque<u8, RX_BYTES>>> = Mutex::new(RefCell::new(Deque::new()));
static TX: Mutex<RefCell<Deque<u8, TX_BYTES>>> = Mutex::new(RefCell::new(Deque::new()));

/// Opens the console at 8N1.
pub fn open<T: Instance>(
    port: Unit,
    uart: Peri<'static, T>,
    rx: Peri<'static, impl RxPin<T>>,
    tx: Peri<'static, impl TxPin<T>>,
    baud: u32,
) {
    let mut config = Config::default();
    config.baudrate = baud;
    // A baud rate that this clock cannot make is a fault of the board file; there is no console to say it on.
    if let Ok(uart) = Uart::new_blocking(uart, rx, tx, config) {
        // Dropping it would turn the UART off.
        core::mem::forget(uart);
        port.serve_by(serve);
        let uart = port.registers();
        uart.cr1().modify(|w| w.set_rxneie(true));
        critical_section::with(|cs| UART.borrow(cs).set(Some(uart)));
        let vector = port.interrupt();
        vector.unpend();
        // SAFETY: `serve` above is ready.
        unsafe { vector.enable() };
    }
}

/// Opens the transmitter alone, for [`Polled`]: without interrupts, rings and embassy's driver. The clock tree is up,
/// and gives it `kernel_hz`.
pub fn open_polled<T: Instance>(
    port: Unit,
    _uart: Peri<'static, T>,
    tx: Peri<'static, impl TxPin<T>>,
    tx_pin: PinId,
    kernel_hz: u32,
    baud: u32,
) {
    embassy_stm32::rcc::enable_and_reset::<T>();
    tx_pin.alternate(tx.af_num(), false, Pull::None);
    let uart = port.registers();
    uart.brr().write(|w| w.set_brr((kernel_hz / baud) as u16));
    uart.cr1().write(|w| {
        w.set_te(true);
        w.set_ue(true);
    });
    critical_section::with(|cs| UART.borrow(cs).set(Some(uart)));
}

/// The next received character, if there is one.
pub fn try_read() -> Option<u8> {
    critical_section::with(|cs| RX.borrow_ref_mut(cs).pop_front())
}

/// Whether a character waits.
pub fn readable() -> bool {
    critical_section::with(|cs| !RX.borrow_ref(cs).is_empty())
}

/// Sends `bytes`; sleeps while the ring is full. Where no interrupt would empty it, in a handler or with interrupts masked,
/// it is emptied here.
pub fn write(bytes: &[u8]) {
    for &byte in bytes {
        while !try_write(byte) {
            if interrupts_reach_here() {
                sleep_unless(|| critical_section::with(|cs| !TX.borrow_ref(cs).is_full()));
            } else {
                Polled::take();
            }
        }
    }
}

/// Sends as much of `bytes` as the ring has room for.
pub fn offer(bytes: &[u8]) {
    for &byte in bytes {
        if !try_write(byte) {
            return;
        }
    }
}

/// Waits until everything is on the wire. Works in any state, also with interrupts masked.
pub fn flush() {
    Polled::take().drain();
}

/// For faults and panics, which can rely on nothing. Interrupts play no part; characters go out one by one.
pub struct Polled(Option<Usart>);

impl Polled {
    /// Takes the transmitter over, and sends what still waits in the ring.
    pub fn take() -> Self {
        critical_section::with(|cs| {
            let mut polled = Polled(UART.borrow(cs).get());
            if let Some(uart) = polled.0 {
                uart.cr1().modify(|w| w.set_txeie(false));
            }
            // Borrowed already if the ring itself is where the program died.
            if let Ok(mut ring) = TX.borrow(cs).try_borrow_mut() {
                while let Some(byte) = ring.pop_front() {
                    polled.send(byte);
                }
            }
            polled
        })
    }

    fn send(&mut self, byte: u8) {
        if let Some(uart) = self.wait(|uart| uart.isr().read().txe()) {
            uart.tdr().write(|w| w.0 = byte.into());
        }
    }

    /// Words, without a formatter.
    pub fn print(&mut self, words: &str) {
        words.bytes().for_each(|byte| self.send(byte));
    }

    /// `0x` and eight digits.
    pub fn print_hex(&mut self, value: u32) {
        self.print("0x");
        for shift in (0..8).rev() {
            self.send(b"0123456789abcdef"[(value >> (4 * shift)) as usize & 15]);
        }
    }

    fn drain(&mut self) {
        self.wait(|uart| uart.isr().read().tc());
    }

    /// A UART without a clock never becomes ready: gives up for good after a time that is long for any baud rate.
    fn wait(&mut self, ready: impl Fn(Usart) -> bool) -> Option<Usart> {
        const TRIES: u32 = 300_000;
        const PAUSE_CYCLES: u32 = 300;
        let uart = self.0?;
        self.0 = (0..TRIES)
            .any(|_| {
                let is_ready = ready(uart);
                if !is_ready {
                    cortex_m::asm::delay(PAUSE_CYCLES);
                }
                is_ready
            })
            .then_some(uart);
        self.0
    }
}

impl fmt::Write for Polled {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.print(text);
        Ok(())
    }
}

fn try_write(byte: u8) -> bool {
    critical_section::with(|cs| {
        let Some(uart) = UART.borrow(cs).get() else {
            return true;
        };
        let taken = TX.borrow_ref_mut(cs).push_back(byte).is_ok();
        uart.cr1().modify(|w| w.set_txeie(true));
        taken
    })
}

/// Its interrupt.
fn serve(port: Unit) {
    receive(port.registers());
    critical_section::with(|cs| feed(port.registers(), &mut TX.borrow_ref_mut(cs)));
}

fn receive(uart: Usart) {
    loop {
        let status = uart.isr().read();
        if status.ore() || status.fe() || status.ne() || status.pe() {
            uart.icr().write(|w| {
                w.set_ore(true);
                w.set_fe(true);
                w.set_ne(true);
                w.set_pe(true);
            });
        }
        if !status.rxne() {
            return;
        }
        let byte = uart.rdr().read().0 as u8;
        if !super::is_swallowed(byte, false) {
            // A full ring drops the newest, as a UART without flow control must drop something.
            let _ = critical_section::with(|cs| RX.borrow_ref_mut(cs).push_back(byte));
        }
    }
}

fn feed(uart: Usart, ring: &mut Deque<u8, TX_BYTES>) {
    while uart.isr().read().txe() {
        match ring.pop_front() {
            Some(byte) => uart.tdr().write(|w| w.0 = byte.into()),
            None => return uart.cr1().modify(|w| w.set_txeie(false)),
        }
    }
}
