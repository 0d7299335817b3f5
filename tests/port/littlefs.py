# psram: esp-psram64h
# LittleFS on blocks of 8 KB, folders that change while they are listed, and the ends of the clock.
import gc
import os
import time
import vfs


class Disk:
    def __init__(self, block, count):
        self.block, self.count, self.data, self.broken = block, count, bytearray(block * count), False

    def readblocks(self, n, buffer, offset=0):
        if self.broken:
            return -5
        at = n * self.block + offset
        buffer[:] = self.data[at : at + len(buffer)]

    def writeblocks(self, n, buffer, offset=0):
        at = n * self.block + offset
        self.data[at : at + len(buffer)] = buffer

    def ioctl(self, operation, argument):
        return {4: self.count, 5: self.block}.get(operation, 0)


# 1. A seek right after reading to a block's end.
disk = Disk(8192, 32)
vfs.VfsLfs2.mkfs(disk)
vfs.mount(vfs.VfsLfs2(disk), "/r")
with open("/r/a", "wb") as f:
    for i in range(600):
        f.write(bytes([i >> 8]) + bytes([i & 255]) * 63)
with open("/r/a", "rb") as f:
    for size in (64, 128, 512):
        for i in range(128, 599):
            f.seek(128 * 64 - size)
            f.read(size)
            f.seek(i * 64)
            assert f.read(64) == bytes([i >> 8]) + bytes([i & 255]) * 63, (size, i)
vfs.umount("/r")

# 2. A folder whose next entries go away, and a disk that breaks.
for block in (512, 8192):
    for victim in range(10):
        disk = Disk(block, 64 if block == 512 else 16)
        vfs.VfsLfs2.mkfs(disk)
        vfs.mount(vfs.VfsLfs2(disk), "/r")
        os.mkdir("/r/d")
        for i in range(10):
            open("/r/d/f%d" % i, "w").close()
        seen = 0
        try:
            for entry in os.ilistdir("/r/d"):
                assert entry[0], "an entry without a name"
                seen += 1
                if seen == 3:
                    os.remove("/r/d/f%d" % victim)
                assert seen <= 10
            assert seen in (9, 10), seen
        except OSError:
            pass
        vfs.umount("/r")
disk = Disk(512, 400)
vfs.VfsLfs2.mkfs(disk)
vfs.mount(vfs.VfsLfs2(disk), "/r")
for i in range(60):
    open("/r/long-name-of-a-file-%d" % i, "w").close()
try:
    for n, entry in enumerate(os.ilistdir("/r")):
        disk.broken = n > 5
        assert n < 60
    assert False, "the broken disk was not noticed"
except OSError as e:
    assert e.errno == 5, e
disk.broken = False

# 3. Errors have their numbers.
for name in ("/r/nothing", "/r/nothing/at/all", "/r/long-name-of-a-file-1"):
    try:
        os.chdir(name)
        assert False
    except OSError as e:
        assert e.errno == 2, e
vfs.umount("/r")

# 4. The clock's 32 bits.
assert time.localtime(2**31)[:6] == (2068, 1, 19, 3, 14, 8)
assert time.localtime(2**32 - 1)[:6] == (2136, 2, 7, 6, 28, 15)
assert time.localtime(-1)[:6] == (1999, 12, 31, 23, 59, 59)
assert time.localtime(0) == (2000, 1, 1, 0, 0, 0, 5, 1)
assert time.localtime(3_155_760_000)[:3] == (2100, 1, 1)
for wrong in (2**32, -(2**31) - 1, 2**70):
    try:
        time.localtime(wrong)
        assert False
    except OverflowError:
        pass
for seconds in (0, 1, 86_399, 5_097_600, 5_184_000, 2**31 - 1, 2**31, 3_155_759_999, 3_160_857_599, 2**32 - 1, -1, -86_400):
    assert time.mktime(time.localtime(seconds)) == seconds, seconds
assert time.mktime((1999, 12, 31, 0, 0, 0, 0, 0)) == -86_400
assert time.mktime((2000, 14, 31, 25, 61, 61, 0, 0)) == time.mktime((2001, 3, 4, 2, 2, 1, 0, 0))
for wrong in ((1900, 1, 1, 0, 0, 0, 0, 0), (2200, 1, 1, 0, 0, 0, 0, 0), (2000, 1, -(2**30), 0, 0, 0, 0, 0), (2**30, 1, 1, 0, 0, 0, 0, 0)):
    try:
        time.mktime(wrong)
        assert False, wrong
    except OverflowError:
        pass


# 5. Whatever the disk raises, and wherever, comes out as it is, and LittleFS goes on: nothing of it is left in its lists.
class Raising(Disk):
    left = None

    def count_down(self):
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise self.error

    def readblocks(self, n, buffer, offset=0):
        self.count_down()
        super().readblocks(n, buffer, offset)

    def writeblocks(self, n, buffer, offset=0):
        self.count_down()
        super().writeblocks(n, buffer, offset)

    def ioctl(self, operation, argument):
        if operation in (3, 6):
            self.count_down()
        return super().ioctl(operation, argument)


def work(v):
    v.mkdir("/folder")
    a = v.open("/folder/a", "w")
    a.write("x" * 700)
    b = v.open("/b", "w")
    b.write("y" * 300)
    a.close()
    v.rename("/folder/a", "/c")
    list(v.ilistdir("/"))
    v.stat("/c")
    v.statvfs("/")
    v.remove("/c")
    v.rmdir("/folder")


class Mine(Exception):
    pass


for kind in (vfs.VfsLfs1, vfs.VfsLfs2):
    for error in (Mine(), KeyboardInterrupt(), MemoryError(), OSError(28)):
        disk = Raising(512, 32)
        kind.mkfs(disk, readsize=256, progsize=256)
        fresh = bytes(disk.data)
        calls = 0
        while True:
            disk.data[:] = fresh
            v = kind(disk, readsize=256, progsize=256)
            disk.left, disk.error = calls, error
            try:
                work(v)
                break
            except (Mine, KeyboardInterrupt, MemoryError, OSError) as e:
                assert e is error, (e, calls)
            disk.left = None
            gc.collect()
            junk = [[0xD5] * 40 for i in range(20)]
            anew = kind(disk, readsize=256, progsize=256)
            anew.open("/after", "w").close()
            assert "after" in [entry[0] for entry in anew.ilistdir("/")], (kind, error, calls)
            # What was torn off knows less of the disk than it thinks, but goes on.
            for again in (lambda: v.open("/again", "w").close(), lambda: list(v.ilistdir("/")), lambda: v.remove("/again")):
                try:
                    again()
                except OSError:
                    pass
            calls += 3
        assert calls > 30, calls

# A finaliser writes to such a disk, which asks for memory while there is none.
disk = Disk(512, 200)
vfs.VfsLfs2.mkfs(disk)
vfs.mount(disk, "/l")


def drop(i):
    open("/l/%d" % i, "w").write("x" * 300)


for i in range(4):
    drop(i)
    [0] * 60
    gc.collect()
    junk = [[0xD5] * 40 for j in range(60)]
    with open("/l/ok", "w") as f:
        f.write("abc" * 200)
    assert "ok" in os.listdir("/l")
vfs.umount("/l")
