//! `machine.Pin`: pins by the chip's names ("PA1") and by the board's ("LED", "K1").
//!
//! A Pin object holds a name and no state: everything else is read from the chip. Interrupts and alternate functions
//! are not offered.

use crate::board;
use core::{ffi::c_void, fmt::Write};
use h7a3::gpio::{Mode, PinId, Pull};
use upy::{
    Arguments, Error, Obj, Printer, Result, RomDict, Type, Value, finish, fun, new_object, qstr, rom_dict,
    sys,
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
pub static TYPE: Type = Type::new(qstr::Pin)
    .make_new(make_new)
    .print(print)
    .call(call)
    .protocol(&PROTOCOL)
    .locals(&LOCALS);

static LOCALS: RomDict = rom_dict! {
    init: fun!(keywords 1.., init),
    value: fun!(1..=2, value),
    on: fun!(1, on),
    off: fun!(1, off),
    high: fun!(1, on),
    low: fun!(1, off),
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
};

/// How other objects of the core, such as Signal, use a pin.
static PROTOCOL: sys::mp_pin_p_t = sys::mp_pin_p_t { ioctl: Some(ioctl) };

#[derive(Clone, Copy)]
#[repr(C)]
struct Pin {
    base: sys::mp_obj_base_t,
    id: PinId,
}

/// The pin behind an object; methods of this type may also be called with something else.
fn id(object: Obj) -> Result<PinId> {
    if object.is_a(TYPE.as_raw()) {
        // SAFETY: objects of this type are `Pin`s, made by `new_object` below.
        Ok(unsafe { (*object.into_raw().cast::<Pin>()).id })
    } else {
        Err(Error::Type(c"not a Pin"))
    }
}

fn find(name: &str) -> Result<PinId> {
    let led = board::LEDS.iter().find(|led| led.name == name).map(|led| led.pin);
    let key = || board::KEYS.iter().find(|key| key.name == name).map(|key| key.pin);
    led.or_else(key)
        .or_else(|| PinId::parse(name))
        .ok_or(Error::Value(
            c"no such pin: use a name of the chip such as 'PA1', or one of the board such as 'LED'",
        ))
}

unsafe extern "C" fn make_new(
    _: *const sys::mp_obj_type_t,
    n_args: usize,
    n_kw: usize,
    args: *const *mut c_void,
) -> *mut c_void {
    // SAFETY: the core's arguments, alive during the call.
    finish(new(unsafe { Arguments::from_raw(n_args, n_kw, args) }))
}

/// `Pin(name, mode=None, pull=None, *, value=None)`
fn new(args: Arguments) -> Result<Obj> {
    let first = args.positional.first().ok_or(Error::Type(c"Pin needs a name"))?;
    let object = if first.is_a(TYPE.as_raw()) {
        *first
    } else if first.is_str() {
        let id = find(first.as_str()?)?;
        new_object(&TYPE, |base| Pin { base, id })?
    } else {
        return Err(Error::Type(c"a pin's name is a string"));
    };
    configure(id(object)?, args.skip(1))?;
    Ok(object)
}

/// `pin.init(mode=None, pull=None, *, value=None)`
fn init(args: Arguments) -> Result<Obj> {
    configure(id(args.positional[0])?, args.skip(1))?;
    Ok(Obj::NONE)
}

/// Without a mode nothing changes but the value. The value is set first: an output must not start with the other level.
fn configure(pin: PinId, args: Arguments) -> Result<()> {
    args.allow(2, &[qstr::mode, qstr::pull, qstr::value])?;
    let given = |name, position| args.get(name, position).filter(|o| *o != Obj::NONE);
    let pull = match given(qstr::pull, Some(1)).map(Obj::to_i32).transpose()? {
        None | Some(PULL_NONE) => Pull::None,
        Some(PULL_UP) => Pull::Up,
        Some(PULL_DOWN) => Pull::Down,
        Some(_) => return Err(Error::Value(c"pull is None, Pin.PULL_UP or Pin.PULL_DOWN")),
    };
    let mode = given(qstr::mode, Some(0)).map(Obj::to_i32).transpose()?;
    if !matches!(mode, None | Some(IN | OUT | OPEN_DRAIN | ANALOG)) {
        return Err(Error::Value(
            c"mode is Pin.IN, Pin.OUT, Pin.OPEN_DRAIN or Pin.ANALOG",
        ));
    }
    if let Some(value) = given(qstr::value, None) {
        pin.set(value.to_bool()?);
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
fn value(args: &[Obj]) -> Result<Obj> {
    let pin = id(args[0])?;
    match args.get(1) {
        None => Ok(Obj::small_int(pin.is_high().into())),
        Some(level) => {
            pin.set(level.to_bool()?);
            Ok(Obj::NONE)
        }
    }
}

unsafe extern "C" fn call(
    pin: *mut c_void,
    n_args: usize,
    n_kw: usize,
    args: *const *mut c_void,
) -> *mut c_void {
    // SAFETY: the core's arguments, alive during the call.
    let args = unsafe { Arguments::from_raw(n_args, n_kw, args) };
    let pin = Obj::from_raw(pin);
    finish(args.allow(1, &[]).and_then(|()| match args.positional.first() {
        None => value(&[pin]),
        Some(level) => value(&[pin, *level]),
    }))
}

fn on(pin: Obj) -> Result<Obj> {
    value(&[pin, Obj::TRUE])
}

fn off(pin: Obj) -> Result<Obj> {
    value(&[pin, Obj::FALSE])
}

fn toggle(pin: Obj) -> Result<Obj> {
    let pin = id(pin)?;
    pin.set(!pin.is_set_high());
    Ok(Obj::NONE)
}

fn mode(pin: Obj) -> Result<Obj> {
    Ok(Obj::small_int(match id(pin)?.mode() {
        Mode::Input => IN,
        Mode::Output => OUT,
        Mode::OpenDrain => OPEN_DRAIN,
        Mode::Alternate => ALTERNATE,
        Mode::Analog => ANALOG,
    }))
}

fn name(pin: Obj) -> Result<Obj> {
    Obj::str(&spelled(id(pin)?))
}

fn spelled(pin: PinId) -> heapless::String<8> {
    let mut text = heapless::String::new();
    // The longest name, "PA15", fits.
    let _ = write!(text, "P{}{}", pin.port(), pin.number());
    text
}

unsafe extern "C" fn print(print: *const sys::mp_print_t, pin: *mut c_void, _: sys::mp_print_kind_t) {
    if let Ok(pin) = id(Obj::from_raw(pin)) {
        let mode = match pin.mode() {
            Mode::Input => "IN",
            Mode::Output => "OUT",
            Mode::OpenDrain => "OPEN_DRAIN",
            Mode::Alternate => "ALTERNATE",
            Mode::Analog => "ANALOG",
        };
        // A stream that fails has said so to Python already.
        let _ = write!(Printer(print), "Pin('{}', mode=Pin.{mode})", spelled(pin));
    }
}

/// Reads or writes the pin for the core; an unknown request is -1, which the core reports.
unsafe extern "C" fn ioctl(
    pin: *mut c_void,
    request: sys::mp_uint_t,
    level: usize,
    _: *mut i32,
) -> sys::mp_uint_t {
    match (id(Obj::from_raw(pin)), request as i32) {
        (Ok(pin), sys::MP_PIN_READ) => pin.is_high().into(),
        (Ok(pin), sys::MP_PIN_WRITE) => {
            pin.set(level != 0);
            0
        }
        _ => sys::mp_uint_t::MAX,
    }
}
