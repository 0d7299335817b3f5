//! Runs the tests of the modules that need no interpreter, on the host; they stand beside their code.
#![allow(dead_code, missing_docs)]

#[path = "../src/exp.rs"]
mod exp;
#[path = "../src/libc.rs"]
mod libc;

#[path = "../src/blocks.rs"]
mod blocks;
