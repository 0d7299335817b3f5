//! The examples do what the README shows, and none of them fits into the RAM inside the chip.

use crate::common::{Seen, root, run_file};
use std::fs;

/// What the README says that the example prints.
fn shown(script: &str) -> Vec<String> {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    readme
        .lines()
        .skip_while(|line| !line.starts_with(&format!("$ cargo xtask run examples/{script} ")))
        .skip(1)
        .take_while(|line| !line.starts_with(['$', '`']))
        .map(measured)
        .collect()
}

/// A figure that any change of the firmware may move does not count, only that there is one.
fn measured(line: &str) -> String {
    if line.ends_with(" ms") || line.ends_with(" still free") {
        let words = line.split(' ');
        words
            .map(|word| if word.parse::<u32>().is_ok() { "N" } else { word })
            .collect::<Vec<_>>()
            .join(" ")
    } else {
        line.to_owned()
    }
}

fn run_example(script: &str, chip: &str) -> Seen {
    run_file(&root().join("examples").join(script), chip)
}

#[track_caller]
fn check(script: &str) {
    let seen = run_example(script, "esp-psram64h");
    assert_eq!(seen.code, Some(0), "{seen:?}");
    let printed: Vec<String> = seen.out.lines().map(measured).collect();
    assert!(!printed.is_empty());
    assert_eq!(
        printed,
        shown(script),
        "README.md shows something else for {script}"
    );

    let without = run_example(script, "none");
    assert_eq!(without.code, Some(1), "{without:?}");
    assert!(without.err.contains("MemoryError"), "{without:?}");
}

#[test]
#[ignore = "long"]
fn sieve() {
    check("sieve.py");
}

#[test]
fn audio() {
    check("audio.py");
}

#[test]
fn ramdisk() {
    check("ramdisk.py");
}
