//! An SD memory card in SD mode (SD Physical Layer Simplified Specification 6.00): what it answers to commands, what blocks it
//! sends and takes, and how long it is busy.
//!
//! Standard and high capacity, one line or four, up to 25 MHz; identification, registers (CID, CSD, SCR, status), single and multiple
//! blocks, the write-protect switch's software side. Bits on the lines are the controller's matter (`onchip/sdmmc`): here commands, answers
//! and blocks are whole. Does NOT model: high speed (CMD6), erasing by command, locks and passwords, 1.8 V, SPI mode, wear. A command that
//! it does not have is illegal, as on a card, and reported.

mod registers;

use crate::noise::Noise;
use crate::steps::Steps;
use crate::{Effects, Kind, Picos, Time};
use std::sync::Arc;

/// Bytes of a block.
pub const BLOCK_BYTES: usize = 512;

/// Card status (table 4-42).
const OUT_OF_RANGE: u32 = 1 << 31;
const ADDRESS_ERROR: u32 = 1 << 30;
const BLOCK_LEN_ERROR: u32 = 1 << 29;
const WP_VIOLATION: u32 = 1 << 26;
const ILLEGAL_COMMAND: u32 = 1 << 22;
const READY_FOR_DATA: u32 = 1 << 8;
const APP_CMD: u32 = 1 << 5;

/// Limits of the clock (6.6.1, 6.6.6).
const IDENTIFY_HZ: u32 = 400_000;
const DEFAULT_HZ: u32 = 25_000_000;

/// Typical times of a small card; the limits are 100 ms for a read and 250 ms for a write (4.6.2).
const FIRST_READ: Picos = Picos::from_ns(200_000);
const NEXT_READ: Picos = Picos::from_ns(2_000);
const WRITE_ONE: Picos = Picos::from_ns(600_000);
const WRITE_NEXT: Picos = Picos::from_ns(50_000);
/// From the first ACMD41 to the end of power-up.
const POWER_UP: Picos = Picos::from_ns(20_000_000);

/// CURRENT_STATE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Idle = 0,
    Ready = 1,
    Identification = 2,
    Standby = 3,
    Transfer = 4,
    Sending = 5,
    Receiving = 6,
    Programming = 7,
    Inactive = 15,
}

/// What a card answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing.
    Silent,
    /// 48 bits: R1, R6, R7.
    Short(u32),
    /// 48 bits without a CRC: R3.
    Open(u32),
    /// 136 bits: R2, the four words from the highest.
    Long([u32; 4]),
}

/// What goes over the data lines.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Transfer {
    None,
    /// A register, once.
    Register(Vec<u8>),
    /// Blocks from this one on; perhaps only one.
    Read {
        block: u32,
        many: bool,
    },
    Write {
        block: u32,
        many: bool,
    },
}

/// A card.
#[derive(Clone, Debug)]
pub struct SdCard {
    cells: Arc<Vec<u8>>,
    high_capacity: bool,
    protected: bool,
    changed: bool,
    state: State,
    /// The command before was CMD55.
    app: bool,
    rca: u32,
    four_lines: bool,
    /// When it will be ready, once it was asked.
    powered_up: Option<Time>,
    /// Told in the next R1.
    errors: u32,
    transfer: Transfer,
    busy_until: Time,
    /// Faults, for tests: silent until then; busy for ever after a write.
    silent_until: Time,
    sticks: bool,
    steps: Steps,
    /// The block that was written last, and what it held before.
    under_way: Option<(usize, Vec<u8>)>,
    tears: bool,
}

