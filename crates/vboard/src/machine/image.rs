//! The firmware's ELF: its loadable bytes, its vector table, its symbols; and why an ELF is refused.

use object::elf::{EM_ARM, FileHeader32, PT_LOAD};
use object::read::elf::{FileHeader, ProgramHeader};
use object::{Endianness, Object, ObjectSymbol, SymbolKind};

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
    /// No vector table at the start of flash.
    #[error("no vector table at 0x08000000: {found}; the firmware must be linked for the STM32H7A3's flash")]
    NoVectorTable {
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
        "a segment of {bytes} bytes is to be loaded at 0x{address:08x}, which is not flash (0x08000000, 2 MB)"
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
    /// Functions by address: start, size, readable name.
    functions: Vec<(u32, u32, String)>,
    /// Every named symbol as the linker knows it.
    symbols: Vec<(String, u32)>,
}

impl Image {
    /// Read an ELF.
    pub fn parse(elf: &[u8]) -> Result<Self, ImageError> {
        check_header(elf)?;
        let flash = load(elf)?;
        check_vectors(&flash)?;
        let file = object::File::parse(elf).map_err(damaged)?;
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
            functions,
            symbols,
        })
    }

    /// The bytes of a flash from this address on, as a programmer takes them: no symbols are known.
    pub fn flat(bytes: &[u8], address: u32) -> Result<Self, ImageError> {
        let at = address.wrapping_sub(FLASH_BASE);
        let size = bytes.len() as u32;
        if at >= FLASH_BYTES {
            return Err(ImageError::OutsideMemory { address, bytes: size });
        }
        let end = u64::from(at) + bytes.len() as u64;
        if end > u64::from(FLASH_BYTES) {
            return Err(ImageError::TooLarge {
                end: u64::from(FLASH_BASE) + end,
                over: end - u64::from(FLASH_BYTES),
            });
        }
        let mut flash = vec![0xFF; at as usize];
        flash.extend_from_slice(bytes);
        check_vectors(&flash)?;
        Ok(Image {
            flash,
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

fn load(elf: &[u8]) -> Result<Vec<u8>, ImageError> {
    let header = FileHeader32::<Endianness>::parse(elf).map_err(damaged)?;
    let endian = header.endian().map_err(damaged)?;
    let mut flash = Vec::new();
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
        let at = address.wrapping_sub(FLASH_BASE);
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
    }
    Ok(flash)
}

/// The first two words must be a stack in RAM and a Thumb address in flash (Armv7-M, B1.5.3).
fn check_vectors(flash: &[u8]) -> Result<(), ImageError> {
    let refuse = |found: String| Err(ImageError::NoVectorTable { found });
    let Some(&[a, b, c, d, e, f, g, h]) = flash.first_chunk::<8>() else {
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
    if entry & 1 == 0 || (entry & !1).wrapping_sub(FLASH_BASE) >= flash.len() as u32 {
        return refuse(format!(
            "the reset vector would be 0x{entry:08x}, which is not Thumb code in the firmware"
        ));
    }
    Ok(())
}
