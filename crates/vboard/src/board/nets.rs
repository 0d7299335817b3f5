//! The nets of the board: what all parties on a piece of copper together make of it.
//!
//! Every party is a voltage behind a resistance; the net's voltage is where their currents cancel. That one rule gives
//! levels, pulls, dividers and contention. How long a weak party takes to move a net follows from what hangs on it. Does NOT
//! model: supply droop, thresholds that move with temperature, lengths of wires.

mod meeting;

use super::fault::Fault;
use boardfile::{Board, Copper, Joint, Pin};
use chipmodel::Picos;
use chipmodel::bus::pad::{Drive, Pad, SUPPLY_MV};
use chipmodel::onchip::octospi::{Loose, Trace};
pub use meeting::level;
use meeting::{fighters, meet};

/// Ports A to K, 16 pins each; those that do not leave the package have a net of their own that nothing else is on.
const PINS: usize = 11 * 16;

/// A pad of the processor (DS13195, I/O pin capacitance: 5 pF).
const PAD_PF: u64 = 5;
/// A trace and what sticks out of it to a pin header: assumed.
const TRACE_PF: u64 = 10;
/// A pin of a part (LY68L6400 rev. 0.7 table 7: input capacitance 6 pF at most).
const PART_PF: u64 = 6;
/// The part whose supply pins have joints too, and these.
const POWERED: &str = "memory";
const SUPPLY_PINS: [&str; 2] = ["VSS", "VDD"];

/// What the die takes at rest, in milliamperes (ESP-PSRAM64H v1.1 table 10-3, ISB at most 0.2; taken in the middle).
const DIE_MA: f64 = 0.1;
/// A die that lives on its lines takes that through their protection diodes, and they hold this much.
const DIODE_MV: u32 = 600;
const DIE_OHMS: u32 = 1000;
/// A chip that is turned has ground at VDD and the supply at VSS: both protection diodes of each line conduct, which hold it in
/// the middle of what is left of the supply.
const TURNED: Drive = Drive {
    millivolts: SUPPLY_MV / 2,
    ohms: 1000,
};

/// All nets.
#[derive(Clone, Debug)]
pub struct Nets {
    nets: Vec<Net>,
    bridges: Vec<[Pin; 2]>,
    /// The joints of the memory's ground and supply.
    supply: [Option<Fault>; 2],
    /// The memory is soldered in turned by 180 degrees.
    is_turned: bool,
    /// What the memory's lines are made of.
    trace: Trace,
    /// Joints broke, were mended or bridged since somebody asked.
    joints_changed: bool,
}

/// How a signal gets from the chip to a part's pin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lead {
    /// Both joints have contact.
    pub is_joined: bool,
    /// A rail that it is shorted to: high, or low.
    pub rail: Option<bool>,
    /// How late its edges arrive.
    pub delay: Picos,
    /// One of both joints is loose.
    pub loose: Option<Loose>,
}

/// A net: the pad of the chip, and what is soldered to it.
#[derive(Clone, Debug)]
struct Net {
    /// The joint of the chip itself.
    chip: Option<Fault>,
    parties: Vec<Party>,
    /// What a test holds to the net.
    probe: Option<Drive>,
    fights: bool,
}

/// A part's pin.
#[derive(Clone, Debug)]
struct Party {
    joint: Joint,
    fault: Option<Fault>,
    drive: Option<Drive>,
}

/// What is on a net.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voltage {
    /// `None`: no party is on it, it floats.
    pub millivolts: Option<u32>,
    /// How long the parties take to bring the net from one rail to the other's threshold.
    pub delay: Picos,
    /// Parties that fight, by name, when they begin to.
    pub contention: Option<String>,
}

fn index(pin: Pin) -> usize {
    usize::from(pin.port) * 16 + usize::from(pin.number)
}

