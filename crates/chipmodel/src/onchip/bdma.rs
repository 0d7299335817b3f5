//! BDMA2 (RM0455 "Basic direct memory access controller"): eight channels within the smart-run domain, which DMAMUX2 gives
//! their requests.
//!
//! From memory of RM0433's chapter on BDMA; M1AR, DBM and CT as in the register file of this chip. It reaches SRD SRAM and the
//! peripherals beside it. No packing: an item is widened with zeros, or cut. Does NOT model BDMA1, which serves DFSDM1 alone.

use super::dma::{Channels, Direction, Plan, Side, flag};
use crate::bus::bank::{lane, merged};
use crate::bus::master::{Bus, Buses, Master};
use crate::{Clocks, Device, Effects, Kind, Refused, Time, Width};

const ISR: u32 = 0x00;
const IFCR: u32 = 0x04;
const CHANNELS: u32 = 0x08;
const CHANNEL_STEP: u32 = 0x14;

const CR: u32 = 0x00;
const NDTR: u32 = 0x04;
const PAR: u32 = 0x08;
const M0AR: u32 = 0x0C;
const M1AR: u32 = 0x10;

const EN: u32 = 1 << 0;
const TCIE: u32 = 1 << 1;
const HTIE: u32 = 1 << 2;
const TEIE: u32 = 1 << 3;
const DIR: u32 = 1 << 4;
const CIRC: u32 = 1 << 5;
const PINC: u32 = 1 << 6;
const MINC: u32 = 1 << 7;
const MEM2MEM: u32 = 1 << 14;
const DBM: u32 = 1 << 15;
const CT: u32 = 1 << 16;
const CR_KNOWN: u32 = 0x1_FFFF;
const CR_FREE: u32 = EN | TCIE | HTIE | TEIE | CIRC;

/// A flag of a channel as this controller has it: GIF, TCIF, HTIF, TEIF.
const FLAGS: [(u32, u32); 3] = [(1 << 1, flag::TC), (1 << 2, flag::HT), (1 << 3, flag::TE)];

/// The controller.
#[derive(Clone, Debug)]
pub struct Bdma {
    name: &'static str,
    channels: Channels,
}

impl Bdma {
    /// The controller of this name.
    pub fn new(name: &'static str) -> Self {
        Bdma {
            name,
            channels: Channels::default(),
        }
    }

    /// The levels of its channels' requests: bit n is channel n.
    pub fn hear(&mut self, requests: u32) {
        self.channels.hear(requests);
    }

    fn status(&self) -> u32 {
        let channels = self.channels.all.iter().enumerate();
        channels.fold(0, |word, (n, channel)| word | flags(channel.flags) << (4 * n))
    }

    fn clear(&mut self, value: u32) {
        for (n, channel) in self.channels.all.iter_mut().enumerate() {
            let asked = value >> (4 * n) & 0xF;
            for (bit, flag) in FLAGS {
                // CGIF clears them all.
                if asked & (bit | 1) != 0 {
                    channel.flags &= !flag;
                }
            }
        }
    }

