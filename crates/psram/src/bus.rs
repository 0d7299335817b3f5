//! What the driver asks of a controller: the only door between this crate and a chip.
//!
//! [`Bus`] speaks of lines, cycles and bytes; which register holds what is the controller's own business. A controller
//! may be an OCTOSPI, a model of one, or a wrapper that traces or breaks the traffic
//! ([`crate::wrap`]).
//!
//! It does not know opcodes or modes, does not retry, and never splits a transfer: the driver plans every burst so
//! that it fits the chip's limits ([`crate::plan`]). Only the mapped window splits by itself, by the rules of [`Setup`].

use core::fmt::Debug;

/// How many data lines a phase of a transfer uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines {
    /// The phase is left out.
    None,
    /// SIO0 towards the chip, SIO1 back.
    One,
    /// SIO0 to SIO3, a nibble a clock, most significant nibble first.
    Four,
}

impl Lines {
    /// Clock cycles that `bits` take on these lines.
    pub const fn cycles(self, bits: u32) -> u32 {
        match self {
            Lines::None => 0,
            Lines::One => bits,
            Lines::Four => bits / 4,
        }
    }
}

/// One kind of transfer: CE# low, 8 bits of command, perhaps 24 bits of address, perhaps dummy cycles, perhaps data,
/// CE# high. Everything is single data rate, clock mode 0, most significant bit first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The first byte on the wire.
    pub opcode: u8,
    /// Lines of the command byte; never [`Lines::None`].
    pub command: Lines,
    /// Lines of the address, which has 24 bits unless it is left out.
    pub address: Lines,
    /// Clock cycles between the last address bit and the first data bit.
    pub dummy_cycles: u8,
    /// Lines of the data.
    pub data: Lines,
}

impl Frame {
    /// Clock cycles before the first bit of data.
    pub const fn overhead_cycles(&self) -> u32 {
        self.command.cycles(8) + self.address.cycles(24) + self.dummy_cycles as u32
    }

    /// Clock cycles from the first edge to the last for a transfer of `bytes`.
    pub const fn cycles(&self, bytes: u32) -> u32 {
        self.overhead_cycles() + self.data.cycles(8) * bytes
    }
}

/// How the controller has to run, in its own clock cycles. Computed by [`crate::plan::Plan`], never typed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setup {
    /// Divide the kernel clock by this, 1 to 256, to get the clock on the wire.
    pub divider: u16,
    /// Keep CE# high for at least this many wire clocks between transfers, 1 to 8.
    pub cs_high_cycles: u8,
    /// The value for the controller's refresh counter: it lets CE# go high after this many wire clocks plus the few
    /// that the controller needs to react, and resumes with a new command. For the mapped window; the driver keeps
    /// its own transfers short enough.
    pub refresh_cycles: u32,
    /// Let CE# go high at each multiple of this many bytes (a power of two), because above a certain clock a burst
    /// may not cross it. `None`: bursts may run on.
    pub boundary_bytes: Option<u32>,
    /// In the mapped window, let CE# go high after this many idle wire clocks.
    pub idle_cycles: u16,
    /// Take read data half a clock later than the rising edge. True except at very low clocks.
    pub late_sampling: bool,
    /// Size of the address space that the controller believes in, a power of two. One step above the chip's size, so
    /// that the controller's read-ahead at the last line of the chip stays inside it.
    pub device_bytes: u32,
}

/// A controller with one PSRAM behind it.
pub trait Bus {
    /// What can go wrong in the controller (a time-out, a bus error). The driver passes it on.
    type Error: Debug;

    /// Take over clock and timing. Called in indirect mode only, while no transfer runs, and before anything else.
    fn apply(&mut self, setup: &Setup) -> Result<(), Self::Error>;

    /// Send a command without data: `frame.address` and `frame.data` are [`Lines::None`]. Returns when CE# is high.
    fn command(&mut self, frame: &Frame) -> Result<(), Self::Error>;

    /// Read `data.len()` bytes from `address` in one CE# low period.
    fn read(&mut self, frame: &Frame, address: u32, data: &mut [u8]) -> Result<(), Self::Error>;

    /// Write `data` to `address` in one CE# low period.
    fn write(&mut self, frame: &Frame, address: u32, data: &[u8]) -> Result<(), Self::Error>;

    /// The most bytes of a transfer that the controller carries by itself. A longer one keeps CE# low for as long as a processor
    /// takes to move its bytes, which no plan knows; so the driver makes none.
    fn most_bytes(&self) -> u32 {
        u32::MAX
    }

    /// Map the chip into memory: from now on the controller makes transfers by itself with these frames.
    /// Nothing else but [`leave_mapped`](Bus::leave_mapped) and [`delay_us`](Bus::delay_us) is called meanwhile.
    /// Which memory attributes the window gets, and when, is not the driver's business.
    fn enter_mapped(&mut self, read: &Frame, write: &Frame) -> Result<(), Self::Error>;

    /// Back to indirect mode. The caller has cleaned the caches before; CE# is high on return.
    fn leave_mapped(&mut self) -> Result<(), Self::Error>;

    /// Wait at least this long.
    fn delay_us(&mut self, us: u32);
}

/// So that a driver can borrow a bus.
impl<B: Bus + ?Sized> Bus for &mut B {
    type Error = B::Error;
    fn apply(&mut self, setup: &Setup) -> Result<(), Self::Error> {
        (**self).apply(setup)
    }
    fn command(&mut self, frame: &Frame) -> Result<(), Self::Error> {
        (**self).command(frame)
    }
    fn read(&mut self, frame: &Frame, address: u32, data: &mut [u8]) -> Result<(), Self::Error> {
        (**self).read(frame, address, data)
    }
    fn write(&mut self, frame: &Frame, address: u32, data: &[u8]) -> Result<(), Self::Error> {
        (**self).write(frame, address, data)
    }
    fn most_bytes(&self) -> u32 {
        (**self).most_bytes()
    }
    fn enter_mapped(&mut self, read: &Frame, write: &Frame) -> Result<(), Self::Error> {
        (**self).enter_mapped(read, write)
    }
    fn leave_mapped(&mut self) -> Result<(), Self::Error> {
        (**self).leave_mapped()
    }
    fn delay_us(&mut self, us: u32) {
        (**self).delay_us(us)
    }
}
