# psram: none
# What goes wrong in a finaliser is named on the console, and the heap works on.
import gc, micropython, sys, vfs


class Ugly(Exception):
    def __str__(self):
        raise ValueError("while it is printed")

    __repr__ = __str__


def deep():
    return deep()


def locks():
    micropython.heap_lock()
    raise Ugly


def collects():
    gc.collect()
    raise KeyboardInterrupt


def raises(error):
    raise error


class Disk:
    def __init__(self, blocks):
        self.data = bytearray(512 * blocks)
        self.whole = memoryview(self.data)
        self.in_finaliser = None
        self.calls = 0

    def readblocks(self, block, buffer):
        if not self.in_finaliser:
            buffer[:] = self.whole[block * 512 : block * 512 + len(buffer)]

    def writeblocks(self, block, buffer):
        if self.in_finaliser:
            self.calls += 1
            self.in_finaliser()
        self.whole[block * 512 : block * 512 + len(buffer)] = buffer

    def ioctl(self, request, argument):
        return {4: len(self.data) // 512, 5: 512}.get(request, 0)


def lose(count):
    for i in range(count):
        open("/disk/%d" % i, "w").write("not flushed")


def scrub(n=40):
    return n and scrub(n - 1)


alive = [[i] for i in range(1000)]
errors = [Ugly(), SystemExit(3), KeyboardInterrupt(), OSError(5)]
ways = [lambda error=error: raises(error) for error in errors]
for way in ways + [deep, locks, collects, sys.exit, lambda: [0] * 1000]:
    disk = Disk(256)
    vfs.VfsFat.mkfs(disk)
    vfs.mount(disk, "/disk")
    gc.collect()
    gc.disable()
    lose(4)
    scrub()
    disk.in_finaliser = way
    gc.collect()
    disk.in_finaliser = None
    gc.enable()
    assert disk.calls >= 3, disk.calls
    assert not micropython.heap_locked()
    assert alive == [[i] for i in range(1000)]
    assert len([[i] for i in range(1000)]) == 1000
    vfs.umount("/disk")
gc.collect()
print("all was named")
