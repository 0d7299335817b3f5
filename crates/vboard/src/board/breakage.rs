//! What is wrong with the soldering, by name: `SIO2:open`, `PE2:gnd`, `SIO0:CLK`, `CE#:4.7k`, `SIO1:loose=1000000.7`,
//! `memory:turned`, `stub:250mm`; and from when on, `SIO2:open@500ms`.

use super::fault::Fault;
use super::{Board, Pin};
use chipmodel::Time;
use chipmodel::onchip::octospi::Loose;
use std::fmt;

/// The pads of an 8-pin memory: number, the name that the netlist has, and all names.
const PADS: [(&str, &[&str]); 8] = [
    ("CE#", &["CE#", "CE", "CS#"]),
    ("SIO1", &["SIO1", "SO", "SO/SIO1"]),
    ("SIO2", &["SIO2"]),
    ("VSS", &["VSS", "GND"]),
    ("SIO0", &["SIO0", "SI", "SI/SIO0"]),
    ("CLK", &["SCLK", "CLK", "SCK"]),
    ("SIO3", &["SIO3"]),
    ("VDD", &["VDD", "VCC"]),
];

/// A joint that is bad, or a bridge between two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Breakage {
    /// A joint of the memory (`memory`, `SIO2`) or of the processor (`chip`, `PE2`).
    Joint {
        /// Whose.
        part: &'static str,
        /// Which.
        pin: String,
        /// What is wrong with it.
        fault: Fault,
    },
    /// Two nets are one.
    Bridge(Pin, Pin),
    /// The memory is turned by 180 degrees.
    Turned,
    /// The camera is pulled out of its connector.
    NoCamera,
    /// Wires that long branch off the memory's lines.
    Stub {
        /// Each.
        mm: u32,
    },
}

/// A fault that cannot be made of what was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownFault(String);

impl fmt::Display for UnknownFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UnknownFault {}

/// A place that can be broken.
enum Place {
    Pad(&'static str),
    Pin(Pin),
}

impl Place {
    fn parse(text: &str) -> Option<Place> {
        let pad = PADS
            .iter()
            .find(|(_, names)| names.iter().any(|name| name.eq_ignore_ascii_case(text)));
        match pad {
            Some((name, _)) => Some(Place::Pad(name)),
            None => text.to_ascii_uppercase().parse().ok().map(Place::Pin),
        }
    }

