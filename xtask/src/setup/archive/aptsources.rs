//! From the machine's own apt sources to a private list for one source package of another suite.
//!
//! Mirror, proxy and keyring are the user's business: what is found in the machine's lists is taken over, and only
//! type and suite are replaced. Both of apt's formats are read, one-line (`*.list`) and deb822 (`*.sources`).

use std::path::{Path, PathBuf};

/// A source of packages: field names and values as in deb822.
#[derive(Clone, Debug, PartialEq)]
pub struct Source(Vec<(String, String)>);

impl Source {
    /// A field's value, by its name in any case.
    fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(field, _)| field.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Where it is.
    pub fn uri(&self) -> Option<String> {
        self.get("URIs")?.split_whitespace().next().map(str::to_owned)
    }

    fn has_word(&self, name: &str, word: &str) -> bool {
        self.get(name)
            .is_some_and(|value| value.split_whitespace().any(|found| found == word))
    }

    /// True for the Debian archive itself, as opposed to its updates and to third parties.
    fn is_main_archive(&self, codename: &str) -> bool {
        let disabled = self
            .get("Enabled")
            .is_some_and(|value| value.trim().eq_ignore_ascii_case("no"));
        let suites = [codename, "oldstable", "stable", "testing", "unstable", "sid"];
        !disabled
            && (self.has_word("Types", "deb") || self.has_word("Types", "deb-src"))
            && self.has_word("Components", "main")
            && suites.iter().any(|suite| self.has_word("Suites", suite))
    }

    /// The same archive, source packages of another suite, as a deb822 paragraph.
    pub fn sources_of(&self, suite: &str) -> String {
        let mut text = format!("Types: deb-src\nSuites: {suite}\nComponents: main\n");
        let replaced = [
            "Types",
            "Suites",
            "Components",
            "Enabled",
            "Architectures",
            "Languages",
            "Targets",
        ];
        for (field, value) in &self.0 {
            if !replaced.iter().any(|name| name.eq_ignore_ascii_case(field)) {
                text += &format!("{field}: {value}\n");
            }
        }
        text
    }
}

/// Those of this machine.
pub fn this_machine() -> Vec<Source> {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let codename = release
        .lines()
        .find_map(|line| line.strip_prefix("VERSION_CODENAME="))
        .unwrap_or("stable");
    debian_archives(Path::new("/etc/apt"), codename.trim_matches('"'))
}

/// The machine's sources of the Debian archive, those signed by Debian's keyring first.
pub fn debian_archives(etc_apt: &Path, codename: &str) -> Vec<Source> {
    let mut files: Vec<PathBuf> = etc_apt
        .join("sources.list.d")
        .read_dir()
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    files.sort();
    files.insert(0, etc_apt.join("sources.list"));
    let mut found: Vec<Source> = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let sources = match file.extension().and_then(|ext| ext.to_str()) {
            Some("list") => one_line(&text),
            Some("sources") => deb822(&text),
            _ => continue,
        };
        for source in sources {
            if source.is_main_archive(codename) && !found.contains(&source) {
                found.push(source);
            }
        }
    }
    found.sort_by_key(|source| {
        !source
            .get("Signed-By")
            .is_none_or(|key| key.contains("debian-archive"))
    });
    found
}

/// Paragraphs of `Field: value`, values continued on indented lines, comments with `#`.
fn deb822(text: &str) -> Vec<Source> {
    let mut sources = vec![Vec::new()];
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let fields: &mut Vec<(String, String)> = sources.last_mut().expect("the list is never empty");
        if line.trim().is_empty() {
            sources.push(Vec::new());
        } else if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = fields.last_mut() {
                value.push('\n');
                value.push_str(line);
            }
        } else if let Some((field, value)) = line.split_once(':') {
            fields.push((field.trim().to_owned(), value.trim().to_owned()));
        }
    }
    sources
        .into_iter()
        .filter(|fields| !fields.is_empty())
        .map(Source)
        .collect()
}

/// Lines of `deb [option=value ...] uri suite component ...`.
fn one_line(text: &str) -> Vec<Source> {
    text.lines().filter_map(one_source).collect()
}

