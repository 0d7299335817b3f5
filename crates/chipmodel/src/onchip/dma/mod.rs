//! DMA1 and DMA2 (RM0455 "Direct memory access controller"): eight streams each, which DMAMUX1 gives their requests.
//!
//! From memory of RM0433's chapter on the same peripheral; RM0455's own could not be read. Modelled: both directions and
//! copies, sizes with packing by the FIFO, bursts, circular and double-buffer mode, priorities, a stream that is switched off in the
//! middle, half, whole and error flags with their interrupts. A FIFO collects what goes to memory up to its threshold; what comes
//! from memory is read when it is wanted, later than silicon does. Does NOT model: the peripheral as flow controller, FIFO
//! and direct-mode errors, PINCOS.

mod channel;
mod run;
#[cfg(test)]
mod tests;

pub(super) use channel::{Channel, Channels, flag};
pub(super) use run::{Direction, Plan, Run, Side};

use crate::bus::bank::{lane, merged};
use crate::bus::master::{Bus, Buses, Master};
use crate::{Clocks, Device, Effects, Kind, Refused, Time, Width};

const LISR: u32 = 0x00;
const HISR: u32 = 0x04;
const LIFCR: u32 = 0x08;
const HIFCR: u32 = 0x0C;
const STREAMS: u32 = 0x10;
const STREAM_STEP: u32 = 0x18;

const CR: u32 = 0x00;
const NDTR: u32 = 0x04;
const PAR: u32 = 0x08;
const M0AR: u32 = 0x0C;
const M1AR: u32 = 0x10;
const FCR: u32 = 0x14;

const EN: u32 = 1 << 0;
const DMEIE: u32 = 1 << 1;
const TEIE: u32 = 1 << 2;
const HTIE: u32 = 1 << 3;
const TCIE: u32 = 1 << 4;
const PFCTRL: u32 = 1 << 5;
const CIRC: u32 = 1 << 8;
const PINC: u32 = 1 << 9;
const MINC: u32 = 1 << 10;
const PINCOS: u32 = 1 << 15;
const DBM: u32 = 1 << 18;
const CT: u32 = 1 << 19;
/// All but TRBUFF's neighbours 31 to 25.
const CR_KNOWN: u32 = 0x01FF_FFFF;
/// What may change while the stream is on: its interrupts, and CIRC to end it with the block.
const CR_FREE: u32 = EN | DMEIE | TEIE | HTIE | TCIE | CIRC;
const DMDIS: u32 = 1 << 2;
const FCR_KNOWN: u32 = 3 | DMDIS | 1 << 7;
const FCR_RESET: u32 = 1;

/// Where the flags of a stream are in its half of the status registers.
const PLACES: [u32; 4] = [0, 6, 16, 22];

/// One controller.
#[derive(Clone, Debug)]
pub struct Dma {
    name: &'static str,
    channels: Channels,
}

impl Dma {
    /// The controller of this name.
    pub fn new(name: &'static str) -> Self {
        let mut channels = Channels::default();
        for channel in &mut channels.all {
            channel.fcr = FCR_RESET;
        }
        Dma { name, channels }
    }

    /// The levels of its streams' requests: bit n is stream n.
    pub fn hear(&mut self, requests: u32) {
        self.channels.hear(requests);
    }

    fn status(&self, high: bool) -> u32 {
        let streams = &self.channels.all[if high { 4..8 } else { 0..4 }];
        let places = streams.iter().zip(PLACES);
        places.fold(0, |word, (stream, place)| word | stream.flags << place)
    }

    fn clear(&mut self, high: bool, value: u32) {
        let streams = &mut self.channels.all[if high { 4..8 } else { 0..4 }];
        for (stream, place) in streams.iter_mut().zip(PLACES) {
            stream.flags &= !(value >> place & flag::ALL);
        }
    }

