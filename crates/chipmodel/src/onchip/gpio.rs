//! One GPIO port (RM0455 11): modes, pulls, output levels, and what the board drives from outside.
//!
//! Counts level changes of each pin, so that a test can see a LED blink. A floating input reads 0.
//! Does NOT model: analog use, the lock register, what an alternate function drives.

use crate::bus::bank::{Bank, Register, lane, merged};
use crate::{Device, Effects, Refused, Width};

const MODER: u32 = 0x00;
const OTYPER: u32 = 0x04;
const OSPEEDR: u32 = 0x08;
const PUPDR: u32 = 0x0C;
const IDR: u32 = 0x10;
const ODR: u32 = 0x14;
const BSRR: u32 = 0x18;
const LCKR: u32 = 0x1C;
const AFRL: u32 = 0x20;
const AFRH: u32 = 0x24;

macro_rules! port_registers {
    ($moder:expr, $ospeedr:expr, $pupdr:expr) => {
        &[
            Register::new(MODER, "GPIO_MODER", $moder, u32::MAX),
            Register::new(OTYPER, "GPIO_OTYPER", 0, 0xFFFF),
            Register::new(OSPEEDR, "GPIO_OSPEEDR", $ospeedr, u32::MAX),
            Register::new(PUPDR, "GPIO_PUPDR", $pupdr, u32::MAX),
            Register::new(ODR, "GPIO_ODR", 0, 0xFFFF),
            Register::new(AFRL, "GPIO_AFRL", 0, u32::MAX),
            Register::new(AFRH, "GPIO_AFRH", 0, u32::MAX),
        ]
    };
}

// Ports A and B wake up with the debug pins in use (RM0455 11.4.1 to 11.4.4).
const PORT_A: &[Register] = port_registers!(0xABFF_FFFF, 0x0C00_0000, 0x6400_0000);
const PORT_B: &[Register] = port_registers!(0xFFFF_FEBF, 0x0000_00C0, 0x0000_0100);
const PORT_OTHER: &[Register] = port_registers!(0xFFFF_FFFF, 0, 0);

/// What a pin is set up for (MODER).
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

/// A port of 16 pins.
#[derive(Clone, Debug)]
pub struct Gpio {
    name: String,
    bank: Bank,
    driven: [Option<bool>; 16],
    levels: u16,
    changes: [u32; 16],
}

impl Gpio {
    /// The port with this letter, `'A'` to `'K'`.
    pub fn new(letter: char) -> Self {
        let table = match letter {
            'A' => PORT_A,
            'B' => PORT_B,
            _ => PORT_OTHER,
        };
        let mut port = Gpio {
            name: format!("GPIO{letter}"),
            bank: Bank::new(table),
            driven: [None; 16],
            levels: 0,
            changes: [0; 16],
        };
        port.levels = port.sensed();
        port
    }

    /// Drive a pin from outside (a key, a jumper), or let go of it.
    pub fn drive(&mut self, pin: u8, level: Option<bool>) {
        self.driven[usize::from(pin)] = level;
        self.settle();
    }

    /// The level on a pin now.
    pub fn level(&self, pin: u8) -> bool {
        self.levels & 1 << pin != 0
    }

    /// How often the level of a pin has changed since power-up.
    pub fn changes(&self, pin: u8) -> u32 {
        self.changes[usize::from(pin)]
    }

    /// What a pin is set up for.
    pub fn mode(&self, pin: u8) -> Mode {
        match self.bank.get(MODER) >> (2 * pin) & 3 {
            0 => Mode::Input,
            1 => Mode::Output,
            2 => {
                let select = if pin < 8 {
                    self.bank.get(AFRL)
                } else {
                    self.bank.get(AFRH)
                };
                Mode::Alternate((select >> (4 * (pin & 7)) & 15) as u8)
            }
            _ => Mode::Analog,
        }
    }

    fn sensed(&self) -> u16 {
        (0..16)
            .filter(|&pin| self.sense(pin))
            .fold(0, |levels, pin| levels | 1 << pin)
    }

    fn sense(&self, pin: u8) -> bool {
        let high = self.bank.get(ODR) & 1 << pin != 0;
        let open_drain = self.bank.get(OTYPER) & 1 << pin != 0;
        match self.mode(pin) {
            Mode::Output if !(open_drain && high) => high,
            // The Schmitt trigger is off (RM0455 11.3.12).
            Mode::Analog => false,
            _ => self.driven[usize::from(pin)].unwrap_or(self.bank.get(PUPDR) >> (2 * pin) & 3 == 1),
        }
    }

