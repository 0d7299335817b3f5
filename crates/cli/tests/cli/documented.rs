//! docs/names.md: what MicroPython's documentation names, and whether the port has it. A name that is missing has a reason in
//! `tests/documented-names.toml`, and no name that is there has one. `SPIRAM_OVERWRITE=1` writes the page.

use crate::common::{root, run_script};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;

/// Modules of the documentation, but those of networks and of one other board. Of `machine` each class has a file, too.
const MODULES: &str = "array asyncio binascii btree builtins cmath collections cryptolib deflate errno framebuf gc \
    gzip hashlib heapq io json machine marshal math micropython neopixel os platform random re select struct \
    sys _thread time uctypes vfs zlib";
/// Classes of one other board.
const FOREIGN: [&str; 3] = ["machine.ADCWiPy.rst", "machine.TimerWiPy.rst", "machine.SD.rst"];

/// A name as the documentation writes it, without its arguments.
fn name(text: &str) -> Option<&str> {
    let end = text.find(['(', '[', ' ']).unwrap_or(text.len());
    let is_word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let rest = text[end..].trim_start();
    let plain = rest.is_empty() || rest.starts_with(['(', '[']);
    (plain && text[..end].split('.').all(is_word)).then_some(&text[..end])
}

/// The full names that a page declares, in this module where it does not say another one.
fn declared(module: &str, page: &str) -> Vec<String> {
    const KINDS: [&str; 4] = ["class", "method", "function", "data"];
    let (mut module, mut names, mut lines) = (module, Vec::new(), page.lines().peekable());
    while let Some(line) = lines.next() {
        let Some((kind, rest)) = line.strip_prefix(".. ").and_then(|line| line.split_once("::")) else {
            continue;
        };
        if kind.ends_with("module") {
            module = rest.trim();
        }
        if !KINDS.contains(&kind) {
            continue;
        }
        let mut said = vec![rest.trim()];
        while let Some(more) = lines.next_if(|line| line.starts_with("    ")) {
            said.push(more.trim());
        }
        for name in said.into_iter().filter_map(name) {
            let full = match name
                .strip_prefix(module)
                .is_some_and(|rest| rest.starts_with('.'))
            {
                true => name.to_owned(),
                false => format!("{module}.{name}"),
            };
            if !names.contains(&full) {
                names.push(full);
            }
        }
    }
    names
}

fn documented() -> Vec<String> {
    let folder = root().join(".deps/micropython/docs/library");
    let mut pages: Vec<String> = fs::read_dir(&folder)
        .expect("MicroPython's documentation")
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|page| {
            let module = page.split('.').next().unwrap_or("");
            MODULES.split_whitespace().any(|known| known == module) && !FOREIGN.contains(&page.as_str())
        })
        .collect();
    pages.sort_unstable();
    let mut names: Vec<String> = pages
        .iter()
        .flat_map(|page| {
            let text = fs::read_to_string(folder.join(page)).unwrap();
            declared(page.split('.').next().unwrap_or(""), &text)
        })
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Those that the board has not.
fn missing(names: &[String]) -> Vec<String> {
    let script = format!(
        "def has(name):\n\
         \x20   at = None\n\
         \x20   for part in name.split('.'):\n\
         \x20       try: at = __import__(part) if at is None else getattr(at, part)\n\
         \x20       except (ImportError, AttributeError): return False\n\
         \x20   return True\n\
         for name in '{}'.split():\n\
         \x20   if not has(name): print(name)\n",
        names.join(" ")
    );
    let (seen, _) = run_script("devebox", &["--psram", "none"], &script);
    assert_eq!(seen.code, Some(0), "{seen:?}");
    seen.out.lines().map(str::to_owned).collect()
}

/// The reason for a name, or for what it is in.
fn reason<'a>(reasons: &'a toml::Table, name: &str) -> Option<(&'a str, &'a str)> {
    let mut found = reasons.iter().filter(|(of, _)| {
        name.strip_prefix(of.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    });
    found.next().map(|(of, why)| (of.as_str(), why.as_str().unwrap()))
}

#[test]
fn each_documented_name_is_there_or_has_a_reason() {
    let text = fs::read_to_string(root().join("tests/documented-names.toml")).unwrap();
    let reasons: toml::Table = text.parse().unwrap();
    let names = documented();
    assert!(names.len() > 250, "{}", names.len());
    let missing = missing(&names);
    let without: Vec<&String> = missing
        .iter()
        .filter(|name| reason(&reasons, name).is_none())
        .collect();
    assert!(without.is_empty(), "without a reason: {without:?}");
    let idle: Vec<&String> = reasons
        .keys()
        .filter(|of| {
            !missing
                .iter()
                .any(|name| reason(&reasons, name).is_some_and(|(by, _)| by == *of))
        })
        .collect();
    assert!(idle.is_empty(), "a reason, and nothing is missing: {idle:?}");

    let page = page(&names, &missing, &reasons);
    let path = root().join("docs/names.md");
    if std::env::var_os("SPIRAM_OVERWRITE").is_some() {
        fs::write(&path, &page).unwrap();
    }
    assert!(
        fs::read_to_string(&path).unwrap_or_default() == page,
        "docs/names.md is old: SPIRAM_OVERWRITE=1 cargo test --release -p spiram --test cli documented"
    );
}

/// Names that are here, and by their reason those that are not.
type Row<'a> = (Vec<String>, BTreeMap<&'a str, Vec<String>>);

fn page(names: &[String], missing: &[String], reasons: &toml::Table) -> String {
    let mut text = format!(
        "# Names of MicroPython's documentation, and which are here\n\n\
         Made by a test of the tool (`crates/cli/tests/cli/documented.rs`): the names that MicroPython 1.25's pages on these modules \
         declare,\nasked for on the virtual board. {} names, {} are here. What they do is in [machine.md](machine.md).\n\n\
         | in | here | missing |\n|---|---|---|\n",
        names.len(),
        names.len() - missing.len()
    );
    let mut owners: BTreeMap<&str, Row> = BTreeMap::new();
    for name in names {
        let (owner, last) = name.rsplit_once('.').expect("a module");
        let (here, gone) = owners.entry(owner).or_default();
        match reason(reasons, name).filter(|_| missing.contains(name)) {
            None => here.push(format!("`{last}`")),
            Some((_, why)) => gone.entry(why).or_default().push(format!("`{last}`")),
        }
    }
    for (owner, (here, gone)) in owners {
        let gone: Vec<String> = gone
            .iter()
            .map(|(why, names)| format!("{}: {why}", names.join(" ")))
            .collect();
        writeln!(text, "| `{owner}` | {} | {} |", here.join(" "), gone.join("; ")).unwrap();
    }
    text
}

#[test]
fn names_are_read_as_the_pages_write_them() {
    let page = ".. module:: m\n.. class:: A(x, *,\n           y=1)\n.. data:: A.ONE\n          A.TWO\n\n    Text.here\n.. function:: f([n])\n";
    assert_eq!(declared("m", page), ["m.A", "m.A.ONE", "m.A.TWO", "m.f"]);
}
