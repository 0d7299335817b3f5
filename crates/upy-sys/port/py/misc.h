// Stands in front of MicroPython's py/misc.h. Sizes are multiplied with a check (sizes.h), and the heap is told which blocks
// hold no pointers: leaves, which the collector never reads. The sources stay as they are; what a block is for shows in the type that they ask for.
//
// A leaf is what is made of characters, bytes, 16-bit words (digits of long integers) or is a float. Growing keeps it one;
// growing from nothing makes it one. Headers beside this one do the same for tuples, and keep the arguments of calls out of
// it. Three files say `byte` and mean something else, and are compiled with a flag (build/files.rs):
//  - parse.c: chunks of the syntax tree, which point to constants and to each other;
//  - persistentcode.c: the variables of native code in .mpy files, which are reached from nowhere else;
//  - objarray.c: items of arrays, objects and addresses among them. Their type code decides.
// What a program itself packs as an address into bytes (struct 'P', uctypes.PTR) keeps nothing alive.
#ifndef UPY_MISC_H
#define UPY_MISC_H

#include_next "py/misc.h"
#include "sizes.h"

#undef m_new_obj_var0
#undef m_new_obj_var
#undef m_new_obj_var_maybe
#undef m_renew_maybe
#define UPY_VAR_BYTES(obj_type, var_field, var_type, var_num) \
    upy_sum(offsetof(obj_type, var_field), upy_product(sizeof(var_type), (var_num)))
#define m_new_obj_var0(obj_type, var_field, var_type, var_num) \
    ((obj_type *)m_malloc0(UPY_VAR_BYTES(obj_type, var_field, var_type, var_num)))
#define m_new_obj_var(obj_type, var_field, var_type, var_num) \
    ((obj_type *)m_malloc(UPY_VAR_BYTES(obj_type, var_field, var_type, var_num)))
#define m_new_obj_var_maybe(obj_type, var_field, var_type, var_num) \
    ((obj_type *)m_malloc_maybe(UPY_VAR_BYTES(obj_type, var_field, var_type, var_num)))
#define m_renew_maybe(type, block, old_num, num, allow_move) \
    ((type *)m_realloc_maybe((block), sizeof(type) * (old_num), upy_product(sizeof(type), (num)), (allow_move)))

#if UPY_HEAP_STOCK
#undef m_new
#undef m_new_maybe
#undef m_new0
#undef m_renew
#define m_new(type, num) ((type *)m_malloc(upy_product(sizeof(type), (num))))
#define m_new_maybe(type, num) ((type *)m_malloc_maybe(upy_product(sizeof(type), (num))))
#define m_new0(type, num) ((type *)m_malloc0(upy_product(sizeof(type), (num))))
#define m_renew(type, block, old_num, num) \
    ((type *)m_realloc((block), sizeof(type) * (old_num), upy_product(sizeof(type), (num))))
#endif

#if !UPY_HEAP_STOCK && !defined(UPY_NO_LEAVES)

// In Rust: as m_malloc_maybe, a leaf.
void *upy_malloc_leaf(size_t bytes);

// py/objfloat.c; the others only see that there is one.
struct _mp_obj_float_t;

#define UPY_IS_LEAF(type) (__builtin_types_compatible_p(type, char) \
    || __builtin_types_compatible_p(type, signed char) || __builtin_types_compatible_p(type, unsigned char) \
    || __builtin_types_compatible_p(type, short) || __builtin_types_compatible_p(type, unsigned short) \
    || __builtin_types_compatible_p(type, struct _mp_obj_float_t))

// `leaf` is a constant nearly everywhere, so one branch of each is left.
static inline void *upy_malloc_maybe(bool leaf, size_t bytes) {
    return leaf ? upy_malloc_leaf(bytes) : m_malloc_maybe(bytes);
}

static inline void *upy_malloc(bool leaf, size_t bytes) {
    if (!leaf) {
        return m_malloc(bytes);
    }
    void *block = upy_malloc_leaf(bytes);
    if (block == NULL && bytes != 0) {
        m_malloc_fail(bytes);
    }
    return block;
}

// The heap hands out zeros, but for leaves.
static inline void *upy_malloc0(bool leaf, size_t bytes) {
    void *block = upy_malloc(leaf, bytes);
    if (!leaf || bytes == 0) {
        return block;
    }
    return bytes > UPY_SLICE ? upy_fill(block, 0, bytes) : __builtin_memset(block, 0, bytes);
}

#ifndef UPY_LEAVES_OLD
static inline void *upy_realloc(bool leaf, void *block, size_t old_bytes, size_t bytes) {
    return leaf && block == NULL ? upy_malloc(true, bytes) : m_realloc(block, old_bytes, bytes);
}
#else
// Arrays, lists and ordered dicts: somebody may look into the items while they move, a view, or C code that has called Python
// in between. In Rust: what is left behind is given to no one while something points to it.
void *upy_realloc_leaving(void *block, size_t old_bytes, size_t bytes);

static inline void *upy_realloc(bool leaf, void *block, size_t old_bytes, size_t bytes) {
    if (block == NULL) {
        return upy_malloc(leaf, bytes);
    }
    void *moved = upy_realloc_leaving(block, old_bytes, bytes);
    if (moved == NULL) {
        m_malloc_fail(bytes);
    }
    return moved;
}
#endif

#undef m_new
#undef m_new_maybe
#undef m_new0
#undef m_new_obj
#undef m_new_obj_maybe
#undef m_renew
#define m_new_obj(type) ((type *)upy_malloc(UPY_IS_LEAF(type), sizeof(type)))
#define m_new_obj_maybe(type) ((type *)upy_malloc_maybe(UPY_IS_LEAF(type), sizeof(type)))
#define m_new_maybe(type, num) ((type *)upy_malloc_maybe(UPY_IS_LEAF(type), upy_product(sizeof(type), (num))))

#ifndef UPY_LEAF_BY_TYPECODE
#define m_new(type, num) ((type *)upy_malloc(UPY_IS_LEAF(type), upy_product(sizeof(type), (num))))
#define m_new0(type, num) ((type *)upy_malloc0(UPY_IS_LEAF(type), upy_product(sizeof(type), (num))))
#define m_renew(type, block, old_num, num) \
    ((type *)upy_realloc(UPY_IS_LEAF(type), (block), sizeof(type) * (old_num), \
        upy_product(sizeof(type), (num))))
#else
// objarray.c: items are made where `typecode` is in scope, and grown as a member of the array that has it.
#define UPY_TYPECODE_IS_LEAF(code) ((code) != 'O' && (code) != 'P' && (code) != 'S')
#define m_new(type, num) ((type *)upy_malloc(UPY_TYPECODE_IS_LEAF(typecode), upy_product(sizeof(type), (num))))
#define UPY_ARRAY_OF(items_field) ((mp_obj_array_t *)((char *)&(items_field) - offsetof(mp_obj_array_t, items)))
#define m_renew(type, block, old_num, num) ((type *)upy_realloc( \
    UPY_TYPECODE_IS_LEAF(UPY_ARRAY_OF(block)->typecode), (block), sizeof(type) * (old_num), \
    upy_product(sizeof(type), (num))))
#endif

#endif // leaves
#endif
