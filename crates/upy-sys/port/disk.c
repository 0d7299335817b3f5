// Stands between LittleFS and a disk, which may be written in Python: what that raises must not jump out of LittleFS, which has
// lists of open files and folders, in the heap and on the stack. It is kept, LittleFS is told of an error, and what is raised
// for that error is what was kept.

#include "disk.h"
#include "py/mperrno.h"
#include "py/runtime.h"

MP_REGISTER_ROOT_POINTER(mp_obj_t upy_disk_raised);

static int obeyed(mp_vfs_blockdev_t *disk, upy_disk_order_t order, size_t block, size_t at, size_t bytes, void *buffer) {
    if (order == UPY_DISK_READ) {
        return mp_vfs_blockdev_read_ext(disk, block, at, bytes, buffer);
    }
    if (order == UPY_DISK_WRITE) {
        return mp_vfs_blockdev_write_ext(disk, block, at, bytes, buffer);
    }
    bool erases = order == UPY_DISK_ERASE;
    mp_obj_t said = mp_vfs_blockdev_ioctl(disk, erases ? MP_BLOCKDEV_IOCTL_BLOCK_ERASE : MP_BLOCKDEV_IOCTL_SYNC, block);
    return erases || said != mp_const_none ? mp_obj_get_int(said) : 0;
}

int upy_disk(mp_vfs_blockdev_t *disk, upy_disk_order_t order, size_t block, size_t at, size_t bytes, void *buffer) {
    MP_STATE_VM(upy_disk_raised) = MP_OBJ_NULL;
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        int error = obeyed(disk, order, block, at, bytes, buffer);
        nlr_pop();
        return error;
    }
    MP_STATE_VM(upy_disk_raised) = MP_OBJ_FROM_PTR(nlr.ret_val);
    return -MP_EIO;
}

void upy_disk_raise(void) {
    mp_obj_t raised = MP_STATE_VM(upy_disk_raised);
    if (raised != MP_OBJ_NULL) {
        MP_STATE_VM(upy_disk_raised) = MP_OBJ_NULL;
        nlr_raise(raised);
    }
}

NORETURN void upy_core_raise_OSError(int error);

NORETURN void mp_raise_OSError(int error) {
    if (error == MP_EIO) {
        upy_disk_raise();
    }
    upy_core_raise_OSError(error);
}
