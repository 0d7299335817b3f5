// The parts of the port's modules that the core asks for. What is only in Rust is fuzzed on the virtual board.

#include "extmod/modmachine.h"
#include "py/persistentcode.h"
#include "py/runtime.h"
#include "shared/timeutils/timeutils.h"

static MP_DEFINE_CONST_OBJ_TYPE(pin_type, MP_QSTR_Pin, MP_TYPE_FLAG_NONE);

static mp_obj_t disable_irq(void) {
    return MP_OBJ_NEW_SMALL_INT(0);
}
static MP_DEFINE_CONST_FUN_OBJ_0(disable_irq_obj, disable_irq);

static mp_obj_t enable_irq(mp_obj_t state) {
    (void)state;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(enable_irq_obj, enable_irq);

// Eight lines with a pull-up. `Pin` makes none of them: a small number stands for one.
static byte lines = 0xff;

mp_uint_t upy_pin_of(void *object) {
    return mp_obj_get_int(MP_OBJ_FROM_PTR(object)) & 7;
}

void upy_pin_output(mp_uint_t pin) {
    (void)pin;
}

void upy_pin_open_drain(mp_uint_t pin) {
    (void)pin;
}

void upy_pin_input(mp_uint_t pin) {
    (void)pin;
}

int upy_pin_read(mp_uint_t pin) {
    return lines >> pin & 1;
}

void upy_pin_write(mp_uint_t pin, int high) {
    lines = high ? lines | 1 << pin : lines & ~(1 << pin);
}

// Loads what is in a `.mpy` file and runs nothing of it.
static mp_obj_t load_mpy(mp_obj_t file) {
    mp_buffer_info_t bytes;
    mp_get_buffer_raise(file, &bytes, MP_BUFFER_READ);
    mp_compiled_module_t module = { .context = m_new_obj(mp_module_context_t) };
    module.context->module.globals = mp_globals_get();
    mp_raw_code_load_mem(bytes.buf, bytes.len, &module);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(load_mpy_obj, load_mpy);

static const mp_rom_map_elem_t names[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_machine) },
    { MP_ROM_QSTR(MP_QSTR_Pin), MP_ROM_PTR(&pin_type) },
    { MP_ROM_QSTR(MP_QSTR_PinBase), MP_ROM_PTR(&machine_pinbase_type) },
    { MP_ROM_QSTR(MP_QSTR_Signal), MP_ROM_PTR(&machine_signal_type) },
    { MP_ROM_QSTR(MP_QSTR_load_mpy), MP_ROM_PTR(&load_mpy_obj) },
    { MP_ROM_QSTR(MP_QSTR_disable_irq), MP_ROM_PTR(&disable_irq_obj) },
    { MP_ROM_QSTR(MP_QSTR_enable_irq), MP_ROM_PTR(&enable_irq_obj) },
};
static MP_DEFINE_CONST_DICT(names_dict, names);

const mp_obj_module_t machine_module = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&names_dict,
};
MP_REGISTER_EXTENSIBLE_MODULE(MP_QSTR_machine, machine_module);

mp_obj_t mp_time_localtime_get(void) {
    return mp_const_none;
}

static mp_obj_t urandom(mp_obj_t count) {
    mp_int_t bytes = mp_obj_get_int(count);
    if (bytes < 0) {
        mp_raise_ValueError(NULL);
    }
    vstr_t text;
    vstr_init_len(&text, bytes);
    return mp_obj_new_bytes_from_vstr(&text);
}
MP_DEFINE_CONST_FUN_OBJ_1(mp_os_urandom_obj, urandom);

mp_obj_t mp_alloc_emergency_exception_buf(mp_obj_t bytes) {
    (void)bytes;
    return mp_const_none;
}
