//! Which of MicroPython's C files belong to the chip's core and to mpy-cross, and how each is optimised.

use crate::{Result, core::Source};
use std::{
    fs,
    path::{Path, PathBuf},
};

const EXTMOD: &[&str] = &[
    "machine_i2c",
    "machine_mem",
    "machine_pinbase",
    "machine_signal",
    "machine_spi",
    "modasyncio",
    "modbinascii",
    "modcryptolib",
    "moddeflate",
    "modframebuf",
    "modhashlib",
    "modheapq",
    "modjson",
    "modmarshal",
    "modonewire",
    "modos",
    "modplatform",
    "modrandom",
    "modre",
    "modselect",
    "modtime",
    "moductypes",
    "modvfs",
    "os_dupterm",
    "vfs",
    "vfs_blockdev",
    "vfs_fat",
    "vfs_fat_diskio",
    "vfs_fat_file",
    "vfs_lfs",
    "vfs_reader",
    "vfs_rom",
    "vfs_rom_file",
    "virtpin",
];

const SHARED: &[&str] = &[
    "libc/printf",
    "readline/readline",
    "runtime/interrupt_char",
    "runtime/pyexec",
    "runtime/stdout_helpers",
    "runtime/sys_stdio_mphal",
    "timeutils/timeutils",
];

/// In py/, but for other processors or not for themselves: emitnative.c is included by the emitters.
const NOT_ALONE: &[&str] = &["emitnative"];

/// Kept quick: the interpreter's loop, and what it calls most.
const HOT: &[&str] = &["vm", "gc"];

/// Called from there for nearly every bytecode. -O2 saves 5 % of pystone's instructions, and a quarter in long-integer
/// arithmetic, for 14 KB of flash.
const WARM: &[&str] = &[
    "argcheck",
    "bc",
    "malloc",
    "map",
    "mpz",
    "obj",
    "objboundmeth",
    "objclosure",
    "objdict",
    "objfloat",
    "objfun",
    "objgenerator",
    "objint",
    "objint_mpz",
    "objlist",
    "objrange",
    "objstr",
    "objtuple",
    "objtype",
    "qstr",
    "runtime",
    "sequence",
    "smallint",
    "vstr",
    "nativeglue",
    "objarray",
    "objstrunicode",
    "unicode",
    "parsenum",
    "modbuiltins",
    "objslice",
];

/// What the heap must not conclude from types, see port/py/misc.h, and what it can conclude besides, see
/// port/py/objtuple.h.
const LEAVES: &[(&str, &str)] = &[
    ("objarray", "-DUPY_LEAF_BY_TYPECODE"),
    ("objtuple", "-DUPY_LEAF_BY_ITEMS"),
    ("parse", "-DUPY_NO_LEAVES"),
    ("persistentcode", "-DUPY_NO_LEAVES"),
];

/// Headers of `port/py` that stand before everything else in a file of the core.
const BEFORE: &[(&str, &[&str])] = &[("modmicropython", &["-include", "py/emergency.h"])];

/// Tells a header of `port/py` which file includes it.
const TOLD: &[(&str, &str)] = &[
    ("map", "-DUPY_LEAVES_OLD"),
    ("objarray", "-DUPY_LEAVES_OLD"),
    ("objlist", "-DUPY_LEAVES_OLD"),
    ("qstr", "-DUPY_QSTR_C"),
    ("scope", "-DUPY_SCOPE_C"),
];

/// Its first version; the second is not the core's, see [`crate::littlefs`].
const LITTLEFS: &[&str] = &[
    "-DLFS1_NO_MALLOC",
    "-DLFS1_NO_DEBUG",
    "-DLFS1_NO_WARN",
    "-DLFS1_NO_ERROR",
    "-DLFS1_NO_ASSERT",
    // The file system is third-party code, which is not held to our warnings.
    "-w",
];

