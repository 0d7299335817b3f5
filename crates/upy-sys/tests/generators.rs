//! The build script's parts that turn text into text, on the host.
#![allow(dead_code, missing_docs)]

#[path = "../build/core.rs"]
mod core;
#[path = "../build/names.rs"]
mod names;
#[path = "../build/objects.rs"]
mod objects;
#[path = "../build/qstr.rs"]
mod qstr;
#[path = "../build/tables.rs"]
mod tables;
#[path = "../build/toolchain.rs"]
mod toolchain;
#[path = "../build/version.rs"]
mod version;

type Result<T> = std::result::Result<T, String>;

use names::Found;

fn found(text: &str) -> Found {
    let mut found = Found::default();
    found.add_text(text);
    found
}

#[test]
fn registrations_are_found_wherever_they_stand() {
    let found = found(
        "MP_REGISTER_MODULE(MP_QSTR_gc, mp_module_gc);\n x MP_REGISTER_ROOT_POINTER(mp_obj_t kept[2]); y\n\
         MP_REGISTER_EXTENSIBLE_MODULE(MP_QSTR_time,  mp_module_time);\n\
         MP_REGISTER_MODULE_DELEGATION(mp_module_sys, mp_module_sys_attr);",
    );
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert!(found.modules.contains(&pair("gc", "mp_module_gc")));
    assert!(found.extensible_modules.contains(&pair("time", "mp_module_time")));
    assert!(
        found
            .delegations
            .contains(&pair("mp_module_sys", "mp_module_sys_attr"))
    );
    assert!(found.root_pointers.contains("mp_obj_t kept[2]"));
    assert!(found.qstrs.contains("gc") && found.qstrs.contains("time"));
}

#[test]
fn a_table_entry_can_be_overridden_by_name() {
    let text = tables::modules(&found("MP_REGISTER_MODULE(MP_QSTR_gc, mp_module_gc);"));
    assert!(text.contains("#define MODULE_DEF_GC { MP_ROM_QSTR(MP_QSTR_gc), MP_ROM_PTR(&mp_module_gc) },"));
    assert!(text.contains("#define MICROPY_REGISTERED_MODULES \\\n    MODULE_DEF_GC\n"));
}

#[test]
fn constants_for_rust_leave_out_what_is_no_identifier() {
    let table = "QDEF0(MP_QSTR_, 5381, 0, \"\")\nQDEF0(MP_QSTR__, 1, 1, \"_\")\nQDEF1(MP_QSTR_type, 2, 4, \"type\")\n";
    let text = qstr::rust_constants(table);
    assert_eq!(text, "pub const r#type: u16 = crate::MP_QSTR_type as u16;\n");
}
