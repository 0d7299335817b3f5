// Stands in front of MicroPython's py/scope.h. The compiler looks each name up in its scope, in a row; Rust does it by an index
// (crates/upy/src/scope.rs), and scope.c's own function gives way.
#ifndef UPY_SCOPE_H
#define UPY_SCOPE_H

#include_next "py/scope.h"

#if !UPY_HEAP_STOCK && defined(UPY_SCOPE_C)
MP_REGISTER_ROOT_POINTER(void *scope_index);

__attribute__((weak)) id_info_t *scope_find(scope_t *scope, qstr qstr);
#endif

#endif
