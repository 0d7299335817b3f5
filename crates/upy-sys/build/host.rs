//! The core for this machine, under gcc's sanitizers: `host/` puts a program around it that the fuzzer calls.
//!
//! The same files, edits, doors and configuration as the chip's, for a processor of 32 bits. `host/mpconfigport.h` says
//! what differs, `host/heap.c` what stands in for the heap.

use crate::{
    Result, core::Core, doors, edits, env_var, files, frozen, littlefs, objects, source, toolchain, version,
};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// Ours, beside the core.
const OWN: &[&str] = &["heap", "machine", "runtime", "serve"];

/// Builds the program `out/core`.
pub fn build(out: &Path) -> Result<()> {
    let root = PathBuf::from(env_var("CARGO_MANIFEST_DIR")?);
    let (host, port) = (root.join("host"), root.join("port"));
    let micropython = source::find(&port)?;
    for folder in ["port", "edits", "frozen", "host"] {
        println!("cargo:rerun-if-changed={folder}");
    }
    let mut core = Core::new(
        toolchain::Toolchain::sanitized()?,
        &micropython,
        &out.join("objects"),
    )?;
    core.include(&host);
    core.include(&port);
    core.include(&core.out.join("edited"));
    core.files = files::chip(&micropython, &port, false)?;
    littlefs::add(&mut core, &port)?;
    core.include(&micropython);
    core.define("MICROPY_HW_BOARD_NAME", "\"this machine\"");
    core.define("MICROPY_BOARD_BUILD_NAME", "\"host\"");
    core.define("FFCONF_H", "\"lib/oofatfs/ffconf.h\"");
    core.define("UPY_HEAP_STOCK", "0");
    // The compiler's own is what ends a jump under the sanitizers.
    core.files
        .push(crate::core::Source::new(micropython.join("py/nlrsetjmp.c"), &[]));
    doors::add(&mut core.files)?;
    // The C library has its own, and the sanitizers know it.
    core.files
        .retain(|file| !file.path.starts_with(micropython.join("lib/libm_dbl")));
    for file in &mut core.files {
        // `frame.h` is about what the collector sees, and wants the chip's jumps.
        if let Some(at) = file.flags.iter().position(|flag| *flag == "frame.h") {
            file.flags.drain(at - 1..=at);
        }
        file.flags
            .retain(|flag| !flag.starts_with("-O") && *flag != "-Werror");
    }
    edits::apply(&mut core, &root.join("edits"))?;
    for name in OWN {
        let file = host.join(format!("{name}.c"));
        core.files
            .push(crate::core::Source::new(file, &["-Wall", "-Werror"]));
    }
    version::write(&core.genhdr)?;
    core.generate_headers(&port.join("qstrdefsport.h"))?;
    let frozen = frozen::build(&micropython, &port, out, &core)?;
    core.files.push(frozen);
    let program = out.join("core");
    let objects = objects::compile(&core)?;
    toolchain::run(
        Command::new(&core.toolchain.cc)
            .args(["-m32", "-fsanitize=address,undefined", "-o"])
            .arg(&program)
            .args(&objects)
            .arg("-lm"),
        &program,
    )?;
    Ok(())
}
