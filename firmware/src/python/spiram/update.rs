//! `spiram.update(path)`: another program into the flash, from a file on any volume: the one that `dfu-util` gives to the boot loader.
//!
//! All of it is read and checked first; then nothing can go wrong any more but the power. The file lies in the heap meanwhile, and
//! the old program's instructions are gone as soon as the first sector is erased: `h7a3::rewrite`.

use crate::board;
use crc::{CRC_32_ISO_HDLC, Crc, Table};
use h7a3::dfu::file::{self, ELEMENTS, Element, FileFault, LOADER_ID};
use h7a3::layout::{Fault, HEADER_BYTES, HEADER_OFFSET, Header, PROGRAM};
use upy::{Error, File, Kind, Obj, Result, Scratch, qstr};

static SUM: Crc<u32, Table<1>> = Crc::<u32, Table<1>>::new(&CRC_32_ISO_HDLC);

/// Checks the file, writes what is in it, and resets. What is wrong with it is a ValueError.
pub fn update(path: Obj) -> Result<Obj> {
    let file = File::open(path, qstr::rb)?;
    let mut memory = Scratch::leaf(file.size()?)?;
    let bytes = memory.bytes();
    let read = file.read(bytes)?;
    file.close()?;
    let bytes = &mut bytes[..read];
    let mut elements = file::elements(bytes, |bytes| SUM.checksum(bytes)).map_err(refused)?;
    check(bytes, &elements).map_err(unfit)?;
    // Each element to an address at a multiple of four. It moves to the front, so none runs over the next one.
    for element in &mut elements {
        let at = bytes[element.bytes.start..].as_ptr() as usize;
        let back = at % 4;
        let from = element.bytes.clone();
        element.bytes = from.start - back..from.end - back;
        bytes.copy_within(from, element.bytes.start);
    }
    install(bytes, &elements)
}

/// The program in the file: its header, and whether its sum is that of what would be in the flash.
fn check(file: &[u8], elements: &[Element; ELEMENTS]) -> core::result::Result<(), Fault> {
    let read = |address: u32, words: &mut [u32]| {
        let mut count = 0;
        for (at, word) in (address..).step_by(4).zip(words.iter_mut()) {
            let Some(found) = word_at(file, elements, at) else {
                break;
            };
            *word = found;
            count += 1;
        }
        count
    };
    let mut words = [0; HEADER_BYTES / 4];
    if read(PROGRAM.start + HEADER_OFFSET, &mut words) < words.len() {
        return Err(Fault::Missing);
    }
    let mut header = [0; HEADER_BYTES];
    for (place, word) in header.chunks_exact_mut(4).zip(words) {
        place.copy_from_slice(&word.to_le_bytes());
    }
    let header = Header::parse(&header, |bytes| SUM.checksum(bytes))?;
    let mut digest = SUM.digest();
    header.read(board::FILE, read, |bytes| digest.update(bytes))?;
    header.compare(digest.finalize())
}

/// The word that will be at an address.
fn word_at(file: &[u8], elements: &[Element; ELEMENTS], at: u32) -> Option<u32> {
    elements.iter().find_map(|element| {
        let offset = at.checked_sub(element.address)? as usize;
        let bytes = file[element.bytes.clone()].get(offset..offset + 4)?;
        Some(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    })
}

fn install(file: &[u8], elements: &[Element; ELEMENTS]) -> ! {
    let parts = elements
        .each_ref()
        .map(|element| (element.address, &file[element.bytes.clone()]));
    crate::loader::install(&parts)
}

fn refused(fault: FileFault) -> Error {
    match fault {
        FileFault::NoDfuSe => Error::Value(c"no file for the boot loader; expected spiram-BOARD.update.dfu"),
        FileFault::Torn => Error::Value(c"the file is cut off; copy it once more"),
        FileFault::Sum => Error::Value(c"the file's CRC-32 is wrong; copy it once more"),
        FileFault::OtherLoader(vendor, product) => Error::new(
            Kind::Value,
            format_args!(
                "the file is for the boot loader {vendor:04x}:{product:04x}, expected {:04x}:{:04x} (spiram-BOARD.update.dfu)",
                LOADER_ID.0, LOADER_ID.1
            ),
        ),
        FileFault::Shape => {
            Error::Value(c"the file has not up to three elements, each in sectors of its own")
        }
        FileFault::Outside(address) => Error::new(
            Kind::Value,
            format_args!("the file would write to 0x{address:08x}, where no program is"),
        ),
    }
}

fn unfit(fault: Fault) -> Error {
    match fault {
        Fault::OtherBoard(name) => {
            let name = name.split(|&byte| byte == 0).next().unwrap_or(&[]);
            let name = core::str::from_utf8(name).unwrap_or("?");
            Error::new(
                Kind::Value,
                format_args!("the program is for the board {name}, this is {}", board::FILE),
            )
        }
        Fault::Missing | Fault::NoHeader | Fault::Outside(_) => {
            Error::Value(c"the file holds no program with a header that the boot loader knows")
        }
        Fault::Torn(_) | Fault::Sum { .. } => Error::Value(c"the program in the file is not whole"),
    }
}
