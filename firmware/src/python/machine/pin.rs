//! `machine.Pin`: pins by the chip's names ("PA1") and by the board's ("LED", "K1").
//!
//! A Pin object holds a name and no state: everything else is read from the chip. Interrupts and alternate functions
//! are not offered.

use crate::board;
use core::fmt::{self, Write};
use h7a3::gpio::{Mode, PinId, Pull};
use upy::{
    Arguments, Class, Error, FromObj, Kind, Obj, Printer, Result, Value, args, class, convert, fun,
    new_object, sys,
};

const IN: i32 = 0;
const OUT: i32 = 1;
const OPEN_DRAIN: i32 = 2;
const ALTERNATE: i32 = 3;
const ANALOG: i32 = 4;
const PULL_NONE: i32 = 0;
const PULL_UP: i32 = 1;
const PULL_DOWN: i32 = 2;

/// `machine.Pin`
#[derive(Clone, Copy)]
pub struct Pin(PinId);

class! {
    Pin as "a Pin" {
        make_new: new,
        print: print,
        call: call,
        protocol: &PROTOCOL,
    }
    init: fun!(keywords 1.., init),
    value: fun!(1..=2, value),
    on: fun!(1, |pin: &Pin| drive(pin, true)),
    off: fun!(1, |pin: &Pin| drive(pin, false)),
    high: fun!(1, |pin: &Pin| drive(pin, true)),
    low: fun!(1, |pin: &Pin| drive(pin, false)),
    toggle: fun!(1, toggle),
    mode: fun!(1, mode),
    name: fun!(1, name),
    IN: Value::int(IN),
    OUT: Value::int(OUT),
    OPEN_DRAIN: Value::int(OPEN_DRAIN),
    ANALOG: Value::int(ANALOG),
    PULL_NONE: Value::int(PULL_NONE),
    PULL_UP: Value::int(PULL_UP),
    PULL_DOWN: Value::int(PULL_DOWN),
}

/// How other objects of the core, such as Signal, use a pin.
static PROTOCOL: sys::mp_pin_p_t =
    upy::pin_protocol!(Pin, |pin: &Pin| pin.0.is_high(), |pin: &Pin, high| pin
        .0
        .set(high));

fn find(name: &str) -> Result<PinId> {
    let led = board::LEDS.iter().find(|led| led.name == name).map(|led| led.pin);
    let key = || board::KEYS.iter().find(|key| key.name == name).map(|key| key.pin);
    let pin = led
        .or_else(key)
        .or_else(|| PinId::parse(name))
        .ok_or(Error::Value(
            c"no such pin: use a name of the chip such as 'PA1', or one of the board such as 'LED'",
        ))?;
    match board::RESERVED.iter().find(|reserved| reserved.pin == pin) {
        None => Ok(pin),
        Some(board::Reserved { wire, owner, .. }) => Err(Error::new(
            Kind::Value,
            format_args!("{} is taken: it is the {wire} of {owner}", spelled(pin)),
        )),
    }
}

/// The pin that an object stands for: a Pin, or a name.
pub fn of(object: &Obj) -> Result<PinId> {
    if object.is_str() {
        find(object.as_str()?)
    } else {
        Ok(convert::<&Pin>("pin", object)?.0)
    }
}

/// `Pin(name, mode=None, pull=None, *, value=None)`
fn new(arguments: Arguments) -> Result<Obj> {
    let (first, rest) = arguments.split_first().ok_or(Error::Type(c"Pin needs a name"))?;
    let object = if first.is_a(Pin::TYPE.as_raw()) {
        *first
    } else if let Ok(derived) = <&Pin>::from_obj(first) {
        new_object(*derived)?
    } else if first.is_str() {
        new_object(Pin(find(first.as_str()?)?))?
    } else {
        return Err(Error::Type(c"a pin's name is a string"));
    };
    configure(convert("name", &object)?, rest)?;
    Ok(object)
}

/// `pin.init(mode=None, pull=None, *, value=None)`
fn init(arguments: Arguments) -> Result<()> {
    let (pin, rest) = arguments.split_first().ok_or(Error::Type(c"not a Pin"))?;
    configure(convert("self", pin)?, rest)
}

/// Without a mode nothing changes but the value. The value is set first: an output must not start with the other level.
fn configure(pin: &Pin, arguments: Arguments) -> Result<()> {
    args!(arguments => mode: Option<i32> = None, pull: Option<i32> = None, *, value: Option<bool> = None);
    let pin = pin.0;
    let pull = match pull {
        None | Some(PULL_NONE) => Pull::None,
        Some(PULL_UP) => Pull::Up,
        Some(PULL_DOWN) => Pull::Down,
        Some(_) => return Err(Error::Value(c"pull is None, Pin.PULL_UP or Pin.PULL_DOWN")),
    };
    if !matches!(mode, None | Some(IN | OUT | OPEN_DRAIN | ANALOG)) {
        return Err(Error::Value(
            c"mode is Pin.IN, Pin.OUT, Pin.OPEN_DRAIN or Pin.ANALOG",
        ));
    }
    if let Some(value) = value {
        pin.set(value);
    }
    match mode {
        Some(IN) => pin.input(pull),
        Some(OUT) => pin.output(false, pull),
        Some(OPEN_DRAIN) => pin.output(true, pull),
        Some(ANALOG) => pin.analog(),
        _ => (),
    }
    Ok(())
}

/// `pin.value()` reads the pin, `pin.value(x)` drives it.
fn value(arguments: Arguments) -> Result<Option<i32>> {
    let (pin, rest) = arguments.split_first().ok_or(Error::Type(c"not a Pin"))?;
    call(convert("self", pin)?, rest)
}

/// `pin()` and `pin(x)`: the same.
fn call(pin: &Pin, arguments: Arguments) -> Result<Option<i32>> {
    args!(arguments => x: Option<bool> = None);
    match x {
        None => Ok(Some(pin.0.is_high().into())),
        Some(high) => {
            pin.0.set(high);
            Ok(None)
        }
    }
}

fn drive(pin: &Pin, high: bool) -> Result<()> {
    pin.0.set(high);
    Ok(())
}

fn toggle(pin: &Pin) -> Result<()> {
    pin.0.set(!pin.0.is_set_high());
    Ok(())
}

fn mode(pin: &Pin) -> Result<i32> {
    Ok(match pin.0.mode() {
        Mode::Input => IN,
        Mode::Output => OUT,
        Mode::OpenDrain => OPEN_DRAIN,
        Mode::Alternate => ALTERNATE,
        Mode::Analog => ANALOG,
    })
}

fn name(pin: &Pin) -> Result<Obj> {
    Obj::str(&spelled(pin.0))
}

fn spelled(pin: PinId) -> heapless::String<8> {
    let mut text = heapless::String::new();
    // The longest name, "PA15", fits.
    let _ = write!(text, "P{}{}", pin.port(), pin.number());
    text
}

fn print(pin: &Pin, printer: &mut Printer) -> fmt::Result {
    let mode = match pin.0.mode() {
        Mode::Input => "IN",
        Mode::Output => "OUT",
        Mode::OpenDrain => "OPEN_DRAIN",
        Mode::Alternate => "ALTERNATE",
        Mode::Analog => "ANALOG",
    };
    write!(printer, "Pin('{}', mode=Pin.{mode})", spelled(pin.0))
}