    /// The net, if it has one.
    fn net(&self, board: &Board) -> Option<Pin> {
        match self {
            Place::Pin(pin) => Some(*pin),
            Place::Pad(name) => boardfile::nets(board).into_iter().find_map(|net| {
                let is_it = |joint: &boardfile::Joint| joint.part == "memory" && joint.pin == *name;
                net.joints.iter().any(is_it).then_some(net.pin)
            }),
        }
    }
}

/// `PLACE:KIND` or `PLACE:KIND@TIME` on this board: when, and what.
///
/// # Errors
/// As [`parse`], or if the time is none.
pub fn parse_at(text: &str, board: &Board) -> Result<(Time, Breakage), UnknownFault> {
    let Some((fault, time)) = text.split_once('@') else {
        return Ok((Time(0), parse(text, board)?));
    };
    let units = [("ms", 1_000_000_000), ("us", 1_000_000), ("s", 1_000_000_000_000)];
    let mut found = units.iter().filter_map(|(unit, picos)| {
        let number: u64 = time.strip_suffix(unit)?.parse().ok()?;
        number.checked_mul(*picos)
    });
    let time = found.next().ok_or_else(|| {
        UnknownFault(format!(
            "`{text}`: `{time}` is no time; expected a whole number of us, ms or s, as in @500ms"
        ))
    })?;
    Ok((Time(time), parse(fault, board)?))
}

/// `PLACE:KIND` on this board.
///
/// # Errors
/// If there is no such place or kind; the text lists what there is.
pub fn parse(text: &str, board: &Board) -> Result<Breakage, UnknownFault> {
    let Some((place, kind)) = text.split_once(':') else {
        return Err(UnknownFault(format!(
            "`{text}` is no fault; expected PLACE:KIND, as in SIO2:open"
        )));
    };
    match place.to_ascii_lowercase().as_str() {
        "memory" => return parse_turned(kind),
        "stub" => return parse_stub(kind),
        "camera" => return parse_camera(kind),
        _ => {}
    }
    let at = Place::parse(place).ok_or_else(|| unknown_place(place))?;
    if let Some(fault) = parse_fault(kind)? {
        return match at {
            Place::Pad(pin @ ("VSS" | "VDD")) if fault != Fault::Open => Err(UnknownFault(format!(
                "`{text}`: the only fault of {pin} that leaves a board to run is `open`"
            ))),
            Place::Pad(pin) => Ok(Breakage::Joint {
                part: "memory",
                pin: pin.to_owned(),
                fault,
            }),
            Place::Pin(pin) => Ok(Breakage::Joint {
                part: "chip",
                pin: pin.to_string(),
                fault,
            }),
        };
    }
    let other = Place::parse(kind).ok_or_else(|| unknown_kind(kind))?;
    match (at.net(board), other.net(board)) {
        (Some(a), Some(b)) if a != b => Ok(Breakage::Bridge(a, b)),
        (Some(a), Some(_)) => Err(UnknownFault(format!("`{text}`: both are the net of {a} already"))),
        (Some(_), None) => parse(
            &format!("{place}:{}", if kind_is_ground(&other) { "gnd" } else { "vcc" }),
            board,
        ),
        (None, _) => Err(UnknownFault(format!(
            "`{text}`: say it the other way round, {kind}:{place}"
        ))),
    }
}

fn kind_is_ground(place: &Place) -> bool {
    matches!(place, Place::Pad("VSS"))
}

/// `None`: it is none of these, but perhaps a place.
fn parse_fault(kind: &str) -> Result<Option<Fault>, UnknownFault> {
    let lower = kind.to_ascii_lowercase();
    Ok(match lower.as_str() {
        "open" => Some(Fault::Open),
        "gnd" => Some(Fault::Short { millivolts: 0 }),
        "vcc" => Some(Fault::Short { millivolts: 3300 }),
        "loose" => return Err(bad_loose(kind)),
        _ => match lower.strip_prefix("loose=") {
            Some(numbers) => Some(Fault::Loose(parse_loose(numbers).ok_or_else(|| bad_loose(kind))?)),
            None => parse_ohms(&lower).map(|ohms| Fault::Resistance { ohms }),
        },
    })
}

/// `1000000`, `1000000.7`.
fn parse_loose(numbers: &str) -> Option<Loose> {
    let (one_in, seed) = numbers.split_once('.').unwrap_or((numbers, "1"));
    let one_in = one_in.parse().ok()?;
    let seed = seed.parse().ok()?;
    (one_in >= 2).then_some(Loose { one_in, seed })
}

fn bad_loose(kind: &str) -> UnknownFault {
    UnknownFault(format!(
        "`{kind}`: say in how many clocks contact is lost once, 2 to 4294967295, and if need be a seed below 4294967296: \
         loose=1000000 or loose=1000000.7"
    ))
}

fn parse_turned(kind: &str) -> Result<Breakage, UnknownFault> {
    match kind.to_ascii_lowercase().as_str() {
        "turned" => Ok(Breakage::Turned),
        _ => Err(UnknownFault(format!(
            "unknown fault `{kind}` of the whole memory; known: turned (another chip is --psram)"
        ))),
    }
}

fn parse_camera(kind: &str) -> Result<Breakage, UnknownFault> {
    match kind.to_ascii_lowercase().as_str() {
        "unplugged" => Ok(Breakage::NoCamera),
        _ => Err(UnknownFault(format!(
            "unknown fault `{kind}` of the camera; known: unplugged (its lines are pins of the processor, as in PB11:gnd)"
        ))),
    }
}

fn parse_stub(kind: &str) -> Result<Breakage, UnknownFault> {
    /// Nobody's wires are longer.
    const MOST_MM: u32 = 2000;
    let mm = kind.strip_suffix("mm").and_then(|mm| mm.parse().ok());
    match mm.filter(|mm| *mm <= MOST_MM) {
        Some(mm) => Ok(Breakage::Stub { mm }),
        None => Err(UnknownFault(format!(
            "`stub:{kind}`: expected a length from 0mm to {MOST_MM}mm, as in stub:250mm"
        ))),
    }
}

/// `470`, `4.7k`, `1M`.
fn parse_ohms(text: &str) -> Option<u32> {
    let (number, factor) = match text.as_bytes().last()? {
        b'k' => (&text[..text.len() - 1], 1e3),
        b'm' => (&text[..text.len() - 1], 1e6),
        _ => (text, 1.0),
    };
    let ohms = number.parse::<f64>().ok()? * factor;
    (1.0..=1e8).contains(&ohms).then_some(ohms as u32)
}

fn unknown_place(place: &str) -> UnknownFault {
    let pads: Vec<&str> = PADS.iter().map(|(_, names)| names[0]).collect();
    UnknownFault(format!(
        "unknown place `{place}`; pads of the memory: {}; pins of the processor: PA0 to PE15, PH0, PH1; or memory, stub, camera",
        pads.join(", ")
    ))
}

fn unknown_kind(kind: &str) -> UnknownFault {
    UnknownFault(format!(
        "unknown fault `{kind}`; known: open, gnd, vcc, loose=CLOCKS.SEED, ohms from 1 to 100M as in 4.7k, or the place that it is \
         bridged to"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Breakage, String> {
        parse(text, &Board::named("devebox").unwrap()).map_err(|error| error.to_string())
    }

    fn joint(part: &'static str, pin: &str, fault: Fault) -> Result<Breakage, String> {
        Ok(Breakage::Joint {
            part,
            pin: pin.to_owned(),
            fault,
        })
    }

    #[test]
    fn places_and_kinds_have_names() {
        let pin = |name: &str| name.parse::<Pin>().unwrap();
        let ohms = |ohms| Fault::Resistance { ohms };
        let loose = |one_in, seed| Fault::Loose(Loose { one_in, seed });
        for (text, expected) in [
            ("SIO2:open", joint("memory", "SIO2", Fault::Open)),
            ("so:open", joint("memory", "SIO1", Fault::Open)),
            ("VDD:open", joint("memory", "VDD", Fault::Open)),
            ("SCLK:gnd", joint("memory", "CLK", Fault::Short { millivolts: 0 })),
            ("PE2:vcc", joint("chip", "PE2", Fault::Short { millivolts: 3300 })),
            ("CE#:4.7k", joint("memory", "CE#", ohms(4700))),
            ("SIO3:470", joint("memory", "SIO3", ohms(470))),
            (
                "SIO2:VSS",
                joint("memory", "SIO2", Fault::Short { millivolts: 0 }),
            ),
            ("SIO0:SCLK", Ok(Breakage::Bridge(pin("PD11"), pin("PB2")))),
            ("PB6:PB7", Ok(Breakage::Bridge(pin("PB6"), pin("PB7")))),
            (
                "SIO1:loose=1000000.7",
                joint("memory", "SIO1", loose(1_000_000, 7)),
            ),
            ("PB2:loose=50", joint("chip", "PB2", loose(50, 1))),
            ("memory:turned", Ok(Breakage::Turned)),
            ("camera:unplugged", Ok(Breakage::NoCamera)),
            ("stub:250mm", Ok(Breakage::Stub { mm: 250 })),
        ] {
            assert_eq!(parsed(text), expected, "{text}");
        }
    }

    #[test]
    fn a_fault_may_come_later() {
        let board = Board::named("devebox").unwrap();
        let time = |text: &str| {
            parse_at(text, &board)
                .map(|(time, _)| time.0)
                .map_err(|error| error.to_string())
        };
        assert_eq!(time("SIO2:open"), Ok(0));
        assert_eq!(time("SIO2:open@500ms"), Ok(500_000_000_000));
        assert_eq!(time("CE#:4.7k@2s"), Ok(2_000_000_000_000));
        assert!(time("SIO2:open@soon").unwrap_err().contains("as in @500ms"));
    }

    #[test]
    fn what_is_unknown_lists_what_is_known() {
        for (text, words) in [
            ("SIO2", "expected PLACE:KIND"),
            ("SIO9:open", "CE#, SIO1, SIO2, VSS, SIO0, SCLK, SIO3, VDD"),
            ("PF3:open", "PA0 to PE15"),
            (
                "SIO2:bad",
                "open, gnd, vcc, loose=CLOCKS.SEED, ohms from 1 to 100M",
            ),
            ("SIO2:loose", "loose=1000000.7"),
            ("SIO2:loose=1", "2 to 4294967295"),
            ("SIO2:loose=5.x", "a seed below 4294967296"),
            ("memory:upside-down", "known: turned"),
            ("stub:3m", "from 0mm to 2000mm"),
            ("stub:2001mm", "from 0mm to 2000mm"),
            ("SIO2:0", "ohms from 1"),
            ("VDD:gnd", "the only fault of VDD"),
            ("SIO2:PE2", "already"),
            ("VSS:SIO2", "the other way round, SIO2:VSS"),
        ] {
            let error = parsed(text).unwrap_err();
            assert!(error.contains(words), "{text}: {error}");
        }
    }
}
