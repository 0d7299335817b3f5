//! SPI (RM0455 50) as a controller, bit by bit on SCK, MOSI and MISO.
//!
//! Full duplex, frames of 4 to 16 bits in either order, all four clock modes, both FIFOs with their thresholds, TSIZE with its end
//! and the endless mode with CSTART and CSUSP, simplex, overruns, the interrupt line, requests to DMA. Does NOT model: being a
//! device, one line both ways, hardware NSS, CRC, I2S, the pauses of MSSI and MIDI, a frame wider than 16 bits.
//!
//! Where all that is on its lines takes frames whole, and nobody else looks at them, what it only sends is told frame by frame at the
//! same times: a picture has millions of edges. Where one part answers, and takes frames whole, both ways are.

use crate::bus::bank::{Bank, Register, lane, merged};
use crate::{Clocks, Device, Effects, Kind, Picos, Refused, Time, Width};
use std::collections::VecDeque;

const CR1: u32 = 0x00;
const CR2: u32 = 0x04;
const CFG1: u32 = 0x08;
const CFG2: u32 = 0x0C;
const IER: u32 = 0x10;
const SR: u32 = 0x14;
const IFCR: u32 = 0x18;
const TXDR: u32 = 0x20;
const RXDR: u32 = 0x30;

const SPE: u32 = 1 << 0;
const CSTART: u32 = 1 << 9;
const CSUSP: u32 = 1 << 10;
/// SSI and MASRX too.
const CR1_KNOWN: u32 = SPE | 1 << 8 | CSTART | CSUSP | 1 << 12;
const RXDMAEN: u32 = 1 << 14;
const TXDMAEN: u32 = 1 << 15;
/// DSIZE, FTHLV, CRCSIZE (which is for nothing while CRCEN is 0), MBR.
const CFG1_KNOWN: u32 = 0x1F | 0xF << 5 | RXDMAEN | TXDMAEN | 0x1F << 16 | 7 << 28;
/// COMM: simplex, sending or receiving; both is one line both ways.
const SENDS_ONLY: u32 = 1 << 17;
const RECEIVES_ONLY: u32 = 2 << 17;
const COMM: u32 = SENDS_ONLY | RECEIVES_ONLY;
const MASTER: u32 = 1 << 22;
const LSBFRST: u32 = 1 << 23;
const CPHA: u32 = 1 << 24;
const CPOL: u32 = 1 << 25;
const SSM: u32 = 1 << 26;
const AFCNTR: u32 = 1 << 31;
/// SSIOP, SSOE, SSOM: what NSS does, which no pin carries here.
const NSS: u32 = 7 << 28;
const CFG2_KNOWN: u32 = COMM | NSS | MASTER | LSBFRST | CPHA | CPOL | SSM | AFCNTR;

const RXP: u32 = 1 << 0;
const TXP: u32 = 1 << 1;
const DXP: u32 = 1 << 2;
const EOT: u32 = 1 << 3;
const TXTF: u32 = 1 << 4;
const OVR: u32 = 1 << 6;
const SUSP: u32 = 1 << 11;
const TXC: u32 = 1 << 12;
const RXWNE: u32 = 1 << 15;
/// EOT, TXTF, UDR, OVR, CRCE, TIFRE, MODF, TSERF, SUSP.
const CLEARABLE: u32 = 0xFF8;

const REGISTERS: &[Register] = &[
    Register::new(CR1, "SPI_CR1", 0, CR1_KNOWN),
    Register::new(CR2, "SPI_CR2", 0, 0xFFFF),
    Register::new(CFG1, "SPI_CFG1", 0x0007_0007, CFG1_KNOWN),
    Register::new(CFG2, "SPI_CFG2", 0, CFG2_KNOWN),
    Register::new(IER, "SPI_IER", 0, 0x7FF),
    Register::new(0x40, "SPI_CRCPOLY", 0x107, u32::MAX),
    Register::new(0x50, "SPI_I2SCFGR", 0, 0),
];

