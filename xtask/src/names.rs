//! The names that Python code uses and only Rust code knows: modules, methods, constants, keyword arguments.
//!
//! The C core interns names in flash when it is built. It finds its own by its preprocessor; those of the Rust side are
//! found here, in the sources, so that nobody types one twice. The list goes into a file that changes only with the
//! list: an edit in Rust that brings no new name does not touch the C core.

use crate::project::Project;
use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Writes the list if it has changed, and says where it is. Its lines are in the form of the core's own macros.
pub fn write(project: &Project) -> Result<PathBuf> {
    let mut found = Found::default();
    for folder in ["firmware/src", "crates/pyvision/src", "crates/upy/src"] {
        scan(&project.root.join(folder), &mut found)?;
    }
    let file = project.target().join("firmware").join("names.txt");
    let text = found.text();
    if fs::read_to_string(&file).ok().as_deref() != Some(&text) {
        fs::create_dir_all(project.target().join("firmware"))?;
        fs::write(&file, text).with_context(|| format!("writing {}", file.display()))?;
    }
    Ok(file)
}

fn scan(folder: &Path, found: &mut Found) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            scan(&path, found)?;
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
            found.read(&tokens(&text));
        }
    }
    Ok(())
}

#[derive(Default)]
struct Found {
    names: BTreeSet<String>,
    /// The macro of the core that registers it, its name, its symbol.
    modules: BTreeSet<[String; 3]>,
}

impl Found {
    fn text(&self) -> String {
        let module =
            |[register, name, symbol]: &[String; 3]| format!("{register}(MP_QSTR_{name}, {symbol});\n");
        let name = |name: &String| format!("MP_QSTR_{name}\n");
        self.modules
            .iter()
            .map(module)
            .chain(self.names.iter().map(name))
            .collect()
    }

    fn read(&mut self, tokens: &[&str]) {
        for (at, window) in tokens.windows(3).enumerate() {
            match window {
                ["qstr", "::", name] if is_name(name) => self.add(name),
                [name @ ("class" | "record" | "rom_dict" | "args"), "!", "{" | "("] => {
                    self.read_macro(name, block(&tokens[at + 2..]));
                }
                // Also by a macro of its own, for modules that have entries in common.
                [name, "!", "{" | "("] if name.ends_with("module") => {
                    self.read_macro("module", block(&tokens[at + 2..]));
                }
                _ => (),
            }
        }
    }

    /// `body` is what stands between the macro's brackets.
    fn read_macro(&mut self, name: &str, body: &[&str]) {
        match (name, body) {
            ("module", ["extensible", symbol, "=", name, rest @ ..]) => {
                self.read_module("MP_REGISTER_EXTENSIBLE_MODULE", name, symbol, rest);
            }
            ("module", [symbol, "=", name, rest @ ..]) => {
                self.read_module("MP_REGISTER_MODULE", name, symbol, rest);
            }
            // In such a macro: what they have in common.
            ("module", ["$", _, "=", "$", _, rest @ ..]) => self.read_keys(block(rest)),
            ("class" | "record", [name, "as", rest @ ..]) => {
                self.add(name);
                self.read_keys(rest);
            }
            _ => self.read_keys(body),
        }
    }

    fn read_module(&mut self, register: &str, name: &str, symbol: &str, rest: &[&str]) {
        self.add(name);
        self.modules.insert([register, name, symbol].map(str::to_owned));
        self.read_keys(block(rest));
    }

    /// Names before a colon, outside inner brackets.
    fn read_keys(&mut self, body: &[&str]) {
        let mut depth = 0;
        for (at, token) in body.iter().enumerate() {
            match *token {
                "{" | "(" | "[" => depth += 1,
                "}" | ")" | "]" => depth -= 1,
                name if depth == 0
                    && is_name(name)
                    && body.get(at + 1) == Some(&":")
                    && (at == 0 || body[at - 1] != "$") =>
                {
                    self.add(name);
                }
                _ => (),
            }
        }
    }

