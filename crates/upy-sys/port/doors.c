// Stands at the door of functions of the core that believe what a script gives them (build/doors.rs). Each checks what
// comes in and calls the core's function, which has another name. docs/core-faults.md lists what this keeps out.

#include "py/objint.h"
#include "py/objmodule.h"
#include "py/runtime.h"

mp_obj_t upy_core_int_pow3(mp_obj_t base, mp_obj_t exponent, mp_obj_t modulus);
void upy_core_import_all(mp_obj_t module);

// The core divides by a modulus of zero, and takes shortcuts that leave the sign of the modulus out.
mp_obj_t mp_obj_int_pow3(mp_obj_t base, mp_obj_t exponent, mp_obj_t modulus) {
    if (!mp_obj_is_int(base) || !mp_obj_is_int(exponent) || !mp_obj_is_int(modulus)) {
        return upy_core_int_pow3(base, exponent, modulus);
    }
    if (mp_obj_int_sign(modulus) == 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("pow() 3rd argument cannot be 0"));
    }
    if (mp_obj_int_sign(exponent) < 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("pow() with a modulus needs an exponent of 0 or more"));
    }
    mp_obj_t power;
    if (mp_obj_int_sign(exponent) == 0) {
        power = MP_OBJ_NEW_SMALL_INT(1);
    } else if (mp_obj_int_sign(base) == 0) {
        return MP_OBJ_NEW_SMALL_INT(0);
    } else {
        power = upy_core_int_pow3(base, exponent, modulus);
    }
    // Brings the result to the side of zero on which the modulus is.
    return mp_binary_op(MP_BINARY_OP_MODULO, power, modulus);
}

// `sys.modules` is a dict that scripts can write to.
void mp_import_all(mp_obj_t module) {
    if (!mp_obj_is_type(module, &mp_type_module)) {
        mp_raise_msg(&mp_type_ImportError, MP_ERROR_TEXT("import * needs a module"));
    }
    upy_core_import_all(module);
}
