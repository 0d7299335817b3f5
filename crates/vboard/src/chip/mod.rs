//! The peripherals of the chip that do not touch the memory window, as plain fields, and the way an access finds them.
//!
//! An access to a peripheral whose clock is off or that is held in reset is reported and answers as silicon does: reads
//! give 0, writes are lost.
//! Does NOT hold OCTOSPI and its I/O manager, which the machine owns; it only feeds and resets them.

pub(crate) mod clock;
mod console;
pub mod external;
mod limits;
mod map;
mod masters;

pub(crate) use console::check as check_console;
pub use map::{MemoryPart, Place, Slot, find};

use crate::board::{Board, Pin};
use chipmodel::bus::bank::report;
use chipmodel::onchip::dbgmcu::Dbgmcu;
use chipmodel::onchip::flash::FlashInterface;
use chipmodel::onchip::gpio::{Gpio, Mode};
use chipmodel::onchip::mdma::Mdma;
use chipmodel::onchip::pwr::Pwr;
use chipmodel::onchip::rcc::{Rcc, ResetCause};
use chipmodel::onchip::rng::Rng;
use chipmodel::onchip::signature::Signature;
use chipmodel::onchip::syscfg::Syscfg;
use chipmodel::onchip::tim::Tim;
use chipmodel::onchip::usart::Usart;
use chipmodel::{Clocks, Device, Effects, Kind, Refused, Report, Time, Width};
use console::CONSOLES;

/// Name and offset for messages, `SPI1+0x08`, of any peripheral that the chip has.
pub fn name_of(address: u32) -> Option<String> {
    find(address).map(|place| format!("{}+{:#04x}", place.name, address - place.base))
}

/// Interrupt lines as levels: line n is bit n % 32 of word n / 32.
pub type Lines = [u32; 5];

/// A console pin of the board, and the alternate function that connects it.
#[derive(Clone, Copy, Debug)]
struct WirePin {
    pin: Pin,
    function: u8,
}

/// All plain peripherals.
#[derive(Clone, Debug)]
pub struct Peripherals {
    /// Reset and clocks.
    pub rcc: Rcc,
    /// Power.
    pub pwr: Pwr,
    /// Flash interface.
    pub flash: FlashInterface,
    /// Ports A to K.
    pub gpio: [Gpio; 11],
    /// The time base.
    pub tim12: Tim,
    /// Serial ports.
    pub usarts: [Usart; 4],
    /// System configuration.
    pub syscfg: Syscfg,
    /// Debug support.
    pub dbgmcu: Dbgmcu,
    /// Random numbers.
    pub rng: Rng,
    /// The factory's words.
    pub signature: Signature,
    /// DMA between memories. The machine gives it the buses when it is due.
    pub mdma: Mdma,
    console: usize,
    console_pins: [WirePin; 2],
    clock_complaints: Vec<String>,
    memory_resets: [bool; 2],
    stray_reported: bool,
}

impl Peripherals {
    /// As they are after power-up on this board. `seed` stands for the noise of the chip.
    pub fn new(board: &Board, seed: u64) -> Self {
        let console = console::index(&board.console.peripheral).unwrap_or(0);
        let wire_pin = |pins, pin| WirePin {
            pin,
            function: console::function(pins, pin).unwrap_or(0),
        };
        let mut chip = Peripherals {
            rcc: Rcc::new(board.hse_hz, board.lse_hz),
            pwr: Pwr::default(),
            flash: FlashInterface::default(),
            gpio: std::array::from_fn(|n| Gpio::new((b'A' + n as u8) as char)),
            tim12: Tim::new("TIM12", |clocks| clocks.tim1_hz),
            usarts: CONSOLES
                .each_ref()
                .map(|c| Usart::new(c.name, c.clock, board.console.baud)),
            syscfg: Syscfg::default(),
            dbgmcu: Dbgmcu::default(),
            rng: Rng::new(seed),
            signature: Signature::new([0x0032_0019, 0x3132_510B, 0x3537_3334]),
            mdma: Mdma::new(),
            console,
            console_pins: [
                wire_pin(CONSOLES[console].tx, board.console.tx),
                wire_pin(CONSOLES[console].rx, board.console.rx),
            ],
            clock_complaints: Vec::new(),
            memory_resets: [false; 2],
            stray_reported: false,
        };
        chip.wire_console();
        chip
    }

