//! What meets on a piece of copper: voltages behind resistances.

/// The supply of all pads.
pub const SUPPLY_MV: u32 = 3300;
/// A pad's output stage: 0.4 V at 8 mA (DS13195, output voltage levels).
const OUTPUT_OHMS: u32 = 50;
/// A pad's pull-up or pull-down (DS13195, I/O static characteristics: 30 to 50 kOhm).
const PULL_OHMS: u32 = 40_000;

/// What one party puts on a net.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drive {
    /// The voltage that the party would make alone.
    pub millivolts: u32,
    /// What lies between that voltage and the net; at least 1.
    pub ohms: u32,
}

impl Drive {
    /// An output stage of the chip.
    pub const fn output(high: bool) -> Drive {
        Drive {
            millivolts: if high { SUPPLY_MV } else { 0 },
            ohms: OUTPUT_OHMS,
        }
    }

    /// A pull inside the chip.
    pub const fn pull(up: bool) -> Drive {
        Drive {
            millivolts: if up { SUPPLY_MV } else { 0 },
            ohms: PULL_OHMS,
        }
    }

    /// A resistor of a part, to the supply.
    pub const fn pull_up(ohms: u32) -> Drive {
        Drive {
            millivolts: SUPPLY_MV,
            ohms,
        }
    }

    /// A contact, a source: nothing in between.
    pub const fn source(millivolts: u32) -> Drive {
        Drive { millivolts, ohms: 1 }
    }

    /// Does it decide what is on the net, or does it give way?
    pub const fn is_strong(self) -> bool {
        self.ohms < 1000
    }
}

/// What a pin is set up for (GPIO_MODER).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Input.
    Input,
    /// Output from ODR.
    Output,
    /// Alternate function, with its number (AFR).
    Alternate(u8),
    /// Analog; also the state after reset.
    Analog,
}

/// A pad of the chip, as its port has set it up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pad {
    /// What it is for.
    pub mode: Mode,
    /// What the port drives, if the pin is an output.
    pub output: Option<Drive>,
    /// Its resistor, if one is switched on.
    pub pull: Option<Drive>,
    /// A high level is not driven, whoever makes it.
    pub open_drain: bool,
}
