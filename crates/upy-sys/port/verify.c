// Looks at each function that comes from a file, before anything reads it: its prelude, and that each instruction and what it
// refers to is there.

#include <string.h>

#include "py/bc.h"
#include "py/bc0.h"
#include "verify_code.h"

static bool number(const byte *data, size_t end, size_t *at, size_t *value) {
    *value = 0;
    for (int bytes = 0; *at < end && bytes < 5; bytes++) {
        byte b = data[(*at)++];
        *value = *value << 7 | (b & 0x7f);
        if (!(b & 0x80)) {
            return true;
        }
    }
    return false;
}

static bool signed_jump(byte op) {
    return op <= MP_BC_JUMP_IF_TRUE_OR_POP - 1 && op >= MP_BC_UNWIND_JUMP;
}

// Reads one instruction. False: it is none, or not all of it is there.
bool upy_decode(const upy_prelude_t *check, size_t at, upy_instruction_t *in) {
    const byte *data = check->code->data;
    size_t end = check->end;
    memset(in, 0, sizeof(*in));
    if (at >= end) {
        return false;
    }
    in->op = data[at++];
    switch (MP_BC_FORMAT(in->op)) {
        case MP_BC_FORMAT_BYTE:
            break;
        case MP_BC_FORMAT_QSTR:
        case MP_BC_FORMAT_VAR_UINT:
            if (!number(data, end, &at, &in->argument)) {
                return false;
            }
            break;
        case MP_BC_FORMAT_OFFSET: {
            if (at >= end || (data[at] & 0x80 && at + 1 >= end)) {
                return false;
            }
            bool two = data[at] & 0x80;
            int offset = two ? (data[at] & 0x7f) | data[at + 1] << 7 : data[at];
            if (signed_jump(in->op)) {
                offset -= two ? 0x4000 : 0x40;
            }
            at += two ? 2 : 1;
            // Of an unwinding jump, from its extra byte.
            long target = (long)at + offset;
            if (target < (long)check->start || target >= (long)end) {
                return false;
            }
            in->target = target;
            break;
        }
    }
    if ((in->op & MP_BC_MASK_EXTRA_BYTE) == 0) {
        if (at >= end) {
            return false;
        }
        in->extra = data[at++];
    }
    in->next = at;
    return true;
}

