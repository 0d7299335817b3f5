//! The header by which the boot loader knows a whole program (crates/h7a3/src/layout.rs): its pieces, their CRC-32, and its own.

use super::Image;
use anyhow::{Context, Result, bail};
use object::{Object, ObjectSection};

/// The section that the program leaves for it.
const SECTION: &str = ".header";
const BYTES: usize = 64;
/// The program's first byte, and where its header is.
pub const PROGRAM: u32 = 0x0800_C000;
const PLACE: u32 = PROGRAM + 0x2C0;
const MAGIC: &[u8] = b"spiram 1";
/// Behind magic and the board's name.
const PIECES: usize = 24;
const CRC: usize = 48;
const CRC_OF_HEADER: usize = BYTES - 4;
/// The rest of the first bank.
const REST: (u32, u32) = (PLACE + BYTES as u32, SECOND.0 - PLACE - BYTES as u32);
/// What of the second one is the program's.
pub const SECOND: (u32, u32) = (0x0810_0000, 512 * 1024);

/// Fills it in an ELF.
pub fn fill(elf: &mut [u8]) -> Result<()> {
    let image = Image::parse(elf)?;
    let section = object::File::parse(&*elf)?;
    let section = section
        .section_by_name(SECTION)
        .with_context(|| format!("it has no section {SECTION}"))?;
    let (start, bytes) = section.file_range().context("its header has no bytes")?;
    if section.address() != u64::from(PLACE) || bytes != BYTES as u64 {
        bail!(
            "its header is {bytes} bytes at {:#010x}, expected {BYTES} at {PLACE:#010x}",
            section.address()
        );
    }
    let header = elf
        .get_mut(start as usize..start as usize + BYTES)
        .context("it is truncated")?;
    write(header, &image)
}

fn write(header: &mut [u8], image: &Image) -> Result<()> {
    if !header.starts_with(MAGIC) {
        bail!(
            "its header begins with {:02x?}, expected {MAGIC:02x?}",
            &header[..MAGIC.len()]
        );
    }
    let vectors = Image {
        address: PROGRAM,
        bytes: image.part(PROGRAM, PLACE - PROGRAM),
    };
    let pieces = [vectors, image.used_part(REST), image.used_part(SECOND)];
    let mut sum = crc32fast::Hasher::new();
    let mut put = |at: usize, value: u32| header[at..at + 4].copy_from_slice(&value.to_le_bytes());
    for (piece, at) in pieces.into_iter().zip((PIECES..).step_by(8)) {
        put(at, piece.address);
        put(at + 4, piece.bytes.len() as u32);
        sum.update(&piece.bytes);
    }
    put(CRC, sum.finalize());
    let own = crc32fast::hash(&header[..CRC_OF_HEADER]);
    header[CRC_OF_HEADER..].copy_from_slice(&own.to_le_bytes());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_names_what_is_used_of_both_banks_and_leaves_itself_out() {
        let mut bytes = vec![0xFF; 0x0010_0000 + 100];
        bytes[0xC000..0xC400].fill(1);
        bytes[0x0010_0000..].fill(2);
        let image = Image {
            address: 0x0800_0000,
            bytes,
        };
        let mut header = [0xEE; BYTES];
        header[..8].copy_from_slice(MAGIC);
        write(&mut header, &image).unwrap();
        let word = |at: usize| u32::from_le_bytes(header[at..at + 4].try_into().unwrap());
        let pieces: Vec<(u32, u32)> = (24..48).step_by(8).map(|at| (word(at), word(at + 4))).collect();
        assert_eq!(
            pieces,
            [(0x0800_C000, 0x2C0), (0x0800_C300, 0x100), (0x0810_0000, 112)]
        );
        let content = [vec![1; 0x2C0], vec![1; 0x100], vec![2; 100], vec![0xFF; 12]].concat();
        assert_eq!(word(48), crc32fast::hash(&content));
        assert_eq!(word(60), crc32fast::hash(&header[..60]));
        header[0] = b'x';
        assert!(write(&mut header, &image).is_err());
    }
}
