//! `Pin.cpu` and `Pin.board`: the pins as attributes, by the chip's names and by the board's.

use super::pin_object::Pin;
use crate::board;
use h7a3::gpio::PinId;
use upy::{Obj, Result, StaticObject, class, name, new_object, slots::Access};

/// Whose names.
#[derive(Clone, Copy)]
pub enum PinNames {
    /// `A5`, or `PA5`.
    Cpu,
    /// What the board's print says: `LED`, `K1`.
    Board,
}

class! {
    PinNames as "names of pins" {
        attr: |names: &PinNames, qstr, access| match access {
            Access::Load => named(*names, name(qstr)),
            _ => Ok(None),
        },
    }
}

/// `Pin.cpu`
pub static CPU: StaticObject<PinNames> = StaticObject::new(PinNames::Cpu);
/// `Pin.board`
pub static BOARD: StaticObject<PinNames> = StaticObject::new(PinNames::Board);

fn named(names: PinNames, text: &str) -> Result<Option<Obj>> {
    let known = match names {
        PinNames::Cpu => {
            text.starts_with(|letter: char| letter.is_ascii_uppercase()) && PinId::parse(text).is_some()
        }
        PinNames::Board => {
            board::LEDS.iter().any(|led| led.name == text) || board::KEYS.iter().any(|key| key.name == text)
        }
    };
    known.then(|| new_object(Pin::named(text)?)).transpose()
}
