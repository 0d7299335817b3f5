//! SDMMC with its own DMA, and the card in its socket.
//!
//! From RM0433 58 (STM32H743, the same peripheral; RM0455's own chapter could not be read). Commands with their answers and time-outs,
//! blocks of data in both directions on one line or four, busy, the end of a transfer, stopping it (CMDSTOP), single-buffered DMA of 32 bits,
//! flags and the interrupt. A line that does not lead to the card spoils what goes over it: no answer, or a CRC that does not fit. Does
//! NOT model: data by the core's FIFO (a transfer without IDMAEN is refused by name), double buffers, streams, SDIO, DDR, boot,
//! voltage switch, flow control (HWFC_EN holds the clock; here the DMA is never late).

mod bits;

use crate::bus::axi::{ReadBeat, ReadBurst, WriteBeat};
use crate::bus::bank::{Bank, Register, lane, merged};
use crate::bus::master::{Bus, Buses, Master};
use crate::parts::sd_card::{Answer, SdCard};
use crate::{Clocks, Device, Effects, Kernel, Kind, Picos, Refused, Time, Width};
use bits::*;

const REGISTERS: &[Register] = &[
    Register::new(POWER, "SDMMC_POWER", 0, 3),
    Register::new(CLKCR, "SDMMC_CLKCR", 0, CLKCR_KNOWN),
    Register::new(ARGR, "SDMMC_ARGR", 0, u32::MAX),
    Register::new(CMDR, "SDMMC_CMDR", 0, CMDR_KNOWN),
    Register::new(DTIMER, "SDMMC_DTIMER", 0, u32::MAX),
    Register::new(DLENR, "SDMMC_DLENR", 0, 0x01FF_FFFF),
    Register::new(DCTRL, "SDMMC_DCTRL", 0, DCTRL_KNOWN),
    Register::new(MASKR, "SDMMC_MASKR", 0, 0x1FFF_FFFF),
    Register::new(IDMACTRLR, "SDMMC_IDMACTRLR", 0, IDMAEN),
    Register::new(IDMABASE0R, "SDMMC_IDMABASE0R", 0, !3),
];

/// Clocks of a command, of a short answer with the pause before it, of a long one; and after which no answer comes (4.12).
const COMMAND_CLOCKS: u64 = 48;
const SHORT_CLOCKS: u64 = 8 + 48;
const LONG_CLOCKS: u64 = 8 + 136;
const NO_ANSWER_CLOCKS: u64 = 64;
/// Start bit, CRC16, end bit, and the CRC status with its pauses.
const FRAME_CLOCKS: u64 = 18;
const CRC_STATUS_CLOCKS: u64 = 8;
/// What a card wants before its first command (SD 6.4.1).
const WAKE_CLOCKS: u64 = 74;

/// Which lines lead to the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lines {
    /// CK and CMD.
    pub command: bool,
    /// DAT0 to DAT3.
    pub data: [bool; 4],
}

/// What comes next on the data lines.
#[derive(Clone, Debug)]
enum Step {
    /// A block of the card's is complete at this time; `None`: none comes, and this is the time-out.
    Arrives(Time, Option<Vec<u8>>),
    /// A block is to be fetched from memory.
    Fetches(Time),
    /// It is with the card at this time, which answers.
    Leaves(Time, Vec<u8>),
    /// The card is busy until then; `false`: longer than DTIMER allows.
    Busy(Time, bool),
}

impl Step {
    fn due(&self) -> Time {
        match self {
            Step::Arrives(time, _) | Step::Fetches(time) | Step::Leaves(time, _) | Step::Busy(time, _) => {
                *time
            }
        }
    }
}

/// The controller.
#[derive(Clone, Debug)]
pub struct Sdmmc {
    bank: Bank,
    flags: u32,
    responses: [u32; 4],
    command_answered: u32,
    /// The answer to a command, and when it is there.
    answer: Option<(Time, Answer)>,
    step: Option<Step>,
    /// Bytes that are still to come or go; where the next one is in memory.
    left: u32,
    memory: u32,
    first_block: bool,
    /// DAT0 is low after CMD12 or an R1b until then.
    busy_end: Option<Time>,
    powered_at: Option<Time>,
    /// What is in the socket.
    pub card: Option<SdCard>,
    lines: Lines,
}

impl Default for Sdmmc {
    fn default() -> Self {
        Sdmmc {
            bank: Bank::new(REGISTERS),
            flags: 0,
            responses: [0; 4],
            command_answered: 0,
            answer: None,
            step: None,
            left: 0,
            memory: 0,
            first_block: true,
            busy_end: None,
            powered_at: None,
            card: None,
            lines: Lines {
                command: false,
                data: [false; 4],
            },
        }
    }
}

