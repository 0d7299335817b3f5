//! `--ext FILE`: the board's second flash, kept between runs, byte by byte.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use vboard::Machine;

use crate::failure::Failure;

/// Put what the file holds into the flash; a file that is not there yet is blank flash.
pub fn load(machine: &mut Machine, path: &Path) -> Result<(), Failure> {
    let Some(bytes) = machine.second_flash().map(<[u8]>::len) else {
        return Err(Failure::new("this board has no second flash".to_owned())
            .hint("`spiram boards NAME` tells what a board has"));
    };
    let content = match fs::read(path) {
        Ok(content) => content,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => {
            let message = format!("the second flash {} cannot be read: {error}", path.display());
            return Err(Failure::new(message));
        }
    };
    if machine.put_second_flash(&content) {
        return Ok(());
    }
    let message = format!(
        "{}: {} bytes, but the second flash has {bytes}",
        path.display(),
        content.len()
    );
    Err(Failure::new(message)
        .hint("a new file is made if there is none: choose another name, or move this one away"))
}

/// Write the flash to the file. The old content stays until the new one is complete.
pub fn store(machine: &Machine, path: &Path) -> Result<(), Failure> {
    let content = machine.second_flash().unwrap_or_default();
    let beside = path.with_extension("new");
    fs::write(&beside, content)
        .and_then(|()| fs::rename(&beside, path))
        .map_err(|error| {
            Failure::new(format!(
                "cannot write the second flash to {}: {error}",
                path.display()
            ))
        })
}
