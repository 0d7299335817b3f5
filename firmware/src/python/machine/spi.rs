//! `machine.SPI`: the chip's units as controllers. Its methods are the core's, which `SoftSPI` has too.

use super::bus_pins::{self, free, name};
use super::pin;
use core::cell::Cell;
use core::fmt::{self, Write};
use h7a3::gpio::{PinId, Pull};
use h7a3::spi::{FASTEST_HZ, Format, SLOWEST_HZ, Unit};
use upy::{
    Arguments, Error, Kind, Obj, Printer, Result, args, class, interpreter, new_object, spi_protocol, sys,
};

/// SCK, MOSI and MISO of a unit when none are named.
const USUAL: &[(u8, [&str; 3])] = &[
    (1, ["PA5", "PA7", "PA6"]),
    (2, ["PB13", "PB15", "PB14"]),
    (3, ["PC10", "PC12", "PC11"]),
    (4, ["PE12", "PE14", "PE13"]),
];
const SIGNALS: [&str; 3] = ["SCK", "MOSI", "MISO"];
/// Values of `firstbit`, as the core has them in the class.
const MSB: u32 = 0;
const LSB: u32 = 1;

/// `machine.SPI`
#[allow(clippy::upper_case_acronyms, reason = "the class's name in Python")]
pub struct SPI {
    unit: Unit,
    /// In the order of [`SIGNALS`].
    pins: [Option<PinId>; 3],
    baudrate: Cell<u32>,
    format: Cell<Format>,
    is_on: Cell<bool>,
}

class! {
    SPI as "an SPI" {
        make_new: new,
        print: print,
        protocol: &PROTOCOL,
        core_methods: &raw const sys::mp_machine_spi_locals_dict,
    }
}

static PROTOCOL: sys::mp_machine_spi_p_t = spi_protocol!(SPI, init, deinit, transfer);

/// `SPI(id, baudrate=1_000_000, *, polarity=0, phase=0, bits=8, firstbit=SPI.MSB, sck=None, mosi=None, miso=None)`
fn new(arguments: Arguments) -> Result<Obj> {
    args!(arguments => id: u32, baudrate: u32 = 1_000_000, *, polarity: u32 = 0, phase: u32 = 0, bits: u32 = 8,
        firstbit: u32 = MSB, sck: Option<Obj> = None, mosi: Option<Obj> = None, miso: Option<Obj> = None);
    let unit = Unit::new(id).ok_or(Error::Value(c"id is 1 to 4 or 6, for SPI1 to SPI4 and SPI6"))?;
    let format = format(polarity, phase, bits, firstbit)?;
    check_baudrate(baudrate)?;
    let of = |given: &Option<Obj>| given.as_ref().map(pin::of).transpose();
    let pins = match [of(&sck)?, of(&mosi)?, of(&miso)?] {
        [None, None, None] => usual(unit)?.map(Some),
        [None, ..] => return Err(Error::Value(c"SPI needs sck, or none of the pins")),
        pins => pins,
    };
    let spi = SPI {
        unit,
        pins,
        baudrate: Cell::new(baudrate),
        format: Cell::new(format),
        is_on: Cell::new(false),
    };
    spi.start()?;
    new_object(spi)
}

/// `spi.init(baudrate=..., *, polarity=..., phase=..., bits=..., firstbit=...)`: what is not given stays.
fn init(spi: &SPI, arguments: Arguments) -> Result<()> {
    let was = spi.format.get();
    args!(arguments => baudrate: u32 = spi.baudrate.get(), *, polarity: u32 = was.idle_high.into(),
        phase: u32 = was.second_edge.into(), bits: u32 = if was.wide { 16 } else { 8 },
        firstbit: u32 = if was.lsb_first { LSB } else { MSB });
    let format = format(polarity, phase, bits, firstbit)?;
    check_baudrate(baudrate)?;
    spi.format.set(format);
    spi.baudrate.set(baudrate);
    spi.start()
}

