//! Compiles C files, two at a time or more, and only those whose outcome can differ.
//!
//! An object is kept under a name made of a hash of everything that goes into it: compiler, flags, the file's
//! preprocessed text and the generated headers. So switching the board compiles three files, and switching back none.

use crate::{
    Result,
    core::{Core, Source},
    toolchain,
};
use std::{
    collections::BTreeSet,
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

/// Compiles all files of a core and returns the objects.
pub fn compile(core: &Core) -> Result<Vec<PathBuf>> {
    let dir = core.out.join("objects");
    fs::create_dir_all(&dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    let headers = generated_headers_key(core)?;
    let objects = in_parallel(&core.files, |source| {
        let object = dir.join(object_name(core, source, headers)?);
        if !object.exists() {
            compile_one(core, source, &object)?;
        }
        Ok(object)
    })?;
    forget_others(&dir, &objects);
    Ok(objects)
}

/// Compiles all files of a core into one static library.
pub fn build_library(core: &Core, library: &Path) -> Result<()> {
    let objects = compile(core)?;
    let _ = fs::remove_file(library);
    toolchain::run(
        Command::new(&core.toolchain.ar)
            .arg("crs")
            .arg(library)
            .args(&objects),
        library,
    )?;
    Ok(())
}

/// The text that the compiler sees, without line markers. Names are still macros (NO_QSTR).
pub fn preprocessed(core: &Core, file: &Path, flags: &[&str]) -> Result<String> {
    let mut arguments = core.arguments().to_vec();
    arguments.extend(flags.iter().map(|f| (*f).to_owned()));
    arguments.extend(["-DNO_QSTR", "-E", "-P"].map(str::to_owned));
    arguments.push(file.display().to_string());
    let text = core.toolchain.run(&arguments, file)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// A hash of the preprocessed text, remembered with the source: names are scanned before objects are compiled.
pub fn text_key(core: &Core, source: &Source) -> Result<u64> {
    match source.text_key.get() {
        Some(key) => Ok(*key),
        None => scanned(core, source).map(|(_, key)| key),
    }
}

/// The preprocessed text of a source, and its key.
pub fn scanned(core: &Core, source: &Source) -> Result<(String, u64)> {
    let text = preprocessed(core, &source.path, &source.flags)?;
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    Ok((text, *source.text_key.get_or_init(|| hasher.finish())))
}

/// Applies `work` to each item on all cores; results stay in order, the first error wins.
pub fn in_parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> Result<R> + Sync) -> Result<Vec<R>> {
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicUsize::new(0);
    let run = || -> Result<Vec<(usize, R)>> {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            match items.get(index) {
                Some(item) => done.push((index, work(item)?)),
                None => return Ok(done),
            }
        }
    };
    let mut all = thread::scope(|scope| -> Result<Vec<(usize, R)>> {
        let threads: Vec<_> = (0..workers).map(|_| scope.spawn(run)).collect();
        let mut all = Vec::new();
        for thread in threads {
            all.extend(
                thread
                    .join()
                    .map_err(|_| "a build thread panicked".to_owned())??,
            );
        }
        Ok(all)
    })?;
    all.sort_by_key(|(index, _)| *index);
    Ok(all.into_iter().map(|(_, result)| result).collect())
}

pub fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))
}

/// Keeps the file's time when its text is the same.
pub fn write_if_changed(file: &Path, text: &str) -> Result<()> {
    if fs::read_to_string(file).is_ok_and(|old| old == text) {
        return Ok(());
    }
    fs::write(file, text).map_err(|e| format!("{}: {e}", file.display()))
}

/// Generated headers are left out of the preprocessed text (NO_QSTR), so they are part of every key.
fn generated_headers_key(core: &Core) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    for name in ["qstrdefs.generated.h", "moduledefs.h", "root_pointers.h"] {
        read(&core.genhdr.join(name))?.hash(&mut hasher);
    }
    Ok(hasher.finish())
}

fn object_name(core: &Core, source: &Source, headers: u64) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    core.toolchain.id.hash(&mut hasher);
    core.toolchain.flags.hash(&mut hasher);
    source.flags.hash(&mut hasher);
    text_key(core, source)?.hash(&mut hasher);
    headers.hash(&mut hasher);
    let stem = source.path.file_stem().unwrap_or_default().to_string_lossy();
    Ok(format!("{stem}-{:016x}.o", hasher.finish()))
}

fn compile_one(core: &Core, source: &Source, object: &Path) -> Result<()> {
    // Through a temporary name: an interrupted build must not leave half an object under a good name.
    let partial = object.with_extension("partial");
    let mut arguments = core.arguments().to_vec();
    arguments.extend(source.flags.iter().map(|f| (*f).to_owned()));
    arguments.extend(["-c".to_owned(), source.path.display().to_string()]);
    arguments.extend(["-o".to_owned(), partial.display().to_string()]);
    core.toolchain.run(&arguments, &source.path)?;
    fs::rename(&partial, object).map_err(|e| format!("{}: {e}", object.display()))
}

/// Keeps the cache from growing for ever: beyond four times the needed objects, the unused ones go.
fn forget_others(dir: &Path, needed: &[PathBuf]) {
    let keep: BTreeSet<_> = needed.iter().collect();
    let Ok(entries) = fs::read_dir(dir) else { return };
    let others: Vec<_> = entries
        .flatten()
        .map(|e| e.path())
        .filter(|p| !keep.contains(p))
        .collect();
    if others.len() > 3 * needed.len() {
        for path in others {
            let _ = fs::remove_file(path);
        }
    }
}