impl SdCard {
    /// A card with this content, of a kind: high capacity if `high_capacity`, else standard.
    ///
    /// # Errors
    /// If no card of this kind has that size.
    pub fn new(content: Vec<u8>, high_capacity: bool) -> Result<Self, String> {
        registers::check_size(content.len(), high_capacity)?;
        Ok(SdCard {
            cells: Arc::new(content),
            high_capacity,
            protected: false,
            changed: false,
            state: State::Idle,
            app: false,
            rca: 0,
            four_lines: false,
            powered_up: None,
            errors: 0,
            transfer: Transfer::None,
            busy_until: Time(0),
            silent_until: Time(0),
            sticks: false,
            steps: Steps::default(),
            under_way: None,
            tears: false,
        })
    }

    /// The same, whose cells refuse to be written (CSD TMP_WRITE_PROTECT).
    pub fn protected(mut self) -> Self {
        self.protected = true;
        self
    }

    /// The same, which answers nothing before that time.
    pub fn silent_until(mut self, time: Time) -> Self {
        self.silent_until = time;
        self
    }

    /// The same, which stays busy for ever after a write.
    pub fn sticking(mut self) -> Self {
        self.sticks = true;
        self
    }

    /// The same, whose blocks a failing power leaves half written; else each is as before or done.
    pub fn tearing(mut self) -> Self {
        self.tears = true;
        self
    }

    /// What changes its blocks.
    pub fn steps(&self) -> &Steps {
        &self.steps
    }

    /// The same, to let the power fail.
    pub fn steps_mut(&mut self) -> &mut Steps {
        &mut self.steps
    }

    /// The power fails: a block under way is as before, done, or, if the card tears them, new up to some byte.
    pub fn lose_power(&mut self, now: Time) {
        let under_way = self.under_way.take().filter(|_| now < self.busy_until);
        if let Some((start, before)) = under_way {
            let draw = Noise::new(self.steps.begun()).next();
            let done = match draw % 3 {
                0 => 0,
                2 if self.tears => (draw >> 8) as usize % BLOCK_BYTES,
                _ => BLOCK_BYTES,
            };
            Arc::make_mut(&mut self.cells)[start + done..start + BLOCK_BYTES]
                .copy_from_slice(&before[done..]);
        }
        self.steps.fail_power_at(None);
        self.go_idle();
    }

    /// What it holds.
    pub fn content(&self) -> &[u8] {
        &self.cells
    }

    /// Whether anything was written.
    pub fn is_changed(&self) -> bool {
        self.changed
    }

    /// Whether it uses four data lines.
    pub fn uses_four_lines(&self) -> bool {
        self.four_lines
    }

    /// Until when it holds DAT0 low.
    pub fn busy_until(&self) -> Time {
        self.busy_until
    }

    fn blocks(&self) -> u32 {
        (self.cells.len() / BLOCK_BYTES) as u32
    }

    fn status(&mut self, now: Time) -> u32 {
        self.settle(now);
        let ready = if matches!(self.state, State::Transfer | State::Standby) {
            READY_FOR_DATA
        } else {
            0
        };
        let app = if self.app { APP_CMD } else { 0 };
        core::mem::take(&mut self.errors) | (self.state as u32) << 9 | ready | app
    }

    fn settle(&mut self, now: Time) {
        if self.state == State::Programming && self.busy_until <= now {
            self.state = State::Transfer;
        }
    }

    fn refuse(&mut self, index: u32, fx: &mut Effects) -> Answer {
        self.errors |= ILLEGAL_COMMAND;
        let kind = if self.app { "ACMD" } else { "CMD" };
        let message = format!(
            "sd card: {kind}{index} is illegal in state {:?} (SD 4.8)",
            self.state
        );
        fx.report(Kind::Rule, message);
        Answer::Silent
    }

    /// A command has come, at a clock of `hz`.
    pub fn command(&mut self, index: u32, argument: u32, hz: u32, fx: &mut Effects) -> Answer {
        if fx.now < self.silent_until || self.state == State::Inactive {
            return Answer::Silent;
        }
        self.settle(fx.now);
        let identifies = (self.state as u32) < State::Standby as u32;
        let limit = if identifies { IDENTIFY_HZ } else { DEFAULT_HZ };
        if hz > limit {
            let message = format!(
                "sd card: clocked with {hz} Hz in state {:?}, at most {limit}",
                self.state
            );
            fx.report(Kind::Rule, message);
        }
        let app = core::mem::take(&mut self.app);
        if app && matches!(index, 6 | 13 | 41 | 51) {
            self.app = true;
            let answer = self.application(index, argument, fx);
            self.app = false;
            return answer;
        }
        self.plain(index, argument, fx)
    }

