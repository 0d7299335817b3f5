//! The firmware's ELF: its loadable bytes, its vector table, its symbols; and why an ELF is refused.
//!
//! An ELF may also be linked to internal RAM: what goes there is loaded as a debug probe does it, and the processor starts
//! from the vector table there.

use super::memory::MEMORIES;

use object::elf::{EM_ARM, FileHeader32, PT_LOAD};
use object::read::elf::{FileHeader, ProgramHeader};
use object::{Endianness, Object, ObjectSection, ObjectSymbol, SymbolKind};

/// Where flash begins, and its size (RM0455, memory map: two banks of 1 MB).
const FLASH_BASE: u32 = 0x0800_0000;
const FLASH_BYTES: u32 = 2 * 1024 * 1024;

/// Why an ELF is refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ImageError {
    /// Not an ELF, or cut off.
    #[error("the ELF cannot be read: {0}; is the file complete? Build it again with `cargo xtask build`")]
    Damaged(String),
    /// An ELF for something else.
    #[error("the ELF is for {found}, expected a little-endian 32-bit Arm executable for the STM32H7A3")]
    OtherChip {
        /// What its header says.
        found: String,
    },
    /// No vector table where the program must have one.
    #[error(
        "no vector table at 0x{address:08x}: {found}; the firmware must be linked for the STM32H7A3's flash, \
         or for its RAM with the table first"
    )]
    NoVectorTable {
        /// Where it should be.
        address: u32,
        /// What is there instead.
        found: String,
    },
    /// More than the flash holds.
    #[error("the firmware ends at 0x{end:08x}, {over} bytes beyond the 2 MB of flash (0x08200000)")]
    TooLarge {
        /// First address after it.
        end: u64,
        /// Bytes too many.
        over: u64,
    },
    /// A segment that no memory holds at reset.
    #[error(
        "a segment of {bytes} bytes is to be loaded at 0x{address:08x}, which is neither flash (0x08000000, 2 MB) \
         nor internal RAM"
    )]
    OutsideMemory {
        /// Its load address.
        address: u32,
        /// Its size.
        bytes: u32,
    },
}

/// A firmware, ready to be put into flash.
#[derive(Clone, Debug)]
pub struct Image {
    /// The flash from its start to the last loaded byte; gaps are erased flash, 0xFF.
    pub flash: Vec<u8>,
    /// What a debug probe loads into internal RAM, by address.
    pub ram: Vec<(u32, Vec<u8>)>,
    /// Where the vector table is.
    pub vectors: u32,
    /// Functions by address: start, size, readable name.
    functions: Vec<(u32, u32, String)>,
    /// Every named symbol as the linker knows it.
    symbols: Vec<(String, u32)>,
}

impl Image {
    /// Read an ELF.
    pub fn parse(elf: &[u8]) -> Result<Self, ImageError> {
        check_header(elf)?;
        let Loaded { flash, ram } = load(elf)?;
        let file = object::File::parse(elf).map_err(damaged)?;
        let vectors = match check_flash(&flash) {
            Ok(()) => FLASH_BASE,
            Err(error) => vectors_in_ram(&file, &ram).unwrap_or(Err(error))?,
        };
        let mut functions = Vec::new();
        let mut symbols = Vec::new();
        for symbol in file.symbols() {
            let Ok(name) = symbol.name() else { continue };
            if name.is_empty() || name.starts_with('$') {
                continue;
            }
            let address = symbol.address() as u32;
            if symbol.kind() == SymbolKind::Text {
                functions.push((
                    address & !1,
                    symbol.size() as u32,
                    format!("{:#}", rustc_demangle::demangle(name)),
                ));
            }
            symbols.push((name.to_owned(), address));
        }
        functions.sort();
        symbols.sort();
        Ok(Image {
            flash,
            ram,
            vectors,
            functions,
            symbols,
        })
    }