impl Nets {
    /// The nets of a board, with every joint good.
    pub fn new(board: &Board) -> Self {
        let empty = Net {
            chip: None,
            parties: Vec::new(),
            probe: None,
            fights: false,
        };
        let mut nets = vec![empty; PINS];
        for net in boardfile::nets(board) {
            nets[index(net.pin)].parties = net
                .joints
                .into_iter()
                .map(|joint| Party {
                    joint,
                    fault: None,
                    drive: None,
                })
                .collect();
        }
        let Copper {
            length_mm,
            stub_mm,
            line_ohms,
            stub_ohms,
            reflection_percent,
        } = board.memory.copper;
        Nets {
            nets,
            bridges: Vec::new(),
            supply: [None; 2],
            is_turned: false,
            trace: Trace {
                length_mm,
                stub_mm,
                line_ohms,
                stub_ohms,
                reflection_percent,
            },
            joints_changed: true,
        }
    }

    /// The pin that a part's pin is soldered to.
    pub fn pin_of(&self, part: &str, pin: &str) -> Option<Pin> {
        let at = self.nets.iter().position(|net| net.party(part, pin).is_some())?;
        Some(pin_at(at))
    }

    /// The joint of a part's pin.
    pub fn joint(&self, part: &str, pin: &str) -> Option<&Joint> {
        let mut found = self.nets.iter().filter_map(|net| net.party(part, pin));
        found.next().map(|party| &party.joint)
    }

    /// Solder a part's pin to the net of a pin of the chip.
    pub fn solder(&mut self, to: Pin, part: &str, pin: &'static str, drive: Option<Drive>) {
        self.nets[index(to)].parties.push(Party {
            joint: Joint {
                part: part.to_owned(),
                pin,
                function: None,
                pull: boardfile::Pull::None,
            },
            fault: None,
            drive,
        });
    }

    /// Let a part drive its pin, or let go of it. False: there is no such pin.
    pub fn drive(&mut self, part: &str, pin: &str, drive: Option<Drive>) -> bool {
        let parties = self.nets.iter_mut().flat_map(|net| &mut net.parties);
        let mut found = parties.filter(|party| party.is(part, pin));
        found.next().map(|party| party.drive = drive).is_some()
    }

    /// Hold a voltage to the net of a pin, from outside, or let go of it.
    pub fn probe(&mut self, pin: Pin, drive: Option<Drive>) {
        self.nets[index(pin)].probe = drive;
    }

    /// Break the joint of a part's pin, or mend it; the part `chip` is the processor, its pins have their own names. False:
    /// there is no such pin.
    pub fn break_joint(&mut self, part: &str, pin: &str, fault: Option<Fault>) -> bool {
        self.joints_changed = true;
        if part == "chip" {
            let Ok(pin) = pin.parse::<Pin>() else { return false };
            self.nets[index(pin)].chip = fault;
            return true;
        }
        if part == POWERED
            && let Some(at) = SUPPLY_PINS.iter().position(|known| *known == pin)
        {
            self.supply[at] = fault;
            return true;
        }
        let parties = self.nets.iter_mut().flat_map(|net| &mut net.parties);
        let mut found = parties.filter(|party| party.is(part, pin));
        found.next().map(|party| party.fault = fault).is_some()
    }

    /// Has the memory ground and supply?
    pub fn is_powered(&self) -> bool {
        self.supply.iter().all(Option::is_none) && !self.is_turned
    }

    /// Take the memory off and solder it in turned by 180 degrees.
    pub fn turn(&mut self) {
        self.is_turned = true;
        self.joints_changed = true;
    }

    /// What the memory's lines are made of.
    pub fn trace(&self) -> Trace {
        self.trace
    }

    /// Another length of what branches off the memory's lines.
    pub fn set_stub(&mut self, stub_mm: u32) {
        self.trace.stub_mm = stub_mm;
        self.joints_changed = true;
    }

    /// How a signal gets from the chip to this part's pin. `None`: there is no such pin.
    pub fn lead(&self, part: &str, pin: &str) -> Option<Lead> {
        let at = self.pin_of(part, pin)?;
        let net = &self.nets[index(at)];
        let joints = [net.chip, net.party(part, pin)?.fault];
        let rails = self.joined(at).into_iter().flat_map(|pin| self.rails(pin));
        let delay = joints.into_iter().flatten().map(|fault| fault.delay().0);
        let mut loose = joints.into_iter().flatten().filter_map(|fault| match fault {
            Fault::Loose(loose) => Some(loose),
            _ => None,
        });
        Some(Lead {
            loose: loose.next(),
            is_joined: !joints.contains(&Some(Fault::Open)),
            rail: rails.map(|millivolts| millivolts > SUPPLY_MV / 2).next(),
            delay: Picos(delay.sum()),
        })
    }

