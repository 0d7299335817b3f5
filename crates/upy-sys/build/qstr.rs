//! `qstrdefs.generated.h`: every name that is interned in flash, with its number, hash and length.
//!
//! A name's number is its place in this list. The first part has a fixed order, because compiled .mpy files refer to
//! it by number; some names must have numbers below 256; the rest is sorted by value, so that a lookup can bisect.
//! Both fixed parts belong to MicroPython's version, so they are read from its own generator, not repeated here.

use crate::{
    Result,
    names::{Defined, Found},
    objects,
};
#[path = "../src/hash.rs"]
mod wide;

use regex::Regex;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    path::Path,
};

/// The same names in the form that MicroPython's freezing tool reads.
pub fn list(defined: &Defined, found: &Found) -> String {
    let mut out = String::new();
    for (key, value) in &defined.config {
        let _ = writeln!(out, "QCFG({key}, ({value}))");
    }
    for name in defined.names.iter().chain(&found.qstrs) {
        let _ = writeln!(out, "Q({name})");
    }
    out
}

/// Which hash a core has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameHash {
    /// MicroPython's own, as wide as its configuration says.
    Own,
    /// The one of `src/hash.rs`.
    Wide,
}

pub fn table(micropython: &Path, defined: &Defined, found: &Found, hash: NameHash) -> Result<String> {
    let fixed = Fixed::read(micropython)?;
    let config = |key: &str| -> Result<usize> {
        let value = defined
            .config
            .iter()
            .find(|(k, _)| k == key)
            .and_then(|(_, v)| v.parse().ok());
        value.ok_or_else(|| format!("py/qstrdefs.h gave no {key}: did the preprocessor read it?"))
    };
    let row = Row {
        bytes_in_len: config("BYTES_IN_LEN")?,
        bytes_in_hash: config("BYTES_IN_HASH")?,
        hash,
    };

    let mut seen: BTreeSet<String> = fixed.ordered.iter().map(|v| identifier(v)).collect();
    let mut rest = BTreeMap::new();
    for name in defined.names.iter().chain(&found.qstrs) {
        let value = unescape(name);
        if seen.insert(identifier(&value)) {
            rest.insert(value.clone(), identifier(&value));
        }
    }
    let mut out = String::from("QDEF0(MP_QSTRnull, 0, 0, \"\")\n");
    for value in &fixed.ordered {
        out.push_str(&row.text(0, &identifier(value), value)?);
    }
    // A BTreeMap of UTF-8 iterates by code point, as the generator sorts.
    for (value, ident) in &rest {
        let pool = if fixed.low_numbers.contains(value) { 0 } else { 1 };
        out.push_str(&row.text(pool, ident, value)?);
    }
    Ok(out)
}

/// The interned identifiers as Rust constants, from the finished C table: `pub const value: u16`.
///
/// A name that Rust code misses here was not found by `cargo xtask` in its sources (xtask/src/names.rs).
pub fn rust_constants(table: &str) -> String {
    let name = Regex::new(r"MP_QSTR_([A-Za-z_]\w*),").expect("a constant pattern");
    let mut out = String::new();
    for found in name.captures_iter(table) {
        let name = &found[1];
        // These four are no identifiers in Rust, not even raw ones.
        if !["_", "self", "super", "crate", "Self"].contains(&name) {
            let _ = writeln!(out, "pub const r#{name}: u16 = crate::MP_QSTR_{name} as u16;");
        }
    }
    out
}

/// The two fixed lists of py/makeqstrdata.py.
struct Fixed {
    ordered: Vec<String>,
    low_numbers: BTreeSet<String>,
}

