//! Small edits of ours in checked copies of the core's files, where a script could bring the board down and nothing
//! outside of the file reaches the place. docs/core-faults.md lists them.
//!
//! `edits/py/map.c.toml` tells what is changed in a copy of `py/map.c`. The copy goes to a folder that stands in front
//! of the core's own on the include path, so headers, and C files that others include, can be edited too. The checksum
//! of the file is pinned: an edit was thought out for one text, and the build fails on any other.

use crate::{Result, core::Core, objects};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// All edits of one file of the core.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edits {
    /// Of the file as it comes with the core.
    sha256: String,
    /// Of each edit that does not say it itself.
    #[serde(default)]
    upstream: String,
    #[serde(default)]
    needless_from: String,
    #[serde(default)]
    test: String,
    edit: Vec<Edit>,
}

/// One place, and what stands there instead.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Edit {
    /// What a script could do without it.
    why: String,
    /// Upstream's commit, pull request or issue, or "none".
    #[serde(default)]
    upstream: String,
    /// The version of MicroPython that makes it needless, or "none".
    #[serde(default)]
    needless_from: String,
    /// The script in tests/ that brought the board down before, or gave a wrong result.
    #[serde(default)]
    test: String,
    /// The place is looked for behind the first occurrence of this text.
    #[serde(default)]
    behind: String,
    /// The place: it occurs once, or is the first one behind `behind`.
    at: String,
    /// The place goes on to the end of the first occurrence of this text behind `at`.
    #[serde(default)]
    to: String,
    /// Stands there instead of the place, or in front of it, or after it: one of the three.
    instead: Option<String>,
    before: Option<String>,
    after: Option<String>,
}

impl Edits {
    pub fn parse(text: &str) -> Result<Edits> {
        let edits: Edits = toml::from_str(text).map_err(|e| e.to_string())?;
        for (n, edit) in edits.edit.iter().enumerate() {
            let told = [
                (&edit.why, ""),
                (&edit.upstream, edits.upstream.as_str()),
                (&edit.needless_from, edits.needless_from.as_str()),
                (&edit.test, edits.test.as_str()),
            ];
            if told
                .iter()
                .any(|(own, all)| own.trim().is_empty() && all.trim().is_empty())
            {
                return Err(format!(
                    "edit {}: `why`, `upstream`, `needless_from` and `test` must say something",
                    n + 1
                ));
            }
        }
        Ok(edits)
    }

    /// The text with all edits, each applied to what the ones before it left.
    pub fn apply(&self, original: &str) -> Result<String> {
        let found = hex(&Sha256::digest(original));
        if found != self.sha256 {
            return Err(format!(
                "the edits were written for the file with sha256 {}, found {found}. Read what changed, see whether each \
                 edit is still needed and right, then pin the new sum.",
                self.sha256
            ));
        }
        let mut text = original.to_owned();
        for (n, edit) in self.edit.iter().enumerate() {
            text = edit.apply(&text).map_err(|e| format!("edit {}: {e}", n + 1))?;
        }
        Ok(text)
    }
}

impl Edit {
    fn apply(&self, text: &str) -> Result<String> {
        let start = text
            .find(&self.behind)
            .ok_or_else(|| format!("no such text to look behind: {:?}", self.behind))?
            + self.behind.len();
        let at = text[start..]
            .find(&self.at)
            .ok_or_else(|| format!("no such place: {:?}", self.at))?
            + start;
        let end = text[at + self.at.len()..]
            .find(&self.to)
            .ok_or_else(|| format!("the place has no such end: {:?}", self.to))?
            + at
            + self.at.len()
            + self.to.len();
        if self.behind.is_empty() && text[at + 1..].contains(&self.at) {
            return Err(format!("more than one such place: {:?}", self.at));
        }
        let put = match (&self.instead, &self.before, &self.after) {
            (Some(instead), None, None) => instead.clone(),
            (None, Some(before), None) => format!("{before}{}", &text[at..end]),
            (None, None, Some(after)) => format!("{}{after}", &text[at..end]),
            _ => return Err("needs one of `instead`, `before` and `after`".to_owned()),
        };
        Ok(format!("{}{put}{}", &text[..at], &text[end..]))
    }
}

/// Writes the edited copies, and lets this core be built from them. Comes after its list of files is complete.
pub fn apply(core: &mut Core, edits: &Path) -> Result<()> {
    let copies = core.out.join("edited");
    let mut written = BTreeSet::new();
    for description in listed(edits)? {
        let inside = description
            .strip_prefix(edits)
            .unwrap_or(&description)
            .with_extension("");
        let original = core.micropython.join(&inside);
        let text = Edits::parse(&objects::read(&description)?)
            .and_then(|all| all.apply(&objects::read(&original)?))
            .map_err(|e| format!("{}: {e}", description.display()))?;
        let copy = copies.join(&inside);
        if let Some(folder) = copy.parent() {
            fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        }
        // The compiler names the original; the lines are those of the copy.
        let text = format!("#line 1 \"{}\"\n{text}", original.display());
        objects::write_if_changed(&copy, &text)?;
        for source in core.files.iter_mut().filter(|source| source.path == original) {
            source.path = copy.clone();
        }
        // What lies beside the original is included by its bare name.
        if let Some(folder) = original.parent() {
            core.include_quoted(folder);
        }
        written.insert(copy);
    }
    if copies.exists() {
        for old in listed(&copies)?
            .into_iter()
            .filter(|path| !written.contains(path))
        {
            fs::remove_file(&old).map_err(|e| format!("{}: {e}", old.display()))?;
        }
    }
    Ok(())
}

/// All files under a folder, in order.
fn listed(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut files = Vec::new();
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            files.extend(listed(&path)?);
        } else {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