/// The core for the chip, with every line of the port's C.
pub fn chip(micropython: &Path, port: &Path, stock_heap: bool) -> Result<Vec<Source>> {
    let mut files = Vec::new();
    for name in c_files(&micropython.join("py"))? {
        let foreign = ["asm", "emitn", "emitinline", "nlr"]
            .iter()
            .any(|p| name.starts_with(p))
            && ![
                "asmbase",
                "asmthumb",
                "emitnthumb",
                "emitndebug",
                "emitinlinethumb",
                "nlr",
                "nlrthumb",
            ]
            .contains(&name.as_str());
        let replaced = name == "gc" && !stock_heap;
        if !foreign && !replaced && !NOT_ALONE.contains(&name.as_str()) {
            let leaves = LEAVES
                .iter()
                .filter(|(file, _)| *file == name)
                .map(|(_, flag)| *flag);
            let before = BEFORE
                .iter()
                .filter(|(file, _)| *file == name)
                .flat_map(|(_, flags)| flags.iter().copied());
            let told = TOLD
                .iter()
                .filter(|(file, _)| *file == name)
                .map(|(_, flag)| *flag);
            let flags: Vec<_> = speed(&name)
                .iter()
                .copied()
                .chain(leaves)
                .chain(before)
                .chain(told)
                .collect();
            files.push(Source::new(micropython.join(format!("py/{name}.c")), &flags));
        }
    }
    for name in EXTMOD {
        files.push(Source::new(
            micropython.join(format!("extmod/{name}.c")),
            &["-Os"],
        ));
    }
    for name in SHARED {
        files.push(Source::new(
            micropython.join(format!("shared/{name}.c")),
            &["-Os"],
        ));
    }
    files.push(Source::new(micropython.join("drivers/bus/softspi.c"), &["-Os"]));
    // Double precision, with the FPU's square root instead of the library's.
    for name in c_files(&micropython.join("lib/libm_dbl"))?
        .iter()
        .filter(|n| *n != "sqrt")
    {
        files.push(Source::new(
            micropython.join(format!("lib/libm_dbl/{name}.c")),
            &["-Os", "-w"],
        ));
    }
    for name in ["ff", "ffunicode"] {
        files.push(Source::new(
            micropython.join(format!("lib/oofatfs/{name}.c")),
            &["-Os", "-w"],
        ));
    }
    for name in ["lfs1", "lfs1_util"] {
        let flags: Vec<_> = ["-Os"].iter().chain(LITTLEFS).copied().collect();
        files.push(Source::new(
            micropython.join(format!("lib/littlefs/{name}.c")),
            &flags,
        ));
    }
    for name in [
        "nlr",
        "console",
        "disk",
        "doors",
        "execute",
        "place",
        "substream",
        "unbound",
        "verify",
        "verify_flow",
    ] {
        files.push(Source::new(port.join(format!("{name}.c")), &["-Os", "-Werror"]));
    }
    Ok(files)
}

/// mpy-cross: the compiler half of the core, for every processor it can emit code for.
pub fn mpy_cross(micropython: &Path) -> Result<Vec<Source>> {
    let py = c_files(&micropython.join("py"))?;
    let py = py
        .iter()
        .filter(|n| !NOT_ALONE.contains(&n.as_str()))
        .map(|n| format!("py/{n}.c"));
    let own = [
        "mpy-cross/main.c",
        "mpy-cross/gccollect.c",
        "shared/runtime/gchelper_generic.c",
    ];
    let paths = py.chain(own.map(str::to_owned));
    Ok(paths
        .map(|path| Source::new(micropython.join(path), &[]))
        .collect())
}

/// nlr*.c must never be optimised for speed (py/py.mk): inlining would break the jump.
fn speed(name: &str) -> &'static [&'static str] {
    if HOT.contains(&name) {
        &["-O3"]
    } else if WARM.contains(&name) {
        &["-O2"]
    } else {
        &["-Os"]
    }
}

/// The names of the C files in a folder, without `.c`, in order.
fn c_files(dir: &Path) -> Result<Vec<String>> {
    let entries = fs::read_dir(dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    let paths: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
    let mut names: Vec<String> = paths
        .iter()
        .filter(|p| p.extension().is_some_and(|e| e == "c"))
        .filter_map(|p| p.file_stem().map(|s| s.to_string_lossy().into_owned()))
        .collect();
    names.sort();
    Ok(names)
}
