//! MDMA: sixteen channels that move memory past the processor and its cache.
//!
//! From RM0399 15 (STM32H745, the same peripheral; RM0455's own chapter could not be read). Modelled: software requests,
//! all data sizes, packing and padding, bursts, buffers, blocks, repeated blocks, priorities, errors with their address,
//! interrupts. Linked lists, requests of peripherals and the exchange of bytes are not: a channel that is set up for them
//! is refused by name and stays off.
//!
//! A buffer's data moves when it begins, flags and counters follow when its last beat was taken; the processor sees the
//! data that much too early. Open in the manual, and chosen here: a block that is no multiple of the data size fails with
//! its last buffer, of which nothing is written; BRTIF is set also after a block without repetition.

mod buffer;
mod channel;
mod program;
mod regs;
#[cfg(test)]
mod tests;

use buffer::Failed;
use channel::Channel;
use program::Program;
use regs::{bndtr, cr, flag, tbr};

use crate::bus::bank::{lane, merged};
use crate::bus::master::{Buses, Master};
use crate::{Clocks, Device, Effects, Kind, Refused, Time, Width};

/// A buffer on its way.
#[derive(Clone, Copy, Debug)]
struct Pending {
    channel: usize,
    bytes: u32,
    result: Result<(), Failed>,
    done: Time,
}

/// The controller.
#[derive(Clone, Debug, Default)]
pub struct Mdma {
    channels: [Channel; regs::CHANNELS],
    pending: Option<Pending>,
    /// When the last request came, or the last buffer ended.
    since: Time,
}

impl Mdma {
    /// Everything off.
    pub fn new() -> Self {
        Mdma::default()
    }

    /// When it next does something by itself.
    fn due(&self) -> Option<Time> {
        match self.pending {
            Some(pending) => Some(pending.done),
            None => self.channels.iter().any(Channel::wants).then_some(self.since),
        }
    }

    /// The next buffer, of the channel with the highest priority; among equals, the lowest number.
    fn begin(&mut self, at: Time, buses: &mut dyn Buses, fx: &mut Effects) {
        let wanting = (0..regs::CHANNELS).filter(|&n| self.channels[n].wants());
        let Some(number) = wanting.min_by_key(|&n| 3 - cr::priority(self.channels[n].cr)) else {
            return;
        };
        let channel = &self.channels[number];
        let Some(program) = channel.program else { return };
        let bytes = program.buffer_bytes.min(channel.bndtr & bndtr::BNDT);
        let ran = buffer::run(&program, [channel.sar, channel.dar], bytes, at, buses, fx);
        self.pending = Some(Pending {
            channel: number,
            bytes,
            result: ran.map(|_| ()),
            done: ran.unwrap_or(at),
        });
    }

    fn finish(&mut self, pending: Pending) {
        self.since = self.since.max(pending.done);
        let channel = &mut self.channels[pending.channel];
        match pending.result {
            Err(failed) => channel.fail(failed),
            Ok(()) => channel.advance(pending.bytes),
        }
        // Switched off while the buffer was under way.
        if channel.cr & cr::EN == 0 && channel.program.is_some() {
            channel.end(flag::CTC);
        }
    }

    fn is_pending(&self, number: usize) -> bool {
        self.pending.is_some_and(|pending| pending.channel == number)
    }

    fn write_control(&mut self, number: usize, value: u32, fx: &mut Effects) {
        let busy = self.is_pending(number);
        let channel = &mut self.channels[number];
        let was_on = channel.cr & cr::EN != 0;
        let known = cr::KNOWN | cr::SWRQ;
        if value & !known != 0 {
            let message = format!("MDMA_C{number}CR: bits {:#010x} have no model", value & !known);
            fx.report(Kind::Unmodelled, message);
        }
        let writable = if was_on { cr::FREE } else { cr::KNOWN };
        if was_on && (value ^ channel.cr) & cr::KNOWN & !writable != 0 {
            fx.report(Kind::Rule, protected(number, "CR"));
        }
        channel.cr = channel.cr & !writable | value & writable;
        match (was_on, value & cr::EN != 0) {
            (false, true) => match Program::new(channel.tcr, channel.tbr, channel.cr, channel.lar) {
                Ok(program) => channel.program = Some(program),
                Err((kind, why)) => {
                    channel.cr &= !cr::EN;
                    fx.report(kind, format!("MDMA channel {number} is not switched on: {why}"));
                }
            },
            (true, false) if !busy => channel.end(flag::CTC),
            _ => {}
        }
        if value & cr::SWRQ != 0 {
            self.request(number, was_on, fx);
        }
    }

    fn request(&mut self, number: usize, was_on: bool, fx: &mut Effects) {
        let channel = &mut self.channels[number];
        let why = if !was_on {
            "that is not switched on"
        } else if channel.bndtr & bndtr::BNDT == 0 {
            "whose block has no bytes"
        } else {
            channel.isr |= flag::CRQA;
            self.since = self.since.max(fx.now + fx.stall);
            return;
        };
        fx.report(
            Kind::Rule,
            format!("MDMA: request on channel {number} {why} does nothing (RM0399 15.5)"),
        );
    }

