//! The chip as a machine with three states, [`Spi`], [`Qpi`] and [`Mapped`], over a [`Bus`].
//!
//! ```text
//!  Psram::open ── wait, reset on 4 lines and on 1 ──► Spi ── READ ID until two readings agree
//!                                                      │ enter_qpi      ▲ leave_qpi
//!                                                      ▼                │
//!                                                     Qpi ── check_lines, read, write (planned bursts)
//!                                                      │ map            ▲ unmap
//!                                                      ▼                │
//!                                                    Mapped (the controller works by itself)
//! ```
//!
//! A state is a type, so a read in the wrong mode does not compile. The chip's mode is never assumed: after a warm
//! start it may be either, and a reset is the only way to know.
//!
//! It does not touch caches or memory attributes, and knows no addresses of the processor.

use crate::bus::{Bus, Frame};
use crate::command::{
    ENTER_QUAD, EXIT_QUAD, FLASH_ID, Mode, QPI_READ, QPI_WRITE, READ_ID, RESET, RESET_ENABLE, SPI_READ,
    SPI_WRITE, must,
};
use crate::cross::cross;
use crate::id::{FlashId, Id, Unfit};
use crate::plan::Plan;
use crate::size::measure;
use core::fmt;

/// Commands on one line; the chip answers READ ID.
#[derive(Clone, Copy, Debug)]
pub struct Spi(());
/// Everything on four lines.
#[derive(Clone, Copy, Debug)]
pub struct Qpi(());
/// The controller serves a memory window by itself.
#[derive(Clone, Copy, Debug)]
pub struct Mapped(());

/// A chip in a known state.
#[derive(Debug)]
pub struct Psram<B, State> {
    bus: B,
    plan: Plan,
    id: Option<Id>,
    repeats_after_bytes: u32,
    state: State,
}

/// What was being done when the bus failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Setting clock and timing.
    Apply,
    /// 66, 99.
    Reset,
    /// 9F.
    ReadId,
    /// 02, EB, 38, 0B.
    CrossCheck,
    /// Looking where addresses repeat.
    Size,
    /// 35.
    EnterQuad,
    /// F5.
    LeaveQuad,
    /// EB.
    Read,
    /// 38.
    Write,
    /// Mapping the window.
    Map,
    /// Unmapping it.
    Unmap,
}

/// A failure of the bus, and during what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BusError<E> {
    /// During what.
    pub step: Step,
    /// What the bus said.
    pub cause: E,
}

impl<E: fmt::Debug> fmt::Display for BusError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "controller failed during {:?}: {:?}", self.step, self.cause)
    }
}

impl<E: fmt::Debug> core::error::Error for BusError<E> {}

/// Why a chip could not be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenError<E> {
    /// The controller failed.
    Bus(BusError<E>),
    /// What answered is not the part that was asked for.
    Unfit(Unfit),
    /// The chip answers on one line but not on four.
    Lines(LinesError),
}

impl<E> From<BusError<E>> for OpenError<E> {
    fn from(error: BusError<E>) -> Self {
        OpenError::Bus(error)
    }
}

impl<E: fmt::Debug> fmt::Display for OpenError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OpenError::Bus(error) => error.fmt(f),
            OpenError::Unfit(unfit) => unfit.fmt(f),
            OpenError::Lines(error) => error.fmt(f),
        }
    }
}

impl<E: fmt::Debug> core::error::Error for OpenError<E> {}

/// A pattern over four lines came back changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinesError {
    /// First byte that differs: where in the pattern, what was written, what was read.
    pub index: u8,
    /// What was written there.
    pub expected: u8,
    /// What was read there.
    pub found: u8,
    /// Bit n is set if SIOn ever differed.
    pub lines: u8,
}

impl fmt::Display for LinesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            index,
            expected,
            found,
            ..
        } = self;
        write!(
            f,
            "quad transfers fail: byte {index} expected {expected:#04x}, found {found:#04x}, on"
        )?;
        (0..4)
            .filter(|n| self.lines >> n & 1 != 0)
            .try_for_each(|n| write!(f, " SIO{n}"))
    }
}

impl core::error::Error for LinesError {}