    fn plan(&self, stream: &Channel) -> Result<Plan, &'static str> {
        let cr = stream.cr;
        let direction = match cr >> 6 & 3 {
            0 => Direction::ToMemory,
            1 => Direction::ToPeripheral,
            2 => Direction::Copy,
            _ => return Err("DMA_SxCR.DIR = 3, which is reserved"),
        };
        if cr & PFCTRL != 0 {
            return Err("DMA_SxCR.PFCTRL: the peripheral as flow controller");
        }
        let (psize, msize) = (cr >> 11 & 3, cr >> 13 & 3);
        if psize == 3 || msize == 3 {
            return Err("DMA_SxCR.PSIZE or MSIZE = 3, which is reserved");
        }
        if cr & PINCOS != 0 {
            return Err("DMA_SxCR.PINCOS: a peripheral's address that moves by four");
        }
        // A copy always takes the FIFO; without it MSIZE is PSIZE.
        let fifo = stream.fcr & DMDIS != 0 || direction == Direction::Copy;
        let (psize, msize) = (1 << psize, if fifo { 1 << msize } else { 1 << psize });
        let side = |size, moves| Side {
            size,
            step: if moves { size } else { 0 },
        };
        Ok(Plan {
            bus: Bus::Axi,
            direction,
            peripheral: side(psize, cr & PINC != 0),
            memory: side(msize, cr & MINC != 0),
            circular: cr & CIRC != 0 && direction != Direction::Copy,
            double: cr & DBM != 0 && direction != Direction::Copy,
            burst: [1, 4, 8, 16][(cr >> 21 & 3) as usize],
            threshold: fifo.then(|| 4 * (1 + (stream.fcr & 3) as usize)),
        })
    }

    fn write_cr(&mut self, n: usize, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        let name = self.name;
        if value & !CR_KNOWN != 0 {
            let message = format!("{name}_S{n}CR: bits {:#010x} have no model", value & !CR_KNOWN);
            fx.report(Kind::Unmodelled, message);
        }
        let value = value & CR_KNOWN;
        let stream = &mut self.channels.all[n];
        if let Some(run) = &mut stream.run {
            // With EN back at 0 the rest is not looked at any more.
            let changed = (value ^ stream.cr) & !CR_FREE & !CT;
            if value & EN != 0 && changed != 0 {
                let message =
                    format!("{name}_S{n}CR: bits {changed:#x} are written while EN is 1; they do not change");
                fx.report(Kind::Rule, message);
            }
            run.plan.circular &= value & CIRC != 0;
            let kept = if value & EN != 0 { stream.cr & !CR_FREE } else { 0 };
            stream.cr = kept | value & if value & EN != 0 { CR_FREE } else { CR_KNOWN };
            if value & EN == 0 {
                stream.stop();
                self.channels.not_before(fx.now);
            }
            return Ok(());
        }
        stream.cr = value & !EN;
        stream.priority = value >> 16 & 3;
        if value & EN == 0 {
            return Ok(());
        }
        let plan = match self.plan(&self.channels.all[n]) {
            Ok(plan) => plan,
            Err(what) => return Err(Refused::Unmodelled(what)),
        };
        let stream = &mut self.channels.all[n];
        if let Some(why) = stream.objection(&plan) {
            let message = format!("{name} stream {n} is switched on, but stays off: {why}");
            fx.report(Kind::Rule, message);
            return Ok(());
        }
        if stream.flags != 0 {
            let message = format!(
                "{name} stream {n} is switched on while its flags {:#x} are set: clear them first",
                stream.flags
            );
            fx.report(Kind::Warning, message);
        }
        stream.start(plan, plan.double && stream.cr & CT != 0);
        self.channels.not_before(fx.now + fx.stall);
        Ok(())
    }

    fn read_stream(&self, n: usize, register: u32) -> Option<u32> {
        let stream = &self.channels.all[n];
        Some(match register {
            CR => {
                let on = u32::from(stream.run.is_some());
                match &stream.run {
                    Some(run) if run.plan.double => {
                        stream.cr & !(EN | CT) | on | if run.second { CT } else { 0 }
                    }
                    _ => stream.cr & !EN | on,
                }
            }
            NDTR => stream.ndtr,
            PAR => stream.par,
            M0AR => stream.mar[0],
            M1AR => stream.mar[1],
            FCR => stream.fcr | fifo_state(stream.run.as_ref().map_or(0, Run::level)) << 3,
            _ => return None,
        })
    }

    fn write_stream(&mut self, n: usize, register: u32, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        if register == CR {
            return self.write_cr(n, value, fx);
        }
        let (name, stream) = (self.name, &mut self.channels.all[n]);
        let is_memory = matches!(register, M0AR | M1AR);
        let may = stream.run.as_ref().is_none_or(|run| {
            // Of two memories the one that is not in use may change.
            is_memory && run.plan.double && run.second != (register == M1AR)
        });
        if !may {
            let message =
                format!("{name} stream {n}: register {register:#x} is written while EN is 1; ignored");
            fx.report(Kind::Rule, message);
            return Ok(());
        }
        match register {
            NDTR => stream.ndtr = value & 0xFFFF,
            PAR => stream.par = value,
            M0AR => stream.mar[0] = value,
            M1AR => stream.mar[1] = value,
            FCR => stream.fcr = value & FCR_KNOWN,
            _ => return Err(Refused::Unmodelled("DMA register")),
        }
        Ok(())
    }
}

