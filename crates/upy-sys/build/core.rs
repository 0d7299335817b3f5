//! One build of the core: a compiler, a configuration, a list of files. There are two: the chip's and mpy-cross's.

use crate::{Result, names, objects, qstr, tables, toolchain::Toolchain};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

/// A C file and how it wants to be compiled.
pub struct Source {
    pub path: PathBuf,
    /// Added after the common flags, so these win.
    pub flags: Vec<&'static str>,
    /// Hash of the preprocessed text, once known.
    pub text_key: OnceLock<u64>,
}

impl Source {
    pub fn new(path: PathBuf, flags: &[&'static str]) -> Source {
        Source {
            path,
            flags: flags.to_vec(),
            text_key: OnceLock::new(),
        }
    }
}

pub struct Core {
    pub toolchain: Toolchain,
    pub micropython: PathBuf,
    pub out: PathBuf,
    pub genhdr: PathBuf,
    pub files: Vec<Source>,
    /// Names and registrations that stand in Rust code, and so in no C file.
    pub names_file: Option<PathBuf>,
    /// How texts are hashed.
    pub hash: qstr::NameHash,
    arguments: Vec<String>,
}

impl Core {
    pub fn new(toolchain: Toolchain, micropython: &Path, out: &Path) -> Result<Core> {
        let genhdr = out.join("genhdr");
        fs::create_dir_all(&genhdr).map_err(|e| format!("{}: {e}", genhdr.display()))?;
        let arguments = toolchain.flags.clone();
        let mut core = Core {
            toolchain,
            micropython: micropython.to_owned(),
            out: out.to_owned(),
            genhdr,
            files: Vec::new(),
            names_file: None,
            hash: qstr::NameHash::Own,
            arguments,
        };
        core.include(out);
        Ok(core)
    }

    pub fn include(&mut self, dir: &Path) {
        self.arguments.push(format!("-I{}", dir.display()));
    }

    /// For `#include "..."` alone.
    pub fn include_quoted(&mut self, dir: &Path) {
        let argument = format!("-iquote{}", dir.display());
        if !self.arguments.contains(&argument) {
            self.arguments.push(argument);
        }
    }

    pub fn define(&mut self, name: &str, value: &str) {
        self.arguments.push(format!("-D{name}={value}"));
    }

    /// What every compilation of this core is called with.
    pub fn arguments(&self) -> &[String] {
        &self.arguments
    }

    /// Writes the headers that the sources include as `genhdr/...`, and returns the table of names.
    pub fn generate_headers(&self, port_qstrs: &Path) -> Result<String> {
        let mut found = names::scan(self)?;
        if let Some(file) = &self.names_file {
            found.add_text(&objects::read(file)?);
        }
        objects::write_if_changed(&self.genhdr.join("moduledefs.h"), &tables::modules(&found))?;
        objects::write_if_changed(
            &self.genhdr.join("root_pointers.h"),
            &tables::root_pointers(&found),
        )?;
        let defined = names::defined(self, port_qstrs)?;
        objects::write_if_changed(
            &self.genhdr.join("qstrdefs.preprocessed.h"),
            &qstr::list(&defined, &found),
        )?;
        let table = qstr::table(&self.micropython, &defined, &found, self.hash)?;
        objects::write_if_changed(&self.genhdr.join("qstrdefs.generated.h"), &table)?;
        Ok(table)
    }
}
