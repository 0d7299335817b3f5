// Bytecode that comes from a file is verified before it runs (verify.c).
#ifndef UPY_VERIFY_H
#define UPY_VERIFY_H

#include "py/mpconfig.h"

typedef struct {
    const byte *data;
    size_t bytes;
    // How many names, constant objects and functions within it there are to refer to.
    size_t n_qstr, n_obj, n_children;
} upy_code_t;

bool upy_verify_bytecode(const upy_code_t *code);

#endif
