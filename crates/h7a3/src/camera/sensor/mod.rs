//! Sensors: how each is found, and what is written to it for a picture that a program wants. From their data sheets.
//!
//! They say over SCCB, which is I2C but for a stop between the address of a register and its reading. A sensor that has no registers
//! for the exact size is told the nearest larger one that it has, and DCMI cuts.

mod ov2640;
mod ov5640;
mod ov7670;
mod ov7725;

use super::XCLK_HZ;

/// The way to a sensor's registers.
pub trait Bus {
    /// What can go wrong.
    type Fault;

    /// Writes bytes to an address of 7 bits.
    ///
    /// # Errors
    /// If nobody acknowledges, or the bus is not free.
    fn write(&mut self, address: u8, bytes: &[u8]) -> Result<(), Self::Fault>;

    /// Reads one byte.
    ///
    /// # Errors
    /// As of [`Bus::write`].
    fn read(&mut self, address: u8) -> Result<u8, Self::Fault>;
}

/// How pixels come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// 5, 6, 5 bits.
    Rgb565,
    /// Y, U, Y, V.
    Yuv422,
    /// Compressed.
    Jpeg,
}

/// A picture that is wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wanted {
    /// Pixels.
    pub width: u16,
    /// Pixels.
    pub height: u16,
    /// How they come.
    pub format: Format,
    /// Pictures a second; 0: as many as there are.
    pub rate: u16,
    /// 10 is coarse, 100 fine, for those that compress.
    pub quality: u8,
}

/// What a sensor does then.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sends {
    /// Pictures in a thousand seconds.
    pub rate_milli: u32,
    /// A line of the array lasts so many nanoseconds, which is what exposure counts.
    pub line_ns: u32,
}

/// A sensor that is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Model {
    /// 2 megapixels.
    Ov2640,
    /// 5 megapixels.
    Ov5640,
    /// VGA.
    Ov7670,
    /// VGA.
    Ov7725,
}

/// What stands at the connector.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Found {
    /// A sensor.
    Sensor(Model),
    /// Something answers as a sensor does, with an id that is none of theirs.
    Unknown {
        /// Where.
        address: u8,
        /// Its first two bytes of id.
        id: u16,
    },
    /// Nobody.
    Nobody,
}

/// Registers and values for one of them.
struct Registers<'a, B: Bus> {
    bus: &'a mut B,
    address: u8,
    wide: bool,
}

impl<B: Bus> Registers<'_, B> {
    fn write(&mut self, register: u16, value: u8) -> Result<(), B::Fault> {
        let [high, low] = register.to_be_bytes();
        match self.wide {
            true => self.bus.write(self.address, &[high, low, value]),
            false => self.bus.write(self.address, &[low, value]),
        }
    }

    fn write_all(&mut self, rows: &[(u16, u8)]) -> Result<(), B::Fault> {
        rows.iter()
            .try_for_each(|(register, value)| self.write(*register, *value))
    }

    /// Two registers, the high byte first.
    fn write_pair(&mut self, register: u16, value: u16) -> Result<(), B::Fault> {
        let [high, low] = value.to_be_bytes();
        self.write(register, high)?;
        self.write(register + 1, low)
    }

    fn read(&mut self, register: u16) -> Result<u8, B::Fault> {
        let [high, low] = register.to_be_bytes();
        match self.wide {
            true => self.bus.write(self.address, &[high, low])?,
            false => self.bus.write(self.address, &[low])?,
        }
        self.bus.read(self.address)
    }

    /// Changes the bits of `mask`.
    fn change(&mut self, register: u16, mask: u8, value: u8) -> Result<(), B::Fault> {
        let before = self.read(register)?;
        self.write(register, before & !mask | value & mask)
    }
}

impl Model {
    /// As scripts number it.
    pub const fn number(self) -> u32 {
        match self {
            Model::Ov2640 => 0x26,
            Model::Ov5640 => 0x56,
            Model::Ov7670 => 0x76,
            Model::Ov7725 => 0x77,
        }
    }

