//! From pads to nets and back: levels that the ports read, and which joints of the board the peripherals reach at present.

use super::devices::Devices;
use super::map::ROWS;
use super::{BUS_ROWS, Chip, EXTI, SERIAL_ROWS, Selected};
use crate::board::fault::Fault;
use crate::board::link::{self, CLOCK, IO};
use crate::board::nets::level;
use crate::board::{Pin, mux};
use chipmodel::bus::pad::{Drive, Mode, Pad};
use chipmodel::bus::qspi::Copper;
use chipmodel::onchip::sdmmc::Lines;
use chipmodel::{Effects, Kind};

/// Parts answer an edge with one or two of their own; more is a circle.
const MOST_ANSWERS: u32 = 64;

impl Chip {
    /// Ports, nets or what hangs on them may have changed: find out the levels, and who reaches whom.
    pub fn settle_pins(&mut self, fx: &mut Effects) {
        for port in 0..self.devices.gpio.len() {
            let mut touched = self.devices.gpio[port].take_touched();
            while touched != 0 {
                let number = touched.trailing_zeros() as u8;
                touched &= touched - 1;
                self.settle_pin(
                    Pin {
                        port: port as u8,
                        number,
                    },
                    fx,
                );
            }
        }
        self.connect(fx);
    }

    /// Break or mend a joint; see [`crate::board::nets::Nets::break_joint`].
    pub fn break_joint(&mut self, part: &str, pin: &str, fault: Option<Fault>, fx: &mut Effects) -> bool {
        let found = self.nets.break_joint(part, pin, fault);
        let at = match part {
            "chip" => pin.parse().ok(),
            _ => self.nets.pin_of(part, pin),
        };
        if let Some(at) = at {
            self.settle_pin(at, fx);
        }
        self.connect(fx);
        self.find_frame_lines();
        found
    }

    /// Solder a bridge between the nets of two pins.
    pub fn bridge(&mut self, a: Pin, b: Pin, fx: &mut Effects) {
        self.nets.bridge(a, b);
        self.settle_pin(a, fx);
        self.connect(fx);
        self.find_frame_lines();
    }

    /// Something about the memory as a whole has changed.
    pub fn settle_memory(&mut self, fx: &mut Effects) {
        for name in IO.into_iter().chain(CLOCK) {
            if let Some(pin) = self.nets.pin_of("memory", name) {
                self.settle_pin(pin, fx);
            }
        }
        self.connect(fx);
    }

    /// The net of one pin, and of those that are bridged to it; then those that parts move in answer.
    pub fn settle_pin(&mut self, pin: Pin, fx: &mut Effects) {
        let mut waiting = self.nets.moved_by(pin);
        let mut answers = 0;
        while let Some(pin) = waiting.pop() {
            for moved in self.settle_net(pin, fx) {
                waiting.extend(self.nets.joined(moved));
                answers += 1;
            }
            if answers > MOST_ANSWERS {
                let message = format!("the parts on the net of {pin} move it for ever");
                fx.report(Kind::Rule, message);
                return;
            }
        }
    }

    /// What is on one net now, for the chip's port, its peripheral, and the parts. Returns the pins that parts have moved.
    fn settle_net(&mut self, pin: Pin, fx: &mut Effects) -> Vec<Pin> {
        self.select(pin, fx);
        let Chip {
            devices,
            nets,
            selected,
            ..
        } = self;
        let voltage = nets.voltage(pin, |at| pad_at(devices, selected, at));
        let port = &mut devices.gpio[usize::from(pin.port)];
        let before = port.level(pin.number);
        port.sense(
            pin.number,
            level(voltage.millivolts, before),
            fx.now + voltage.delay,
        );
        let after = port.level(pin.number);
        if let Some(trace) = &mut self.trace {
            trace.net(fx.now, pin, voltage.millivolts.map(|_| after));
        }
        if let Some(contention) = voltage.contention {
            fx.report(Kind::Rule, contention);
        }
        if after != before
            && let Some((index, signal)) = self.selected[usize::from(pin.port)][usize::from(pin.number)]
        {
            self.tell(index, signal, Some(after), fx);
        }
        let devices = &mut self.devices;
        if after != before && devices.syscfg.exti_port(pin.number) == pin.port {
            devices.exti.edge(pin.number, after);
            self.look_at(EXTI);
        }
        let Chip { parts, nets, .. } = self;
        parts.see(pin, voltage.millivolts, nets, fx)
    }

    /// Tell the peripheral that the pin was set to that it no longer is, and the one that it is set to now what is on it.
    fn select(&mut self, pin: Pin, fx: &mut Effects) {
        let port = &self.devices.gpio[usize::from(pin.port)];
        let level = port.level(pin.number);
        let mode = port.pad(pin.number).mode;
        let known = &mut self.modes[usize::from(pin.port)][usize::from(pin.number)];
        if known.replace(mode) == Some(mode) {
            return;
        }
        let chosen = match mode {
            Mode::Alternate(number) => mux::signal(pin, number).and_then(|(peripheral, signal)| {
                let index = ROWS.iter().position(|row| row.name == peripheral)?;
                Some((index, signal))
            }),
            _ => None,
        };
        let selected = &mut self.selected[usize::from(pin.port)][usize::from(pin.number)];
        let before = core::mem::replace(selected, chosen);
        if before == chosen {
            return;
        }
        if let Some((index, signal)) = before {
            self.tell(index, signal, None, fx);
        }
        if let Some((index, signal)) = chosen {
            self.tell(index, signal, Some(level), fx);
        }
        let concerns_bus = |at: Option<(usize, &str)>| at.is_some_and(|(row, _)| BUS_ROWS.contains(&row));
        if concerns_bus(before) || concerns_bus(chosen) {
            self.find_frame_lines();
        }
    }

