// Orders to a disk that raise nothing.
#ifndef UPY_DISK_H
#define UPY_DISK_H

#include "extmod/vfs.h"

typedef enum {
    UPY_DISK_READ,
    UPY_DISK_WRITE,
    UPY_DISK_ERASE,
    UPY_DISK_SYNC,
} upy_disk_order_t;

// A negative error number; -MP_EIO for what was raised, which is kept until the next order.
int upy_disk(mp_vfs_blockdev_t *disk, upy_disk_order_t order, size_t block, size_t at, size_t bytes, void *buffer);

// Raises what is kept, if anything is.
void upy_disk_raise(void);

#endif
