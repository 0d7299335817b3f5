//! The camera interface (RM0455 "Digital camera interface"), from memory of RM0433's chapter on the same peripheral.
//!
//! Eight data lines with hardware synchronisation: snapshot and continuous capture, capture rate, crop window, selection of bytes
//! and lines, JPEG, a FIFO of four words, overrun, interrupts, DMA requests. Bytes come at PIXCLK, but words are handed over in
//! runs of up to sixteen, when the last of a run is complete; of a run, no more than the FIFO holds may be left when the next
//! one is: else it is an overrun, seen that much later than on silicon. Does NOT model: embedded synchronisation, more
//! than eight data lines, PSSI.

#[cfg(test)]
mod tests;
mod window;

use std::collections::VecDeque;

use crate::bus::bank::{lane, merged};
use crate::bus::video::Timing;
use crate::{Clocks, Device, Effects, Kernel, Kind, Picos, Refused, Time, Width};
use window::Window;

const CR: u32 = 0x00;
const SR: u32 = 0x04;
const RIS: u32 = 0x08;
const IER: u32 = 0x0C;
const MIS: u32 = 0x10;
const ICR: u32 = 0x14;
const ESCR: u32 = 0x18;
const ESUR: u32 = 0x1C;
const CWSTRT: u32 = 0x20;
const CWSIZE: u32 = 0x24;
const DR: u32 = 0x28;

const CAPTURE: u32 = 1 << 0;
const CM: u32 = 1 << 1;
const CROP: u32 = 1 << 2;
const JPEG: u32 = 1 << 3;
const ESS: u32 = 1 << 4;
const PCKPOL: u32 = 1 << 5;
const HSPOL: u32 = 1 << 6;
const VSPOL: u32 = 1 << 7;
const EDM: u32 = 3 << 10;
const ENABLE: u32 = 1 << 14;
const CR_KNOWN: u32 = 0x001F_4FFF;
/// What must stay as it is while the interface is on (RM0433: "before the ENABLE bit is set").
const CR_FIXED: u32 = CM | CROP | JPEG | ESS | PCKPOL | HSPOL | VSPOL | EDM | 0x1F << 16;

const FRAME: u32 = 1 << 0;
const OVR: u32 = 1 << 1;
const VSYNC: u32 = 1 << 3;
const LINE: u32 = 1 << 4;
const FLAGS: u32 = 0x1F;

const FIFO_WORDS: usize = 4;
/// Words that are handed over at once.
const RUN_WORDS: usize = 16;

/// Which lines of the connector lead to the chip at present.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// PIXCLK, HSYNC and VSYNC.
    pub clocks: bool,
    /// D0 to D7; what does not lead here reads as 0.
    pub data: u8,
}

/// Where the interface is in a picture.
#[derive(Clone, Debug)]
enum State {
    /// It waits for one to be announced.
    Idle,
    /// The next one has been announced.
    Announced(Timing),
    /// It has begun; what it carries is to be told.
    Begun(Timing),
    /// It comes in.
    Comes(Coming),
    /// What was wanted of it has come in, or nothing was.
    Over(Timing),
}

/// A picture that comes in.
#[derive(Clone, Debug)]
struct Coming {
    timing: Timing,
    window: Window,
    /// What is captured of it.
    bytes: Vec<u8>,
    /// How much of that was handed over.
    given: usize,
}

impl Coming {
    /// The end of the next run.
    fn next(&self) -> usize {
        (self.given + 4 * RUN_WORDS).min(self.bytes.len())
    }

    fn due(&self) -> Time {
        match self.next() {
            0 => self.timing.start,
            end => {
                let (line, column) = self.window.place(end - 1);
                self.timing.taken(line, column)
            }
        }
    }
}

/// The interface.
#[derive(Clone, Debug)]
pub struct Dcmi {
    cr: u32,
    ris: u32,
    ier: u32,
    crop: [u32; 2],
    fifo: VecDeque<u32>,
    state: State,
    lines: Lines,
    /// Pictures since capture was asked for, for the capture rate.
    seen: u32,
    /// Since when this capture is asked for.
    since: Time,
    complained: bool,
    /// Pictures that were captured whole, and those that an overrun cut.
    pub captured: u64,
    /// Those that an overrun has cut.
    pub overruns: u64,
}

impl Default for Dcmi {
    fn default() -> Self {
        Dcmi {
            cr: 0,
            ris: 0,
            ier: 0,
            crop: [0; 2],
            fifo: VecDeque::new(),
            state: State::Idle,
            lines: Lines::default(),
            seen: 0,
            since: Time(0),
            complained: false,
            captured: 0,
            overruns: 0,
        }
    }
}

impl Dcmi {
    /// Which lines lead here.
    pub fn connect(&mut self, lines: Lines) {
        self.lines = lines;
    }

