// Stands in front of MicroPython's py/obj.h: objects of variable size get theirs with a check (sizes.h).
#ifndef UPY_OBJ_H
#define UPY_OBJ_H

#include_next "py/obj.h"

#undef mp_obj_malloc_var
#define mp_obj_malloc_var(struct_type, field, var_type, num, obj_type) \
    ((struct_type *)mp_obj_malloc_helper(UPY_VAR_BYTES(struct_type, field, var_type, (num)), (obj_type)))
#undef mp_obj_malloc_var_with_finaliser
#define mp_obj_malloc_var_with_finaliser(struct_type, var_type, num, obj_type) \
    ((struct_type *)mp_obj_malloc_with_finaliser_helper( \
    upy_sum(sizeof(struct_type), upy_product(sizeof(var_type), (num))), (obj_type)))

#endif
