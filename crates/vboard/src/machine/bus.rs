//! How the system answers the core: memory window, devices, rights.

use super::event::Strictness;
use super::system::{ATTRIBUTES, System};
use crate::core::cpu::{Bus, BusError, Registers, Run};
use crate::core::data;
use crate::machine::memory::{is_cached_ram, is_flash, is_window};
use crate::machine::watch::Figures;
use chipmodel::core::mpu::{Access, Attributes, Rights};
use chipmodel::core::nvic::number;
use chipmodel::{Effects, Kind, Refused, Width};

impl System {
    /// Memory attributes, remembered for some pages.
    #[inline]
    fn attributes(&mut self, address: u32) -> Attributes {
        let page = address >> 12;
        let slot = page as usize % ATTRIBUTES;
        match self.attributes[slot] {
            Some((known, attributes)) if known == page => attributes,
            _ => {
                let attributes = self.mpu.attributes(address);
                self.attributes[slot] = (!self.mpu.cuts_page(address)).then_some((page, attributes));
                attributes
            }
        }
    }

    /// Tells those that watch this place.
    fn watch(&mut self, core: &mut impl Registers) {
        let pc = self.pc;
        if !self.watches.iter().any(|watch| watch.wants(pc)) {
            return;
        }
        let wire = self.chip.devices.octospi1.stats();
        let now = Figures {
            time_ps: self.now().0,
            cycles: self.clock.cycles,
            instructions: self.clock.instructions,
            bytes_read: wire.bytes_in(),
            bytes_written: wire.bytes_out(),
        };
        let (link, stack) = (core.link(), core.stack());
        for watch in self.watches.iter_mut().filter(|watch| watch.wants(pc)) {
            watch.at(pc, link, stack, now);
        }
    }

    /// What a refusal means to the core: silicon gives an error where nothing is; where there is a register that has
    /// no model, the event is the message, and the run (if it goes on) reads zero.
    fn refused<T>(&mut self, refused: Refused, address: u32, what: &str, value: T) -> Result<T, BusError> {
        let strict = self.strictness != Strictness::Lenient;
        match refused {
            Refused::Unmodelled(name) => {
                self.report(
                    Kind::Unmodelled,
                    self.pc,
                    Some(address),
                    format!("{what}: no model of {name}"),
                );
                if strict { Err(BusError) } else { Ok(value) }
            }
            Refused::BusError(why) => {
                self.report(Kind::BusError, self.pc, Some(address), format!("{what}: {why}"));
                Err(BusError)
            }
        }
    }

    fn read_any(&mut self, address: u32, width: Width) -> Result<u32, Refused> {
        if is_private(address) {
            return self.ppb_read(address, width);
        }
        self.with_chip(|chip, fx| chip.read(address, width, fx))
    }

    fn write_any(&mut self, address: u32, width: Width, value: u32) -> Result<(), Refused> {
        if is_private(address) {
            return self.ppb_write(address, width, value);
        }
        self.with_chip(|chip, fx| chip.write(address, width, value, fx))
    }
}

/// The private peripheral bus: the core's own registers.
fn is_private(address: u32) -> bool {
    address >> 28 == 0xE
}

impl Bus for System {
    #[inline]
    fn block(&mut self, pc: u32, run: &Run, core: &mut impl Registers) -> bool {
        self.pc = pc;
        if self.clock.cycles >= self.schedule.deadline
            || self.nvic.wants_attention() && self.nvic.to_take(core.masks()).is_some()
        {
            return true;
        }
        if !self.watches.is_empty() {
            self.watch(core);
        }
        self.clock.cycles += self.timing.block(pc, run);
        self.clock.instructions += u64::from(run.instructions);
        false
    }

    #[inline]
    fn wants_costs(&self) -> bool {
        self.timing.wants_costs()
    }

    fn wants_accesses(&self) -> bool {
        self.timing.wants_accesses()
    }

    fn accessed(&mut self, address: u32, bytes: u32, access: Access) {
        let cached = data::cached(self.attributes(address)).is_some();
        self.clock.cycles += self.timing.access(address, bytes, access, cached);
    }

    fn read(&mut self, address: u32, width: Width) -> Result<u32, BusError> {
        if is_window(address) {
            let how = self.attributes(address);
            let at = (address, width);
            return match self.with_data(|data, port, fx| data.load(at, how, port, fx)) {
                Ok(value) => Ok(value),
                Err(refused) => self.refused(refused, address, "load from the window", 0),
            };
        }
        self.clock.cycles += self.timing.access(address, width.bytes(), Access::Read, false);
        if is_flash(address) {
            let loaded = self.with_chip(|chip, fx| chip.load_flash(address, width, fx));
            self.after_change();
            // No event: a program may expect it, and the flash has noted it.
            return loaded.map_err(|_| BusError);
        }
        let result = self.read_any(address, width);
        if !is_private(address) {
            self.after_change();
        }
        result.or_else(|refused| self.refused(refused, address, "read", 0))
    }

    fn write(&mut self, address: u32, width: Width, value: u32) -> Result<(), BusError> {
        if is_window(address) {
            let how = self.attributes(address);
            let at = (address, width);
            return match self.with_data(|data, port, fx| data.store(at, value, how, port, fx)) {
                Ok(()) => Ok(()),
                Err(refused) => self.refused(refused, address, "store to the window", ()),
            };
        }
        self.clock.cycles += self.timing.access(address, width.bytes(), Access::Write, false);
        if is_flash(address) {
            let stored = self.with_chip(|chip, fx| chip.store_flash(address, width, value, fx));
            self.after_change();
            return stored.map_err(|_| BusError);
        }
        let result = self.write_any(address, width, value);
        if is_private(address) {
            self.plan();
        } else {
            self.after_change();
        }
        result.or_else(|refused| self.refused(refused, address, "write", ()))
    }

    fn rights(&mut self, address: u32, privileged: bool) -> Rights {
        let hard_fault_or_nmi = matches!(self.current, number::NMI | number::HARD_FAULT);
        self.mpu.rights(address, privileged, hard_fault_or_nmi)
    }

    fn is_cut(&mut self, page: u32) -> bool {
        self.mpu.cuts_page(page)
    }

    fn is_device(&mut self, page: u32) -> bool {
        is_window(page) && data::is_device(self.attributes(page))
    }

    fn is_followed(&mut self, page: u32) -> bool {
        self.coherency.follows(page)
            && is_cached_ram(page)
            && self.scb.dcache_on()
            && data::cached(self.attributes(page)).is_some()
    }

    fn is_special(&mut self, page: u32) -> bool {
        is_flash(page) && self.chip.devices.flash.is_special(page)
    }

    fn touched(&mut self, address: u32, access: Access) {
        if !self.coherency.follows(address) || !is_cached_ram(address) || !self.scb.dcache_on() {
            return;
        }
        let Some(policy) = data::cached(self.attributes(address)) else {
            return;
        };
        let mut fx = Effects::new(self.clock.now(), self.clocks, &mut self.reports);
        match access {
            Access::Write => self.coherency.store(address, policy, self.pc, &mut fx),
            _ => self.coherency.load(address, self.pc, &mut fx),
        }
        if !self.reports.is_empty() {
            self.collect();
        }
    }

    fn cut_fetch(&mut self, page: u32) {
        let message = "code in a 4 KB page that an MPU region cuts has no model: it is refused".into();
        self.report(Kind::Unmodelled, self.pc, Some(page), message);
    }

    fn send_event(&mut self) {
        self.event = true;
    }

    fn barrier(&mut self) {
        self.with_data(|data, port, fx| data.drain(port, fx));
    }
}
