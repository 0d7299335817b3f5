//! `bindings.rs`: the C core as Rust sees it.
//!
//! Two things would go wrong silently, so they are pinned here:
//! - arm-none-eabi-gcc makes enums as short as they can be, libclang for this target does not: `-fshort-enums`.
//!   bindgen's own layout tests agree with clang, not with gcc, so gcc is asked as well, by `_Static_assert`.
//! - libclang must read gcc's and newlib's headers, not the host's.

use crate::{Result, core::Core, objects};
use regex::Regex;
use std::{
    collections::BTreeSet,
    fmt::Write,
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    process::Command,
};

/// How bindgen writes down a size, wherever a formatter breaks the line.
const SIZE: &str = r#"\[\s*"Size of (_?[a-z]\w*)"\s*,?\s*\]\s*\[\s*::core::mem::size_of::<\s*\w+\s*>\(\)\s*-\s*(\d+)usize\s*,?\s*\]"#;

pub fn write(core: &Core, port: &Path, out: &Path) -> Result<()> {
    let header = port.join("bindings.h");
    let file = out.join("bindings.rs");
    let stamp = out.join("bindings.stamp");
    let key = key(core, &header)?;
    if file.exists() && fs::read_to_string(&stamp).ok().as_deref() == Some(&key) {
        return Ok(());
    }
    let text = generate(core, &header)?;
    check_sizes(core, &header, &text, out)?;
    objects::write_if_changed(&file, &text)?;
    objects::write_if_changed(&stamp, &key)
}

fn generate(core: &Core, header: &Path) -> Result<String> {
    let mut builder = bindgen::builder()
        .header(header.display().to_string())
        .use_core()
        .ctypes_prefix("core::ffi")
        .default_macro_constant_type(bindgen::MacroTypeVariation::Signed)
        .prepend_enum_name(false)
        .layout_tests(true)
        .generate_comments(false)
        .derive_copy(true)
        // Not rustfmt: it need not be installed, and its layout is its own.
        .formatter(bindgen::Formatter::Prettyplease)
        .derive_default(false)
        .allowlist_function("(mp|gc|m|nlr|pyexec|qstr|vstr|readline|timeutils|upy)_.*")
        .allowlist_type(
            "_?(mp|gc|nlr|pyexec|qstr|vstr|timeutils)_.*|qstr.*|vstr_t|(AES|SHA1|MD5)_.*|scope_t|id_info_t",
        )
        .allowlist_var("(mp|MP|MICROPY|UPY|pyexec|PYEXEC|machine|GC|CHAR|AES)_.*|mp_.*")
        // Enormous or meaningless to Rust.
        .blocklist_item("MP_OBJ_FUN_MAKE_SIG|MICROPY_PY_.*_INCLUDEFILE")
        .clang_arg("--target=thumbv7em-none-eabihf")
        .clang_arg("-fshort-enums")
        .clang_arg("-nostdinc");
    for dir in system_includes(core)? {
        builder = builder.clang_arg(format!("-isystem{dir}"));
    }
    for argument in core.arguments() {
        if argument.starts_with("-I") || argument.starts_with("-D") || argument.starts_with("-m") {
            builder = builder.clang_arg(argument);
        }
    }
    let bindings = builder.generate().map_err(|e| {
        format!(
            "bindgen failed on {}: {e}. If libclang is missing, install libclang-dev.",
            header.display()
        )
    })?;
    Ok(bindings.to_string())
}

/// Where gcc itself looks for headers, in its order.
fn system_includes(core: &Core) -> Result<Vec<String>> {
    let mut command = Command::new(&core.toolchain.cc);
    // gcc speaks the user's language, where it has it.
    command.env("LC_ALL", "C");
    command
        .args(core.arguments())
        .args(["-E", "-v", "-x", "c", "/dev/null"]);
    let output = command
        .output()
        .map_err(|e| format!("cannot run {}: {e}", core.toolchain.cc))?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let list = text
        .split_once("#include <...> search starts here:")
        .and_then(|(_, after)| after.split_once("End of search list."))
        .ok_or_else(|| format!("{} -v does not list its include folders", core.toolchain.cc))?;
    Ok(list
        .0
        .lines()
        .map(|l| l.trim().to_owned())
        .filter(|l| !l.is_empty())
        .collect())
}

/// Lets gcc confirm the size of every struct that bindgen described.
fn check_sizes(core: &Core, header: &Path, bindings: &str, out: &Path) -> Result<()> {
    let size = Regex::new(SIZE).expect("a constant pattern");
    let declarations = objects::preprocessed(core, header, &[])?;
    let mut checks = format!("#include \"{}\"\n", header.display());
    let mut seen = BTreeSet::new();
    for found in size.captures_iter(bindings) {
        let (name, bytes) = (&found[1], &found[2]);
        // Names that bindgen made up for anonymous types have no name in C.
        if name.contains("__bindgen") || !seen.insert(name.to_owned()) {
            continue;
        }
        let tag = ["struct", "union"]
            .into_iter()
            .find(|tag| declarations.contains(&format!("{tag} {name} ")));
        let c_type = tag.map_or(name.to_owned(), |tag| format!("{tag} {name}"));
        let _ = writeln!(
            checks,
            "_Static_assert(sizeof({c_type}) == {bytes}, \"size of {name} in Rust\");"
        );
    }
    if seen.len() < 20 {
        return Err(format!(
            "bindgen gave only {} struct sizes to check: has its format changed?",
            seen.len()
        ));
    }
    let file: PathBuf = out.join("sizes.c");
    objects::write_if_changed(&file, &checks)?;
    let mut arguments = core.arguments().to_vec();
    arguments.extend(["-fsyntax-only".to_owned(), file.display().to_string()]);
    core.toolchain.run(&arguments, &file).map(|_| ()).map_err(|e| {
        format!("gcc and bindgen disagree about a struct, so Rust would read the wrong bytes.\n{e}")
    })
}

fn key(core: &Core, header: &Path) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    core.toolchain.id.hash(&mut hasher);
    objects::preprocessed(core, header, &[])?.hash(&mut hasher);
    objects::read(&core.genhdr.join("qstrdefs.generated.h"))?.hash(&mut hasher);
    objects::read(&core.genhdr.join("root_pointers.h"))?.hash(&mut hasher);
    include_str!("bindings.rs").hash(&mut hasher);
    Ok(format!("{:016x}", hasher.finish()))
}