fn one_source(line: &str) -> Option<Source> {
    let line = line.split('#').next().unwrap_or_default().trim();
    let (kind, rest) = line.split_once(char::is_whitespace)?;
    let rest = rest.trim_start();
    let (options, rest) = match rest.strip_prefix('[') {
        Some(inside) => inside.split_once(']')?,
        None => ("", rest),
    };
    let mut words = rest.split_whitespace();
    let mut fields = vec![
        ("Types".to_owned(), kind.to_owned()),
        ("URIs".to_owned(), words.next()?.to_owned()),
        ("Suites".to_owned(), words.next()?.to_owned()),
        ("Components".to_owned(), words.collect::<Vec<_>>().join(" ")),
    ];
    for (name, value) in options
        .split_whitespace()
        .filter_map(|option| option.split_once('='))
    {
        // The two formats name these differently; the others are the same but for case.
        let field = match name {
            "arch" => "Architectures",
            "lang" => "Languages",
            "target" => "Targets",
            other => other,
        };
        fields.push((field.to_owned(), value.replace(',', " ")));
    }
    Some(Source(fields))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("sources.list.d")).unwrap();
        for (file, text) in files {
            std::fs::write(dir.path().join(file), text).unwrap();
        }
        dir
    }

    #[test]
    fn a_deb822_source_keeps_its_mirror_and_its_key() {
        let text = "# a comment\nTypes: deb\nURIs: http://mirror.example/debian\nSuites: bookworm bookworm-updates\n\
                    Components: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n\n\
                    Types: deb\nURIs: http://mirror.example/debian-security\nSuites: bookworm-security\nComponents: main\n";
        let dir = folder(&[("sources.list.d/debian.sources", text)]);
        let found = debian_archives(dir.path(), "bookworm");
        assert_eq!(
            found.len(),
            1,
            "security and updates are no place for another suite"
        );
        assert_eq!(
            found[0].sources_of("trixie"),
            "Types: deb-src\nSuites: trixie\nComponents: main\nURIs: http://mirror.example/debian\n\
             Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n"
        );
    }

    #[test]
    fn a_one_line_source_keeps_its_options() {
        let text = "deb [arch=amd64 signed-by=/k.gpg trusted=yes] http://mirror.example/debian bookworm main contrib # why\n\
                    # deb http://old.example/debian bookworm main\n\
                    deb http://third.example/apt cloud-sdk-bookworm main\n";
        let dir = folder(&[("sources.list", text)]);
        let found = debian_archives(dir.path(), "bookworm");
        assert_eq!(found.len(), 1);
        let list = found[0].sources_of("trixie");
        assert!(list.contains("URIs: http://mirror.example/debian\n"), "{list}");
        assert!(
            list.contains("signed-by: /k.gpg\n") && list.contains("trusted: yes\n"),
            "{list}"
        );
        assert!(
            !list.contains("amd64"),
            "source packages have no architecture: {list}"
        );
    }

    #[test]
    fn an_inline_key_block_survives() {
        let text = "Types: deb\nURIs: http://mirror.example/debian\nSuites: trixie\nComponents: main\nSigned-By:\n -----BEGIN-----\n .\n abc\n -----END-----\n";
        let dir = folder(&[("sources.list.d/a.sources", text)]);
        let list = debian_archives(dir.path(), "trixie")[0].sources_of("trixie");
        assert!(
            list.ends_with("Signed-By: \n -----BEGIN-----\n .\n abc\n -----END-----\n"),
            "{list}"
        );
    }

    #[test]
    fn disabled_sources_and_other_systems_are_left_alone() {
        let text = "Types: deb\nURIs: http://mirror.example/debian\nSuites: bookworm\nComponents: main\nEnabled: no\n\n\
                    Types: deb\nURIs: http://archive.example/ubuntu\nSuites: noble\nComponents: main\n";
        let dir = folder(&[("sources.list.d/a.sources", text)]);
        assert_eq!(debian_archives(dir.path(), "bookworm"), []);
        assert_eq!(debian_archives(&dir.path().join("missing"), "bookworm"), []);
    }
}