/// A frame on the wire.
#[derive(Clone, Copy, Debug)]
struct Frame {
    out: u32,
    into: u32,
    /// Edges of SCK so far.
    edges: u32,
    /// Told as a whole, at its end.
    whole: bool,
}

/// How what is on its lines takes them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lines {
    /// Edge by edge.
    #[default]
    Edges,
    /// Whole frames, to which nobody answers.
    Frames,
    /// Whole frames, and one part answers: [`Spi::hear`].
    Exchanges,
}

/// A frame that was not told by edges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WholeFrame {
    /// Its bits, the highest first.
    pub word: u32,
    /// Their number.
    pub bits: u32,
    /// SCK from rise to rise.
    pub cycle: Picos,
    /// Its answer is waited for; the level of the line is this while the part lets it go.
    pub idle: Option<bool>,
}

/// One controller.
#[derive(Clone, Debug)]
pub struct Spi {
    name: &'static str,
    kernel_hz: fn(&Clocks) -> u32,
    fifo_bytes: usize,
    bank: Bank,
    flags: u32,
    tx: VecDeque<u32>,
    rx: VecDeque<u32>,
    frame: Option<Frame>,
    /// Frames of TSIZE that have begun.
    begun: u32,
    /// Those that software has written.
    written: u32,
    due: Option<Time>,
    sck: bool,
    mosi: bool,
    miso: bool,
    moved: bool,
    takes: Lines,
    told: Option<WholeFrame>,
    /// When the frame ended whose answer is waited for.
    unheard: Option<Time>,
}

impl Spi {
    /// The controller of this name: with its kernel clock, and the bytes of each FIFO.
    pub fn new(name: &'static str, kernel_hz: fn(&Clocks) -> u32, fifo_bytes: usize) -> Self {
        Spi {
            name,
            kernel_hz,
            fifo_bytes,
            bank: Bank::new(REGISTERS),
            flags: 0,
            tx: VecDeque::new(),
            rx: VecDeque::new(),
            frame: None,
            begun: 0,
            written: 0,
            due: None,
            sck: false,
            mosi: false,
            miso: false,
            moved: false,
            takes: Lines::Edges,
            told: None,
            unheard: None,
        }
    }

    /// How all that is on its lines takes frames, from the next one on.
    pub fn set_lines(&mut self, takes: Lines) {
        self.takes = takes;
    }

    /// The answer to the whole frame that has just passed.
    pub fn hear(&mut self, word: u32, fx: &mut Effects) {
        if let (Some(at), Some(mut frame)) = (self.unheard.take(), self.frame) {
            frame.into = word;
            self.ended(at, frame, fx);
        }
    }

    /// The frame that has just passed, if it was not told by edges.
    pub fn take_whole_frame(&mut self) -> Option<WholeFrame> {
        self.told.take()
    }

    fn cfg2(&self, bit: u32) -> bool {
        self.bank.get(CFG2) & bit != 0
    }

    fn is_on(&self) -> bool {
        self.bank.get(CR1) & SPE != 0
    }

    fn bits(&self) -> u32 {
        (self.bank.get(CFG1) & 0x1F) + 1
    }

    fn frame_bytes(&self) -> usize {
        if self.bits() > 8 { 2 } else { 1 }
    }

    /// Frames that a FIFO holds.
    fn room(&self) -> usize {
        self.fifo_bytes / self.frame_bytes()
    }

    /// Frames of a packet (FTHLV).
    fn packet(&self) -> usize {
        (self.bank.get(CFG1) >> 5 & 0xF) as usize + 1
    }

    fn tsize(&self) -> u32 {
        self.bank.get(CR2) & 0xFFFF
    }

