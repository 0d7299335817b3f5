//! Shape of all source files: no circles among them, no function longer than 60 lines outside tests.
//!
//! A circle is found by `use` and by paths that begin with `crate` or `super`; what a `mod.rs` only hands on (`pub use`) is
//! followed to where it is defined.

use crate::parts::Tally;
use crate::project::Project;
use anyhow::{Context as _, Result, ensure};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const LONGEST: usize = 60;

type Module = Vec<String>;
/// A path of a `use`, and the name that it gets there.
type Use = (String, Module);

struct File {
    text: String,
    /// Names that it hands on, with the paths where they come from.
    hands_on: BTreeMap<String, Module>,
}

impl File {
    fn of(text: String) -> File {
        let hands_on = uses(&text, true).into_iter().collect();
        File { text, hands_on }
    }
}

pub fn run(project: &Project, tally: &mut Tally) -> Result<()> {
    for folder in sources(project)? {
        let name = folder.parent().and_then(Path::file_name).unwrap_or_default();
        let name = name.to_string_lossy();
        let files = read(&folder)?;
        tally.check(short_functions(&name, &files));
        tally.check(no_circles(&name, &files));
    }
    Ok(())
}

/// The `src` folder of every crate.
fn sources(project: &Project) -> Result<Vec<PathBuf>> {
    let mut sources = vec![project.root.join("firmware/src"), project.root.join("xtask/src")];
    for folder in ["crates", "tools"] {
        let folder = project.root.join(folder);
        for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let source = entry?.path().join("src");
            if source.is_dir() {
                sources.push(source);
            }
        }
    }
    sources.sort();
    Ok(sources)
}

/// All files of a crate by module path, without comments and tests.
fn read(folder: &Path) -> Result<BTreeMap<Module, File>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![(folder.to_owned(), Module::new())];
    while let Some((folder, module)) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            let stem = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let mut own = module.clone();
            if path.is_dir() {
                own.push(stem);
                folders.push((path, own));
                continue;
            }
            if path.extension().is_none_or(|ending| ending != "rs") || stem == "tests" {
                continue;
            }
            if !["mod", "lib", "main"].contains(&stem.as_str()) {
                own.push(stem);
            }
            let text = code(&fs::read_to_string(&path)?);
            files.insert(own, File::of(text));
        }
    }
    Ok(files)
}

/// The text up to its tests, without line comments.
fn code(text: &str) -> String {
    let end = text
        .find("#[cfg(test)]\nmod ")
        .or_else(|| text.find("#[cfg(test)]\npub(crate) mod "));
    let lines = text[..end.unwrap_or(text.len())].lines();
    let lines = lines.map(|line| line.split_once("//").map_or(line, |(code, _)| code));
    lines.collect::<Vec<_>>().join("\n")
}

/// The paths of all `use` statements; `public`: of those that hand on, else of the others.
fn uses(text: &str, public: bool) -> Vec<Use> {
    let mut paths = Vec::new();
    for statement in text.split(';') {
        let Some(at) = statement.rfind("use ").filter(|at| {
            let before = statement[..*at].rsplit('\n').next().unwrap_or_default().trim();
            before.is_empty() || before.starts_with("pub")
        }) else {
            continue;
        };
        let is_public = statement[..at]
            .rsplit('\n')
            .next()
            .is_some_and(|line| line.contains("pub"));
        if is_public == public {
            expand(&statement[at + 4..], &Module::new(), &mut paths);
        }
    }
    paths
}

/// `a::{b, c::{d, self}}` as single paths.
fn expand(tree: &str, before: &Module, paths: &mut Vec<Use>) {
    let tree = tree.trim();
    let (head, branches) = match tree.split_once('{') {
        Some((head, rest)) => (head, rest.rsplit_once('}').map(|(inside, _)| inside)),
        None => (tree, None),
    };
    let (head, alias) = head.split_once(" as ").unwrap_or((head, ""));
    let mut path = before.clone();
    let words = head.split("::").map(str::trim).filter(|word| !word.is_empty());
    path.extend(
        words
            .filter(|word| *word != "self" || before.is_empty())
            .map(str::to_owned),
    );
    let Some(branches) = branches else {
        let last = path.last().cloned().unwrap_or_default();
        let name = if alias.is_empty() {
            last
        } else {
            alias.trim().to_owned()
        };
        paths.push((name, path));
        return;
    };
    let (mut depth, mut start) = (0, 0);
    for (at, letter) in branches.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                expand(&branches[start..at], &path, paths);
                start = at + 1;
            }
            _ => {}
        }
    }
    if !branches[start..].trim().is_empty() {
        expand(&branches[start..], &path, paths);
    }
}

/// The file that a path leads to, seen from `from`.
fn target(path: &Module, from: &Module, files: &BTreeMap<Module, File>, depth: usize) -> Option<Module> {
    let mut at = from.clone();
    let mut rest = path.as_slice();
    match rest.first()?.as_str() {
        "crate" => (at, rest) = (Module::new(), &rest[1..]),
        "self" => rest = &rest[1..],
        "super" => {
            while rest.first().is_some_and(|word| word == "super") {
                at.pop();
                rest = &rest[1..];
            }
        }
        first => {
            let mut child = at.clone();
            child.push(first.to_owned());
            files.get(&child)?;
        }
    }
    while let Some(word) = rest.first() {
        let mut deeper = at.clone();
        deeper.push(word.clone());
        if !files.contains_key(&deeper) {
            break;
        }
        (at, rest) = (deeper, &rest[1..]);
    }
    let handed_on = rest.first().and_then(|word| files.get(&at)?.hands_on.get(word));
    match handed_on {
        // Of another crate, it leads to no file.
        Some(path) if depth < 8 => target(path, &at, files, depth + 1),
        _ => Some(at),
    }
}

