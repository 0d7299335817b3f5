//! The flash: wait states, and two banks that are programmed and erased by themselves (RM0455 4.3, 4.9).
//!
//! A bank takes stores while it is unlocked and CR.PG is set. Sixteen bytes of one word make it begin; until it has ended, a
//! read of that bank waits, and the other one serves the program. A word with a double error answers with a bus error.
//!
//! Times are typical ones of this kind of flash (16 bytes a word, sectors of 8 KB), not of the data sheet of this chip.
//!
//! Does NOT model: option bytes, write and read protection, bank erase, bank swap, the CRC unit, single errors, wear, what
//! bus masters besides the core read while a bank is busy. Each register of these is an unmodelled event.

mod array;

use crate::bus::bank::{Bank, Register, lane, merged};
use crate::steps::Steps;
use crate::{Clocks, Device, Effects, Kind, Picos, Refused, Time, Width};
pub use array::{Array, BANK_BYTES, BANK_SECTORS, SECTOR_BYTES, WORD_BYTES};

/// Where the array lies.
pub const BASE: u32 = 0x0800_0000;

const ACR: u32 = 0x000;
const KEYR1: u32 = 0x004;
const CR1: u32 = 0x00C;
const SR1: u32 = 0x010;
const CCR1: u32 = 0x014;
const OPTCR: u32 = 0x018;
const OPTSR_CUR: u32 = 0x01C;
const ECC_FA1: u32 = 0x060;
const BANK2: u32 = 0x100;

const CR_LOCK: u32 = 1;
const CR_PG: u32 = 1 << 1;
const CR_SER: u32 = 1 << 2;
const CR_FW: u32 = 1 << 4;
const CR_START: u32 = 1 << 5;
const CR_SNB: u32 = 0x7F << 6;
/// Interrupt enables lie where SR has the flags.
const FLAGS: u32 = SR_EOP | SR_PGSERR | SR_STRBERR | SR_INCERR | SR_DBECCERR;
const SR_BSY: u32 = 1;
const SR_WBNE: u32 = 1 << 1;
const SR_QW: u32 = 1 << 2;
const SR_EOP: u32 = 1 << 16;
const SR_PGSERR: u32 = 1 << 18;
const SR_STRBERR: u32 = 1 << 19;
const SR_INCERR: u32 = 1 << 21;
const SR_DBECCERR: u32 = 1 << 26;

const KEYS: [u32; 2] = [0x4567_0123, 0xCDEF_89AB];

/// A word of 128 bits.
const PROGRAM: Picos = Picos(30_000_000);
/// A sector.
const ERASE: Picos = Picos(2_000_000_000);

const REGISTERS: &[Register] = &[
    Register::new(ACR, "FLASH_ACR", 0x13, 0x3F),
    Register::new(OPTCR, "FLASH_OPTCR", 1, 1),
    // As delivered, from memory of the manual: no brown-out level, RDP 0xAA, watchdogs by software.
    Register::new(OPTSR_CUR, "FLASH_OPTSR_CUR", 0x0006_AAD0, 0).with_read_only(u32::MAX),
];

/// What a bank does now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Job {
    /// Programs a word at this offset into the array.
    Program(usize, [u8; WORD_BYTES]),
    /// Erases this sector of the array.
    Erase(usize),
}

/// The word that stores gather.
#[derive(Clone, Copy, Debug, Default)]
struct Gathered {
    offset: usize,
    bytes: [u8; WORD_BYTES],
    /// One bit for each byte that was stored.
    present: u16,
}

#[derive(Clone, Debug)]
struct Half {
    control: u32,
    flags: u32,
    keys: usize,
    /// A wrong key: locked until the next reset.
    shut: bool,
    gathered: Gathered,
    job: Option<(Job, Time)>,
    failing_address: u32,
}

impl Default for Half {
    fn default() -> Self {
        Half {
            control: CR_LOCK,
            flags: 0,
            keys: 0,
            shut: false,
            gathered: Gathered::default(),
            job: None,
            failing_address: 0,
        }
    }
}

