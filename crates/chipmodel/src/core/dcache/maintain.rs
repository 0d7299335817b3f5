//! Cache maintenance, as the registers at 0xE000EF5C.. ask for it (Armv7-M ARM, cache maintenance operations).

use super::Dcache;
use super::lines::Lines;
use crate::Effects;
use crate::bus::axi::{AxiPort, BusError};

/// One maintenance operation; the operand as written to the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// DCIMVAC.
    InvalidateByAddress(u32),
    /// DCISW.
    InvalidateBySetWay(u32),
    /// DCCMVAC and DCCMVAU.
    CleanByAddress(u32),
    /// DCCSW.
    CleanBySetWay(u32),
    /// DCCIMVAC.
    CleanInvalidateByAddress(u32),
    /// DCCISW.
    CleanInvalidateBySetWay(u32),
}

impl Op {
    /// The operation of the register at `offset` from 0xE000_ED00 (the SCB), if it is one of the D-cache's.
    pub const fn of_register(offset: u32, operand: u32) -> Option<Op> {
        match offset {
            0x25c => Some(Op::InvalidateByAddress(operand)),
            0x260 => Some(Op::InvalidateBySetWay(operand)),
            0x264 | 0x268 => Some(Op::CleanByAddress(operand)),
            0x26c => Some(Op::CleanBySetWay(operand)),
            0x270 => Some(Op::CleanInvalidateByAddress(operand)),
            0x274 => Some(Op::CleanInvalidateBySetWay(operand)),
            _ => None,
        }
    }
}

impl Dcache {
    /// Carry out `op`. An invalidated dirty line is lost, as on silicon.
    pub fn maintain(&mut self, op: Op, bus: &mut impl AxiPort, fx: &mut Effects) -> Result<(), BusError> {
        let (slot, clean, invalidate) = match op {
            Op::InvalidateByAddress(addr) => (self.lines.find(addr), false, true),
            Op::CleanByAddress(addr) => (self.lines.find(addr), true, false),
            Op::CleanInvalidateByAddress(addr) => (self.lines.find(addr), true, true),
            Op::InvalidateBySetWay(operand) => (Some(Lines::set_way(operand)), false, true),
            Op::CleanBySetWay(operand) => (Some(Lines::set_way(operand)), true, false),
            Op::CleanInvalidateBySetWay(operand) => (Some(Lines::set_way(operand)), true, true),
        };
        let Some(slot) = slot else { return Ok(()) };
        let Some((line, dirty)) = self.lines.tag(slot) else {
            return Ok(());
        };
        self.fills.wait_for_line(line, fx);
        if self.stores.holds_line(line) {
            self.drain(bus, fx)?;
        }
        let beats = self.lines.beats(slot);
        if invalidate {
            self.lines.invalidate(slot);
        } else if clean {
            self.lines.set_clean(slot);
        }
        if clean && dirty {
            self.stats.cleans += 1;
            let at = fx.now + fx.stall;
            self.write_line(line, &beats, at, bus, fx)?;
            super::wait_until(self.writes_taken, fx);
        }
        Ok(())
    }

    /// Lines that hold what memory does not, in no order: what would be lost if the cache were invalidated now.
    pub fn dirty_lines(&self) -> impl Iterator<Item = u32> + '_ {
        Lines::slots()
            .filter_map(|slot| self.lines.tag(slot))
            .filter(|(_, dirty)| *dirty)
            .map(|(line, _)| line)
    }
}
