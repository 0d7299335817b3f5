//! `machine.RTC`: the calendar, its alarm and wake-up timer, its calibration, and 128 bytes that are kept as it is.

use core::cell::Cell;
use core::fmt::{self, Write};

use super::calls::{self, Caller};
use critical_section::Mutex;
use h7a3::civil::DateTime;
use h7a3::rtc::alarm::{self, Event, LONGEST_MS};
use h7a3::rtc::{self, KEPT_WORDS};
use upy::{
    Arguments, Buffer, Error, FromObj, Kind, Obj, Printer, Result, Value, args, class, convert, fun,
    new_object,
};

/// The only alarm, and the trigger that stands for it.
const ALARM0: i32 = 0;
const KEPT_BYTES: usize = 4 * KEPT_WORDS;
/// One of its two registers is the length of what `memory` keeps.
const MEMORY_BYTES: usize = KEPT_BYTES - 4;
const NO_CLOCK: Error = Error::Runtime(c"the calendar has no clock: neither oscillator of 32 kHz runs");

/// When the alarm comes, and after how long again; all in microseconds since 2000-01-01.
#[derive(Clone, Copy)]
struct Alarm {
    at_us: u64,
    each_us: Option<u64>,
}

static ALARM: Mutex<Cell<Option<Alarm>>> = Mutex::new(Cell::new(None));

/// `machine.RTC`
#[allow(clippy::upper_case_acronyms, reason = "the class's name in Python")]
pub struct RTC;

class! {
    RTC as "an RTC" {
        make_new: new,
        print: print,
    }
    init: fun!(1..=2, init),
    deinit: fun!(1, deinit),
    datetime: fun!(1..=2, datetime),
    now: fun!(1, now),
    calibration: fun!(1..=2, calibration),
    memory: fun!(1..=2, memory),
    alarm: fun!(keywords 1.., set_alarm),
    alarm_left: fun!(1..=2, alarm_left),
    alarm_cancel: fun!(1..=2, alarm_cancel),
    cancel: fun!(1..=2, alarm_cancel),
    irq: fun!(keywords 1.., irq),
    wakeup: fun!(2..=3, wakeup),
    ALARM0: Value::int(ALARM0),
}

/// In the interrupt.
fn on_event(event: Event) {
    match event {
        Event::WakeUp => {
            Caller::RtcWakeUp.call();
        }
        Event::Alarm => {
            let alarm = critical_section::with(|cs| ALARM.borrow(cs).get());
            let Some(Alarm { at_us, each_us }) = alarm else {
                return;
            };
            // The hardware compares the day of the month: it may be a month too early.
            if rtc::now().micros() < at_us {
                return;
            }
            arm(each_us.map(|each_us| Alarm {
                at_us: at_us + each_us,
                each_us: Some(each_us),
            }));
            Caller::RtcAlarm.call();
        }
    }
}

fn arm(alarm: Option<Alarm>) {
    critical_section::with(|cs| ALARM.borrow(cs).set(alarm));
    match alarm {
        Some(Alarm { at_us, .. }) => alarm::set(&DateTime::at(at_us)),
        None => alarm::cancel(),
    }
}

/// Lets its interrupts through.
pub fn start() {
    alarm::start(on_event);
}

/// No alarm, no wake-up and no handlers any more. The calendar goes on.
pub fn stop() {
    arm(None);
    alarm::stop_waking();
    Caller::RtcAlarm.set(None, false);
    Caller::RtcWakeUp.set(None, false);
}

/// `RTC(id=0)`. Allocates.
fn new(arguments: Arguments) -> Result<Obj> {
    args!(arguments => id: i32 = 0);
    if id != 0 {
        return Err(Error::Value(c"there is one RTC, RTC(0)"));
    }
    new_object(RTC)
}

/// A number of a tuple, as a part of a date.
fn part<'a, T: FromObj<'a>>(what: &'static str, item: &'a Obj) -> Result<T> {
    convert(what, item)
}

/// A moment of these: year, month, day, hour, minute, second, microsecond.
fn moment(items: [&Obj; 7]) -> Result<DateTime> {
    let [year, month, day, hour, minute, second, microsecond] = items;
    let moment = DateTime {
        year: part("year", year)?,
        month: part("month", month)?,
        day: part("day", day)?,
        hour: part("hour", hour)?,
        minute: part("minute", minute)?,
        second: part("second", second)?,
        microsecond: part("microsecond", microsecond)?,
    };
    if !moment.is_sound() {
        let DateTime {
            year,
            month,
            day,
            hour,
            minute,
            second,
            microsecond,
        } = moment;
        return Err(Error::new(
            Kind::Value,
            format_args!(
                "{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{microsecond:06} is no time of 2000 to 2099"
            ),
        ));
    }
    Ok(moment)
}

