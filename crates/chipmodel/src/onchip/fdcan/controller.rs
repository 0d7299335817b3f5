//! One controller: its registers, what it sends, what it takes in.

use std::collections::VecDeque;

use super::frame::{ANMF, BRS, FDF, Frame, Verdict, XTD, extended, standard};
use super::ram::Ram;
use crate::bus::bank::{Bank, Register};
use crate::{Clocks, Effects, Kernel, Kind, Picos, Refused, Time};

const CREL: u32 = 0x00;
const ENDN: u32 = 0x04;
const DBTP: u32 = 0x0C;
const TEST: u32 = 0x10;
const CCCR: u32 = 0x18;
const NBTP: u32 = 0x1C;
const TSCC: u32 = 0x20;
const TSCV: u32 = 0x24;
const ECR: u32 = 0x40;
const PSR: u32 = 0x44;
const IR: u32 = 0x50;
const IE: u32 = 0x54;
const ILS: u32 = 0x58;
const ILE: u32 = 0x5C;
const GFC: u32 = 0x80;
const SIDFC: u32 = 0x84;
const XIDFC: u32 = 0x88;
const XIDAM: u32 = 0x90;
const RXFC: [u32; 2] = [0xA0, 0xB0];
const RXFS: [u32; 2] = [0xA4, 0xB4];
const RXFA: [u32; 2] = [0xA8, 0xB8];
const RXESC: u32 = 0xBC;
const TXBC: u32 = 0xC0;
const TXFQS: u32 = 0xC4;
const TXESC: u32 = 0xC8;
const TXBRP: u32 = 0xCC;
const TXBAR: u32 = 0xD0;
const TXBCR: u32 = 0xD4;
const TXBTO: u32 = 0xD8;
const TXBCF: u32 = 0xDC;
const TXBTIE: u32 = 0xE0;
const TXBCIE: u32 = 0xE4;
const TXEFC: u32 = 0xF0;

const INIT: u32 = 1 << 0;
const CCE: u32 = 1 << 1;
const CSA: u32 = 1 << 3;
const CSR: u32 = 1 << 4;
const TESTS: u32 = 1 << 7;
const FDOE: u32 = 1 << 8;
const BRSE: u32 = 1 << 9;
const LBCK: u32 = 1 << 4;

const TC: u32 = 1 << 9;
const TCF: u32 = 1 << 10;
const TFE: u32 = 1 << 11;
/// New, full, lost, of both FIFOs.
const NEW: [u32; 2] = [1 << 0, 1 << 4];
const FULL: [u32; 2] = [1 << 2, 1 << 6];
const LOST: [u32; 2] = [1 << 3, 1 << 7];
const IR_ALL: u32 = 0x3FFF_FFFF;

/// Bytes of data in an element.
const DATA: [u32; 8] = [8, 12, 16, 20, 24, 32, 48, 64];
/// Start and size of a list in message RAM.
const LIST: u32 = 0xFFFC | 0xFF << 16;