    fn add(&mut self, name: &str) {
        self.names.insert(name.trim_start_matches("r#").to_owned());
    }
}

/// What stands between the bracket that `tokens` begins with and its partner.
fn block<'a, 't>(tokens: &'a [&'t str]) -> &'a [&'t str] {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate() {
        match *token {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth -= 1,
            _ => (),
        }
        if depth == 0 {
            return tokens.get(1..at).unwrap_or_default();
        }
    }
    &[]
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
}

/// Words, `::` and single marks; without comments, and with string literals as one token.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if let Some(comment) = rest.strip_prefix("//") {
            2 + comment.find('\n').unwrap_or(comment.len())
        } else if first == '"' {
            string(rest)
        } else if rest.starts_with("::") {
            2
        } else {
            let word = |c: char| c.is_alphanumeric() || c == '_' || c == '#';
            rest.find(|c| !word(c))
                .unwrap_or(rest.len())
                .max(first.len_utf8())
        };
        let (token, after) = rest.split_at(length);
        if !token.starts_with("//") && !token.trim().is_empty() {
            tokens.push(token);
        }
        rest = after;
    }
    tokens
}

/// The length of the string literal that `text` begins with.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => (),
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let mut found = Found::default();
        found.read(&tokens(text));
        found.text().lines().map(str::to_owned).collect()
    }

    #[test]
    fn modules_may_share_entries_by_a_macro() {
        let shared = r#"macro_rules! camera_module {
            ($symbol:ident = $python:ident { $($name:ident: $value:expr),* $(,)? }) => {
                upy::module! { $symbol = $python { $($name: $value,)* QVGA: Value::int(9), } }
            };
        }"#;
        assert_eq!(found(shared), ["MP_QSTR_QVGA"]);
        let used = "camera_module! { csi_module = csi { CSI: Value::class::<CSI>() } }";
        let want = [
            "MP_REGISTER_MODULE(MP_QSTR_csi, csi_module);",
            "MP_QSTR_CSI",
            "MP_QSTR_csi",
        ];
        assert_eq!(found(used), want);
    }

    #[test]
    fn a_module_is_registered_with_the_names_in_it() {
        let text =
            r#"module! { machine_module = machine { freq: fun!(0, freq), Pin: Value::class::<Pin>() } }"#;
        let want = [
            "MP_REGISTER_MODULE(MP_QSTR_machine, machine_module);",
            "MP_QSTR_Pin",
            "MP_QSTR_freq",
            "MP_QSTR_machine",
        ];
        assert_eq!(found(text), want);
    }

    #[test]
    fn a_class_has_its_own_name_and_its_methods_but_not_its_slots() {
        let text = r#"class! { Pin as "a Pin: one" { print: print } on: fun!(1, |p: &Pin| Ok(())), IN: Value::int(0) }"#;
        assert_eq!(found(text), ["MP_QSTR_IN", "MP_QSTR_Pin", "MP_QSTR_on"]);
    }

    #[test]
    fn arguments_have_names_but_the_first_in_brackets_have_none() {
        let text =
            "args!(a => [pin: &Pin], mode: Option<i32> = None, *, value: Option<bool> = qstr::x == 1);";
        assert_eq!(found(text), ["MP_QSTR_mode", "MP_QSTR_value", "MP_QSTR_x"]);
    }

    #[test]
    fn a_record_has_its_own_name_and_its_fields() {
        let text =
            r#"record! { Circle as "a circle" { length: 2, calls_order: &[] } x: at(0), rect: by(rect) }"#;
        assert_eq!(found(text), ["MP_QSTR_Circle", "MP_QSTR_rect", "MP_QSTR_x"]);
    }

    #[test]
    fn comments_strings_and_macro_variables_hold_no_names() {
        let text =
            "// qstr::no\nlet s = \"qstr::no\"; rom_dict! { $name: $value, yes: 1 } $crate::qstr::$name";
        assert_eq!(found(text), ["MP_QSTR_yes"]);
    }
}
