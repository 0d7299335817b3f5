//! Buses around a bus: one that tells what passes, one that breaks it.
//!
//! For tests, and for looking over the driver's shoulder on a board.

use crate::bus::{Bus, Frame, Setup};

/// One call, as it went to the bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call<'a> {
    /// [`Bus::apply`].
    Apply(&'a Setup),
    /// [`Bus::command`].
    Command(&'a Frame),
    /// [`Bus::read`], with what came back.
    Read(&'a Frame, u32, &'a [u8]),
    /// [`Bus::write`].
    Write(&'a Frame, u32, &'a [u8]),
    /// [`Bus::enter_mapped`].
    EnterMapped,
    /// [`Bus::leave_mapped`].
    LeaveMapped,
    /// [`Bus::delay_us`].
    Delay(u32),
}

/// Tells `sink` about every call that succeeded.
#[derive(Debug)]
pub struct Trace<B, F> {
    /// The bus itself.
    pub bus: B,
    /// Who is told.
    pub sink: F,
}

impl<B: Bus, F: FnMut(Call<'_>)> Bus for Trace<B, F> {
    type Error = B::Error;

    fn apply(&mut self, setup: &Setup) -> Result<(), B::Error> {
        self.bus.apply(setup)?;
        (self.sink)(Call::Apply(setup));
        Ok(())
    }

    fn command(&mut self, frame: &Frame) -> Result<(), B::Error> {
        self.bus.command(frame)?;
        (self.sink)(Call::Command(frame));
        Ok(())
    }

    fn read(&mut self, frame: &Frame, address: u32, data: &mut [u8]) -> Result<(), B::Error> {
        self.bus.read(frame, address, data)?;
        (self.sink)(Call::Read(frame, address, data));
        Ok(())
    }

    fn write(&mut self, frame: &Frame, address: u32, data: &[u8]) -> Result<(), B::Error> {
        self.bus.write(frame, address, data)?;
        (self.sink)(Call::Write(frame, address, data));
        Ok(())
    }

    fn most_bytes(&self) -> u32 {
        self.bus.most_bytes()
    }

    fn enter_mapped(&mut self, read: &Frame, write: &Frame) -> Result<(), B::Error> {
        self.bus.enter_mapped(read, write)?;
        (self.sink)(Call::EnterMapped);
        Ok(())
    }

    fn leave_mapped(&mut self) -> Result<(), B::Error> {
        self.bus.leave_mapped()?;
        (self.sink)(Call::LeaveMapped);
        Ok(())
    }

    fn delay_us(&mut self, us: u32) {
        self.bus.delay_us(us);
        (self.sink)(Call::Delay(us));
    }
}

/// Changes every byte that is read: `(byte & and) | or`, then flips the bits that `flip` gives for the n-th read.
#[derive(Debug)]
pub struct Faulty<B, F> {
    /// The bus itself.
    pub bus: B,
    /// A zero bit is stuck low.
    pub and: u8,
    /// A one bit is stuck high.
    pub or: u8,
    /// Bits to flip in all bytes of the n-th read, counted from zero.
    pub flip: F,
    /// Reads so far.
    pub reads: u32,
}

impl<B: Bus, F: FnMut(u32) -> u8> Bus for Faulty<B, F> {
    type Error = B::Error;

    fn apply(&mut self, setup: &Setup) -> Result<(), B::Error> {
        self.bus.apply(setup)
    }

    fn command(&mut self, frame: &Frame) -> Result<(), B::Error> {
        self.bus.command(frame)
    }

    fn read(&mut self, frame: &Frame, address: u32, data: &mut [u8]) -> Result<(), B::Error> {
        self.bus.read(frame, address, data)?;
        let flip = (self.flip)(self.reads);
        self.reads += 1;
        for byte in data {
            *byte = (*byte & self.and | self.or) ^ flip;
        }
        Ok(())
    }

    fn write(&mut self, frame: &Frame, address: u32, data: &[u8]) -> Result<(), B::Error> {
        self.bus.write(frame, address, data)
    }

    fn most_bytes(&self) -> u32 {
        self.bus.most_bytes()
    }

    fn enter_mapped(&mut self, read: &Frame, write: &Frame) -> Result<(), B::Error> {
        self.bus.enter_mapped(read, write)
    }

    fn leave_mapped(&mut self) -> Result<(), B::Error> {
        self.bus.leave_mapped()
    }

    fn delay_us(&mut self, us: u32) {
        self.bus.delay_us(us);
    }
}