/// In the order of `datetime`. The weekday follows from the date; what is given for it is not looked at, because MicroPython's own
/// tools count it from 0 and its documentation from 1.
fn of_datetime(tuple: Obj) -> Result<DateTime> {
    let [year, month, day, _, hour, minute, second, us] = tuple.items::<8>()?;
    moment([&year, &month, &day, &hour, &minute, &second, &us])
}

fn set(to: &DateTime) -> Result<()> {
    if rtc::set(to) { Ok(()) } else { Err(NO_CLOCK) }
}

/// `rtc.datetime([tuple])`: (year, month, day, weekday, hours, minutes, seconds, microseconds), Monday is 1. Allocates.
fn datetime(arguments: Arguments) -> Result<Obj> {
    args!(arguments => [rtc: &RTC], datetimetuple: Option<Obj> = None);
    let _: &RTC = rtc;
    if let Some(tuple) = datetimetuple {
        set(&of_datetime(tuple)?)?;
        return Ok(Obj::NONE);
    }
    let now = rtc::now();
    let fields = [
        now.year.into(),
        now.month.into(),
        now.day.into(),
        now.weekday().into(),
        now.hour.into(),
        now.minute.into(),
        now.second.into(),
        now.microsecond as i32,
    ];
    Obj::tuple(&fields.map(Obj::small_int))
}

/// `rtc.init([tuple])`: (year, month, day, hour, minute, second, microsecond, tzinfo), another order than `datetime`'s.
fn init(arguments: Arguments) -> Result<()> {
    args!(arguments => [rtc: &RTC], datetime: Option<Obj> = None);
    let _: &RTC = rtc;
    let Some(tuple) = datetime else { return Ok(()) };
    let [year, month, day, hour, minute, second, us, _] = tuple.items::<8>()?;
    set(&moment([&year, &month, &day, &hour, &minute, &second, &us])?)
}

/// `rtc.now()`: a tuple in the order of `init`. Allocates.
fn now(_: &RTC) -> Result<Obj> {
    let now = rtc::now();
    let fields = [
        now.year.into(),
        now.month.into(),
        now.day.into(),
        now.hour.into(),
        now.minute.into(),
        now.second.into(),
        now.microsecond as i32,
    ];
    let [year, month, day, hour, minute, second, us] = fields.map(Obj::small_int);
    Obj::tuple(&[year, month, day, hour, minute, second, us, Obj::NONE])
}

/// `rtc.deinit()`: 2015-01-01, as documented, and no alarm.
fn deinit(_: &RTC) -> Result<()> {
    stop();
    set(&DateTime {
        year: 2015,
        ..DateTime::START
    })
}

/// `rtc.calibration([pulses])`: pulses of 2^20 to be added, -511 to 512; 0.954 ppm each.
fn calibration(arguments: Arguments) -> Result<Option<i32>> {
    args!(arguments => [rtc: &RTC], cal: Option<i32> = None);
    let _: &RTC = rtc;
    match cal {
        None => Ok(Some(rtc::calibration())),
        Some(pulses) if !(-511..=512).contains(&pulses) => Err(Error::new(
            Kind::Value,
            format_args!("a calibration is -511 to 512 pulses of 2**20, not {pulses}"),
        )),
        Some(pulses) if rtc::calibrate(pulses) => Ok(None),
        Some(_) => Err(NO_CLOCK),
    }
}

/// `rtc.memory([data])`: up to 124 bytes that outlive resets. Allocates.
fn memory(arguments: Arguments) -> Result<Obj> {
    args!(arguments => [rtc: &RTC], data: Option<Buffer> = None);
    let _: &RTC = rtc;
    let Some(data) = data else {
        let length = (rtc::kept_word(0) as usize).min(MEMORY_BYTES);
        return Obj::bytes_with(length, |bytes| {
            for (index, chunk) in bytes.chunks_mut(4).enumerate() {
                chunk.copy_from_slice(&rtc::kept_word(index + 1).to_le_bytes()[..chunk.len()]);
            }
            Ok(())
        });
    };
    let data = data.as_slice();
    if data.len() > MEMORY_BYTES {
        return Err(Error::new(
            Kind::Value,
            format_args!("RTC memory holds {MEMORY_BYTES} bytes, not {}", data.len()),
        ));
    }
    for (index, chunk) in data.chunks(4).enumerate() {
        let mut word = [0; 4];
        word[..chunk.len()].copy_from_slice(chunk);
        rtc::keep_word(index + 1, u32::from_le_bytes(word));
    }
    // Last, so that a cut in the middle leaves no more bytes than were there.
    rtc::keep_word(0, data.len() as u32);
    Ok(Obj::NONE)
}

fn check_alarm(id: i32) -> Result<()> {
    if id == ALARM0 {
        return Ok(());
    }
    Err(Error::Value(c"there is one alarm, RTC.ALARM0"))
}