const REGISTERS: &[Register] = &[
    Register::new(CREL, "FDCAN_CREL", 0x3214_1218, 0).with_read_only(u32::MAX),
    Register::new(ENDN, "FDCAN_ENDN", 0x8765_4321, 0).with_read_only(u32::MAX),
    Register::new(DBTP, "FDCAN_DBTP", 0xA33, 0x9F_1FFF),
    Register::new(TEST, "FDCAN_TEST", 0, LBCK).with_read_only(1 << 7),
    Register::new(0x14, "FDCAN_RWD", 0, 0xFF),
    Register::new(CCCR, "FDCAN_CCCR", INIT, 0xF3F7).with_read_only(CSA),
    Register::new(NBTP, "FDCAN_NBTP", 0x0600_0A03, 0xFFFF_FF7F),
    Register::new(TSCC, "FDCAN_TSCC", 0, 0xF_0003),
    Register::new(0x28, "FDCAN_TOCC", 0xFFFF_0000, 0xFFFF_0007),
    Register::new(0x48, "FDCAN_TDCR", 0, 0x7F7F),
    Register::new(IE, "FDCAN_IE", 0, IR_ALL),
    Register::new(ILS, "FDCAN_ILS", 0, IR_ALL),
    Register::new(ILE, "FDCAN_ILE", 0, 3),
    Register::new(GFC, "FDCAN_GFC", 0, 0x3F),
    Register::new(SIDFC, "FDCAN_SIDFC", 0, LIST),
    Register::new(XIDFC, "FDCAN_XIDFC", 0, LIST),
    Register::new(XIDAM, "FDCAN_XIDAM", 0x1FFF_FFFF, 0x1FFF_FFFF),
    Register::new(RXFC[0], "FDCAN_RXF0C", 0, LIST | 0xFF << 24),
    Register::new(RXFC[1], "FDCAN_RXF1C", 0, LIST | 0xFF << 24),
    Register::new(0xAC, "FDCAN_RXBC", 0, 0xFFFC),
    Register::new(RXESC, "FDCAN_RXESC", 0, 0x777),
    Register::new(TXBC, "FDCAN_TXBC", 0, 0x7F3F_FFFC),
    Register::new(TXESC, "FDCAN_TXESC", 0, 7),
    Register::new(TXBTIE, "FDCAN_TXBTIE", 0, u32::MAX),
    Register::new(TXBCIE, "FDCAN_TXBCIE", 0, u32::MAX),
    Register::new(TXEFC, "FDCAN_TXEFC", 0, 0x3F3F_FFFC),
];

/// Written only while CCCR.CCE and INIT are set.
const PROTECTED: [u32; 16] = [
    DBTP, TEST, 0x14, NBTP, TSCC, 0x28, 0x48, GFC, SIDFC, XIDFC, XIDAM, 0xAC, RXESC, TXBC, TXESC, TXEFC,
];

/// Positions in a FIFO.
#[derive(Clone, Copy, Debug, Default)]
struct Fifo {
    get: u32,
    fill: u32,
    lost: bool,
}

/// One of both.
#[derive(Clone, Debug)]
pub struct Controller {
    name: &'static str,
    bank: Bank,
    ir: u32,
    rx: [Fifo; 2],
    /// Buffers that are to be sent, in the order of the requests.
    waiting: VecDeque<u32>,
    /// Where the next frame of the FIFO goes, counted from the first buffer of the FIFO.
    put: u32,
    sent: u32,
    cancelled: u32,
    wire: Option<(u32, Frame, Time)>,
}

impl Controller {
    pub fn new(name: &'static str) -> Self {
        Controller {
            name,
            bank: Bank::new(REGISTERS),
            ir: 0,
            rx: [Fifo::default(); 2],
            waiting: VecDeque::new(),
            put: 0,
            sent: 0,
            cancelled: 0,
            wire: None,
        }
    }

    fn cccr(&self, bit: u32) -> bool {
        self.bank.get(CCCR) & bit != 0
    }

    /// Bit times of both rates.
    fn bit_times(&self, clocks: &Clocks) -> [Picos; 2] {
        let (nominal, data) = (self.bank.get(NBTP), self.bank.get(DBTP));
        let quanta = 3 + u64::from(nominal >> 8 & 0xFF) + u64::from(nominal & 0x7F);
        let nominal = (u64::from(nominal >> 16 & 0x1FF) + 1) * quanta;
        let quanta = 3 + u64::from(data >> 8 & 0x1F) + u64::from(data >> 4 & 0xF);
        let data = (u64::from(data >> 16 & 0x1F) + 1) * quanta;
        [nominal, data].map(|cycles| Picos::of_cycles(cycles, clocks.hz(Kernel::Fdcan).max(1)))
    }

    /// TSCV: nominal bit times, prescaled.
    fn timestamp(&self, now: Time, clocks: &Clocks) -> u32 {
        let tscc = self.bank.get(TSCC);
        if tscc & 3 != 1 {
            return 0;
        }
        let step = self.bit_times(clocks)[0].0 * u64::from((tscc >> 16 & 15) + 1);
        (now.0 / step.max(1)) as u32 & 0xFFFF
    }

