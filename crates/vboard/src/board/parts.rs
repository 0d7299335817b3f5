//! Parts that somebody attaches to the board's nets: what they are called, where they go, and what they see and drive there.
//!
//! They live in virtual time, inside the machine: a snapshot holds them.

use super::Pin;
use super::nets::{Nets, level};
use chipmodel::bus::pad::Drive;
use chipmodel::bus::video::Video;
use chipmodel::onchip::spi::WholeFrame;
use chipmodel::parts::camera::KINDS;
use chipmodel::parts::dht22::Dht22;
use chipmodel::parts::ds18b20::Ds18b20;
use chipmodel::parts::eeprom::Eeprom;
use chipmodel::parts::encoder::Encoder;
use chipmodel::parts::on_nets::OnNets;
use chipmodel::parts::spi_flash::SpiFlash;
use chipmodel::parts::ssd1306::Ssd1306;
use chipmodel::parts::tft::{self, Picture, Tft};
use chipmodel::parts::ws2812::Ws2812;
use chipmodel::steps::Steps;
use chipmodel::{Effects, Time};

/// What can be attached: names, what it is, and how it is made.
const KNOWN: &[Known] = &[
    Known {
        names: &["24c256", "eeprom"],
        what: "EEPROM of 32 KB on I2C, address 0x50",
        make: || Box::new(Eeprom::on_bus()),
    },
    Known {
        names: &["ssd1306"],
        what: "display of 128x64 dots on I2C, address 0x3c",
        make: || Box::new(Ssd1306::on_bus()),
    },
    Known {
        names: &["ds18b20"],
        what: "thermometer on one wire, at 23.5625 degrees",
        make: || Box::new(Ds18b20::default()),
    },
    Known {
        names: &["dht22", "am2302"],
        what: "humidity and temperature on one wire, at 43.2 % and -7.5 degrees",
        make: || Box::new(Dht22::default()),
    },
    Known {
        names: &["ws2812", "neopixel"],
        what: "chain of lamps, as many as are sent; looks at the lengths of pulses",
        make: || Box::new(Ws2812::default()),
    },
    Known {
        names: &["encoder"],
        what: "knob that turns by itself, 1000 quarters a second, two seconds to and fro",
        make: || Box::new(Encoder::default()),
    },
    Known {
        names: &["w25q64"],
        what: "flash of 8 MB on SPI",
        make: || Box::new(SpiFlash::default()),
    },
    Known {
        names: &["st7789"],
        what: "display of 240x320 dots in colour on SPI; --display plugs one into the board's connector",
        make: || Box::new(Tft::new(tft::ST7789_240X320, true, true)),
    },
    Known {
        names: &["ili9341"],
        what: "the same of 320x240 dots, with another controller",
        make: || Box::new(Tft::new(tft::ILI9341_320X240, true, true)),
    },
];

struct Known {
    names: &'static [&'static str],
    what: &'static str,
    make: fn() -> Box<dyn OnNets>,
}

/// The pins that a bus is used on when only its name is given: `PART@I2C1`.
const BUSES: &[(&str, &[(&str, &str)])] = &[
    ("I2C1", &[("SCL", "PB8"), ("SDA", "PB9")]),
    ("I2C2", &[("SCL", "PB10"), ("SDA", "PB11")]),
    ("I2C3", &[("SCL", "PA8"), ("SDA", "PC9")]),
];

/// A part and its place, as asked for: `24c256:SCL=PB8,SDA=PB9`, or `24c256@I2C1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attachment {
    /// A part.
    Part {
        /// Its row in the list of those that are known.
        known: usize,
        /// Where its pins go, in its own order.
        pins: Vec<Pin>,
    },
    /// A wire between two pins: `wire:PA7,PA6`.
    Wire([Pin; 2]),
    /// A voltage: `volts:PC1=1.65`.
    Volts(Pin, u32),
}

