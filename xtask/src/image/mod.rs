//! From the ELF to what is put on a chip: the flash content, and the formats that carry it.
//!
//! Only flash is looked at: a part of the ELF that would have to be loaded elsewhere is refused, since neither DFU
//! nor the boot loader would bring it there.

mod dfuse;
pub mod header;

use anyhow::{Context, Result, bail};
use object::read::elf::{ElfFile32, FileHeader, ProgramHeader};
use std::path::Path;

pub use dfuse::{LOADER, ROM, dfuse};

/// Where the chip's flash begins (RM0455 table 6).
const FLASH_START: u32 = 0x0800_0000;
/// What of it the firmware has; behind that are files.
pub const FLASH_BYTES: u32 = 0x0018_0000;
/// Of it the boot loader's, the first.
pub const LOADER_BYTES: u32 = 48 * 1024;
/// What erased flash reads as; the gaps between segments are filled with it.
const ERASED: u8 = 0xFF;
/// An image ends with a whole word of the flash, which is programmed at once: 16 bytes, of which tools write two.
const WORD_BYTES: usize = 32;

/// What a firmware puts into flash, from its first byte to its last.
#[derive(Debug, PartialEq)]
pub struct Image {
    /// Where its first byte lies.
    pub address: u32,
    /// All of it, gaps filled.
    pub bytes: Vec<u8>,
}

impl Image {
    /// Reads an ELF file for the chip.
    pub fn from_elf(path: &Path) -> Result<Image> {
        let data = std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
        Image::parse(&data).with_context(|| format!("{} cannot be put into flash", path.display()))
    }

    fn parse(data: &[u8]) -> Result<Image> {
        let elf: ElfFile32 =
            ElfFile32::parse(data).context("it is no 32-bit ELF file, or a truncated one")?;
        let (header, endian) = (elf.elf_header(), elf.endian());
        let machine = header.e_machine(endian);
        if machine != object::elf::EM_ARM {
            bail!(
                "it is for machine {machine}; expected {} (Arm)",
                object::elf::EM_ARM
            );
        }
        let mut parts: Vec<(u32, &[u8])> = Vec::new();
        for segment in elf.elf_program_headers() {
            let address = segment.p_paddr(endian);
            if segment.p_type(endian) != object::elf::PT_LOAD || segment.p_filesz(endian) == 0 {
                continue;
            }
            let Ok(bytes) = segment.data(endian, data) else {
                bail!("it is truncated: the segment for {address:#010x} ends after the file does");
            };
            let end = u64::from(address) + bytes.len() as u64;
            if address < FLASH_START || end > u64::from(FLASH_START + FLASH_BYTES) {
                bail!(
                    "its segment {address:#010x}..{end:#010x} does not fit into flash, {FLASH_START:#010x}..{:#010x}",
                    FLASH_START + FLASH_BYTES
                );
            }
            parts.push((address, bytes));
        }
        parts.sort_by_key(|part| part.0);
        let Some(&(address, _)) = parts.first() else {
            bail!("it has nothing to load")
        };
        let mut bytes = Vec::new();
        for (at, part) in parts {
            let offset = (at - address) as usize;
            if offset < bytes.len() {
                bail!("two of its segments overlap at {at:#010x}");
            }
            bytes.resize(offset, ERASED);
            bytes.extend_from_slice(part);
        }
        bytes.resize(bytes.len().next_multiple_of(WORD_BYTES), ERASED);
        Ok(Image { address, bytes })
    }

    /// How many bytes from this address on are in use, up to the last one of so many that does not read as erased.
    pub fn used(&self, address: u32, bytes: u32) -> usize {
        let start = address.saturating_sub(self.address) as usize;
        let end = (start + bytes as usize).min(self.bytes.len());
        let room = self.bytes.get(start..end).unwrap_or(&[]);
        let last = room.iter().rposition(|byte| *byte != ERASED);
        last.map_or(0, |last| last + 1)
    }

    /// So many bytes from an address on, erased ones where it has none.
    pub fn part(&self, address: u32, bytes: u32) -> Vec<u8> {
        let start = address.saturating_sub(self.address) as usize;
        let mut part = self.bytes.get(start..).unwrap_or(&[]).to_vec();
        part.resize(bytes as usize, ERASED);
        part
    }

    /// What of a room (address and bytes) is in use, in whole words of the flash.
    pub fn used_part(&self, (address, bytes): (u32, u32)) -> Image {
        const WORD_BYTES: u32 = 16;
        let used = (self.used(address, bytes) as u32).next_multiple_of(WORD_BYTES);
        Image {
            address,
            bytes: self.part(address, used),
        }
    }

    /// What is in use of both banks: loader and program.
    pub fn everything(&self) -> Vec<Image> {
        let first = (FLASH_START, header::SECOND.0 - FLASH_START);
        vec![self.used_part(first), self.used_part(header::SECOND)]
    }