    /// A reset of the chip. The wire keeps what is on it, and the keys stay as they are.
    pub fn system_reset(&mut self, cause: ResetCause) {
        self.rcc.system_reset(cause);
        self.pwr.reset();
        self.flash.reset();
        self.gpio.iter_mut().for_each(Device::reset);
        self.tim12.reset();
        self.usarts.iter_mut().for_each(Device::reset);
        self.syscfg.reset();
        self.rng.reset();
        self.mdma.reset();
        self.memory_resets = [true; 2];
        self.clock_complaints.clear();
        self.wire_console();
    }

    /// Whether a model in here answers at this address.
    pub fn owns(address: u32) -> bool {
        find(address).is_some_and(|place| !matches!(place.slot, Slot::Unmodelled | Slot::Memory(_)))
    }

    /// Read at a bus address.
    pub fn read(&mut self, address: u32, width: Width, fx: &mut Effects) -> Result<u32, Refused> {
        let place = find(address).ok_or(Refused::Unmodelled("address"))?;
        if !self.is_awake(place, address, fx) {
            return Ok(0);
        }
        let device = self.device(place.slot).ok_or(Refused::Unmodelled(place.name))?;
        device.read(address - place.base, width, fx)
    }

    /// Write at a bus address.
    pub fn write(&mut self, address: u32, width: Width, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        let place = find(address).ok_or(Refused::Unmodelled("address"))?;
        if !self.is_awake(place, address, fx) {
            return Ok(());
        }
        if place.slot == Slot::Rcc {
            // Everything up to now ran on the old clocks.
            self.advance(fx);
            self.rcc.backup_writable = self.pwr.backup_writable();
        }
        let device = self.device(place.slot).ok_or(Refused::Unmodelled(place.name))?;
        device.write(address - place.base, width, value, fx)?;
        match place.slot {
            Slot::Rcc => self.after_rcc_write(fx),
            Slot::Pwr | Slot::Flash => self.check_clocks(fx),
            Slot::Gpio(_) => self.wire_console(),
            _ => {}
        }
        Ok(())
    }

    /// Whether a peripheral (also one that the machine owns) gets its clock and is out of reset; reports if not.
    pub fn is_awake(&self, place: &Place, address: u32, fx: &mut Effects) -> bool {
        let Some(gate) = place.gate else { return true };
        let why = if !self.rcc.is_on(gate) {
            "its clock is off"
        } else if self.rcc.is_held(gate) {
            "it is held in reset"
        } else {
            return true;
        };
        let message = format!("{} used while {why} ({})", place.name, gate.describe());
        fx.reports.push(Report {
            kind: Kind::Rule,
            address: Some(address),
            message,
        });
        false
    }

    /// The clock tree now.
    pub fn clocks(&self) -> Clocks {
        self.rcc.clocks()
    }

    /// Whether RCC has reset this part of the memory interface since the last call.
    pub fn take_memory_reset(&mut self, part: MemoryPart) -> bool {
        std::mem::take(&mut self.memory_resets[part as usize])
    }

    /// When the first of them changes by itself.
    pub fn next_event(&self) -> Option<Time> {
        let clocks = self.clocks();
        let serial = self.usarts.iter().filter_map(|usart| usart.next_event(&clocks));
        let others = [self.tim12.next_event(&clocks), self.mdma.next_event(&clocks)];
        serial.chain(others.into_iter().flatten()).min()
    }

    /// Let time pass up to `fx.now`.
    pub fn advance(&mut self, fx: &mut Effects) {
        self.tim12.advance(fx);
        for (index, usart) in self.usarts.iter_mut().enumerate() {
            usart.advance(fx);
            if index != self.console && !usart.take_sent().is_empty() && !self.stray_reported {
                self.stray_reported = true;
                let (stray, console) = (CONSOLES[index].name, CONSOLES[self.console].name);
                let message = format!(
                    "{stray} sends, but the board's console is {console} and nobody listens to {stray}: \
                     is this the firmware of another board?"
                );
                report(fx, Kind::Unmodelled, message);
            }
        }
    }

