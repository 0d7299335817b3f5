//! littlefs, newer than what comes with the core: copies of its files, with the prefix that the core's file system asks
//! for. The core keeps two versions of littlefs apart by it, `lfs1_` and `lfs2_`.

use crate::{
    Result,
    core::{Core, Source},
    objects, source,
};
use regex::Regex;
use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// Numbers of the version, and of what it writes on the disk.
const VERSIONS: &[&str] = &[
    "#define LFS_VERSION 0x0002000b",
    "#define LFS_DISK_VERSION 0x00020001",
];

const FLAGS: &[&str] = &[
    "-Os",
    "-DLFS2_NO_MALLOC",
    "-DLFS2_NO_DEBUG",
    "-DLFS2_NO_WARN",
    "-DLFS2_NO_ERROR",
    "-DLFS2_NO_ASSERT",
    // Third-party code, which is not held to our warnings.
    "-w",
];

/// Adds it to the core's files. Its header stands in front of the core's, so this comes before the core's own folder is
/// put on the include path.
pub fn add(core: &mut Core, port: &Path) -> Result<()> {
    let from = find(port)?;
    let headers = core.out.join("littlefs");
    let folder = headers.join("lib/littlefs");
    fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    for name in ["lfs", "lfs_util"] {
        for kind in ["h", "c"] {
            let original = from.join(format!("{name}.{kind}"));
            let copy = folder.join(format!("{}.{kind}", renamed(name)));
            let text = objects::read(&original)?;
            objects::write_if_changed(
                &copy,
                &format!("#line 1 \"{}\"\n{}", original.display(), renamed(&text)),
            )?;
            if kind == "c" {
                core.files.push(Source::new(copy, FLAGS));
            }
        }
    }
    core.include(&headers);
    Ok(())
}

/// The folder of its C files: in `LITTLEFS_DIR`, else in `.deps` of the workspace.
fn find(port: &Path) -> Result<PathBuf> {
    println!("cargo:rerun-if-env-changed=LITTLEFS_DIR");
    let root = match env::var_os("LITTLEFS_DIR") {
        Some(dir) => PathBuf::from(dir),
        None => source::workspace(port).join(".deps/littlefs"),
    };
    let witness = root.join("littlefs/lfs.h");
    let text = fs::read_to_string(&witness).map_err(|e| {
        format!(
            "littlefs is not in {}: {}: {e}. `cargo xtask build` fetches it; or set LITTLEFS_DIR to an unpacked source \
             of littlefs-python 0.19.0.",
            root.display(),
            witness.display()
        )
    })?;
    println!("cargo:rerun-if-changed={}", witness.display());
    match VERSIONS.iter().find(|line| !text.contains(**line)) {
        Some(line) => Err(format!(
            "{} holds another littlefs than 2.11, for which this port is written: no `{line}`",
            witness.display()
        )),
        None => Ok(root.join("littlefs")),
    }
}

/// `lfs` as `lfs2`, where a name begins with it.
fn renamed(text: &str) -> String {
    let names = Regex::new(r"\b(lfs|LFS)(\b|_)").expect("this pattern is right");
    names.replace_all(text, "${1}2$2").into_owned()
}
