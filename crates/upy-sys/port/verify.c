// Looks through bytecode that comes from a file, before it runs: the interpreter believes it. Each instruction and what it
// refers to has to be there, jumps go to instructions, the stack neither under- nor overflows, and blocks of exceptions nest.
// What is not looked at: which kind of object lies on the stack. docs/core-faults.md says what that leaves.

#include <string.h>

#include "py/bc.h"
#include "py/bc0.h"
#include "py/obj.h"
#include "py/runtime.h"
#include "verify.h"

#define UNSEEN (-1)
#define ITERATOR MP_OBJ_ITER_BUF_NSLOTS

typedef struct {
    const upy_code_t *code;
    // The first instruction, and the end.
    size_t start, end;
    size_t n_state, n_exc_stack, flags, n_args;
    const byte *cells;
    size_t n_cells;
    // Of each place that is an instruction: the depth of the stack before it, and how many blocks it is in.
    int16_t *depth;
    uint8_t *level;
    size_t highest_local;
    int deepest;
} check_t;

typedef struct {
    byte op;
    size_t next;
    size_t argument;
    byte extra;
    // Where it jumps to, or 0.
    size_t target;
} instruction_t;

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
static bool decode(const check_t *check, size_t at, instruction_t *in) {
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
static bool effect(const instruction_t *in, int *takes, int *gives) {
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

static bool ends_here(byte op) {
    return op == MP_BC_RETURN_VALUE || op == MP_BC_RAISE_LAST || op == MP_BC_RAISE_OBJ || op == MP_BC_RAISE_FROM
           || op == MP_BC_JUMP || op == MP_BC_UNWIND_JUMP || op == MP_BC_POP_EXCEPT_JUMP;
}

static bool is_cell(const check_t *check, size_t local) {
    for (size_t i = 0; i < check->n_cells; i++) {
        if (check->cells[i] == local) {
            return true;
        }
    }
    return local < check->n_args;
}

// What the instruction refers to.
static bool operands(check_t *check, const instruction_t *in) {
    const upy_code_t *code = check->code;
    size_t local = SIZE_MAX;
    if (MP_BC_FORMAT(in->op) == MP_BC_FORMAT_QSTR) {
        return in->argument < code->n_qstr;
    }
    switch (in->op) {
        case MP_BC_LOAD_CONST_OBJ:
            return in->argument < code->n_obj;
        case MP_BC_MAKE_FUNCTION: case MP_BC_MAKE_FUNCTION_DEFARGS: case MP_BC_MAKE_CLOSURE: case MP_BC_MAKE_CLOSURE_DEFARGS:
            return in->argument < code->n_children;
        case MP_BC_YIELD_VALUE: case MP_BC_YIELD_FROM:
            return (check->flags & MP_SCOPE_FLAG_GENERATOR) != 0;
        case MP_BC_LOAD_DEREF: case MP_BC_STORE_DEREF: case MP_BC_DELETE_DEREF:
            if (!is_cell(check, in->argument)) {
                return false;
            }
            local = in->argument;
            break;
        case MP_BC_LOAD_FAST_N: case MP_BC_STORE_FAST_N: case MP_BC_DELETE_FAST:
            local = in->argument;
            break;
        default:
            if (in->op >= MP_BC_LOAD_FAST_MULTI && in->op < MP_BC_UNARY_OP_MULTI) {
                local = in->op & 0xf;
            }
    }
    if (local != SIZE_MAX) {
        if (local >= check->n_state) {
            return false;
        }
        check->highest_local = MAX(check->highest_local, local + 1);
    }
    return true;
}

// First pass: finds the instructions, and looks at each by itself.
static bool find_instructions(check_t *check) {
    instruction_t in;
    int takes, gives;
    for (size_t at = check->start; at < check->end; at = in.next) {
        if (!decode(check, at, &in) || !effect(&in, &takes, &gives) || !operands(check, &in)) {
            return false;
        }
        check->depth[at] = UNSEEN;
    }
    return true;
}

// Notes that an instruction is reached with so much on the stack, in so many blocks. True: not seen before.
static bool reach(check_t *check, size_t at, int depth, int level, bool *good) {
    if (at < check->end && check->code->data[at] == MP_BC_END_FINALLY && check->depth[at] > UNSEEN && depth > 0
        && check->level[at] == level) {
        // It either raises, and more may lie below what it raises, or goes on.
        check->deepest = MAX(check->deepest, MAX(depth, check->depth[at]));
        bool lower = depth < check->depth[at];
        if (lower) {
            check->depth[at] = depth;
            check->depth[at + 1] = check->depth[at + 1] > UNSEEN ? depth - 1 : check->depth[at + 1];
        }
        return lower;
    }
    if (at >= check->end || check->depth[at] < UNSEEN || depth < 0 || level < 0 || level > (int)check->n_exc_stack
        || (check->depth[at] != UNSEEN && (check->depth[at] != depth || check->level[at] != level))) {
        *good = false;
        return false;
    }
    bool fresh = check->depth[at] == UNSEEN;
    check->depth[at] = depth;
    check->level[at] = level;
    return fresh;
}

// The depth of the stack where an instruction jumps to.
static int depth_at_target(const instruction_t *in, int before, int after) {
    switch (in->op) {
        case MP_BC_JUMP_IF_TRUE_OR_POP: case MP_BC_JUMP_IF_FALSE_OR_POP:
            return before;
        case MP_BC_FOR_ITER:
            return before - ITERATOR;
        case MP_BC_SETUP_WITH:
            return before + 2;
        case MP_BC_SETUP_EXCEPT: case MP_BC_SETUP_FINALLY:
            return before + 1;
        default:
            return after;
    }
}

// The compiler's `async with` asks whether an exception is a BaseException, and its jump for one that is none goes to code
// which needs more than lies on the stack. There is none.
static bool no_such_exception(const check_t *check, size_t at, const instruction_t *in) {
    return in->op == MP_BC_POP_JUMP_IF_FALSE && at > check->start
           && check->code->data[at - 1] == MP_BC_BINARY_OP_MULTI + MP_BINARY_OP_EXCEPTION_MATCH
           && check->code->data[in->target] == MP_BC_ROT_THREE;
}

// Second pass: follows one instruction. Returns whether something was reached for the first time.
static bool follow(check_t *check, size_t at, bool *good) {
    instruction_t in;
    int takes = 0, gives = 0, before = check->depth[at];
    decode(check, at, &in);
    effect(&in, &takes, &gives);
    int after = before - takes + gives;
    // Calling the functions of a `with` takes two more.
    int most = MAX(after, before) + (in.op == MP_BC_WITH_CLEANUP ? 2 : in.op == MP_BC_SETUP_WITH ? 1 : 0);
    check->deepest = MAX(check->deepest, most);
    if (before < takes) {
        *good = false;
        return false;
    }
    int level = check->level[at];
    bool enters = in.op == MP_BC_SETUP_WITH || in.op == MP_BC_SETUP_EXCEPT || in.op == MP_BC_SETUP_FINALLY;
    bool leaves = in.op == MP_BC_POP_EXCEPT_JUMP || in.op == MP_BC_END_FINALLY;
    level += enters ? 1 : leaves ? -1 : 0;
    bool fresh = false;
    if (in.op == MP_BC_UNWIND_JUMP) {
        // How much it leaves on the stack is known by those that come there straight.
        *good &= check->depth[in.target] >= UNSEEN && (in.extra & 0x7f) <= level
            && (check->depth[in.target] == UNSEEN || check->level[in.target] == level - (in.extra & 0x7f));
    } else if (in.target != 0 && !no_such_exception(check, at, &in)) {
        fresh |= reach(check, in.target, depth_at_target(&in, before, after), level, good);
    }
    if (!ends_here(in.op)) {
        fresh |= reach(check, in.next, after, level, good);
    }
    return fresh;
}

// An unwinding jump may be the only one that comes to a place. Compiled code has left the stack there as it is above.
// What nothing comes to is never run.
static bool seed(check_t *check) {
    instruction_t in;
    for (size_t at = check->start; at < check->end; at = in.next) {
        decode(check, at, &in);
        if (in.op != MP_BC_UNWIND_JUMP || check->depth[at] == UNSEEN || check->depth[in.target] != UNSEEN) {
            continue;
        }
        int left = 0, takes = 0, gives = 0, level = check->level[at] - (in.extra & 0x7f);
        instruction_t above;
        for (size_t i = check->start; i < in.target; i = above.next) {
            decode(check, i, &above);
            effect(&above, &takes, &gives);
            if (check->depth[i] != UNSEEN && check->level[i] == level) {
                left = check->depth[i] - takes + gives;
            }
        }
        check->depth[in.target] = MAX(left, 0);
        check->level[in.target] = level;
        return true;
    }
    return false;
}

static bool follow_all(check_t *check) {
    bool good = true;
    check->depth[check->start] = 0;
    do {
        bool fresh;
        do {
            fresh = false;
            instruction_t in;
            for (size_t at = check->start; at < check->end && good; at = in.next) {
                decode(check, at, &in);
                if (check->depth[at] != UNSEEN) {
                    fresh |= follow(check, at, &good);
                }
            }
            if (MP_STATE_THREAD(mp_pending_exception) != MP_OBJ_NULL) {
                mp_handle_pending(true);
            }
        } while (fresh && good);
    } while (good && seed(check));
    return good && check->deepest + (int)check->highest_local <= (int)check->n_state;
}

// Reads what stands in front of the instructions.
static bool read_prelude(check_t *check) {
    const byte *data = check->code->data;
    size_t bytes = check->code->bytes;
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
    check->n_state = n_state;
    check->n_exc_stack = n_exc_stack;
    check->flags = scope_flags;
    check->n_args = n_pos_args + n_kwonly_args + ((scope_flags & MP_SCOPE_FLAG_VARARGS) != 0)
        + ((scope_flags & MP_SCOPE_FLAG_VARKEYWORDS) != 0);
    check->cells = data + info + n_info;
    check->n_cells = n_cell;
    check->start = info + n_info + n_cell;
    check->end = bytes;
    check->highest_local = check->n_args;
    // The names of the function and of its arguments.
    size_t name, names_at = info;
    for (size_t i = 0; i <= n_pos_args + n_kwonly_args; i++) {
        if (!number(data, info + n_info, &names_at, &name) || name >= check->code->n_qstr) {
            return false;
        }
    }
    for (size_t i = 0; i < n_cell; i++) {
        if (check->cells[i] >= n_state) {
            return false;
        }
        check->highest_local = MAX(check->highest_local, (size_t)check->cells[i] + 1);
    }
    return n_def_pos_args <= n_pos_args && check->n_args <= n_state;
}

bool upy_verify_bytecode(const upy_code_t *code) {
    check_t check = { .code = code };
    if (!read_prelude(&check) || check.start >= check.end || check.end > 0x7fff0) {
        return false;
    }
    check.depth = m_new(int16_t, check.end);
    check.level = m_new(uint8_t, check.end);
    for (size_t i = 0; i < check.end; i++) {
        check.depth[i] = UNSEEN - 1;
    }
    bool good = find_instructions(&check) && follow_all(&check);
    m_del(int16_t, check.depth, check.end);
    m_del(uint8_t, check.level, check.end);
    return good;
}