/// A part of the board may have the unit.
fn check_free(unit: Unit) -> Result<()> {
    if h7a3::screen::on(unit) {
        return Err(Error::new(
            Kind::Value,
            format_args!(
                "SPI{} is the display's: its deinit() gives it to programs",
                unit.number()
            ),
        ));
    }
    if unit.is_reserved() {
        return Err(Error::new(
            Kind::Value,
            format_args!(
                "SPI{} is the second flash's: vfs.umount('/ext') and spiram.ExtFlash().deinit() give it to programs",
                unit.number()
            ),
        ));
    }
    Ok(())
}

impl SPI {
    fn start(&self) -> Result<()> {
        check_free(self.unit)?;
        let name = name("SPI", self.unit.number());
        let mut numbers = [0; 3];
        for ((number, pin), signal) in numbers.iter_mut().zip(self.pins).zip(SIGNALS) {
            if let Some(pin) = pin {
                *number = bus_pins::number(&name, pin, signal)?;
            }
        }
        self.baudrate
            .set(self.unit.start(self.baudrate.get(), self.format.get()));
        for (pin, number) in self.pins.into_iter().zip(numbers) {
            if let Some(pin) = pin {
                pin.alternate(number, false, Pull::None);
                // Steep enough for 32 MHz.
                pin.set_speed(2);
            }
        }
        self.is_on.set(true);
        Ok(())
    }
}

fn format(polarity: u32, phase: u32, bits: u32, firstbit: u32) -> Result<Format> {
    if polarity > 1 || phase > 1 {
        return Err(Error::Value(c"polarity and phase are 0 or 1"));
    }
    if firstbit != MSB && firstbit != LSB {
        return Err(Error::Value(c"firstbit is SPI.MSB or SPI.LSB"));
    }
    if bits != 8 && bits != 16 {
        return Err(Error::Value(c"bits is 8 or 16"));
    }
    Ok(Format {
        idle_high: polarity == 1,
        second_edge: phase == 1,
        lsb_first: firstbit == LSB,
        wide: bits == 16,
    })
}

fn check_baudrate(baudrate: u32) -> Result<()> {
    if baudrate >= SLOWEST_HZ {
        return Ok(());
    }
    Err(Error::new(
        Kind::Value,
        format_args!(
            "baudrate={baudrate} cannot be made: {SLOWEST_HZ} to {FASTEST_HZ} can; SoftSPI is slower"
        ),
    ))
}

fn usual(unit: Unit) -> Result<[PinId; 3]> {
    let row = USUAL.iter().find(|row| row.0 == unit.number());
    let pins = row.and_then(|(_, [sck, mosi, miso])| Some([free(sck)?, free(mosi)?, free(miso)?]));
    pins.ok_or(Error::Value(
        c"this SPI has no usual pins: name them, by sck, mosi and miso",
    ))
}

/// Pins are let go; `init` takes them again.
fn deinit(spi: &SPI) -> Result<()> {
    if spi.is_on.replace(false) && !spi.unit.is_reserved() {
        spi.unit.stop();
        for pin in spi.pins.into_iter().flatten() {
            pin.analog();
        }
    }
    Ok(())
}

fn transfer(spi: &SPI, out: &[Cell<u8>], into: &[Cell<u8>]) -> Result<()> {
    if !spi.is_on.get() {
        return Err(Error::Value(
            c"this SPI is off after deinit(); init() switches it on",
        ));
    }
    check_free(spi.unit)?;
    let format = spi.format.get();
    if format.wide && !out.len().is_multiple_of(2) {
        return Err(Error::Value(
            c"with bits=16 a buffer holds an even number of bytes",
        ));
    }
    spi.unit.transfer(out, into, format, interpreter::interrupted);
    Ok(())
}

fn print(spi: &SPI, printer: &mut Printer) -> fmt::Result {
    let format = spi.format.get();
    write!(
        printer,
        "SPI({}, baudrate={}, polarity={}, phase={}, bits={}, firstbit=SPI.{}",
        spi.unit.number(),
        spi.baudrate.get(),
        u8::from(format.idle_high),
        u8::from(format.second_edge),
        if format.wide { 16 } else { 8 },
        if format.lsb_first { "LSB" } else { "MSB" }
    )?;
    for (pin, name) in spi.pins.into_iter().zip(["sck", "mosi", "miso"]) {
        if let Some(pin) = pin {
            write!(printer, ", {name}={}", pin::spelled(pin))?;
        }
    }
    printer.write_str(")")
}
