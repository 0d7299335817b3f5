//! Collects what MicroPython's sources announce by macros: names to be interned, modules, root pointers.
//!
//! The sources are written so that these macros survive the preprocessor when NO_QSTR is defined; whatever is
//! compiled out by the configuration is then not found, which is the point.

use crate::{Result, core::Core, objects};
use regex::Regex;
use std::{collections::BTreeSet, path::Path};

#[derive(Default)]
pub struct Found {
    pub qstrs: BTreeSet<String>,
    /// (name in Python, C object)
    pub modules: BTreeSet<(String, String)>,
    pub extensible_modules: BTreeSet<(String, String)>,
    /// (C object, function that handles its attributes)
    pub delegations: BTreeSet<(String, String)>,
    pub root_pointers: BTreeSet<String>,
}

/// Configuration lines and explicit names of qstrdefs.h, in order.
pub struct Defined {
    pub config: Vec<(String, String)>,
    pub names: Vec<String>,
}

impl Found {
    pub fn add_text(&mut self, text: &str) {
        let pattern = |p: &str| Regex::new(p).expect("a constant pattern");
        for m in pattern(r"MP_QSTR_([_a-zA-Z0-9]+)").captures_iter(text) {
            self.qstrs.insert(m[1].to_owned());
        }
        let pair = |m: &regex::Captures| (m[1].trim().to_owned(), m[2].trim().to_owned());
        let module = pattern(r"MP_REGISTER_MODULE\(MP_QSTR_(\w+)\s*,\s*(\w+)\s*\);");
        self.modules.extend(module.captures_iter(text).map(|m| pair(&m)));
        let extensible = pattern(r"MP_REGISTER_EXTENSIBLE_MODULE\(MP_QSTR_(\w+)\s*,\s*(\w+)\s*\);");
        self.extensible_modules
            .extend(extensible.captures_iter(text).map(|m| pair(&m)));
        let delegation = pattern(r"MP_REGISTER_MODULE_DELEGATION\((\w+)\s*,\s*(\w+)\s*\);");
        self.delegations
            .extend(delegation.captures_iter(text).map(|m| pair(&m)));
        let root = pattern(r"MP_REGISTER_ROOT_POINTER\((.*?)\);");
        self.root_pointers
            .extend(root.captures_iter(text).map(|m| m[1].trim().to_owned()));
    }
}

/// Preprocesses every file of the core; the texts also become part of each object's key.
pub fn scan(core: &Core) -> Result<Found> {
    let mut found = Found::default();
    for (text, _) in objects::in_parallel(&core.files, |source| objects::scanned(core, source))? {
        found.add_text(&text);
    }
    Ok(found)
}

/// Reads py/qstrdefs.h and the port's own list through the preprocessor.
///
/// Their `Q(...)` lines are no C (`Q(>>> )`), so they travel through it as string literals.
pub fn defined(core: &Core, port_qstrs: &Path) -> Result<Defined> {
    let mut text = objects::read(&core.micropython.join("py/qstrdefs.h"))?;
    text.push_str(&objects::read(port_qstrs)?);
    let quoted: String = text
        .lines()
        .map(|line| {
            if line.starts_with("Q(") {
                format!("\"{line}\"\n")
            } else {
                format!("{line}\n")
            }
        })
        .collect();
    let input = core.out.join("qstrdefs.quoted.h");
    objects::write_if_changed(&input, &quoted)?;
    let text = objects::preprocessed(core, &input, &[])?;
    let config = Regex::new(r"^QCFG\((\w+), \(?(\d+)\)?\)").expect("a constant pattern");
    let name = Regex::new(r#"^"Q\((.*)\)"$"#).expect("a constant pattern");
    let mut defined = Defined {
        config: Vec::new(),
        names: Vec::new(),
    };
    for line in text.lines().map(str::trim) {
        if let Some(m) = config.captures(line) {
            defined.config.push((m[1].to_owned(), m[2].to_owned()));
        } else if let Some(m) = name.captures(line) {
            defined.names.push(m[1].to_owned());
        }
    }
    Ok(defined)
}