    fn buffers(&self) -> u32 {
        let txbc = self.bank.get(TXBC);
        (txbc >> 16 & 0x3F) + (txbc >> 24 & 0x3F)
    }

    fn pending(&self) -> u32 {
        let sending = self.wire.as_ref().map_or(0, |(index, ..)| 1 << index);
        self.waiting.iter().fold(sending, |mask, index| mask | 1 << index)
    }

    /// TXFQS: the FIFO of what is to be sent, or the queue.
    fn tx_state(&self) -> u32 {
        let txbc = self.bank.get(TXBC);
        let (dedicated, size) = (txbc >> 16 & 0x3F, txbc >> 24 & 0x3F);
        let own = |n: u32| self.pending() >> (dedicated + n) & 1 != 0;
        let free = (0..size).filter(|n| !own(*n)).count() as u32;
        let full = u32::from(free == 0) << 21;
        if size == 0 {
            return 0;
        }
        if txbc >> 30 & 1 != 0 {
            let first = (0..size).find(|n| !own(*n)).unwrap_or(0);
            return full | (dedicated + first) << 16;
        }
        let get = (self.put + size - (size - free)) % size;
        full | (dedicated + self.put) << 16 | (dedicated + get) << 8 | free
    }

    fn frame(&self, index: u32, ram: &Ram) -> Frame {
        let bytes = DATA[(self.bank.get(TXESC) & 7) as usize];
        let at = (self.bank.get(TXBC) & 0xFFFC) + index * (8 + bytes);
        let mut control = ram.word(at + 4);
        if !self.cccr(FDOE) {
            control &= !(FDF | BRS);
        } else if !self.cccr(BRSE) {
            control &= !BRS;
        }
        let length = Frame::length(control).min(bytes as usize);
        Frame {
            id_word: ram.word(at),
            control,
            data: ram.bytes(at + 8, length),
        }
    }

    fn begin(&mut self, at: Time, ram: &Ram, clocks: &Clocks) {
        if self.wire.is_some() || self.cccr(INIT) || self.waiting.is_empty() {
            return;
        }
        let is_queue = self.bank.get(TXBC) >> 30 & 1 != 0;
        let place = match is_queue {
            false => 0,
            // The lowest identifier wins; a standard one over the extended one that begins like it.
            true => (0..self.waiting.len())
                .min_by_key(|n| self.frame(self.waiting[*n], ram).id_word & 0x5FFF_FFFF & !XTD)
                .unwrap_or(0),
        };
        let Some(index) = self.waiting.remove(place) else {
            return;
        };
        let frame = self.frame(index, ram);
        let (nominal, data) = frame.bits();
        let [slow, fast] = self.bit_times(clocks);
        let end = at + Picos(nominal * slow.0 + data * fast.0);
        self.wire = Some((index, frame, end));
    }

    pub fn next_event(&self) -> Option<Time> {
        self.wire.as_ref().map(|(.., end)| *end)
    }

    pub fn advance(&mut self, ram: &mut Ram, fx: &mut Effects) {
        while let Some((index, frame, end)) = self.wire.take() {
            if end > fx.now {
                self.wire = Some((index, frame, end));
                return;
            }
            self.sent |= 1 << index;
            self.ir |= if self.bank.get(TXBTIE) >> index & 1 != 0 {
                TC
            } else {
                0
            };
            if self.waiting.is_empty() {
                self.ir |= TFE;
            }
            let stamp = self.timestamp(end, &fx.clocks);
            self.receive(&frame, stamp, ram, fx);
            self.begin(end, ram, &fx.clocks);
        }
    }

