//! `machine.PWM`: a wave at a pin, by a channel of a timer. Pins of one timer have one frequency.

use core::cell::Cell;
use core::fmt::{self, Write};

use super::{pin, timer};
use crate::board::FUNCTIONS;
use critical_section::Mutex;
use h7a3::clocks::timer_hz;
use h7a3::gpio::{PinId, Pull};
use h7a3::period::Period;
use h7a3::timer::{Timer, User};
use h7a3::wave::{self, Output};
use upy::{Arguments, Error, Kind, Obj, Printer, Result, args, class, convert, fun, new_object};

/// What a program gets that does not say.
const DEFAULT_HZ: u32 = 1_000;
const WHOLE: u64 = 65_535;
const NS: u64 = 1_000_000_000;

/// How wide the high part is; it is kept when the frequency changes.
#[derive(Clone, Copy)]
enum Duty {
    /// Of 65535.
    U16(u16),
    Ns(u32),
}

/// `machine.PWM`
#[allow(clippy::upper_case_acronyms, reason = "the class's name in Python")]
pub struct PWM {
    pin: PinId,
    /// The pin's alternate function.
    number: u8,
    output: Output,
}

class! {
    PWM as "a PWM" {
        make_new: new,
        print: print,
    }
    init: fun!(keywords 1.., init),
    deinit: fun!(1, deinit),
    freq: fun!(1..=2, freq),
    duty_u16: fun!(1..=2, duty_u16),
    duty_ns: fun!(1..=2, duty_ns),
}

/// Channels, and after them complements.
const OUTPUTS: usize = 8;
static DUTIES: Mutex<[Cell<Duty>; Timer::COUNT * OUTPUTS]> =
    Mutex::new([const { Cell::new(Duty::U16(0)) }; Timer::COUNT * OUTPUTS]);

fn place(output: Output) -> usize {
    let complement = if output.is_complement { 4 } else { 0 };
    output.timer.index() * OUTPUTS + usize::from(output.channel) + complement
}

fn duty(output: Output) -> Duty {
    critical_section::with(|cs| DUTIES.borrow(cs)[place(output)].get())
}

fn keep(output: Output, duty: Duty) {
    critical_section::with(|cs| DUTIES.borrow(cs)[place(output)].set(duty));
}

/// Ticks that are high. Rounded down, so that no duty but the whole is always high.
fn width(duty: Duty, period: Period) -> u32 {
    let ticks = match duty {
        Duty::U16(duty) => period.ticks() * u64::from(duty) / WHOLE,
        Duty::Ns(ns) => {
            let cycles = (u64::from(ns) * u64::from(timer_hz()) + NS / 2) / NS;
            cycles / (u64::from(period.psc) + 1)
        }
    };
    ticks.min(period.ticks()) as u32
}

/// The outputs of timers that the pin carries, with their alternate functions.
fn outputs(pin: PinId) -> impl Iterator<Item = (u8, Output)> {
    FUNCTIONS.iter().filter(move |f| f.pin == pin).filter_map(|f| {
        let number = f.peripheral.strip_prefix("TIM")?.parse().ok()?;
        let signal = f.signal.strip_prefix("CH")?;
        let channel = signal.strip_suffix('N').unwrap_or(signal);
        let output = Output {
            timer: Timer::numbered(number)?,
            channel: channel.parse::<u8>().ok()?.checked_sub(1)?,
            is_complement: signal.ends_with('N'),
        };
        Some((f.number?, output))
    })
}

fn period_of(hz: u32, timer: Timer) -> Result<Period> {
    let cycles = (u64::from(timer_hz()) + u64::from(hz) / 2) / u64::from(hz.max(1));
    let period = Period::of_cycles(cycles, timer.is_wide()).filter(|_| hz != 0);
    period.ok_or_else(|| {
        Error::new(
            Kind::Value,
            format_args!("freq={hz} cannot be made: 1 to {} Hz", timer_hz() / 2),
        )
    })
}

fn hz_of(period: Period) -> u32 {
    let cycles = period.cycles();
    ((u64::from(timer_hz()) + cycles / 2) / cycles) as u32
}

