//! `machine.SDCard`: the card in the board's socket as a block device, in blocks of 512 bytes.

use crate::{board, memory};
use core::cell::Cell;
use core::fmt::{self, Write};
use h7a3::sdmmc::{BLOCK_BYTES, Card, Error as Fault, release};
use upy::{Arguments, Error, Kind, Obj, Printer, Result, args, class, fun, interpreter, new_object, sys};

/// Requests of `ioctl` (MicroPython's documentation, `AbstractBlockDev.ioctl`).
const START: i32 = 1;
const STOP: i32 = 2;
const SYNC: i32 = 3;
const COUNT: i32 = 4;
const SIZE: i32 = 5;
const ERASE: i32 = 6;

/// How long a card that does not answer is asked again: it may be powering up. At start the supply has been there for long.
const PATIENCE_US: u64 = 1_000_000;

/// `machine.SDCard`
pub struct SDCard {
    four_lines: bool,
    card: Cell<Option<Card>>,
    /// Pulled out, or worse: it has to be made ready again by `ioctl(1)`, which mounting does.
    lost: Cell<bool>,
}

class! {
    SDCard as "an SDCard" {
        make_new: new,
        print: print,
    }
    readblocks: fun!(3..=3, read_blocks),
    writeblocks: fun!(3..=3, write_blocks),
    ioctl: fun!(3..=3, ioctl),
    info: fun!(1, info),
    present: fun!(1..=2, present),
    deinit: fun!(1, deinit),
}

/// `SDCard(slot=1, width=4)`. ENODEV: the board has no socket. The card is looked for when it is first used. Allocates.
fn new(arguments: Arguments) -> Result<Obj> {
    args!(arguments => slot: u32 = 1, width: u32 = 4);
    if slot != 1 || !matches!(width, 1 | 4) {
        return Err(Error::Value(
            c"slot is 1 and width 1 or 4: the board has one socket, with four lines",
        ));
    }
    board::SD.ok_or(Error::Os(sys::MP_ENODEV))?;
    new_object(SDCard {
        four_lines: width == 4,
        card: Cell::new(None),
        lost: Cell::new(false),
    })
}

/// A fault of the card as what Python gets. Runs Python, if Ctrl-C was the fault.
fn raise(fault: Fault) -> Error {
    match fault {
        Fault::Absent => Error::Os(sys::MP_ENODEV),
        Fault::Crc => Error::Os(sys::MP_EIO),
        Fault::Stuck => Error::Os(sys::MP_ETIMEDOUT),
        Fault::Outside => Error::Value(c"the blocks lie outside the card"),
        Fault::Protected => Error::Os(sys::MP_EROFS),
        Fault::Locked => Error::Os(sys::MP_EACCES),
        Fault::Refused(status) => Error::new(
            Kind::Runtime,
            format_args!("the card refuses, its status is 0x{status:08x}"),
        ),
        Fault::Unknown => Error::Runtime(c"this is no SD card that is known: not of 3.3 V, or an MMC"),
        Fault::Memory => Error::Runtime(c"the card's DMA does not reach its memory"),
        // What stopped it is Ctrl-C.
        Fault::Stopped => interpreter::serve_pending()
            .err()
            .unwrap_or(Error::Os(sys::MP_EINTR)),
    }
}

impl SDCard {
    fn open(&self, patience_us: u64) -> Result<Card> {
        let wires = board::SD.ok_or(Error::Os(sys::MP_ENODEV))?;
        self.card.set(None);
        let card =
            Card::open(&wires, self.four_lines, patience_us, interpreter::interrupted).map_err(raise)?;
        self.card.set(Some(card));
        self.lost.set(false);
        Ok(card)
    }

    fn ready(&self) -> Result<Card> {
        match self.card.get() {
            Some(card) => Ok(card),
            None if self.lost.get() => Err(Error::Os(sys::MP_ENODEV)),
            None => self.open(PATIENCE_US),
        }
    }