/// Why a read or a write was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessError<E> {
    /// The controller failed.
    Bus(BusError<E>),
    /// The range does not lie inside the chip.
    OutOfRange {
        /// Its first byte.
        address: u32,
        /// Its length.
        bytes: usize,
        /// Size of the chip.
        size_bytes: u32,
    },
}

impl<E> From<BusError<E>> for AccessError<E> {
    fn from(error: BusError<E>) -> Self {
        AccessError::Bus(error)
    }
}

impl<E: fmt::Debug> fmt::Display for AccessError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AccessError::Bus(error) => error.fmt(f),
            AccessError::OutOfRange {
                address,
                bytes,
                size_bytes,
            } => {
                write!(
                    f,
                    "{bytes} bytes at {address:#x} do not lie within the chip's {size_bytes:#x}"
                )
            }
        }
    }
}

impl<E: fmt::Debug> core::error::Error for AccessError<E> {}

/// How often READ ID is tried until two readings in a row agree.
const ID_TRIES: usize = 6;

/// Wait after a reset. The PSRAM wants 50 ns; a W25Q64 in its place wants 30 us before it tells its name.
const RESET_US: u32 = 50;

fn during<E>(step: Step) -> impl FnOnce(E) -> BusError<E> {
    move |cause| BusError { step, cause }
}

impl<B: Bus> Psram<B, Spi> {
    /// Wait for the power-up time, set the clock, and reset the chip, whatever mode it is in.
    pub fn reset(mut bus: B, plan: Plan) -> Result<Self, BusError<B::Error>> {
        bus.apply(&plan.setup).map_err(during(Step::Apply))?;
        bus.delay_us(plan.part.t_pu_min_us);
        // A chip in QPI mode understands the first pair, one in SPI mode the second; each ignores the other.
        for mode in [Mode::Qpi, Mode::Spi] {
            for command in [&RESET_ENABLE, &RESET] {
                if let Some(frame) = command.frame(mode) {
                    bus.command(&frame).map_err(during(Step::Reset))?;
                }
            }
            bus.delay_us(RESET_US);
        }
        Ok(Psram {
            bus,
            plan,
            id: None,
            repeats_after_bytes: 0,
            state: Spi(()),
        })
    }

    /// Reset, identify, enter QPI mode, check the lines: from power-up to a chip that can be trusted with data.
    /// What the checks write is put back, so a warm start keeps the chip's content.
    pub fn open(bus: B, plan: Plan) -> Result<Psram<B, Qpi>, OpenError<B::Error>> {
        let mut chip = Psram::reset(bus, plan)?;
        chip.identify()?;
        // Before QPI mode, which a chip with a bad line could not be told to leave.
        chip.cross_check_lines()?;
        let mut chip = chip.enter_qpi()?;
        chip.check_lines()?;
        chip.take_size(&QPI_READ, &QPI_WRITE)?;
        Ok(chip)
    }

    /// Read the ID until two readings in a row agree (some dies garble the first), and see that it is a good die's.
    /// If it is not, ask once more in the words of a flash chip.
    pub fn identify(&mut self) -> Result<Id, OpenError<B::Error>> {
        let mut last = self.read_id()?;
        let mut verdict = Err(Unfit::Unstable { before: last, last });
        for _ in 1..ID_TRIES {
            let before = core::mem::replace(&mut last, self.read_id()?);
            if before == last {
                verdict = last.expect();
                break;
            }
            verdict = Err(Unfit::Unstable { before, last });
        }
        let Err(unfit) = verdict else {
            self.id = Some(last);
            return Ok(last);
        };
        // A die that gave its maker is not a flash, whatever noise follows.
        if !matches!(unfit, Unfit::BadDie { .. }) {
            if let Some(flash) = self.read_flash_id()? {
                return Err(OpenError::Unfit(Unfit::Flash { flash }));
            }
        }
        Err(OpenError::Unfit(unfit))
    }

    /// One reading of the eight ID bytes, as they come.
    pub fn read_id(&mut self) -> Result<Id, BusError<B::Error>> {
        const FRAME: Frame = must(&READ_ID, Mode::Spi);
        let mut bytes = [0; 8];
        self.bus
            .read(&FRAME, 0, &mut bytes)
            .map_err(during(Step::ReadId))?;
        Ok(Id(bytes))
    }

