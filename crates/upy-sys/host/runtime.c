// What Rust gives the core on the chip: time, the console, random numbers, and Ctrl-C.

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "host.h"
#include "py/mphal.h"
#include "py/mpprint.h"
#include "py/runtime.h"
#include "py/stream.h"

void __sanitizer_print_stack_trace(void);

const char upy_help_text[] = "spiram's core on this machine\n";

char *upy_host_said;
size_t upy_host_said_bytes;
bool upy_host_listening = true;

void upy_console_write(const char *text, size_t bytes) {
    if (upy_host_listening) {
        upy_host_said = realloc(upy_host_said, upy_host_said_bytes + bytes + 1);
        memcpy(upy_host_said + upy_host_said_bytes, text, bytes);
        upy_host_said_bytes += bytes;
    }
}

// Somebody leans on Enter.
int upy_stdin_take(void) {
    return '\r';
}

uintptr_t upy_console_poll(uintptr_t flags) {
    return flags & (MP_STREAM_POLL_RD | MP_STREAM_POLL_WR);
}

void upy_use_as_console(mp_const_obj_t stream, bool use) {
    (void)stream;
    (void)use;
}

// Time goes on by a microsecond with each look at it, and is never waited for.
static uint64_t now_us = 1;

uint64_t upy_time_us(void) {
    return ++now_us;
}

void upy_sleep_until(uint64_t time_us) {
    now_us = time_us > now_us ? time_us : now_us;
}

void upy_delay_us(uint32_t us) {
    now_us += us;
}

void upy_wait_for_event(mp_uint_t timeout_ms) {
    now_us += 1000 * (uint64_t)(timeout_ms == 0xffffffff ? 1 : timeout_ms);
}

mp_uint_t mp_hal_ticks_ms(void) {
    return upy_time_us() / 1000;
}

mp_uint_t mp_hal_ticks_us(void) {
    return upy_time_us();
}

mp_uint_t mp_hal_ticks_cpu(void) {
    return upy_time_us();
}

uint64_t mp_hal_time_ns(void) {
    return upy_time_us() * 1000;
}

mp_obj_t mp_time_time_get(void) {
    return mp_obj_new_int_from_ull(upy_time_us() / 1000000);
}

// FAT's, for files that are written: the first of January 2025.
uint32_t get_fattime(void) {
    return 45u << 25 | 1 << 21 | 1 << 16;
}

mp_uint_t upy_random_seed(void) {
    return 1;
}

mp_uint_t upy_atomic_begin(void) {
    return 0;
}

void upy_atomic_end(mp_uint_t before) {
    (void)before;
}

NORETURN void nlr_jump_fail(void *value) {
    (void)value;
    abort();
}

void *upy_host_callable(const void *code) {
    (void)code;
    mp_raise_NotImplementedError(MP_ERROR_TEXT("machine code of another processor"));
}

void *upy_commit_code(void *code, mp_uint_t bytes, void *relocation) {
    (void)bytes;
    (void)relocation;
    return code;
}

// Of processor time, so that a busy machine makes no finding.
#define STATEMENT_MS 30
#define PATIENCE 130

static const volatile uint8_t *watched;

static void tick(int signal) {
    static unsigned last, ticks;
    (void)signal;
    unsigned statement = watched[0] | watched[1] << 8;
    if (statement != last) {
        last = statement;
        ticks = 0;
    } else if (++ticks > PATIENCE) {
        fprintf(stderr, "ERROR: no answer to Ctrl-C\n");
        __sanitizer_print_stack_trace();
        _exit(77);
    } else {
        mp_sched_keyboard_interrupt();
    }
}

void upy_host_watch(const volatile uint8_t *room) {
    watched = room;
    signal(SIGVTALRM, tick);
    struct itimerval often = { { 0, 1000 * STATEMENT_MS }, { 0, 1000 * STATEMENT_MS } };
    setitimer(ITIMER_VIRTUAL, &often, NULL);
}
