//! The border to Python: every public function of `crates/upy` says whether it allocates, may collect, may raise.
//!
//! What is not for callers is left out: `#[doc(hidden)]`, and modules that lib.rs keeps to itself. A `const fn` can do none
//! of it. The duties of a port are all plain, which the trait says.

use crate::project::Project;
use anyhow::{Context as _, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};

/// One of these is in the function's documentation; lib.rs says what they mean.
const WORDS: &[&str] = &["llocates", "ay collect", "ay raise", "uns Python", "Plain"];
/// Files without anything that a caller sees.
const INSIDE: &[&str] = &[
    "blocks",
    "code",
    "crypto",
    "emergency",
    "exp",
    "hash",
    "libc",
    "memory",
    "scope",
    "slots",
];
/// And those of the heap that have something.
const OF_THE_HEAP: &[&str] = &["failing", "pauses", "roots", "tier", "tiers"];

pub fn run(project: &Project) -> Result<()> {
    let mut silent = Vec::new();
    let mut count = 0;
    for file in files(&project.root.join("crates/upy/src"))? {
        let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        for (function, says) in functions(&text) {
            count += 1;
            if !says {
                let stem = file.file_stem().unwrap_or_default().to_string_lossy();
                silent.push(format!("{stem}::{function}"));
            }
        }
    }
    ensure!(
        count > 50,
        "only {count} functions of upy were found: the check looks at the wrong files"
    );
    ensure!(
        silent.is_empty(),
        "crates/upy: the documentation has to say whether these allocate, may collect, may raise, run Python, or are \
         plain: {}",
        silent.join(", ")
    );
    Ok(())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let of_heap = folder.join("heap");
    for folder in [folder, &of_heap] {
        for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            let stem = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let is_seen = if folder == of_heap {
                OF_THE_HEAP.contains(&stem.as_str())
            } else {
                !INSIDE.contains(&stem.as_str())
            };
            if is_seen && path.extension().is_some_and(|ending| ending == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// The public functions of a file, and whether their documentation has one of the words.
fn functions(text: &str) -> Vec<(String, bool)> {
    let (mut functions, mut documentation) = (Vec::new(), String::new());
    for line in text.lines().map(str::trim) {
        if line.starts_with("///") || line.starts_with("#[") {
            documentation += line;
            continue;
        }
        let name = ["pub fn ", "pub unsafe fn "]
            .iter()
            .find_map(|start| line.strip_prefix(start));
        if let (Some(name), false) = (name, documentation.contains("#[doc(hidden)]")) {
            let name = name.split(['(', '<']).next().unwrap_or_default();
            let says = WORDS.iter().any(|word| documentation.contains(word));
            functions.push((name.to_owned(), says));
        }
        documentation.clear();
    }
    functions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_that_says_nothing_is_found() {
        let text = "/// A text. Allocates.\npub fn text() {}\n\n/// Nothing.\n#[inline]\npub unsafe fn silent<T>() {}\n\
                    /// Hidden.\n#[doc(hidden)]\npub fn hidden() {}\nfn own() {}\npub const fn fixed() {}\n";
        let found = functions(text);
        assert_eq!(found, [("text".to_owned(), true), ("silent".to_owned(), false)]);
    }
}
