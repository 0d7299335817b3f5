//! `moduledefs.h` and `root_pointers.h`: what was registered by macros all over the sources, as C tables.

use crate::names::Found;
use std::{collections::BTreeSet, fmt::Write};

pub fn modules(found: &Found) -> String {
    let mut out = String::new();
    for (name, object) in found.modules.iter().chain(&found.extensible_modules) {
        let _ = writeln!(out, "extern const struct _mp_obj_module_t {object};");
        let _ = writeln!(out, "#undef {}", entry(name));
        let _ = writeln!(
            out,
            "#define {} {{ MP_ROM_QSTR(MP_QSTR_{name}), MP_ROM_PTR(&{object}) }},",
            entry(name)
        );
    }
    list(&mut out, "MICROPY_REGISTERED_MODULES", &found.modules);
    list(
        &mut out,
        "MICROPY_REGISTERED_EXTENSIBLE_MODULES",
        &found.extensible_modules,
    );
    if !found.delegations.is_empty() {
        for (_, function) in &found.delegations {
            let _ = writeln!(
                out,
                "extern void {function}(mp_obj_t self_in, qstr attr, mp_obj_t *dest);"
            );
        }
        let _ = write!(out, "#define MICROPY_MODULE_DELEGATIONS");
        for (object, function) in &found.delegations {
            let _ = write!(out, " \\\n    {{ MP_ROM_PTR(&{object}), {function} }},");
        }
        out.push('\n');
    }
    out
}

pub fn root_pointers(found: &Found) -> String {
    found
        .root_pointers
        .iter()
        .map(|declaration| format!("{declaration};\n"))
        .collect()
}

fn list(out: &mut String, name: &str, modules: &BTreeSet<(String, String)>) {
    let _ = write!(out, "#define {name}");
    for (module, _) in modules {
        let _ = write!(out, " \\\n    {}", entry(module));
    }
    out.push('\n');
}

/// objmodule.c overrides an entry by this name (`#undef` above lets a port replace a module).
fn entry(module: &str) -> String {
    format!("MODULE_DEF_{}", module.to_uppercase())
}
