//! Files that hold something of the board from run to run.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::failure::Failure;

/// For a file whose content does not fit.
pub const ANOTHER_FILE: &str =
    "a new file is made if there is none: choose another name, or move this one away";

/// The content of the file that holds `what`; `None` if it is not there yet.
pub fn read(path: &Path, what: &str) -> Result<Option<Vec<u8>>, Failure> {
    match fs::read(path) {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::new(format!(
            "{what} {} cannot be read: {error}",
            path.display()
        ))),
    }
}

/// Writes the file that holds `what`. The old content stays until the new one is complete.
pub fn write(path: &Path, what: &str, content: &[u8]) -> Result<(), Failure> {
    let beside = path.with_extension("new");
    fs::write(&beside, content)
        .and_then(|()| fs::rename(&beside, path))
        .map_err(|error| Failure::new(format!("cannot write {what} to {}: {error}", path.display())))
}