    fn settle(&mut self) {
        let now = self.sensed();
        let mut changed = now ^ self.levels;
        self.levels = now;
        while changed != 0 {
            self.changes[changed.trailing_zeros() as usize] += 1;
            changed &= changed - 1;
        }
    }
}

impl Device for Gpio {
    fn name(&self) -> &str {
        &self.name
    }

    fn read(&mut self, offset: u32, width: Width, _fx: &mut Effects) -> Result<u32, Refused> {
        let word = match offset & !3 {
            IDR => u32::from(self.levels),
            BSRR => 0,
            LCKR => return Err(Refused::Unmodelled("GPIO_LCKR")),
            plain => self.bank.load(plain, "GPIO register")?,
        };
        Ok(lane(word, offset, width))
    }

    fn write(&mut self, offset: u32, width: Width, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        match offset & !3 {
            IDR => return Ok(()),
            BSRR => {
                let bits = merged(0, offset, width, value);
                // When both are given, set wins over reset (RM0455 11.4.7).
                let odr = self.bank.get(ODR) & !(bits >> 16) | bits & 0xFFFF;
                self.bank.set(ODR, odr);
            }
            LCKR => return Err(Refused::Unmodelled("GPIO_LCKR")),
            plain => {
                let word = merged(self.bank.load(plain, "GPIO register")?, offset, width, value);
                self.bank.store(plain, word, "GPIO register", fx)?;
            }
        }
        self.settle();
        Ok(())
    }

    fn reset(&mut self) {
        self.bank.reset();
        self.settle();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Clocks;
    use crate::bus::bank::testing::Bench;

    fn bench() -> Bench {
        Bench::new(Clocks::default())
    }

    #[test]
    fn an_output_follows_bsrr_and_is_counted() {
        let (mut bench, mut port) = (bench(), Gpio::new('E'));
        bench.write(&mut port, 0x00, !(3 << 6) | 1 << 6);
        bench.write(&mut port, 0x18, 1 << 3);
        assert!(port.level(3));
        bench.write(&mut port, 0x18, 1 << (16 + 3));
        bench.write(&mut port, 0x18, 1 << (16 + 3) | 1 << 3);
        assert_eq!(
            (port.level(3), port.changes(3), bench.read(&mut port, 0x14)),
            (true, 3, 8)
        );
    }

    #[test]
    fn an_input_reads_its_pull_until_something_drives_it() {
        let (mut bench, mut port) = (bench(), Gpio::new('C'));
        bench.write(&mut port, 0x00, !(3 << 10));
        bench.write(&mut port, 0x0C, 1 << 10);
        assert_eq!(bench.read(&mut port, 0x10), 1 << 5);
        port.drive(5, Some(false));
        assert_eq!(bench.read(&mut port, 0x10), 0);
    }

    #[test]
    fn an_open_drain_output_that_is_high_can_be_pulled_low_from_outside() {
        let (mut bench, mut port) = (bench(), Gpio::new('C'));
        bench.write(&mut port, 0x00, !(3 << 10) | 1 << 10);
        bench.write(&mut port, 0x04, 1 << 5);
        bench.write(&mut port, 0x0C, 1 << 10);
        bench.write(&mut port, 0x18, 1 << 5);
        assert!(port.level(5));
        port.drive(5, Some(false));
        assert!(!port.level(5));
    }

    #[test]
    fn alternate_functions_are_told_by_number() {
        let (mut bench, mut port) = (bench(), Gpio::new('A'));
        bench.write(&mut port, 0x00, !(3 << 18) | 2 << 18);
        bench.write(&mut port, 0x24, 7 << 4);
        assert_eq!((port.mode(9), port.mode(10)), (Mode::Alternate(7), Mode::Analog));
    }

    #[test]
    fn ports_with_debug_pins_start_as_the_manual_says() {
        let mut bench = bench();
        assert_eq!(bench.read(&mut Gpio::new('A'), 0x00), 0xABFF_FFFF);
        assert_eq!(bench.read(&mut Gpio::new('B'), 0x0C), 0x0000_0100);
    }
}