    fn listens(&self) -> bool {
        self.cr & ENABLE != 0
            && self.lines.clocks
            && (self.cr & CAPTURE != 0 || self.ier & (VSYNC | LINE) != 0)
    }

    /// Whether it waits for a picture to be announced.
    pub fn wants_picture(&self) -> bool {
        matches!(self.state, State::Idle) && self.listens()
    }

    /// This one comes next.
    pub fn announce(&mut self, timing: Timing) {
        self.state = State::Announced(timing);
    }

    /// Whether a picture has begun whose content is not known yet.
    pub fn wants_content(&self) -> bool {
        matches!(self.state, State::Begun(_))
    }

    /// Words that wait to be taken: a run, which a master may take at once.
    pub fn has_run(&self) -> bool {
        !self.fifo.is_empty()
    }

    /// The camera is no longer there.
    pub fn lose(&mut self) {
        self.state = State::Idle;
    }

    /// What the picture carries that has begun.
    pub fn show(&mut self, carried: &[u8], fx: &mut Effects) {
        let State::Begun(timing) = self.state else { return };
        self.state = State::Over(timing);
        if let Some(why) = self.objection(&timing, &fx.clocks) {
            if !core::mem::replace(&mut self.complained, true) {
                fx.report(Kind::Rule, format!("DCMI: {why}"));
            }
            return;
        }
        let is_jpeg = self.cr & JPEG != 0;
        let crop = (self.cr & CROP != 0 && !is_jpeg).then_some(self.crop);
        let window = Window::new(&timing, self.cr, crop);
        let mut bytes = match is_jpeg {
            true => carried.to_vec(),
            false => window.take(carried, timing.line_bytes),
        };
        for byte in &mut bytes {
            *byte &= self.lines.data;
        }
        if bytes.len() % 4 != 0 {
            if !is_jpeg {
                let message = format!(
                    "DCMI: a picture of {} bytes is no multiple of a word of DR",
                    bytes.len()
                );
                fx.report(Kind::Rule, message);
            }
            bytes.resize(bytes.len().next_multiple_of(4), 0);
        }
        self.state = State::Comes(Coming {
            timing,
            window,
            bytes,
            given: 0,
        });
    }

    /// Why nothing sensible comes in.
    fn objection(&self, timing: &Timing, clocks: &Clocks) -> Option<String> {
        let polarity = timing.polarity;
        let pairs = [
            ("VSPOL", self.cr & VSPOL != 0, polarity.vsync_high),
            ("HSPOL", self.cr & HSPOL != 0, polarity.href_high),
            ("PCKPOL", self.cr & PCKPOL != 0, polarity.rising),
        ];
        for (name, own, sent) in pairs {
            if own != sent {
                return Some(format!(
                    "CR.{name} is {}, the camera sends as for {}",
                    u8::from(own),
                    u8::from(sent)
                ));
            }
        }
        // RM0433: AHB at 2.5 times PIXCLK at least.
        (u64::from(clocks.hz(Kernel::Hclk)) * 2 < u64::from(timing.pixclk_hz) * 5).then(|| {
            format!(
                "PIXCLK is {} Hz, and HCLK of {} Hz allows 0.4 of itself",
                timing.pixclk_hz,
                clocks.hz(Kernel::Hclk)
            )
        })
    }

    /// Whether the capture rate wants this picture.
    fn is_wanted(&self) -> bool {
        let every = if self.cr & CM != 0 {
            1
        } else {
            1 << (self.cr >> 8 & 3).min(2)
        };
        self.cr & CAPTURE != 0 && self.seen % every == 0
    }

    fn hand_over(&mut self) {
        let State::Comes(coming) = &mut self.state else {
            return;
        };
        let timing = coming.timing;
        if self.fifo.len() > FIFO_WORDS {
            self.ris |= OVR;
            self.overruns += 1;
            self.fifo.clear();
            self.state = State::Over(timing);
            return;
        }
        let end = coming.next();
        let words = coming.bytes[coming.given..end].chunks_exact(4);
        self.fifo.extend(words.map(|word| {
            word.iter()
                .rev()
                .fold(0, |value, byte| value << 8 | u32::from(*byte))
        }));
        coming.given = end;
        if coming.window.ends_line(end) {
            self.ris |= LINE;
        }
        if end == coming.bytes.len() {
            self.ris |= FRAME;
            self.captured += 1;
            if self.cr & CM != 0 {
                self.cr &= !CAPTURE;
            }
            self.state = State::Over(timing);
        }
    }