// What an instruction takes from the stack and puts there. False: there is no such instruction.
bool upy_effect(const upy_instruction_t *in, int *takes, int *gives) {
    int n = in->argument & 0xff, pairs = in->argument >> 8 & 0xff;
    int t = 0, g = 0;
    if (in->op >= MP_BC_LOAD_CONST_SMALL_INT_MULTI) {
        if (in->op < MP_BC_STORE_FAST_MULTI) {
            g = 1;
        } else if (in->op < MP_BC_UNARY_OP_MULTI) {
            t = 1;
        } else if (in->op < MP_BC_BINARY_OP_MULTI) {
            t = g = 1;
        } else if (in->op < MP_BC_BINARY_OP_MULTI + MP_BC_BINARY_OP_MULTI_NUM) {
            t = 2;
            g = 1;
        } else {
            return false;
        }
        *takes = t;
        *gives = g;
        return true;
    }
    switch (in->op) {
        case MP_BC_LOAD_CONST_FALSE: case MP_BC_LOAD_CONST_NONE: case MP_BC_LOAD_CONST_TRUE: case MP_BC_LOAD_CONST_SMALL_INT:
        case MP_BC_LOAD_CONST_STRING: case MP_BC_LOAD_CONST_OBJ: case MP_BC_LOAD_NULL: case MP_BC_LOAD_FAST_N:
        case MP_BC_LOAD_DEREF: case MP_BC_LOAD_NAME: case MP_BC_LOAD_GLOBAL: case MP_BC_LOAD_BUILD_CLASS:
        case MP_BC_BUILD_MAP: case MP_BC_MAKE_FUNCTION:
            g = 1; break;
        case MP_BC_LOAD_ATTR: case MP_BC_GET_ITER: case MP_BC_YIELD_VALUE:
            t = g = 1; break;
        case MP_BC_LOAD_METHOD: case MP_BC_DUP_TOP: case MP_BC_IMPORT_FROM:
            t = 1; g = 2; break;
        case MP_BC_LOAD_SUPER_METHOD:
            t = 3; g = 2; break;
        case MP_BC_LOAD_SUBSCR: case MP_BC_IMPORT_NAME: case MP_BC_MAKE_FUNCTION_DEFARGS: case MP_BC_YIELD_FROM:
            t = 2; g = 1; break;
        case MP_BC_STORE_FAST_N: case MP_BC_STORE_DEREF: case MP_BC_STORE_NAME: case MP_BC_STORE_GLOBAL: case MP_BC_POP_TOP:
        case MP_BC_POP_JUMP_IF_TRUE: case MP_BC_POP_JUMP_IF_FALSE: case MP_BC_IMPORT_STAR: case MP_BC_RETURN_VALUE:
        case MP_BC_RAISE_OBJ: case MP_BC_END_FINALLY: case MP_BC_JUMP_IF_TRUE_OR_POP: case MP_BC_JUMP_IF_FALSE_OR_POP:
            t = 1; break;
        case MP_BC_STORE_ATTR: case MP_BC_RAISE_FROM:
            t = 2; break;
        case MP_BC_STORE_SUBSCR:
            t = 3; break;
        case MP_BC_DELETE_FAST: case MP_BC_DELETE_DEREF: case MP_BC_DELETE_NAME: case MP_BC_DELETE_GLOBAL: case MP_BC_JUMP:
        case MP_BC_UNWIND_JUMP: case MP_BC_SETUP_EXCEPT: case MP_BC_SETUP_FINALLY: case MP_BC_POP_EXCEPT_JUMP:
        case MP_BC_RAISE_LAST:
            break;
        case MP_BC_DUP_TOP_TWO:
            t = 2; g = 4; break;
        case MP_BC_ROT_TWO:
            t = g = 2; break;
        case MP_BC_ROT_THREE:
            t = g = 3; break;
        case MP_BC_SETUP_WITH:
            t = 1; g = 3; break;
        case MP_BC_WITH_CLEANUP:
            t = 3; g = 1; break;
        case MP_BC_GET_ITER_STACK:
            t = 1; g = ITERATOR; break;
        case MP_BC_FOR_ITER:
            t = ITERATOR; g = ITERATOR + 1; break;
        case MP_BC_STORE_MAP:
            t = 3; g = 1; break;
        case MP_BC_BUILD_TUPLE: case MP_BC_BUILD_LIST: case MP_BC_BUILD_SET:
            if (in->argument > 0x7fff) {
                return false;
            }
            t = in->argument; g = 1; break;
        case MP_BC_BUILD_SLICE:
            if (in->argument != 2 && in->argument != 3) {
                return false;
            }
            t = in->argument; g = 1; break;
        case MP_BC_STORE_COMP:
            // It takes the item, or key and value, and reaches for the collection below.
            if ((in->argument & 3) == 3 || in->argument >> 2 > 0x7fff) {
                return false;
            }
            t = (in->argument >> 2) + 1;
            g = t - ((in->argument & 3) == 1 ? 2 : 1); break;
        case MP_BC_UNPACK_SEQUENCE:
            if (in->argument > 0x7fff) {
                return false;
            }
            t = 1; g = in->argument; break;
        case MP_BC_UNPACK_EX:
            t = 1; g = n + pairs + 1; break;
        case MP_BC_MAKE_CLOSURE:
            t = in->extra; g = 1; break;
        case MP_BC_MAKE_CLOSURE_DEFARGS:
            t = in->extra + 2; g = 1; break;
        case MP_BC_CALL_FUNCTION:
            t = n + 2 * pairs + 1; g = 1; break;
        case MP_BC_CALL_FUNCTION_VAR_KW: case MP_BC_CALL_METHOD:
            t = n + 2 * pairs + 2; g = 1; break;
        case MP_BC_CALL_METHOD_VAR_KW:
            t = n + 2 * pairs + 3; g = 1; break;
        default:
            return false;
    }
    *takes = t;
    *gives = g;
    return true;
}