    /// The program alone, its first sector, in which the header is, last: until that is written, there is none.
    pub fn program(&self) -> Vec<Image> {
        const SECTOR_BYTES: u32 = 8192;
        let rest = header::PROGRAM + SECTOR_BYTES;
        vec![
            self.used_part(header::SECOND),
            self.used_part((rest, header::SECOND.0 - rest)),
            Image {
                address: header::PROGRAM,
                bytes: self.part(header::PROGRAM, SECTOR_BYTES),
            },
        ]
    }

    /// As Intel HEX.
    pub fn ihex(&self) -> Result<String> {
        use ihex::Record;
        let mut records = Vec::new();
        let mut upper = None;
        for (index, chunk) in self.bytes.chunks(16).enumerate() {
            let at = self.address + 16 * index as u32;
            // The image starts at a multiple of 16 (flash starts at one), so no record crosses a 64 KB border.
            if upper != Some(at >> 16) {
                upper = Some(at >> 16);
                records.push(Record::ExtendedLinearAddress((at >> 16) as u16));
            }
            records.push(Record::Data {
                offset: at as u16,
                value: chunk.to_vec(),
            });
        }
        records.push(Record::EndOfFile);
        ihex::create_object_file_representation(&records)
            .map_err(|error| anyhow::anyhow!("writing Intel HEX: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The smallest ELF with the given segments: header, program headers, contents.
    fn elf(machine: u16, segments: &[(u32, &[u8])]) -> Vec<u8> {
        let mut file = b"\x7fELF\x01\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
        let half = |file: &mut Vec<u8>, value: u16| file.extend(value.to_le_bytes());
        let word = |file: &mut Vec<u8>, value: u32| file.extend(value.to_le_bytes());
        half(&mut file, 2);
        half(&mut file, machine);
        for value in [1, 0x0800_0001, 52, 0, 0] {
            word(&mut file, value);
        }
        for value in [52, 32, segments.len() as u16, 40, 0, 0] {
            half(&mut file, value);
        }
        let mut offset = 52 + 32 * segments.len() as u32;
        for (address, bytes) in segments {
            let size = bytes.len() as u32;
            for value in [1, offset, *address, *address, size, size, 5, 4] {
                word(&mut file, value);
            }
            offset += size;
        }
        for (_, bytes) in segments {
            file.extend_from_slice(bytes);
        }
        file
    }

    #[test]
    fn gaps_between_segments_read_as_erased_flash_and_the_last_word_is_whole() {
        let image = Image::parse(&elf(40, &[(0x0800_0008, b"cd"), (0x0800_0000, b"ab")])).unwrap();
        let mut bytes = b"ab\xff\xff\xff\xff\xff\xffcd".to_vec();
        bytes.resize(32, 0xff);
        assert_eq!(
            image,
            Image {
                address: 0x0800_0000,
                bytes
            }
        );
    }

    #[test]
    fn the_use_of_a_room_ends_with_its_last_byte_that_is_not_erased() {
        let image = Image {
            address: 0x0800_0000,
            bytes: b"ab\xffc\xff\xffde".to_vec(),
        };
        let used = |offset: u32, bytes| image.used(0x0800_0000 + offset, bytes);
        assert_eq!([used(0, 6), used(4, 100), used(4, 2), used(100, 5)], [4, 4, 0, 0]);
    }

    #[test]
    fn what_does_not_fit_or_is_for_another_chip_is_refused() {
        let refused = |data: &[u8]| format!("{:#}", Image::parse(data).unwrap_err());
        assert!(refused(&elf(62, &[(0x0800_0000, b"x")])).contains("machine 62; expected 40"));
        assert!(refused(&elf(40, &[(0x0817_ffff, b"xy")])).contains("does not fit into flash"));
        assert!(refused(&elf(40, &[(0x2000_0000, b"x")])).contains("does not fit into flash"));
        assert!(refused(&elf(40, &[])).contains("nothing to load"));
        assert!(refused(b"not an ELF").contains("no 32-bit ELF"));
        let whole = elf(40, &[(0x0800_0000, b"0123456789")]);
        assert!(refused(&whole[..whole.len() - 4]).contains("truncated"));
        assert!(refused(&elf(40, &[(0x0800_0000, b"abcd"), (0x0800_0002, b"x")])).contains("overlap"));
    }

    #[test]
    fn the_hex_file_says_the_same_as_the_image() {
        let bytes: Vec<u8> = (0..70_000u32).map(|n| (n * 7) as u8).collect();
        let image = Image {
            address: 0x0800_0000,
            bytes,
        };
        let (mut base, mut seen) = (0u32, Vec::new());
        for record in ihex::Reader::new(&image.ihex().unwrap()) {
            match record.unwrap() {
                ihex::Record::ExtendedLinearAddress(upper) => base = u32::from(upper) << 16,
                ihex::Record::Data { offset, value } => {
                    assert_eq!(base + u32::from(offset), image.address + seen.len() as u32);
                    seen.extend(value);
                }
                ihex::Record::EndOfFile => {}
                other => panic!("unexpected {other:?}"),
            }
        }
        assert_eq!(seen, image.bytes);
    }
}
