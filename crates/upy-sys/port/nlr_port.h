// nlr.c as Rust sees it: every door between Rust and MicroPython's exceptions.

#include <stdbool.h>
#include <stddef.h>

#include "py/obj.h"

typedef void (*upy_call_t)(void *argument);

// Calls `call(argument)`. Returns NULL, or the exception that it raised.
void *upy_protected_call(upy_call_t call, void *argument);

// Whether Ctrl-C waits to be raised.
int upy_is_interrupted(void);

// On the console: what came out of a handler that an interrupt called.
void upy_tell_uncaught(mp_obj_t exception);

// Raises what Ctrl-C has left, if anything.
void upy_raise_pending(void);

// Raises an exception object. Does not return.
NORETURN void upy_raise(mp_obj_t exception);

// Whether so many bytes at an address can be read.
typedef bool (*upy_readable_t)(const void *address, size_t bytes);

// If a frame of the interpreter begins at these words: its line, counted from 1, its source's name and its function's.
// 0 if none does.
unsigned upy_place_of(const void *words, upy_readable_t readable, const char **file, const char **function);
