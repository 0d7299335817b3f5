//! `--ext FILE`: the board's second flash, kept between runs, byte by byte.

use std::path::Path;

use vboard::Machine;

use super::kept;
use crate::failure::Failure;

const WHAT: &str = "the second flash";

/// Put what the file holds into the flash; a file that is not there yet is blank flash.
pub fn load(machine: &mut Machine, path: &Path) -> Result<(), Failure> {
    let Some(bytes) = machine.second_flash().map(<[u8]>::len) else {
        return Err(Failure::new("this board has no second flash".to_owned())
            .hint("`spiram boards NAME` tells what a board has"));
    };
    let Some(content) = kept::read(path, WHAT)? else {
        return Ok(());
    };
    if machine.put_second_flash(&content) {
        return Ok(());
    }
    let message = format!(
        "{}: {} bytes, but the second flash has {bytes}",
        path.display(),
        content.len()
    );
    Err(Failure::new(message).hint(kept::ANOTHER_FILE))
}

/// Write the flash to the file.
pub fn store(machine: &Machine, path: &Path) -> Result<(), Failure> {
    kept::write(path, WHAT, machine.second_flash().unwrap_or_default())
}
