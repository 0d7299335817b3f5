//! Functions of ours that stand at the door of the core's: `port/doors.c` defines them by the core's names and checks what
//! comes in; the core's own have another name, given where they are defined, and are called from there.
//!
//! Calls within the defining file go on to the core's function directly. `port/frame.h` stands between the interpreter's
//! loop and what it calls, in that one file.

use crate::{Result, core::Source};

/// A file of the core, and the flags that rename what it defines, or calls.
const RENAMED: &[(&str, &[&str])] = &[
    ("py/objint_mpz.c", &["-Dmp_obj_int_pow3=upy_core_int_pow3"]),
    (
        "py/runtime.c",
        &[
            "-Dmp_import_all=upy_core_import_all",
            "-Dmp_binary_op=upy_core_binary_op",
            "-Dm_malloc_fail=upy_core_malloc_fail",
            "-Dmp_raise_OSError=upy_core_raise_OSError",
        ],
    ),
    (
        "py/bc.c",
        &["-Dmp_setup_code_state_native=upy_core_setup_code_state_native"],
    ),
    (
        "extmod/virtpin.c",
        &[
            "-Dmp_virtual_pin_read=upy_core_virtual_pin_read",
            "-Dmp_virtual_pin_write=upy_core_virtual_pin_write",
        ],
    ),
    (
        "py/stream.c",
        &["-Dmp_get_stream_raise=upy_core_get_stream_raise"],
    ),
    ("py/obj.c", &["-Dmp_obj_equal=upy_core_equal"]),
    ("py/cstack.c", &["-Dmp_cstack_check=upy_core_cstack_check"]),
    (
        "py/runtime_utils.c",
        &["-Dmp_call_function_1_protected=upy_core_call_1_protected"],
    ),
    // These go past the doors: the interpreter's loop looks for Ctrl-C by itself, and tables must not be left halfway.
    (
        "py/vm.c",
        &[
            "-Dmp_binary_op=upy_core_binary_op",
            "-Dmp_execute_bytecode=upy_core_execute_bytecode",
        ],
    ),
    ("py/map.c", &["-Dmp_obj_equal=upy_core_equal"]),
    ("py/vm.c", &["-include", "frame.h"]),
    // Its frame begins empty anyway (port/execute.c).
    ("py/vm.c", &["-ftrivial-auto-var-init=uninitialized"]),
];

/// Adds the flags to the files of the core. Comes before any file is replaced by an edited copy.
pub fn add(files: &mut [Source]) -> Result<()> {
    for (name, flags) in RENAMED {
        let file = files
            .iter_mut()
            .find(|file| file.path.ends_with(name))
            .ok_or_else(|| {
                format!("{name} is not among the core's files, so nothing of it can be renamed")
            })?;
        file.flags.extend(flags.iter().copied());
    }
    Ok(())
}
