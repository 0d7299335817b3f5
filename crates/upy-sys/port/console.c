// The console as the core sees it: the board's own, which is Rust, and beside it what a program gives to os.dupterm. Streams of
// Python raise, run programs and lie, so that half of it is C.

#include "extmod/misc.h"
#include "py/mphal.h"
#include "py/nlr.h"
#include "py/runtime.h"

// In Rust: the next character of the board's own console, or -1; what is written there; which events hold there.
extern int upy_stdin_take(void);
extern void upy_console_write(const char *text, size_t bytes);
extern uintptr_t upy_console_poll(uintptr_t asked);
// In Rust: a stream is a console from now on, or is none any more.
extern void upy_use_as_console(mp_const_obj_t stream, bool use);
// In nlr.c.
extern int upy_is_interrupted(void);

// How long a character of a program's stream, which need not interrupt, may wait.
#define LOOK_MS 1

static bool has_streams(void) {
    for (size_t i = 0; i < MICROPY_PY_OS_DUPTERM; ++i) {
        if (MP_STATE_VM(dupterm_objs[i]) != MP_OBJ_NULL) {
            return true;
        }
    }
    return false;
}

static bool is_interrupt(void) {
    uint32_t exception = 0;
    #ifdef __arm__
    __asm volatile ("mrs %0, ipsr" : "=r" (exception));
    #endif
    return exception != 0;
}

int mp_hal_stdin_rx_chr(void) {
    for (;;) {
        int c = upy_stdin_take();
        if (c < 0) {
            c = mp_os_dupterm_rx_chr();
        }
        if (c >= 0) {
            return c;
        }
        if (has_streams()) {
            mp_event_wait_ms(LOOK_MS);
        } else {
            mp_event_wait_indefinite();
        }
    }
}

// Never raises: the core writes from anywhere. What a stream prints itself goes to the board's own console alone.
mp_uint_t mp_hal_stdout_tx_strn(const char *text, size_t bytes) {
    static bool is_inside;
    upy_console_write(text, bytes);
    if (is_inside || !has_streams() || is_interrupt() || upy_is_interrupted()) {
        return bytes;
    }
    is_inside = true;
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        mp_os_dupterm_tx_strn(text, bytes);
        nlr_pop();
    }
    // Else an exception that could not even be told, of a stream that is deactivated already.
    is_inside = false;
    return bytes;
}

uintptr_t mp_hal_stdio_poll(uintptr_t asked) {
    return upy_console_poll(asked) | (has_streams() ? mp_os_dupterm_poll(asked) & asked : 0);
}

void mp_os_dupterm_stream_detached_attached(mp_obj_t detached, mp_obj_t attached) {
    upy_use_as_console(detached, false);
    upy_use_as_console(attached, true);
}