    /// On its package.
    pub const fn name(self) -> &'static str {
        match self {
            Model::Ov2640 => "OV2640",
            Model::Ov5640 => "OV5640",
            Model::Ov7670 => "OV7670",
            Model::Ov7725 => "OV7725",
        }
    }

    const fn address(self) -> u8 {
        match self {
            Model::Ov2640 => 0x30,
            Model::Ov5640 => 0x3C,
            Model::Ov7670 | Model::Ov7725 => 0x21,
        }
    }

    fn registers<B: Bus>(self, bus: &mut B) -> Registers<'_, B> {
        Registers {
            bus,
            address: self.address(),
            wide: self == Model::Ov5640,
        }
    }

    /// The largest picture.
    pub const fn largest(self) -> (u16, u16) {
        match self {
            Model::Ov2640 => (1600, 1200),
            Model::Ov5640 => (2592, 1944),
            Model::Ov7670 | Model::Ov7725 => (640, 480),
        }
    }

    /// Whether it compresses by itself.
    pub const fn compresses(self) -> bool {
        matches!(self, Model::Ov2640)
    }

    /// Levels of VSYNC and HREF between pictures and lines, and the edge of PIXCLK that data is valid at: what [`Model::set_up`]
    /// leaves.
    pub const fn polarity(self) -> [bool; 3] {
        // A pulse of VSYNC, HREF high with data, which changes with the falling edge.
        [true, false, true]
    }

    /// All registers to what they are after power-up. A millisecond later the sensor can be spoken to.
    ///
    /// # Errors
    /// The bus's.
    pub fn reset<B: Bus>(self, bus: &mut B) -> Result<(), B::Fault> {
        let mut registers = self.registers(bus);
        match self {
            Model::Ov2640 => registers.write_all(&[(0xFF, 1), (0x12, 0x80)]),
            Model::Ov5640 => registers.write(0x3008, 0x82),
            Model::Ov7670 | Model::Ov7725 => registers.write(0x12, 0x80),
        }
    }

    /// Makes it send what is wanted. `None`: it does not have that size.
    ///
    /// # Errors
    /// The bus's.
    pub fn set_up<B: Bus>(self, bus: &mut B, wanted: &Wanted) -> Result<Option<Sends>, B::Fault> {
        let (width, height) = self.largest();
        if wanted.width > width || wanted.height > height || wanted.width % 4 != 0 || wanted.height % 4 != 0 {
            return Ok(None);
        }
        let mut registers = self.registers(bus);
        match self {
            Model::Ov2640 => ov2640::set_up(&mut registers, wanted),
            Model::Ov5640 => ov5640::set_up(&mut registers, wanted),
            Model::Ov7670 => ov7670::set_up(&mut registers, wanted),
            Model::Ov7725 => ov7725::set_up(&mut registers, wanted),
        }
    }

    /// Turns the picture over.
    ///
    /// # Errors
    /// The bus's.
    pub fn turn<B: Bus>(self, bus: &mut B, mirror: bool, flip: bool) -> Result<(), B::Fault> {
        let mut registers = self.registers(bus);
        let bits = |mirror_bit: u8, flip_bit: u8| {
            (if mirror { mirror_bit } else { 0 }) | if flip { flip_bit } else { 0 }
        };
        match self {
            Model::Ov2640 => {
                registers.write(0xFF, 1)?;
                registers.change(0x04, 0xC0, bits(0x80, 0x40))
            }
            Model::Ov5640 => {
                registers.change(0x3820, 6, if flip { 6 } else { 0 })?;
                registers.change(0x3821, 6, if mirror { 6 } else { 0 })
            }
            Model::Ov7670 => registers.change(0x1E, 0x30, bits(0x20, 0x10)),
            Model::Ov7725 => registers.change(0x0C, 0xC0, bits(0x40, 0x80)),
        }
    }

    /// Bars of colour in the place of the picture.
    ///
    /// # Errors
    /// The bus's.
    pub fn show_bars<B: Bus>(self, bus: &mut B, on: bool) -> Result<(), B::Fault> {
        let mut registers = self.registers(bus);
        let put = |bit: u8| if on { bit } else { 0 };
        match self {
            Model::Ov2640 => {
                registers.write(0xFF, 1)?;
                registers.change(0x12, 2, put(2))
            }
            Model::Ov5640 => registers.write(0x503D, put(0x80)),
            Model::Ov7670 => registers.change(0x42, 8, put(8)),
            Model::Ov7725 => registers.change(0x0C, 1, put(1)),
        }
    }

    /// What the sensor finds by itself; what is `None` stays.
    ///
    /// # Errors
    /// The bus's.
    pub fn automatic<B: Bus>(
        self,
        bus: &mut B,
        gain: Option<bool>,
        exposure: Option<bool>,
        white: Option<bool>,
    ) -> Result<(), B::Fault> {
        let mut registers = self.registers(bus);
        let asked = |on: Option<bool>, bit: u8| match on {
            None => (0, 0),
            Some(on) => (bit, if on { bit } else { 0 }),
        };
        if self == Model::Ov5640 {
            // By hand is a one there.
            let (gain, exposure) = (asked(gain.map(|on| !on), 2), asked(exposure.map(|on| !on), 1));
            registers.change(0x3503, gain.0 | exposure.0, gain.1 | exposure.1)?;
            let white = asked(white.map(|on| !on), 1);
            return registers.change(0x3406, white.0, white.1);
        }
        let (gain, exposure, mut white) = (asked(gain, 4), asked(exposure, 1), asked(white, 2));
        if self == Model::Ov2640 {
            registers.write(0xFF, 0)?;
            let white = asked(white_of(white), 8);
            registers.change(0xC3, white.0, white.1)?;
            registers.write(0xFF, 1)?;
        }
        if self == Model::Ov2640 {
            white = (0, 0);
        }
        registers.change(0x13, gain.0 | exposure.0 | white.0, gain.1 | exposure.1 | white.1)
    }

    /// The gain in 16ths, by hand: 16 to 511.
    ///
    /// # Errors
    /// The bus's.
    pub fn set_gain<B: Bus>(self, bus: &mut B, sixteenths: u16) -> Result<(), B::Fault> {
        let mut registers = self.registers(bus);
        if self == Model::Ov5640 {
            return registers.write_pair(0x350A, sixteenths.clamp(16, 1023));
        }
        if self == Model::Ov2640 {
            registers.write(0xFF, 1)?;
        }
        registers.write(0x00, doubled(sixteenths))
    }

    /// The gain in 16ths, as it is.
    ///
    /// # Errors
    /// The bus's.
    pub fn gain<B: Bus>(self, bus: &mut B) -> Result<u16, B::Fault> {
        let mut registers = self.registers(bus);
        if self == Model::Ov5640 {
            let high = registers.read(0x350A)?;
            return Ok(u16::from(high & 3) << 8 | u16::from(registers.read(0x350B)?));
        }
        if self == Model::Ov2640 {
            registers.write(0xFF, 1)?;
        }
        let value = registers.read(0x00)?;
        Ok((16 + u16::from(value & 15)) << (value >> 4).count_ones())
    }

    /// The exposure in lines, by hand.
    ///
    /// # Errors
    /// The bus's.
    pub fn set_exposure<B: Bus>(self, bus: &mut B, lines: u16) -> Result<(), B::Fault> {
        let mut registers = self.registers(bus);
        match self {
            Model::Ov2640 => {
                registers.write(0xFF, 1)?;
                registers.change(0x45, 0x3F, (lines >> 10) as u8)?;
                registers.write(0x10, (lines >> 2) as u8)?;
                registers.change(0x04, 3, lines as u8)
            }
            Model::Ov5640 => {
                registers.write(0x3500, (lines >> 12) as u8)?;
                registers.write_pair(0x3501, lines << 4)
            }
            Model::Ov7670 => {
                registers.change(0x07, 0x3F, (lines >> 10) as u8)?;
                registers.write(0x10, (lines >> 2) as u8)?;
                registers.change(0x04, 3, lines as u8)
            }
            Model::Ov7725 => registers.write_all(&[(0x08, (lines >> 8) as u8), (0x10, lines as u8)]),
        }
    }

    /// The exposure in lines, as it is.
    ///
    /// # Errors
    /// The bus's.
    pub fn exposure<B: Bus>(self, bus: &mut B) -> Result<u16, B::Fault> {
        let mut registers = self.registers(bus);
        let mut read = |register| registers.read(register).map(u16::from);
        Ok(match self {
            Model::Ov2640 => {
                registers.write(0xFF, 1)?;
                let mut read = |register| registers.read(register).map(u16::from);
                (read(0x45)? & 0x3F) << 10 | read(0x10)? << 2 | read(0x04)? & 3
            }
            Model::Ov5640 => read(0x3500)? << 12 | read(0x3501)? << 4 | read(0x3502)? >> 4,
            Model::Ov7670 => (read(0x07)? & 0x3F) << 10 | read(0x10)? << 2 | read(0x04)? & 3,
            Model::Ov7725 => read(0x08)? << 8 | read(0x10)?,
        })
    }

    /// A register by its number; of the OV2640 the upper byte is the bank.
    ///
    /// # Errors
    /// The bus's.
    pub fn read<B: Bus>(self, bus: &mut B, register: u16) -> Result<u8, B::Fault> {
        let mut registers = self.registers(bus);
        if self == Model::Ov2640 {
            registers.write(0xFF, (register >> 8) as u8 & 1)?;
        }
        registers.read(register)
    }

    /// The same, written.
    ///
    /// # Errors
    /// The bus's.
    pub fn write<B: Bus>(self, bus: &mut B, register: u16, value: u8) -> Result<(), B::Fault> {
        let mut registers = self.registers(bus);
        if self == Model::Ov2640 {
            registers.write(0xFF, (register >> 8) as u8 & 1)?;
        }
        registers.write(register, value)
    }
}

