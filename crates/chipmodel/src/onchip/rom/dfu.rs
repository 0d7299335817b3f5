//! DFU 1.1 with ST's extensions (AN3156): commands in block 0, memory from block 2 on.

use super::descriptors::TRANSFER_BYTES;
use crate::onchip::flash::{Array, SECTOR_BYTES, WORD_BYTES};
use crate::{Picos, Time};

const DNLOAD: u8 = 1;
const UPLOAD: u8 = 2;
const GETSTATUS: u8 = 3;
const CLRSTATUS: u8 = 4;
const GETSTATE: u8 = 5;
const ABORT: u8 = 6;

const GET_COMMANDS: u8 = 0x00;
const SET_ADDRESS: u8 = 0x21;
const ERASE: u8 = 0x41;
const READ_UNPROTECT: u8 = 0x92;

const FLASH: u32 = 0x0800_0000;
const FLASH_END: u32 = 0x0820_0000;

/// DS13195, flash: a sector takes 1 ms to erase on average, a word 30 us to program; here the longest of both.
const ERASE_MS: u64 = 3;
const WORD_US: u64 = 60;

/// The states that a host sees (DFU 1.1 A.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Idle = 2,
    DownloadSync = 3,
    DownloadBusy = 4,
    DownloadIdle = 5,
    ManifestSync = 6,
    Manifest = 7,
    UploadIdle = 9,
    Error = 10,
}

/// What went wrong (DFU 1.1 6.1.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Status {
    #[default]
    Ok = 0,
    Target = 1,
    Write = 3,
    StalledPacket = 15,
}

/// What is done at the next GETSTATUS.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Work {
    SetAddress(u32),
    /// All of it.
    EraseAll,
    Erase(u32),
    Write(u32, Vec<u8>),
}

/// The state machine.
#[derive(Clone, Debug)]
pub struct Dfu {
    state: State,
    status: Status,
    pointer: u32,
    work: Option<Work>,
    begun: bool,
    busy_until: Option<Time>,
    leaves: Option<u32>,
    /// A copy of the flash, for uploads.
    memory: Vec<u8>,
}

impl Default for Dfu {
    fn default() -> Self {
        Dfu {
            state: State::Idle,
            status: Status::Ok,
            pointer: FLASH,
            work: None,
            begun: false,
            busy_until: None,
            leaves: None,
            memory: Vec::new(),
        }
    }
}

impl Dfu {
    /// When the flash is done with what it does.
    pub fn busy_until(&self) -> Option<Time> {
        self.busy_until
    }

    /// Where the program that it starts has its vector table.
    pub fn take_leave(&mut self) -> Option<u32> {
        self.leaves.take()
    }

    /// Time has passed.
    pub fn look(&mut self, flash: &Array, now: Time) {
        if self.busy_until.is_some_and(|end| end <= now) {
            self.busy_until = None;
        }
        if self.memory.is_empty() {
            self.memory = (0..sectors()).flat_map(|sector| *flash.sector(sector)).collect();
        }
    }

    /// Whether a GETSTATUS has begun something.
    pub fn has_begun(&self) -> bool {
        self.begun
    }

    /// Does that.
    pub fn work(&mut self, flash: &mut Array) {
        self.begun = false;
        let touched = match self.work.take() {
            Some(Work::SetAddress(address)) => {
                self.pointer = address;
                0..0
            }
            Some(Work::EraseAll) => {
                (0..sectors()).for_each(|sector| flash.erase(sector));
                0..sectors()
            }
            Some(Work::Erase(address)) => {
                let sector = (address - FLASH) as usize / SECTOR_BYTES;
                flash.erase(sector);
                sector..sector + 1
            }
            Some(Work::Write(address, bytes)) => {
                let first = (address - FLASH) as usize;
                if !program(flash, first, &bytes) {
                    self.fail(Status::Write);
                }
                first / SECTOR_BYTES..(first + bytes.len()).div_ceil(SECTOR_BYTES)
            }
            None => 0..0,
        };
        for sector in touched {
            self.memory[sector * SECTOR_BYTES..][..SECTOR_BYTES].copy_from_slice(flash.sector(sector));
        }
    }

    fn fail(&mut self, status: Status) {
        (self.state, self.status, self.work) = (State::Error, status, None);
    }

    /// A request of the class; `None` stalls. `memory` is the alternate setting in force.
    pub fn serve(&mut self, setup: [u8; 8], data: &[u8], memory: u8, now: Time) -> Option<Vec<u8>> {
        let block = u16::from_le_bytes([setup[2], setup[3]]);
        let wanted = usize::from(u16::from_le_bytes([setup[6], setup[7]]));
        match setup[1] {
            DNLOAD => self.download(block, data, memory),
            UPLOAD => self.upload(block, wanted, memory),
            GETSTATUS => Some(self.get_status(now)),
            CLRSTATUS | ABORT => {
                (self.state, self.status, self.work) = (State::Idle, Status::Ok, None);
                Some(Vec::new())
            }
            GETSTATE => Some(vec![self.state as u8]),
            _ => self.stall(),
        }
    }