impl Fixed {
    fn read(micropython: &Path) -> Result<Fixed> {
        let file = micropython.join("py/makeqstrdata.py");
        let text = objects::read(&file)?;
        let between = |start: &str, end: &str| -> Result<Vec<String>> {
            let body = text
                .split_once(start)
                .and_then(|(_, after)| after.split_once(end));
            let (body, _) = body.ok_or_else(|| format!("{}: no list {start:?}", file.display()))?;
            let literal = Regex::new(r#"(?m)^\s*"(.*)","#).expect("a constant pattern");
            Ok(literal.captures_iter(body).map(|m| unescape(&m[1])).collect())
        };
        Ok(Fixed {
            ordered: between("static_qstr_list = [", "\n]")?,
            low_numbers: between("unsorted_qstr_list = {", "\n}")?.into_iter().collect(),
        })
    }
}

struct Row {
    bytes_in_len: usize,
    bytes_in_hash: usize,
    hash: NameHash,
}

impl Row {
    fn text(&self, pool: u32, ident: &str, value: &str) -> Result<String> {
        if value.len() >= 1 << (8 * self.bytes_in_len) {
            return Err(format!("the name {value:?} is too long to be interned"));
        }
        let hash = match self.hash {
            NameHash::Own => own_hash(value.as_bytes(), self.bytes_in_hash),
            NameHash::Wide => wide::hash(value.as_bytes()),
        };
        let plain = value
            .bytes()
            .all(|b| (32..=126).contains(&b) && b != b'\\' && b != b'"');
        let literal = if plain {
            value.to_owned()
        } else {
            value.bytes().map(|b| format!("\\x{b:02x}")).collect()
        };
        Ok(format!(
            "QDEF{pool}(MP_QSTR_{ident}, {hash}, {}, \"{literal}\")\n",
            value.len()
        ))
    }
}

/// py/qstr.c's hash. Zero means "not computed", so it is never a hash; a width of 0 bytes means 16 bits.
fn own_hash(bytes: &[u8], width_bytes: usize) -> u32 {
    let full = bytes
        .iter()
        .fold(5381u32, |h, b| h.wrapping_mul(33) ^ u32::from(*b));
    let width = if width_bytes == 0 { 2 } else { width_bytes };
    let masked = if width >= 4 {
        full
    } else {
        full & ((1 << (8 * width)) - 1)
    };
    masked.max(1)
}

fn unescape(name: &str) -> String {
    name.replace("\\r", "\r").replace("\\n", "\n")
}

/// The C identifier of a name: letters, digits and `_` stand for themselves, others are spelled out.
fn identifier(value: &str) -> String {
    let mut out = String::new();
    for c in value.chars() {
        if c.is_ascii_alphanumeric() || c == '_' {
            out.push(c);
        } else {
            let _ = match spelling(c) {
                Some(word) => write!(out, "_{word}_"),
                None => write!(out, "_0x{:02x}_", c as u32),
            };
        }
    }
    out
}

/// The words that C sources use for punctuation, as in `MP_QSTR__lt_module_gt_`.
fn spelling(c: char) -> Option<&'static str> {
    Some(match c {
        '-' => "hyphen",
        ' ' => "space",
        '\'' => "squot",
        '"' => "quot",
        '&' => "amp",
        '<' => "lt",
        '>' => "gt",
        ',' => "comma",
        '.' => "dot",
        ':' => "colon",
        ';' => "semicolon",
        '/' => "slash",
        '%' => "percent",
        '#' => "hash",
        '(' => "paren_open",
        ')' => "paren_close",
        '[' => "bracket_open",
        ']' => "bracket_close",
        '{' => "brace_open",
        '}' => "brace_close",
        '*' => "star",
        '!' => "bang",
        '\\' => "backslash",
        '+' => "plus",
        '$' => "dollar",
        '=' => "equals",
        '?' => "question",
        '@' => "at_sign",
        '^' => "caret",
        '|' => "pipe",
        '~' => "tilde",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn punctuation_is_spelled_out_in_identifiers() {
        assert_eq!(identifier("<module>"), "_lt_module_gt_");
        assert_eq!(identifier("/lib"), "_slash_lib");
        assert_eq!(identifier("\n"), "_0x0a_");
        assert_eq!(identifier("__add__"), "__add__");
    }

    #[test]
    fn a_hash_has_the_width_asked_for_and_is_never_zero() {
        // 5381 * 33 ^ 'a' = 177604 = 0x2B5C4
        assert_eq!(own_hash(b"a", 4), 0x2_B5C4);
        assert_eq!(own_hash(b"a", 2), 0xB5C4);
        assert_eq!(own_hash(b"a", 0), 0xB5C4);
        assert_eq!(own_hash(b"a", 1), 0xC4);
        assert_eq!(own_hash(b"", 2), 5381);
    }
}
