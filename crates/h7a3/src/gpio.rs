//! Pins by name, for a program that learns at run time which pin it wants.
//!
//! embassy has switched every port on at start. Registers, not embassy's types: those set a pin back to analog when they
//! are dropped, and a Python object that names a pin owns nothing.

#[cfg(target_os = "none")]
use embassy_stm32::pac;
#[cfg(target_os = "none")]
use embassy_stm32::pac::common::{Reg, W};
#[cfg(target_os = "none")]
use embassy_stm32::pac::gpio::{Gpio, regs::Bsrr, vals};

/// A pin: port letter and number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PinId {
    port: u8,
    number: u8,
}

/// A resistor inside the chip.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pull {
    /// No resistor.
    None,
    /// To the supply.
    Up,
    /// To ground.
    Down,
}

/// What a pin is used for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// Read.
    Input,
    /// Driven both ways.
    Output,
    /// Driven low or released.
    OpenDrain,
    /// Given to a peripheral.
    Alternate,
    /// Not used digitally; the state after reset.
    Analog,
}

/// A light of the board.
pub struct Led {
    /// What the board's print calls it.
    pub name: &'static str,
    /// Where.
    pub pin: PinId,
    /// Whether a high level lights it.
    pub active_high: bool,
}

/// A key of the board.
pub struct Key {
    /// What the board's print calls it.
    pub name: &'static str,
    /// Where.
    pub pin: PinId,
    /// The resistor that it needs inside the chip.
    pub pull: Pull,
    /// Whether pressing it makes a high level.
    pub active_high: bool,
}

impl PinId {
    /// The pin `P<port><number>`; `None` if the LQFP100 package has no such pin (DS13195 table 7).
    pub const fn new(port: char, number: u8) -> Option<Self> {
        match (port, number) {
            ('A'..='E', 0..=15) | ('H', 0..=1) => Some(PinId {
                port: port as u8 - b'A',
                number,
            }),
            _ => None,
        }
    }

    /// The pin that `text` names, as `PA1`, `A1` or in small letters.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix(['P', 'p']).unwrap_or(text);
        let port = text.chars().next()?;
        let digits = text.get(1..)?;
        let plain = digits.bytes().all(|b| b.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
        if !plain {
            return None;
        }
        PinId::new(port.to_ascii_uppercase(), digits.parse().ok()?)
    }

    /// The pin with this [`PinId::index`]; `None` if the package has no such pin.
    pub fn from_index(index: u32) -> Option<Self> {
        let port = char::from_u32(u32::from(b'A') + index / 16)?;
        PinId::new(port, (index % 16) as u8)
    }

    /// A number of its own: 16 times the port, counted from A, and the number in the port.
    pub const fn index(self) -> u32 {
        self.port as u32 * 16 + self.number as u32
    }

    /// The port's letter.
    pub const fn port(self) -> char {
        (b'A' + self.port) as char
    }

    /// 0 to 15.
    pub const fn number(self) -> u8 {
        self.number
    }
}

/// The pin that a board file names. Fails the build on a pin that the package lacks.
pub const fn pin(port: char, number: u8) -> PinId {
    match PinId::new(port, number) {
        Some(pin) => pin,
        None => panic!("a board file names a pin that the LQFP100 package does not have"),
    }
}

#[cfg(target_os = "none")]
impl PinId {
    fn registers(self) -> Gpio {
        match self.port() {
            'A' => pac::GPIOA,
            'B' => pac::GPIOB,
            'C' => pac::GPIOC,
            'D' => pac::GPIOD,
            'E' => pac::GPIOE,
            // The only other port that a PinId can name.
            _ => pac::GPIOH,
        }
    }

    /// Makes it an input.
    pub fn input(self, pull: Pull) {
        self.set_pull(pull);
        self.set_mode(vals::Moder::INPUT);
    }

    /// Makes it an output; with `open_drain`, high means released.
    pub fn output(self, open_drain: bool, pull: Pull) {
        self.set_output_type(open_drain);
        self.set_pull(pull);
        self.set_mode(vals::Moder::OUTPUT);
    }

    /// Whether it only drives low, as an output or for a peripheral.
    pub fn is_open_drain(self) -> bool {
        self.registers().otyper().read().ot(self.number.into()) == vals::Ot::OPEN_DRAIN
    }

    fn set_output_type(self, open_drain: bool) {
        let kind = if open_drain {
            vals::Ot::OPEN_DRAIN
        } else {
            vals::Ot::PUSH_PULL
        };
        critical_section::with(|_| {
            self.registers()
                .otyper()
                .modify(|w| w.set_ot(self.number.into(), kind))
        });
    }

    /// Gives it to a peripheral, by the number of the alternate function.
    pub fn alternate(self, number: u8, open_drain: bool, pull: Pull) {
        self.set_output_type(open_drain);
        self.set_pull(pull);
        let (register, field) = (usize::from(self.number / 8), usize::from(self.number % 8));
        critical_section::with(|_| {
            self.registers()
                .afr(register)
                .modify(|w| w.set_afr(field, number))
        });
        self.set_mode(vals::Moder::ALTERNATE);
    }

    /// Which alternate function it has when it is given to a peripheral.
    pub fn function(self) -> u8 {
        let (register, field) = (usize::from(self.number / 8), usize::from(self.number % 8));
        self.registers().afr(register).read().afr(field)
    }