impl std::str::FromStr for Attachment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let at = text.find([':', '@']).ok_or_else(|| {
            format!("`{text}` does not say where: PART@I2C1, or PART:PIN=PB8,... with the names of its pins")
        })?;
        let (name, place) = (&text[..at], &text[at + 1..]);
        if name == WIRE {
            return wire(place);
        }
        if name == VOLTS {
            return volts(place);
        }
        let known = KNOWN.iter().position(|known| known.names.contains(&name));
        let known =
            known.ok_or_else(|| format!("there is no part `{name}`; there are:\n{}", known_parts()))?;
        let given = if text[at..].starts_with('@') {
            bus(place)?
        } else {
            place.split(',').map(joint).collect::<Result<_, _>>()?
        };
        let names = (KNOWN[known].make)().pins();
        if let Some((stray, _)) = given.iter().find(|(name, _)| !names.contains(&&**name)) {
            return Err(format!(
                "{name} has no pin `{stray}`; it has: {}",
                names.join(", ")
            ));
        }
        let find = |name: &&str| {
            let mut given = given.iter();
            let found = given.find(|(given, _)| given == name).map(|(_, pin)| *pin);
            found.ok_or_else(|| format!("`{text}` does not say where {name} goes"))
        };
        Ok(Attachment::Part {
            known,
            pins: names.iter().map(find).collect::<Result<_, _>>()?,
        })
    }
}

/// The known parts, a line each.
pub fn known_parts() -> String {
    let lines = KNOWN.iter().map(|known| {
        let pins = (known.make)().pins().join(", ");
        format!("  {}: {}; pins {pins}", known.names.join(" or "), known.what)
    });
    let lines = lines.chain([
        format!("  {WIRE}: joins two pins, wire:PA7,PA6"),
        format!("  {VOLTS}: a voltage at a pin, {VOLTS}:PC1=1.65"),
    ]);
    lines.collect::<Vec<_>>().join("\n")
}

/// A camera module by its name.
///
/// # Errors
/// Names those that there are.
pub fn camera(name: &str) -> Result<Box<dyn OnNets>, String> {
    let found = KINDS.iter().find(|(known, ..)| *known == name);
    found.map(|(.., make)| make()).ok_or_else(|| {
        let known = KINDS.iter().map(|(name, what, _)| format!("\n  {name}: {what}"));
        format!(
            "there is no camera module `{name}`; there are:{}",
            known.collect::<String>()
        )
    })
}

const WIRE: &str = "wire";
const VOLTS: &str = "volts";
/// What a voltage comes through: a contact's worth, so that an output against it is contention.
const VOLTS_OHMS: u32 = 1;
/// What a pin bears (DS13195, absolute maximum ratings: 3.6 V at a pin that is not of the 5 V kind).
const MOST_MV: u32 = 3600;

fn volts(place: &str) -> Result<Attachment, String> {
    let (pin, volts) = place
        .split_once('=')
        .ok_or_else(|| format!("expected the pin and the voltage, PC1=1.65, found `{place}`"))?;
    let millivolts = volts.parse::<f64>().map(|volts| volts * 1000.0);
    match millivolts {
        Ok(millivolts) if (0.0..=f64::from(MOST_MV)).contains(&millivolts) => {
            Ok(Attachment::Volts(self::pin(pin)?, millivolts.round() as u32))
        }
        _ => Err(format!("a pin bears 0 to 3.6 V, found `{volts}`")),
    }
}

fn wire(place: &str) -> Result<Attachment, String> {
    let pins: Result<Vec<Pin>, String> = place.split(',').map(pin).collect();
    let pins = <[Pin; 2]>::try_from(pins?);
    pins.map(Attachment::Wire)
        .map_err(|_| format!("a wire has two ends, wire:PA7,PA6; found `{place}`"))
}

fn pin(text: &str) -> Result<Pin, String> {
    text.parse()
        .map_err(|_| format!("`{text}` is no pin of the chip"))
}

