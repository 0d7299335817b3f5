//! The data side of the core: accesses to the window through the D-cache, and the stores that fail too late.

use crate::chip::Erratum;
use chipmodel::bus::axi::{AxiPort, BusError};
use chipmodel::core::dcache::{Dcache, Op, Policy};
use chipmodel::core::mpu::Attributes;
use chipmodel::core::scb::Scb;
use chipmodel::{Effects, Kind, Refused, Width};

/// D-cache and store buffer.
#[derive(Clone, Debug, Default)]
pub struct DataSide {
    /// The cache, as far as it holds the window.
    pub dcache: Dcache,
    write_failed: bool,
    keeps_at_entry: bool,
}

impl DataSide {
    /// Reset of the core: off, and what was not cleaned is lost.
    pub fn reset(&mut self) {
        self.dcache.reset();
        self.write_failed = false;
    }

    /// From now on the core has this fault, also after a reset.
    pub fn apply_erratum(&mut self, erratum: Erratum) {
        match erratum {
            Erratum::DisramodeIneffective => self.dcache.break_disramode(),
            Erratum::EntryKeeps => self.keeps_at_entry = true,
            _ => {}
        }
    }

    /// A load from the window behind `port`.
    #[inline]
    pub fn load(
        &mut self,
        (address, width): (u32, Width),
        how: Attributes,
        port: &mut impl AxiPort,
        fx: &mut Effects,
    ) -> Result<u32, Refused> {
        let policy = policy(how)?;
        match self.dcache.load(address, width, policy, port, fx) {
            Ok(value) => Ok(value),
            Err(error) if error.write => {
                // An eviction failed: that is another store's fault. The line is gone, so there is room now.
                self.fail(error, fx);
                let again = self.dcache.load(address, width, policy, port, fx);
                again.map_err(|error| Refused::BusError(error.reason))
            }
            Err(error) => Err(Refused::BusError(error.reason)),
        }
    }

    /// A store to the window behind `port`.
    #[inline]
    pub fn store(
        &mut self,
        (address, width): (u32, Width),
        value: u32,
        how: Attributes,
        port: &mut impl AxiPort,
        fx: &mut Effects,
    ) -> Result<(), Refused> {
        let stored = self.dcache.store(address, width, value, policy(how)?, port, fx);
        // A linefill for the store: the core learns of it as late as of a failed write.
        stored.or_else(|error| {
            self.fail(error, fx);
            Ok(())
        })
    }

    /// An exception begins: what is buffered goes out, or stays.
    pub fn enter_exception(&mut self, port: &mut impl AxiPort, fx: &mut Effects) {
        if !self.keeps_at_entry {
            self.drain(port, fx);
        }
    }

    /// DSB: what is buffered goes out.
    pub fn drain(&mut self, port: &mut impl AxiPort, fx: &mut Effects) {
        if let Err(error) = self.dcache.drain(port, fx) {
            self.fail(error, fx);
        }
    }

    /// CCR.DC, ACTLR.DISRAMODE or CACR.FORCEWT was written.
    pub fn control(&mut self, scb: &Scb) {
        self.dcache.set_enabled(scb.dcache_on());
        self.dcache.set_disramode(scb.disramode());
        self.dcache.set_force_write_through(scb.force_write_through());
    }

    /// Cache maintenance.
    pub fn maintain(&mut self, op: Op, port: &mut impl AxiPort, fx: &mut Effects) {
        if let Err(error) = self.dcache.maintain(op, port, fx) {
            self.fail(error, fx);
        }
    }

    fn fail(&mut self, error: BusError, fx: &mut Effects) {
        self.write_failed = true;
        fx.report_at(Kind::BusError, error.address, error.reason);
    }

    /// Has a store failed since the last call, too late for its instruction?
    pub fn take_write_failed(&mut self) -> bool {
        core::mem::take(&mut self.write_failed)
    }
}

/// The policy for internal memory that the cache may hold; `None` if it may not.
pub fn cached(how: Attributes) -> Option<Policy> {
    policy(how).ok().filter(|policy| policy.is_cacheable())
}

fn policy(how: Attributes) -> Result<Policy, Refused> {
    Policy::from_mpu(how.tex, how.c, how.b, how.s).ok_or(Refused::Unmodelled(
        "memory attributes that Armv7-M leaves open (TEX, C, B of the MPU region)",
    ))
}

/// Do these attributes forbid unaligned access (Armv7-M A3.2.1)?
pub fn is_device(how: Attributes) -> bool {
    policy(how).is_ok_and(|policy| !policy.is_normal())
}
