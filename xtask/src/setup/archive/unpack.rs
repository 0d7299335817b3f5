//! From an archive to a tree.

use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

/// Unpacks `.tar.xz` or `.tar.gz` into a new folder, and returns the one folder that the archive holds.
pub fn unpack(archive: &Path, into: &Path) -> Result<PathBuf> {
    let naming = || format!("unpacking {} into {}", archive.display(), into.display());
    let input = BufReader::new(File::open(archive).with_context(naming)?);
    let tar: Box<dyn Read> = match archive.extension().and_then(|ext| ext.to_str()) {
        Some("gz") => Box::new(flate2::read::GzDecoder::new(input)),
        // In memory: a copy on the disk would be one more thing to take away.
        _ => Box::new(std::io::Cursor::new(unxz(archive, input)?)),
    };
    fs::create_dir_all(into).with_context(naming)?;
    tar::Archive::new(tar).unpack(into).with_context(naming)?;
    // The folder's name carries the version.
    let mut inside = into
        .read_dir()?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir());
    match (inside.next(), inside.next()) {
        (Some(root), None) => Ok(root),
        _ => bail!("{} does not hold one folder", archive.display()),
    }
}

fn unxz(archive: &Path, mut input: BufReader<File>) -> Result<Vec<u8>> {
    let mut tar = Vec::new();
    if let Err(error) = lzma_rs::xz_decompress(&mut input, &mut tar) {
        bail!("{} does not unpack: {error}", archive.display());
    }
    Ok(tar)
}
