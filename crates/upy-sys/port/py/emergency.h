// Included before everything else in modmicropython.c, which has alloc_emergency_exception_buf() only where the buffer is a
// block of the heap. Here it is a part of the interpreter's state, whose layout py/mpstate.h fixes before the size is hidden;
// the function is in Rust (crates/upy/src/emergency.rs).
#include <py/mpstate.h>

#undef MICROPY_EMERGENCY_EXCEPTION_BUF_SIZE
#define MICROPY_EMERGENCY_EXCEPTION_BUF_SIZE (0)
