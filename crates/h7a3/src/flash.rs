//! The internal flash: two banks of 1 MB, sectors of 8 KB, words of 16 bytes that are programmed once after an erase
//! (RM0455 4.3). While one bank works, the program goes on from the other; in its own bank it waits.
//!
//! Driven by registers: embassy's driver takes a word for 32 bytes, polls, and stops with a BusFault at a word that a failing
//! power has left half programmed. Here such a word reads as zeros, and is counted.
//!
//! It knows banks and offsets in them, no file systems. The files in the second bank are not cached (`mpu`); who programs other
//! parts invalidates the caches afterwards.
#![allow(unsafe_code)]

use core::sync::atomic::{AtomicBool, Ordering};

use cortex_m::asm::dsb;
use embassy_stm32::interrupt::typelevel::{self, Binding, Handler, Interrupt as _};
use embassy_stm32::pac::FLASH;
use embassy_stm32::pac::flash::{Bank as Registers, regs};

use crate::{console, probe};

/// The least that can be erased.
pub const SECTOR_BYTES: u32 = 8 * 1024;
/// The least that can be programmed.
pub const WORD_BYTES: u32 = 16;
/// One bank.
pub const BANK_BYTES: u32 = 1024 * 1024;

const BASE: u32 = 0x0800_0000;
/// RM0455 4.9.2: what opens CR.
const KEYS: [u32; 2] = [0x4567_0123, 0xCDEF_89AB];
/// Words of the core in the buffer that a read goes through.
const PIECE: usize = 64;

/// What went wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Error {
    /// Not in the bank.
    Outside,
    /// Not whole words of the flash.
    Unaligned,
    /// The flash refused; its status.
    Refused(u32),
}

/// One of both banks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bank {
    /// At 0x0800_0000: the firmware's.
    First,
    /// At 0x0810_0000.
    Second,
}

/// The interrupt at the end of a job; a program that binds it sleeps meanwhile, see [`sleep_while_busy`].
pub struct Interrupt;

impl Handler<typelevel::FLASH> for Interrupt {
    unsafe fn on_interrupt() {
        for bank in [Bank::First, Bank::Second] {
            if bank.registers().sr().read().eop() {
                bank.registers().ccr().write(|w| w.set_clr_eop(true));
            }
        }
    }
}

static SLEEPS: AtomicBool = AtomicBool::new(false);

/// From now on the core sleeps while a bank is busy, instead of asking again and again.
pub fn sleep_while_busy(_irq: impl Binding<typelevel::FLASH, Interrupt>) {
    typelevel::FLASH::unpend();
    // SAFETY: the handler is bound, as the argument shows.
    unsafe { typelevel::FLASH::enable() };
    SLEEPS.store(true, Ordering::Relaxed);
}

impl Bank {
    /// The one with this address of the flash, and the offset in it.
    pub const fn of(address: u32) -> (Bank, u32) {
        match address - BASE {
            offset @ ..BANK_BYTES => (Bank::First, offset),
            offset => (Bank::Second, offset - BANK_BYTES),
        }
    }

    /// Its first address.
    pub const fn base(self) -> u32 {
        match self {
            Bank::First => BASE,
            Bank::Second => BASE + BANK_BYTES,
        }
    }

    fn registers(self) -> Registers {
        FLASH.bank(self as usize)
    }

    fn check(self, offset: u32, bytes: usize, unit: u32) -> Result<(), Error> {
        let bytes = u32::try_from(bytes).map_err(|_| Error::Outside)?;
        if offset > BANK_BYTES || bytes > BANK_BYTES - offset {
            Err(Error::Outside)
        } else if offset % unit != 0 || bytes % unit != 0 {
            Err(Error::Unaligned)
        } else {
            Ok(())
        }
    }

    /// Copies from the bank. Returns how many words of the flash could not be read: they are filled with zeros.
    pub fn read(self, offset: u32, to: &mut [u8]) -> Result<u32, Error> {
        self.check(offset, to.len(), 1)?;
        let (mut at, mut damaged) = (self.base() + offset, 0);
        let mut to = to;
        while !to.is_empty() {
            let start = at & !3;
            let skip = (at - start) as usize;
            let mut piece = [0; PIECE];
            let words = (skip + to.len()).div_ceil(4).min(PIECE);
            damaged += read_words(start, &mut piece[..words]);
            let bytes = piece.iter().flat_map(|word| word.to_le_bytes());
            let take = to.len().min(4 * words - skip);
            let (now, later) = to.split_at_mut(take);
            for (place, byte) in now.iter_mut().zip(bytes.skip(skip)) {
                *place = byte;
            }
            to = later;
            at += take as u32;
        }
        Ok(damaged)
    }

