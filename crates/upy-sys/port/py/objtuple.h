// Stands in front of MicroPython's py/objtuple.h. A tuple whose items are given when it is made never changes, so if none
// of them can point into the heap it is a leaf (see misc.h), and the collector never reads it: records of numbers, small
// strings that are names, True and None.
// A tuple that is filled later, by whoever asked for it (`items` is NULL), is none.
#ifndef UPY_OBJTUPLE_H
#define UPY_OBJTUPLE_H

#include_next "py/objtuple.h"

#if !UPY_HEAP_STOCK && defined(UPY_LEAF_BY_ITEMS)

// In Rust: whether a word may be the address of a block of the heap.
bool upy_may_point_into_heap(const mp_obj_t *words, size_t count);

// objtuple.c makes tuples in one place, where the argument `items` is in scope.
#undef mp_obj_malloc_var
#define mp_obj_malloc_var(struct_type, field, var_type, num, obj_type) ((struct_type *)upy_tuple_malloc( \
    (items) != NULL && !upy_may_point_into_heap((items), (num)), \
    UPY_VAR_BYTES(struct_type, field, var_type, (num)), (obj_type)))

static inline void *upy_tuple_malloc(bool leaf, size_t bytes, const mp_obj_type_t *type) {
    mp_obj_base_t *tuple = upy_malloc(leaf, bytes);
    tuple->type = type;
    return tuple;
}

#endif
#endif
