//! The protocol of the boot loader: DFU 1.1 with ST's extensions (UM0424, AN3156), as a state machine without USB and without
//! flash. Commands come in block 0, memory from block 2 on; what a request wants done is done after the GETSTATUS that follows it.
//!
//! It refuses what would overwrite the loader, words that are not erased, and whatever lies outside of the alternate setting's
//! memory. The first setting is the program, the second one the volume: the files are safe unless somebody asks for them.

use core::ops::Range;

use crate::layout::{LOADER, PROGRAM, SECOND, VOLUME};

pub mod file;
#[cfg(test)]
mod tests;

/// Bytes of a block.
pub const TRANSFER_BYTES: usize = 2048;
/// What can be erased.
pub const SECTOR_BYTES: u32 = 8192;
/// What is programmed at once.
pub const WORD_BYTES: usize = 16;
/// What a host shows of each alternate setting: areas of sectors, `a` to be read, `g` to be read, erased and written.
pub const NAMES: [&str; 2] = [
    "@Internal Flash   /0x08000000/06*008Ka,186*008Kg,64*008Ka",
    "@File system   /0x08180000/64*008Kg",
];
/// What each may change.
const MAY_CHANGE: [Range<u32>; 2] = [PROGRAM.start..SECOND.end, VOLUME];
/// What can be read.
const FLASH: Range<u32> = LOADER.start..VOLUME.end;

const DNLOAD: u8 = 1;
const UPLOAD: u8 = 2;
const GETSTATUS: u8 = 3;
const CLRSTATUS: u8 = 4;
const GETSTATE: u8 = 5;
const ABORT: u8 = 6;

const GET_COMMANDS: u8 = 0x00;
const SET_ADDRESS: u8 = 0x21;
const ERASE: u8 = 0x41;

/// The longest that a sector takes to erase, and a word to program (DS13195, flash memory).
const ERASE_MS: u32 = 3;
const WORD_US: u32 = 60;

/// States (DFU 1.1 A.2) that a loader without a program beside it has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// Waits for a request.
    Idle = 2,
    /// Has a block, and waits for GETSTATUS.
    DownloadSync = 3,
    /// Works.
    DownloadBusy = 4,
    /// Waits for the next block.
    DownloadIdle = 5,
    /// Has all, and waits for GETSTATUS.
    ManifestSync = 6,
    /// Leaves.
    Manifest = 7,
    /// Waits for the next request of a block.
    UploadIdle = 9,
    /// Waits for CLRSTATUS.
    Error = 10,
}

/// What went wrong (DFU 1.1 6.1.2).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    /// Nothing.
    Ok = 0,
    /// Not for this memory.
    Target = 1,
    /// The flash refused.
    Write = 3,
    /// It refused to erase.
    Erase = 4,
    /// What is to be written is not erased.
    NotErased = 5,
    /// It reads differently from what was written.
    Verify = 7,
    /// An unexpected request.
    StalledPacket = 15,
}

/// What is to be done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Work {
    /// Erase the sector at this address.
    Erase(u32),
    /// Program the block, [`Dfu::block_bytes`] of it, from this address on.
    Program(u32),
}

/// What follows from a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// It cannot be.
    Stall,
    /// It is done, and there is nothing to say.
    Done,
    /// So many bytes for the host are in its buffer.
    Bytes(usize),
    /// This piece of the flash is for the host.
    Memory(u32, usize),
}

/// The state machine.
pub struct Dfu {
    state: State,
    status: Status,
    pointer: u32,
    alternate: usize,
    /// Sectors to erase, or the block to program.
    job: Option<Job>,
    block_bytes: usize,
    leaves: bool,
}

#[derive(Clone, Copy)]
enum Job {
    SetAddress(u32),
    Erase { next: u32, end: u32 },
    Program(u32),
}

impl Dfu {
    /// Before the first request.
    pub const fn new() -> Self {
        Dfu {
            state: State::Idle,
            status: Status::Ok,
            pointer: PROGRAM.start,
            alternate: 0,
            job: None,
            block_bytes: 0,
            leaves: false,
        }
    }

    /// The host has chosen a memory.
    pub fn select(&mut self, alternate: u8) {
        self.alternate = usize::from(alternate).min(NAMES.len() - 1);
        self.become_idle();
    }

    /// The bus was reset, or the host has given up.
    pub fn become_idle(&mut self) {
        (self.state, self.status, self.job) = (State::Idle, Status::Ok, None);
    }

    /// Whether the host has had the answer to its last request: the program is to be started.
    pub fn leaves(&self) -> bool {
        self.leaves
    }

    /// Whether something is written or erased.
    pub fn is_busy(&self) -> bool {
        self.state == State::DownloadBusy
    }

    /// How much of the block is to be programmed: whole words, the last one filled up with what erased flash holds.
    pub fn block_bytes(&self) -> usize {
        self.block_bytes.next_multiple_of(WORD_BYTES)
    }

    /// What to do next, since a GETSTATUS has begun it.
    pub fn work(&self) -> Option<Work> {
        match self.job? {
            _ if self.state != State::DownloadBusy => None,
            Job::SetAddress(_) => None,
            Job::Erase { next, .. } => Some(Work::Erase(next)),
            Job::Program(at) => Some(Work::Program(at)),
        }
    }

    /// That is done.
    pub fn done(&mut self, result: Result<(), Status>) {
        // It may have been given up meanwhile.
        if self.state != State::DownloadBusy {
            return;
        }
        match (result, &mut self.job) {
            (Err(status), _) => self.fail(status),
            (Ok(()), Some(Job::Erase { next, end })) if *next + SECTOR_BYTES < *end => *next += SECTOR_BYTES,
            (Ok(()), _) => self.job = None,
        }
    }

