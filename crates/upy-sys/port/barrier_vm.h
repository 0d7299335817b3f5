// Included before everything else in vm.c, which has no write barrier (build/barrier.rs): what it stores goes to the
// frame of a function, but for the variables that closures share. These are cells in the heap.
#include <py/mpconfig.h>
#include <py/obj.h>

extern mp_uint_t upy_marking;
void upy_barrier_word(void *address);

static inline void upy_cell_set(mp_obj_t cell, mp_obj_t value) {
    if (upy_marking) {
        upy_barrier_word(&((mp_obj_cell_t *)MP_OBJ_TO_PTR(cell))->obj);
    }
    mp_obj_cell_set(cell, value);
}

#define mp_obj_cell_set upy_cell_set
