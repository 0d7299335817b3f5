//! Files that are there whole, or as they were.

use anyhow::{Context, Result};
use std::fs;
use std::path::Path;

/// Copies under another name first, so that an interruption leaves the old file or the new one.
pub fn whole(from: &Path, to: &Path) -> Result<()> {
    let half = to.with_extension(format!("half-{}", std::process::id()));
    fs::copy(from, &half).with_context(|| format!("copying {} to {}", from.display(), half.display()))?;
    fs::rename(&half, to).with_context(|| format!("renaming to {}", to.display()))
}