fn joint(text: &str) -> Result<(String, Pin), String> {
    let (name, pin) = text
        .split_once('=')
        .ok_or_else(|| format!("expected the part's pin and the chip's, SCL=PB8, found `{text}`"))?;
    Ok((name.to_owned(), self::pin(pin)?))
}

fn bus(name: &str) -> Result<Vec<(String, Pin)>, String> {
    let found = BUSES.iter().find(|(bus, _)| *bus == name);
    let (_, pins) = found.ok_or_else(|| {
        let known: Vec<&str> = BUSES.iter().map(|(bus, _)| *bus).collect();
        format!("there is no bus `{name}`; there are: {}", known.join(", "))
    })?;
    pins.iter()
        .map(|(signal, pin)| joint(&format!("{signal}={pin}")))
        .collect()
}

/// A part on its nets.
struct Attached {
    name: String,
    model: Box<dyn OnNets>,
    pins: Vec<Pin>,
    /// What the nets call its pins.
    joints: Vec<&'static str>,
    levels: Vec<bool>,
}

impl Clone for Attached {
    fn clone(&self) -> Self {
        Attached {
            name: self.name.clone(),
            model: self.model.boxed(),
            pins: self.pins.clone(),
            joints: self.joints.clone(),
            levels: self.levels.clone(),
        }
    }
}

/// All that was attached.
#[derive(Clone, Default)]
pub struct Parts(Vec<Attached>);

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|part| &part.name))
            .finish()
    }
}

impl Parts {
    /// Solder a part to its nets, whose pins are returned: they have to be settled.
    pub fn attach(&mut self, asked: &Attachment, nets: &mut Nets) -> Vec<Pin> {
        let (known, pins) = match asked {
            Attachment::Wire([a, b]) => {
                nets.bridge(*a, *b);
                return vec![*a];
            }
            Attachment::Volts(pin, millivolts) => {
                let drive = Drive {
                    millivolts: *millivolts,
                    ohms: VOLTS_OHMS,
                };
                nets.solder(*pin, &format!("{VOLTS}-{pin}"), "OUT", Some(drive));
                return vec![*pin];
            }
            Attachment::Part { known, pins } => (&KNOWN[*known], pins),
        };
        let model = (known.make)();
        // Two of a kind have different names, so that their joints are told apart.
        let same = self
            .0
            .iter()
            .filter(|part| part.name.starts_with(known.names[0]))
            .count();
        let name = match same {
            0 => known.names[0].to_owned(),
            n => format!("{}-{}", known.names[0], n + 1),
        };
        for (n, &pin) in pins.iter().enumerate() {
            nets.solder(pin, &name, model.pins()[n], model.drive(n));
        }
        self.0.push(Attached {
            name,
            levels: vec![true; pins.len()],
            joints: model.pins().to_vec(),
            model,
            pins: pins.clone(),
        });
        pins.clone()
    }

