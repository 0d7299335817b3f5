//! Calls of a script's functions by hardware: which line of `handlers` is whose, and whether its handler is hard or soft.

use core::sync::atomic::{AtomicU32, Ordering};

use h7a3::serial::Unit;
use h7a3::timer::Timer;
use h7a3::{alarms, gpio::PinId, news};
use upy::{Error, Obj, Result, handlers};

/// One for each line of EXTI.
const PINS: usize = 16;
const RTC_ALARM: usize = PINS;
const RTC_WAKE_UP: usize = RTC_ALARM + 1;
const TIMERS: usize = RTC_WAKE_UP + 1;
const ALARMS: usize = TIMERS + Timer::COUNT;
const SERIAL: usize = ALARMS + alarms::COUNT;

/// What a host asks of a script's channels.
const HOST: usize = SERIAL + Unit::COUNT;

const _: () = assert!(HOST < handlers::LINES);

/// Something that calls.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// An edge on the line of EXTI of this number.
    Edge(usize),
    /// The calendar's alarm.
    RtcAlarm,
    /// The calendar's wake-up timer.
    RtcWakeUp,
    /// The end of a timer's period.
    Timer(Timer),
    /// An alarm by the clock that always runs.
    Alarm(usize),
    /// A serial port.
    Serial(Unit),
    /// A host that asks something of the script.
    Host,
}

/// Lines whose handler is called in the interrupt.
static HARD: [AtomicU32; handlers::LINES / 32] = [const { AtomicU32::new(0) }; handlers::LINES / 32];

impl Caller {
    /// The edges of a pin.
    pub fn pin(pin: PinId) -> Caller {
        Caller::Edge(pin.number().into())
    }

    fn line(self) -> usize {
        match self {
            Caller::Edge(line) => line,
            Caller::RtcAlarm => RTC_ALARM,
            Caller::RtcWakeUp => RTC_WAKE_UP,
            Caller::Timer(timer) => TIMERS + timer.index(),
            Caller::Alarm(slot) => ALARMS + slot,
            Caller::Serial(unit) => SERIAL + unit.index(),
            Caller::Host => HOST,
        }
    }

    /// Sets what is called, or takes it away: a function, and its argument. It must not call meanwhile.
    pub fn set(self, handler: Option<(Obj, Obj)>, hard: bool) {
        let line = self.line();
        let bit = 1 << (line % 32);
        if hard {
            HARD[line / 32].fetch_or(bit, Ordering::Relaxed);
        } else {
            HARD[line / 32].fetch_and(!bit, Ordering::Relaxed);
        }
        handlers::set(line, handler);
    }

    /// Whether something is called.
    pub fn is_set(self) -> bool {
        handlers::get(self.line()).is_some()
    }

    /// In the interrupt. `false`: a hard handler has raised, and is gone. One that has to wait for the end of a collection is called
    /// as a soft one.
    pub fn call(self) -> bool {
        let line = self.line();
        let is_hard = HARD[line / 32].load(Ordering::Relaxed) & 1 << (line % 32) != 0;
        if is_hard && !handlers::has_to_wait() {
            // What it sets somebody may wait for.
            news::tell();
            return handlers::call(line);
        }
        handlers::schedule(line);
        true
    }
}

/// ValueError for a handler that cannot be called, and where hard handlers are not possible.
pub fn check(handler: Option<&Obj>, hard: bool) -> Result<()> {
    if handler.is_some_and(|handler| !handler.is_callable()) {
        return Err(Error::Value(c"a handler must be callable, or None"));
    }
    if hard && !handlers::HARD {
        return Err(Error::Value(
            c"hard=True is not possible with a heap that collects in slices; use hard=False",
        ));
    }
    Ok(())
}