    fn verdict(&self, frame: &Frame, ram: &Ram) -> (Option<Verdict>, u32) {
        let (gfc, id) = (self.bank.get(GFC), frame.id());
        let (list, is_extended) = match frame.is_extended() {
            true => (self.bank.get(XIDFC), true),
            false => (self.bank.get(SIDFC), false),
        };
        if frame.is_remote() && gfc >> u32::from(!is_extended) & 1 != 0 {
            return (Some(Verdict::Reject), 0);
        }
        for n in 0..list >> 16 & 0xFF {
            let base = list & 0xFFFC;
            let met = match is_extended {
                true => {
                    let element = [ram.word(base + 8 * n), ram.word(base + 8 * n + 4)];
                    extended(element, id, self.bank.get(XIDAM))
                }
                false => standard(ram.word(base + 4 * n), id),
            };
            if met.is_some() {
                return (met, n << 24);
            }
        }
        let of_others = if is_extended { gfc >> 2 & 3 } else { gfc >> 4 & 3 };
        let verdict = match of_others {
            fifo @ 0..=1 => Verdict::Fifo(fifo as usize),
            _ => Verdict::Reject,
        };
        (Some(verdict), ANMF)
    }

    fn receive(&mut self, frame: &Frame, stamp: u32, ram: &mut Ram, fx: &mut Effects) {
        let (verdict, filter) = self.verdict(frame, ram);
        let fifo = match verdict {
            Some(Verdict::Fifo(fifo)) => fifo,
            Some(Verdict::Other) => {
                let message = format!(
                    "{}: a filter for priorities or receive buffers has no model",
                    self.name
                );
                return fx.report(Kind::Unmodelled, message);
            }
            Some(Verdict::Reject) | None => return,
        };
        let configuration = self.bank.get(RXFC[fifo]);
        let size = configuration >> 16 & 0x7F;
        let overwrites = configuration >> 31 != 0;
        let state = &mut self.rx[fifo];
        if size == 0 || state.fill == size && !overwrites {
            state.lost = true;
            self.ir |= LOST[fifo];
            return;
        }
        if state.fill == size {
            state.get = (state.get + 1) % size;
            state.fill -= 1;
        }
        let place = (state.get + state.fill) % size;
        state.fill += 1;
        if state.fill == size {
            self.ir |= FULL[fifo];
        }
        self.ir |= NEW[fifo];
        let bytes = DATA[(self.bank.get(RXESC) >> (4 * fifo) & 7) as usize];
        let at = (configuration & 0xFFFC) + place * (8 + bytes);
        ram.set_word(at, frame.id_word);
        ram.set_word(at + 4, filter | frame.control & 0x3F_0000 | stamp);
        let kept = frame.data.len().min(bytes as usize);
        ram.set_bytes(at + 8, &frame.data[..kept]);
    }

    fn write_cccr(&mut self, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        let before = self.bank.get(CCCR);
        // CCE only with INIT, and what it protects only with CCE.
        let mut value = value & !CSA;
        if value & INIT == 0 || before & INIT == 0 {
            value &= !CCE;
        }
        self.bank.store(CCCR, value | before & CSA, "FDCAN_CCCR", fx)?;
        let sleeps = value & CSR != 0;
        let now = self.bank.get(CCCR) & !CSA;
        self.bank.set(CCCR, now | if sleeps { CSA | INIT } else { 0 });
        if before & INIT != 0 && value & INIT == 0 && self.bank.get(TEST) & LBCK == 0 {
            let message = format!(
                "{}: a bus has no model, only loopback (CCCR.TEST and TEST.LBCK)",
                self.name
            );
            fx.report(Kind::Unmodelled, message);
        }
        if before & CCE == 0 && value & CCE != 0 {
            // FIFOs and requests are forgotten.
            (self.rx, self.put, self.sent, self.cancelled) = ([Fifo::default(); 2], 0, 0, 0);
            self.waiting.clear();
            self.wire = None;
        }
        if value & TESTS == 0 {
            self.bank.set(TEST, 0);
        }
        Ok(())
    }

    fn request(&mut self, value: u32, ram: &Ram, fx: &mut Effects) {
        let txbc = self.bank.get(TXBC);
        let (dedicated, size) = (txbc >> 16 & 0x3F, txbc >> 24 & 0x3F);
        for index in (0..32).filter(|index| value >> index & 1 != 0) {
            if index >= self.buffers() || self.pending() >> index & 1 != 0 || self.cccr(INIT) {
                continue;
            }
            let bytes = DATA[(self.bank.get(TXESC) & 7) as usize];
            if ram.word((txbc & 0xFFFC) + index * (8 + bytes) + 4) & 1 << 23 != 0 {
                let message = format!("{}: events of what was sent (EFC) have no model", self.name);
                fx.report(Kind::Unmodelled, message);
            }
            self.sent &= !(1 << index);
            self.cancelled &= !(1 << index);
            self.waiting.push_back(index);
            if size != 0 && index == dedicated + self.put {
                self.put = (self.put + 1) % size;
            }
        }
        self.begin(fx.now, ram, &fx.clocks);
    }

