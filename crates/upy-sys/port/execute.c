// Frames that begin empty.
//
// A frame has places that are written late or never, where lies what dead frames left behind. The collector takes it for roots,
// for as long as the frame lives: for the main program's that is for ever. The core is compiled so that variables are set when
// they begin (build/toolchain.rs), but the compiler has places of its own. So what lies below the stack pointer is cleared
// before the frame that is to live long goes there: the interpreter's loop, the making of an instance, calls with `*arguments`,
// functions of native code, imports. tests/port/holes.py fails where that is too little. Besides, each collection clears below itself (upy/src/gc.rs).

#include "py/bc.h"

#ifdef __arm__
// Clears `pairs` of words, the highest `from` bytes below the stack pointer, with registers that hold zero.
__asm (
    ".macro upy_clear zero0, zero1, from, pairs\n"
    ".set place, \\from\n"
    ".rept \\pairs\n"
    "strd \\zero0, \\zero1, [sp, #-place]\n"
    ".set place, place + 8\n"
    ".endr\n"
    ".endm\n"
    ".macro upy_function name\n"
    ".section .text.\\name,\"ax\",%progbits\n"
    ".global \\name\n"
    ".type \\name,%function\n"
    ".thumb_func\n"
    "\\name:\n"
    ".endm\n"

    // The loop saves nine words first.
    "upy_function mp_execute_bytecode\n"
    "movs r2, #0\n"
    "movs r3, #0\n"
    "upy_clear r2, r3, 40, 16\n"
    "b upy_core_execute_bytecode\n"
    ".size mp_execute_bytecode, . - mp_execute_bytecode\n"

    // Takes four arguments.
    "upy_function upy_instance_make_new\n"
    "mov.w r12, #0\n"
    "upy_clear r12, r12, 40, 6\n"
    "b mp_obj_instance_make_new\n"
    ".size upy_instance_make_new, . - upy_instance_make_new\n"

    // Takes how many pairs of words, in eights: each call of native code comes by.
    "upy_function upy_clear_below\n"
    "mov r1, sp\n"
    "movs r2, #0\n"
    "movs r3, #0\n"
    "1:\n"
    ".rept 8\n"
    "strd r2, r3, [r1, #-8]!\n"
    ".endr\n"
    "subs r0, #8\n"
    "bne 1b\n"
    "bx lr\n"
    ".size upy_clear_below, . - upy_clear_below\n"
    ".text\n"
    );
#else
mp_vm_return_kind_t upy_core_execute_bytecode(mp_code_state_t *code_state, volatile mp_obj_t inject_exc);

mp_vm_return_kind_t mp_execute_bytecode(mp_code_state_t *code_state, volatile mp_obj_t inject_exc) {
    return upy_core_execute_bytecode(code_state, inject_exc);
}

mp_obj_t mp_obj_instance_make_new(const mp_obj_type_t *self, size_t n_args, size_t n_kw, const mp_obj_t *args);

mp_obj_t upy_instance_make_new(const mp_obj_type_t *self, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    return mp_obj_instance_make_new(self, n_args, n_kw, args);
}

void upy_clear_below(size_t pairs) {
    (void)pairs;
}
#endif
