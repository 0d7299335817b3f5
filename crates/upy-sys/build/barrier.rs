//! A write barrier made by the compiler, so that the heap can mark in slices while C stores pointers directly.
//!
//! gcc's kernel-address instrumentation, of stores only and out of line, calls a function before each store
//! (`port/barrier.S`); no shadow memory is involved. gcc leaves out a second call for an address within straight code,
//! which does no harm: nothing runs in between.
//!
//! A file here, or a function in `port/barrier.h`, may do without if what it stores is no pointer, or goes
//! - to the C stack, which is scanned at the end;
//! - into the frame of a Python function, which the stack points to while it runs;
//! - into a small object that was just allocated, or that the stack points to since the last allocation.
//!
//! What makes up for these is in crates/upy/src/heap/slices.rs.

use crate::core::Source;
use std::path::Path;

const FLAGS: &[&str] = &[
    "-fsanitize=kernel-address",
    "--param=asan-instrumentation-with-call-threshold=0",
    "--param=asan-instrument-reads=0",
    "--param=asan-stack=0",
    "--param=asan-globals=0",
    "--param=asan-instrument-allocas=0",
    // What it fills would count as reported.
    "-fno-builtin-memset",
    "-include",
    "barrier.h",
];

/// vm.c has no barrier but for one kind of store.
const VM: &[&str] = &["-include", "barrier_vm.h"];

/// Frames: bc, objfun. New objects and results: obj, objfloat, objmodule, argcheck, malloc, mpz. No pointers: the rest.
const PLAIN: &[&str] = &[
    "bc",
    "objfun",
    "obj",
    "objfloat",
    "objmodule",
    "argcheck",
    "malloc",
    "mpz",
    "smallint",
    "parsenum",
    "parsenumbase",
    "unicode",
    "formatfloat",
    "nlr",
    "nlrthumb",
];

/// Of the port's own: stores addresses of what it has allocated before.
const OWN: &str = "verify_flow";

/// Adds the barrier to the files of the core.
pub fn add(files: &mut Vec<Source>, micropython: &Path, port: &Path) {
    let libm = micropython.join("lib/libm_dbl");
    for file in files.iter_mut() {
        let name = file.path.file_stem().unwrap_or_default().to_string_lossy();
        if name == "vm" {
            file.flags.extend(VM);
        } else if !PLAIN.contains(&&*name)
            && !file.path.starts_with(&libm)
            && (name == OWN || !file.path.starts_with(port))
        {
            file.flags.extend(FLAGS);
        }
    }
    files.push(Source::new(port.join("barrier.S"), &[]));
}