    /// Rails that the net of a pin is shorted to.
    fn rails(&self, pin: Pin) -> impl Iterator<Item = u32> {
        let net = &self.nets[index(pin)];
        let faults = net.parties.iter().map(|party| party.fault).chain([net.chip]);
        faults
            .flatten()
            .filter_map(Fault::rail)
            .map(|drive| drive.millivolts)
    }

    /// Solder a bridge between the nets of two pins.
    pub fn bridge(&mut self, a: Pin, b: Pin) {
        self.bridges.push([a, b]);
        self.joints_changed = true;
    }

    /// Whether a joint changed since the last call, or since power-up.
    pub fn take_joints_changed(&mut self) -> bool {
        core::mem::take(&mut self.joints_changed)
    }

    /// Pins whose nets are one with that of `pin`, itself included.
    pub fn joined(&self, pin: Pin) -> Vec<Pin> {
        let mut group = vec![pin];
        let mut next = 0;
        while let Some(&at) = group.get(next) {
            for [a, b] in &self.bridges {
                let other = if *a == at {
                    b
                } else if *b == at {
                    a
                } else {
                    continue;
                };
                if !group.contains(other) {
                    group.push(*other);
                }
            }
            next += 1;
        }
        group
    }

    /// Pins whose levels may change with that of `pin`, itself included: those of its net, and of all lines of a memory that lives
    /// on them.
    pub fn moved_by(&self, pin: Pin) -> Vec<Pin> {
        let mut group = self.joined(pin);
        let is_line = group.iter().any(|at| self.nets[index(*at)].reaches_memory());
        if is_line && self.supply.iter().any(Option::is_some) {
            let lines = (0..PINS).filter(|at| self.nets[*at].reaches_memory());
            group.extend(lines.map(pin_at).filter(|at| *at != pin));
        }
        group
    }

    /// Whether nothing but the chip drives this net, and all its joints are good.
    pub fn is_plain(&self, pin: Pin) -> bool {
        let net = &self.nets[index(pin)];
        let mut parties = net.parties.iter();
        let plain = parties.all(|party| party.fault.is_none() && party.drive.is_none());
        plain && net.chip.is_none() && net.probe.is_none() && self.joined(pin).len() == 1
    }

    /// Whether the chip and one other drive this net at most, and all its joints are good.
    pub fn is_answer(&self, pin: Pin) -> bool {
        let net = &self.nets[index(pin)];
        let sound = net.parties.iter().all(|party| party.fault.is_none()) && net.chip.is_none();
        let drivers = net.parties.iter().filter(|party| party.drive.is_some());
        sound && drivers.count() <= 1 && net.probe.is_none() && self.joined(pin).len() == 1
    }

    /// Do edges that one side makes arrive at the other, between the chip and this part's pin?
    pub fn conducts(&self, part: &str, pin: &str) -> bool {
        let net = self
            .nets
            .iter()
            .find_map(|net| Some((net, net.party(part, pin)?)));
        net.is_some_and(|(net, party)| {
            let good = |fault: &Option<Fault>| fault.is_none_or(Fault::conducts);
            good(&net.chip) && good(&party.fault)
        })
    }

