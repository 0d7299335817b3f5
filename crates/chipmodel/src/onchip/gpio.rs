//! One GPIO port (RM0455 11): what its registers make of each pad, and the levels that the nets give back.
//!
//! What becomes of a pad together with everything else on its net is the board's matter. Counts level changes of each pin,
//! so that a test can see a LED blink. Does NOT model: the lock register, the speed of the output stages.

use crate::bus::bank::{Bank, Register, lane, merged};
use crate::bus::pad::{Drive, Mode, Pad};
use crate::{Device, Effects, Refused, Time, Width};

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

/// A port of 16 pins.
#[derive(Clone, Debug)]
pub struct Gpio {
    bank: Bank,
    levels: u16,
    changes: [u32; 16],
    touched: u16,
    /// Until when the input register still shows the level before.
    settles: [Time; 16],
}

impl Gpio {
    /// The port with this letter, `'A'` to `'K'`.
    pub fn new(letter: char) -> Self {
        let table = match letter {
            'A' => PORT_A,
            'B' => PORT_B,
            _ => PORT_OTHER,
        };
        Gpio {
            bank: Bank::new(table),
            levels: 0,
            changes: [0; 16],
            touched: 0xFFFF,
            settles: [Time(0); 16],
        }
    }

    /// Pins whose pads may have changed since the last call, as bits.
    pub fn take_touched(&mut self) -> u16 {
        core::mem::take(&mut self.touched)
    }

    /// What the port makes of a pin.
    pub fn pad(&self, pin: u8) -> Pad {
        let mode = self.mode(pin);
        let high = self.bank.get(ODR) & 1 << pin != 0;
        let open_drain = self.bank.get(OTYPER) & 1 << pin != 0;
        let drives = mode == Mode::Output && !(open_drain && high);
        let pull = match self.bank.get(PUPDR) >> (2 * pin) & 3 {
            // No pull in analog mode (RM0455 11.3.12).
            _ if mode == Mode::Analog => None,
            1 => Some(Drive::pull(true)),
            2 => Some(Drive::pull(false)),
            _ => None,
        };
        Pad {
            mode,
            output: drives.then(|| Drive::output(high)),
            pull,
            open_drain,
        }
    }

    /// The net of a pin goes to this level, which the input register shows from `settled` on; edges count at once. An analog
    /// pin's Schmitt trigger is off (RM0455 11.3.12): it reads 0.
    pub fn sense(&mut self, pin: u8, high: bool, settled: Time) {
        let high = high && self.mode(pin) != Mode::Analog;
        if high != self.level(pin) {
            self.settles[usize::from(pin)] = settled;
            self.levels ^= 1 << pin;
            self.changes[usize::from(pin)] += 1;
        }
    }

    /// Pins whose net still goes to its level.
    fn unsettled(&self, now: Time) -> u16 {
        (0..16).fold(0, |pins, n| pins | u16::from(self.settles[n] > now) << n)
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
}

impl Device for Gpio {
    fn read(&mut self, offset: u32, width: Width, fx: &mut Effects) -> Result<u32, Refused> {
        let word = match offset & !3 {
            IDR => u32::from(self.levels ^ self.unsettled(fx.now)),
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
        self.touched = 0xFFFF;
        Ok(())
    }

    fn reset(&mut self) {
        self.bank.reset();
        self.touched = 0xFFFF;
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
    fn an_output_drives_what_bsrr_says() {
        let (mut bench, mut port) = (bench(), Gpio::new('E'));
        bench.write(&mut port, 0x00, !(3 << 6) | 1 << 6);
        bench.write(&mut port, 0x18, 1 << 3);
        assert_eq!(port.pad(3).output, Some(Drive::output(true)));
        bench.write(&mut port, 0x18, 1 << (16 + 3));
        assert_eq!(port.pad(3).output, Some(Drive::output(false)));
        bench.write(&mut port, 0x18, 1 << (16 + 3) | 1 << 3);
        assert_eq!(
            (port.pad(3).output, bench.read(&mut port, 0x14)),
            (Some(Drive::output(true)), 8)
        );
    }

    #[test]
    fn the_level_of_the_net_is_read_and_its_changes_are_counted() {
        let (mut bench, mut port) = (bench(), Gpio::new('C'));
        bench.write(&mut port, 0x00, !(3 << 10));
        for high in [true, true, false, true] {
            port.sense(5, high, Time(0));
        }
        assert_eq!((bench.read(&mut port, 0x10), port.changes(5)), (1 << 5, 3));
        port.sense(6, true, Time(0));
        assert!(!port.level(6), "analog pins read 0");
    }

    #[test]
    fn an_input_offers_its_pull_and_an_analog_pin_does_not() {
        let (mut bench, mut port) = (bench(), Gpio::new('C'));
        bench.write(&mut port, 0x00, !(3 << 10));
        bench.write(&mut port, 0x0C, 1 << 10 | 2 << 12);
        assert_eq!(port.pad(5).pull, Some(Drive::pull(true)));
        assert_eq!(port.pad(6).pull, None);
    }

    #[test]
    fn an_open_drain_output_lets_go_of_a_high_level() {
        let (mut bench, mut port) = (bench(), Gpio::new('C'));
        bench.write(&mut port, 0x00, !(3 << 10) | 1 << 10);
        bench.write(&mut port, 0x04, 1 << 5);
        assert_eq!(port.pad(5).output, Some(Drive::output(false)));
        bench.write(&mut port, 0x18, 1 << 5);
        assert_eq!(port.pad(5).output, None);
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
