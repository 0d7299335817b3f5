//! `machine.Timer`: calls by the clock. `Timer(-1)` is one of 32 without hardware of its own, `Timer(2)` the chip's TIM2.

use core::cell::Cell;
use core::fmt::{self, Write};

use super::calls::{self, Caller};
use h7a3::alarms::{self, Alarm};
use h7a3::clocks;
use h7a3::period::Period;
use h7a3::timer::{self, Timer as Hardware, User};
use upy::{Arguments, Error, Kind, Obj, Printer, Result, Value, args, class, convert, fun, new_object};

const ONE_SHOT: i32 = 0;
const PERIODIC: i32 = 1;
/// Of timers without hardware of their own.
const VIRTUAL: i32 = -1;

/// `machine.Timer`
pub struct Timer {
    /// `None`: without hardware of its own.
    hardware: Option<Hardware>,
    alarm: Cell<Option<Alarm>>,
}

class! {
    Timer as "a Timer" {
        make_new: new,
        print: print,
    }
    init: fun!(keywords 1.., init),
    deinit: fun!(1, deinit),
    ONE_SHOT: Value::int(ONE_SHOT),
    PERIODIC: Value::int(PERIODIC),
}

/// In the interrupt.
fn on_alarm(slot: usize, is_last: bool) {
    let caller = Caller::Alarm(slot);
    if caller.call() && is_last {
        // What was put on the schedule is kept there.
        caller.set(None, false);
    }
}

/// In the interrupt.
fn on_period(timer: Hardware) {
    if !Caller::Timer(timer).call() {
        timer.stop();
    }
}

/// Lets timers through.
pub fn start() {
    alarms::start(on_alarm);
    timer::start(on_period);
}

/// None runs any more, whatever it was used for.
pub fn stop() {
    alarms::cancel_all();
    (0..alarms::COUNT).for_each(|slot| Caller::Alarm(slot).set(None, false));
    for timer in Hardware::all() {
        if timer.user() != User::Nobody {
            timer.release();
        }
        Caller::Timer(timer).set(None, false);
    }
}

/// The timer of the chip with this number, or words.
pub fn hardware(id: i32) -> Result<Hardware> {
    let found = u8::try_from(id).ok().and_then(Hardware::numbered);
    found.ok_or_else(|| {
        Error::new(
            Kind::Value,
            format_args!(
                "there is no Timer({id}) for programs: 1 to 6, 8, 13 to 17, or -1 (7 and 12 are the system's)"
            ),
        )
    })
}

/// Takes it, or says who has it.
pub fn take(timer: Hardware, user: User) -> Result<()> {
    timer.take(user).map_err(|user| {
        let whose = match user {
            User::Waves => "a PWM",
            User::Edges => "a Counter or an Encoder",
            User::Nobody | User::Interrupts => "another Timer",
        };
        Error::new(
            Kind::Value,
            format_args!(
                "Timer({}) is in use by {whose}; deinit() that one first",
                timer.number()
            ),
        )
    })
}

/// `Timer(id=-1, ...)`: with arguments it is started as by `init`. Allocates.
fn new(arguments: Arguments) -> Result<Obj> {
    let (id, rest) = match arguments.split_first() {
        Some((id, rest)) => (convert("id", id)?, rest),
        None => (VIRTUAL, arguments),
    };
    let object = new_object(Timer {
        hardware: if id == VIRTUAL { None } else { Some(hardware(id)?) },
        alarm: Cell::new(None),
    })?;
    if !rest.is_empty() {
        begin(object, rest)?;
    }
    Ok(object)
}

/// `timer.init(*, mode=Timer.PERIODIC, freq=-1, period=-1, callback=None, hard=False)`
fn init(arguments: Arguments) -> Result<()> {
    let (object, rest) = arguments.split_first().ok_or(Error::Type(c"not a Timer"))?;
    begin(*object, rest)
}

/// How long a period is, in seconds.
fn seconds(freq: Option<f64>, period: Option<f64>) -> Result<f64> {
    let freq = freq.filter(|hz| *hz != -1.0);
    let period = period.filter(|ms| *ms != -1.0);
    match (freq, period) {
        (Some(hz), None) if hz > 0.0 => Ok(1.0 / hz),
        (None, Some(ms)) if ms > 0.0 => Ok(ms / 1000.0),
        (Some(_), None) => Err(Error::Value(c"freq is more than 0 Hz")),
        (None, Some(_)) => Err(Error::Value(c"period is more than 0 ms")),
        _ => Err(Error::Value(
            c"a Timer needs freq, in Hz, or period, in ms, and not both",
        )),
    }
}