impl Sdmmc {
    /// Which lines lead to the socket: pins are set up elsewhere.
    pub fn connect(&mut self, lines: Lines) {
        self.lines = lines;
    }

    /// SDMMC_CK.
    fn clock_hz(&self, clocks: &Clocks) -> u32 {
        let divider = self.bank.get(CLKCR) & 0x3FF;
        clocks.hz(Kernel::Sdmmc) / (2 * divider).max(1)
    }

    fn span(&self, cycles: u64, fx: &mut Effects) -> Picos {
        match self.clock_hz(&fx.clocks) {
            0 => {
                fx.report(Kind::Rule, "SDMMC: its kernel clock does not run".to_owned());
                Picos::from_ns(1_000_000)
            }
            hz => Picos::of_cycles(cycles, hz),
        }
    }

    fn wide(&self) -> bool {
        self.bank.get(CLKCR) >> 14 & 3 == 1
    }

    fn block_bytes(&self) -> u32 {
        1 << (self.bank.get(DCTRL) >> 4 & 0xF).min(14)
    }

    /// Clocks of a block on the data lines.
    fn block_clocks(&self, bytes: u32) -> u64 {
        u64::from(bytes) * if self.wide() { 2 } else { 8 } + FRAME_CLOCKS
    }

    /// Whether blocks get through whole.
    fn data_is_sound(&self) -> bool {
        let lines = if self.wide() { 4 } else { 1 };
        let card_wide = self.card.as_ref().is_some_and(SdCard::uses_four_lines);
        self.lines.data[..lines].iter().all(|joined| *joined) && card_wide == self.wide()
    }

    fn deadline(&self, from: Time, fx: &mut Effects) -> Time {
        let cycles = self.bank.get(DTIMER).into();
        from + self.span(cycles, fx)
    }

    fn send_command(&mut self, fx: &mut Effects) {
        let cmdr = self.bank.get(CMDR);
        if self.bank.get(POWER) & 3 != POWER_ON {
            fx.report(Kind::Rule, "SDMMC: a command while PWRCTRL is not 3".to_owned());
            return;
        }
        let woken = self.powered_at.unwrap_or(fx.now) + self.span(WAKE_CLOCKS, fx);
        if fx.now < woken && self.card.is_some() {
            let message = format!("SDMMC: the first command comes before {WAKE_CLOCKS} clocks (SD 6.4.1)");
            fx.report(Kind::Rule, message);
        }
        if cmdr & CMDSTOP != 0 {
            self.abort();
        }
        let hz = self.clock_hz(&fx.clocks);
        let connected = self.lines.command;
        let card = self.card.as_mut().filter(|_| connected);
        let (index, argument) = (cmdr & 0x3F, self.bank.get(ARGR));
        let answer = card.map_or(Answer::Silent, |card| card.command(index, argument, hz, fx));
        let waits = cmdr >> 8 & 3;
        let clocks = COMMAND_CLOCKS
            + match (waits, answer) {
                (0, _) => 0,
                (_, Answer::Silent) => NO_ANSWER_CLOCKS,
                (_, Answer::Long(_)) => LONG_CLOCKS,
                _ => SHORT_CLOCKS,
            };
        self.command_answered = index;
        self.answer = Some((fx.now + self.span(clocks, fx), answer));
    }

    /// CMDSTOP: the data path ends, and says so.
    fn abort(&mut self) {
        if self.step.take().is_some() {
            self.flags |= DABORT;
        }
        self.left = 0;
    }

    fn end_command(&mut self, at: Time, answer: Answer, fx: &mut Effects) {
        let cmdr = self.bank.get(CMDR);
        self.bank.set(CMDR, cmdr & !CPSMEN);
        match (cmdr >> 8 & 3, answer) {
            (0, _) => self.flags |= CMDSENT,
            (_, Answer::Silent) => {
                self.flags |= CTIMEOUT;
                return;
            }
            (3, Answer::Long(words)) => {
                self.responses = words;
                self.flags |= CMDREND;
            }
            (1 | 2, Answer::Short(word)) => {
                self.responses[0] = word;
                self.flags |= CMDREND;
            }
            // R3 has ones in the place of the CRC.
            (waits, Answer::Open(word)) => {
                self.responses[0] = word;
                self.flags |= if waits == 2 { CMDREND } else { CCRCFAIL };
            }
            // An answer of another length.
            _ => self.flags |= CCRCFAIL,
        }
        if cmdr & CMDTRANS != 0 {
            self.start_data(at, fx);
        }
        let busy = self.card.as_ref().map_or(Time(0), SdCard::busy_until);
        if cmdr & CMDSTOP != 0 && busy > at {
            self.busy_end = Some(busy);
        }
    }

