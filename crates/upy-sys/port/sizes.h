// Sizes that come from a script are multiplied and added here: what does not fit is a MemoryError, not a small number.
#ifndef UPY_SIZES_H
#define UPY_SIZES_H

#include <stddef.h>

// No heap has as much; rounding it up does not overflow.
#define UPY_TOO_LARGE ((size_t)0x7fffff00)

static inline size_t upy_product(size_t a, size_t b) {
    size_t product;
    return __builtin_mul_overflow(a, b, &product) || product > UPY_TOO_LARGE ? UPY_TOO_LARGE : product;
}

static inline size_t upy_sum(size_t a, size_t b) {
    size_t sum;
    return __builtin_add_overflow(a, b, &sum) || sum > UPY_TOO_LARGE ? UPY_TOO_LARGE : sum;
}

#endif
