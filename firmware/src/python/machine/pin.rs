//! `machine.Pin`: pins by the chip's names ("PA1") and by the board's ("LED", "K1").
//!
//! A Pin object holds a name and no state: everything else is read from the chip.

pub use super::pin_object::{Pin, of, spelled};
use super::{edges, pin_names};
use crate::board;
use core::ffi::CStr;
use core::fmt::{self, Write};
use h7a3::gpio::{Mode, PinId, Pull};
use h7a3::time::delay_us;
use upy::{
    Arguments, Class, Error, FromObj, Kind, Obj, Printer, Result, Value, args, class, convert, fun,
    new_object, sys,
};

const IN: i32 = 0;
const OUT: i32 = 1;
const OPEN_DRAIN: i32 = 2;
const ALTERNATE: i32 = 3;
const ANALOG: i32 = 4;
const ALTERNATE_OPEN_DRAIN: i32 = 5;
const PULL_NONE: i32 = 0;
const PULL_UP: i32 = 1;
const PULL_DOWN: i32 = 2;
/// The steepest edges of an output.
const DRIVE_MOST: u8 = 3;

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
    mode: fun!(1..=2, change_mode),
    pull: fun!(1..=2, change_pull),
    drive: fun!(1..=2, change_drive),
    irq: fun!(keywords 1.., irq),
    name: fun!(1, name),
    cpu: Value::at(&pin_names::CPU),
    board: Value::at(&pin_names::BOARD),
    IN: Value::int(IN),
    OUT: Value::int(OUT),
    OPEN_DRAIN: Value::int(OPEN_DRAIN),
    ANALOG: Value::int(ANALOG),
    ALT: Value::int(ALTERNATE),
    ALT_OPEN_DRAIN: Value::int(ALTERNATE_OPEN_DRAIN),
    PULL_NONE: Value::int(PULL_NONE),
    PULL_UP: Value::int(PULL_UP),
    PULL_DOWN: Value::int(PULL_DOWN),
    DRIVE_0: Value::int(0),
    DRIVE_1: Value::int(1),
    DRIVE_2: Value::int(2),
    DRIVE_3: Value::int(DRIVE_MOST as i32),
    IRQ_RISING: Value::int(edges::RISING),
    IRQ_FALLING: Value::int(edges::FALLING),
}

/// How other objects of the core, such as Signal, use a pin.
static PROTOCOL: sys::mp_pin_p_t =
    upy::pin_protocol!(Pin, |pin: &Pin| level(pin.id()), |pin: &Pin, high| pin
        .id()
        .set(high));

/// `Pin(id, mode=None, pull=None, *, value=None, drive=None, alt=None)`
fn new(arguments: Arguments) -> Result<Obj> {
    let (first, rest) = arguments.split_first().ok_or(Error::Type(c"Pin needs a name"))?;
    let object = if first.is_a(Pin::TYPE.as_raw()) {
        *first
    } else if let Ok(derived) = <&Pin>::from_obj(first) {
        new_object(*derived)?
    } else if first.is_str() {
        new_object(Pin::named(first.as_str()?)?)?
    } else {
        return Err(Error::Type(c"a pin's name is a string"));
    };
    configure(convert("name", &object)?, rest)?;
    Ok(object)
}

/// `pin.init(mode=None, pull=None, *, value=None, drive=None, alt=None)`
fn init(arguments: Arguments) -> Result<()> {
    let (pin, rest) = arguments.split_first().ok_or(Error::Type(c"not a Pin"))?;
    configure(convert("self", pin)?, rest)
}

/// Without a mode nothing changes but value and drive. The value is set first: an output must not start with the other level.
fn configure(pin: &Pin, arguments: Arguments) -> Result<()> {
    args!(arguments => mode: Option<i32> = None, pull: Option<i32> = None, *, value: Option<bool> = None,
        drive: Option<u8> = None, alt: Option<i32> = None);
    let pin = pin.id();
    let pull = pull_of(pull)?;
    let mode = mode.filter(|mode| *mode != UNCHANGED);
    let number = match mode {
        None | Some(IN | OUT | OPEN_DRAIN | ANALOG) => 0,
        Some(ALTERNATE | ALTERNATE_OPEN_DRAIN) => function(pin, alt)?,
        Some(_) => return Err(Error::Value(NO_MODE)),
    };
    if let Some(drive) = drive {
        set_drive(pin, drive)?;
    }
    if let Some(value) = value {
        pin.set(value);
    }
    match mode {
        Some(IN) => pin.input(pull),
        Some(OUT) => pin.output(false, pull),
        Some(OPEN_DRAIN) => pin.output(true, pull),
        Some(ANALOG) => pin.analog(),
        Some(ALTERNATE) => pin.alternate(number, false, pull),
        Some(ALTERNATE_OPEN_DRAIN) => pin.alternate(number, true, pull),
        _ => (),
    }
    Ok(())
}

/// Stands for no mode in programs that were written for other ports.
const UNCHANGED: i32 = -1;
const NO_MODE: &CStr = c"mode is Pin.IN, Pin.OUT, Pin.OPEN_DRAIN, Pin.ALT, Pin.ALT_OPEN_DRAIN or Pin.ANALOG";

fn pull_of(pull: Option<i32>) -> Result<Pull> {
    match pull {
        None | Some(UNCHANGED | PULL_NONE) => Ok(Pull::None),
        Some(PULL_UP) => Ok(Pull::Up),
        Some(PULL_DOWN) => Ok(Pull::Down),
        Some(_) => Err(Error::Value(c"pull is None, Pin.PULL_UP or Pin.PULL_DOWN")),
    }
}

