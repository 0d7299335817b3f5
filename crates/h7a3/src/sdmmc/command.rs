//! Commands of an SD card and their answers (SD Physical Layer Simplified Specification 4.7 to 4.10), by SDMMC1's command path.

use embassy_stm32::pac::SDMMC1;

use crate::time;

/// What can go wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Error {
    /// Nobody answers: there is no card, or not any more.
    Absent,
    /// What came was damaged on its way.
    Crc,
    /// It is busy for longer than a card may be.
    Stuck,
    /// The blocks are not all on the card.
    Outside,
    /// The card is protected from being written.
    Protected,
    /// It is locked by a password.
    Locked,
    /// It says that something else is wrong: its status.
    Refused(u32),
    /// It is none that this driver knows.
    Unknown,
    /// The DMA did not reach the memory.
    Memory,
    /// The caller does not want any more.
    Stopped,
}

/// What is expected back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// Nothing.
    None,
    /// 48 bits.
    Short,
    /// 48 bits without a CRC: the operating conditions.
    Open,
    /// 136 bits.
    Long,
}

/// What a command has to do with data.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Data {
    /// Nothing.
    None,
    /// They follow.
    Follow,
    /// They stop.
    Stop,
}

/// A command of 48 clocks and an answer of 136, at the slowest clock, several times over.
const PATIENCE_US: u64 = 5_000;

/// Card status bits that say that something is wrong (SD table 4-42).
const WRONG: u32 = 0xFDF9_E008;
const OUT_OF_RANGE: u32 = 1 << 31;
const WRITE_PROTECTED: u32 = 1 << 26;
const LOCKED: u32 = 1 << 25;

/// Sends a command; returns the first word of its answer.
pub fn send(index: u8, argument: u32, answer: Answer, data: Data) -> Result<u32, Error> {
    SDMMC1.icr().write(|w| w.0 = u32::MAX);
    SDMMC1.argr().write(|w| w.0 = argument);
    SDMMC1.cmdr().write(|w| {
        w.set_cmdindex(index);
        w.set_waitresp(match answer {
            Answer::None => 0,
            Answer::Short => 1,
            Answer::Open => 2,
            Answer::Long => 3,
        });
        w.set_cmdtrans(data == Data::Follow);
        w.set_cmdstop(data == Data::Stop);
        w.set_cpsmen(true);
    });
    let end = time::ticks_us() + PATIENCE_US;
    loop {
        let status = SDMMC1.star().read();
        if status.cmdrend() || status.cmdsent() {
            return Ok(SDMMC1.respr(0).read().0);
        }
        if status.ccrcfail() {
            return Err(Error::Crc);
        }
        if status.ctimeout() || time::ticks_us() >= end {
            return Err(Error::Absent);
        }
    }
}

/// One that is answered by the card's status, in which nothing may be wrong.
pub fn ask(index: u8, argument: u32, data: Data) -> Result<u32, Error> {
    let status = send(index, argument, Answer::Short, data)?;
    match status {
        _ if status & WRONG == 0 => Ok(status),
        _ if status & OUT_OF_RANGE != 0 => Err(Error::Outside),
        _ if status & WRITE_PROTECTED != 0 => Err(Error::Protected),
        _ if status & LOCKED != 0 => Err(Error::Locked),
        _ => Err(Error::Refused(status)),
    }
}

/// One for applications: another command, announced by CMD55.
pub fn application(rca: u32, index: u8, argument: u32, answer: Answer) -> Result<u32, Error> {
    ask(55, rca, Data::None)?;
    send(index, argument, answer, Data::None)
}

/// The four words of a long answer, the highest first.
pub fn long() -> [u32; 4] {
    [0, 1, 2, 3].map(|n| SDMMC1.respr(n).read().0)
}