    /// How steep its edges are as an output: 0 to 3.
    pub fn set_speed(self, speed: u8) {
        critical_section::with(|_| {
            self.registers()
                .ospeedr()
                .modify(|w| w.set_ospeedr(self.number.into(), vals::Ospeedr::from_bits(speed & 3)))
        });
    }

    /// The same.
    pub fn speed(self) -> u8 {
        self.registers()
            .ospeedr()
            .read()
            .ospeedr(self.number.into())
            .to_bits()
    }

    /// The resistor that is on.
    pub fn pull(self) -> Pull {
        match self.registers().pupdr().read().pupdr(self.number.into()) {
            vals::Pupdr::PULL_UP => Pull::Up,
            vals::Pupdr::PULL_DOWN => Pull::Down,
            _ => Pull::None,
        }
    }

    /// Gives it up: no input, no output.
    pub fn analog(self) {
        self.set_pull(Pull::None);
        self.set_mode(vals::Moder::ANALOG);
    }

    /// What it is used for now.
    pub fn mode(self) -> Mode {
        match self.registers().moder().read().moder(self.number.into()) {
            vals::Moder::INPUT => Mode::Input,
            vals::Moder::OUTPUT => match self.registers().otyper().read().ot(self.number.into()) {
                vals::Ot::PUSH_PULL => Mode::Output,
                vals::Ot::OPEN_DRAIN => Mode::OpenDrain,
            },
            vals::Moder::ALTERNATE => Mode::Alternate,
            vals::Moder::ANALOG => Mode::Analog,
        }
    }

    /// The level on the pin.
    pub fn is_high(self) -> bool {
        self.registers().idr().read().idr(self.number.into()) == vals::Idr::HIGH
    }

    /// The level that an output is told to drive.
    pub fn is_set_high(self) -> bool {
        self.registers().odr().read().odr(self.number.into()) == vals::Odr::HIGH
    }

    /// Drives an output. One store: other pins of the port are left alone.
    pub fn set(self, high: bool) {
        self.bsrr().write_value(self.change_to(high));
    }

    /// The register that changes the level.
    pub(crate) fn bsrr(self) -> Reg<Bsrr, W> {
        self.registers().bsrr()
    }

    /// What changes the level there.
    pub(crate) fn change_to(self, high: bool) -> Bsrr {
        let (number, mut change) = (usize::from(self.number), Bsrr(0));
        if high {
            change.set_bs(number, true);
        } else {
            change.set_br(number, true);
        }
        change
    }

    /// Changes the resistor alone.
    pub fn set_pull(self, pull: Pull) {
        let pull = match pull {
            Pull::None => vals::Pupdr::FLOATING,
            Pull::Up => vals::Pupdr::PULL_UP,
            Pull::Down => vals::Pupdr::PULL_DOWN,
        };
        critical_section::with(|_| {
            self.registers()
                .pupdr()
                .modify(|w| w.set_pupdr(self.number.into(), pull))
        });
    }

    fn set_mode(self, mode: vals::Moder) {
        critical_section::with(|_| {
            self.registers()
                .moder()
                .modify(|w| w.set_moder(self.number.into(), mode))
        });
    }
}

#[cfg(target_os = "none")]
impl Led {
    /// Makes the pin an output and the light dark.
    pub fn init(&self) {
        self.light(false);
        self.pin.output(false, Pull::None);
    }

    /// Lights it or not.
    pub fn light(&self, on: bool) {
        self.pin.set(on == self.active_high);
    }

    /// Changes it.
    pub fn toggle(&self) {
        self.pin.set(!self.pin.is_set_high());
    }
}

/// Does something with all ports switched on, before anything else is, and leaves them as after a reset.
#[cfg(target_os = "none")]
pub fn with_ports<T>(action: impl FnOnce() -> T) -> T {
    let ports = |on: bool| {
        pac::RCC.ahb4enr().modify(|w| {
            w.set_gpioaen(on);
            w.set_gpioben(on);
            w.set_gpiocen(on);
            w.set_gpioden(on);
            w.set_gpioeen(on);
            w.set_gpiohen(on);
        });
        // A peripheral answers two cycles of its bus after it got its clock (RM0455 8.5.11).
        let _ = pac::RCC.ahb4enr().read();
    };
    ports(true);
    let result = action();
    ports(false);
    result
}

#[cfg(target_os = "none")]
impl Key {
    /// Whether it is pressed. The pin is an input meanwhile, and afterwards as after a reset.
    pub fn is_held(&self) -> bool {
        self.pin.input(self.pull);
        // The resistor charges the pin: 40 kOhm and some 50 pF.
        crate::time::delay_us(20);
        let held = self.pin.is_high() == self.active_high;
        self.pin.analog();
        held
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_named_with_or_without_p_in_any_case() {
        let pa1 = PinId::new('A', 1);
        assert!(pa1.is_some());
        for name in ["PA1", "A1", "pa1", "a1"] {
            assert_eq!(PinId::parse(name), pa1, "{name}");
        }
        assert_eq!(pa1.map(|p| (p.port(), p.number())), Some(('A', 1)));
    }

    #[test]
    fn names_of_no_pin_are_refused() {
        for name in [
            "", "P", "PA", "PA16", "PF0", "PH2", "PA01", "PA+1", "PA 1", "LED", "PÄ1", "é",
        ] {
            assert_eq!(PinId::parse(name), None, "{name}");
        }
    }
}