size_t upy_local(const upy_instruction_t *in) {
    switch (in->op) {
        case MP_BC_LOAD_DEREF: case MP_BC_STORE_DEREF: case MP_BC_DELETE_DEREF:
        case MP_BC_LOAD_FAST_N: case MP_BC_STORE_FAST_N: case MP_BC_DELETE_FAST:
            return in->argument;
        default:
            return in->op >= MP_BC_LOAD_FAST_MULTI && in->op < MP_BC_UNARY_OP_MULTI ? in->op & 0xf : SIZE_MAX;
    }
}

// What the instruction refers to.
static bool operands(const upy_prelude_t *prelude, const upy_instruction_t *in) {
    const upy_code_t *code = prelude->code;
    if (MP_BC_FORMAT(in->op) == MP_BC_FORMAT_QSTR) {
        return in->argument < code->n_qstr;
    }
    switch (in->op) {
        case MP_BC_LOAD_CONST_OBJ:
            return in->argument < code->n_obj;
        case MP_BC_MAKE_FUNCTION: case MP_BC_MAKE_FUNCTION_DEFARGS: case MP_BC_MAKE_CLOSURE: case MP_BC_MAKE_CLOSURE_DEFARGS:
            return in->argument < code->n_children;
        case MP_BC_YIELD_VALUE: case MP_BC_YIELD_FROM:
            return (prelude->flags & MP_SCOPE_FLAG_GENERATOR) != 0;
    }
    size_t local = upy_local(in);
    return local == SIZE_MAX || local < prelude->n_state;
}

// Finds the instructions, and looks at each by itself.
static bool find_instructions(const upy_prelude_t *prelude) {
    upy_instruction_t in;
    int takes, gives;
    for (size_t at = prelude->start; at < prelude->end; at = in.next) {
        if (!upy_decode(prelude, at, &in) || !upy_effect(&in, &takes, &gives) || !operands(prelude, &in)) {
            return false;
        }
    }
    return true;
}

// The names of the function and of its arguments.
static bool names(const upy_prelude_t *prelude, size_t at, size_t end, size_t n_args) {
    size_t name;
    for (size_t i = 0; i <= n_args; i++) {
        if (!number(prelude->code->data, end, &at, &name) || name >= prelude->code->n_qstr) {
            return false;
        }
    }
    return true;
}

// Reads what stands in front of the instructions.
bool upy_read_prelude(upy_prelude_t *prelude, const upy_code_t *code) {
    const byte *data = code->data;
    size_t bytes = code->bytes;
    // Both numbers of the prelude end somewhere: they are read byte by byte up to one without the highest bit.
    size_t at = 0;
    for (int numbers = 0; numbers < 2; numbers++) {
        size_t first = at;
        do {
            if (at >= bytes || at - first >= 9) {
                return false;
            }
        } while (data[at++] & 0x80);
    }
    const byte *ip = data;
    MP_BC_PRELUDE_SIG_DECODE(ip);
    MP_BC_PRELUDE_SIZE_DECODE(ip);
    size_t info = ip - data;
    if (n_info > bytes - info || n_cell > bytes - info - n_info || n_state > 0x4000 || n_exc_stack > 0x7f) {
        return false;
    }
    size_t n_args = n_pos_args + n_kwonly_args + ((scope_flags & MP_SCOPE_FLAG_VARARGS) != 0)
        + ((scope_flags & MP_SCOPE_FLAG_VARKEYWORDS) != 0);
    *prelude = (upy_prelude_t) {
        .code = code, .start = info + n_info + n_cell, .end = bytes, .n_state = n_state, .n_exc_stack = n_exc_stack,
        .flags = scope_flags, .n_pos_args = n_pos_args, .n_def_pos_args = n_def_pos_args,
        .cells = data + info + n_info, .n_cells = n_cell, .n_locals = n_args,
    };
    for (size_t i = 0; i < n_cell; i++) {
        if (prelude->cells[i] >= n_state) {
            return false;
        }
        prelude->n_locals = MAX(prelude->n_locals, (size_t)prelude->cells[i] + 1);
    }
    return names(prelude, info, info + n_info, n_pos_args + n_kwonly_args) && n_def_pos_args <= n_pos_args
           && n_args <= n_state && prelude->start < bytes && bytes <= 0x7fff0;
}

bool upy_verify_instructions(const upy_code_t *code) {
    upy_prelude_t prelude;
    return upy_read_prelude(&prelude, code) && find_instructions(&prelude);
}
