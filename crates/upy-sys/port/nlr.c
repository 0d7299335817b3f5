// The only C of this port: where MicroPython's non-local jumps start and end next to Rust.
//
// A jump restores r4-r11 and d8-d10 (py/nlrthumb.c) and skips everything between. Two things could go wrong in Rust:
// skipped destructors, and values that LLVM keeps in d11-d15 over a call. So
//  - Rust calls what may raise, or catch, through upy_protected_call, which ends the jump here, returns the exception,
//    and gives d11-d15 back as they were, whoever used them before jumping;
//  - Rust code that MicroPython calls returns a Result, and only its outermost shim, whose frame holds nothing,
//    calls upy_raise;
//  - functions that wait, and may be interrupted by an exception while they wait, have their loop here.
// nlr_push returns twice, which no Rust function may.

#include "py/mphal.h"
#include "py/nlr.h"
#include "py/runtime.h"
#include "nlr_port.h"

// Rust knows these three objects by value.
_Static_assert((uintptr_t)mp_const_none == 6, "None");
_Static_assert((uintptr_t)mp_const_false == 14, "False");
_Static_assert((uintptr_t)mp_const_true == 30, "True");
// And these two marks.
_Static_assert((uintptr_t)MP_OBJ_NULL == 0, "no object");
_Static_assert((uintptr_t)MP_OBJ_SENTINEL == 4, "load, or not here");

#if !UPY_HEAP_STOCK
// What the heap in Rust takes for granted. gc.threshold counts in these blocks (py/modgc.c):
_Static_assert(MICROPY_BYTES_PER_GC_BLOCK == 16, "a block of the heap");
#if !MICROPY_ENABLE_GC || !MICROPY_ENABLE_FINALISER || !MICROPY_GC_ALLOC_THRESHOLD || !MICROPY_PY_GC_COLLECT_RETVAL \
    || !MICROPY_GC_CONSERVATIVE_CLEAR || MICROPY_PY_THREAD || MICROPY_ENABLE_PYSTACK || MICROPY_GC_SPLIT_HEAP
#error crates/upy/src/heap is not written for this configuration
#endif
#endif

void *upy_protected_call(upy_call_t call, void *argument) {
    #ifdef __arm__
    // Makes the compiler save these on entry and restore them on return, by either way.
    __asm volatile ("" ::: "d11", "d12", "d13", "d14", "d15");
    #endif
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        call(argument);
        nlr_pop();
        return NULL;
    }
    return nlr.ret_val;
}

NORETURN void upy_raise(mp_obj_t exception) {
    nlr_raise(exception);
}

// In Rust: microseconds since start, a sleep that ends at that time or with any interrupt, and an exact wait.
extern uint64_t upy_time_us(void);
extern void upy_sleep_until(uint64_t time_us);
extern void upy_delay_us(uint32_t us);

void mp_hal_delay_ms(mp_uint_t ms) {
    uint64_t end_us = upy_time_us() + 1000ull * ms;
    mp_event_handle_nowait();
    while (upy_time_us() < end_us) {
        upy_sleep_until(end_us);
        mp_event_handle_nowait();
    }
}

// Drivers wait in microseconds between two edges, and must not be held up by a callback: only what is longer than they
// would wait is a pause like those above, which Ctrl-C ends.
#define EXACT_US 2000

void mp_hal_delay_us(mp_uint_t us) {
    // A microsecond has begun: without it the pause may be that much too short.
    uint64_t end_us = upy_time_us() + us + (us > 0);
    if (us > EXACT_US) {
        mp_event_handle_nowait();
        while (upy_time_us() + EXACT_US < end_us) {
            upy_sleep_until(end_us - EXACT_US);
            mp_event_handle_nowait();
        }
    }
    uint64_t now_us = upy_time_us();
    if (now_us < end_us) {
        upy_delay_us(end_us - now_us);
    }
}

// What a script wants called when hardware speaks: function and argument of each line. Rust fills it.
MP_REGISTER_ROOT_POINTER(mp_obj_t upy_handlers[2 * 96]);

// What hardware works for.
MP_REGISTER_ROOT_POINTER(mp_obj_t upy_held[36]);

// On the console: what came out of a handler that an interrupt called.
void upy_tell_uncaught(mp_obj_t exception) {
    mp_printf(MICROPY_ERROR_PRINTER, "uncaught exception in an interrupt's handler, which is taken away:\n");
    mp_obj_print_exception(MICROPY_ERROR_PRINTER, exception);
}

// Whether Ctrl-C waits to be raised. Output that nobody wants any more is dropped then: a long print ends at once.
int upy_is_interrupted(void) {
    return MP_STATE_THREAD(mp_pending_exception) != MP_OBJ_NULL;
}

// Raises what Ctrl-C has left, and nothing else: no callback runs.
void upy_raise_pending(void) {
    mp_uint_t before = MICROPY_BEGIN_ATOMIC_SECTION();
    mp_obj_t exception = MP_STATE_THREAD(mp_pending_exception);
    MP_STATE_THREAD(mp_pending_exception) = MP_OBJ_NULL;
    MICROPY_END_ATOMIC_SECTION(before);
    if (exception != MP_OBJ_NULL) {
        nlr_raise(exception);
    }
}