    /// Does something with the card and the memory of its DMA. After what a good card never does it is lost.
    fn with(&self, action: impl FnOnce(&Card, &mut [u8]) -> core::result::Result<(), Fault>) -> Result<i32> {
        let card = self.ready()?;
        let done = memory::with_dma(|memory| action(&card, memory)).ok_or(Error::Os(sys::MP_EBUSY))?;
        if let Err(fault) = done {
            if !matches!(fault, Fault::Outside | Fault::Protected) {
                self.card.set(None);
                self.lost.set(fault != Fault::Stopped);
            }
            return Err(raise(fault));
        }
        Ok(0)
    }
}

fn check(bytes: usize) -> Result<()> {
    if bytes.is_multiple_of(BLOCK_BYTES) {
        return Ok(());
    }
    Err(Error::Value(c"a buffer holds whole blocks of 512 bytes"))
}

/// `readblocks(block, buffer)`
fn read_blocks(arguments: Arguments) -> Result<i32> {
    args!(arguments => [card: &SDCard, block: u32, buffer: Obj]);
    let mut buffer = buffer.buffer_to_fill()?;
    check(buffer.len())?;
    card.with(|card, memory| card.read(block, buffer.as_mut_slice(), memory, interpreter::interrupted))
}

/// `writeblocks(block, buffer)`
fn write_blocks(arguments: Arguments) -> Result<i32> {
    args!(arguments => [card: &SDCard, block: u32, buffer: Obj]);
    let buffer = buffer.buffer()?;
    check(buffer.len())?;
    card.with(|card, memory| card.write(block, buffer.as_slice(), memory, interpreter::interrupted))
}

/// `ioctl(request, argument)`; None for what is not known.
fn ioctl(arguments: Arguments) -> Result<Option<i32>> {
    args!(arguments => [card: &SDCard, request: i32, argument: Obj]);
    let _ = argument;
    match request {
        START => card.start().map(Some),
        STOP | SYNC | ERASE => Ok(Some(0)),
        // More than two terabytes do not exist with addresses of 32 bits, and a small int holds half of them.
        COUNT => Ok(Some(
            i32::try_from(card.ready()?.blocks()).unwrap_or(i32::MAX >> 1),
        )),
        SIZE => Ok(Some(BLOCK_BYTES as i32)),
        _ => Ok(None),
    }
}

impl SDCard {
    /// A card that answers stays as it is; else one is looked for.
    fn start(&self) -> Result<i32> {
        if !self.card.get().is_some_and(|card| card.is_there()) {
            self.open(PATIENCE_US)?;
        }
        Ok(0)
    }
}

/// `info()`: bytes, bytes of a block, and the kind, 0 for SDSC and 1 for SDHC and SDXC. Allocates.
fn info(card: &SDCard) -> Result<Obj> {
    let card = card.ready()?;
    Obj::tuple(&[
        Obj::from_u64(u64::from(card.blocks()) * BLOCK_BYTES as u64)?,
        Obj::small_int(BLOCK_BYTES as i32),
        Obj::small_int(card.has_high_capacity().into()),
    ])
}

/// `present(timeout_ms=1000)`: whether there is a card that answers, asked for so long.
fn present(arguments: Arguments) -> Result<bool> {
    args!(arguments => [card: &SDCard], timeout_ms: u32 = 1000);
    if card.card.get().is_some_and(|card| card.is_there()) {
        return Ok(true);
    }
    match card.open(u64::from(timeout_ms) * 1000) {
        Ok(_) => Ok(true),
        Err(Error::Os(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// `deinit()`: the pins are let go.
fn deinit(card: &SDCard) -> Result<()> {
    if card.card.take().is_some()
        && let Some(wires) = board::SD
    {
        release(&wires);
    }
    Ok(())
}

fn print(card: &SDCard, printer: &mut Printer) -> fmt::Result {
    match card.card.get() {
        Some(card) => write!(
            printer,
            "SDCard({}, {} blocks of {BLOCK_BYTES} bytes)",
            if card.has_high_capacity() { "SDHC" } else { "SDSC" },
            card.blocks()
        ),
        None => printer.write_str("SDCard(not in use)"),
    }
}