    /// MBR: SCK is the kernel clock over 2 to 256.
    fn half(&self, fx: &mut Effects) -> Picos {
        let hz = (self.kernel_hz)(&fx.clocks);
        if hz == 0 {
            fx.report(
                Kind::Rule,
                format!("{}: its kernel clock does not run", self.name),
            );
            return Picos::from_ns(1_000_000);
        }
        Picos::of_cycles(1 << (self.bank.get(CFG1) >> 28 & 7), hz)
    }

    /// Where bit `n` of a frame is in its word.
    fn place(&self, n: u32) -> u32 {
        if self.cfg2(LSBFRST) {
            n
        } else {
            self.bits() - 1 - n
        }
    }

    fn put(&mut self, sck: bool, mosi: bool) {
        self.moved |= (sck, mosi) != (self.sck, self.mosi);
        (self.sck, self.mosi) = (sck, mosi);
    }

    /// Begin with the next frame, if there is one and it may go.
    fn begin(&mut self, at: Time, fx: &mut Effects) {
        let cr1 = self.bank.get(CR1);
        if self.frame.is_some() || !self.is_on() || cr1 & CSTART == 0 || !self.cfg2(MASTER) {
            return;
        }
        if cr1 & CSUSP != 0 {
            self.bank.set(CR1, cr1 & !(CSTART | CSUSP));
            self.flags |= SUSP;
            return;
        }
        let out = match self.bank.get(CFG2) & COMM {
            // Receiving, the clock runs by itself: without TSIZE until it is suspended.
            RECEIVES_ONLY if self.tsize() == 0 || self.begun < self.tsize() => 0,
            _ => match self.tx.pop_front() {
                Some(out) => out,
                None => return,
            },
        };
        self.begun += 1;
        // Bits count when SCK rises in the modes 0 and 3.
        let rises = self.cfg2(CPHA) == self.cfg2(CPOL);
        let ways = self.bank.get(CFG2) & COMM;
        let whole = !self.cfg2(LSBFRST)
            && match self.takes {
                Lines::Edges => false,
                Lines::Frames => rises && ways == SENDS_ONLY,
                Lines::Exchanges => !self.cfg2(CPHA) && !self.cfg2(CPOL) && ways == 0,
            };
        self.frame = Some(Frame {
            out,
            into: 0,
            edges: 0,
            whole,
        });
        if whole {
            let half = self.half(fx);
            self.due = Some(at + Picos(u64::from(2 * self.bits()) * half.0));
            return;
        }
        if !self.cfg2(CPHA) {
            self.put(self.sck, out >> self.place(0) & 1 != 0);
        }
        self.due = Some(at + self.half(fx));
    }

    /// The next edge of SCK, or all of them.
    fn edge(&mut self, at: Time, fx: &mut Effects) {
        let Some(mut frame) = self.frame else { return };
        if frame.whole {
            let listens = self.bank.get(CFG2) & COMM == 0;
            self.told = Some(WholeFrame {
                word: frame.out,
                bits: self.bits(),
                cycle: Picos(2 * self.half(fx).0),
                idle: listens.then_some(self.miso),
            });
            self.put(self.sck, frame.out & 1 != 0);
            if listens {
                self.unheard = Some(at);
            } else {
                self.ended(at, frame, fx);
            }
            return;
        }
        let (bit, trailing) = (frame.edges / 2, frame.edges % 2 == 1);
        let samples = trailing == self.cfg2(CPHA);
        let mut mosi = self.mosi;
        if samples {
            frame.into |= u32::from(self.miso) << self.place(bit);
        } else {
            // The bit that follows: of mode 0 and 2 the first one is out already.
            let next = if trailing { bit + 1 } else { bit };
            if next < self.bits() {
                mosi = frame.out >> self.place(next) & 1 != 0;
            }
        }
        self.put(!self.sck, mosi);
        frame.edges += 1;
        self.frame = Some(frame);
        if frame.edges < 2 * self.bits() {
            self.due = Some(at + self.half(fx));
            return;
        }
        self.ended(at, frame, fx);
    }