    fn cancel(&mut self, value: u32) {
        let gone = |index: &u32| value >> index & 1 != 0;
        for index in self.waiting.iter().filter(|index| gone(index)) {
            self.cancelled |= 1 << index;
            self.ir |= if self.bank.get(TXBCIE) >> index & 1 != 0 {
                TCF
            } else {
                0
            };
        }
        self.waiting.retain(|index| !gone(index));
    }

    pub fn read(&self, register: u32, now: Time, clocks: &Clocks) -> Result<u32, Refused> {
        if let Some(fifo) = RXFS.iter().position(|place| *place == register) {
            let Fifo { get, fill, lost } = self.rx[fifo];
            let size = self.bank.get(RXFC[fifo]) >> 16 & 0x7F;
            let put = if size == 0 { 0 } else { (get + fill) % size };
            let full = u32::from(size != 0 && fill == size);
            return Ok(fill | get << 8 | put << 16 | full << 24 | u32::from(lost) << 25);
        }
        Ok(match register {
            ECR => 0,
            // No error, idle.
            PSR => 0x707,
            IR => self.ir,
            TSCV => self.timestamp(now, clocks),
            TXFQS => self.tx_state(),
            TXBRP => self.pending(),
            TXBTO => self.sent,
            TXBCF => self.cancelled,
            TXBAR | TXBCR => 0,
            _ if RXFA.contains(&register) => 0,
            // HPMS, new data, events of what was sent: nothing is there.
            0x94 | 0x98 | 0x9C | 0xF4 | 0xF8 => 0,
            other => self.bank.load(other, "FDCAN register")?,
        })
    }

    pub fn write(&mut self, register: u32, value: u32, ram: &Ram, fx: &mut Effects) -> Result<(), Refused> {
        if let Some(fifo) = RXFA.iter().position(|place| *place == register) {
            let size = (self.bank.get(RXFC[fifo]) >> 16 & 0x7F).max(1);
            let state = &mut self.rx[fifo];
            let read = ((value & 0x3F) + size - state.get) % size + 1;
            if read <= state.fill {
                state.get = (state.get + read) % size;
                state.fill -= read;
            }
            return Ok(());
        }
        let is_protected = PROTECTED.contains(&register) || RXFC.contains(&register);
        if is_protected && !self.cccr(CCE) && self.bank.load(register, "FDCAN register")? != value {
            let message = format!("{}+{register:#x} written while CCCR.CCE is 0: ignored", self.name);
            fx.report(Kind::Rule, message);
            return Ok(());
        }
        match register {
            CCCR => self.write_cccr(value, fx)?,
            IR => {
                self.ir &= !value;
                for (fifo, lost) in LOST.iter().enumerate() {
                    self.rx[fifo].lost &= value & lost == 0;
                }
            }
            TSCC if value & 3 == 2 => return Err(Refused::Unmodelled("FDCAN_TSCC.TSS: timestamps by TIM3")),
            TSCV | TXFQS | TXBRP | TXBTO | TXBCF | ECR | PSR => {}
            TXBAR => self.request(value, ram, fx),
            TXBCR => self.cancel(value),
            _ if RXFS.contains(&register) => {}
            other => self.bank.store(other, value, "FDCAN register", fx)?,
        }
        Ok(())
    }

    /// Both lines.
    pub fn lines(&self) -> u32 {
        let active = self.ir & self.bank.get(IE);
        let (ils, ile) = (self.bank.get(ILS), self.bank.get(ILE));
        (u32::from(active & !ils != 0) | u32::from(active & ils != 0) << 1) & ile
    }
}