/// The flash.
#[derive(Clone, Debug)]
pub struct Flash {
    bank: Bank,
    halves: [Half; 2],
    array: Array,
    /// Sectors that have changed since [`Flash::take_changed`].
    changed: Vec<usize>,
    access_changed: bool,
    /// Words programmed and sectors erased since power-up.
    counts: Counts,
    /// All of them.
    steps: Steps,
    /// How much of each bank this part has.
    bank_bytes: [usize; 2],
}

/// How often something was begun.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Words programmed.
    pub programs: u64,
    /// Sectors erased.
    pub erases: u64,
}

impl Default for Flash {
    fn default() -> Self {
        Flash {
            bank: Bank::new(REGISTERS),
            halves: Default::default(),
            array: Array::default(),
            changed: Vec::new(),
            access_changed: false,
            counts: Counts::default(),
            steps: Steps::default(),
            bank_bytes: [BANK_BYTES; 2],
        }
    }
}

impl Flash {
    /// That of a part with smaller banks.
    pub fn with_banks_kb(banks_kb: [u32; 2]) -> Self {
        Flash {
            bank_bytes: banks_kb.map(|kb| (kb as usize * 1024).min(BANK_BYTES)),
            ..Flash::default()
        }
    }

    /// Does this part have the byte at this offset?
    pub fn has(&self, offset: usize) -> bool {
        let bytes = self.bank_bytes.get(offset / BANK_BYTES);
        bytes.is_some_and(|bytes| offset % BANK_BYTES < *bytes)
    }

    fn not_there(&self) -> Refused {
        let [first, second] = self.bank_bytes.map(|bytes| bytes / 1024);
        Refused::BusError(format!(
            "this part has {first} KB in the first bank of its flash and {second} in the second"
        ))
    }

    /// ACR.LATENCY: wait states of a read.
    pub fn latency(&self) -> u32 {
        self.bank.get(ACR) & 0xF
    }

    /// ACR.WRHIGHFREQ: the delay that belongs to the frequency.
    pub fn wrhighfreq(&self) -> u32 {
        self.bank.get(ACR) >> 4 & 3
    }

    /// The cells.
    pub fn array(&self) -> &Array {
        &self.array
    }

    /// The cells, to put something there from outside. Before the first run, or while nothing is busy.
    pub fn array_mut(&mut self) -> &mut Array {
        self.changed = (0..2 * BANK_SECTORS).collect();
        self.access_changed = true;
        &mut self.array
    }

    /// The same with all of another's.
    pub fn put(&mut self, other: &Array) {
        let differing = self.array.differing(other);
        for sector in 0..2 * BANK_SECTORS {
            // The same bytes may be damaged.
            let damaged = self.array.has_damage(sector) || other.has_damage(sector);
            if damaged || differing.contains(&sector) {
                self.array.put_sectors(sector..sector + 1, other);
                self.changed.push(sector);
            }
        }
        self.access_changed = true;
    }

    /// What was begun since power-up.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// What changes its cells.
    pub fn steps(&self) -> &Steps {
        &self.steps
    }

    /// The same, to let the power fail.
    pub fn steps_mut(&mut self) -> &mut Steps {
        &mut self.steps
    }

    /// The power goes: what is under way is cut short, and the cells are all that is left.
    pub fn without_power(&self) -> Array {
        let mut flash = self.clone();
        flash.cut_short();
        flash.array
    }

    /// Must accesses of this address come here one by one?
    pub fn is_special(&self, address: u32) -> bool {
        let offset = address.wrapping_sub(BASE) as usize;
        let half = &self.halves[offset / BANK_BYTES % 2];
        !self.has(offset)
            || half.control & CR_LOCK == 0
            || self.array.has_damage(offset / SECTOR_BYTES % (2 * BANK_SECTORS))
    }