/// FCR.FS of so many bytes: quarters that are full, and a code of its own for none and for all.
fn fifo_state(bytes: usize) -> u32 {
    match bytes {
        0 => 4,
        16.. => 5,
        some => (some / 4) as u32,
    }
}

/// Stream and register of an offset.
fn place(offset: u32) -> Option<(usize, u32)> {
    let inside = offset.checked_sub(STREAMS)?;
    let n = (inside / STREAM_STEP) as usize;
    (n < 8).then_some((n, (inside % STREAM_STEP) & !3))
}

impl Device for Dma {
    fn read(&mut self, offset: u32, width: Width, _fx: &mut Effects) -> Result<u32, Refused> {
        let word = match (offset & !3, place(offset)) {
            (_, Some((n, register))) => self.read_stream(n, register),
            (LISR, _) => Some(self.status(false)),
            (HISR, _) => Some(self.status(true)),
            (LIFCR | HIFCR, _) => Some(0),
            _ => None,
        };
        let word = word.ok_or(Refused::Unmodelled("DMA register"))?;
        Ok(lane(word, offset, width))
    }

    fn write(&mut self, offset: u32, width: Width, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        match (offset & !3, place(offset)) {
            (_, Some((n, register))) => {
                let before = self
                    .read_stream(n, register)
                    .ok_or(Refused::Unmodelled("DMA register"))?;
                self.write_stream(n, register, merged(before, offset, width, value), fx)
            }
            (LIFCR, _) => {
                self.clear(false, merged(0, offset, width, value));
                Ok(())
            }
            (HIFCR, _) => {
                self.clear(true, merged(0, offset, width, value));
                Ok(())
            }
            (LISR | HISR, _) => Ok(()),
            _ => Err(Refused::Unmodelled("DMA register")),
        }
    }

    fn reset(&mut self) {
        *self = Dma::new(self.name);
    }

    fn lines(&self) -> u32 {
        let streams = self.channels.all.iter().enumerate();
        streams.fold(0, |lines, (n, stream)| {
            // The enables are one place lower than the flags.
            let asked = (stream.cr & (DMEIE | TEIE | HTIE | TCIE)) << 1;
            lines | u32::from(stream.flags & asked != 0) << n
        })
    }

    fn next_event(&self, _clocks: &Clocks) -> Option<Time> {
        self.channels.due()
    }
}

impl Master for Dma {
    fn is_due(&self, now: Time) -> bool {
        self.channels.due().is_some_and(|due| due <= now)
    }

    fn work(&mut self, buses: &mut dyn Buses, fx: &mut Effects) {
        self.channels.work(self.name, buses, fx);
    }
}