/// The number of an alternate function that leads somewhere.
fn function(pin: PinId, alt: Option<i32>) -> Result<u8> {
    let number = alt.ok_or(Error::Value(
        c"Pin.ALT needs alt, the number of the alternate function",
    ))?;
    let of_pin = || board::FUNCTIONS.iter().filter(|f| f.pin == pin);
    if let Some(f) = of_pin().find(|f| f.number.map(i32::from) == Some(number)) {
        return Ok(f.number.unwrap_or_default());
    }
    let mut known = heapless::String::<80>::new();
    let mut last = None;
    for f in of_pin().filter(|f| f.number.is_some()) {
        if last != f.number {
            // What does not fit is left out.
            let _ = write!(known, " {}", f.number.unwrap_or_default());
        }
        last = f.number;
    }
    Err(Error::new(
        Kind::Value,
        format_args!("alt={number} selects nothing on {}; it has:{known}", spelled(pin)),
    ))
}

fn set_drive(pin: PinId, drive: u8) -> Result<()> {
    if drive > DRIVE_MOST {
        return Err(Error::Value(c"drive is Pin.DRIVE_0 to Pin.DRIVE_3"));
    }
    pin.set_speed(drive);
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
        None => Ok(Some(level(pin.id()).into())),
        Some(high) => {
            pin.id().set(high);
            Ok(None)
        }
    }
}

/// How long a resistor inside the chip takes to move a line.
const SETTLE_US: u64 = 2;

/// The level on the pin. One that nobody has given a mode is analog since the reset, its input off: it is switched on for the look.
fn level(pin: PinId) -> bool {
    if pin.mode() != Mode::Analog {
        return pin.is_high();
    }
    let pull = pin.pull();
    pin.input(pull);
    delay_us(SETTLE_US);
    let is_high = pin.is_high();
    pin.analog();
    pin.set_pull(pull);
    is_high
}

fn drive(pin: &Pin, high: bool) -> Result<()> {
    pin.id().set(high);
    Ok(())
}

fn toggle(pin: &Pin) -> Result<()> {
    pin.id().set(!pin.id().is_set_high());
    Ok(())
}

fn mode(pin: PinId) -> i32 {
    match pin.mode() {
        Mode::Input => IN,
        Mode::Output => OUT,
        Mode::OpenDrain => OPEN_DRAIN,
        Mode::Alternate if pin.is_open_drain() => ALTERNATE_OPEN_DRAIN,
        Mode::Alternate => ALTERNATE,
        Mode::Analog => ANALOG,
    }
}

/// `pin.mode([mode])`: what it was, perhaps changed. The pull stays.
fn change_mode(arguments: Arguments) -> Result<i32> {
    let (pin, rest) = arguments.split_first().ok_or(Error::Type(c"not a Pin"))?;
    args!(rest => mode: Option<i32> = None);
    let pin = convert::<&Pin>("self", pin)?.id();
    let (before, pull) = (self::mode(pin), pin.pull());
    match mode {
        None => (),
        Some(IN) => pin.input(pull),
        Some(OUT) => pin.output(false, pull),
        Some(OPEN_DRAIN) => pin.output(true, pull),
        Some(ANALOG) => pin.analog(),
        Some(_) => {
            return Err(Error::Value(
                c"mode is Pin.IN, Pin.OUT, Pin.OPEN_DRAIN or Pin.ANALOG; others need alt: use init",
            ));
        }
    }
    Ok(before)
}

/// `pin.pull([pull])`: what it was, perhaps changed.
fn change_pull(arguments: Arguments) -> Result<Option<i32>> {
    let (object, rest) = arguments.split_first().ok_or(Error::Type(c"not a Pin"))?;
    let pin = convert::<&Pin>("self", object)?.id();
    let before = match pin.pull() {
        Pull::None => None,
        Pull::Up => Some(PULL_UP),
        Pull::Down => Some(PULL_DOWN),
    };
    if let Some((pull, _)) = rest.split_first() {
        pin.set_pull(pull_of(convert("pull", pull)?)?);
    }
    Ok(before)
}

/// `pin.drive([drive])`: how steep its edges were, perhaps changed.
fn change_drive(arguments: Arguments) -> Result<i32> {
    let (pin, rest) = arguments.split_first().ok_or(Error::Type(c"not a Pin"))?;
    args!(rest => drive: Option<u8> = None);
    let pin = convert::<&Pin>("self", pin)?.id();
    let before = pin.speed();
    if let Some(drive) = drive {
        set_drive(pin, drive)?;
    }
    Ok(before.into())
}

fn name(pin: &Pin) -> Result<Obj> {
    Obj::str(&spelled(pin.id()))
}

/// `pin.irq(handler=None, trigger=Pin.IRQ_FALLING | Pin.IRQ_RISING, *, hard=False)`. Allocates.
fn irq(arguments: Arguments) -> Result<Obj> {
    let (object, rest) = arguments.split_first().ok_or(Error::Type(c"not a Pin"))?;
    edges::attach(convert::<&Pin>("self", object)?.id(), *object, rest)
}

fn print(pin: &Pin, printer: &mut Printer) -> fmt::Result {
    let mode = match mode(pin.id()) {
        IN => "IN",
        OUT => "OUT",
        OPEN_DRAIN => "OPEN_DRAIN",
        ANALOG => "ANALOG",
        kind => {
            let kind = if kind == ALTERNATE {
                "ALT"
            } else {
                "ALT_OPEN_DRAIN"
            };
            let (name, number) = (spelled(pin.id()), pin.id().function());
            return write!(printer, "Pin('{name}', mode=Pin.{kind}, alt={number})");
        }
    };
    write!(printer, "Pin('{}', mode=Pin.{mode})", spelled(pin.id()))
}
