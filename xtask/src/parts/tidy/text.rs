//! What the files say: headers, unfinished work, hosts that have no place here, links that lead nowhere.

use crate::parts::Tally;
use crate::{project::Project, say, setup::core};
use anyhow::{Result, bail};
use std::fs;
use std::path::{Path, PathBuf};

/// Folders that git ignores or that hold no text of ours.
const NOT_OURS: &[&str] = &["target", "dist", ".deps", ".git"];
/// From here on a file holds more than one idea; it is named, not refused.
const LONG_LINES: usize = 600;
/// Written in two halves, so that this table does not find itself.
const UNFINISHED: &[(&str, &str)] = &[
    ("TO", "DO"),
    ("FIX", "ME"),
    ("todo", "!("),
    ("unimplemented", "!("),
    ("#[ig", "nore"),
    ("@", "@"),
];
/// A test may be left out of every run for this reason alone: `cargo xtask test long` runs it.
const LEFT_OUT: (&str, &str) = ("#[ig", "nore = \"long\"]");
/// Where packages come from is the business of the machine's own settings.
const HOSTS: &[(&str, &str)] = &[
    ("deb.", "debian.org"),
    ("security.", "debian.org"),
    ("static.", "rust-lang.org"),
    ("index.", "crates.io"),
    ("files.", "pythonhosted.org"),
];

struct Text {
    /// Relative to the checkout.
    path: PathBuf,
    content: String,
}

pub fn run(project: &Project, tally: &mut Tally) -> Result<()> {
    let mut texts = Vec::new();
    collect(&project.root, Path::new(""), &mut texts)?;
    texts.sort_by(|a, b| a.path.cmp(&b.path));
    tally.check(headers(&texts));
    tally.check(without("unfinished work", UNFINISHED, &texts));
    tally.check(without("hosts of package sources", HOSTS, &texts));
    tally.check(links(&project.root, &texts));
    tally.check(paths(&project.root, &texts));
    tally.check(oldest_rust(&texts));
    for text in texts
        .iter()
        .filter(|text| is(text, "rs") && text.content.lines().count() > LONG_LINES)
    {
        say::line(format!(
            "   long: {} has {} lines",
            text.path.display(),
            text.content.lines().count()
        ));
    }
    Ok(())
}

/// README asks for the Rust that Cargo.toml does.
fn oldest_rust(texts: &[Text]) -> Result<()> {
    let asked = format!("(1.{} or newer", core::oldest_minor());
    let readme = texts.iter().find(|text| text.path == Path::new("README.md"));
    if !readme.is_some_and(|text| text.content.contains(&asked)) {
        bail!("README.md does not say `{asked}`, as `rust-version` in Cargo.toml does");
    }
    Ok(())
}

fn collect(root: &Path, dir: &Path, texts: &mut Vec<Text>) -> Result<()> {
    for entry in fs::read_dir(root.join(dir))? {
        let entry = entry?;
        let path = dir.join(entry.file_name());
        if NOT_OURS.iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            collect(root, &path, texts)?;
        } else if let Ok(content) = fs::read_to_string(root.join(&path)) {
            texts.push(Text { path, content });
        }
    }
    Ok(())
}

fn is(text: &Text, extension: &str) -> bool {
    text.path.extension().is_some_and(|found| found == extension)
}

/// Every file begins with a comment, `//!` or, where it is included as an expression, `//`; attributes may stand before it.
fn headers(texts: &[Text]) -> Result<()> {
    let begins_well = |content: &str| {
        let first = content
            .lines()
            .find(|line| !line.trim().is_empty() && !line.starts_with("#!["));
        first.is_none_or(|line| line.starts_with("//"))
    };
    let without: Vec<String> = texts
        .iter()
        .filter(|text| is(text, "rs") && !begins_well(&text.content))
        .map(|text| text.path.display().to_string())
        .collect();
    if !without.is_empty() {
        bail!(
            "Rust files that do not begin by saying what they are for: {}",
            without.join(", ")
        );
    }
    Ok(())
}

fn without(what: &str, words: &[(&str, &str)], texts: &[Text]) -> Result<()> {
    let mut found = Vec::new();
    for text in texts.iter().filter(|text| text.path != Path::new("Cargo.lock")) {
        for (number, line) in text.content.lines().enumerate() {
            if line.trim() == format!("{}{}", LEFT_OUT.0, LEFT_OUT.1) {
                continue;
            }
            for (left, right) in words {
                if line.contains(&format!("{left}{right}")) {
                    found.push(format!("{}:{} {left}{right}", text.path.display(), number + 1));
                }
            }
        }
    }
    if !found.is_empty() {
        bail!("{what}: {}", found.join(", "));
    }
    Ok(())
}

fn links(root: &Path, texts: &[Text]) -> Result<()> {
    let mut broken = Vec::new();
    for text in texts.iter().filter(|text| is(text, "md")) {
        let folder = text.path.parent().unwrap_or(Path::new(""));
        for target in targets(&text.content) {
            let file = target.split('#').next().unwrap_or_default();
            let outside = target.contains("://") || target.starts_with("mailto:");
            if !outside && !file.is_empty() && !root.join(folder).join(file).exists() {
                broken.push(format!("{}: {target}", text.path.display()));
            }
        }
    }
    if !broken.is_empty() {
        bail!("links that lead nowhere: {}", broken.join(", "));
    }
    Ok(())
}

