//! Edits of the core's files, on the host: what they change, and what they refuse.
#![allow(dead_code, missing_docs)]

#[path = "../build/core.rs"]
mod core;
#[path = "../build/edits.rs"]
mod edits;
#[path = "../build/names.rs"]
mod names;
#[path = "../build/objects.rs"]
mod objects;
#[path = "../build/qstr.rs"]
mod qstr;
#[path = "../build/tables.rs"]
mod tables;
#[path = "../build/toolchain.rs"]
mod toolchain;

type Result<T> = std::result::Result<T, String>;

use edits::Edits;
use sha2::{Digest, Sha256};
use std::{
    fs,
    path::{Path, PathBuf},
};

const TEXT: &str = "int a(void) {\n    return 1;\n}\nint b(void) {\n    return 1;\n}\n";

fn edited(text: &str, edit: &str) -> Result<String> {
    let sum: String = Sha256::digest(text).iter().map(|b| format!("{b:02x}")).collect();
    let told = "why = \"w\"\nupstream = \"none\"\nneedless_from = \"none\"\ntest = \"t\"\n";
    Edits::parse(&format!("sha256 = \"{sum}\"\n[[edit]]\n{told}{edit}")).and_then(|edits| edits.apply(text))
}

#[test]
fn a_place_is_replaced_or_gets_a_neighbour() {
    let b = "behind = \"int b\"\nat = \"return 1;\"\n";
    let with = |put: &str| edited(TEXT, &format!("{b}{put}")).unwrap();
    assert_eq!(
        with("instead = \"return 2;\""),
        TEXT.replace(
            "1;\n}\nint b(void) {\n    return 1",
            "1;\n}\nint b(void) {\n    return 2"
        )
    );
    assert!(with("before = \"check(); \"").ends_with("int b(void) {\n    check(); return 1;\n}\n"));
    assert!(with("after = \" // one\"").ends_with("return 1; // one\n}\n"));
}

#[test]
fn a_place_may_go_on_to_an_end() {
    let whole = edited(TEXT, "at = \"int a(\"\nto = \"\\n}\\n\"\ninstead = \"\"").unwrap();
    assert_eq!(whole, "int b(void) {\n    return 1;\n}\n");
    let error = edited(TEXT, "at = \"int b(\"\nto = \"int a\"\ninstead = \"\"").unwrap_err();
    assert!(error.contains("no such end"), "{error}");
}

#[test]
fn a_place_that_is_not_there_or_there_twice_is_refused() {
    let error = edited(TEXT, "at = \"return 3\"\ninstead = \"\"").unwrap_err();
    assert!(error.contains("edit 1: no such place"), "{error}");
    let error = edited(TEXT, "at = \"return 1\"\ninstead = \"\"").unwrap_err();
    assert!(error.contains("more than one such place"), "{error}");
    let error = edited(TEXT, "behind = \"int c\"\nat = \"return 1\"\ninstead = \"\"").unwrap_err();
    assert!(error.contains("no such text to look behind"), "{error}");
}

#[test]
fn an_edit_says_what_to_do_and_why() {
    let error = edited(TEXT, "at = \"int a\"\n").unwrap_err();
    assert!(
        error.contains("one of `instead`, `before` and `after`"),
        "{error}"
    );
    let error = edited(TEXT, "at = \"int a\"\ninstead = \"x\"\nafter = \"y\"\n").unwrap_err();
    assert!(error.contains("one of"), "{error}");
    let silent = "sha256 = \"\"\n[[edit]]\nwhy = \" \"\nupstream = \"x\"\nneedless_from = \"x\"\ntest = \"t\"\nat = \"a\"\n";
    assert!(Edits::parse(silent).err().unwrap().contains("must say something"));
}

#[test]
fn another_text_than_the_pinned_one_is_refused() {
    let told = "why = \"w\"\nupstream = \"none\"\nneedless_from = \"none\"\ntest = \"t\"\nat = \"int a\"\nbefore = \"x\"\n";
    let edits = Edits::parse(&format!("sha256 = \"{:064x}\"\n[[edit]]\n{told}", 1)).unwrap();
    let error = edits.apply(TEXT).unwrap_err();
    assert!(
        error.contains("sha256") && error.contains("pin the new sum"),
        "{error}"
    );
}

/// The edits that stand in the tree name tests that stand there too.
#[test]
fn each_edit_has_its_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut open = vec![root.join("edits")];
    let mut seen = 0;
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        Edits::parse(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        for line in text.lines().filter_map(|line| line.strip_prefix("test = \"")) {
            let test: PathBuf = root.join("../..").join(line.trim_end_matches('"'));
            assert!(
                test.is_file(),
                "{}: there is no {}",
                path.display(),
                test.display()
            );
            seen += 1;
        }
    }
    assert!(seen > 0);
}
