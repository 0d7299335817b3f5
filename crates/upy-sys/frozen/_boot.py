# Mounts the volumes /flash, /ext and /sd. Runs at each start, before the files boot.py and main.py.
import machine, os, spiram, struct, sys, vfs


def told(disk, error):
    # Why a volume does not mount, if its first block says so (littlefs' SPEC.md, superblock).
    head = bytearray(32)
    disk.readblocks(0, head, 0)
    if head[8:16] != b"littlefs":
        return "no littlefs in the first block, error %d" % error.errno
    version, size, count = struct.unpack("<III", head[20:])
    have = disk.ioctl(4, 0), disk.ioctl(5, 0)
    if (count, size) != have:
        return "it was made with %d blocks of %d bytes, here are %d of %d" % (count, size, have[0], have[1])
    return "error %d" % error.errno


def mount(disk):
    vfs.mount(vfs.VfsLfs2(disk), "/flash")
    os.chdir("/flash")


def start():
    sys.path.extend(("/flash", "/flash/lib"))
    disk = spiram.Flash()
    try:
        return mount(disk)
    except OSError as error:
        why = told(disk, error)
    if not disk.is_blank():
        print("spiram: /flash does not mount, and is kept as it is:", why)
        print("spiram: to lose all files: vfs.VfsLfs2.mkfs(spiram.Flash()), and Ctrl-D")
        return
    vfs.VfsLfs2.mkfs(disk)
    mount(disk)
    print("spiram: the flash was blank, and is the empty volume /flash now")


def kind(disk):
    # The file system that a disk carries; None: none that is known.
    # A card reads whole blocks; of a flash's larger ones the beginning is enough, and its bus is slow.
    block = bytearray(512)
    part = () if disk.ioctl(5, 0) == len(block) else (0,)
    for n in (0, 1):
        disk.readblocks(n, block, *part)
        if block[8:16] == b"littlefs":
            return vfs.VfsLfs2
        if n == 0 and block[510:512] == b"\x55\xaa":
            return vfs.VfsFat


def extra(disk, path):
    # A disk, if it carries a volume. Nothing here ever formats it.
    try:
        make = kind(disk)
        if not make:
            return disk.deinit()
        vfs.mount(make(disk, progsize=256) if make is vfs.VfsLfs2 else make(disk), path)
    except OSError as error:
        print("spiram: %s does not mount, and is kept as it is: error %d" % (path, error.errno))
        disk.deinit()


def extras():
    try:
        extra(spiram.ExtFlash(), "/ext")
    except OSError:
        pass  # there is no second flash
    try:
        card = machine.SDCard()
        # The supply has been there since the memory test began.
        if card.present(5):
            extra(card, "/sd")
    except OSError:
        pass  # there is no socket


def link():
    # The clock of the PSRAM that the owner calibrated, as long as it holds.
    try:
        with open("/flash/spiram.link") as file:
            kept = file.read()
        if not spiram.calibrate(kept):
            os.remove("/flash/spiram.link")
    except OSError:
        pass  # there is none, or the volume cannot be written


start()
link()
extras()
# What is left in a program's names are the modules.
del told, mount, start, kind, extra, extras, link, machine