    /// Does a word with a double error lie at this address?
    pub fn is_damaged(&self, address: u32) -> bool {
        let offset = address.wrapping_sub(BASE) as usize;
        offset < 2 * BANK_BYTES && self.array.read(offset).is_none()
    }

    /// Has the answer of [`Flash::is_special`] changed for some address since the last call?
    pub fn take_access_changed(&mut self) -> bool {
        core::mem::take(&mut self.access_changed)
    }

    /// The sectors that have changed since the last call, each once.
    pub fn take_changed(&mut self) -> Vec<usize> {
        let mut changed = core::mem::take(&mut self.changed);
        changed.sort_unstable();
        changed.dedup();
        changed
    }

    /// Until when the bank with this address is busy; `None`: it is not.
    pub fn busy_until(&self, address: u32) -> Option<Time> {
        let half = address.wrapping_sub(BASE) as usize / BANK_BYTES;
        Some(self.halves.get(half)?.job?.1)
    }

    /// A read of the array. It waits for its bank.
    ///
    /// # Errors
    /// The word has a double error.
    pub fn load(&mut self, address: u32, width: Width, fx: &mut Effects) -> Result<u32, Refused> {
        let offset = (address - BASE) as usize;
        if !self.has(offset) {
            return Err(self.not_there());
        }
        self.wait(offset / BANK_BYTES, fx);
        match self.array.read(offset) {
            Some(word) => Ok(lane(word, address, width)),
            None => {
                let half = &mut self.halves[offset / BANK_BYTES];
                half.flags |= SR_DBECCERR;
                half.failing_address = (offset % BANK_BYTES / WORD_BYTES) as u32;
                Err(Refused::BusError(
                    "the word of flash has a double ECC error".into(),
                ))
            }
        }
    }

    /// A store to the array.
    ///
    /// # Errors
    /// The bank is locked, or CR.PG is clear.
    pub fn store(&mut self, address: u32, width: Width, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        let offset = (address - BASE) as usize;
        let bank = offset / BANK_BYTES;
        if !self.has(offset) {
            return Err(self.not_there());
        }
        if self.halves[bank].control & (CR_LOCK | CR_PG) != CR_PG {
            self.halves[bank].flags |= SR_PGSERR;
            return Err(Refused::BusError(
                "a store to flash that is locked or not set to be programmed".into(),
            ));
        }
        // The next word waits in the bus until this one is done.
        self.wait(bank, fx);
        let half = &mut self.halves[bank];
        let word = offset & !(WORD_BYTES - 1);
        if half.gathered.present != 0 && half.gathered.offset != word {
            half.flags |= SR_INCERR;
            let before = half.gathered.offset;
            fx.report_at(
                Kind::Rule,
                address,
                format!(
                    "FLASH: a store to word {word:#08x} while word {before:#08x} is incomplete (RM0455 4.3.9)"
                ),
            );
            return Ok(());
        }
        half.gathered.offset = word;
        for n in 0..width.bytes() as usize {
            let at = offset % WORD_BYTES + n;
            if half.gathered.present >> at & 1 != 0 {
                half.flags |= SR_STRBERR;
            }
            half.gathered.bytes[at] = (value >> (8 * n)) as u8;
            half.gathered.present |= 1 << at;
        }
        if half.gathered.present == u16::MAX {
            self.program(bank, fx);
        }
        Ok(())
    }

    /// Begins to program what was gathered; bytes that no store brought are erased ones.
    fn program(&mut self, bank: usize, fx: &mut Effects) {
        let gathered = core::mem::take(&mut self.halves[bank].gathered);
        let mut bytes = [0xFF; WORD_BYTES];
        for (at, byte) in bytes.iter_mut().enumerate() {
            if gathered.present >> at & 1 != 0 {
                *byte = gathered.bytes[at];
            }
        }
        self.counts.programs += 1;
        self.begin(bank, Job::Program(gathered.offset, bytes), PROGRAM, fx);
    }

