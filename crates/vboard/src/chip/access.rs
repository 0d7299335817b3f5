//! Accesses of the core and of other masters: which device an address is, whether it is awake, and what it says.

use super::map::{Affects, ROWS, Row, find};
use super::{Chip, FLASH, RCC, SERIAL_ROWS, port_base};
use crate::board::Pin;
use chipmodel::{Effects, Kind, Refused, Width};

impl Chip {
    /// Whether a model answers at this address.
    pub fn owns(address: u32) -> bool {
        find(address).is_some_and(|index| ROWS[index].device.is_some())
    }

    fn reach(&self, address: u32) -> Result<(usize, &'static Row), Refused> {
        let index = find(address).ok_or(Refused::Unmodelled("address"))?;
        Ok((index, &ROWS[index]))
    }

    /// Read at a bus address.
    ///
    /// # Errors
    /// As of [`chipmodel::Device::read`].
    pub fn read(&mut self, address: u32, width: Width, fx: &mut Effects) -> Result<u32, Refused> {
        let (index, row) = self.reach(address)?;
        if !self.is_awake(row, address, Kind::Warning, fx) {
            return Ok(0);
        }
        if SERIAL_ROWS.contains(&index) {
            self.advance_serial_lines(fx);
        }
        if row.base == port_base(self.wiring.select) {
            self.show_select(fx);
        }
        let device = row.device.ok_or(Refused::Unmodelled(row.name))?;
        let result = device(&mut self.devices).read(address - row.base, width, fx);
        self.show_outputs(index, fx);
        self.look_at(index);
        result
    }

    /// The memory's wires are no nets, and chip select has no edges of its own: what it is now, its port is told when it is asked.
    fn show_select(&mut self, fx: &mut Effects) {
        let Pin { port, number } = self.wiring.select;
        if self.wiring.selects("memory", "CE#", &self.devices.gpio) && self.devices.octospim.routes_octospi1()
        {
            let is_high = self.devices.octospi1.select_is_high(fx);
            self.devices.gpio[usize::from(port)].sense(number, is_high, fx.now);
        }
    }

    /// Write at a bus address.
    ///
    /// # Errors
    /// As of [`chipmodel::Device::write`].
    pub fn write(&mut self, address: u32, width: Width, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        let (index, row) = self.reach(address)?;
        if !self.is_awake(row, address, Kind::Rule, fx) {
            return Ok(());
        }
        if index == RCC {
            // Everything up to now ran on the old clocks.
            self.advance(fx);
        }
        if SERIAL_ROWS.contains(&index) {
            self.advance_serial_lines(fx);
        }
        self.tell_backup_lock();
        let device = row.device.ok_or(Refused::Unmodelled(row.name))?;
        let result = device(&mut self.devices).write(address - row.base, width, value, fx);
        if result.is_ok() {
            match row.affects {
                Affects::Clocks => self.after_rcc_write(fx),
                Affects::Limits => self.check_clocks(fx),
                Affects::Pins => self.settle_pins(fx),
                Affects::Edges => self.find_frame_lines(),
                Affects::Requests => self.pass_requests(),
                Affects::Itself => {}
            }
        }
        self.feed_sample(index, fx);
        self.show_outputs(index, fx);
        self.look_at(index);
        result
    }

    /// The backup domain is locked by a bit of the power controller.
    fn tell_backup_lock(&mut self) {
        let writable = self.devices.pwr.backup_writable();
        self.devices.rcc.backup_writable = writable;
        self.devices.rtc.backup_writable = writable;
        self.devices.tamp.backup_writable = writable;
    }

    /// Read the flash where that has to be looked at.
    ///
    /// # Errors
    /// As of [`chipmodel::onchip::flash::Flash::load`].
    pub fn load_flash(&mut self, address: u32, width: Width, fx: &mut Effects) -> Result<u32, Refused> {
        let result = self.devices.flash.load(address, width, fx);
        self.look_at(FLASH);
        result
    }

    /// Store to the flash.
    ///
    /// # Errors
    /// As of [`chipmodel::onchip::flash::Flash::store`].
    pub fn store_flash(
        &mut self,
        address: u32,
        width: Width,
        value: u32,
        fx: &mut Effects,
    ) -> Result<(), Refused> {
        let result = self.devices.flash.store(address, width, value, fx);
        self.look_at(FLASH);
        result
    }

    /// Whether a peripheral gets its clock and is out of reset; reports if not.
    fn is_awake(&self, row: &Row, address: u32, kind: Kind, fx: &mut Effects) -> bool {
        let Some(gate) = row.gate else { return true };
        let why = if !self.devices.rcc.is_on(gate) {
            "its clock is off"
        } else if self.devices.rcc.is_held(gate) {
            "it is held in reset"
        } else {
            return true;
        };
        let message = format!("{} used while {why} ({})", row.name, gate.describe());
        fx.report_at(kind, address, message);
        false
    }
}