/// The lines of a page that are in no code block.
fn prose(markdown: &str) -> impl Iterator<Item = &str> {
    let mut in_code = false;
    markdown.lines().filter(move |line| {
        let is_fence = line.trim_start().starts_with("```");
        in_code ^= is_fence;
        !in_code && !is_fence
    })
}

/// The targets of `[text](target)`, outside of code blocks and code spans.
fn targets(markdown: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in prose(markdown) {
        // Every second piece is inside of backticks.
        let plain: String = line.split('`').step_by(2).collect();
        for piece in plain.split("](").skip(1) {
            if let Some((target, _)) = piece.split_once(')') {
                found.push(target.trim().to_owned());
            }
        }
    }
    found
}

/// Endings of files whose names are checked wherever a page says them.
const SOURCES: &[&str] = &["rs", "toml", "S", "x"];

/// Files and folders of the tree that a page names in backticks, by a whole path or by its end. CHANGELOG tells of what was.
fn paths(root: &Path, texts: &[Text]) -> Result<()> {
    let mut lost = Vec::new();
    let pages = texts
        .iter()
        .filter(|text| is(text, "md") && text.path != Path::new("CHANGELOG.md"));
    for page in pages {
        for named in named_paths(&page.content) {
            let is_there =
                root.join(&named).exists() || texts.iter().any(|text| text.path.ends_with(Path::new(&named)));
            if !is_there {
                lost.push(format!("{}: {named}", page.path.display()));
            }
        }
    }
    if !lost.is_empty() {
        bail!(
            "files that pages name and that are not there: {}",
            lost.join(", ")
        );
    }
    Ok(())
}

/// What stands alone in backticks and reads like a path of a source or of a folder of ours; capitals are a place for a name.
fn named_paths(markdown: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in prose(markdown) {
        for span in line.split('`').skip(1).step_by(2) {
            let is_path = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
            let has_place = span
                .split(['/', '.', '-'])
                .any(|word| word.len() > 1 && word.chars().all(|c| c.is_ascii_uppercase()));
            let is_source = Path::new(span)
                .extension()
                .is_some_and(|ending| SOURCES.iter().any(|known| ending == *known));
            let is_ours = ["crates/", "firmware/", "boot/", "xtask/", "tools/"]
                .iter()
                .any(|room| span.starts_with(room));
            if span.chars().all(is_path) && !has_place && (is_source || is_ours) {
                found.push(span.to_owned());
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(path: &str, content: &str) -> Text {
        Text {
            path: path.into(),
            content: content.into(),
        }
    }

    #[test]
    fn link_targets_are_found_outside_of_code() {
        let markdown = "see [a](x/a.md#part) and [b](b.md)\n```\n[c](c.md)\n```\nand `[d](d.md)` too";
        assert_eq!(targets(markdown), ["x/a.md#part", "b.md"]);
    }

    #[test]
    fn a_link_that_leads_nowhere_is_named_with_its_file() {
        let root = Project::find().unwrap().root;
        assert!(
            links(
                &root,
                &[text(
                    "docs/x.md",
                    "[up](../Cargo.toml) [web](https://example.com) [here](#here)"
                )]
            )
            .is_ok()
        );
        let error = links(&root, &[text("docs/x.md", "[lost](lost.md)")])
            .unwrap_err()
            .to_string();
        assert!(error.contains("docs/x.md: lost.md"), "{error}");
    }

    #[test]
    fn a_file_that_a_page_names_has_to_be_there() {
        let texts = |page: &str| {
            [
                text("docs/x.md", page),
                text("crates/a/src/part.rs", "//! Parts."),
            ]
        };
        let root = Project::find().unwrap().root;
        for fine in [
            "`part.rs`, `src/part.rs`, `crates/a/src/part.rs`, `xtask/src`",
            "`board/NAME.toml`, `part.rs::f`, `main.py`",
            "```\n`lost.rs`\n```",
        ] {
            paths(&root, &texts(fine)).unwrap();
        }
        for lost in ["`lost.rs`", "`other/part.rs`", "`crates/nowhere`"] {
            assert!(paths(&root, &texts(lost)).is_err(), "{lost}");
        }
    }

    #[test]
    fn forbidden_words_are_named_with_their_line() {
        let error = without("words", &[("ba", "d")], &[text("a.rs", "good\nbad\n")])
            .unwrap_err()
            .to_string();
        assert!(error.contains("a.rs:2 bad"), "{error}");
        assert!(without("words", &[("ba", "d")], &[text("a.rs", "good\n")]).is_ok());
    }

    #[test]
    fn readme_asks_for_the_rust_that_cargo_toml_does() {
        let asked = format!("Rust (1.{} or newer) and", core::oldest_minor());
        assert!(oldest_rust(&[text("README.md", &asked)]).is_ok());
        assert!(oldest_rust(&[text("README.md", "Rust (1.2 or newer)")]).is_err());
    }

    #[test]
    fn a_rust_file_without_a_header_is_named() {
        assert!(headers(&[text("a.rs", "//! Why.\n"), text("b.py", "x")]).is_ok());
        assert!(
            headers(&[text("a.rs", "fn main() {}\n")])
                .unwrap_err()
                .to_string()
                .contains("a.rs")
        );
    }
}