/// The output for a pin: the one that it has already, else one of a free timer, else one of a timer with this frequency.
fn choose(pin: PinId, hz: Option<u32>) -> Result<(u8, Output)> {
    let has_already = |(number, output): &(u8, Output)| {
        output.is_on() && pin.mode() == h7a3::gpio::Mode::Alternate && pin.function() == *number
    };
    if let Some(found) = outputs(pin).find(has_already) {
        return Ok(found);
    }
    if let Some(found) = outputs(pin).find(|(_, output)| output.timer.user() == User::Nobody) {
        return Ok(found);
    }
    let shares = |(_, output): &(u8, Output)| {
        let same = hz
            .is_none_or(|hz| period_of(hz, output.timer).is_ok_and(|period| period == output.timer.period()));
        output.timer.user() == User::Waves && !output.is_on() && same
    };
    if let Some(found) = outputs(pin).find(shares) {
        return Ok(found);
    }
    let name = pin::spelled(pin);
    match outputs(pin).next() {
        None => Err(Error::new(
            Kind::Value,
            format_args!("{name} has no channel of a timer, so it cannot do PWM"),
        )),
        Some((_, Output { timer, .. })) => Err(Error::new(
            Kind::Value,
            format_args!(
                "every timer of {name}, TIM{} for one, is in use with another frequency or by something else",
                timer.number()
            ),
        )),
    }
}

/// `PWM(dest, *, freq=1000, duty_u16=0, duty_ns=0, invert=False)`. Allocates.
fn new(arguments: Arguments) -> Result<Obj> {
    let (dest, rest) = arguments.split_first().ok_or(Error::Type(c"PWM needs a pin"))?;
    let pin = pin::of(dest)?;
    let settings = Settings::of(rest)?;
    let (number, output) = choose(pin, settings.freq)?;
    let object = new_object(PWM { pin, number, output })?;
    settings.apply(convert("self", &object)?)?;
    Ok(object)
}

/// `pwm.init(*, freq, duty_u16, duty_ns, invert)`: what is not given stays.
fn init(arguments: Arguments) -> Result<()> {
    let (object, rest) = arguments.split_first().ok_or(Error::Type(c"not a PWM"))?;
    Settings::of(rest)?.apply(convert("self", object)?)
}

struct Settings {
    freq: Option<u32>,
    duty: Option<Duty>,
    invert: Option<bool>,
}

impl Settings {
    fn of(arguments: Arguments) -> Result<Settings> {
        args!(arguments => *, freq: Option<u32> = None, duty_u16: Option<i32> = None, duty_ns: Option<u32> = None,
            invert: Option<bool> = None,);
        let duty = match (duty_u16, duty_ns) {
            (Some(_), Some(_)) => return Err(Error::Value(c"duty_u16 or duty_ns, not both")),
            (Some(duty), None) => Some(checked(duty)?),
            (None, ns) => ns.map(Duty::Ns),
        };
        Ok(Settings { freq, duty, invert })
    }

    fn apply(self, pwm: &PWM) -> Result<()> {
        let output = pwm.output;
        let is_first = !wave::is_in_use(output.timer);
        let freq = self.freq.or(is_first.then_some(DEFAULT_HZ));
        let period = freq.map(|hz| period_of(hz, output.timer)).transpose()?;
        check(self.duty, period.unwrap_or_else(|| output.timer.period()))?;
        if output.timer.user() == User::Nobody {
            timer::take(output.timer, User::Waves)?;
        }
        if !output.is_on() {
            keep(output, Duty::U16(0));
        }
        if let Some(duty) = self.duty {
            keep(output, duty);
        }
        if let Some(period) = period {
            change_period(output.timer, period);
        }
        let ticks = width(duty(output), period.unwrap_or_else(|| output.timer.period()));
        let invert = self
            .invert
            .unwrap_or_else(|| output.is_on() && output.is_inverted());
        output.start(ticks, invert);
        if let Some(period) = period
            && is_first
        {
            // Its preloaded width counts from the first period on.
            wave::set_period(output.timer, period);
        }
        pwm.pin.alternate(pwm.number, false, Pull::None);
        Ok(())
    }
}

fn checked(duty: i32) -> Result<Duty> {
    u16::try_from(duty)
        .map(Duty::U16)
        .map_err(|_| Error::Value(c"duty_u16 is 0 to 65535"))
}

