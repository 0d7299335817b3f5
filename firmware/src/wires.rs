//! The memory's six lines as plain pins, to find out which joint is bad: pulled, driven, charged. Afterwards they are the
//! controller's again.

use h7a3::gpio::{Mode, PinId, Pull};
use h7a3::{interrupts, package, time};
use psram::diagnose::{ALL_LINES, CE, LINES, Seen, words::Processor};

use crate::board;

/// What a pull of 50 kOhm needs for 100 pF, several times over.
const SETTLE_US: u64 = 20;
/// A chip that is selected without a clock forgets what it holds after this; nothing is selected for as long.
const SELECTED_US: u64 = 4;
/// No line takes as long to charge.
const CHARGE_CYCLES: u32 = 5000;
/// Of so many the shortest counts.
const CHARGES: usize = 3;

/// By line: SIO0 to SIO3, clock, chip select.
const WIRES: [&str; LINES] = ["IO0", "IO1", "IO2", "IO3", "clock", "chip select"];

/// Leaves SIO2 and SIO3 to themselves: whatever they are joined to, nobody drives against it. For a chip that is spoken to on one
/// line.
pub fn let_go_of_two() {
    two().for_each(PinId::analog);
}

/// Gives them back to the controller.
pub fn take_two_again() {
    two().for_each(|pin| pin.alternate(pin.function(), false, Pull::None));
}

fn two() -> impl Iterator<Item = PinId> {
    let two = board::RESERVED
        .iter()
        .filter(|reserved| WIRES[2..4].contains(&reserved.wire));
    two.map(|reserved| reserved.pin)
}

/// The lines of this board.
pub struct Wires {
    pins: [PinId; LINES],
    functions: [u8; LINES],
}

/// The processor's pin of a wire of the memory.
pub fn pin(wire: &str) -> Option<PinId> {
    board::RESERVED.iter().find(|r| r.wire == wire).map(|r| r.pin)
}

impl Wires {
    /// Takes the pins from the controller.
    pub fn take() -> Option<Wires> {
        let mut pins = [pin(WIRES[0])?; LINES];
        for (place, wire) in pins.iter_mut().zip(WIRES) {
            *place = pin(wire)?;
        }
        Some(Wires {
            pins,
            functions: pins.map(PinId::function),
        })
    }

    /// Name and number on the package of the processor's pins.
    pub fn processor(&self) -> [Processor; LINES] {
        self.pins.map(|pin| Processor {
            port: pin.port(),
            bit: pin.number(),
            number: package::number(pin).unwrap_or(0),
        })
    }

    /// Looks at levels, company and charge.
    pub fn look(&self, seen: &mut Seen) {
        interrupts::held(|| {
            self.look_at_levels(seen);
            if seen.held_low | seen.held_high == 0 {
                self.look_for_company(seen);
                self.look_for_supply(seen);
                seen.charge = core::array::from_fn(|line| self.charge_cycles(line));
            }
        });
        self.release();
    }

    /// All lines let go of and pulled up; the chip is not selected.
    fn release(&self) {
        for pin in self.pins {
            pin.input(Pull::Up);
        }
        time::delay_us(SETTLE_US);
    }

    fn levels(&self) -> u8 {
        (0..LINES).fold(0, |levels, n| levels | u8::from(self.pins[n].is_high()) << n)
    }

    fn look_at_levels(&self, seen: &mut Seen) {
        self.release();
        seen.held_low = !self.levels() & ALL_LINES;
        // All at once: a line that is joined to another must not be held by the other's pull.
        for pin in self.pins {
            pin.input(Pull::Down);
        }
        time::delay_us(SELECTED_US);
        seen.held_high = self.levels();
        self.release();
    }

    /// Each line alone is pulled up, and then down, and all others the other way: what does the chip do to it?
    fn look_for_supply(&self, seen: &mut Seen) {
        for (own, others, odd) in [
            (Pull::Up, Pull::Down, &mut seen.low_alone),
            (Pull::Down, Pull::Up, &mut seen.high_alone),
        ] {
            for (n, line) in self.pins.iter().enumerate() {
                self.pins.iter().for_each(|pin| pin.input(others));
                line.input(own);
                time::delay_us(SELECTED_US);
                *odd |= u8::from(line.is_high() != (own == Pull::Up)) << n;
                self.release();
            }
        }
    }

    /// Each line is pulled down hard, while all others are pulled up: who follows?
    fn look_for_company(&self, seen: &mut Seen) {
        for n in 0..LINES {
            let beside = [-1, 1].map(|step| self.beside(n, step));
            for pin in beside.into_iter().flatten() {
                pin.input(Pull::Up);
            }
            self.release();
            let was_high = beside.map(|pin| pin.is_some_and(PinId::is_high));
            self.pins[n].set(false);
            self.pins[n].output(false, Pull::None);
            time::delay_us(if n == CE { SELECTED_US } else { SETTLE_US });
            seen.follows[n] = !self.levels() & !(1 << n) & ALL_LINES;
            for (pin, was_high) in beside.into_iter().zip(was_high) {
                let Some(pin) = pin else { continue };
                if was_high && !pin.is_high() {
                    seen.stranger[n] = package::number(pin);
                }
                pin.analog();
            }
            self.release();
        }
    }

    /// The pin beside a line's own on the package, if nobody uses it.
    fn beside(&self, line: usize, step: i8) -> Option<PinId> {
        let number = package::number(self.pins[line])?.checked_add_signed(step)?;
        let pin = package::pin(number)?;
        let reserved = board::RESERVED.iter().any(|reserved| reserved.pin == pin);
        (!reserved && pin.mode() == Mode::Analog).then_some(pin)
    }

    fn charge_cycles(&self, line: usize) -> u32 {
        let pin = self.pins[line];
        let once = || {
            pin.set(false);
            pin.output(false, Pull::None);
            time::delay_us(SELECTED_US);
            pin.set_pull(Pull::Up);
            let start = time::cycles();
            pin.input(Pull::Up);
            while !pin.is_high() && time::cycles().wrapping_sub(start) < CHARGE_CYCLES {}
            time::cycles().wrapping_sub(start)
        };
        (0..CHARGES).map(|_| once()).min().unwrap_or(0)
    }
}

impl Drop for Wires {
    fn drop(&mut self) {
        for (pin, function) in self.pins.iter().zip(self.functions) {
            pin.alternate(function, false, Pull::None);
        }
    }
}