    fn ended(&mut self, at: Time, frame: Frame, fx: &mut Effects) {
        self.frame = None;
        if self.bank.get(CFG2) & COMM == SENDS_ONLY {
            // What is on MISO is nobody's matter.
        } else if self.rx.len() < self.room() {
            self.rx.push_back(frame.into);
        } else {
            self.flags |= OVR;
        }
        if self.tsize() != 0 && self.begun == self.tsize() {
            self.flags |= EOT;
            let cr1 = self.bank.get(CR1);
            self.bank.set(CR1, cr1 & !CSTART);
        } else {
            self.begin(at, fx);
        }
    }

    fn status(&self) -> u32 {
        if !self.is_on() {
            return self.flags | TXC;
        }
        let all_written = self.tsize() != 0 && self.written >= self.tsize();
        let (rx_bytes, mut status) = (self.rx.len() * self.frame_bytes(), self.flags);
        if self.rx.len() >= self.packet() {
            status |= RXP;
        }
        let sends = self.bank.get(CFG2) & COMM != RECEIVES_ONLY;
        if sends && self.room() - self.tx.len() >= self.packet() && !all_written {
            status |= TXP;
        }
        if status & (RXP | TXP) == RXP | TXP {
            status |= DXP;
        }
        if self.tx.is_empty() && self.frame.is_none() {
            status |= TXC;
        }
        if rx_bytes >= 4 {
            status |= RXWNE;
        }
        let left = if self.tsize() == 0 {
            0
        } else {
            self.tsize() - self.begun.min(self.tsize())
        };
        status | ((rx_bytes % 4 / self.frame_bytes()) as u32) << 13 | left << 16
    }

    fn transmit(&mut self, width: Width, value: u32, fx: &mut Effects) {
        let bytes = self.frame_bytes();
        let mask = (1u32 << (8 * bytes)) - 1;
        for n in 0..(width.bytes() as usize).div_ceil(bytes) {
            if !self.is_on() || self.tx.len() == self.room() {
                let message = format!(
                    "{}_TXDR written while the FIFO has no room (RM0455 50.4.13)",
                    self.name
                );
                fx.report(Kind::Rule, message);
                return;
            }
            self.tx.push_back(value >> (8 * bytes * n) & mask);
            self.written += 1;
            if self.written == self.tsize() {
                self.flags |= TXTF;
            }
        }
        self.begin(fx.now, fx);
    }

    fn receive(&mut self, width: Width) -> u32 {
        let bytes = self.frame_bytes();
        let frames = (width.bytes() as usize).div_ceil(bytes);
        (0..frames).fold(0, |word, n| {
            word | self.rx.pop_front().unwrap_or(0) << (8 * bytes * n)
        })
    }

    fn write_cr1(&mut self, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        let was_on = self.is_on();
        // CSTART is set by software and cleared by hardware.
        let kept = self.bank.get(CR1) & CSTART;
        self.bank.store(CR1, value | kept, "SPI_CR1", fx)?;
        if !self.is_on() {
            self.bank.set(CR1, value & CR1_KNOWN & !(CSTART | CSUSP));
            self.tx.clear();
            self.rx.clear();
            (self.frame, self.due, self.unheard) = (None, None, None);
            (self.begun, self.written) = (0, 0);
            self.put(self.cfg2(CPOL), self.mosi);
        } else if !was_on {
            if !self.cfg2(MASTER) || !self.cfg2(SSM) {
                let message = format!("{}: only a controller with SSM has a model", self.name);
                fx.report(Kind::Unmodelled, message);
            }
            if self.bank.get(CFG2) & COMM == COMM {
                let message = format!("{}: one line both ways (CFG2.COMM = 3) has no model", self.name);
                fx.report(Kind::Unmodelled, message);
            }
            if self.bits() > 16 || self.bits() < 4 {
                let message = format!("{}: frames of {} bits have no model", self.name, self.bits());
                fx.report(Kind::Unmodelled, message);
            }
            self.put(self.cfg2(CPOL), self.mosi);
        }
        self.moved |= was_on != self.is_on();
        self.begin(fx.now, fx);
        Ok(())
    }
}

