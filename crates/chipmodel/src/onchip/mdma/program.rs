//! What a channel is told to do, read out of its registers when it is switched on.
//!
//! "Unpredictable" in the manual is a broken rule here, and what has no model is refused by name: a channel with either
//! is not switched on.

use super::regs::{cr, tbr, tcr};
use crate::Kind;
use crate::bus::master::Bus;

/// Source or target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Side {
    pub bus: Bus,
    /// Bytes in one access.
    pub size: u32,
    /// What the address moves by after each.
    pub step: i32,
    /// Accesses in one burst; 1 is no burst.
    pub burst: u32,
}

/// What becomes of items whose size differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// Bytes are regrouped.
    Pack,
    /// Each item by itself: its low part, filled with zeros.
    Zero,
    /// Its low part, filled with its sign.
    Sign,
    /// Its high part, zeros below.
    Left,
}

/// How much one request moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    Buffer,
    Block,
    All,
}

/// A channel's configuration, digested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Program {
    pub source: Side,
    pub target: Side,
    pub buffer_bytes: u32,
    pub fit: Fit,
    pub extent: Extent,
    /// The bytes of each half-word are exchanged.
    pub exchange: bool,
}

/// Why a channel is not switched on.
pub type Objection = (Kind, String);

fn rule(what: impl Into<String>) -> Objection {
    (Kind::Rule, format!("{} (RM0399 15.5.6)", what.into()))
}

fn unmodelled(what: &str) -> Objection {
    (Kind::Unmodelled, format!("no model of {what}"))
}

fn side(tcr: u32, tbr: u32, target: bool) -> Result<Side, Objection> {
    let (letter, bus_bit) = if target {
        ('D', tbr::DBUS)
    } else {
        ('S', tbr::SBUS)
    };
    let bus = if tbr & bus_bit == 0 { Bus::Axi } else { Bus::Tcm };
    let (size, offset, burst) = (
        tcr::size(tcr, target),
        tcr::offset(tcr, target),
        tcr::burst(tcr, target),
    );
    let step = match tcr::inc(tcr, target) {
        0 => 0,
        2 => offset as i32,
        3 => -(offset as i32),
        _ => return Err(rule(format!("{letter}INC = 1 is reserved"))),
    };
    if step != 0 && offset < size {
        return Err(rule(format!(
            "{letter}INCOS of {offset} bytes is less than {letter}SIZE of {size}: the result is unpredictable"
        )));
    }
    if bus == Bus::Tcm && step == 0 {
        return Err(rule(format!("{letter}INC = 0 is forbidden on the TCM bus")));
    }
    if burst > 1 && bus == Bus::Tcm && offset != size {
        return Err(rule(format!(
            "{letter}BURST on the TCM bus with {letter}INCOS other than {letter}SIZE: the result is unpredictable"
        )));
    }
    if burst > 16 && step == 0 {
        return Err(rule(format!(
            "{letter}BURST of {burst} with a fixed address, at most 16: the result is unpredictable"
        )));
    }
    if burst > 1 && step != size as i32 && step != 0 {
        return Err(unmodelled("bursts whose address does not follow the data size"));
    }
    Ok(Side {
        bus,
        size,
        step,
        burst,
    })
}

impl Program {
    /// What the registers say.
    pub fn new(tcr: u32, tbr: u32, cr: u32, lar: u32) -> Result<Program, Objection> {
        if tcr & tcr::SWRM == 0 {
            return Err(unmodelled("requests of peripherals (CTCR.SWRM = 0)"));
        }
        if lar != 0 {
            return Err(unmodelled("linked lists (CLAR other than 0)"));
        }
        if cr & cr::EXCHANGE & !cr::BEX != 0 {
            return Err(unmodelled("the exchange of half-words and words (CCR.HEX, WEX)"));
        }
        let (source, target) = (side(tcr, tbr, false)?, side(tcr, tbr, true)?);
        if cr & cr::BEX != 0 && (source.size < 2 || target.size < 2) {
            return Err(unmodelled(
                "the exchange of bytes (CCR.BEX) with data of one byte",
            ));
        }
        let buffer_bytes = tcr::buffer_bytes(tcr);
        let fit = match tcr::pam(tcr) {
            _ if tcr & tcr::PKE != 0 || source.size == target.size => Fit::Pack,
            0 => Fit::Zero,
            1 => Fit::Sign,
            2 => Fit::Left,
            _ => return Err(rule("PAM = 3 is reserved")),
        };
        // With padding the length counts bytes of the source.
        let counted = [(source, 'S', true), (target, 'D', fit == Fit::Pack)];
        for (side, letter, counts) in counted {
            if counts && buffer_bytes % side.size != 0 {
                return Err(rule(format!(
                    "TLEN + 1 = {buffer_bytes} is no multiple of {letter}SIZE of {} bytes",
                    side.size
                )));
            }
            let bytes = match counts {
                true => buffer_bytes,
                false => buffer_bytes / source.size * target.size,
            };
            if side.burst > 1 && side.burst * side.size > bytes {
                return Err(rule(format!(
                    "{letter}BURST of {} x {} bytes is longer than the {bytes} of a buffer: the result is unpredictable",
                    side.burst, side.size
                )));
            }
        }
        let extent = match tcr::trgm(tcr) {
            0 => Extent::Buffer,
            1 => Extent::Block,
            _ => Extent::All,
        };
        Ok(Program {
            source,
            target,
            buffer_bytes,
            fit,
            extent,
            exchange: cr & cr::BEX != 0,
        })
    }
}