    fn begin(&mut self, bank: usize, job: Job, takes: Picos, fx: &Effects) {
        self.halves[bank].job = Some((job, fx.now + fx.stall + takes));
        self.steps.begin();
    }

    /// The core waits until the bank is free.
    fn wait(&mut self, bank: usize, fx: &mut Effects) {
        if let Some((_, end)) = self.halves[bank].job {
            if let Some(left) = end.0.checked_sub((fx.now + fx.stall).0) {
                fx.stall = fx.stall + Picos(left);
            }
            self.finish(bank, fx);
        }
    }

    fn finish(&mut self, bank: usize, fx: &mut Effects) {
        let Some((job, _)) = self.halves[bank].job.take() else {
            return;
        };
        self.halves[bank].flags |= SR_EOP;
        match job {
            Job::Program(offset, data) => {
                if !self.array.program(offset, data) {
                    fx.report_at(
                        Kind::Rule,
                        BASE + offset as u32,
                        "FLASH: a word was programmed again without an erase; its check bits no longer fit (RM0455 4.3.9)"
                            .into(),
                    );
                }
                self.changed.push(offset / SECTOR_BYTES);
            }
            Job::Erase(sector) => {
                self.array.erase(sector);
                self.changed.push(sector);
            }
        }
    }

    /// What is under way ends now, unfinished.
    fn cut_short(&mut self) {
        let seed = self.steps.begun();
        for half in &mut self.halves {
            match half.job.take() {
                Some((Job::Program(offset, data), _)) => {
                    self.array.cut_program(offset, data, seed);
                    self.changed.push(offset / SECTOR_BYTES);
                }
                Some((Job::Erase(sector), _)) => {
                    self.array.cut_erase(sector, seed);
                    self.changed.push(sector);
                }
                None => {}
            }
        }
    }

    fn write_key(&mut self, bank: usize, value: u32) -> Result<(), Refused> {
        let half = &mut self.halves[bank];
        if half.shut || half.control & CR_LOCK == 0 || value != KEYS[half.keys] {
            half.shut = true;
            half.control |= CR_LOCK;
            return Err(Refused::BusError(
                "FLASH_KEYR: a wrong key, or one more than needed: locked until the next reset (RM0455 4.9.2)"
                    .into(),
            ));
        }
        half.keys += 1;
        if half.keys == KEYS.len() {
            half.keys = 0;
            half.control &= !CR_LOCK;
            self.access_changed = true;
        }
        Ok(())
    }

    fn write_control(&mut self, bank: usize, value: u32, fx: &mut Effects) {
        const KNOWN: u32 = CR_LOCK | CR_PG | CR_SER | CR_FW | CR_START | CR_SNB | FLAGS;
        let half = &mut self.halves[bank];
        let name = ["FLASH_CR1", "FLASH_CR2"][bank];
        if half.control & CR_LOCK != 0 {
            if (half.control ^ value) & !CR_LOCK != 0 {
                let message =
                    format!("{name}: written {value:#010x} while it is locked, which changes nothing");
                fx.report(Kind::Rule, message);
            }
            return;
        }
        if value & !KNOWN != 0 {
            let message = format!(
                "{name}: bits {:#010x} have no model (written {value:#010x})",
                value & !KNOWN
            );
            fx.report(Kind::Unmodelled, message);
        }
        if half.job.is_some() && (half.control ^ value) & (CR_PG | CR_SER | CR_SNB | CR_START) != 0 {
            let message =
                format!("{name}: written {value:#010x} while the bank is busy (RM0455 4.9.4: wait for QW)");
            fx.report(Kind::Rule, message);
        }
        half.control = value & KNOWN & !(CR_FW | CR_START);
        self.access_changed |= value & CR_LOCK != 0;
        let half = &self.halves[bank];
        if value & CR_FW != 0 && half.gathered.present != 0 {
            self.program(bank, fx);
        } else if value & (CR_START | CR_SER) == CR_START | CR_SER {
            if value & CR_PG != 0 {
                self.halves[bank].flags |= SR_PGSERR;
                fx.report(
                    Kind::Rule,
                    format!("{name}: START with both SER and PG set (RM0455 4.3.10)"),
                );
            } else {
                let sector = bank * BANK_SECTORS + (value & CR_SNB) as usize / (1 << 6);
                if !self.has(sector * SECTOR_BYTES) {
                    let message = format!(
                        "{name}: erase of sector {}, which this part has not",
                        sector % BANK_SECTORS
                    );
                    fx.report(Kind::Rule, message);
                    return;
                }
                self.counts.erases += 1;
                self.begin(bank, Job::Erase(sector), ERASE, fx);
            }
        }
    }