    fn write_cr(&mut self, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        if value & ESS != 0 {
            return Err(Refused::Unmodelled("DCMI_CR.ESS: embedded synchronisation"));
        }
        if value & EDM != 0 {
            return Err(Refused::Unmodelled("DCMI_CR.EDM: more than eight data lines"));
        }
        if value & !CR_KNOWN != 0 {
            fx.report(
                Kind::Unmodelled,
                format!("DCMI_CR: bits {:#010x} have no model", value & !CR_KNOWN),
            );
        }
        let changed = (value ^ self.cr) & CR_FIXED;
        if self.cr & value & ENABLE != 0 && self.cr & CAPTURE != 0 && changed != 0 {
            fx.report(
                Kind::Rule,
                format!("DCMI_CR: bits {changed:#x} are changed during a capture"),
            );
        }
        let begins = value & CAPTURE != 0 && self.cr & CAPTURE == 0;
        self.cr = value & CR_KNOWN;
        if begins {
            self.seen = 0;
            self.since = fx.now;
        }
        if self.cr & ENABLE == 0 {
            self.fifo.clear();
            self.state = State::Idle;
        }
        if begins && matches!(self.state, State::Over(_)) {
            // The next one, which may begin before this one would have been looked for.
            self.state = State::Idle;
        }
        Ok(())
    }

    fn status(&self, now: Time) -> u32 {
        // Between pictures and lines; without any the lines rest there.
        let blank = match &self.state {
            State::Comes(coming) => now < coming.timing.at(coming.timing.lead_clocks),
            State::Begun(timing) => now < timing.at(timing.lead_clocks),
            _ => true,
        };
        u32::from(blank) | u32::from(blank) << 1 | u32::from(!self.fifo.is_empty()) << 2
    }

    fn load(&mut self, register: u32, now: Time) -> Option<u32> {
        Some(match register {
            CR => self.cr,
            SR => self.status(now),
            RIS => self.ris,
            IER => self.ier,
            MIS => self.ris & self.ier,
            ICR | ESCR | ESUR => 0,
            CWSTRT => self.crop[0],
            CWSIZE => self.crop[1],
            DR => self.fifo.pop_front().unwrap_or(0),
            _ => return None,
        })
    }
}

impl Device for Dcmi {
    fn read(&mut self, offset: u32, width: Width, fx: &mut Effects) -> Result<u32, Refused> {
        if offset & !3 == DR && width != Width::Word {
            return Err(Refused::Unmodelled("DCMI_DR in other units than words"));
        }
        let word = self.load(offset & !3, fx.now);
        Ok(lane(
            word.ok_or(Refused::Unmodelled("DCMI register"))?,
            offset,
            width,
        ))
    }

    fn write(&mut self, offset: u32, width: Width, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        let register = offset & !3;
        let before = match register {
            DR | ICR => 0,
            _ => self
                .load(register, fx.now)
                .ok_or(Refused::Unmodelled("DCMI register"))?,
        };
        let value = merged(before, offset, width, value);
        match register {
            CR => return self.write_cr(value, fx),
            IER => self.ier = value & FLAGS,
            ICR => self.ris &= !(value & FLAGS),
            CWSTRT => self.crop[0] = value & 0x1FFF_3FFF,
            CWSIZE => self.crop[1] = value & 0x3FFF_3FFF,
            ESCR | ESUR if value == 0 => {}
            ESCR | ESUR => {
                return Err(Refused::Unmodelled(
                    "DCMI_ESCR and ESUR: embedded synchronisation",
                ));
            }
            _ => {}
        }
        Ok(())
    }

    fn reset(&mut self) {
        let (lines, captured, overruns) = (self.lines, self.captured, self.overruns);
        *self = Dcmi {
            lines,
            captured,
            overruns,
            ..Dcmi::default()
        };
    }

    fn lines(&self) -> u32 {
        u32::from(self.ris & self.ier != 0)
    }

    fn requests(&self) -> u32 {
        u32::from(!self.fifo.is_empty() && self.cr & ENABLE != 0)
    }

    fn next_event(&self, _clocks: &Clocks) -> Option<Time> {
        match &self.state {
            State::Idle | State::Begun(_) => None,
            State::Announced(timing) => Some(timing.start),
            State::Comes(coming) => Some(coming.due()),
            State::Over(timing) => self.listens().then(|| timing.end().max(timing.start + Picos(1))),
        }
    }

    fn advance(&mut self, fx: &mut Effects) {
        while self.next_event(&fx.clocks).is_some_and(|due| due <= fx.now) {
            match &self.state {
                State::Announced(timing) => {
                    let timing = *timing;
                    self.ris |= VSYNC;
                    let wanted = self.is_wanted() && self.since <= timing.start;
                    self.seen += u32::from(self.cr & CAPTURE != 0);
                    self.state = if wanted {
                        State::Begun(timing)
                    } else {
                        State::Over(timing)
                    };
                }
                State::Comes(_) => {
                    self.hand_over();
                    // The master takes words before the next run.
                    return;
                }
                State::Over(_) => self.state = State::Idle,
                State::Idle | State::Begun(_) => return,
            }
        }
    }
}
