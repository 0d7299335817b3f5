//! `machine.ADC`: voltages at pins, and of three sources inside the chip.
//!
//! Which channel a pin has is the chip's metadata (`board::FUNCTIONS`). Voltages are fractions of the supply, taken as 3.3 V.

use super::pin;
use crate::board::FUNCTIONS;
use core::fmt::{self, Write};
use h7a3::adc::{self, Input};
use h7a3::gpio::PinId;
use upy::{Arguments, Error, Obj, Printer, Result, Value, args, class, convert, fun, new_object};

/// The numbers that stand for the sources inside the chip.
const CORE_VREF: i32 = 0x100;
const CORE_TEMP: i32 = 0x101;
const CORE_VBAT: i32 = 0x102;

/// The supply, in microvolts.
const SUPPLY_UV: u64 = 3_300_000;

/// `machine.ADC`
#[allow(clippy::upper_case_acronyms, reason = "the class's name in Python")]
#[derive(Clone, Copy)]
pub struct ADC(Input);

class! {
    ADC as "an ADC" {
        make_new: new,
        print: print,
    }
    read_u16: fun!(1, read_u16),
    read_uv: fun!(1, read_uv),
    CORE_VREF: Value::int(CORE_VREF),
    CORE_TEMP: Value::int(CORE_TEMP),
    CORE_VBAT: Value::int(CORE_VBAT),
}

/// The channel of ADC1 that this pin carries.
fn channel(pin: PinId) -> Option<u8> {
    let mut functions = FUNCTIONS
        .iter()
        .filter(|f| f.pin == pin && f.peripheral == "ADC1");
    functions.find_map(|f| f.signal.strip_prefix("INP")?.parse().ok())
}

/// `ADC(source)`: a pin or its name, or one of the constants. Allocates.
fn new(arguments: Arguments) -> Result<Obj> {
    args!(arguments => source: Obj);
    let input = if source.is_int() {
        match convert("source", &source)? {
            CORE_VREF => Input::Reference,
            CORE_TEMP => Input::Temperature,
            CORE_VBAT => Input::Battery,
            _ => {
                return Err(Error::Value(
                    c"a source is a pin, or ADC.CORE_VREF, CORE_TEMP or CORE_VBAT",
                ));
            }
        }
    } else {
        let pin = pin::of(&source)?;
        let channel = channel(pin).ok_or(Error::Value(c"this pin has no analog input"))?;
        pin.analog();
        Input::Channel(channel)
    };
    new_object(ADC(input))
}

/// `adc.read_u16()`: 0 to 65535, the whole supply.
fn read_u16(adc: &ADC) -> Result<u32> {
    Ok(adc::read(adc.0).into())
}

/// `adc.read_uv()`: microvolts at the input; of VBAT a quarter, as the converter sees it.
fn read_uv(adc: &ADC) -> Result<u32> {
    Ok((u64::from(adc::read(adc.0)) * SUPPLY_UV / 65535) as u32)
}

fn print(adc: &ADC, printer: &mut Printer) -> fmt::Result {
    match adc.0 {
        Input::Channel(channel) => write!(printer, "ADC(channel={channel})"),
        Input::Reference => printer.write_str("ADC(ADC.CORE_VREF)"),
        Input::Temperature => printer.write_str("ADC(ADC.CORE_TEMP)"),
        Input::Battery => printer.write_str("ADC(ADC.CORE_VBAT)"),
    }
}