    fn status(&self, bank: usize) -> u32 {
        let half = &self.halves[bank];
        let busy = if half.job.is_some() { SR_BSY | SR_QW } else { 0 };
        let gathers = if half.gathered.present != 0 { SR_WBNE } else { 0 };
        half.flags | busy | gathers
    }

    fn missing(offset: u32) -> &'static str {
        match offset & !BANK2 {
            0x008 => "FLASH_OPTKEYR (option bytes)",
            0x01C..=0x03F => "FLASH option byte register",
            0x040..=0x047 => "FLASH_BOOT",
            0x050..=0x05F => "FLASH_CRC",
            _ => "FLASH register",
        }
    }
}

/// The bank and the offset of a register that each bank has.
fn of_bank(offset: u32) -> (usize, u32) {
    ((offset / BANK2) as usize, offset % BANK2)
}

impl Device for Flash {
    fn read(&mut self, offset: u32, width: Width, _fx: &mut Effects) -> Result<u32, Refused> {
        let word = offset & !3;
        let value = match of_bank(word) {
            (bank @ 0..=1, CR1) => self.halves[bank].control,
            (bank @ 0..=1, SR1) => self.status(bank),
            (0..=1, CCR1) => 0,
            (bank @ 0..=1, ECC_FA1) => self.halves[bank].failing_address,
            _ => self.bank.load(word, Self::missing(word))?,
        };
        Ok(lane(value, offset, width))
    }

    fn write(&mut self, offset: u32, width: Width, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        let word = offset & !3;
        match (of_bank(word), width) {
            ((bank @ 0..=1, KEYR1), Width::Word) => self.write_key(bank, value)?,
            ((bank @ 0..=1, CR1), Width::Word) => self.write_control(bank, value, fx),
            ((bank @ 0..=1, CCR1), Width::Word) => self.halves[bank].flags &= !value,
            ((0..=1, SR1 | ECC_FA1), _) => {}
            ((0..=1, KEYR1 | CR1 | CCR1), _) => {
                return Err(Refused::Unmodelled("a FLASH register by less than a word"));
            }
            _ => {
                let value = merged(self.bank.load(word, Self::missing(word))?, offset, width, value);
                // OPTCR's lock bit can be set by software, but only the key sequence clears it (RM0455 4.9.4).
                let lock = if word == OPTCR { self.bank.get(word) & 1 } else { 0 };
                self.bank.store(word, value | lock, Self::missing(word), fx)?;
            }
        }
        Ok(())
    }

    /// A reset in the middle of a job cuts it short, as a failing power does.
    fn reset(&mut self) {
        self.bank.reset();
        self.cut_short();
        self.halves = Default::default();
        self.access_changed = true;
    }

    fn lines(&self) -> u32 {
        u32::from(
            self.halves
                .iter()
                .any(|half| half.flags & half.control & FLAGS != 0),
        )
    }

    fn next_event(&self, _clocks: &Clocks) -> Option<Time> {
        self.halves.iter().filter_map(|half| Some(half.job?.1)).min()
    }

    fn advance(&mut self, fx: &mut Effects) {
        for bank in 0..2 {
            if self.halves[bank].job.is_some_and(|(_, end)| end <= fx.now) {
                self.finish(bank, fx);
            }
        }
    }
}

#[cfg(test)]
mod tests;
