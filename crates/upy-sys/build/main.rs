//! Builds MicroPython's C core for the chip: from its pinned sources to one static library and its bindings.
//!
//! The order is that of a MicroPython port's makefile, without make:
//! 1. [`source`] finds the pinned sources, [`littlefs`] adds a newer one of these, [`version`] writes what the banner says.
//!    [`doors`] lets functions of ours stand in front of the core's, [`edits`] changes copies of files where nothing else
//!    helps.
//! 2. [`names`] runs the preprocessor over every C file and collects names, modules and root pointers,
//!    [`qstr`] and [`tables`] turn them into the generated headers.
//! 3. [`frozen`] compiles the Python files that live in flash, with mpy-cross built by the same steps for the host.
//! 4. [`objects`] compiles what changed, [`bindings`] describes the C side to Rust.
//!
//! Why not the `cc` crate: a build script that runs again (another board, a new name) must not compile 190 files
//! again. Objects are kept by a hash of everything that goes into them; see [`objects`].

mod barrier;
mod bindings;
mod core;
mod doors;
mod edits;
mod files;
mod frozen;
mod host;
mod littlefs;
mod names;
mod objects;
mod qstr;
mod source;
mod tables;
mod toolchain;
mod version;

use std::{env, path::PathBuf, process::exit};

/// What a build step says when it fails: what, where, and what to try next.
type Result<T> = std::result::Result<T, String>;

fn main() {
    if let Err(message) = build() {
        eprintln!("upy-sys: {message}");
        exit(1);
    }
}

fn build() -> Result<()> {
    let out = PathBuf::from(env_var("OUT_DIR")?);
    if !env_var("TARGET")?.starts_with("thumbv7em") {
        // On other machines there is no core, and the crate is empty. The fuzzer's core is a program of its own.
        println!("cargo:rerun-if-changed=build");
        println!("cargo:rerun-if-env-changed=UPY_HOST_OUT");
        return env::var_os("UPY_HOST_OUT").map_or(Ok(()), |out| host::build(&PathBuf::from(out)));
    }
    let port = PathBuf::from(env_var("CARGO_MANIFEST_DIR")?).join("port");
    let micropython = source::find(&port)?;
    let board = source::board(&port)?;

    println!("cargo:rerun-if-changed=build");
    println!("cargo:rerun-if-changed=port");
    println!("cargo:rerun-if-changed=edits");
    println!("cargo:rerun-if-changed=frozen");

    let stock_heap = env::var_os("CARGO_FEATURE_HEAP_STOCK").is_some();
    let mut chip = core::Core::new(toolchain::Toolchain::chip()?, &micropython, &out.join("chip"))?;
    // Before the core's own: port/py/misc.h stands in front of one of its headers.
    chip.include(&port);
    // Edited copies stand in front of their originals.
    chip.include(&chip.out.join("edited"));
    chip.files = files::chip(&micropython, &port, stock_heap)?;
    littlefs::add(&mut chip, &port)?;
    chip.include(&micropython);
    chip.define("MICROPY_HW_BOARD_NAME", &format!("\"{}\"", board.name));
    chip.define("MICROPY_BOARD_BUILD_NAME", &format!("\"{}\"", board.build));
    chip.define("FFCONF_H", "\"lib/oofatfs/ffconf.h\"");
    chip.define("UPY_HEAP_STOCK", if stock_heap { "1" } else { "0" });
    doors::add(&mut chip.files)?;
    edits::apply(&mut chip, &port.with_file_name("edits"))?;
    if env::var_os("CARGO_FEATURE_BARRIER").is_some() {
        barrier::add(&mut chip.files, &micropython, &port);
    }
    if !stock_heap {
        chip.hash = qstr::NameHash::Wide;
    }
    // `cargo xtask` collects what stands in Rust sources (xtask/src/names.rs).
    println!("cargo:rerun-if-env-changed=UPY_NAMES");
    let names = PathBuf::from(env_var("UPY_NAMES").map_err(|_| {
        "UPY_NAMES, the list of names in Rust sources, is not set: build the firmware by `cargo xtask build`"
    })?);
    println!("cargo:rerun-if-changed={}", names.display());
    chip.names_file = Some(names);
    version::write(&chip.genhdr)?;
    let names = chip.generate_headers(&port.join("qstrdefsport.h"))?;
    objects::write_if_changed(&out.join("qstrs.rs"), &qstr::rust_constants(&names))?;

    let frozen = frozen::build(&micropython, &port, &out, &chip)?;
    chip.files.push(frozen);
    let library = out.join("libmicropython.a");
    objects::build_library(&chip, &library)?;
    println!("cargo:rustc-link-search=native={}", out.display());
    println!("cargo:rustc-link-lib=static=micropython");

    bindings::write(&chip, &port, &out)
}

fn env_var(name: &str) -> Result<String> {
    env::var(name).map_err(|_| format!("{name} is not set: this build script is run by cargo"))
}
