//! One channel: its registers, and what the end of a buffer does to them.

use super::buffer::Failed;
use super::program::{Extent, Fit, Program};
use super::regs::{self, bndtr, cr, flag};
use crate::Refused;

/// One channel.
#[derive(Clone, Debug, Default)]
pub struct Channel {
    pub isr: u32,
    pub esr: u32,
    pub cr: u32,
    pub tcr: u32,
    pub bndtr: u32,
    pub sar: u32,
    pub dar: u32,
    pub brur: u32,
    pub lar: u32,
    pub tbr: u32,
    pub mar: u32,
    pub mdr: u32,
    /// BNDT as programmed, for repetitions.
    pub block_bytes: u32,
    /// While it is on.
    pub program: Option<Program>,
}

impl Channel {
    pub fn wants(&self) -> bool {
        self.program.is_some() && self.isr & flag::CRQA != 0 && self.bndtr & bndtr::BNDT != 0
    }

    /// Put the flags up and switch off.
    pub fn end(&mut self, flags: u32) {
        self.isr = (self.isr | flags) & !flag::CRQA;
        self.cr &= !cr::EN;
        self.program = None;
    }

    pub fn fail(&mut self, Failed(bits): Failed) {
        self.esr = bits;
        self.end(flag::TE);
    }

    /// `bytes` have been moved.
    pub fn advance(&mut self, bytes: u32) {
        let Some(program) = self.program else { return };
        let moved = |step: i32, size: u32| (step as u32).wrapping_mul(bytes / size);
        self.sar = self
            .sar
            .wrapping_add(moved(program.source.step, program.source.size));
        let items = match program.fit {
            Fit::Pack => program.target.size,
            _ => program.source.size,
        };
        self.dar = self.dar.wrapping_add(moved(program.target.step, items));
        self.isr |= flag::TC;
        let left = (self.bndtr & bndtr::BNDT) - bytes;
        self.bndtr = self.bndtr & !bndtr::BNDT | left;
        if left > 0 {
            if program.extent == Extent::Buffer {
                self.isr &= !flag::CRQA;
            }
        } else if bndtr::brc(self.bndtr) > 0 {
            self.next_block(program.extent);
        } else {
            self.end(flag::BT | flag::BRT | flag::CTC);
        }
    }

    fn next_block(&mut self, extent: Extent) {
        self.isr |= flag::BT;
        self.bndtr = (self.bndtr - bndtr::BRC_ONE) & !bndtr::BNDT | self.block_bytes;
        let (source, target) = (self.brur & 0xFFFF, self.brur >> 16);
        let by = |address: u32, minus: bool, value: u32| match minus {
            true => address.wrapping_sub(value),
            false => address.wrapping_add(value),
        };
        self.sar = by(self.sar, self.bndtr & bndtr::BRSUM != 0, source);
        self.dar = by(self.dar, self.bndtr & bndtr::BRDUM != 0, target);
        if extent != Extent::All {
            self.isr &= !flag::CRQA;
        }
    }

    pub fn interrupts(&self) -> bool {
        self.isr & flag::ALL & self.cr >> cr::ENABLES_SHIFT != 0
    }

    pub fn get(&self, register: u32) -> Result<u32, Refused> {
        Ok(match register {
            regs::ISR => self.isr,
            regs::ESR => self.esr,
            regs::CR => self.cr,
            regs::TCR => self.tcr,
            regs::BNDTR => self.bndtr,
            regs::SAR => self.sar,
            regs::DAR => self.dar,
            regs::BRUR => self.brur,
            regs::LAR => self.lar,
            regs::TBR => self.tbr,
            regs::MAR => self.mar,
            regs::MDR => self.mdr,
            regs::IFCR => return Err(Refused::Unmodelled("MDMA_CxIFCR: write-only")),
            _ => return Err(Refused::Unmodelled("MDMA: no such register")),
        })
    }
}
