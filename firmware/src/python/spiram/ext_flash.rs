//! `spiram.ExtFlash`: the board's second flash as a block device, in blocks of 4 KB.
//!
//! Both of MicroPython's interfaces for block devices are served; the simple one erases what it writes.

use super::flash::{COUNT, ERASE, SIZE, START, STOP, SYNC};
use crate::board;
use core::cell::Cell;
use core::fmt::{self, Write};
use core::sync::atomic::{AtomicBool, Ordering};
use h7a3::nor_flash::{Error as Fault, NorFlash, SECTOR_BYTES};
use upy::{Arguments, Error, Obj, Printer, Result, args, class, fun, new_object, sys};

/// `spiram.ExtFlash`
pub struct ExtFlash(Cell<Option<NorFlash>>);

class! {
    ExtFlash as "an ExtFlash" {
        make_new: new,
        print: print,
    }
    readblocks: fun!(3..=4, read_blocks),
    writeblocks: fun!(3..=4, write_blocks),
    ioctl: fun!(3..=3, ioctl),
    deinit: fun!(1, deinit),
    id: fun!(1, |flash: &ExtFlash| Obj::bytes(&flash.chip()?.id())),
}

/// A handler in an interrupt must not come between two bytes of somebody else's command.
static IN_USE: AtomicBool = AtomicBool::new(false);

/// `ExtFlash()`. ENODEV: the board has none, or it does not answer. Allocates.
fn new(arguments: Arguments) -> Result<Obj> {
    args!(arguments => []);
    let wires = board::EXT_FLASH.ok_or(Error::Os(sys::MP_ENODEV))?;
    let chip = alone(|| NorFlash::open(wires))?;
    new_object(ExtFlash(Cell::new(Some(chip))))
}

/// Does something with the chip while nobody else does.
fn alone<T>(action: impl FnOnce() -> core::result::Result<T, Fault>) -> Result<T> {
    if IN_USE.swap(true, Ordering::Acquire) {
        return Err(Error::Os(sys::MP_EBUSY));
    }
    let result = action();
    IN_USE.store(false, Ordering::Release);
    result.map_err(|fault| match fault {
        Fault::Absent => Error::Os(sys::MP_ENODEV),
        Fault::Outside => Error::Value(c"the blocks lie outside the flash"),
        Fault::Protected => Error::Os(sys::MP_EROFS),
        Fault::Stuck => Error::Os(sys::MP_ETIMEDOUT),
    })
}

impl ExtFlash {
    fn chip(&self) -> Result<NorFlash> {
        self.0
            .get()
            .ok_or(Error::Value(c"this ExtFlash is closed after deinit()"))
    }
}

/// The offset of a byte of a block.
fn place(block: u32, byte: u32) -> Result<u32> {
    let offset = block
        .checked_mul(SECTOR_BYTES)
        .and_then(|start| start.checked_add(byte));
    offset.ok_or(Error::Value(c"the blocks lie outside the flash"))
}

/// `readblocks(block, buffer, offset=0)`
fn read_blocks(arguments: Arguments) -> Result<i32> {
    args!(arguments => [flash: &ExtFlash, block: u32, buffer: Obj], offset: u32 = 0);
    let chip = flash.chip()?;
    let at = place(block, offset)?;
    let mut buffer = buffer.buffer_to_fill()?;
    let bytes = Cell::from_mut(buffer.as_mut_slice()).as_slice_of_cells();
    alone(|| chip.read(at, bytes))?;
    Ok(0)
}

/// `writeblocks(block, buffer)` erases blocks and writes them, `writeblocks(block, buffer, offset)` writes into erased ones.
fn write_blocks(arguments: Arguments) -> Result<i32> {
    args!(arguments => [flash: &ExtFlash, block: u32, buffer: Obj], offset: Option<u32> = None);
    let chip = flash.chip()?;
    let at = place(block, offset.unwrap_or(0))?;
    let buffer = buffer.buffer()?;
    if offset.is_none() {
        let end = u64::from(at) + buffer.len() as u64;
        if end > u64::from(chip.bytes()) {
            return Err(Error::Value(c"the blocks lie outside the flash"));
        }
        for sector in block..block + (buffer.len() as u32).div_ceil(SECTOR_BYTES) {
            alone(|| chip.erase(sector))?;
        }
    }
    for (n, piece) in buffer.as_slice().chunks(PIECE).enumerate() {
        let mut copy = [0; PIECE];
        copy[..piece.len()].copy_from_slice(piece);
        let bytes = Cell::from_mut(&mut copy[..piece.len()]).as_slice_of_cells();
        alone(|| chip.program(at + (n * PIECE) as u32, bytes))?;
    }
    Ok(0)
}

/// Of a page: what is programmed at once.
const PIECE: usize = 256;

/// `ioctl(request, argument)`; None for what is not known.
fn ioctl(arguments: Arguments) -> Result<Option<i32>> {
    args!(arguments => [flash: &ExtFlash, request: i32, argument: Obj]);
    let chip = flash.chip()?;
    match request {
        START | STOP | SYNC => Ok(Some(0)),
        COUNT => Ok(Some((chip.bytes() / SECTOR_BYTES) as i32)),
        SIZE => Ok(Some(SECTOR_BYTES as i32)),
        ERASE => {
            let sector = u32::try_from(argument.to_i32()?)
                .map_err(|_| Error::Value(c"the blocks lie outside the flash"))?;
            alone(|| chip.erase(sector))?;
            Ok(Some(0))
        }
        _ => Ok(None),
    }
}

/// `deinit()`: its SPI is free for programs.
fn deinit(flash: &ExtFlash) -> Result<()> {
    if let Some(chip) = flash.0.take() {
        chip.close();
    }
    Ok(())
}

fn print(flash: &ExtFlash, printer: &mut Printer) -> fmt::Result {
    match flash.0.get() {
        Some(chip) => write!(
            printer,
            "ExtFlash({} blocks of {SECTOR_BYTES} bytes)",
            chip.bytes() / SECTOR_BYTES
        ),
        None => printer.write_str("ExtFlash(closed)"),
    }
}
