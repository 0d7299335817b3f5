// Bytecode that comes from a file is verified before it runs: each function by itself (verify.c), then the module as a
// whole (verify_flow.c).
#ifndef UPY_VERIFY_H
#define UPY_VERIFY_H

#include "py/emitglue.h"

typedef struct _upy_code_t {
    struct _upy_code_t *next;
    const byte *data;
    size_t bytes;
    // How many names, constant objects and functions within it there are to refer to.
    size_t n_qstr, n_obj, n_children;
    const qstr_short_t *qstr_table;
    mp_raw_code_t **children;
} upy_code_t;

// Instructions, jumps and operands of one function.
bool upy_verify_instructions(const upy_code_t *code);

// What lies on the stack at each instruction of a module, all of whose functions are in the list `codes`. May raise for
// want of memory or stack, and at Ctrl-C.
bool upy_verify_module(const upy_code_t *codes, const mp_raw_code_t *module);

#endif
