// Stands in front of MicroPython's py/pystack.h: what that allocates as bytes are the arguments of calls, so its blocks are
// no leaves (see misc.h).
#ifndef UPY_PYSTACK_H
#define UPY_PYSTACK_H

#include "py/mpstate.h"

#pragma push_macro("m_new")
#pragma push_macro("m_renew")
#undef m_new
#undef m_renew
#define m_new(type, num) ((type *)m_malloc(sizeof(type) * (num)))
#define m_renew(type, block, old_num, num) \
    ((type *)m_realloc((block), sizeof(type) * (old_num), sizeof(type) * (num)))
#include_next "py/pystack.h"
#pragma pop_macro("m_new")
#pragma pop_macro("m_renew")

#endif
