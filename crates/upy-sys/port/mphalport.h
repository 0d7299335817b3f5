// What MicroPython expects of the hardware layer beyond py/mphal.h. Rust defines these functions.

#include <stddef.h>
#include <stdint.h>

#include "shared/runtime/interrupt_char.h"

// Masks interrupts, returns what was before.
mp_uint_t upy_atomic_begin(void);
void upy_atomic_end(mp_uint_t before);
#define MICROPY_BEGIN_ATOMIC_SECTION() upy_atomic_begin()
#define MICROPY_END_ATOMIC_SECTION(before) upy_atomic_end(before)

// Sleeps until an interrupt, at most so long; 0xffffffff is for ever.
void upy_wait_for_event(mp_uint_t timeout_ms);
#define MICROPY_INTERNAL_WFE(timeout_ms) upy_wait_for_event((mp_uint_t)(timeout_ms))

// Memory that no script can change or give back.
#define UPY_IS_FLASH(address) ((uintptr_t)(address) - 0x08000000 < 0x00200000)
