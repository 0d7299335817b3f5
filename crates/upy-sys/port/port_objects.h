// Functions and objects that Rust adds to MicroPython's modules `time` and `os`.

mp_obj_t mp_time_time_get(void);
mp_obj_t mp_time_localtime_get(void);
extern const mp_obj_fun_builtin_fixed_t mp_os_urandom_obj;
extern const mp_obj_fun_builtin_fixed_t upy_time_clock_obj;