    /// The answer of a flash chip, if one is there. Twice the same, or it does not count.
    fn read_flash_id(&mut self) -> Result<Option<FlashId>, BusError<B::Error>> {
        let mut bytes = [[0; 3]; 2];
        for reading in &mut bytes {
            self.bus
                .read(&FLASH_ID, 0, reading)
                .map_err(during(Step::ReadId))?;
        }
        Ok(FlashId::of(bytes[0]).filter(|_| bytes[0] == bytes[1]))
    }

    /// Do all four lines carry what one line says? Leaves the content as it was.
    pub fn cross_check_lines(&mut self) -> Result<(), OpenError<B::Error>> {
        let errors = cross(&mut self.bus).map_err(during(Step::CrossCheck))?;
        let lines = errors[0].lines() | errors[1].lines();
        match errors.iter().find_map(|errors| errors.first) {
            None => Ok(()),
            Some([expected, found]) => Err(OpenError::Lines(LinesError {
                index: 0,
                expected,
                found,
                lines,
            })),
        }
    }

    /// As [`Psram::open`] for a chip of which only the lines of single-line transfers are good: reset, identify, and see that a
    /// byte comes back. It stays in SPI mode.
    pub fn open_single(bus: B, plan: Plan) -> Result<Self, OpenError<B::Error>> {
        let mut chip = Psram::reset(bus, plan)?;
        chip.identify()?;
        let [mut kept, mut found] = [[0]; 2];
        let read = |bus: &mut B, to: &mut [u8]| bus.read(&SPI_READ, 0, to).map_err(during(Step::Read));
        let write = |bus: &mut B, data: &[u8]| bus.write(&SPI_WRITE, 0, data).map_err(during(Step::Write));
        read(&mut chip.bus, &mut kept)?;
        for byte in [0x5A, 0xA5] {
            write(&mut chip.bus, &[byte])?;
            read(&mut chip.bus, &mut found)?;
            if found != [byte] {
                return Err(OpenError::Lines(LinesError {
                    index: 0,
                    expected: byte,
                    found: found[0],
                    lines: 0b11,
                }));
            }
        }
        write(&mut chip.bus, &kept)?;
        chip.take_size(&SPI_READ, &SPI_WRITE)?;
        Ok(chip)
    }

    /// Hand the chip over to the controller's memory window, on one line.
    pub fn map_single(mut self) -> Result<Psram<B, Mapped>, BusError<B::Error>> {
        self.bus
            .enter_mapped(&SPI_READ, &SPI_WRITE)
            .map_err(during(Step::Map))?;
        Ok(self.into(Mapped(())))
    }

    /// Switch the chip to QPI mode.
    pub fn enter_qpi(mut self) -> Result<Psram<B, Qpi>, BusError<B::Error>> {
        const FRAME: Frame = must(&ENTER_QUAD, Mode::Spi);
        self.bus.command(&FRAME).map_err(during(Step::EnterQuad))?;
        Ok(self.into(Qpi(())))
    }
}

impl<B: Bus> Psram<B, Qpi> {
    /// Read from the chip, in bursts that keep its limits.
    pub fn read(&mut self, address: u32, data: &mut [u8]) -> Result<(), AccessError<B::Error>> {
        self.check_range(address, data.len())?;
        let mut rest = data;
        let most_bytes = self.plan.read_max_bytes.min(self.bus.most_bytes());
        for (start, bytes) in self.plan.bursts(address, rest.len() as u32, most_bytes) {
            let (burst, tail) = rest.split_at_mut(bytes as usize);
            self.bus
                .read(&QPI_READ, start, burst)
                .map_err(during(Step::Read))?;
            rest = tail;
        }
        Ok(())
    }

    /// Write to the chip, in bursts that keep its limits.
    pub fn write(&mut self, address: u32, data: &[u8]) -> Result<(), AccessError<B::Error>> {
        self.check_range(address, data.len())?;
        let mut rest = data;
        let most_bytes = self.plan.write_max_bytes.min(self.bus.most_bytes());
        for (start, bytes) in self.plan.bursts(address, rest.len() as u32, most_bytes) {
            let (burst, tail) = rest.split_at(bytes as usize);
            self.bus
                .write(&QPI_WRITE, start, burst)
                .map_err(during(Step::Write))?;
            rest = tail;
        }
        Ok(())
    }

