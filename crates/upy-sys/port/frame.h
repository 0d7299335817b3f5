// Included before everything else in vm.c (build/doors.rs): what the interpreter's loop leaves behind on a frame's stack of
// values. The loop only moves its stack pointer, which the collector cannot see. What lies above it would be taken for alive
// for as long as the frame lives, which for the main program is long. So what a call, a list or a tuple took, and the
// iterator of a loop that has ended, are overwritten.
#ifndef UPY_FRAME_H
#define UPY_FRAME_H

#include <py/mpstate.h>
#include <py/nlr.h>
#include <py/obj.h>
#include <py/runtime.h>

// Volatile, or the compiler makes a call of memset from it.
static inline void upy_let_go(const mp_obj_t *values, size_t count) {
    for (volatile mp_obj_t *value = (mp_obj_t *)values; count > 0; --count) {
        *value++ = MP_OBJ_NULL;
    }
}

// What the loop keeps in registers over a call, and does not need any more, is saved by whoever is called, and is then a root.
static inline void upy_forget_registers(void) {
    #if defined(__arm__)
    __asm volatile ("movs r4, #0\n movs r5, #0\n movs r6, #0\n mov r9, r5" ::: "r4", "r5", "r6", "r9", "cc");
    #endif
}

static inline mp_obj_t upy_call_function(mp_obj_t function, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    upy_forget_registers();
    mp_obj_t result = mp_call_function_n_kw(function, n_args, n_kw, args);
    upy_let_go(args, n_args + 2 * n_kw);
    return result;
}

// With a fixed number of arguments it is called for `with`, which goes on to use them.
static inline __attribute__((always_inline)) mp_obj_t upy_call_method(size_t n_args, size_t n_kw, const mp_obj_t *args) {
    upy_forget_registers();
    mp_obj_t result = mp_call_method_n_kw(n_args, n_kw, args);
    if (!__builtin_constant_p(n_args)) {
        upy_let_go(args + 1, 1 + n_args + 2 * n_kw);
    }
    return result;
}

// Calls whose frames have room for more than they fill (execute.c).
void upy_clear_below(size_t pairs);

static inline mp_obj_t upy_call_method_var(bool have_self, size_t n_args_n_kw, const mp_obj_t *args) {
    upy_forget_registers();
    upy_clear_below(32);
    return mp_call_method_n_kw_var(have_self, n_args_n_kw, args);
}

static inline mp_obj_t upy_import_name(qstr name, mp_obj_t names, mp_obj_t level) {
    upy_clear_below(128);
    return mp_import_name(name, names, level);
}

// The first place is the result's.
static inline mp_obj_t upy_new_list(size_t count, mp_obj_t *items) {
    mp_obj_t list = mp_obj_new_list(count, items);
    upy_let_go(items + 1, count > 0 ? count - 1 : 0);
    return list;
}

static inline mp_obj_t upy_new_tuple(size_t count, const mp_obj_t *items) {
    mp_obj_t tuple = mp_obj_new_tuple(count, items);
    upy_let_go(items + 1, count > 0 ? count - 1 : 0);
    return tuple;
}

// An iterator in the frame itself, if that is on the stack of C, has four places, and the first says what it is.
static inline mp_obj_t upy_iternext(mp_obj_t iterator) {
    upy_forget_registers();
    mp_obj_t value = mp_iternext_allow_raise(iterator);
    if (value == MP_OBJ_STOP_ITERATION) {
        char *place = MP_OBJ_TO_PTR(iterator);
        if (place > (char *)__builtin_frame_address(0) && place < MP_STATE_THREAD(stack_top)) {
            upy_let_go((mp_obj_t *)(void *)place + 1, MP_OBJ_ITER_BUF_NSLOTS - 1);
        }
    }
    return value;
}

// Where an exception would be stands what the last frame at this depth had there.
#define nlr_push(buffer) ((buffer)->ret_val = NULL, upy_forget_registers(), nlr_push(buffer))
#define mp_call_function_n_kw upy_call_function
#define mp_call_method_n_kw upy_call_method
#define mp_call_method_n_kw_var upy_call_method_var
#define mp_import_name upy_import_name
#define mp_obj_new_list upy_new_list
#define mp_obj_new_tuple upy_new_tuple
#define mp_iternext_allow_raise upy_iternext

#endif
