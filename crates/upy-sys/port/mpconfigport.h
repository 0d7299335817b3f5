// How MicroPython is configured for spiram: declarations only, no code that runs.
// Everything that runs in this port is Rust, except nlr.c.

#include <alloca.h>
#include <stddef.h>
#include <stdint.h>

// The core takes room on the stack for what a script's arguments say; without room for it that is a RuntimeError.
extern void upy_stack_room(size_t bytes);
#undef alloca
#define alloca(bytes) __extension__({ size_t alloca_bytes = (bytes); upy_stack_room(alloca_bytes); __builtin_alloca(alloca_bytes); })

// ---- Size and speed --------------------------------------------------------------------------------------------
#define MICROPY_CONFIG_ROM_LEVEL            (MICROPY_CONFIG_ROM_LEVEL_EXTRA_FEATURES)
#define MICROPY_MALLOC_USES_ALLOCATED_SIZE  (1)
// Costs a table of 1 KB, saves a compare-and-branch per bytecode.
#define MICROPY_OPT_COMPUTED_GOTO           (1)
#define MICROPY_MEM_STATS                   (1)
#define MICROPY_LONGINT_IMPL                (MICROPY_LONGINT_IMPL_MPZ)
// The M7 has a double-precision FPU, and floats that print like CPython's surprise nobody.
#define MICROPY_FLOAT_IMPL                  (MICROPY_FLOAT_IMPL_DOUBLE)
// newlib's headers make log2 a macro, and no libm is linked.
#define MP_NEED_LOG2                        (1)
#define MICROPY_USE_INTERNAL_PRINTF         (1)
#define MICROPY_WARNINGS                    (1)
#define MICROPY_ERROR_REPORTING             (MICROPY_ERROR_REPORTING_DETAILED)

// ---- Code: compiled on the chip, loaded from .mpy files, frozen into flash ---------------------------------------
#define MICROPY_EMIT_THUMB                  (1)
#define MICROPY_EMIT_THUMB_ARMV7M           (1)
#define MICROPY_EMIT_INLINE_THUMB           (1)
#define MICROPY_EMIT_INLINE_THUMB_FLOAT     (1)
#define MICROPY_MAKE_POINTER_CALLABLE(p)    ((void *)((mp_uint_t)(p) | 1))
// The heap may be in memory that cannot be executed: finished code is moved out of it.
#define MP_PLAT_COMMIT_EXEC(code, bytes, relocation) upy_commit_code(code, bytes, relocation)
#define MICROPY_PERSISTENT_CODE_LOAD        (1)
#define MICROPY_MODULE_FROZEN_MPY           (1)
#define MICROPY_QSTR_EXTRA_POOL             mp_qstr_frozen_const_pool
#define MICROPY_READER_VFS                  (1)

// ---- Heap and stack --------------------------------------------------------------------------------------------
#define MICROPY_ENABLE_GC                   (1)
#define MICROPY_ENABLE_FINALISER            (1)
#define MICROPY_GC_SPLIT_HEAP               (UPY_HEAP_STOCK)
// What C and Rust may use of the 79 KB between two looks at the stack. Their largest frames are 4.1 KB (a sector of FAT, while a
// volume is made or mounted); tests/port/room.py calls the deepest ways where there is least room.
#define MICROPY_STACK_CHECK_MARGIN          (13 * 1024)
#define MICROPY_ENABLE_EMERGENCY_EXCEPTION_BUF (1)
// Always there: memory that a program gives back could still be pointed to by its last exception.
#define MICROPY_EMERGENCY_EXCEPTION_BUF_SIZE (256)
#define MICROPY_KBD_EXCEPTION               (1)
#define MICROPY_PY_GC_COLLECT_RETVAL        (1)

// ---- The prompt ------------------------------------------------------------------------------------------------
// MICROPY_HW_BOARD_NAME and MICROPY_BOARD_BUILD_NAME come from board/*.toml, by the build script.
#define MICROPY_HW_MCU_NAME                 "STM32H7A3"
#define MICROPY_PY_SYS_PLATFORM             "spiram"
#define MICROPY_HELPER_REPL                 (1)
#define MICROPY_REPL_INFO                   (1)
#define MICROPY_REPL_AUTO_INDENT            (1)
#define MICROPY_REPL_EMACS_KEYS             (1)
#define MICROPY_REPL_EMACS_WORDS_MOVE       (1)
#define MICROPY_REPL_EMACS_EXTRA_WORDS_MOVE (1)
#define MICROPY_READLINE_HISTORY_SIZE       (50)
#define MICROPY_PY_BUILTINS_HELP            (1)
#define MICROPY_PY_BUILTINS_HELP_TEXT       upy_help_text
#define MICROPY_PY_BUILTINS_HELP_MODULES    (1)