fn begin(object: Obj, arguments: Arguments) -> Result<()> {
    args!(arguments => *, mode: i32 = PERIODIC, freq: Option<f64> = None, period: Option<f64> = None,
        callback: Option<Obj> = None, hard: bool = false,);
    let timer: &Timer = convert("self", &object)?;
    let seconds = seconds(freq, period)?;
    calls::check(callback.as_ref(), hard)?;
    let once = match mode {
        ONE_SHOT => true,
        PERIODIC => false,
        _ => return Err(Error::Value(c"mode is Timer.ONE_SHOT or Timer.PERIODIC")),
    };
    let handler = callback.map(|function| (function, object));
    match timer.hardware {
        Some(hardware) => begin_hardware(hardware, seconds, once, handler, hard),
        None => begin_virtual(timer, seconds, once, handler, hard),
    }
}

fn begin_hardware(
    hardware: Hardware,
    seconds: f64,
    once: bool,
    handler: Option<(Obj, Obj)>,
    hard: bool,
) -> Result<()> {
    if handler.is_some() && !once && seconds < SHORTEST_CALL_US / 1e6 {
        return Err(Error::new(
            Kind::Value,
            format_args!(
                "a callback each {} ns leaves no time for the program: {SHORTEST_CALL_US} us at least",
                (seconds * 1e9) as u32
            ),
        ));
    }
    let cycles = seconds * f64::from(clocks::timer_hz()) + 0.5;
    let period = Period::of_cycles(cycles as u64, hardware.is_wide()).ok_or_else(|| {
        let widest = if hardware.is_wide() { "11 days" } else { "15.3 s" };
        Error::new(
            Kind::Value,
            format_args!(
                "Timer({}) cannot do this period: 7.2 ns to {widest}; others are Timer(2), Timer(5) and Timer(-1)",
                hardware.number()
            ),
        )
    })?;
    if hardware.user() == User::Interrupts {
        hardware.stop();
    } else {
        take(hardware, User::Interrupts)?;
    }
    Caller::Timer(hardware).set(handler, hard);
    hardware.interrupt_each(period, once);
    Ok(())
}

/// The shortest period with a callback: its interrupt alone takes a fifth of that.
const SHORTEST_CALL_US: f64 = 10.0;
/// The shortest period of a timer without hardware: below, it would leave no time for anything else.
const SHORTEST_US: f64 = 20.0;
/// A hundred years.
const LONGEST_US: f64 = 3.2e15;

fn begin_virtual(
    timer: &Timer,
    seconds: f64,
    once: bool,
    handler: Option<(Obj, Obj)>,
    hard: bool,
) -> Result<()> {
    let us = seconds * 1e6;
    if !(SHORTEST_US..LONGEST_US).contains(&us) {
        return Err(Error::Value(
            c"a Timer(-1) has a period of 0.02 ms or more; Timer(2) and others of the chip go below",
        ));
    }
    cancel(timer);
    let alarm = Alarm::set((us + 0.5) as u64, !once, |slot| {
        Caller::Alarm(slot).set(handler, hard)
    });
    if alarm.is_none() {
        return Err(Error::Runtime(c"32 Timers run already; deinit() one first"));
    }
    timer.alarm.set(alarm);
    Ok(())
}

fn cancel(timer: &Timer) {
    if let Some(alarm) = timer.alarm.take()
        && alarm.cancel()
    {
        Caller::Alarm(alarm.slot()).set(None, false);
    }
}

/// `timer.deinit()`: it calls no more.
fn deinit(timer: &Timer) -> Result<()> {
    match timer.hardware {
        Some(hardware) if hardware.user() == User::Interrupts => {
            hardware.release();
            Caller::Timer(hardware).set(None, false);
        }
        Some(_) => {}
        None => cancel(timer),
    }
    Ok(())
}

fn print(timer: &Timer, printer: &mut Printer) -> fmt::Result {
    let id = timer
        .hardware
        .map_or(VIRTUAL, |hardware| hardware.number().into());
    let runs = match timer.hardware {
        Some(hardware) => hardware.user() == User::Interrupts,
        None => timer.alarm.get().is_some_and(Alarm::is_set),
    };
    write!(printer, "Timer({id}{})", if runs { "" } else { ", off" })
}