    /// Whether what a serial port sends goes to another pin, by a wire or a bridge.
    pub fn leads_elsewhere(&self, port: usize) -> bool {
        let sends = Some((SERIAL_ROWS[port], "TX"));
        let pins =
            (0..self.selected.len() as u8).flat_map(|port| (0..16).map(move |number| Pin { port, number }));
        pins.filter(|pin| self.selected[usize::from(pin.port)][usize::from(pin.number)] == sends)
            .any(|pin| self.nets.joined(pin).len() > 1)
    }

    fn tell(&mut self, index: usize, signal: &str, level: Option<bool>, fx: &mut Effects) {
        if let Some(device) = ROWS[index].device {
            device(&mut self.devices).sense(signal, level, fx);
            self.look_at(index);
        }
    }

    /// The pins of a device whose outputs have changed. False: they have not.
    pub(super) fn show_outputs(&mut self, index: usize, fx: &mut Effects) -> bool {
        let Some(device) = ROWS[index].device else {
            return false;
        };
        let told = self.pass_frame(index, fx);
        if !device(&mut self.devices).take_outputs_changed() {
            return told;
        }
        let signals = device(&mut self.devices).signals();
        let mut moved = Vec::new();
        for port in 0..self.selected.len() as u8 {
            for number in 0..16 {
                match self.selected[usize::from(port)][usize::from(number)] {
                    Some((of, signal)) if of == index => moved.push((signal, Pin { port, number })),
                    _ => {}
                }
            }
        }
        moved.extend(mux::analog_outputs(ROWS[index].name).map(|pin| ("OUT", pin)));
        moved.sort_by_key(|(signal, _)| signals.iter().position(|known| known == signal));
        for (_, pin) in moved {
            self.settle_pin(pin, fx);
        }
        true
    }

    /// Give a converter that waits for it what is on the net of its input.
    pub(super) fn feed_sample(&mut self, index: usize, fx: &mut Effects) {
        let Some(device) = ROWS[index].device else { return };
        if let Some((peripheral, channel)) = device(&mut self.devices).wants_sample() {
            let pin = mux::analog(peripheral, channel);
            let millivolts = pin.and_then(|pin| self.millivolts(pin));
            device(&mut self.devices).sample(millivolts, fx);
        }
    }

    /// What is on the net of a pin, in millivolts; `None` if it floats.
    pub fn millivolts(&mut self, pin: Pin) -> Option<u32> {
        let Chip {
            devices,
            nets,
            selected,
            ..
        } = self;
        nets.voltage(pin, |at| pad_at(devices, selected, at)).millivolts
    }

    /// Tell console and memory controller which of their pins lead to the outside.
    fn connect(&mut self, fx: &Effects) {
        let Chip {
            devices,
            nets,
            wiring,
            memory_link,
            ..
        } = self;
        let leads = |part, pin| wiring.selects(part, pin, &devices.gpio) && nets.conducts(part, pin);
        let (tx, rx) = (leads("console", "RX"), leads("console", "TX"));
        let leads_to_sd = |pin| leads("sd", pin);
        let lines = Lines {
            command: leads_to_sd("CLK") && leads_to_sd("CMD"),
            data: ["DAT0", "DAT1", "DAT2", "DAT3"].map(leads_to_sd),
        };
        if nets.take_joints_changed() {
            *memory_link = link::memory(nets);
        }
        let mut pins = *memory_link;
        let routed = devices.octospim.routes_octospi1();
        if !routed {
            pins.copper = Copper::SOUND;
        }
        let selects = |pin: &&str| routed && wiring.selects("memory", pin, &devices.gpio);
        pins.clk_and_ncs &= CLOCK.iter().all(selects);
        for (line, pin) in IO.iter().enumerate() {
            pins.copper.joined &= !(u8::from(!selects(pin)) << line);
        }
        devices.usarts[wiring.console].connect(tx, rx);
        devices.otg.connect(
            wiring.leads_to_usb(&devices.gpio) && nets.conducts("usb", "D-") && nets.conducts("usb", "D+"),
        );
        devices.masters.sdmmc1.connect(lines);
        devices.octospi1.set_pins(pins);
        self.connect_camera(fx);
    }
}

/// What the chip does at a pin: what its port made of the pad, and what a peripheral drives there.
fn pad_at(devices: &mut Devices, selected: &Selected, pin: Pin) -> (Pad, Option<Drive>) {
    let pad = devices.gpio[usize::from(pin.port)].pad(pin.number);
    if pad.mode == Mode::Analog
        && let Some((name, channel)) = mux::analog_output(pin)
        && let Some(row) = ROWS.iter().find(|row| row.name == name)
    {
        let drive = row
            .device
            .and_then(|device| device(devices).analog_output(channel));
        return (pad, drive);
    }
    let peripheral = selected[usize::from(pin.port)][usize::from(pin.number)].and_then(|(row, signal)| {
        let high = ROWS[row].device?(devices).output(signal)?;
        (!(pad.open_drain && high)).then(|| Drive::output(high))
    });
    (pad, peripheral)
}