// ---- Language and modules beyond the ROM level, because 2 MB of flash allow it -----------------------------------
#define MICROPY_FLOAT_HIGH_QUALITY_HASH     (1)
#define MICROPY_PY_ALL_INPLACE_SPECIAL_METHODS (1)
#define MICROPY_PY_BUILTINS_MEMORYVIEW_ITEMSIZE (1)
#define MICROPY_PY_BUILTINS_RANGE_BINOP     (1)
#define MICROPY_PY_COLLECTIONS_NAMEDTUPLE__ASDICT (1)
#define MICROPY_PY_FUNCTION_ATTRS_CODE      (1)
#define MICROPY_PY_MARSHAL                  (1)
#define MICROPY_PY_MICROPYTHON_HEAP_LOCKED  (1)
#define MICROPY_PY_MICROPYTHON_STACK_USE    (1)
#define MICROPY_PY_DEFLATE_COMPRESS         (1)
#define MICROPY_PY_IO_BUFFEREDWRITER        (1)
#define MICROPY_PY_RE_DEBUG                 (1)
#define MICROPY_PY_RE_MATCH_GROUPS          (1)
#define MICROPY_PY_RE_MATCH_SPAN_START_END  (1)
#define MICROPY_PY_SYS_INTERN               (1)
#define MICROPY_PY_SYS_GETSIZEOF            (1)
#define MICROPY_PY_SYS_SETTRACE             (0)
#define MICROPY_PY_SYS_STDIO_BUFFER         (1)
// These modules are written for a TLS library; Rust stands in for it (lib/axtls/crypto/crypto.h).
#define MICROPY_SSL_AXTLS                   (1)
#define MICROPY_PY_HASHLIB_MD5              (1)
#define MICROPY_PY_HASHLIB_SHA1             (1)
#define MICROPY_PY_HASHLIB_SHA256           (1)
#define MICROPY_PY_CRYPTOLIB                (1)
#define MICROPY_PY_CRYPTOLIB_CTR            (1)
#define MICROPY_PY_CRYPTOLIB_CONSTS         (1)

#define MICROPY_PY_RANDOM_SEED_INIT_FUNC    (upy_random_seed())

#define MICROPY_PY_TIME                     (1)
#define MICROPY_PY_TIME_GMTIME_LOCALTIME_MKTIME (1)
#define MICROPY_PY_TIME_TIME_TIME_NS        (1)
#define MICROPY_PY_TIME_INCLUDEFILE         "port_objects.h"
// OpenMV's: frames a second.
#define MICROPY_PY_TIME_EXTRA_GLOBALS       { MP_ROM_QSTR(MP_QSTR_clock), MP_ROM_PTR(&upy_time_clock_obj) },

#define MICROPY_PY_OS_UNAME                 (1)
#define MICROPY_PY_OS_URANDOM               (1)
#define MICROPY_PY_OS_SYNC                  (1)
// So many streams of programs can be consoles.
#define MICROPY_PY_OS_DUPTERM               (2)
#define MICROPY_PY_OS_DUPTERM_STREAM_DETACHED_ATTACHED (1)
#define MICROPY_PY_OS_INCLUDEFILE           "port_objects.h"

// The module `machine` itself is Rust; these are its parts that MicroPython keeps free of any chip.
#define MICROPY_PY_MACHINE                  (1)
#define MICROPY_PY_MACHINE_MEMX             (1)
#define MICROPY_PY_MACHINE_SIGNAL           (1)
#define MICROPY_PY_MACHINE_PIN_BASE         (1)
#define MICROPY_PY_MACHINE_I2C              (1)
#define MICROPY_PY_MACHINE_SOFTI2C          (1)
#define MICROPY_PY_MACHINE_SPI              (1)
#define MICROPY_PY_MACHINE_SOFTSPI          (1)
#define MICROPY_PY_ONEWIRE                  (1)

// ---- Files -----------------------------------------------------------------------------------------------------
#define MICROPY_VFS                         (1)
#define MICROPY_VFS_FAT                     (1)
#define MICROPY_VFS_LFS1                    (1)
#define MICROPY_VFS_LFS2                    (1)
#define MICROPY_VFS_ROM                     (1)
#define MICROPY_VFS_ROM_IOCTL               (0)
#define MICROPY_FATFS_ENABLE_LFN            (1)
#define MICROPY_FATFS_LFN_CODE_PAGE         437
#define MICROPY_FATFS_RPATH                 (2)
// The second flash is erased by 4 KB.
#define MICROPY_FATFS_MAX_SS                (4096)

// ---- Types -----------------------------------------------------------------------------------------------------
#define MP_SSIZE_MAX                        (0x7fffffff)
#define UINT_FMT                            "%lu"
#define INT_FMT                             "%ld"
typedef int32_t mp_int_t;
typedef uint32_t mp_uint_t;
typedef long mp_off_t;

#define MP_STATE_PORT                       MP_STATE_VM

// ---- Ctrl-C ----------------------------------------------------------------------------------------------------
// The interpreter's loop takes a waiting exception for a scheduled callback and leaves it while one runs: a callback that
// never ends could not be ended.
extern void upy_raise_pending(void);
// Edits of the core look here in loops that may be long (port/doors.c).
extern void upy_look_for_interrupt(void);
// So many bytes are worked on between two looks.
#define UPY_SLICE (16384u)
extern void *upy_copy(void *to, const void *from, size_t bytes);
extern void *upy_fill(void *to, int value, size_t bytes);
#define MICROPY_VM_HOOK_LOOP \
    if (MP_STATE_THREAD(mp_pending_exception) != MP_OBJ_NULL) { \
        MARK_EXC_IP_SELECTIVE(); \
        upy_raise_pending(); \
    }

// ---- What the core takes from Rust -------------------------------------------------------------------------------
extern const char upy_help_text[];
extern mp_uint_t upy_random_seed(void);
extern void *upy_commit_code(void *code, mp_uint_t bytes, void *relocation);
