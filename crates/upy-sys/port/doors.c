// Stands at the door of functions of the core that believe what a script gives them (build/doors.rs). Each checks what
// comes in and calls the core's function, which has another name. docs/core-faults.md lists what this keeps out.

#include <string.h>

#include "extmod/modmachine.h"
#include "extmod/vfs_fat.h"
#include "extmod/vfs_lfs.h"
#include "extmod/vfs_rom.h"
#include "extmod/virtpin.h"
#include "py/cstack.h"
#include "py/gc.h"
#include "py/objint.h"
#include "py/objmodule.h"
#include "py/runtime.h"
#include "py/stream.h"
#include "shared/readline/readline.h"
#include "shared/runtime/interrupt_char.h"
#include "nlr_port.h"

mp_obj_t upy_core_int_pow3(mp_obj_t base, mp_obj_t exponent, mp_obj_t modulus);
void upy_core_import_all(mp_obj_t module);
NORETURN void upy_core_malloc_fail(size_t bytes);
// execute.c: so that the next frames begin empty.
void upy_clear_below(size_t pairs);

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

// A Signal takes anything for its pin, and calls what lies where a pin's functions would be. Signals may be nested.
extern const mp_obj_module_t machine_module;
int upy_core_virtual_pin_read(mp_obj_t pin);
void upy_core_virtual_pin_write(mp_obj_t pin, int value);
const mp_stream_p_t *upy_core_get_stream_raise(mp_obj_t stream, int flags);

static mp_obj_t pin_class(void) {
    mp_map_t *names = (mp_map_t *)&machine_module.globals->map;
    return mp_map_lookup(names, MP_OBJ_NEW_QSTR(MP_QSTR_Pin), MP_MAP_LOOKUP)->value;
}

// Whether this is a Pin, or of a class derived from it.
static bool is_a_pin(mp_obj_t object) {
    return mp_obj_is_subclass_fast(MP_OBJ_FROM_PTR(mp_obj_get_type(object)), pin_class());
}

// A class derived from PinBase, whose functions call the methods that the class has in Python.
static bool is_a_pin_in_python(mp_obj_t object) {
    const mp_obj_type_t *type = mp_obj_get_type(object);
    return mp_obj_is_subclass_fast(MP_OBJ_FROM_PTR(type), MP_OBJ_FROM_PTR(&machine_pinbase_type));
}

// What a Signal's pin is for the core: an object of exactly Pin or Signal, or a pin in Python. A class derived from Signal is
// refused.
static mp_obj_t native_pin(mp_obj_t pin) {
    mp_cstack_check();
    if (mp_obj_is_type(pin, &machine_signal_type) || is_a_pin_in_python(pin)) {
        return pin;
    }
    if (is_a_pin(pin)) {
        mp_obj_t native = mp_obj_cast_to_native_base(pin, pin_class());
        if (MP_OBJ_FROM_PTR(mp_obj_get_type(native)) == pin_class()) {
            return native;
        }
    }
    mp_raise_TypeError(MP_ERROR_TEXT("a Signal needs a Pin or a Signal"));
}

int mp_virtual_pin_read(mp_obj_t pin) {
    return upy_core_virtual_pin_read(native_pin(pin));
}

void mp_virtual_pin_write(mp_obj_t pin, int value) {
    upy_core_virtual_pin_write(native_pin(pin), value);
}

// The core's own file systems (edits/extmod/vfs.c.toml).
bool upy_is_file_system(const mp_obj_type_t *type) {
    return type == &mp_fat_vfs_type || type == &mp_type_vfs_lfs1 || type == &mp_type_vfs_lfs2 || type == &mp_type_vfs_rom;
}

// Pins and file systems have functions where streams have others, and fewer.
const mp_stream_p_t *mp_get_stream_raise(mp_obj_t stream, int flags) {
    const mp_obj_type_t *type = mp_obj_get_type(stream);
    if (is_a_pin(stream) || is_a_pin_in_python(stream) || upy_is_file_system(type)
        || mp_obj_is_subclass_fast(MP_OBJ_FROM_PTR(type), MP_OBJ_FROM_PTR(&machine_signal_type))) {
        mp_raise_msg(&mp_type_OSError, MP_ERROR_TEXT("stream operation not supported"));
    }
    return upy_core_get_stream_raise(stream, flags);
}

// Before the core takes room on the stack whose size a script decides (mpconfigport.h).
void upy_stack_room(size_t bytes) {
    if (bytes >= MP_STATE_THREAD(stack_limit) || mp_cstack_usage() + bytes >= MP_STATE_THREAD(stack_limit)) {
        mp_raise_recursion_depth();
    }
}

// ---- Ctrl-C in long loops of C ------------------------------------------------------------------------------------
// The interpreter's loop looks for Ctrl-C; the core's C does not, and sorts, sums, compares or prints for seconds. All of
// that comes by here for each item, at places where an exception may be raised anyway.

mp_obj_t upy_core_binary_op(mp_binary_op_t op, mp_obj_t left, mp_obj_t right);
bool upy_core_equal(mp_obj_t left, mp_obj_t right);
void upy_core_cstack_check(void);

