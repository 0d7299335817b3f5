//! `machine.Counter` and `machine.Encoder`: edges at pins, counted by a timer of the chip.

use core::cell::Cell;
use core::fmt::{self, Write};

use super::{pin, timer};
use crate::board::FUNCTIONS;
use h7a3::gpio::{PinId, Pull};
use h7a3::tally::{self, Edge};
use h7a3::timer::{Timer, User};
use upy::{Arguments, Error, Kind, Obj, Printer, Result, Value, args, class, convert, fun, new_object};

const RISING: i32 = 1;
const FALLING: i32 = 2;
const UP: i32 = 0;
const DOWN: i32 = 1;

/// `machine.Counter`
pub struct Counter {
    timer: Timer,
    counts_down: Cell<bool>,
}

/// `machine.Encoder`
pub struct Encoder {
    timer: Timer,
    /// Edges of one count: four, two or one.
    edges: Cell<i32>,
}

class! {
    Counter as "a Counter" {
        make_new: new_counter,
        print: print_counter,
    }
    init: fun!(keywords 1.., init_counter),
    deinit: fun!(1, |counter: &Counter| end(counter.timer)),
    value: fun!(1..=2, counter_value),
    RISING: Value::int(RISING),
    FALLING: Value::int(FALLING),
    UP: Value::int(UP),
    DOWN: Value::int(DOWN),
}

class! {
    Encoder as "an Encoder" {
        make_new: new_encoder,
        print: print_encoder,
    }
    init: fun!(keywords 1.., init_encoder),
    deinit: fun!(1, |encoder: &Encoder| end(encoder.timer)),
    value: fun!(1..=2, encoder_value),
}

/// The timer of this number, if it can count.
fn timer_of(id: &Obj) -> Result<Timer> {
    let timer = timer::hardware(convert("id", id)?)?;
    if tally::can_count(timer) {
        return Ok(timer);
    }
    Err(Error::Value(
        c"edges are counted by the timers 1, 2, 3, 4, 5 and 8: id is one of these",
    ))
}

/// Input 1 or 2 of the timer at this pin, and the pin's alternate function.
fn input(timer: Timer, source: PinId, wanted: Option<u8>) -> Result<(u8, u8)> {
    let signal_of = |signal: &str| match signal {
        "CH1" => Some(1),
        "CH2" => Some(2),
        _ => None,
    };
    let of_timer = || {
        FUNCTIONS.iter().filter_map(move |f| {
            let number: u8 = f.peripheral.strip_prefix("TIM")?.parse().ok()?;
            let input = signal_of(f.signal)?;
            (number == timer.number() && wanted.is_none_or(|wanted| wanted == input)).then_some((f, input))
        })
    };
    let found = of_timer().find(|(f, _)| f.pin == source);
    if let Some((f, input)) = found
        && let Some(number) = f.number
    {
        return Ok((input, number));
    }
    let mut pins = heapless::String::<96>::new();
    for (f, _) in of_timer() {
        // What does not fit is left out.
        let _ = write!(pins, " {}", pin::spelled(f.pin));
    }
    Err(Error::new(
        Kind::Value,
        format_args!(
            "{} is no input{} of timer {}; those are:{pins}",
            pin::spelled(source),
            match wanted {
                Some(1) => " for phase_a",
                Some(_) => " for phase_b",
                None => "",
            },
            timer.number()
        ),
    ))
}

fn begin(timer: Timer) -> Result<()> {
    if timer.user() == User::Edges {
        return Ok(());
    }
    timer::take(timer, User::Edges)
}

fn end(timer: Timer) -> Result<()> {
    if timer.user() == User::Edges {
        timer.release();
    }
    Ok(())
}

fn refuse_filter(filter_ns: u32) -> Result<()> {
    if filter_ns == 0 {
        return Ok(());
    }
    Err(Error::Value(c"filter_ns is 0: there is no filter"))
}

fn running(timer: Timer) -> Result<Timer> {
    if timer.user() == User::Edges {
        return Ok(timer);
    }
    Err(Error::Value(c"it does not count: init() starts it"))
}

/// `Counter(id, src=None, *, edge=Counter.RISING, direction=Counter.UP, filter_ns=0)`. Allocates.
fn new_counter(arguments: Arguments) -> Result<Obj> {
    let (id, rest) = arguments
        .split_first()
        .ok_or(Error::Type(c"Counter needs an id"))?;
    let object = new_object(Counter {
        timer: timer_of(id)?,
        counts_down: Cell::new(false),
    })?;
    if !rest.is_empty() {
        start_counter(convert("self", &object)?, rest)?;
    }
    Ok(object)
}

