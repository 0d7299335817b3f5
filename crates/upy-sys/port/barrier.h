// Included before everything else in the files that have a write barrier (build/barrier.rs): what goes round it, and
// which functions do without.
#include <stdarg.h>
#include <string.h>
#include <py/mpconfig.h>
#include <py/misc.h>
#include <py/obj.h>
#include <py/objlist.h>
#include <py/runtime.h>

// The compiler reports no stores of these.
#define memcpy upy_barred_memcpy
#define memmove upy_barred_memmove
void *upy_barred_memcpy(void *to, const void *from, size_t bytes);
void *upy_barred_memmove(void *to, const void *from, size_t bytes);

#define PLAIN __attribute__((no_sanitize_address))

// Their result goes to the stack.
PLAIN const byte *qstr_data(qstr, size_t *);
PLAIN static const struct _qstr_pool_t *find_qstr(qstr *);
PLAIN const char *mp_obj_str_get_data(mp_obj_t, size_t *);
PLAIN void mp_obj_slice_indices(mp_obj_t, mp_int_t, mp_bound_slice_t *);
PLAIN void mp_load_method(mp_obj_t, qstr, mp_obj_t *);
PLAIN void mp_load_method_maybe(mp_obj_t, qstr, mp_obj_t *);
PLAIN void mp_load_super_method(qstr, mp_obj_t *);
PLAIN void mp_convert_member_lookup(mp_obj_t, const mp_obj_type_t *, mp_obj_t, mp_obj_t *);
PLAIN static void mp_obj_instance_load_attr(mp_obj_t, qstr, mp_obj_t *);
PLAIN static void mp_obj_instance_attr(mp_obj_t, qstr, mp_obj_t *);

// They store numbers.
PLAIN static mp_obj_t list_it_iternext(mp_obj_t);
PLAIN static mp_obj_t range_it_iternext(mp_obj_t);

// They fill a new object, a frame, or a place that the caller's frame has for an iterator; or point to a new object.
PLAIN void vstr_init_fixed_buf(vstr_t *, size_t, char *);
PLAIN void mp_map_init(mp_map_t *, size_t);
PLAIN static mp_obj_list_t *list_new(size_t);
PLAIN void mp_obj_list_init(mp_obj_list_t *, size_t);
PLAIN mp_obj_t mp_obj_new_list(size_t, mp_obj_t *);
PLAIN mp_obj_t mp_obj_new_tuple(size_t, const mp_obj_t *);
PLAIN mp_obj_t mp_obj_new_slice(mp_obj_t, mp_obj_t, mp_obj_t);
PLAIN mp_obj_t mp_obj_new_closure(mp_obj_t, size_t, const mp_obj_t *);
PLAIN static mp_obj_t list_getiter(mp_obj_t, mp_obj_iter_buf_t *);
PLAIN static mp_obj_t mp_obj_new_list_iterator(mp_obj_t, size_t, mp_obj_iter_buf_t *);
PLAIN static mp_obj_t range_getiter(mp_obj_t, mp_obj_iter_buf_t *);
PLAIN static mp_obj_t range_make_new(const mp_obj_type_t *, size_t, size_t, const mp_obj_t *);
PLAIN static mp_obj_t mp_obj_new_range_iterator(mp_int_t, mp_int_t, mp_int_t, mp_obj_iter_buf_t *);
PLAIN static mp_obj_t gen_wrap_call(mp_obj_t, size_t, size_t, const mp_obj_t *);
PLAIN static mp_obj_t gen_resume_and_raise(mp_obj_t, mp_obj_t, mp_obj_t, bool);
PLAIN static mp_obj_t gen_instance_iternext(mp_obj_t);

// objarray.c makes its items in a way that bc.h's inline functions do not (py/misc.h).
#ifndef UPY_LEAF_BY_TYPECODE
#include <py/bc.h>
#include <py/objgenerator.h>
mp_vm_return_kind_t upy_execute_generator(mp_code_state_t *, volatile mp_obj_t);
#define mp_execute_bytecode upy_execute_generator
PLAIN mp_vm_return_kind_t mp_obj_gen_resume(mp_obj_t, mp_obj_t, mp_obj_t, mp_obj_t *);
#endif

// Functions with a barrier and without are inlined into each other only if told so.
#define ALWAYS static inline __attribute__((always_inline))
ALWAYS mp_obj_dict_t *mp_globals_get(void);
ALWAYS void mp_globals_set(mp_obj_dict_t *);
