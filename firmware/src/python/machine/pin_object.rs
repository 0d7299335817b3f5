//! What stands for a pin: an object that holds its name and no state.

use crate::board;
use core::fmt::Write;
use h7a3::gpio::PinId;
use h7a3::sdmmc;
use upy::{Error, Kind, Obj, Result, convert};

/// `machine.Pin`
#[derive(Clone, Copy)]
pub struct Pin(PinId);

impl Pin {
    /// The pin of this name.
    pub fn named(text: &str) -> Result<Pin> {
        find(text).map(Pin)
    }

    /// Which pin it is.
    pub fn id(&self) -> PinId {
        self.0
    }
}

fn find(name: &str) -> Result<PinId> {
    let led = board::LEDS.iter().find(|led| led.name == name).map(|led| led.pin);
    let key = || board::KEYS.iter().find(|key| key.name == name).map(|key| key.pin);
    let pin = led
        .or_else(key)
        .or_else(|| PinId::parse(name))
        .ok_or(Error::Value(
            c"no such pin: use a name of the chip such as 'PA1', or one of the board such as 'LED'",
        ))?;
    if let Some(flash) = board::EXT_FLASH.filter(|flash| flash.unit.is_reserved())
        && (flash.cs == pin || flash.bus.iter().any(|(wire, _)| *wire == pin))
    {
        return Err(Error::new(
            Kind::Value,
            format_args!(
                "{} is the second flash's: vfs.umount('/ext') and spiram.ExtFlash().deinit() give it to programs",
                spelled(pin)
            ),
        ));
    }
    if sdmmc::is_in_use() && board::SD.is_some_and(|wires| wires.iter().any(|(wire, _)| *wire == pin)) {
        return Err(Error::new(
            Kind::Value,
            format_args!(
                "{} is the SD card's: vfs.umount('/sd') and the card's deinit() give it to programs",
                spelled(pin)
            ),
        ));
    }
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

/// Its name of the chip.
pub fn spelled(pin: PinId) -> heapless::String<8> {
    let mut text = heapless::String::new();
    // The longest name, "PA15", fits.
    let _ = write!(text, "P{}{}", pin.port(), pin.number());
    text
}
