// Which line of Python the interpreter stands at, found by looking at the stack: for the report of a fault, so nothing here
// allocates, calls into the core's state, or believes what it reads.

#include "py/bc.h"
#include "py/objfun.h"
#include "nlr_port.h"

static bool is_name(qstr name) {
    return name < MP_STATE_VM(last_pool)->total_prev_len + MP_STATE_VM(last_pool)->len;
}

unsigned upy_place_of(const void *words, upy_readable_t readable, const char **file, const char **function) {
    const mp_code_state_t *state = words;
    const mp_obj_fun_bc_t *fun = state->fun_bc;
    if ((uintptr_t)fun % sizeof(void *) != 0 || !readable(fun, sizeof(*fun))
        || (fun->base.type != &mp_type_fun_bc && fun->base.type != &mp_type_gen_wrap)) {
        return 0;
    }
    const byte *ip = fun->bytecode;
    size_t length = state->ip - ip;
    // No function of Python is that long.
    if (length == 0 || length > 0x10000 || !readable(ip, length) || !readable(fun->context, sizeof(*fun->context))) {
        return 0;
    }
    MP_BC_PRELUDE_SIG_DECODE(ip);
    MP_BC_PRELUDE_SIZE_DECODE(ip);
    const byte *line_info_top = ip + n_info;
    const byte *start = ip + n_info + n_cell;
    if (start > state->ip) {
        return 0;
    }
    size_t block = mp_decode_uint_value(ip);
    for (size_t i = 0; i < 1 + n_pos_args + n_kwonly_args; ++i) {
        ip = mp_decode_uint_skip(ip);
    }
    const qstr_short_t *names = fun->context->constants.qstr_table;
    if (block > 0xffff || !readable(names, (block + 1) * sizeof(*names)) || !is_name(names[0]) || !is_name(names[block])) {
        return 0;
    }
    *file = qstr_str(names[0]);
    *function = qstr_str(names[block]);
    return mp_bytecode_get_source_line(ip, line_info_top, state->ip - start);
}