    /// The levels of all interrupt lines that come from here.
    pub fn irq_lines(&self) -> Lines {
        let mut lines = Lines::default();
        let mut raise = |level: bool, irq: usize| lines[irq / 32] |= u32::from(level) << (irq % 32);
        raise(self.tim12.interrupt(), 43);
        raise(self.rng.interrupt(), 80);
        raise(self.mdma.interrupt(), 122);
        for (usart, irq) in self.usarts.iter().zip([37, 38, 39, 82]) {
            raise(usart.interrupt(), irq);
        }
        lines
    }

    /// The port that the board has wired to the outside.
    pub fn console(&mut self) -> &mut Usart {
        &mut self.usarts[self.console]
    }

    /// The level on a pin.
    pub fn level(&self, pin: Pin) -> bool {
        self.gpio[usize::from(pin.port)].level(pin.number)
    }

    /// How often the level on a pin has changed.
    pub fn changes(&self, pin: Pin) -> u32 {
        self.gpio[usize::from(pin.port)].changes(pin.number)
    }

    /// Drive a pin from outside, or let go of it.
    pub fn drive(&mut self, pin: Pin, level: Option<bool>) {
        self.gpio[usize::from(pin.port)].drive(pin.number, level);
    }

    /// The wire is soldered to two pins; the port reaches them only by the right alternate function.
    fn wire_console(&mut self) {
        let reaches = |WirePin { pin, function }: WirePin| {
            self.gpio[usize::from(pin.port)].mode(pin.number) == Mode::Alternate(function)
        };
        let [tx, rx] = self.console_pins.map(reaches);
        self.usarts[self.console].connect(tx, rx);
    }

    fn device(&mut self, slot: Slot) -> Option<&mut dyn Device> {
        Some(match slot {
            Slot::Unmodelled | Slot::Memory(_) => return None,
            Slot::Rcc => &mut self.rcc,
            Slot::Pwr => &mut self.pwr,
            Slot::Flash => &mut self.flash,
            Slot::Gpio(port) => &mut self.gpio[usize::from(port)],
            Slot::Tim12 => &mut self.tim12,
            Slot::Usart(index) => &mut self.usarts[usize::from(index)],
            Slot::Syscfg => &mut self.syscfg,
            Slot::Dbgmcu => &mut self.dbgmcu,
            Slot::Rng => &mut self.rng,
            Slot::Signature => &mut self.signature,
            Slot::Mdma => &mut self.mdma,
        })
    }

    /// Resets that RCC has given, and rules of the new clocks.
    fn after_rcc_write(&mut self, fx: &mut Effects) {
        if self.rcc.has_resets() {
            for place in map::PLACES {
                if !place.gate.is_some_and(|gate| self.rcc.take_reset(gate)) {
                    continue;
                }
                match place.slot {
                    Slot::Memory(part) => self.memory_resets[part as usize] = true,
                    slot => {
                        if let Some(device) = self.device(slot) {
                            device.reset();
                        }
                    }
                }
            }
            self.rcc.forget_resets();
        }
        self.wire_console();
        // Timers and serial ports take the new clocks from here on.
        let mut after = Effects {
            now: fx.now,
            clocks: self.clocks(),
            reports: &mut *fx.reports,
            stall: fx.stall,
        };
        self.advance(&mut after);
        self.check_clocks(fx);
    }

    /// Report the limits that the clocks break now and did not break before.
    fn check_clocks(&mut self, fx: &mut Effects) {
        let (latency, wrhighfreq) = (self.flash.latency(), self.flash.wrhighfreq());
        let now = limits::broken(&self.clocks(), self.pwr.vos(), latency, wrhighfreq);
        for complaint in now
            .iter()
            .filter(|complaint| !self.clock_complaints.contains(complaint))
        {
            report(fx, Kind::Rule, complaint.clone());
        }
        self.clock_complaints = now;
    }
}

#[cfg(test)]
mod tests;