    fn start_data(&mut self, at: Time, fx: &mut Effects) {
        let dctrl = self.bank.get(DCTRL);
        self.left = self.bank.get(DLENR);
        self.memory = self.bank.get(IDMABASE0R);
        self.first_block = true;
        if dctrl >> 2 & 3 != 0 {
            fx.report(Kind::Unmodelled, "SDMMC: DTMODE other than blocks".to_owned());
        }
        if self.bank.get(IDMACTRLR) & IDMAEN == 0 {
            fx.report(
                Kind::Unmodelled,
                "SDMMC: data by the FIFO, without IDMAEN".to_owned(),
            );
        }
        if self.left == 0 || self.left % self.block_bytes() != 0 {
            let message = format!(
                "SDMMC: DLENR is {}, no multiple of a block of {}",
                self.left,
                self.block_bytes()
            );
            fx.report(Kind::Rule, message);
            return;
        }
        self.next_block(at, fx);
    }

    fn next_block(&mut self, at: Time, fx: &mut Effects) {
        let clocks = self.block_clocks(self.block_bytes());
        self.step = Some(if self.bank.get(DCTRL) & DTDIR != 0 {
            let first = core::mem::take(&mut self.first_block);
            match self.card.as_mut().and_then(|card| card.send_block(first)) {
                Some((bytes, access)) => {
                    let end = at + access + self.span(clocks, fx);
                    Step::Arrives(end, Some(bytes))
                }
                None => Step::Arrives(self.deadline(at, fx), None),
            }
        } else {
            Step::Fetches(at)
        });
    }

    fn finish_data(&mut self, flag: u32) {
        self.flags |= flag;
        self.step = None;
        let dctrl = self.bank.get(DCTRL);
        self.bank.set(DCTRL, dctrl & !DTEN);
    }

    /// A block is through: the next one, or the end.
    fn block_done(&mut self, at: Time, fx: &mut Effects) {
        self.flags |= DBCKEND;
        if self.left == 0 {
            self.finish_data(DATAEND);
        } else {
            self.next_block(at, fx);
        }
    }

    fn do_step(&mut self, step: Step, buses: &mut dyn Buses, fx: &mut Effects) {
        match step {
            Step::Arrives(_, None) => self.finish_data(DTIMEOUT),
            // Pulled out while it was sending.
            Step::Arrives(at, Some(_)) if self.card.is_none() => {
                let end = self.deadline(at, fx);
                self.step = Some(Step::Arrives(end, None));
            }
            Step::Arrives(..) if !self.data_is_sound() => self.finish_data(DCRCFAIL),
            Step::Arrives(at, Some(bytes)) => {
                let bytes = &bytes[..bytes.len().min(self.block_bytes() as usize)];
                if self.store(bytes, at, buses, fx) {
                    self.block_done(at, fx);
                }
            }
            Step::Fetches(at) => {
                if let Some(bytes) = self.load(at, buses, fx) {
                    let clocks = self.block_clocks(bytes.len() as u32) + CRC_STATUS_CLOCKS;
                    let end = at + self.span(clocks, fx);
                    self.step = Some(Step::Leaves(end, bytes));
                }
            }
            Step::Leaves(at, bytes) => self.arrive_at_card(at, &bytes, fx),
            Step::Busy(_, false) => self.finish_data(DTIMEOUT),
            Step::Busy(at, true) => self.block_done(at, fx),
        }
    }

    fn arrive_at_card(&mut self, at: Time, bytes: &[u8], fx: &mut Effects) {
        let sound = self.data_is_sound();
        let taken = match &mut self.card {
            Some(card) if sound => card.take_block(bytes, at).then(|| card.busy_until()),
            // Nobody answers with a CRC status.
            _ => None,
        };
        let deadline = self.deadline(at, fx);
        self.step = match taken {
            None => {
                self.finish_data(DCRCFAIL);
                return;
            }
            Some(busy) if busy > deadline => Some(Step::Busy(deadline, false)),
            Some(busy) => Some(Step::Busy(busy.max(at), true)),
        };
    }

    /// A block into memory, word by word. False: the DMA failed.
    fn store(&mut self, bytes: &[u8], at: Time, buses: &mut dyn Buses, fx: &mut Effects) -> bool {
        for four in bytes.chunks_exact(4) {
            let word = u32::from_le_bytes([four[0], four[1], four[2], four[3]]);
            let beat = WriteBeat::exact(self.memory, 4, word);
            if let Err(refused) = buses.write(Bus::Axi, &[beat], at, fx) {
                self.dma_failed(&refused, fx);
                return false;
            }
            self.memory += 4;
        }
        self.left -= bytes.len() as u32;
        true
    }

