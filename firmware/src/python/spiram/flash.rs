//! `spiram.Flash`: what the second bank of the internal flash has for files, as a block device for littlefs in blocks of 8 KB.
//!
//! Both of MicroPython's interfaces for block devices are served; the simple one erases what it writes.

use core::fmt::{self, Write};
use h7a3::flash::{BANK_BYTES, Bank, Error as Fault, SECTOR_BYTES};
use h7a3::mpu::FILES_BASE;
use upy::{Arguments, Error, Kind, Obj, Printer, Result, args, class, fun, new_object};

/// Where files are.
const BANK: Bank = Bank::Second;
/// The bank's first byte that is not code.
const START_OFFSET: u32 = FILES_BASE - BANK.base();
const BYTES: u32 = BANK_BYTES - START_OFFSET;
const BLOCKS: u32 = BYTES / SECTOR_BYTES;

/// Requests of `ioctl` (MicroPython's documentation, `AbstractBlockDev.ioctl`).
pub const START: i32 = 1;
pub const STOP: i32 = 2;
pub const SYNC: i32 = 3;
pub const COUNT: i32 = 4;
pub const SIZE: i32 = 5;
pub const ERASE: i32 = 6;

/// `spiram.Flash`
pub struct Flash;

class! {
    Flash as "a Flash" {
        make_new: new,
        print: print,
    }
    readblocks: fun!(3..=4, read_blocks),
    writeblocks: fun!(3..=4, write_blocks),
    ioctl: fun!(3..=3, ioctl),
    is_blank: fun!(1, |_: &Flash| Ok(BANK.is_blank(START_OFFSET, BYTES))),
}

/// `Flash()`. Allocates.
fn new(arguments: Arguments) -> Result<Obj> {
    args!(arguments => []);
    new_object(Flash)
}

/// A fault of the flash as what Python gets.
fn raise(fault: Fault) -> Error {
    match fault {
        Fault::Outside => Error::Value(c"the blocks lie outside the flash"),
        Fault::Unaligned => Error::Value(c"flash is written in words of 16 bytes, from a multiple of 16"),
        Fault::Refused(status) => Error::new(
            Kind::Runtime,
            format_args!("the flash refused to be written, status 0x{status:08x}"),
        ),
    }
}

/// The offset of a byte of a block in the bank.
fn place(block: u32, byte: u32) -> Result<u32> {
    let offset = block
        .checked_mul(SECTOR_BYTES)
        .and_then(|start| start.checked_add(byte)?.checked_add(START_OFFSET));
    offset.ok_or(raise(Fault::Outside))
}

/// The sector of the bank that a block is.
fn sector(block: u32) -> Result<u32> {
    let sector = block.checked_add(START_OFFSET / SECTOR_BYTES);
    sector.ok_or(raise(Fault::Outside))
}

/// `readblocks(block, buffer, offset=0)`. Words that a failing power has left half programmed read as zeros.
fn read_blocks(arguments: Arguments) -> Result<i32> {
    args!(arguments => [flash: &Flash, block: u32, buffer: Obj], offset: u32 = 0);
    let _ = flash;
    let mut buffer = buffer.buffer_to_fill()?;
    BANK.read(place(block, offset)?, buffer.as_mut_slice())
        .map_err(raise)?;
    Ok(0)
}

/// `writeblocks(block, buffer)` erases blocks and writes them, `writeblocks(block, buffer, offset)` writes into erased ones.
fn write_blocks(arguments: Arguments) -> Result<i32> {
    args!(arguments => [flash: &Flash, block: u32, buffer: Obj], offset: Option<u32> = None);
    let _ = flash;
    let buffer = buffer.buffer()?;
    let start = place(block, offset.unwrap_or(0))?;
    if offset.is_none() {
        let blocks = (buffer.len() as u32).div_ceil(SECTOR_BYTES);
        if start > BANK_BYTES || buffer.len() as u32 > BANK_BYTES - start {
            return Err(raise(Fault::Outside));
        }
        let first = sector(block)?;
        for sector in first..first + blocks {
            BANK.erase(sector).map_err(raise)?;
        }
    }
    BANK.program(start, buffer.as_slice()).map_err(raise)?;
    Ok(0)
}

/// `ioctl(request, argument)`; None for what is not known.
fn ioctl(arguments: Arguments) -> Result<Option<i32>> {
    args!(arguments => [flash: &Flash, request: i32, argument: Obj]);
    let _ = flash;
    match request {
        START | STOP | SYNC => Ok(Some(0)),
        COUNT => Ok(Some(BLOCKS as i32)),
        SIZE => Ok(Some(SECTOR_BYTES as i32)),
        ERASE => {
            let block = u32::try_from(argument.to_i32()?).map_err(|_| raise(Fault::Outside))?;
            BANK.erase(sector(block)?).map_err(raise)?;
            Ok(Some(0))
        }
        _ => Ok(None),
    }
}

fn print(_: &Flash, printer: &mut Printer) -> fmt::Result {
    write!(printer, "Flash({BLOCKS} blocks of {SECTOR_BYTES} bytes)")
}