    /// The bytes of the flash or of an internal RAM from this address on, as a programmer takes them: no symbols are known.
    pub fn flat(bytes: &[u8], address: u32) -> Result<Self, ImageError> {
        let (mut flash, mut ram, mut vectors) = (Vec::new(), Vec::new(), FLASH_BASE);
        if is_in_ram(address, bytes.len() as u32) {
            let is_loaded = |at: u32| at.wrapping_sub(address) < bytes.len() as u32;
            check_vectors(address, bytes, is_loaded)?;
            vectors = address;
            ram.push((address, bytes.to_vec()));
        } else {
            put_into_flash(&mut flash, address, bytes)?;
            check_flash(&flash)?;
        }
        Ok(Image {
            flash,
            ram,
            vectors,
            functions: Vec::new(),
            symbols: Vec::new(),
        })
    }

    /// The function at `pc` and the offset into it.
    pub fn place(&self, pc: u32) -> Option<String> {
        let after = self.functions.partition_point(|f| f.0 <= pc);
        let (start, size, name) = self.functions[..after].last()?;
        let offset = pc - start;
        // Hand-written assembly often has no size.
        (offset < *size || *size == 0 && offset < 4096).then(|| format!("{name}+0x{offset:x}"))
    }

    /// The value of the symbol that the linker calls `name`.
    pub fn symbol(&self, name: &str) -> Option<u32> {
        let at = self.symbols.binary_search_by(|s| s.0.as_str().cmp(name)).ok()?;
        Some(self.symbols[at].1)
    }

    /// Where the program keeps files, as an offset into the flash: its linker script's symbol `_volume_start`.
    pub fn files_offset(&self) -> Option<usize> {
        let start = self.symbol("_volume_start")?;
        Some(start.wrapping_sub(FLASH_BASE) as usize)
    }

    /// Whether the flash has all of it; if not, what is wrong.
    pub fn fits(&self, has: impl Fn(usize) -> bool) -> Result<(), String> {
        let bytes = self.flash.iter().enumerate();
        let lost = bytes.rev().find(|(offset, byte)| **byte != 0xFF && !has(*offset));
        lost.map_or(Ok(()), |(offset, _)| {
            let address = FLASH_BASE as usize + offset;
            Err(format!(
                "the program has bytes at 0x{address:08x}, where its processor has no flash"
            ))
        })
    }

    /// Whether anything is known by name.
    pub fn has_symbols(&self) -> bool {
        !self.symbols.is_empty()
    }
}

fn damaged(error: object::Error) -> ImageError {
    ImageError::Damaged(error.to_string())
}

/// Is it an ELF for a 32-bit little-endian Arm? Byte by byte (ELF specification, e_ident and e_machine), because the
/// reader's own message for another class would only say "unsupported".
fn check_header(elf: &[u8]) -> Result<(), ImageError> {
    if elf.len() < 20 || elf[..4] != *b"\x7fELF" {
        let found = match elf.len() {
            0 => "the file is empty".into(),
            n if n < 20 => format!("only {n} bytes"),
            _ => format!("it begins with {:02x?}, expected 7f 45 4c 46", &elf[..4]),
        };
        return Err(ImageError::Damaged(found));
    }
    let machine = u16::from_le_bytes([elf[18], elf[19]]);
    let found = match (elf[4], elf[5], machine) {
        (1, 1, EM_ARM) => return Ok(()),
        (2, ..) => format!("a 64-bit machine (e_machine {machine})"),
        (_, 2, _) => "a big-endian machine".into(),
        _ => format!("another machine (e_machine {machine}, Arm is {EM_ARM})"),
    };
    Err(ImageError::OtherChip { found })
}

/// Where an ELF's bytes go.
struct Loaded {
    flash: Vec<u8>,
    ram: Vec<(u32, Vec<u8>)>,
}