static inline void look_for_interrupt(void) {
    if (MP_STATE_THREAD(mp_pending_exception) != MP_OBJ_NULL) {
        upy_raise_pending();
    }
}

void upy_look_for_interrupt(void) {
    look_for_interrupt();
}

// To what no object of Python's shows yet, or may show when it is half done.
void *upy_copy(void *to, const void *from, size_t bytes) {
    for (size_t at = 0; at < bytes; at += UPY_SLICE) {
        memcpy((byte *)to + at, (const byte *)from + at, MIN(UPY_SLICE, bytes - at));
        if (bytes > UPY_SLICE) {
            look_for_interrupt();
        }
    }
    return to;
}

void *upy_fill(void *to, int value, size_t bytes) {
    for (size_t at = 0; at < bytes; at += UPY_SLICE) {
        memset((byte *)to + at, value, MIN(UPY_SLICE, bytes - at));
        if (bytes > UPY_SLICE) {
            look_for_interrupt();
        }
    }
    return to;
}

mp_obj_t mp_binary_op(mp_binary_op_t op, mp_obj_t left, mp_obj_t right) {
    look_for_interrupt();
    return upy_core_binary_op(op, left, right);
}

bool mp_obj_equal(mp_obj_t left, mp_obj_t right) {
    look_for_interrupt();
    return upy_core_equal(left, right);
}

// Comes with each call of a function, each step of an iteration, and each item that is printed.
void mp_cstack_check(void) {
    look_for_interrupt();
    upy_core_cstack_check();
}

// Or the prompt waits (edits/shared/runtime/pyexec.c.toml).
bool upy_program_runs = true;

// A handler that Ctrl-C had to end at the prompt: those that wait already, and the timer's next one, would begin at once.
static void take_away(mp_obj_t function, mp_obj_t argument) {
    mp_obj_t *handlers = MP_STATE_VM(upy_handlers);
    for (size_t i = 0; i < MP_ARRAY_SIZE(MP_STATE_VM(upy_handlers)); i += 2) {
        if (handlers[i] == function && handlers[i + 1] == argument) {
            handlers[i] = MP_OBJ_NULL;
        }
    }
    for (size_t i = 0; i < MP_ARRAY_SIZE(MP_STATE_VM(sched_queue)); i++) {
        mp_sched_item_t *waits = &MP_STATE_VM(sched_queue)[i];
        if (waits->func == function && waits->arg == argument) {
            waits->func = MP_OBJ_FROM_PTR(&mp_type_bool);
        }
    }
}

static mp_obj_t call_protected(mp_obj_t function, mp_obj_t argument) {
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        upy_clear_below(32);
        mp_obj_t result = mp_call_function_1(function, argument);
        nlr_pop();
        return result;
    }
    if (upy_program_runs && mp_obj_is_subclass_fast(MP_OBJ_FROM_PTR(mp_obj_get_type(nlr.ret_val)), MP_OBJ_FROM_PTR(&mp_type_KeyboardInterrupt))) {
        mp_sched_keyboard_interrupt();
        return MP_OBJ_NULL;
    }
    mp_obj_t raised = MP_OBJ_FROM_PTR(nlr.ret_val);
    if (mp_obj_exception_match(raised, MP_OBJ_FROM_PTR(&mp_type_KeyboardInterrupt))) {
        take_away(function, argument);
    }
    if (nlr_push(&nlr) == 0) {
        mp_obj_print_exception(&mp_plat_print, raised);
        nlr_pop();
    }
    return MP_OBJ_NULL;
}

// Calls a scheduled function. The core prints what it raises; Ctrl-C is meant for the program, which gets it afterwards,
// and printing may raise itself. While the prompt waits Ctrl-C is a key like others, but ends the function all the same.
mp_obj_t mp_call_function_1_protected(mp_obj_t function, mp_obj_t argument) {
    if (!upy_program_runs) {
        mp_hal_set_interrupt_char(CHAR_CTRL_C);
    }
    mp_obj_t result = call_protected(function, argument);
    if (!upy_program_runs) {
        mp_hal_set_interrupt_char(-1);
        MP_STATE_MAIN_THREAD(mp_pending_exception) = MP_OBJ_NULL;
    }
    return result;
}

#if !UPY_HEAP_STOCK
// In Rust: what room there is, in words, if so many bytes are worth the words.
bool upy_room_in_words(size_t bytes, char *text, size_t text_bytes);
#endif

// No harm is kept out here: whoever asks for much is told what there is. There may be room, and Ctrl-C came while a large
// block was filled with zeros.
NORETURN void m_malloc_fail(size_t bytes) {
    look_for_interrupt();
    #if !UPY_HEAP_STOCK
    char text[80];
    if (!gc_is_locked() && upy_room_in_words(bytes, text, sizeof(text))) {
        mp_raise_msg_varg(&mp_type_MemoryError,
            MP_ERROR_TEXT("memory allocation failed, allocating %u bytes; %s"), (uint)bytes, text);
    }
    #endif
    upy_core_malloc_fail(bytes);
}
