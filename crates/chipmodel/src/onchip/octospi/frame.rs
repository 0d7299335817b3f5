//! What a frame consists of: CCR, TCR, IR and ABR (or their twins for mapped writes) taken apart.

use super::regs::{ccr, tcr};
use crate::bus::qspi::Lanes;

/// One frame without its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameShape {
    /// Lines, value and bytes of the instruction.
    pub instruction: Option<(Lanes, u32, u32)>,
    /// Lines and bytes of the address.
    pub address: Option<(Lanes, u32)>,
    /// Lines, value and bytes of the alternate bytes.
    pub alternate: Option<(Lanes, u32, u32)>,
    /// Clocks before the data.
    pub dummy: u32,
    /// Lines of the data.
    pub data: Option<Lanes>,
    /// The instruction goes with the first frame only.
    pub instruction_once: bool,
    /// Data is sampled half a clock later: SSHIFT.
    pub late: bool,
}

impl FrameShape {
    /// Take the registers apart; the error names what has no model.
    pub fn new(ccr: u32, tcr: u32, ir: u32, abr: u32) -> Result<Self, &'static str> {
        if ccr & ccr::ANY_DTR != 0 {
            return Err("OCTOSPI_CCR: double data rate");
        }
        Ok(FrameShape {
            instruction: lanes(ccr::imode(ccr))?.map(|lanes| (lanes, ir, ccr::isize(ccr) + 1)),
            address: lanes(ccr::admode(ccr))?.map(|lanes| (lanes, ccr::adsize(ccr) + 1)),
            alternate: lanes(ccr::abmode(ccr))?.map(|lanes| (lanes, abr, ccr::absize(ccr) + 1)),
            dummy: tcr::dcyc(tcr),
            data: lanes(ccr::dmode(ccr))?,
            instruction_once: ccr & ccr::SIOO != 0,
            late: tcr & tcr::SSHIFT != 0,
        })
    }
}

fn lanes(code: u32) -> Result<Option<Lanes>, &'static str> {
    match code {
        0 => Ok(None),
        1 => Ok(Some(Lanes::One)),
        2 => Ok(Some(Lanes::Two)),
        3 => Ok(Some(Lanes::Four)),
        4 => Err("OCTOSPI_CCR: eight lines"),
        _ => Err("OCTOSPI_CCR: reserved line mode"),
    }
}