/// Every file that a file uses.
fn arrows(module: &Module, file: &File, files: &BTreeMap<Module, File>) -> BTreeSet<Module> {
    let mut paths: Vec<Module> = uses(&file.text, false)
        .into_iter()
        .map(|(_, path)| path)
        .collect();
    for start in ["crate::", "super::"] {
        for (at, _) in file.text.match_indices(start) {
            // The second word of `super::super::` begins no path; `$crate` is where a macro is used.
            if file.text[..at].ends_with([':', '$']) {
                continue;
            }
            let end = file.text[at..].find(|c: char| !c.is_alphanumeric() && c != ':' && c != '_');
            let path = &file.text[at..at + end.unwrap_or(file.text.len() - at)];
            // A list of a `use`, which was read above.
            if path.ends_with("::") {
                continue;
            }
            paths.push(
                path.split("::")
                    .filter(|word| !word.is_empty())
                    .map(str::to_owned)
                    .collect(),
            );
        }
    }
    // What is handed on is no use of one's own.
    let handed_on: Vec<&Module> = file.hands_on.values().collect();
    let own = paths
        .iter()
        .filter(|path| !handed_on.iter().any(|other| other.starts_with(path)));
    own.filter_map(|path| target(path, module, files, 0))
        .filter(|to| to != module)
        .collect()
}

fn no_circles(name: &str, files: &BTreeMap<Module, File>) -> Result<()> {
    let mut circles = Vec::new();
    let arrows: BTreeMap<&Module, BTreeSet<Module>> = files
        .iter()
        .map(|(module, file)| (module, arrows(module, file, files)))
        .collect();
    for start in files.keys() {
        let mut seen = BTreeSet::new();
        let mut open: Vec<&Module> = arrows[start].iter().collect();
        while let Some(module) = open.pop() {
            if module == start {
                let back: Vec<String> = arrows[start].iter().map(|to| to.join("::")).collect();
                circles.push(format!("`{}` uses {}", start.join("::"), back.join(", ")));
                break;
            }
            if seen.insert(module) {
                open.extend(arrows.get(module).into_iter().flatten());
            }
        }
    }
    ensure!(
        circles.is_empty(),
        "{name}: a circle of files (each of these uses another that leads back to it): {}",
        circles.join("; ")
    );
    Ok(())
}

fn short_functions(name: &str, files: &BTreeMap<Module, File>) -> Result<()> {
    let mut long = Vec::new();
    for (module, file) in files {
        let lines: Vec<&str> = file.text.lines().collect();
        for (first, line) in lines.iter().enumerate() {
            let indent = line.len() - line.trim_start().len();
            let is_function = line.trim_start().starts_with("fn ") || line.contains(" fn ");
            if !is_function || line.trim_end().ends_with(';') || line.trim_end().ends_with('}') {
                continue;
            }
            let end = format!("{}}}", " ".repeat(indent));
            let Some(length) = lines[first..].iter().position(|line| line.trim_end() == end) else {
                continue;
            };
            if length + 1 > LONGEST {
                let after = line.split("fn ").nth(1).unwrap_or_default();
                let function = after.split(['(', '<']).next().unwrap_or_default();
                long.push(format!(
                    "`{function}` in {} has {}",
                    module.join("::"),
                    length + 1
                ));
            }
        }
    }
    ensure!(
        long.is_empty(),
        "{name}: functions of more than {LONGEST} lines, split them: {}",
        long.join("; ")
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(texts: &[(&str, &str)]) -> BTreeMap<Module, File> {
        let file = |text: &str| File::of(code(text));
        let module = |path: &str| {
            path.split("::")
                .filter(|w| !w.is_empty())
                .map(str::to_owned)
                .collect()
        };
        texts
            .iter()
            .map(|(path, text)| (module(path), file(text)))
            .collect()
    }

    #[test]
    fn circles_are_found_through_lists_paths_and_names_that_are_handed_on() {
        for b in [
            "use crate::a::A;",
            "use super::{a::{A, B}, c};",
            "fn f() { crate::a::g() }",
            "use crate::A;",
            "use crate::Other;",
        ] {
            let circle = files(&[
                ("", "pub use a::A;\npub use a::A as Other;\nmod a;"),
                ("a", "use super::b::B;"),
                ("b", b),
                ("c", ""),
            ]);
            let error = no_circles("x", &circle).unwrap_err().to_string();
            assert!(error.contains("circle"), "{b}: {error}");
        }
        for b in [
            "// use crate::a::A;",
            "use std::fmt;",
            "use crate::sys;",
            "macro_rules! m { () => { $crate::a::f() } }",
            "#[cfg(test)]\nmod tests { use crate::a::A; }",
        ] {
            let fine = files(&[
                ("", "pub use a::A;\npub use b::B;\npub use outside as sys;"),
                ("a", "use super::b::B;"),
                ("b", b),
            ]);
            no_circles("x", &fine).unwrap();
        }
    }

    #[test]
    fn a_long_function_is_found_and_a_long_test_is_not() {
        let long = format!("pub fn f() {{\n{}}}\n", "    g();\n".repeat(59));
        assert!(short_functions("x", &files(&[("a", &long)])).is_err());
        let short = format!("pub fn f() {{\n{}}}\n", "    g();\n".repeat(58));
        short_functions("x", &files(&[("a", &short)])).unwrap();
        let test = format!("#[cfg(test)]\nmod tests {{\n{long}}}\n");
        short_functions("x", &files(&[("a", &test)])).unwrap();
    }
}
