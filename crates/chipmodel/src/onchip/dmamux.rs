//! DMAMUX1 and DMAMUX2 (RM0455 "DMA request multiplexer"): which request each channel of the DMA controllers listens to.
//!
//! From memory of RM0433's chapter. Does NOT model: synchronisation, the generators of requests; nothing else sets an overrun, so
//! the flags of these are 0.

use crate::bus::bank::{lane, merged};
use crate::bus::master::Requests;
use crate::{Device, Effects, Kind, Refused, Width};

const CSR: u32 = 0x80;
const CFR: u32 = 0x84;
const RG0CR: u32 = 0x100;
const RGSR: u32 = 0x140;
const RGCFR: u32 = 0x144;
const GENERATORS: u32 = 8;

const DMAREQ_ID: u32 = 0x7F;
const SOIE: u32 = 1 << 8;
/// An event is made after so many requests, for other channels of the multiplexer; nothing here listens.
const EGE: u32 = 1 << 9;
const NBREQ: u32 = 0x1F << 19;
/// The first generator's number; 0 is none.
const OF_GENERATORS: core::ops::RangeInclusive<u32> = 1..=GENERATORS;

/// A multiplexer.
#[derive(Clone, Debug)]
pub struct Dmamux {
    name: &'static str,
    /// What is added to its numbers in [`Requests`].
    first: u8,
    channels: Vec<u32>,
}

impl Dmamux {
    /// The multiplexer of this name, with so many channels.
    pub fn new(name: &'static str, first: u8, channels: usize) -> Self {
        Dmamux {
            name,
            first,
            channels: vec![0; channels],
        }
    }

    /// What comes out: bit n for channel n.
    pub fn routed(&self, requests: &Requests) -> u32 {
        let channels = self.channels.iter().enumerate();
        channels.fold(0, |levels, (n, channel)| {
            let number = (channel & DMAREQ_ID) as u8;
            let level = number != 0 && requests.get(self.first + number);
            levels | u32::from(level) << n
        })
    }

    fn configure(&mut self, n: usize, value: u32, fx: &mut Effects) {
        let name = self.name;
        // Requests of the smart-run domain have five bits.
        let most = if self.first == 0 { DMAREQ_ID } else { 0x1F };
        let unknown = value & !(most | SOIE | EGE | NBREQ);
        if unknown != 0 {
            let message = format!("{name}_C{n}CR: bits {unknown:#010x} (synchronisation) have no model");
            fx.report(Kind::Unmodelled, message);
        }
        if OF_GENERATORS.contains(&(value & most)) {
            let message = format!("{name}_C{n}CR: the generators of requests have no model");
            fx.report(Kind::Unmodelled, message);
        }
        self.channels[n] = value & (most | SOIE | EGE | NBREQ);
    }
}

impl Device for Dmamux {
    fn read(&mut self, offset: u32, width: Width, _fx: &mut Effects) -> Result<u32, Refused> {
        let register = offset & !3;
        let word = match register {
            CSR | CFR | RGSR | RGCFR => 0,
            _ if (RG0CR..RG0CR + 4 * GENERATORS).contains(&register) => 0,
            _ => *self
                .channels
                .get((register / 4) as usize)
                .ok_or(Refused::Unmodelled("DMAMUX register"))?,
        };
        Ok(lane(word, offset, width))
    }

    fn write(&mut self, offset: u32, width: Width, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        let register = offset & !3;
        match register {
            CSR | CFR | RGSR | RGCFR => Ok(()),
            _ if (RG0CR..RG0CR + 4 * GENERATORS).contains(&register) => {
                if merged(0, offset, width, value) == 0 {
                    return Ok(());
                }
                Err(Refused::Unmodelled("DMAMUX_RGxCR (generators of requests)"))
            }
            _ => {
                let n = (register / 4) as usize;
                let before = *self
                    .channels
                    .get(n)
                    .ok_or(Refused::Unmodelled("DMAMUX register"))?;
                self.configure(n, merged(before, offset, width, value), fx);
                Ok(())
            }
        }
    }

    fn reset(&mut self) {
        *self = Dmamux::new(self.name, self.first, self.channels.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Clocks;
    use crate::bus::bank::testing::Bench;

    #[test]
    fn a_channel_hears_the_request_that_it_was_given() {
        let mut bench = Bench::new(Clocks::default());
        let mut mux = Dmamux::new("DMAMUX1", 0, 16);
        let mut requests = Requests::default();
        requests.set(42, true);
        assert_eq!(mux.routed(&requests), 0);
        bench.write(&mut mux, 0x0C, 42);
        bench.write(&mut mux, 0x3C, 42 | 1 << 9);
        assert_eq!(mux.routed(&requests), 1 << 3 | 1 << 15);
        requests.set(42, false);
        assert_eq!(mux.routed(&requests), 0);
        assert!(bench.complaints().is_empty());
    }

    #[test]
    fn numbers_of_the_smart_run_domain_are_others() {
        let mut bench = Bench::new(Clocks::default());
        let mut mux = Dmamux::new("DMAMUX2", Requests::SRD, 8);
        let mut requests = Requests::default();
        requests.set(13, true);
        bench.write(&mut mux, 0x04, 13);
        assert_eq!(mux.routed(&requests), 0);
        requests.set(Requests::SRD + 13, true);
        assert_eq!(mux.routed(&requests), 2);
        assert!(mux.read(0x20, Width::Word, &mut bench.fx()).is_err());
    }

    #[test]
    fn what_has_no_model_is_told() {
        let mut bench = Bench::new(Clocks::default());
        let mut mux = Dmamux::new("DMAMUX1", 0, 16);
        bench.write(&mut mux, 0, 1 << 16 | 42);
        assert!(bench.complaints()[0].contains("synchronisation"));
        bench.write(&mut mux, 0, 3);
        assert!(bench.complaints()[0].contains("generators"));
        assert!(mux.write(0x100, Width::Word, 1 << 16, &mut bench.fx()).is_err());
    }
}
