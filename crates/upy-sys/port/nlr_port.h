// nlr.c as Rust sees it: every door between Rust and MicroPython's exceptions.

#include "py/obj.h"

typedef void (*upy_call_t)(void *argument);

// Calls `call(argument)`. Returns NULL, or the exception that it raised.
void *upy_protected_call(upy_call_t call, void *argument);

// Raises an exception object. Does not return.
NORETURN void upy_raise(mp_obj_t exception);