impl Device for Spi {
    fn read(&mut self, offset: u32, width: Width, _fx: &mut Effects) -> Result<u32, Refused> {
        let word = match offset & !3 {
            SR => self.status(),
            IFCR => 0,
            RXDR => return Ok(self.receive(width)),
            plain => self.bank.load(plain, "SPI register")?,
        };
        Ok(lane(word, offset, width))
    }

    fn write(&mut self, offset: u32, width: Width, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        let register = offset & !3;
        match register {
            TXDR => {
                self.transmit(width, value, fx);
                return Ok(());
            }
            SR | RXDR => return Ok(()),
            IFCR => {
                self.flags &= !(merged(0, offset, width, value) & CLEARABLE);
                return Ok(());
            }
            _ => {}
        }
        let value = merged(self.bank.load(register, "SPI register")?, offset, width, value);
        if matches!(register, CR2 | CFG1 | CFG2) && self.is_on() {
            let message = format!(
                "{}: CR2, CFG1 and CFG2 are set while SPE is 0 (RM0455 50.11)",
                self.name
            );
            fx.report(Kind::Rule, message);
        }
        match register {
            CR1 => self.write_cr1(value, fx),
            _ => {
                self.bank.store(register, value, "SPI register", fx)?;
                if register == CFG2 {
                    self.put(self.cfg2(CPOL), self.mosi);
                    self.moved = true;
                }
                Ok(())
            }
        }
    }

    fn reset(&mut self) {
        let (miso, takes) = (self.miso, self.takes);
        *self = Spi::new(self.name, self.kernel_hz, self.fifo_bytes);
        (self.miso, self.takes, self.moved) = (miso, takes, true);
    }

    fn lines(&self) -> u32 {
        // Enables and flags share their places, up to MODF; SUSP is reported by EOTIE.
        let status = self.status();
        let ended = if status & SUSP != 0 { EOT } else { 0 };
        u32::from((status | ended) & self.bank.get(IER) & 0x7FF != 0)
    }

    fn requests(&self) -> u32 {
        let (cfg1, status) = (self.bank.get(CFG1), self.status());
        let receives = cfg1 & RXDMAEN != 0 && status & RXP != 0;
        let sends = cfg1 & TXDMAEN != 0 && status & TXP != 0;
        u32::from(receives) | u32::from(sends) << 1
    }

    fn output(&self, signal: &str) -> Option<bool> {
        // While it is off the pins are let go, unless AFCNTR keeps them.
        if !self.is_on() && !self.cfg2(AFCNTR) {
            return None;
        }
        match signal {
            "SCK" => Some(self.sck),
            "MOSI" => Some(self.mosi),
            _ => None,
        }
    }

    fn signals(&self) -> &'static [&'static str] {
        // MOSI first: with an edge of SCK that a part samples at, it does not move.
        &["SCK", "MOSI", "MISO"]
    }

    fn take_outputs_changed(&mut self) -> bool {
        core::mem::take(&mut self.moved)
    }

    fn sense(&mut self, signal: &str, level: Option<bool>, fx: &mut Effects) {
        if signal == "MISO" {
            self.miso = level.unwrap_or(false);
        } else if signal == "NSS" && level.is_some() {
            let message = format!("{}: NSS on a pin has no model", self.name);
            fx.report(Kind::Unmodelled, message);
        }
    }

    fn next_event(&self, _clocks: &Clocks) -> Option<Time> {
        self.due
    }

    fn advance(&mut self, fx: &mut Effects) {
        let Some(due) = self.due.filter(|due| *due <= fx.now) else {
            return;
        };
        self.due = None;
        self.edge(due, fx);
    }
}

#[cfg(test)]
mod tests;