    /// Whether nothing was programmed in these bytes, whole words of the core, since they were erased.
    pub fn is_blank(self, offset: u32, bytes: u32) -> bool {
        let mut piece = [0; PIECE];
        let end = self.base() + offset + bytes;
        (end - bytes..end).step_by(4 * PIECE).all(|at| {
            let words = &mut piece[..PIECE.min((end - at) as usize / 4)];
            read_words(at, words) == 0 && words.iter().all(|word| *word == u32::MAX)
        })
    }

    /// Erases a sector. 2 ms; the core sleeps or waits, interrupts go on.
    pub fn erase(self, sector: u32) -> Result<(), Error> {
        self.check(
            sector.saturating_mul(SECTOR_BYTES),
            SECTOR_BYTES as usize,
            SECTOR_BYTES,
        )?;
        self.unlocked(|registers| {
            registers.cr().modify(|w| {
                w.set_ser(true);
                w.set_ssn(sector as u8);
                w.set_start(true);
            });
            wait(registers)
        })
    }

    /// Programs whole words into erased flash. Words of ones are left erased.
    pub fn program(self, offset: u32, data: &[u8]) -> Result<(), Error> {
        self.check(offset, data.len(), WORD_BYTES)?;
        self.unlocked(|registers| {
            registers.cr().modify(|w| w.set_pg(true));
            for (at, word) in (self.base() + offset..)
                .step_by(WORD_BYTES as usize)
                .zip(data.chunks_exact(WORD_BYTES as usize))
            {
                if word.iter().any(|byte| *byte != 0xFF) {
                    store(at, word);
                    wait(registers)?;
                }
            }
            Ok(())
        })
    }

    /// Does something with CR open, and shuts it.
    fn unlocked(self, job: impl FnOnce(Registers) -> Result<(), Error>) -> Result<(), Error> {
        let registers = self.registers();
        let was_locked = registers.cr().read().lock();
        if was_locked {
            for key in KEYS {
                registers.keyr().write_value(key);
            }
        }
        // What an earlier reader or writer left.
        registers.ccr().write_value(regs::Ccr(ALL_FLAGS));
        if sleeps() {
            registers.cr().modify(|w| w.set_eopie(true));
        }
        dsb();
        let done = job(registers);
        registers.cr().write(|w| w.set_lock(true));
        dsb();
        done
    }
}

/// Flags that CCR clears (RM0455 FLASH_CCR).
const ALL_FLAGS: u32 = 0x07AF_0000;
/// Those that mean that nothing was done: WRPERR, PGSERR, STRBERR, INCERR.
const REFUSED: u32 = 0x002E_0000;

fn sleeps() -> bool {
    SLEEPS.load(Ordering::Relaxed) && console::interrupts_reach_here()
}

/// Waits for the end of a job.
fn wait(registers: Registers) -> Result<(), Error> {
    let busy = || registers.sr().read().qw();
    while busy() {
        if sleeps() {
            console::sleep_unless(|| !busy());
        }
    }
    let status = registers.sr().read().0;
    if status & REFUSED == 0 {
        Ok(())
    } else {
        Err(Error::Refused(status))
    }
}

/// Four stores make the flash begin; they have arrived when this returns.
fn store(address: u32, word: &[u8]) {
    for (n, bytes) in word.chunks_exact(4).enumerate() {
        let value = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        // SAFETY: an aligned address in the flash array, whose bank is open for this; nothing of Rust's lies there.
        unsafe { (address as *mut u32).add(n).write_volatile(value) };
    }
    dsb();
}

/// Copies words from an aligned address of the flash, up to the first that cannot be read; how many.
pub fn read_whole(address: u32, to: &mut [u32]) -> usize {
    probe::read(address, to)
}

/// Reads from an aligned address; words of the flash that cannot be read are zeros. Their number.
fn read_words(address: u32, to: &mut [u32]) -> u32 {
    let (mut done, mut damaged) = (0, 0);
    while done < to.len() {
        let from = address + 4 * done as u32;
        done += probe::read(from, &mut to[done..]);
        if done < to.len() {
            damaged += 1;
            // All of a damaged word is.
            let end = ((address + 4 * done as u32) | (WORD_BYTES - 1)) + 1;
            let next = (((end - address) / 4) as usize).min(to.len());
            to[done..next].fill(0);
            done = next;
        }
    }
    damaged
}