    fn plan(&self, cr: u32) -> Result<Plan, &'static str> {
        let (psize, msize) = (cr >> 8 & 3, cr >> 10 & 3);
        if psize == 3 || msize == 3 {
            return Err("BDMA_CCR.PSIZE or MSIZE = 3, which is reserved");
        }
        let side = |size: u32, moves| Side {
            size: 1 << size,
            step: if moves { 1 << size } else { 0 },
        };
        let direction = match (cr & MEM2MEM != 0, cr & DIR != 0) {
            (false, false) => Direction::ToMemory,
            (false, true) => Direction::ToPeripheral,
            (true, false) => Direction::Copy,
            (true, true) => {
                return Err("BDMA_CCR.MEM2MEM with DIR, a copy from memory to the peripheral's side");
            }
        };
        Ok(Plan {
            bus: Bus::Srd,
            direction,
            peripheral: side(psize, cr & PINC != 0),
            memory: side(msize, cr & MINC != 0),
            circular: cr & CIRC != 0 && direction != Direction::Copy,
            double: cr & DBM != 0 && direction != Direction::Copy,
            burst: 1,
            threshold: None,
        })
    }

    fn write_cr(&mut self, n: usize, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        let name = self.name;
        if value & !CR_KNOWN != 0 {
            let message = format!("{name}_CCR{n}: bits {:#010x} have no model", value & !CR_KNOWN);
            fx.report(Kind::Unmodelled, message);
        }
        let value = value & CR_KNOWN;
        let channel = &mut self.channels.all[n];
        if let Some(run) = &mut channel.run {
            let changed = (value ^ channel.cr) & !CR_FREE & !CT;
            if value & EN != 0 && changed != 0 {
                let message =
                    format!("{name}_CCR{n}: bits {changed:#x} are written while EN is 1; they do not change");
                fx.report(Kind::Rule, message);
            }
            run.plan.circular &= value & CIRC != 0;
            if value & EN != 0 {
                channel.cr = channel.cr & !CR_FREE | value & CR_FREE;
            } else {
                // It just stops: no flag tells it.
                channel.cr = value;
                channel.run = None;
            }
            return Ok(());
        }
        channel.cr = value & !EN;
        channel.priority = value >> 12 & 3;
        if value & EN == 0 {
            return Ok(());
        }
        // At its end a channel stays on, and does nothing until it is off and on again.
        channel.cr = value;
        let plan = match self.plan(value) {
            Ok(plan) => plan,
            Err(what) => return Err(Refused::Unmodelled(what)),
        };
        let channel = &mut self.channels.all[n];
        if let Some(why) = channel.objection(&plan) {
            let message = format!("{name} channel {n} is switched on, but does nothing: {why}");
            fx.report(Kind::Rule, message);
            return Ok(());
        }
        channel.start(plan, plan.double && value & CT != 0);
        self.channels.not_before(fx.now + fx.stall);
        Ok(())
    }

    fn read_channel(&self, n: usize, register: u32) -> Option<u32> {
        let channel = &self.channels.all[n];
        Some(match register {
            CR => match &channel.run {
                Some(run) if run.plan.double => channel.cr & !CT | if run.second { CT } else { 0 },
                _ => channel.cr,
            },
            NDTR => channel.ndtr,
            PAR => channel.par,
            M0AR => channel.mar[0],
            M1AR => channel.mar[1],
            _ => return None,
        })
    }

    fn write_channel(
        &mut self,
        n: usize,
        register: u32,
        value: u32,
        fx: &mut Effects,
    ) -> Result<(), Refused> {
        if register == CR {
            return self.write_cr(n, value, fx);
        }
        let (name, channel) = (self.name, &mut self.channels.all[n]);
        if channel.cr & EN != 0 && !(matches!(register, M0AR | M1AR) && channel.cr & DBM != 0) {
            let message =
                format!("{name} channel {n}: register {register:#x} is written while EN is 1; ignored");
            fx.report(Kind::Rule, message);
            return Ok(());
        }
        match register {
            NDTR => channel.ndtr = value & 0xFFFF,
            PAR => channel.par = value,
            M0AR => channel.mar[0] = value,
            M1AR => channel.mar[1] = value,
            _ => return Err(Refused::Unmodelled("BDMA register")),
        }
        Ok(())
    }
}

fn flags(of_channel: u32) -> u32 {
    let own = FLAGS.iter().fold(0, |own, (bit, flag)| {
        own | if of_channel & flag != 0 { *bit } else { 0 }
    });
    own | u32::from(own != 0)
}

fn place(offset: u32) -> Option<(usize, u32)> {
    let inside = offset.checked_sub(CHANNELS)?;
    let n = (inside / CHANNEL_STEP) as usize;
    (n < 8).then_some((n, (inside % CHANNEL_STEP) & !3))
}

impl Device for Bdma {
    fn read(&mut self, offset: u32, width: Width, _fx: &mut Effects) -> Result<u32, Refused> {
        let word = match (offset & !3, place(offset)) {
            (_, Some((n, register))) => self.read_channel(n, register),
            (ISR, _) => Some(self.status()),
            (IFCR, _) => Some(0),
            _ => None,
        };
        let word = word.ok_or(Refused::Unmodelled("BDMA register"))?;
        Ok(lane(word, offset, width))
    }

    fn write(&mut self, offset: u32, width: Width, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        match (offset & !3, place(offset)) {
            (_, Some((n, register))) => {
                let before = self
                    .read_channel(n, register)
                    .ok_or(Refused::Unmodelled("BDMA register"))?;
                self.write_channel(n, register, merged(before, offset, width, value), fx)
            }
            (IFCR, _) => {
                self.clear(merged(0, offset, width, value));
                Ok(())
            }
            (ISR, _) => Ok(()),
            _ => Err(Refused::Unmodelled("BDMA register")),
        }
    }

    fn reset(&mut self) {
        *self = Bdma::new(self.name);
    }

    fn lines(&self) -> u32 {
        let channels = self.channels.all.iter().enumerate();
        channels.fold(0, |lines, (n, channel)| {
            // Enables and flags share their places.
            let asked = channel.cr & (TCIE | HTIE | TEIE);
            lines | u32::from(flags(channel.flags) & asked != 0) << n
        })
    }

    fn next_event(&self, _clocks: &Clocks) -> Option<Time> {
        self.channels.due()
    }
}

impl Master for Bdma {
    fn is_due(&self, now: Time) -> bool {
        self.channels.due().is_some_and(|due| due <= now)
    }

    fn work(&mut self, buses: &mut dyn Buses, fx: &mut Effects) {
        self.channels.work(self.name, buses, fx);
    }
}
