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

// Pins, for the drivers of the core that move them one by one: a number that stands for a pin of the chip. Asking for one
// raises if it is no pin, or belongs to the board.
#define mp_hal_pin_obj_t mp_uint_t
mp_uint_t upy_pin_of(void *object);
void upy_pin_output(mp_uint_t pin);
void upy_pin_open_drain(mp_uint_t pin);
void upy_pin_input(mp_uint_t pin);
int upy_pin_read(mp_uint_t pin);
void upy_pin_write(mp_uint_t pin, int high);
#define mp_hal_get_pin_obj(object) upy_pin_of(object)
#define mp_hal_pin_output(pin) upy_pin_output(pin)
#define mp_hal_pin_open_drain(pin) upy_pin_open_drain(pin)
#define mp_hal_pin_input(pin) upy_pin_input(pin)
#define mp_hal_pin_read(pin) upy_pin_read(pin)
#define mp_hal_pin_write(pin, high) upy_pin_write(pin, high)
#define mp_hal_pin_od_low(pin) upy_pin_write(pin, 0)
#define mp_hal_pin_od_high(pin) upy_pin_write(pin, 1)
// A pin's name is its port's letter and its number.
#define MP_HAL_PIN_FMT "P%c%u"
#define mp_hal_pin_name(pin) (int)('A' + (pin) / 16), (unsigned int)((pin) % 16)

// Times between two edges that nothing may stretch.
void upy_delay_us(uint32_t us);
#define mp_hal_delay_us_fast(us) upy_delay_us(us)
#define mp_hal_quiet_timing_enter() upy_atomic_begin()
#define mp_hal_quiet_timing_exit(before) upy_atomic_end(before)

// Memory that no script can change or give back.
#define UPY_IS_FLASH(address) ((uintptr_t)(address) - 0x08000000 < 0x00200000)
