//! `Pin.irq`: what a script wants called at edges of a pin.
//!
//! A line of EXTI serves one pin of each number, so PA0 and PB0 cannot both interrupt.

use core::sync::atomic::{AtomicU8, Ordering};

use super::calls::{self, Caller};
use super::pin_object::spelled;
use h7a3::exti;
use h7a3::gpio::{Mode, PinId};
use upy::{Arguments, Error, Kind, Obj, Result, args, class, convert, fun, new_object};

pub const RISING: i32 = 1;
pub const FALLING: i32 = 2;

/// How many lines pins have.
const LINES: usize = 16;

/// What `Pin.irq` returns.
pub struct Irq(PinId);

class! {
    Irq as "an irq" {
    }
    trigger: fun!(1..=2, trigger),
    flags: fun!(1, flags),
}

/// The edge that each line was last called for.
static FLAGS: [AtomicU8; LINES] = [const { AtomicU8::new(0) }; LINES];

/// In the interrupt. A line whose hard handler has raised is switched off.
fn on_edge(line: usize) {
    if let Some(pin) = exti::owner(line) {
        // Of two edges that are listened for, the level tells which it was.
        let flag = match exti::edges(pin) {
            (true, false) => RISING,
            (false, true) => FALLING,
            _ if pin.is_high() => RISING,
            _ => FALLING,
        };
        FLAGS[line].store(flag as u8, Ordering::Relaxed);
    }
    if !Caller::Edge(line).call()
        && let Some(pin) = exti::owner(line)
    {
        exti::listen(pin, false, false);
    }
}

/// Lets edges through.
pub fn start() {
    exti::start(on_edge);
}

/// Takes all handlers away.
pub fn stop() {
    exti::forget_all();
    for line in 0..LINES {
        Caller::Edge(line).set(None, false);
    }
}

/// `pin.irq`, with what stands behind the pin, whose object it is; nothing there: it stays as it is. Allocates.
pub fn attach(pin: PinId, object: Obj, arguments: Arguments) -> Result<Obj> {
    if arguments.is_empty() {
        return new_object(Irq(pin));
    }
    args!(arguments => handler: Option<Obj> = None, trigger: i32 = RISING | FALLING, *, hard: bool = false);
    check(trigger)?;
    calls::check(handler.as_ref(), hard)?;
    let line = usize::from(pin.number());
    if let Some(owner) = exti::owner(line).filter(|owner| *owner != pin) {
        return Err(Error::new(
            Kind::Value,
            format_args!(
                "the interrupt line of {} is in use by {}: pins of one number share a line",
                spelled(pin),
                spelled(owner)
            ),
        ));
    }
    let irq = new_object(Irq(pin))?;
    exti::listen(pin, false, false);
    Caller::pin(pin).set(handler.map(|function| (function, object)), hard);
    if handler.is_some() {
        if pin.mode() == Mode::Analog {
            // As it is since the reset: its input is off.
            pin.input(pin.pull());
        }
        exti::listen(pin, trigger & RISING != 0, trigger & FALLING != 0);
    }
    Ok(irq)
}

fn check(trigger: i32) -> Result<()> {
    if trigger & !(RISING | FALLING) != 0 {
        return Err(Error::Value(
            c"trigger is Pin.IRQ_RISING, Pin.IRQ_FALLING or both; this chip has no interrupts by level",
        ));
    }
    Ok(())
}

/// `irq.trigger([trigger])`: what it was, perhaps changed.
fn trigger(arguments: Arguments) -> Result<i32> {
    let (irq, rest) = arguments.split_first().ok_or(Error::Type(c"not an irq"))?;
    args!(rest => trigger: Option<i32> = None);
    let pin = convert::<&Irq>("self", irq)?.0;
    let (rising, falling) = exti::edges(pin);
    if let Some(trigger) = trigger {
        check(trigger)?;
        if Caller::pin(pin).is_set() {
            exti::listen(pin, trigger & RISING != 0, trigger & FALLING != 0);
        }
    }
    Ok((i32::from(rising) * RISING) | (i32::from(falling) * FALLING))
}

/// `irq.flags()`: the edge that the handler was last called for.
fn flags(irq: &Irq) -> Result<i32> {
    Ok(FLAGS[usize::from(irq.0.number())].load(Ordering::Relaxed).into())
}