    /// A register that may only change while the channel is off.
    fn write_protected(
        &mut self,
        number: usize,
        register: u32,
        value: u32,
        fx: &mut Effects,
    ) -> Result<(), Refused> {
        let channel = &mut self.channels[number];
        if channel.program.is_some() {
            fx.report(Kind::Rule, protected(number, name(register)));
            return Ok(());
        }
        let known = match register {
            regs::BNDTR => bndtr::KNOWN,
            regs::TBR => tbr::KNOWN,
            regs::LAR => !7,
            _ => !0,
        };
        if value & !known != 0 {
            let message = format!(
                "MDMA_C{number}{}: bits {:#010x} are reserved",
                name(register),
                value & !known
            );
            fx.report(Kind::Unmodelled, message);
        }
        if register == regs::BNDTR && value & bndtr::BNDT > bndtr::BNDT_MAX {
            let message = format!(
                "MDMA_C{number}BNDTR: a block of {} bytes, at most 65536",
                value & bndtr::BNDT
            );
            fx.report(Kind::Rule, message);
        }
        let value = value & known;
        let place = match register {
            regs::TCR => &mut channel.tcr,
            regs::BNDTR => {
                channel.block_bytes = value & bndtr::BNDT;
                &mut channel.bndtr
            }
            regs::SAR => &mut channel.sar,
            regs::DAR => &mut channel.dar,
            regs::BRUR => &mut channel.brur,
            regs::LAR => &mut channel.lar,
            regs::TBR => &mut channel.tbr,
            regs::MAR => &mut channel.mar,
            regs::MDR => &mut channel.mdr,
            _ => return Err(Refused::Unmodelled("MDMA: no such register")),
        };
        *place = value;
        Ok(())
    }
}

fn name(register: u32) -> &'static str {
    match register {
        regs::TCR => "TCR",
        regs::BNDTR => "BNDTR",
        regs::SAR => "SAR",
        regs::DAR => "DAR",
        regs::BRUR => "BRUR",
        regs::LAR => "LAR",
        regs::TBR => "TBR",
        regs::MAR => "MAR",
        _ => "MDR",
    }
}

fn protected(number: usize, register: &str) -> String {
    format!("MDMA_C{number}{register} written while the channel is on: ignored (RM0399 15.5.5)")
}

/// Channel and register of an offset.
fn place(offset: u32) -> Option<(usize, u32)> {
    let inside = offset.checked_sub(regs::CHANNEL_BASE)?;
    let number = (inside / regs::CHANNEL_STEP) as usize;
    (number < regs::CHANNELS).then_some((number, (inside % regs::CHANNEL_STEP) & !3))
}

impl Master for Mdma {
    fn is_due(&self, now: Time) -> bool {
        self.due().is_some_and(|due| due <= now)
    }

    fn work(&mut self, buses: &mut dyn Buses, fx: &mut Effects) {
        while let Some(due) = self.due().filter(|due| *due <= fx.now) {
            match self.pending.take() {
                Some(pending) => self.finish(pending),
                None => self.begin(due, buses, fx),
            }
        }
    }
}

impl Device for Mdma {
    fn read(&mut self, offset: u32, width: Width, _fx: &mut Effects) -> Result<u32, Refused> {
        let word = match place(offset) {
            Some((number, register)) => self.channels[number].get(register)?,
            None if offset & !3 == regs::GISR0 => (0..regs::CHANNELS)
                .filter(|&n| self.channels[n].interrupts())
                .fold(0, |word, n| word | 1 << n),
            None => return Err(Refused::Unmodelled("MDMA: no such register")),
        };
        Ok(lane(word, offset, width))
    }

    fn write(&mut self, offset: u32, width: Width, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        let Some((number, register)) = place(offset) else {
            return Err(Refused::Unmodelled("MDMA: no register that can be written"));
        };
        match register {
            regs::IFCR => {
                let cleared = merged(0, offset, width, value) & flag::ALL;
                let channel = &mut self.channels[number];
                channel.isr &= !cleared;
                if cleared & flag::TE != 0 {
                    channel.esr = 0;
                }
                Ok(())
            }
            regs::ISR | regs::ESR => {
                fx.report(
                    Kind::Rule,
                    format!("MDMA channel {number}: ISR and ESR are read-only; ignored"),
                );
                Ok(())
            }
            regs::CR => {
                let value = merged(self.channels[number].cr, offset, width, value);
                self.write_control(number, value, fx);
                Ok(())
            }
            _ => {
                let value = merged(self.channels[number].get(register)?, offset, width, value);
                self.write_protected(number, register, value, fx)
            }
        }
    }

    /// Reset by RCC. A buffer under way has moved its data already.
    fn reset(&mut self) {
        *self = Mdma::default();
    }

    fn lines(&self) -> u32 {
        self.channels.iter().any(Channel::interrupts).into()
    }

    /// The machine calls [`Master::work`] then, with the buses.
    fn next_event(&self, _clocks: &Clocks) -> Option<Time> {
        self.due()
    }
}
