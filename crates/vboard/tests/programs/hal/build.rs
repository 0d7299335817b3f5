//! Puts the memory layout where the linker looks.

use std::{env, fs, path::Path};

fn main() {
    println!("cargo::rerun-if-changed=memory.x");
    let out = env::var("OUT_DIR").expect("cargo sets it");
    fs::copy("memory.x", Path::new(&out).join("memory.x")).expect("memory.x can be copied");
    println!("cargo::rustc-link-search={out}");
}
