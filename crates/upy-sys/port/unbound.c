// What a variable holds in machine code before it is set. The interpreter looks at each variable that it reads; machine code
// reads it at once, so what lies there must be an object: one that raises NameError for whatever is done with it.

#include "py/bc.h"
#include "py/objfun.h"
#include "py/runtime.h"

static NORETURN void raise_unbound(void) {
    mp_raise_msg(&mp_type_NameError, MP_ERROR_TEXT("local variable referenced before assignment"));
}

static void unbound_print(const mp_print_t *print, mp_obj_t self, mp_print_kind_t kind) {
    (void)print;
    (void)self;
    (void)kind;
    raise_unbound();
}

static mp_obj_t unbound_unary(mp_unary_op_t op, mp_obj_t self) {
    (void)op;
    (void)self;
    raise_unbound();
}

static mp_obj_t unbound_binary(mp_binary_op_t op, mp_obj_t self, mp_obj_t other) {
    (void)op;
    (void)self;
    (void)other;
    raise_unbound();
}

static mp_obj_t unbound_call(mp_obj_t self, size_t args, size_t named, const mp_obj_t *arg) {
    (void)self;
    (void)args;
    (void)named;
    (void)arg;
    raise_unbound();
}

static void unbound_attr(mp_obj_t self, qstr name, mp_obj_t *dest) {
    (void)self;
    (void)name;
    (void)dest;
    raise_unbound();
}

static mp_obj_t unbound_subscr(mp_obj_t self, mp_obj_t index, mp_obj_t value) {
    (void)self;
    (void)index;
    (void)value;
    raise_unbound();
}

static mp_obj_t unbound_iter(mp_obj_t self, mp_obj_iter_buf_t *buffer) {
    (void)self;
    (void)buffer;
    raise_unbound();
}

static MP_DEFINE_CONST_OBJ_TYPE(
    unbound_type, MP_QSTR_unbound, MP_TYPE_FLAG_NONE,
    print, unbound_print,
    unary_op, unbound_unary,
    binary_op, unbound_binary,
    call, unbound_call,
    attr, unbound_attr,
    subscr, unbound_subscr,
    iter, unbound_iter
    );

const mp_obj_base_t upy_unbound = { &unbound_type };

void upy_core_setup_code_state_native(mp_code_state_native_t *state, size_t args, size_t named, const mp_obj_t *arg);

// Variables and the places of values begin as nothing at all.
void mp_setup_code_state_native(mp_code_state_native_t *state, size_t args, size_t named, const mp_obj_t *arg) {
    upy_core_setup_code_state_native(state, args, named, arg);
    for (size_t i = 0; i < state->n_state; i++) {
        if (state->state[i] == MP_OBJ_NULL) {
            state->state[i] = MP_OBJ_FROM_PTR(&upy_unbound);
        }
    }
}
