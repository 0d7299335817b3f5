//! Joints that break, now or later.

use super::Machine;
use crate::board::breakage::Breakage;
use crate::board::fault::Fault;
use chipmodel::Time;

impl Machine {
    /// Break the joint of a part's pin, or mend it: `memory`, `CE#`. False: the board has no such pin.
    pub fn break_joint(&mut self, part: &str, pin: &str, fault: Option<Fault>) -> bool {
        let found = self
            .sys
            .with_chip(|chip, fx| chip.break_joint(part, pin, fault, fx));
        self.sys.settle();
        found
    }

    /// Break what `breakage` says when this time has come.
    pub fn break_board_at(&mut self, time: Time, breakage: Breakage) {
        self.to_break.push((time, breakage));
        self.to_break.sort_by_key(|(time, _)| core::cmp::Reverse(*time));
    }

    pub(super) fn break_what_is_due(&mut self) {
        while self.to_break.last().is_some_and(|(time, _)| *time <= self.now()) {
            if let Some((_, breakage)) = self.to_break.pop() {
                self.break_board(&breakage);
            }
        }
    }

    /// Break what `breakage` says.
    pub fn break_board(&mut self, breakage: &Breakage) {
        match breakage {
            Breakage::Joint { part, pin, fault } => {
                self.break_joint(part, pin, Some(*fault));
            }
            Breakage::Bridge(a, b) => {
                self.sys.with_chip(|chip, fx| chip.bridge(*a, *b, fx));
                self.sys.settle();
            }
            Breakage::Turned => {
                self.sys.chip.nets.turn();
                self.sys.with_chip(|chip, fx| chip.settle_memory(fx));
            }
            Breakage::NoCamera => {
                self.sys.with_chip(|chip, fx| chip.unplug_camera(fx));
                self.sys.settle();
            }
            Breakage::Stub { mm } => {
                self.sys.chip.nets.set_stub(*mm);
                self.sys.with_chip(|chip, fx| chip.settle_memory(fx));
            }
        }
    }
}
