//! `--flash FILE`: the second bank of the flash, kept between runs.
//!
//! 1 MB of cells, then the offsets of damaged words, 4 bytes each, little-endian.

use std::path::Path;

use vboard::{FLASH_BANK_BYTES as BYTES, FlashArray, Machine};

use super::kept;
use crate::failure::Failure;

const WHAT: &str = "the flash";

/// Put what the file holds into the flash; a file that is not there yet is blank flash.
pub fn load(machine: &mut Machine, path: &Path) -> Result<(), Failure> {
    let Some(content) = kept::read(path, WHAT)? else {
        return Ok(());
    };
    let array = parse(&content)
        .map_err(|why| Failure::new(format!("{}: {why}", path.display())).hint(kept::ANOTHER_FILE))?;
    machine.put_files(&array);
    Ok(())
}

fn parse(content: &[u8]) -> Result<FlashArray, String> {
    let Some((cells, damaged)) = content.split_at_checked(BYTES) else {
        return Err(format!(
            "{} bytes, but a flash has {BYTES} (1 MB), and 4 more for each damaged word",
            content.len()
        ));
    };
    let mut array = FlashArray::default();
    array.load(BYTES, cells);
    let (offsets, rest) = damaged.as_chunks::<4>();
    if !rest.is_empty() {
        return Err(format!(
            "{} bytes behind the cells, expected 4 for each damaged word",
            damaged.len()
        ));
    }
    for offset in offsets {
        let offset = u32::from_le_bytes(*offset) as usize;
        if offset >= BYTES {
            return Err(format!(
                "a damaged word at offset {offset:#x}, which is behind the end"
            ));
        }
        array.damage(BYTES + offset);
    }
    Ok(array)
}

/// Write the flash to the file.
pub fn store(machine: &Machine, path: &Path) -> Result<(), Failure> {
    let array = machine.flash();
    let sector = array.sector(0).len();
    let mut content: Vec<u8> = (BYTES / sector..2 * BYTES / sector)
        .flat_map(|index| array.sector(index).iter().copied())
        .collect();
    let damaged = array.damaged().into_iter().filter_map(|at| at.checked_sub(BYTES));
    content.extend(damaged.flat_map(|at| (at as u32).to_le_bytes()));
    kept::write(path, WHAT, &content)
}