fn load(elf: &[u8]) -> Result<Loaded, ImageError> {
    let header = FileHeader32::<Endianness>::parse(elf).map_err(damaged)?;
    let endian = header.endian().map_err(damaged)?;
    let (mut flash, mut ram) = (Vec::new(), Vec::new());
    for segment in header.program_headers(endian, elf).map_err(damaged)? {
        let bytes = segment.p_filesz(endian);
        if segment.p_type(endian) != PT_LOAD || bytes == 0 {
            continue;
        }
        let data = segment.data(endian, elf).map_err(|()| {
            ImageError::Damaged(format!(
                "a segment of {bytes} bytes begins at file offset {}, the file has only {} bytes",
                segment.p_offset(endian),
                elf.len()
            ))
        })?;
        // The load address: .data is linked for RAM, and waits in flash for the start-up code.
        let address = segment.p_paddr(endian);
        if is_in_ram(address, bytes) {
            ram.push((address, data.to_vec()));
        } else {
            put_into_flash(&mut flash, address, data)?;
        }
    }
    ram.sort();
    Ok(Loaded { flash, ram })
}

/// Do so many bytes fit into one internal RAM?
fn is_in_ram(address: u32, bytes: u32) -> bool {
    let mut memories = MEMORIES.iter().filter(|m| m.writable);
    memories.any(|m| address.wrapping_sub(m.base) < m.bytes && bytes <= m.bytes - (address - m.base))
}

fn put_into_flash(flash: &mut Vec<u8>, address: u32, data: &[u8]) -> Result<(), ImageError> {
    let at = address.wrapping_sub(FLASH_BASE);
    let bytes = data.len() as u32;
    if at >= FLASH_BYTES {
        return Err(ImageError::OutsideMemory { address, bytes });
    }
    let end = at as usize + data.len();
    if end > FLASH_BYTES as usize {
        let over = end as u64 - u64::from(FLASH_BYTES);
        return Err(ImageError::TooLarge {
            end: u64::from(FLASH_BASE) + end as u64,
            over,
        });
    }
    if flash.len() < end {
        flash.resize(end, 0xFF);
    }
    flash[at as usize..end].copy_from_slice(data);
    Ok(())
}

/// The vector table of a program that is linked to RAM: the section that cortex-m-rt or CubeMX calls so, or else the first
/// bytes. `None`: nothing is loaded there.
fn vectors_in_ram(file: &object::File, ram: &[(u32, Vec<u8>)]) -> Option<Result<u32, ImageError>> {
    const SECTIONS: [&str; 2] = [".vector_table", ".isr_vector"];
    let named = SECTIONS.iter().find_map(|name| file.section_by_name(name));
    let address = named.map_or(ram.first()?.0, |section| section.address() as u32);
    let loaded = |at: u32| {
        let mut segments = ram.iter();
        segments.find(|(base, bytes)| at.wrapping_sub(*base) < bytes.len() as u32)
    };
    let table = loaded(address).map_or(&[][..], |(base, bytes)| &bytes[(address - base) as usize..]);
    let checked = check_vectors(address, table, |at| loaded(at).is_some());
    Some(checked.map(|()| address))
}

fn check_flash(flash: &[u8]) -> Result<(), ImageError> {
    let is_loaded = |at: u32| at.wrapping_sub(FLASH_BASE) < flash.len() as u32;
    check_vectors(FLASH_BASE, flash, is_loaded)
}

/// The first two words of the table at `base` must be a stack in RAM and a Thumb address in what is loaded (Armv7-M, B1.5.3).
fn check_vectors(base: u32, table: &[u8], is_loaded: impl Fn(u32) -> bool) -> Result<(), ImageError> {
    let refuse = |found: String| Err(ImageError::NoVectorTable { address: base, found });
    let Some(&[a, b, c, d, e, f, g, h]) = table.first_chunk::<8>() else {
        return refuse("nothing is loaded there".into());
    };
    let stack = u32::from_le_bytes([a, b, c, d]);
    let entry = u32::from_le_bytes([e, f, g, h]);
    let in_ram = (0x2000_0000..=0x2002_0000).contains(&stack)
        || (0x2400_0000..=0x2410_0000).contains(&stack)
        || (0x3000_0000..=0x3002_0000).contains(&stack);
    if !in_ram || stack % 4 != 0 {
        return refuse(format!(
            "the initial stack pointer would be 0x{stack:08x}, which is not in RAM"
        ));
    }
    if entry & 1 == 0 || !is_loaded(entry & !1) {
        return refuse(format!(
            "the reset vector would be 0x{entry:08x}, which is not Thumb code in the firmware"
        ));
    }
    Ok(())
}