    fn plain(&mut self, index: u32, argument: u32, fx: &mut Effects) -> Answer {
        use State::*;
        let addressed = argument >> 16 == self.rca && self.rca != 0;
        match (index, self.state) {
            (0, _) => {
                self.go_idle();
                Answer::Silent
            }
            // 2.7 to 3.6 V, and the check pattern.
            (8, Idle) if argument & 0xF00 == 0x100 => Answer::Short(argument & 0xFFF),
            (8, Idle) => Answer::Silent,
            (55, Idle) if argument == 0 => self.expect_application(fx.now),
            (55, _) if addressed => self.expect_application(fx.now),
            (2, Ready) => {
                self.state = Identification;
                Answer::Long(registers::CID)
            }
            (3, Identification | Standby) => {
                let status = self.status(fx.now);
                self.state = Standby;
                self.rca = 0x5350;
                // Bits 23, 22, 19 and 12:0 of the status (4.9.5).
                Answer::Short(self.rca << 16 | status >> 8 & 0xC000 | status >> 6 & 0x2000 | status & 0x1FFF)
            }
            (9, Standby) if addressed => {
                Answer::Long(registers::csd(self.blocks(), self.high_capacity, self.protected))
            }
            (10, Standby) if addressed => Answer::Long(registers::CID),
            (7, Standby) if addressed => self.enter(Transfer, fx.now),
            (7, Transfer) if !addressed => {
                self.state = Standby;
                Answer::Silent
            }
            (9 | 10 | 7, _) if !addressed => Answer::Silent,
            (13, Standby | Transfer | Sending | Receiving | Programming) if addressed => {
                Answer::Short(self.status(fx.now))
            }
            (16, Transfer) => {
                if argument as usize != BLOCK_BYTES {
                    self.errors |= BLOCK_LEN_ERROR;
                }
                Answer::Short(self.status(fx.now))
            }
            (17 | 18, Transfer) => self.begin(argument, index == 18, false, fx.now),
            (24 | 25, Transfer) => self.begin(argument, index == 25, true, fx.now),
            (12, Sending) => self.stop(fx.now, Picos(0)),
            (12, Receiving) => self.stop(fx.now, WRITE_ONE),
            _ => self.refuse(index, fx),
        }
    }

    /// CMD0: what it holds stays, and what it is.
    fn go_idle(&mut self) {
        self.state = State::Idle;
        self.rca = 0;
        self.four_lines = false;
        self.powered_up = None;
        self.errors = 0;
        self.transfer = Transfer::None;
        self.busy_until = Time(0);
    }

    fn expect_application(&mut self, now: Time) -> Answer {
        self.app = true;
        Answer::Short(self.status(now))
    }

    fn application(&mut self, index: u32, argument: u32, fx: &mut Effects) -> Answer {
        match (index, self.state) {
            (41, State::Idle) => {
                let asked = argument & 0x00FF_8000;
                if asked == 0 {
                    return Answer::Open(registers::OCR);
                }
                let ready = *self.powered_up.get_or_insert(fx.now + POWER_UP);
                let host_high = argument & 1 << 30 != 0;
                if ready > fx.now || self.high_capacity && !host_high {
                    return Answer::Open(registers::OCR);
                }
                self.state = State::Ready;
                let high = if self.high_capacity { 1 << 30 } else { 0 };
                Answer::Open(registers::OCR | 1 << 31 | high)
            }
            (6, State::Transfer) => {
                self.four_lines = argument & 3 == 2;
                Answer::Short(self.status(fx.now))
            }
            (13, State::Transfer) => self.send(registers::status(self.four_lines), fx.now),
            (51, State::Transfer) => self.send(registers::SCR.to_vec(), fx.now),
            _ => self.refuse(index, fx),
        }
    }

