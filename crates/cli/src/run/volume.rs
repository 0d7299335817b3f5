//! `--flash FILE`: the part of the flash where files are, kept between runs.
//!
//! Its cells, then the offsets of damaged words in it, 4 bytes each, little-endian.

use std::ops::Range;
use std::path::Path;

use vboard::{FLASH_SECTOR_BYTES as SECTOR_BYTES, FlashArray, Machine};

use super::kept;
use crate::failure::Failure;

const WHAT: &str = "the flash";
/// A word of the flash.
const WORD_BYTES: usize = 16;

/// Put what the file holds into the flash; a file that is not there yet is blank flash.
pub fn load(machine: &mut Machine, path: &Path) -> Result<(), Failure> {
    let Some(content) = kept::read(path, WHAT)? else {
        return Ok(());
    };
    let array = parse(&content, machine.files())
        .map_err(|why| Failure::new(format!("{}: {why}", path.display())).hint(kept::ANOTHER_FILE))?;
    machine.put_files(&array);
    Ok(())
}

fn parse(content: &[u8], place: Range<usize>) -> Result<FlashArray, String> {
    let bytes = place.len();
    let cells = content.split_at_checked(bytes);
    let most_damaged_bytes = bytes / WORD_BYTES * 4;
    let Some((cells, damaged)) = cells.filter(|(_, damaged)| damaged.len() <= most_damaged_bytes) else {
        return Err(format!(
            "{} bytes, but the files of this program have {bytes} ({} KB), and 4 more for each damaged word",
            content.len(),
            bytes / 1024
        ));
    };
    let mut array = FlashArray::default();
    array.load(place.start, cells);
    let (offsets, rest) = damaged.as_chunks::<4>();
    if !rest.is_empty() {
        return Err(format!(
            "{} bytes behind the cells, expected 4 for each damaged word",
            damaged.len()
        ));
    }
    for offset in offsets {
        let offset = u32::from_le_bytes(*offset) as usize;
        if offset >= bytes {
            return Err(format!(
                "a damaged word at offset {offset:#x}, which is behind the end"
            ));
        }
        array.damage(place.start + offset);
    }
    Ok(array)
}

/// Write the flash to the file.
pub fn store(machine: &Machine, path: &Path) -> Result<(), Failure> {
    let (array, place) = (machine.flash(), machine.files());
    let mut content: Vec<u8> = (place.start / SECTOR_BYTES..place.end / SECTOR_BYTES)
        .flat_map(|index| array.sector(index).iter().copied())
        .collect();
    let damaged = array.damaged().into_iter().filter(|at| place.contains(at));
    content.extend(damaged.flat_map(|at| ((at - place.start) as u32).to_le_bytes()));
    kept::write(path, WHAT, &content)
}