    /// A request of the class that brings `data`; what is to be programmed is kept in `block`.
    pub fn out(&mut self, request: u8, value: u16, data: &[u8], block: &mut [u8; TRANSFER_BYTES]) -> Answer {
        match request {
            DNLOAD => self.download(value, data, block),
            // A sector that is being erased cannot be given up.
            CLRSTATUS | ABORT if !matches!(self.state, State::DownloadBusy | State::Manifest) => {
                self.become_idle();
                Answer::Done
            }
            _ => self.stall(),
        }
    }

    /// A request of the class that wants up to `wanted` bytes.
    pub fn input(&mut self, request: u8, value: u16, wanted: usize, to: &mut [u8]) -> Answer {
        match request {
            UPLOAD => self.upload(value, wanted, to),
            GETSTATUS => {
                let status = self.get_status();
                put(&status, to)
            }
            GETSTATE => put(&[self.state as u8], to),
            _ => self.stall(),
        }
    }

    fn fail(&mut self, status: Status) {
        (self.state, self.status, self.job) = (State::Error, status, None);
    }

    fn stall(&mut self) -> Answer {
        if !matches!(self.state, State::DownloadBusy | State::Manifest) {
            self.fail(Status::StalledPacket);
        }
        Answer::Stall
    }

    fn download(&mut self, number: u16, data: &[u8], block: &mut [u8; TRANSFER_BYTES]) -> Answer {
        if !matches!(self.state, State::Idle | State::DownloadIdle) || data.len() > TRANSFER_BYTES {
            return self.stall();
        }
        if data.is_empty() {
            self.state = State::ManifestSync;
            return Answer::Done;
        }
        let job = match (number, data) {
            (0, &[SET_ADDRESS, a, b, c, d]) => Some(Job::SetAddress(u32::from_le_bytes([a, b, c, d]))),
            (0, &[ERASE]) => {
                let Range { start: next, end } = self.may_change();
                Some(Job::Erase { next, end })
            }
            (0, &[ERASE, a, b, c, d]) => self.sector_of(u32::from_le_bytes([a, b, c, d])),
            (0 | 1, _) => None,
            (number, data) => self.place_of(number, data).inspect(|_| {
                block[..data.len()].copy_from_slice(data);
                block[data.len()..].fill(0xFF);
            }),
        };
        match job {
            Some(job) => (self.state, self.job) = (State::DownloadSync, Some(job)),
            None => self.fail(Status::Target),
        }
        Answer::Done
    }

    fn may_change(&self) -> Range<u32> {
        MAY_CHANGE[self.alternate].clone()
    }

    fn sector_of(&self, address: u32) -> Option<Job> {
        let next = address & !(SECTOR_BYTES - 1);
        let is_ours = self.may_change().contains(&address);
        is_ours.then_some(Job::Erase {
            next,
            end: next + SECTOR_BYTES,
        })
    }

    fn place_of(&mut self, number: u16, data: &[u8]) -> Option<Job> {
        let at = self.address_of(number)?;
        let area = self.may_change();
        let whole = data.len().next_multiple_of(WORD_BYTES) as u32;
        let fits = area.contains(&at) && whole <= area.end - at && at as usize % WORD_BYTES == 0;
        fits.then(|| {
            self.block_bytes = data.len();
            Job::Program(at)
        })
    }

    fn address_of(&self, number: u16) -> Option<u32> {
        let blocks = u32::from(number.checked_sub(2)?);
        self.pointer.checked_add(blocks * TRANSFER_BYTES as u32)
    }

    fn upload(&mut self, number: u16, wanted: usize, to: &mut [u8]) -> Answer {
        if !matches!(self.state, State::Idle | State::UploadIdle) {
            return self.stall();
        }
        if number == 0 {
            self.state = State::Idle;
            return put(&[GET_COMMANDS, SET_ADDRESS, ERASE], to);
        }
        let Some(at) = self.address_of(number).filter(|at| FLASH.contains(at)) else {
            self.fail(Status::Target);
            return Answer::Stall;
        };
        let bytes = wanted.min(TRANSFER_BYTES).min((FLASH.end - at) as usize);
        self.state = if bytes < wanted {
            State::Idle
        } else {
            State::UploadIdle
        };
        Answer::Memory(at, bytes)
    }

    /// It is this request that begins the work; the one after it tells how it went.
    fn get_status(&mut self) -> [u8; 6] {
        let mut wait_ms = 0;
        match (self.state, self.job) {
            (State::DownloadSync, Some(Job::SetAddress(address))) => {
                self.pointer = address;
                (self.state, self.job) = (State::DownloadBusy, None);
            }
            (State::DownloadSync | State::DownloadBusy, Some(job)) => {
                self.state = State::DownloadBusy;
                wait_ms = self.span_ms(job);
            }
            (State::DownloadBusy, None) => self.state = State::DownloadIdle,
            (State::ManifestSync, _) => (self.state, self.leaves) = (State::Manifest, true),
            _ => {}
        }
        let [a, b, c, _] = wait_ms.to_le_bytes();
        [self.status as u8, a, b, c, self.state as u8, 0]
    }

    /// How long it takes at the longest.
    fn span_ms(&self, job: Job) -> u32 {
        match job {
            Job::SetAddress(_) => 0,
            Job::Erase { next, end } => (end - next) / SECTOR_BYTES * ERASE_MS,
            Job::Program(_) => ((self.block_bytes() / WORD_BYTES) as u32 * WORD_US).div_ceil(1000),
        }
    }
}

impl Default for Dfu {
    fn default() -> Self {
        Dfu::new()
    }
}

fn put(bytes: &[u8], to: &mut [u8]) -> Answer {
    let count = bytes.len().min(to.len());
    to[..count].copy_from_slice(&bytes[..count]);
    Answer::Bytes(count)
}
