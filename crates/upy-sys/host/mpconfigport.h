// The chip's configuration, and where this machine differs.

#include_next "mpconfigport.h"

// Machine code for the chip is made, but not run.
extern void *upy_host_callable(const void *code);
#undef MICROPY_MAKE_POINTER_CALLABLE
#define MICROPY_MAKE_POINTER_CALLABLE(code) upy_host_callable(code)

// The sanitizers follow the C library's jumps.
#define MICROPY_NLR_SETJMP                  (1)

// Frames are larger here, and there is no Rust between two looks.
#undef MICROPY_STACK_CHECK_MARGIN
#define MICROPY_STACK_CHECK_MARGIN          (256 * 1024)

// These ask Rust.
#undef MICROPY_PY_TIME_EXTRA_GLOBALS
#undef MICROPY_PY_HASHLIB_MD5
#undef MICROPY_PY_HASHLIB_SHA1
#undef MICROPY_PY_CRYPTOLIB
#undef MICROPY_PY_CRYPTOLIB_CTR
#undef MICROPY_PY_CRYPTOLIB_CONSTS
#undef MP_NEED_LOG2
