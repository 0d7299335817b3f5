//! Python files that live in flash as compiled code: asyncio, and what stands in `frozen/`.
//!
//! mpy-cross is built from the same sources by the same steps, with the host's compiler. The last step, from .mpy
//! files to C, is MicroPython's own tool and the only one that needs Python on the building machine.

use crate::{
    Result,
    core::{Core, Source},
    files, objects,
    qstr::NameHash,
    toolchain::{self, Toolchain},
    version,
};
use std::{
    env, fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    process::Command,
};

const ASYNCIO: &[&str] = &["__init__", "core", "event", "funcs", "lock", "stream"];

/// A Python file: its name inside the frozen file system, and where it is.
struct Module {
    name: String,
    path: PathBuf,
}

/// Compiles all frozen modules and returns the C file that holds them.
pub fn build(micropython: &Path, port: &Path, out: &Path, chip: &Core) -> Result<Source> {
    let cross = mpy_cross(micropython, &out.join("mpy-cross"))?;
    let dir = out.join("frozen");
    fs::create_dir_all(&dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    let content = dir.join("frozen_content.c");
    let names = chip.genhdr.join("qstrdefs.preprocessed.h");
    let modules = modules(micropython, &port.with_file_name("frozen"))?;

    let stamp = dir.join("stamp");
    let key = format!("{} {:?}", key(&cross, &names, &modules)?, chip.hash);
    if !content.exists() || fs::read_to_string(&stamp).ok().as_deref() != Some(&key) {
        let mut compiled = Vec::new();
        for module in &modules {
            let mpy = dir.join(module.name.replace('/', "__")).with_extension("mpy");
            compile(&cross, module, &mpy)?;
            compiled.push(mpy);
        }
        println!("cargo:rerun-if-env-changed=PYTHON");
        let mut tool = Command::new(env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned()));
        if chip.hash == NameHash::Wide {
            tool.arg(port.with_file_name("build/freeze.py"));
        }
        tool.arg(micropython.join("tools/mpy-tool.py"))
            .args(["-f", "-mlongint-impl=mpz", "-q"]);
        let text = toolchain::run(tool.arg(&names).args(&compiled), &content)?;
        objects::write_if_changed(&content, &String::from_utf8_lossy(&text))?;
        objects::write_if_changed(&stamp, &key)?;
    }
    Ok(Source::new(content, &["-Os", "-w"]))
}

/// By names without folders: mpy-cross takes no path of more than 255 bytes.
fn compile(cross: &Path, module: &Module, mpy: &Path) -> Result<()> {
    let source = mpy.with_extension("py");
    objects::write_if_changed(&source, &objects::read(&module.path)?)?;
    let name = |path: &Path| path.file_name().unwrap_or_default().to_owned();
    let mut command = Command::new(cross);
    command.current_dir(mpy.parent().unwrap_or(mpy));
    command.args(["-march=armv7emdp", "-O3", "-s", &module.name, "-o"]);
    command.arg(name(mpy)).arg(name(&source));
    toolchain::run(&mut command, &module.path).map(drop)
}

fn modules(micropython: &Path, own: &Path) -> Result<Vec<Module>> {
    let mut modules: Vec<Module> = ASYNCIO
        .iter()
        .map(|file| Module {
            name: format!("asyncio/{file}.py"),
            path: micropython.join(format!("extmod/asyncio/{file}.py")),
        })
        .collect();
    // The old name of the package, a file that forwards to it.
    let old_name = Module {
        name: "uasyncio.py".to_owned(),
        path: micropython.join("extmod/asyncio/uasyncio.py"),
    };
    modules.push(old_name);
    let entries = fs::read_dir(own).map_err(|e| format!("{}: {e}", own.display()))?;
    for path in entries
        .flatten()
        .map(|e| e.path())
        .filter(|p| p.extension().is_some_and(|e| e == "py"))
    {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        modules.push(Module { name, path });
    }
    modules.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(modules)
}

/// Builds mpy-cross for this machine, unless it stands already.
fn mpy_cross(micropython: &Path, out: &Path) -> Result<PathBuf> {
    let mut host = Core::new(Toolchain::host()?, micropython, out)?;
    host.include(micropython);
    host.include(&micropython.join("mpy-cross"));
    host.files = files::mpy_cross(micropython)?;
    let program = out.join("mpy-cross");
    let stamp = out.join("stamp");
    let key = format!("{} {}", micropython.display(), host.toolchain.id);
    if program.exists() && fs::read_to_string(&stamp).ok().as_deref() == Some(&key) {
        return Ok(program);
    }
    version::write(&host.genhdr)?;
    host.generate_headers(&micropython.join("mpy-cross/qstrdefsport.h"))?;
    let objects = objects::compile(&host)?;
    let mut link = Command::new(&host.toolchain.cc);
    link.args(&objects)
        .args(["-Wl,--gc-sections", "-lm", "-o"])
        .arg(&program);
    toolchain::run(&mut link, &program)?;
    objects::write_if_changed(&stamp, &key)?;
    Ok(program)
}

fn key(cross: &Path, names: &Path, modules: &[Module]) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    cross.hash(&mut hasher);
    objects::read(names)?.hash(&mut hasher);
    include_str!("freeze.py").hash(&mut hasher);
    for module in modules {
        module.name.hash(&mut hasher);
        objects::read(&module.path)?.hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}