fn white_of((mask, value): (u8, u8)) -> Option<bool> {
    (mask != 0).then_some(value != 0)
}

/// GAIN of the older ones: each bit of the upper half doubles, the lower half are 16ths.
fn doubled(sixteenths: u16) -> u8 {
    let mut rest = sixteenths.clamp(16, 511);
    let mut doublings = 0;
    while rest > 31 {
        rest /= 2;
        doublings = doublings << 1 | 0x10;
    }
    doublings | (rest - 16) as u8
}

/// Who answers. `absent` tells an address that nobody acknowledges from a bus that does not work.
///
/// # Errors
/// The bus's, if it does not work.
pub fn find<B: Bus>(bus: &mut B, absent: impl Fn(&B::Fault) -> bool) -> Result<Found, B::Fault> {
    for (address, wide) in [(0x30, false), (0x21, false), (0x3C, true)] {
        let mut registers = Registers {
            bus: &mut *bus,
            address,
            wide,
        };
        match identity(&mut registers) {
            Ok(Some(found)) => return Ok(found),
            Ok(None) => {}
            Err(fault) if absent(&fault) => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(Found::Nobody)
}

/// `None`: what answers is no sensor.
fn identity<B: Bus>(registers: &mut Registers<B>) -> Result<Option<Found>, B::Fault> {
    if registers.wide {
        let id = u16::from(registers.read(0x300A)?) << 8 | u16::from(registers.read(0x300B)?);
        return Ok((id == 0x5640).then_some(Found::Sensor(Model::Ov5640)));
    }
    if registers.address == Model::Ov2640.address() {
        registers.write(0xFF, 1)?;
    }
    let maker = u16::from(registers.read(0x1C)?) << 8 | u16::from(registers.read(0x1D)?);
    if maker != 0x7FA2 {
        return Ok(None);
    }
    let id = u16::from(registers.read(0x0A)?) << 8 | u16::from(registers.read(0x0B)?);
    Ok(Some(match (registers.address, id >> 8) {
        (0x30, 0x26) => Found::Sensor(Model::Ov2640),
        (0x21, 0x76) => Found::Sensor(Model::Ov7670),
        (0x21, 0x77) => Found::Sensor(Model::Ov7725),
        (address, _) => Found::Unknown { address, id },
    }))
}

/// The largest part of an array that has the proportions of a picture, in the middle: left, top, width, height.
fn middle((width, height): (u32, u32), wanted: &Wanted) -> [u32; 4] {
    let (w, h) = (u32::from(wanted.width), u32::from(wanted.height));
    let (across, down) = if width * h > height * w {
        (height * w / h / 4 * 4, height)
    } else {
        (width, width * h / w / 4 * 4)
    };
    let (across, down) = (across.max(w), down.max(h));
    [
        (width - across) / 2 / 2 * 2,
        (height - down) / 2 / 2 * 2,
        across,
        down,
    ]
}

/// How often a clock is divided for a rate, of the sensor's fastest: at least once, at most `most` times.
fn divider(fastest_milli: u32, wanted: &Wanted, most: u32) -> u32 {
    match u32::from(wanted.rate) * 1000 {
        0 => 1,
        rate => ((fastest_milli + rate / 2) / rate).clamp(1, most),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gain_is_doublings_and_sixteenths() {
        for (sixteenths, value) in [
            (16, 0x00),
            (24, 0x08),
            (31, 0x0F),
            (32, 0x10),
            (48, 0x18),
            (64, 0x30),
            (511, 0xFF),
            (1, 0x00),
        ] {
            assert_eq!(doubled(sixteenths), value, "{sixteenths}");
        }
    }

    #[test]
    fn the_middle_has_the_pictures_proportions() {
        let wanted = |width, height| Wanted {
            width,
            height,
            format: Format::Rgb565,
            rate: 0,
            quality: 0,
        };
        assert_eq!(middle((640, 480), &wanted(320, 240)), [0, 0, 640, 480]);
        assert_eq!(middle((640, 480), &wanted(128, 128)), [80, 0, 480, 480]);
        assert_eq!(middle((800, 600), &wanted(480, 240)), [0, 100, 800, 400]);
        assert_eq!(divider(30_000, &wanted(4, 4), 64), 1);
    }
}
