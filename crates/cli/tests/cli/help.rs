//! `cargo xtask run` knows the options before there is a tool to ask: from a copy of its help.

use crate::common;
use std::fs;

#[test]
fn xtask_has_the_help_of_spiram_run_as_it_is() {
    let said = common::run(&["run", "--help"]);
    let copy = common::root().join("xtask/src/verb/run-help.txt");
    assert_eq!(
        said.out,
        fs::read_to_string(&copy).unwrap(),
        "for a new copy: target/release/spiram run --help > {}",
        copy.display()
    );
}