/// A width in nanoseconds has to fit into the period.
fn check(duty: Option<Duty>, period: Period) -> Result<()> {
    let Some(Duty::Ns(ns)) = duty else { return Ok(()) };
    let period_ns = period.cycles() * NS / u64::from(timer_hz());
    if u64::from(ns) <= period_ns + 1 {
        return Ok(());
    }
    Err(Error::new(
        Kind::Value,
        format_args!("duty_ns={ns} is longer than the period, {period_ns} ns"),
    ))
}

/// All outputs of the timer keep their duties.
fn change_period(timer: Timer, period: Period) {
    let is_running = wave::is_in_use(timer);
    if !is_running {
        return;
    }
    for channel in 0..timer.channels() {
        for is_complement in [false, true] {
            let output = Output {
                timer,
                channel,
                is_complement,
            };
            if output.is_on() {
                output.set_width(width(duty(output), period));
            }
        }
    }
    wave::set_period(timer, period);
    wave::begin_anew(timer);
}

fn running(pwm: &PWM) -> Result<Output> {
    if pwm.output.is_on() {
        return Ok(pwm.output);
    }
    Err(Error::Value(c"this PWM is off: init() starts it again"))
}

/// `pwm.freq([hz])`: of all pins of the timer.
fn freq(arguments: Arguments) -> Result<Option<u32>> {
    args!(arguments => [pwm: &PWM], value: Option<u32> = None);
    let output = running(pwm)?;
    let Some(hz) = value else {
        return Ok(Some(hz_of(output.timer.period())));
    };
    let period = period_of(hz, output.timer)?;
    check(Some(duty(output)), period)?;
    change_period(output.timer, period);
    Ok(None)
}

fn set_duty(output: Output, duty: Duty) -> Result<()> {
    let period = output.timer.period();
    check(Some(duty), period)?;
    keep(output, duty);
    output.set_width(width(duty, period));
    Ok(())
}

/// `pwm.duty_u16([duty])`: 0 to 65535, which is always high.
fn duty_u16(arguments: Arguments) -> Result<Option<u32>> {
    args!(arguments => [pwm: &PWM], value: Option<i32> = None);
    let output = running(pwm)?;
    if let Some(value) = value {
        set_duty(output, checked(value)?)?;
        return Ok(None);
    }
    Ok(Some(match duty(output) {
        Duty::U16(duty) => duty.into(),
        Duty::Ns(_) => (u64::from(output.width()) * WHOLE / output.timer.period().ticks()) as u32,
    }))
}

/// `pwm.duty_ns([ns])`: how long it is high in each period.
fn duty_ns(arguments: Arguments) -> Result<Option<u64>> {
    args!(arguments => [pwm: &PWM], value: Option<u32> = None);
    let output = running(pwm)?;
    if let Some(ns) = value {
        set_duty(output, Duty::Ns(ns))?;
        return Ok(None);
    }
    let cycles = u64::from(output.width()) * (u64::from(output.timer.period().psc) + 1);
    Ok(Some(
        (cycles * NS + u64::from(timer_hz()) / 2) / u64::from(timer_hz()),
    ))
}

/// `pwm.deinit()`: the pin is an input again.
fn deinit(pwm: &PWM) -> Result<()> {
    if pwm.output.is_on() {
        pwm.pin.input(Pull::None);
        pwm.output.stop();
    }
    Ok(())
}

fn print(pwm: &PWM, printer: &mut Printer) -> fmt::Result {
    let Output {
        timer,
        channel,
        is_complement,
    } = pwm.output;
    let (name, number) = (pin::spelled(pwm.pin), timer.number());
    let complement = if is_complement { "N" } else { "" };
    write!(
        printer,
        "PWM(Pin('{name}'), TIM{number}_CH{}{complement}",
        channel + 1
    )?;
    match duty(pwm.output) {
        _ if !pwm.output.is_on() => printer.write_str(", off)"),
        Duty::U16(duty) => write!(printer, ", freq={}, duty_u16={duty})", hz_of(timer.period())),
        Duty::Ns(ns) => write!(printer, ", freq={}, duty_ns={ns})", hz_of(timer.period())),
    }
}
