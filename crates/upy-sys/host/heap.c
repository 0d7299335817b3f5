// Stands in for the heap: every block is one of the C library's, so that the sanitizer sees each byte behind it and each use
// after it was freed. Nothing is collected: a program ends with its process. Growing always moves.

#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "py/gc.h"
#include "py/runtime.h"

// Of the sanitizer, whose header gcc does not bring for 32 bits everywhere.
int __sanitizer_get_ownership(const volatile void *block);
size_t __sanitizer_get_allocated_size(const volatile void *block);

// A single block that is larger, or any that is not small once so much was handed out, is refused as on a full board.
#define LARGEST (9u << 20)
#define ALL (48u << 20)
#define SMALL 2048

static size_t handed_out;
unsigned upy_host_fail_every;
static unsigned until_failure;

void *gc_alloc(size_t bytes, unsigned int flags) {
    (void)flags;
    if (bytes == 0 || gc_is_locked() || bytes > LARGEST || (handed_out + bytes > ALL && bytes > SMALL)) {
        return NULL;
    }
    if (upy_host_fail_every != 0 && ++until_failure >= upy_host_fail_every) {
        until_failure = 0;
        return NULL;
    }
    handed_out += bytes;
    return calloc(1, bytes);
}

void gc_free(void *block) {
    if (!gc_is_locked()) {
        free(block);
    }
}

size_t gc_nbytes(const void *block) {
    return __sanitizer_get_ownership(block) ? __sanitizer_get_allocated_size(block) : 0;
}

static void *grown(void *block, size_t bytes, bool leaving) {
    size_t old = gc_nbytes(block);
    void *moved = gc_alloc(bytes, 0);
    if (moved != NULL) {
        memcpy(moved, block, old < bytes ? old : bytes);
        if (!leaving) {
            gc_free(block);
        }
    }
    return moved;
}

void *gc_realloc(void *block, size_t bytes, bool allow_move) {
    if (gc_is_locked()) {
        return NULL;
    }
    if (block == NULL) {
        return gc_alloc(bytes, 0);
    }
    if (bytes == 0) {
        gc_free(block);
        return NULL;
    }
    if (bytes <= gc_nbytes(block)) {
        return block;
    }
    return allow_move ? grown(block, bytes, false) : NULL;
}

// What the chip's heap adds for the core (port/py/misc.h).
void *upy_malloc_leaf(size_t bytes) {
    return m_malloc_maybe(bytes);
}

void *upy_realloc_leaving(void *block, size_t old_bytes, size_t bytes) {
    (void)old_bytes;
    return bytes == 0 || bytes <= gc_nbytes(block) ? gc_realloc(block, bytes, true) : grown(block, bytes, true);
}

bool upy_may_point_into_heap(const mp_obj_t *words, size_t count) {
    (void)words;
    (void)count;
    return true;
}

bool upy_room_in_words(size_t bytes, char *text, size_t text_bytes) {
    (void)bytes;
    (void)text;
    (void)text_bytes;
    return false;
}

void gc_lock(void) {
    MP_STATE_THREAD(gc_lock_depth) += 1 << GC_LOCK_DEPTH_SHIFT;
}

void gc_unlock(void) {
    MP_STATE_THREAD(gc_lock_depth) -= 1 << GC_LOCK_DEPTH_SHIFT;
}

bool gc_is_locked(void) {
    return MP_STATE_THREAD(gc_lock_depth) != 0;
}

void gc_collect(void) {
}

void gc_sweep_all(void) {
}

void gc_info(gc_info_t *info) {
    memset(info, 0, sizeof(*info));
    info->total = ALL;
    info->used = handed_out;
    info->free = ALL > handed_out ? ALL - handed_out : 0;
    info->max_free = info->free / MICROPY_BYTES_PER_GC_BLOCK;
}

void gc_dump_info(const mp_print_t *print) {
    (void)print;
}

void gc_dump_alloc_table(const mp_print_t *print) {
    (void)print;
}