    fn stall(&mut self) -> Option<Vec<u8>> {
        self.fail(Status::StalledPacket);
        None
    }

    fn download(&mut self, block: u16, data: &[u8], memory: u8) -> Option<Vec<u8>> {
        if !matches!(self.state, State::Idle | State::DownloadIdle) {
            return self.stall();
        }
        if data.is_empty() {
            self.state = State::ManifestSync;
            return Some(Vec::new());
        }
        let work = match (block, data) {
            (0, [SET_ADDRESS, address @ ..]) => address_of(address).map(Work::SetAddress),
            (0, [ERASE]) => Some(Work::EraseAll),
            (0, [ERASE, address @ ..]) => address_of(address).filter(|at| in_flash(*at, 1)).map(Work::Erase),
            (0, [READ_UNPROTECT]) => None,
            (0 | 1, _) => None,
            (block, data) => {
                let at = self.address_of_block(block);
                in_flash(at, data.len()).then(|| Work::Write(at, data.to_vec()))
            }
        };
        match work {
            // Only the flash has a model.
            Some(work) if memory == 0 => (self.state, self.work) = (State::DownloadSync, Some(work)),
            _ => self.fail(Status::Target),
        }
        Some(Vec::new())
    }

    fn upload(&mut self, block: u16, wanted: usize, memory: u8) -> Option<Vec<u8>> {
        if !matches!(self.state, State::Idle | State::UploadIdle) || memory != 0 {
            return self.stall();
        }
        if block == 0 {
            self.state = State::Idle;
            return Some(vec![GET_COMMANDS, SET_ADDRESS, ERASE, READ_UNPROTECT]);
        }
        let at = self.address_of_block(block);
        let start = at.wrapping_sub(FLASH) as usize;
        let end = self.memory.len().min(start.saturating_add(wanted));
        let Some(bytes) = self.memory.get(start..end).filter(|_| block >= 2) else {
            self.fail(Status::Target);
            return None;
        };
        let bytes = bytes.to_vec();
        self.state = if bytes.len() < wanted {
            State::Idle
        } else {
            State::UploadIdle
        };
        Some(bytes)
    }

    fn address_of_block(&self, block: u16) -> u32 {
        self.pointer
            .wrapping_add(u32::from(block.wrapping_sub(2)) * u32::from(TRANSFER_BYTES))
    }

    /// It is this request that begins the work; the next one tells how it went.
    fn get_status(&mut self, now: Time) -> Vec<u8> {
        let mut wait_ms = 0;
        match self.state {
            State::DownloadSync => {
                let span_us = self.work.as_ref().map_or(0, span_us);
                wait_ms = span_us.div_ceil(1000);
                self.busy_until = Some(now + Picos(span_us * 1_000_000));
                (self.state, self.begun) = (State::DownloadBusy, true);
            }
            State::DownloadBusy => match self.busy_until {
                Some(end) => wait_ms = (end - now).0.div_ceil(1_000_000_000),
                None => self.state = State::DownloadIdle,
            },
            State::ManifestSync => {
                self.state = State::Manifest;
                self.leaves = Some(self.pointer);
            }
            _ => {}
        }
        let [a, b, c, ..] = (wait_ms as u32).to_le_bytes();
        vec![self.status as u8, a, b, c, self.state as u8, 0]
    }
}

/// False: a word was not erased before, and has a double error now.
fn program(flash: &mut Array, first: usize, bytes: &[u8]) -> bool {
    let mut words = bytes.chunks(WORD_BYTES).enumerate();
    words.all(|(n, word)| {
        let mut whole = [0xFF; WORD_BYTES];
        whole[..word.len()].copy_from_slice(word);
        flash.program(first + n * WORD_BYTES, whole)
    })
}

fn sectors() -> usize {
    (FLASH_END - FLASH) as usize / SECTOR_BYTES
}

fn span_us(work: &Work) -> u64 {
    match work {
        Work::SetAddress(_) => 0,
        Work::EraseAll => sectors() as u64 * ERASE_MS * 1000,
        Work::Erase(_) => ERASE_MS * 1000,
        Work::Write(_, bytes) => (bytes.len().div_ceil(WORD_BYTES)) as u64 * WORD_US,
    }
}

fn address_of(bytes: &[u8]) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}

fn in_flash(address: u32, bytes: usize) -> bool {
    let end = u64::from(address) + bytes as u64;
    address >= FLASH && end <= u64::from(FLASH_END)
}