    fn load(&mut self, at: Time, buses: &mut dyn Buses, fx: &mut Effects) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        for _ in 0..self.block_bytes() / 4 {
            let burst = ReadBurst::single(self.memory, 4);
            let mut beats = [ReadBeat::default(); 4];
            if let Err(refused) = buses.read(Bus::Axi, &burst, at, &mut beats, fx) {
                self.dma_failed(&refused, fx);
                return None;
            }
            let lane = 8 * (self.memory & 4);
            bytes.extend(((beats[0].data >> lane) as u32).to_le_bytes());
            self.memory += 4;
        }
        self.left -= bytes.len() as u32;
        Some(bytes)
    }

    fn dma_failed(&mut self, refused: &Refused, fx: &mut Effects) {
        let message = format!("SDMMC's DMA at {:#010x}: {refused:?}", self.memory);
        fx.report(Kind::BusError, message);
        self.finish_data(IDMATE);
    }

    fn status(&self) -> u32 {
        let mut status = self.flags | TXFIFOE | RXFIFOE;
        if self.step.is_some() {
            status |= DPSMACT;
        }
        if self.answer.is_some() {
            status |= CPSMACT;
        }
        if self.busy_end.is_some() {
            status |= BUSYD0;
        }
        status
    }

    fn let_pass(&mut self, fx: &mut Effects) {
        if let Some((at, answer)) = self.answer.filter(|(at, _)| *at <= fx.now) {
            self.answer = None;
            self.end_command(at, answer, fx);
        }
        if self.busy_end.is_some_and(|end| end <= fx.now) {
            self.busy_end = None;
            self.flags |= BUSYD0END;
        }
    }
}

impl Device for Sdmmc {
    fn read(&mut self, offset: u32, width: Width, fx: &mut Effects) -> Result<u32, Refused> {
        self.let_pass(fx);
        let word = match offset & !3 {
            STAR => self.status(),
            RESPCMDR => self.command_answered,
            response @ RESP1R..=RESP4R => self.responses[((response - RESP1R) / 4) as usize],
            DCNTR => self.left,
            ICR => 0,
            FIFOR.. => return Err(Refused::Unmodelled("SDMMC_FIFOR (data by the core)")),
            plain => self.bank.load(plain, "SDMMC register")?,
        };
        Ok(lane(word, offset, width))
    }

    fn write(&mut self, offset: u32, width: Width, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        self.let_pass(fx);
        let register = offset & !3;
        if register == ICR {
            self.flags &= !(merged(0, offset, width, value) & CLEARABLE);
            return Ok(());
        }
        if register >= FIFOR {
            return Err(Refused::Unmodelled("SDMMC_FIFOR (data by the core)"));
        }
        let value = merged(self.bank.load(register, "SDMMC register")?, offset, width, value);
        if self.status() & (CPSMACT | DPSMACT) != 0 && matches!(register, CLKCR | DLENR | IDMABASE0R) {
            let message = "SDMMC: CLKCR, DLENR and IDMABASE0R are set while nothing is under way".to_owned();
            fx.report(Kind::Rule, message);
        }
        self.bank.store(register, value, "SDMMC register", fx)?;
        match register {
            POWER if value & 3 == POWER_ON => {
                self.powered_at.get_or_insert(fx.now);
            }
            POWER => self.powered_at = None,
            CMDR if value & CPSMEN != 0 => {
                if self.answer.is_some() {
                    fx.report(Kind::Rule, "SDMMC: a command while CPSMACT is 1".to_owned());
                } else {
                    self.send_command(fx);
                }
            }
            DCTRL if value & DTEN != 0 => {
                fx.report(
                    Kind::Unmodelled,
                    "SDMMC: data started by DTEN; CMDTRANS does".to_owned(),
                );
            }
            _ => {}
        }
        Ok(())
    }

    /// The card keeps its supply, and what it was told.
    fn reset(&mut self) {
        let (card, lines) = (self.card.take(), self.lines);
        *self = Sdmmc {
            card,
            lines,
            ..Sdmmc::default()
        };
    }

    fn lines(&self) -> u32 {
        u32::from(self.status() & self.bank.get(MASKR) != 0)
    }

    fn next_event(&self, _clocks: &Clocks) -> Option<Time> {
        let answer = self.answer.as_ref().map(|(at, _)| *at);
        let step = self.step.as_ref().map(Step::due);
        [answer, step, self.busy_end].into_iter().flatten().min()
    }

    fn advance(&mut self, fx: &mut Effects) {
        self.let_pass(fx);
    }
}

impl Master for Sdmmc {
    fn is_due(&self, now: Time) -> bool {
        self.step.as_ref().is_some_and(|step| step.due() <= now)
    }

    fn work(&mut self, buses: &mut dyn Buses, fx: &mut Effects) {
        while let Some(step) = self.step.take_if(|step| step.due() <= fx.now) {
            self.do_step(step, buses, fx);
        }
    }
}
