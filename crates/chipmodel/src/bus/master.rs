//! Bus masters besides the core: hardware that reads and writes memory by itself, past the core and its cache.

use super::axi::{ReadBeat, ReadBurst, WriteBeat};
use super::device::{Device, Effects, Refused};
use super::time::Time;

/// A way out of a master.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bus {
    /// 64 bits, to everything but the tightly coupled memories.
    Axi,
    /// 32 bits, to the tightly coupled memories alone.
    Tcm,
    /// 32 bits, within the smart-run domain: its memory and its peripherals.
    Srd,
}

/// What is around a master: memory, and registers of those that are no masters.
pub trait Buses {
    /// Serve a read burst that starts at `at`; the first `burst.beats` of `beats` are filled in.
    ///
    /// # Errors
    /// [`Refused::BusError`] where nothing answers, [`Refused::Unmodelled`] where something would.
    fn read(
        &mut self,
        bus: Bus,
        burst: &ReadBurst,
        at: Time,
        beats: &mut [ReadBeat; 4],
        fx: &mut Effects,
    ) -> Result<(), Refused>;

    /// Serve a write burst that starts at `at`. Returns when the slave has taken it.
    ///
    /// # Errors
    /// As of [`Buses::read`].
    fn write(&mut self, bus: Bus, beats: &[WriteBeat], at: Time, fx: &mut Effects) -> Result<Time, Refused>;
}

/// A device that moves memory by itself.
pub trait Master: Device {
    /// Is there something to do at `now`, by itself or because a device asks for it?
    fn is_due(&self, now: Time) -> bool;

    /// Do what is due at `fx.now`: all of it, or as much as does not change the requests of others. The processor does not wait
    /// for it.
    fn work(&mut self, buses: &mut dyn Buses, fx: &mut Effects);
}

/// The levels of all DMA requests: by their numbers at DMAMUX1, and from [`Requests::SRD`] on by those at DMAMUX2.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Requests([u32; 5]);

impl Requests {
    /// What is added to a number at DMAMUX2.
    pub const SRD: u8 = 128;

    /// Set the level of request `number`, which is below 160.
    pub fn set(&mut self, number: u8, level: bool) {
        let (word, bit) = (usize::from(number / 32) % 5, number % 32);
        self.0[word] = self.0[word] & !(1 << bit) | u32::from(level) << bit;
    }

    /// The level of request `number`.
    pub fn get(&self, number: u8) -> bool {
        self.0[usize::from(number / 32) % 5] >> (number % 32) & 1 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_a_level_under_its_number() {
        let mut requests = Requests::default();
        for number in [0, 31, 32, 115, Requests::SRD + 11] {
            requests.set(number, true);
            assert!(requests.get(number) && !requests.get(number ^ 1), "{number}");
        }
        requests.set(115, false);
        assert!(!requests.get(115) && requests.get(32));
    }
}
