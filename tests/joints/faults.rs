//! Each joint of the memory chip, bad in each way, on the devebox, and how a verdict calls it. `crates/vboard/tests/board/joints.rs` and
//! `cargo xtask bench diagnose` take it in.

/// A fault, the pads that it concerns, and how its kind is told.
pub struct Fault {
    pub name: String,
    pub pads: Vec<u8>,
    pub words: &'static str,
}

/// Lines: the pad's name, its number, and the processor's pin.
const LINES: [(&str, u8, &str); 6] = [
    ("CE#", 1, "PB6"),
    ("SIO1", 2, "PD12"),
    ("SIO2", 3, "PE2"),
    ("SIO0", 5, "PD11"),
    ("SCLK", 6, "PB2"),
    ("SIO3", 7, "PD13"),
];
/// What may be wrong with a joint, and how the verdict calls it. An edge of CE# has a whole period, those of others half a one: 2.5
/// kOhm are too many for those at 50 MHz, 5 for that.
const KINDS: [(&str, &str); 5] = [
    ("open", "open."),
    ("gnd", "joined to ground"),
    ("vcc", "joined to the supply"),
    ("5k", "a bad contact"),
    ("20k", "a bad contact"),
];
/// Pins that lie beside each other on one of the packages, by the pads that a bridge joins.
const BRIDGES: [(&str, [u8; 2]); 6] = [
    ("CE#:SIO1", [1, 2]),
    ("SIO1:SIO2", [2, 3]),
    ("SIO0:SCLK", [5, 6]),
    ("SCLK:SIO3", [6, 7]),
    ("PD11:PD12", [5, 2]),
    ("PD12:PD13", [2, 7]),
];
const SUPPLY: [(&str, u8); 2] = [("VSS:open", 4), ("VDD:open", 8)];

/// All of them, each by itself.
pub fn all() -> Vec<Fault> {
    let mut faults = Vec::new();
    for (pad, number, processor) in LINES {
        for place in [pad, processor] {
            faults.extend(KINDS.map(|(kind, words)| Fault {
                name: format!("{place}:{kind}"),
                pads: vec![number],
                words,
            }));
        }
    }
    faults.extend(BRIDGES.map(|(name, pads)| Fault {
        name: name.to_owned(),
        pads: pads.to_vec(),
        words: "joined",
    }));
    faults.extend(SUPPLY.map(|(name, pad)| Fault {
        name: name.to_owned(),
        pads: vec![pad],
        words: "open.",
    }));
    faults
}

impl Fault {
    /// Whether the pads are among those that a verdict names.
    pub fn is_in(&self, said: &str) -> bool {
        self.pads.iter().all(|pad| names(said, *pad))
    }

    /// Whether the verdict names these pads alone, and the kind.
    pub fn is_named_by(&self, said: &str) -> bool {
        let list = said.split(": ").next().unwrap_or("");
        self.is_in(said) && list.matches("pin ").count() == self.pads.len() && said.contains(self.words)
    }
}

/// Whether a verdict names this pad.
pub fn names(said: &str, pad: u8) -> bool {
    said.contains(&format!("pin {pad} ("))
}