/// `counter.init(src, *, edge=Counter.RISING, direction=Counter.UP, filter_ns=0)`
fn init_counter(arguments: Arguments) -> Result<()> {
    let (object, rest) = arguments.split_first().ok_or(Error::Type(c"not a Counter"))?;
    start_counter(convert("self", object)?, rest)
}

fn start_counter(counter: &Counter, arguments: Arguments) -> Result<()> {
    args!(arguments => src: Obj, *, edge: i32 = RISING, direction: i32 = UP, filter_ns: u32 = 0,);
    refuse_filter(filter_ns)?;
    let source = pin::of(&src)?;
    let (input, number) = input(counter.timer, source, None)?;
    let edge = match edge {
        RISING => Edge::Rising,
        FALLING => Edge::Falling,
        e if e == RISING | FALLING => Edge::Both,
        _ => return Err(Error::Value(c"edge is Counter.RISING, Counter.FALLING or both")),
    };
    let counts_down = match direction {
        UP => false,
        DOWN => true,
        _ => return Err(Error::Value(c"direction is Counter.UP or Counter.DOWN")),
    };
    begin(counter.timer)?;
    counter.counts_down.set(counts_down);
    source.alternate(number, false, source.pull());
    tally::count_edges(counter.timer, input, edge);
    Ok(())
}

/// `counter.value([value])`: what it was, perhaps changed.
fn counter_value(arguments: Arguments) -> Result<i32> {
    args!(arguments => [counter: &Counter], value: Option<i32> = None);
    let timer = running(counter.timer)?;
    let signed = |count: i32| {
        if counter.counts_down.get() {
            count.wrapping_neg()
        } else {
            count
        }
    };
    let before = signed(tally::count(timer));
    if let Some(value) = value {
        tally::set_count(timer, signed(value));
    }
    Ok(before)
}

/// `Encoder(id, phase_a=None, phase_b=None, *, phases=1, filter_ns=0)`. Allocates.
fn new_encoder(arguments: Arguments) -> Result<Obj> {
    let (id, rest) = arguments
        .split_first()
        .ok_or(Error::Type(c"Encoder needs an id"))?;
    let object = new_object(Encoder {
        timer: timer_of(id)?,
        edges: Cell::new(4),
    })?;
    if !rest.is_empty() {
        start_encoder(convert("self", &object)?, rest)?;
    }
    Ok(object)
}

/// `encoder.init(phase_a, phase_b, *, phases=1, filter_ns=0)`
fn init_encoder(arguments: Arguments) -> Result<()> {
    let (object, rest) = arguments.split_first().ok_or(Error::Type(c"not an Encoder"))?;
    start_encoder(convert("self", object)?, rest)
}

fn start_encoder(encoder: &Encoder, arguments: Arguments) -> Result<()> {
    args!(arguments => phase_a: Obj, phase_b: Obj, *, phases: i32 = 1, filter_ns: u32 = 0,);
    refuse_filter(filter_ns)?;
    if !matches!(phases, 1 | 2 | 4) {
        return Err(Error::Value(c"phases is 1, 2 or 4: counts of one period"));
    }
    let sources = [pin::of(&phase_a)?, pin::of(&phase_b)?];
    let (_, number_a) = input(encoder.timer, sources[0], Some(1))?;
    let (_, number_b) = input(encoder.timer, sources[1], Some(2))?;
    begin(encoder.timer)?;
    encoder.edges.set(4 / phases);
    for (source, number) in sources.into_iter().zip([number_a, number_b]) {
        let pull: Pull = source.pull();
        source.alternate(number, false, pull);
    }
    tally::count_phases(encoder.timer);
    Ok(())
}

/// `encoder.value([value])`: what it was, perhaps changed.
fn encoder_value(arguments: Arguments) -> Result<i32> {
    args!(arguments => [encoder: &Encoder], value: Option<i32> = None);
    let timer = running(encoder.timer)?;
    let edges = encoder.edges.get();
    let before = tally::count(timer).div_euclid(edges);
    if let Some(value) = value {
        tally::set_count(timer, value.wrapping_mul(edges));
    }
    Ok(before)
}

fn print_counter(counter: &Counter, printer: &mut Printer) -> fmt::Result {
    write!(printer, "Counter({})", counter.timer.number())
}

fn print_encoder(encoder: &Encoder, printer: &mut Printer) -> fmt::Result {
    write!(
        printer,
        "Encoder({}, phases={})",
        encoder.timer.number(),
        4 / encoder.edges.get()
    )
}
