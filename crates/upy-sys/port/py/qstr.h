// Stands in front of MicroPython's py/qstr.h. Hashes have 30 bits (crates/upy-sys/src/hash.rs), and the pools of names have
// room for them. The core knows two widths, of 8 and 16 bits; here the wider one is wider still.
#ifndef UPY_QSTR_H
#define UPY_QSTR_H

#include "py/mpconfig.h"
#include "py/misc.h"

#if UPY_HEAP_STOCK
#include_next "py/qstr.h"
#else

#if MICROPY_QSTR_BYTES_IN_HASH != 2 || MICROPY_QSTR_BYTES_IN_LEN != 1
#error the trick below is for hashes of two bytes, and no other type of that width but qstr_short_t
#endif

#define uint16_t uint32_t
#define qstr_short_t upy_wide_qstr_short_t
#include_next "py/qstr.h"
#undef uint16_t
#undef qstr_short_t
typedef uint16_t qstr_short_t;
_Static_assert(sizeof(qstr_hash_t) == 4, "hashes in the pools of names");

#ifdef UPY_QSTR_C
// In qstr.c the core's own gives way to Rust's (crates/upy/src/hash.rs).
__attribute__((weak)) size_t qstr_compute_hash(const byte *data, size_t len);
#endif

#endif
#endif