    /// What the board itself carries, on joints that its nets have: of each the pin, and what the nets call it.
    pub fn fit(&mut self, name: &str, model: Box<dyn OnNets>, at: &[(Pin, &'static str)], nets: &mut Nets) {
        for (n, (_, joint)) in at.iter().enumerate() {
            nets.drive(name, joint, model.drive(n));
        }
        self.0.push(Attached {
            name: name.to_owned(),
            levels: vec![true; at.len()],
            model,
            pins: at.iter().map(|(pin, _)| *pin).collect(),
            joints: at.iter().map(|(_, joint)| *joint).collect(),
        });
    }

    /// There is this on the net of `pin`: parts that see an edge there react. Returns the pins whose nets changed by that.
    pub fn see(&mut self, pin: Pin, millivolts: Option<u32>, nets: &mut Nets, fx: &mut Effects) -> Vec<Pin> {
        let mut moved = Vec::new();
        for part in &mut self.0 {
            for n in 0..part.pins.len() {
                let now = level(millivolts, part.levels[n]);
                if part.pins[n] != pin || now == part.levels[n] {
                    continue;
                }
                part.levels[n] = now;
                let before = part.drives();
                part.model.edge(n, now, fx);
                moved.extend(part.changed(&before, nets));
            }
        }
        moved
    }

    /// Whether all parts with a pin on one of these lines, clock and data, take frames whole; and there is one.
    pub fn take_frames(&self, lines: [Pin; 2]) -> bool {
        let mut on_lines = self
            .0
            .iter()
            .filter(|part| part.pins.iter().any(|pin| lines.contains(pin)))
            .peekable();
        on_lines.peek().is_some()
            && on_lines.all(|part| {
                part.places(lines)
                    .is_some_and(|[clock, data]| part.model.takes_frames(clock, data))
            })
    }

    /// A frame has passed on these lines. Returns the pins whose nets changed by that.
    pub fn frame(
        &mut self,
        lines: [Pin; 2],
        frame: WholeFrame,
        nets: &mut Nets,
        fx: &mut Effects,
    ) -> Vec<Pin> {
        let mut moved = Vec::new();
        for part in self.0.iter_mut().filter(|part| part.places(lines).is_some()) {
            let before = part.drives();
            part.model.frame(frame.word, frame.bits, frame.cycle, fx);
            moved.extend(part.changed(&before, nets));
        }
        moved
    }

    /// Whether one part alone is on these lines, clock, data and answer, and exchanges frames whole.
    pub fn exchange_frames(&self, lines: [Pin; 3]) -> bool {
        let mut on_lines = self
            .0
            .iter()
            .filter(|part| part.pins.iter().any(|pin| lines.contains(pin)));
        let (only, others) = (on_lines.next(), on_lines.next());
        let places = only.and_then(|part| part.places(lines));
        let exchanges = only
            .zip(places)
            .is_some_and(|(part, [clock, data, answer])| part.model.exchanges_frames(clock, data, answer));
        exchanges && others.is_none()
    }

    /// A frame has passed on these lines, whose answer line is at `idle` while nobody drives it: the answer, and the pins whose nets
    /// changed by that.
    pub fn exchange(
        &mut self,
        lines: [Pin; 3],
        frame: WholeFrame,
        idle: bool,
        nets: &mut Nets,
        fx: &mut Effects,
    ) -> (u32, Vec<Pin>) {
        let Some(part) = self.0.iter_mut().find(|part| part.places(lines).is_some()) else {
            return (0, Vec::new());
        };
        let before = part.drives();
        let answer = part.model.exchange(frame.word, frame.bits, frame.cycle, idle, fx);
        (answer, part.changed(&before, nets))
    }

    /// Whether the power failed in the middle of a part's step.
    pub fn power_failed(&mut self) -> bool {
        let mut steps = self.0.iter_mut().filter_map(|part| part.model.steps());
        steps.any(|steps| steps.power_failed())
    }

    /// What changes the cells of the first part of this name.
    pub fn steps(&mut self, name: &str) -> Option<&mut Steps> {
        let part = self.0.iter_mut().find(|part| part.name == name);
        part.and_then(|part| part.model.steps())
    }

    /// What the first part of this name holds if the power fails now.
    pub fn without_power(&self, name: &str, now: Time) -> Option<Vec<u8>> {
        let part = self.0.iter().find(|part| part.name == name)?;
        let mut model = part.model.boxed();
        model.lose_power(now);
        Some(model.content().to_vec())
    }

    /// What the first display shows.
    pub fn picture(&self) -> Option<Picture> {
        self.0.iter().find_map(|part| part.model.picture())
    }

    /// Take away what the board itself carries under this name.
    pub fn take_off(&mut self, name: &str) {
        self.0.retain(|part| part.name != name);
    }

    /// When the first part next changes by itself.
    pub fn next_event(&self) -> Option<Time> {
        self.0.iter().filter_map(|part| part.model.next_event()).min()
    }

    /// Let time pass. Returns the pins whose nets changed.
    pub fn advance(&mut self, nets: &mut Nets, fx: &mut Effects) -> Vec<Pin> {
        let mut moved = Vec::new();
        for part in &mut self.0 {
            if part.model.next_event().is_some_and(|time| time <= fx.now) {
                let before = part.drives();
                part.model.advance(fx);
                moved.extend(part.changed(&before, nets));
            }
        }
        moved
    }

    /// Take a part away that was fitted. Returns its pins: they have to be settled.
    pub fn remove(&mut self, name: &str, nets: &mut Nets) -> Vec<(Pin, &'static str)> {
        let Some(at) = self.0.iter().position(|part| part.name == name) else {
            return Vec::new();
        };
        let part = self.0.remove(at);
        for joint in &part.joints {
            nets.drive(name, joint, None);
        }
        part.pins.into_iter().zip(part.joints).collect()
    }

    /// The first part that is a camera.
    pub fn video(&mut self) -> Option<&mut dyn Video> {
        self.0.iter_mut().find_map(|part| part.model.video())
    }

    /// What the first part of this name holds.
    pub fn content(&self, name: &str) -> Option<&[u8]> {
        let mut parts = self.0.iter();
        parts
            .find(|part| part.name == name)
            .map(|part| part.model.content())
    }

    /// Give the first part of this name this content. False: there is none, or it is no memory of this size.
    pub fn put_content(&mut self, name: &str, bytes: &[u8]) -> bool {
        let part = self.0.iter_mut().find(|part| part.name == name);
        part.is_some_and(|part| part.model.put_content(bytes))
    }
}

impl Attached {
    /// Which of its pins are on these nets.
    fn places<const N: usize>(&self, lines: [Pin; N]) -> Option<[usize; N]> {
        let place = |line: Pin| self.pins.iter().position(|pin| *pin == line);
        let places = lines.map(place);
        places
            .iter()
            .all(Option::is_some)
            .then(|| places.map(Option::unwrap_or_default))
    }

    fn drives(&self) -> Vec<Option<Drive>> {
        (0..self.pins.len()).map(|n| self.model.drive(n)).collect()
    }

    /// Tell the nets what the part drives now, where that is not as `before`.
    fn changed(&self, before: &[Option<Drive>], nets: &mut Nets) -> Vec<Pin> {
        let mut moved = Vec::new();
        for (n, drive) in self.drives().into_iter().enumerate() {
            if drive != before[n] {
                nets.drive(&self.name, self.joints[n], drive);
                moved.push(self.pins[n]);
            }
        }
        moved
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_goes_to_a_bus_or_to_pins_by_name() {
        let by_bus: Attachment = "eeprom@I2C1".parse().unwrap();
        let by_pins: Attachment = "24c256:SDA=PB9,SCL=PB8".parse().unwrap();
        assert_eq!(by_bus, by_pins);
    }

    #[test]
    fn what_is_wrong_with_an_attachment_is_told_with_what_there_is() {
        for (text, expected) in [
            (
                "24c512@I2C1",
                "there is no part `24c512`; there are:\n  24c256 or eeprom",
            ),
            ("24c256", "does not say where"),
            (
                "24c256@I2C9",
                "there is no bus `I2C9`; there are: I2C1, I2C2, I2C3",
            ),
            ("24c256:SCL=PB8", "does not say where SDA goes"),
            ("24c256:SCL=PB8,SDA=PX9", "`PX9` is no pin of the chip"),
            (
                "24c256:SCL=PB8,WP=PB9",
                "24c256 has no pin `WP`; it has: SCL, SDA",
            ),
            ("wire:PA7", "a wire has two ends"),
            ("volts:PC1", "expected the pin and the voltage"),
            ("volts:PC1=5", "0 to 3.6 V, found `5`"),
            ("volts:PC1=NaN", "0 to 3.6 V, found `NaN`"),
            ("24c256:PB8", "expected the part's pin and the chip's"),
        ] {
            let error = text.parse::<Attachment>().unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
