//! `machine.I2C`: the chip's units. Its methods are the core's, which `SoftI2C` has too; here is what they need of a bus.

use super::bus_pins::{self, free, name};
use super::pin;
use core::cell::Cell;
use core::ffi::CStr;
use core::fmt::{self, Write};
use h7a3::gpio::{PinId, Pull};
use h7a3::i2c::{Data, FASTEST_HZ, Fault, Patience, SLOWEST_HZ, Unit};
use upy::{
    Arguments, Error, Kind, Obj, Printer, Result, Transfer, args, class, i2c_protocol, interpreter,
    new_object, sys,
};

/// The pins of a unit when none are named: those that are free on every board.
const USUAL: &[(u8, &str, &str)] = &[(1, "PB8", "PB9"), (2, "PB10", "PB11"), (3, "PA8", "PC9")];

/// `machine.I2C`
pub struct I2C {
    unit: Unit,
    scl: Cell<PinId>,
    sda: Cell<PinId>,
    freq: Cell<u32>,
    timeout_us: Cell<u32>,
}

class! {
    I2C as "an I2C" {
        make_new: new,
        print: print,
        protocol: &PROTOCOL,
        core_methods: &raw const sys::mp_machine_i2c_locals_dict,
    }
}

static PROTOCOL: sys::mp_machine_i2c_p_t = i2c_protocol!(I2C, init, transfer);

/// `I2C(id=None, *, scl=None, sda=None, freq=400_000, timeout=50_000)`. Without id the pins tell which unit it is.
fn new(arguments: Arguments) -> Result<Obj> {
    args!(arguments => id: Option<u32> = None, *, scl: Option<Obj> = None, sda: Option<Obj> = None,
        freq: u32 = 400_000, timeout: u32 = 50_000);
    check_freq(freq)?;
    let scl = scl.as_ref().map(pin::of).transpose()?;
    let sda = sda.as_ref().map(pin::of).transpose()?;
    let unit = match (id, scl, sda) {
        (Some(id), ..) => Unit::new(id).ok_or(Error::Value(c"id is 1 to 4, for I2C1 to I2C4"))?,
        (None, Some(scl), Some(sda)) => unit_of(scl, sda)?,
        (None, ..) => return Err(Error::Value(c"I2C needs an id, 1 to 4, or both scl and sda")),
    };
    let (scl, sda) = match (scl, sda) {
        (Some(scl), Some(sda)) => (scl, sda),
        (None, None) => usual(unit)?,
        _ => return Err(Error::Value(c"I2C needs both scl and sda, or neither")),
    };
    let [to_scl, to_sda] = [number(unit, scl, "SCL")?, number(unit, sda, "SDA")?];
    scl.alternate(to_scl, true, Pull::Up);
    sda.alternate(to_sda, true, Pull::Up);
    unit.start(freq);
    new_object(I2C {
        unit,
        scl: Cell::new(scl),
        sda: Cell::new(sda),
        freq: Cell::new(freq),
        timeout_us: Cell::new(timeout),
    })
}

/// `i2c.init(*, scl=None, sda=None, freq=..., timeout=...)`: what is not given stays.
fn init(i2c: &I2C, arguments: Arguments) -> Result<()> {
    args!(arguments => *, scl: Option<Obj> = None, sda: Option<Obj> = None,
        freq: u32 = i2c.freq.get(), timeout: u32 = i2c.timeout_us.get());
    check_freq(freq)?;
    for (given, signal, place) in [(scl, "SCL", &i2c.scl), (sda, "SDA", &i2c.sda)] {
        let pin = given.as_ref().map(pin::of).transpose()?.unwrap_or(place.get());
        pin.alternate(number(i2c.unit, pin, signal)?, true, Pull::Up);
        place.set(pin);
    }
    i2c.freq.set(freq);
    i2c.timeout_us.set(timeout);
    i2c.unit.start(freq);
    Ok(())
}

fn check_freq(freq: u32) -> Result<()> {
    if (SLOWEST_HZ..=FASTEST_HZ).contains(&freq) {
        return Ok(());
    }
    Err(Error::new(
        Kind::Value,
        format_args!("freq={freq} cannot be made: {SLOWEST_HZ} to {FASTEST_HZ} Hz can"),
    ))
}

/// The alternate function that puts a signal of the unit on a pin.
fn number(unit: Unit, pin: PinId, signal: &str) -> Result<u8> {
    bus_pins::number(&name("I2C", unit.number()), pin, signal)
}

fn lookup(unit: Unit, pin: PinId, signal: &str) -> Option<u8> {
    bus_pins::lookup(&name("I2C", unit.number()), pin, signal)
}

/// The unit that both pins lead to.
fn unit_of(scl: PinId, sda: PinId) -> Result<Unit> {
    let units = (1..=4).filter_map(Unit::new);
    let mut both =
        units.filter(|&unit| lookup(unit, scl, "SCL").is_some() && lookup(unit, sda, "SDA").is_some());
    both.next().ok_or_else(|| {
        Error::new(
            Kind::Value,
            format_args!(
                "no I2C has SCL on {} and SDA on {}; SoftI2C works on any pins",
                pin::spelled(scl),
                pin::spelled(sda)
            ),
        )
    })
}

fn usual(unit: Unit) -> Result<(PinId, PinId)> {
    const NONE: &CStr = c"this I2C has no usual pins: name them, by scl and sda";
    let row = USUAL
        .iter()
        .find(|row| row.0 == unit.number())
        .ok_or(Error::Value(NONE))?;
    free(row.1).zip(free(row.2)).ok_or(Error::Value(NONE))
}

/// One message; the core puts its methods together of such.
fn transfer(i2c: &I2C, address: u16, transfer: Transfer, stop: bool) -> Result<usize> {
    let einval = Error::Os(sys::MP_EINVAL);
    let address = u8::try_from(address)
        .ok()
        .filter(|address| *address < 0x80)
        .ok_or(einval)?;
    let patience = Patience {
        timeout_us: i2c.timeout_us.get(),
        stopped: interpreter::interrupted,
    };
    let (data, reads) = match transfer {
        // A part that has put a zero on SDA would not let a stop through.
        Transfer::Read([]) => return Err(einval),
        Transfer::Read(bytes) => (Data::Read(bytes), true),
        Transfer::Write(bytes) => (Data::Write(bytes), false),
    };
    match i2c.unit.transfer(address, data, stop, patience) {
        Ok(_) if reads => Ok(0),
        Ok(acknowledged) => Ok(acknowledged),
        Err(Fault::NoDevice) => Err(Error::Os(sys::MP_ENODEV)),
        Err(Fault::Timeout) => Err(Error::Os(sys::MP_ETIMEDOUT)),
        Err(Fault::Lost | Fault::Stopped) => Err(Error::Os(sys::MP_EIO)),
    }
}

fn print(i2c: &I2C, printer: &mut Printer) -> fmt::Result {
    write!(
        printer,
        "I2C({}, scl={}, sda={}, freq={}, timeout={})",
        i2c.unit.number(),
        pin::spelled(i2c.scl.get()),
        pin::spelled(i2c.sda.get()),
        i2c.freq.get(),
        i2c.timeout_us.get()
    )
}