    fn enter(&mut self, state: State, now: Time) -> Answer {
        let status = self.status(now);
        self.state = state;
        Answer::Short(status)
    }

    fn send(&mut self, register: Vec<u8>, now: Time) -> Answer {
        self.transfer = Transfer::Register(register);
        self.enter(State::Sending, now)
    }

    fn begin(&mut self, argument: u32, many: bool, write: bool, now: Time) -> Answer {
        let block = if self.high_capacity {
            argument
        } else {
            if argument as usize % BLOCK_BYTES != 0 {
                self.errors |= ADDRESS_ERROR;
            }
            argument / BLOCK_BYTES as u32
        };
        if block >= self.blocks() {
            self.errors |= OUT_OF_RANGE;
        }
        if write && self.protected {
            self.errors |= WP_VIOLATION;
        }
        if self.errors != 0 {
            return Answer::Short(self.status(now));
        }
        let status = self.status(now);
        (self.transfer, self.state) = if write {
            (Transfer::Write { block, many }, State::Receiving)
        } else {
            (Transfer::Read { block, many }, State::Sending)
        };
        Answer::Short(status)
    }

    fn stop(&mut self, now: Time, busy: Picos) -> Answer {
        let status = self.status(now);
        self.transfer = Transfer::None;
        if busy == Picos(0) {
            self.state = State::Transfer;
        } else {
            self.program(now + busy);
        }
        Answer::Short(status)
    }

    fn program(&mut self, until: Time) {
        self.state = State::Programming;
        self.busy_until = if self.sticks { Time(u64::MAX) } else { until };
    }

    /// The next block that it sends, and how long it takes to find it. `first`: of this command.
    pub fn send_block(&mut self, first: bool) -> Option<(Vec<u8>, Picos)> {
        match core::mem::replace(&mut self.transfer, Transfer::None) {
            Transfer::Register(bytes) => {
                self.state = State::Transfer;
                Some((bytes, NEXT_READ))
            }
            Transfer::Read { block, many } => {
                let start = block as usize * BLOCK_BYTES;
                let Some(bytes) = self.cells.get(start..start + BLOCK_BYTES) else {
                    self.errors |= OUT_OF_RANGE;
                    return None;
                };
                if many {
                    self.transfer = Transfer::Read {
                        block: block + 1,
                        many,
                    };
                } else {
                    self.state = State::Transfer;
                }
                Some((bytes.to_vec(), if first { FIRST_READ } else { NEXT_READ }))
            }
            other => {
                self.transfer = other;
                None
            }
        }
    }

    /// A block has come. False: it is not taken.
    pub fn take_block(&mut self, bytes: &[u8], now: Time) -> bool {
        let Transfer::Write { block, many } = self.transfer else {
            return false;
        };
        let start = block as usize * BLOCK_BYTES;
        if bytes.len() != BLOCK_BYTES || start + BLOCK_BYTES > self.cells.len() {
            self.errors |= OUT_OF_RANGE;
            return false;
        }
        let place = start..start + BLOCK_BYTES;
        self.steps.begin();
        self.under_way = Some((start, self.cells[place.clone()].to_vec()));
        Arc::make_mut(&mut self.cells)[place].copy_from_slice(bytes);
        self.changed = true;
        if many {
            self.transfer = Transfer::Write {
                block: block + 1,
                many,
            };
            self.busy_until = if self.sticks {
                Time(u64::MAX)
            } else {
                now + WRITE_NEXT
            };
        } else {
            self.transfer = Transfer::None;
            self.program(now + WRITE_ONE);
        }
        true
    }
}

#[cfg(test)]
mod tests;
