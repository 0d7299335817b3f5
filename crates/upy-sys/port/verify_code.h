// What both halves of the verifier share: a function's prelude and its instructions.
#ifndef UPY_VERIFY_CODE_H
#define UPY_VERIFY_CODE_H

#include "verify.h"

#define ITERATOR MP_OBJ_ITER_BUF_NSLOTS

typedef struct {
    const upy_code_t *code;
    // The first instruction, and the end.
    size_t start, end;
    size_t n_state, n_exc_stack, flags, n_pos_args, n_def_pos_args;
    const byte *cells;
    size_t n_cells;
    // Arguments and cells: so many local variables there are at least.
    size_t n_locals;
} upy_prelude_t;

typedef struct {
    byte op;
    size_t next;
    size_t argument;
    byte extra;
    // Where it jumps to, or 0.
    size_t target;
} upy_instruction_t;

bool upy_read_prelude(upy_prelude_t *prelude, const upy_code_t *code);
bool upy_decode(const upy_prelude_t *prelude, size_t at, upy_instruction_t *in);
// What an instruction takes from the stack and puts there.
bool upy_effect(const upy_instruction_t *in, int *takes, int *gives);
// The local variable that it is about, or SIZE_MAX.
size_t upy_local(const upy_instruction_t *in);

#endif