/// `rtc.alarm(id, time, *, repeat=False)`: in so many milliseconds, or at a moment in the order of `datetime`.
fn set_alarm(arguments: Arguments) -> Result<()> {
    let (object, rest) = arguments.split_first().ok_or(Error::Type(c"not an RTC"))?;
    args!(rest => id: i32, time: Obj, *, repeat: bool = false);
    let _: &RTC = convert("self", object)?;
    check_alarm(id)?;
    // It runs from here on, also if nobody has asked it before.
    let now_us = rtc::now().micros();
    if rtc::is_on_crystal().is_none() {
        return Err(Error::Runtime(c"the calendar's clock has not started yet"));
    }
    let alarm = if time.is_int() {
        let ms: u32 = convert("time", &time)?;
        let each_us = u64::from(ms) * 1000;
        if ms == 0 {
            return Err(Error::Value(c"an alarm comes in one millisecond or later"));
        }
        Alarm {
            at_us: now_us + each_us,
            each_us: repeat.then_some(each_us),
        }
    } else if repeat {
        return Err(Error::Value(c"repeat=True needs a time in milliseconds"));
    } else {
        Alarm {
            at_us: of_datetime(time)?.micros(),
            each_us: None,
        }
    };
    if alarm.at_us <= now_us {
        return Err(Error::Value(c"an alarm cannot come in the past"));
    }
    arm(Some(alarm));
    Ok(())
}

/// `rtc.alarm_left(alarm_id=0)`: milliseconds; 0 if there is none.
fn alarm_left(arguments: Arguments) -> Result<u64> {
    args!(arguments => [rtc: &RTC], alarm_id: i32 = ALARM0);
    let _: &RTC = rtc;
    check_alarm(alarm_id)?;
    let alarm = critical_section::with(|cs| ALARM.borrow(cs).get());
    Ok(alarm.map_or(0, |alarm| {
        alarm.at_us.saturating_sub(rtc::now().micros()).div_ceil(1000)
    }))
}

/// `rtc.alarm_cancel(alarm_id=0)`
fn alarm_cancel(arguments: Arguments) -> Result<()> {
    args!(arguments => [rtc: &RTC], alarm_id: i32 = ALARM0);
    let _: &RTC = rtc;
    check_alarm(alarm_id)?;
    arm(None);
    Ok(())
}

/// `rtc.irq(*, trigger=RTC.ALARM0, handler=None, wake=machine.IDLE)`: what the alarm calls, with the RTC. Every alarm wakes from
/// every sleep, so `wake` changes nothing.
fn irq(arguments: Arguments) -> Result<()> {
    let (object, rest) = arguments.split_first().ok_or(Error::Type(c"not an RTC"))?;
    args!(rest => *, trigger: i32 = ALARM0, handler: Option<Obj> = None, wake: Option<i32> = None,);
    let _: &RTC = convert("self", object)?;
    let _ = wake;
    check_alarm(trigger)?;
    calls::check(handler.as_ref(), false)?;
    let handler = handler.map(|function| (function, *object));
    critical_section::with(|_| Caller::RtcAlarm.set(handler, false));
    Ok(())
}

/// `rtc.wakeup(timeout, callback=None)`: calls it each time so many milliseconds have passed; `None` ends that.
fn wakeup(arguments: Arguments) -> Result<()> {
    let (object, rest) = arguments.split_first().ok_or(Error::Type(c"not an RTC"))?;
    args!(rest => timeout: Option<u32>, callback: Option<Obj> = None);
    let _: &RTC = convert("self", object)?;
    alarm::stop_waking();
    calls::check(callback.as_ref(), false)?;
    Caller::RtcWakeUp.set(callback.map(|function| (function, *object)), false);
    match timeout {
        None => Ok(()),
        Some(ms) if !(1..=LONGEST_MS).contains(&ms) => Err(Error::new(
            Kind::Value,
            format_args!("a timeout is 1 to {LONGEST_MS} ms, not {ms}"),
        )),
        Some(ms) => {
            rtc::now();
            if alarm::wake_each(ms) {
                Ok(())
            } else {
                Err(NO_CLOCK)
            }
        }
    }
}

fn print(_: &RTC, printer: &mut Printer) -> fmt::Result {
    printer.write_str(match rtc::is_on_crystal() {
        None => "RTC(0, not running)",
        Some(true) => "RTC(0, crystal)",
        Some(false) => "RTC(0, internal oscillator)",
    })
}

/// Wakes from a sleep after so many milliseconds, by the wake-up timer, which is `wakeup`'s, too. `None` leaves that alone.
pub fn wake_in(ms: Option<u32>) -> Result<()> {
    let Some(ms) = ms else { return Ok(()) };
    if !(1..=LONGEST_MS).contains(&ms) {
        return Err(Error::new(
            Kind::Value,
            format_args!("time_ms is 1 to {LONGEST_MS}, not {ms}"),
        ));
    }
    rtc::now();
    Caller::RtcWakeUp.set(None, false);
    if alarm::wake_each(ms) {
        Ok(())
    } else {
        Err(NO_CLOCK)
    }
}

/// No wake-up any more.
pub fn stop_waking() {
    alarm::stop_waking();
}
