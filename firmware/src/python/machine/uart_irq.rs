//! `UART.irq`: what a script wants called when a serial port has something to tell.

use super::calls::{self, Caller};
use core::sync::atomic::{AtomicU8, Ordering};
use h7a3::serial::Unit;
use h7a3::uart;
use upy::{Arguments, Error, Obj, Result, args, class, convert, fun, new_object};

/// Values of `trigger`.
pub const RX: u8 = uart::RECEIVED;
pub const RX_IDLE: u8 = uart::RX_IDLE;
pub const TX_IDLE: u8 = uart::TX_IDLE;
pub const BREAK: u8 = uart::BREAK;

/// What `UART.irq` returns.
pub struct Irq(Unit);

class! {
    Irq as "an irq" {
    }
    trigger: fun!(1..=2, trigger),
    flags: fun!(1, flags),
}

/// What each port's handler was last called for.
static FLAGS: [AtomicU8; Unit::COUNT] = [const { AtomicU8::new(0) }; Unit::COUNT];

/// Lets ports call.
pub fn start() {
    uart::start(on_event);
}

/// In the interrupt.
fn on_event(unit: Unit) {
    let flags = unit.happened() & unit.listens_for();
    FLAGS[unit.index()].store(flags, Ordering::Relaxed);
    if !Caller::Serial(unit).call() {
        unit.listen(0);
    }
}

/// `uart.irq`, with what stands behind the port, whose object it is; nothing there: it stays as it is. Allocates.
pub fn attach(unit: Unit, object: Obj, arguments: Arguments) -> Result<Obj> {
    if arguments.is_empty() {
        return new_object(Irq(unit));
    }
    args!(arguments => handler: Option<Obj> = None, trigger: i32 = RX_IDLE.into(), hard: bool = false);
    let trigger = check(trigger)?;
    calls::check(handler.as_ref(), hard)?;
    let irq = new_object(Irq(unit))?;
    unit.listen(0);
    Caller::Serial(unit).set(handler.map(|function| (function, object)), hard);
    if handler.is_some() {
        unit.listen(trigger);
    }
    Ok(irq)
}

fn check(trigger: i32) -> Result<u8> {
    let known = RX | RX_IDLE | TX_IDLE | BREAK;
    u8::try_from(trigger)
        .ok()
        .filter(|trigger| trigger & !known == 0)
        .ok_or(Error::Value(
            c"trigger is UART.IRQ_RX, IRQ_RXIDLE, IRQ_TXIDLE, IRQ_BREAK, or some of them",
        ))
}

/// `irq.trigger([trigger])`: what it was, perhaps changed.
fn trigger(arguments: Arguments) -> Result<i32> {
    let (irq, rest) = arguments.split_first().ok_or(Error::Type(c"not an irq"))?;
    args!(rest => trigger: Option<i32> = None);
    let unit = convert::<&Irq>("self", irq)?.0;
    let before = unit.listens_for();
    if let Some(trigger) = trigger {
        let trigger = check(trigger)?;
        if Caller::Serial(unit).is_set() {
            unit.listen(trigger);
        }
    }
    Ok(before.into())
}

/// `irq.flags()`: what the handler was last called for.
fn flags(irq: &Irq) -> Result<i32> {
    Ok(FLAGS[irq.0.index()].load(Ordering::Relaxed).into())
}