    /// Do all four lines carry both levels, in both directions? Leaves the content as it was, if they do.
    pub fn check_lines(&mut self) -> Result<(), OpenError<B::Error>> {
        // Each line alone high, then alone low, so that opens and shorts show. (Swapped lines garble the command itself.)
        const PATTERN: [u8; 8] = [0x12, 0x48, 0xED, 0xB7, 0x0F, 0xF0, 0x5A, 0xA5];
        let mut kept = [0; 8];
        let mut found = [0; 8];
        self.bus
            .read(&QPI_READ, 0, &mut kept)
            .map_err(during(Step::Read))?;
        self.bus
            .write(&QPI_WRITE, 0, &PATTERN)
            .map_err(during(Step::Write))?;
        self.bus
            .read(&QPI_READ, 0, &mut found)
            .map_err(during(Step::Read))?;
        self.bus
            .write(&QPI_WRITE, 0, &kept)
            .map_err(during(Step::Write))?;
        let differing = PATTERN
            .iter()
            .zip(found)
            .fold(0, |all, (wrote, read)| all | (wrote ^ read));
        match PATTERN.iter().zip(found).position(|(wrote, read)| *wrote != read) {
            None => Ok(()),
            Some(index) => Err(OpenError::Lines(LinesError {
                index: index as u8,
                expected: PATTERN[index],
                found: found[index],
                lines: (differing | differing >> 4) & 0xF,
            })),
        }
    }

    /// Hand the chip over to the controller's memory window.
    pub fn map(mut self) -> Result<Psram<B, Mapped>, BusError<B::Error>> {
        self.bus
            .enter_mapped(&QPI_READ, &QPI_WRITE)
            .map_err(during(Step::Map))?;
        Ok(self.into(Mapped(())))
    }

    /// Back to SPI mode.
    pub fn leave_qpi(mut self) -> Result<Psram<B, Spi>, BusError<B::Error>> {
        const FRAME: Frame = must(&EXIT_QUAD, Mode::Qpi);
        self.bus.command(&FRAME).map_err(during(Step::LeaveQuad))?;
        Ok(self.into(Spi(())))
    }

    fn check_range(&self, address: u32, bytes: usize) -> Result<(), AccessError<B::Error>> {
        let size_bytes = self.plan.size_bytes;
        match u64::from(address) + bytes as u64 > u64::from(size_bytes) {
            true => Err(AccessError::OutOfRange {
                address,
                bytes,
                size_bytes,
            }),
            false => Ok(()),
        }
    }
}

impl<B: Bus> Psram<B, Mapped> {
    /// Back to indirect transfers. Clean the caches before.
    pub fn unmap(mut self) -> Result<Psram<B, Qpi>, BusError<B::Error>> {
        self.bus.leave_mapped().map_err(during(Step::Unmap))?;
        Ok(self.into(Qpi(())))
    }
}

impl<B, State> Psram<B, State> {
    /// The plan in force.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Where addresses begin anew, once the chip was opened. Less than the plan's size: the chip is bad, or its identity lies.
    pub fn repeats_after_bytes(&self) -> u32 {
        self.repeats_after_bytes
    }

    /// The chip has the size that its identity tells; if that tells none, the size after which addresses repeat.
    fn take_size(&mut self, read: &Frame, write: &Frame) -> Result<(), BusError<B::Error>>
    where
        B: Bus,
    {
        self.repeats_after_bytes = measure(&mut self.bus, read, write).map_err(during(Step::Size))?;
        let told = self.id.and_then(Id::usable_bytes);
        self.plan.size_bytes = told.unwrap_or(self.repeats_after_bytes);
        Ok(())
    }

    /// What the chip answered, once it was [identified](Psram::identify).
    pub fn id(&self) -> Option<Id> {
        self.id
    }

    /// The state, which is also the type.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Give the bus back; the chip keeps its mode.
    pub fn release(self) -> B {
        self.bus
    }

    fn into<Next>(self, state: Next) -> Psram<B, Next> {
        Psram {
            bus: self.bus,
            plan: self.plan,
            id: self.id,
            repeats_after_bytes: self.repeats_after_bytes,
            state,
        }
    }
}