    /// What a memory without proper supply does to one of its lines; `pad` as in [`Nets::voltage`].
    fn memory_drive(&self, pin: Pin, pad: &mut impl FnMut(Pin) -> (Pad, Option<Drive>)) -> Option<Drive> {
        if self.is_turned {
            return Some(TURNED);
        }
        let [ground_is_good, supply_is_good] = self.supply.map(|fault| fault.is_none());
        if ground_is_good == supply_is_good {
            return None;
        }
        // Without VDD the die lives on lines that are high, without VSS its current leaves by lines that are low.
        let mut feeds = |at: Pin| -> Option<u64> {
            let (pad, peripheral) = pad(at);
            let drives: Vec<Drive> = [pad.output, peripheral, pad.pull].into_iter().flatten().collect();
            let met = meet(&drives)?;
            let is_high = met.millivolts > SUPPLY_MV / 2;
            (is_high == ground_is_good).then_some(met.ohms.max(1))
        };
        feeds(pin)?;
        let lines = (0..PINS).filter(|at| self.nets[*at].reaches_memory()).map(pin_at);
        let siemens: f64 = lines.filter_map(feeds).map(|ohms| 1.0 / ohms as f64).sum();
        let drop_mv = ((DIE_MA / siemens) as u32).min(SUPPLY_MV - DIODE_MV);
        Some(Drive {
            millivolts: if ground_is_good {
                SUPPLY_MV - drop_mv
            } else {
                drop_mv
            },
            ohms: DIE_OHMS,
        })
    }

    /// What is on the net of `pin`, seen from the chip. `pad` tells what the chip does at a pin, and what a peripheral
    /// drives there.
    pub fn voltage(&mut self, pin: Pin, mut pad: impl FnMut(Pin) -> (Pad, Option<Drive>)) -> Voltage {
        let mut parties: Vec<(Drive, Option<(&str, &str)>)> = Vec::new();
        let cut = self.nets[index(pin)].chip == Some(Fault::Open);
        let mut load_pf = 0;
        let group = if cut { vec![pin] } else { self.joined(pin) };
        for &at in &group {
            let net = &self.nets[index(at)];
            let (own, peripheral) = pad(at);
            for drive in [own.output, peripheral, own.pull].into_iter().flatten() {
                parties.extend(Fault::seen(net.chip, drive, at == pin).map(|drive| (drive, None)));
            }
            load_pf += PAD_PF;
            if cut {
                continue;
            }
            load_pf += TRACE_PF;
            parties.extend(net.chip.and_then(Fault::rail).map(|drive| (drive, None)));
            parties.extend(net.probe.map(|drive| (drive, Some(("probe", "tip")))));
            for party in &net.parties {
                let name = Some((&*party.joint.part, party.joint.pin));
                load_pf += if party.fault == Some(Fault::Open) {
                    0
                } else {
                    PART_PF
                };
                let drive = match &*party.joint.part {
                    POWERED => self.memory_drive(at, &mut pad),
                    _ => party.drive,
                };
                let drive = drive.and_then(|drive| Fault::seen(party.fault, drive, false));
                parties.extend(drive.map(|drive| (drive, name)));
                parties.extend(party.fault.and_then(Fault::rail).map(|drive| (drive, name)));
            }
        }
        let drives: Vec<Drive> = parties.iter().map(|(drive, _)| *drive).collect();
        let fight = fighters(&parties, pin);
        let was = core::mem::replace(&mut self.nets[index(pin)].fights, fight.is_some());
        let met = meet(&drives);
        // 1.2 RC from a rail to 0.7 of the other.
        let delay = met.map_or(0, |met| met.ohms * load_pf * 12 / 10);
        Voltage {
            millivolts: met.map(|met| met.millivolts),
            delay: Picos(delay),
            contention: fight.filter(|_| !was),
        }
    }
}

fn pin_at(index: usize) -> Pin {
    Pin {
        port: (index / 16) as u8,
        number: (index % 16) as u8,
    }
}

impl Net {
    /// Both joints between the processor and the memory have contact.
    fn reaches_memory(&self) -> bool {
        let good = |fault: Option<Fault>| fault != Some(Fault::Open);
        let mut parties = self.parties.iter();
        good(self.chip) && parties.any(|party| party.joint.part == POWERED && good(party.fault))
    }

    fn party(&self, part: &str, pin: &str) -> Option<&Party> {
        self.parties.iter().find(|party| party.is(part, pin))
    }
}

impl Party {
    fn is(&self, part: &str, pin: &str) -> bool {
        self.joint.part == part && self.joint.pin == pin
    }
}

#[cfg(test)]
mod tests;
