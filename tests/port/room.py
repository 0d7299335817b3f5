# psram: esp-psram64h
# Where the core takes room on the stack for what a script says, too much is an exception.
import array, framebuf, micropython

picture = framebuf.FrameBuffer(bytearray(200), 20, 10, framebuf.MONO_VLSB)


def raises(kinds, f):
    try:
        f()
    except kinds as error:
        return
    assert False, "nothing raised"


# A polygon's nodes.
for corners in (20_000, 100_000):
    raises(RuntimeError, lambda: picture.poly(0, 0, array.array("h", bytes(4 * corners)), 1, True))
picture.poly(0, 0, array.array("h", (0, 0, 5, 0, 5, 5)), 1, True)
assert picture.pixel(2, 1) == 1

# The name of a relative import.
place = {"__name__": "a.b", "__path__": "x"}
raises((RuntimeError, ValueError, ImportError), lambda: __import__("n" * 100_000, place, None, None, 1))
raises((RuntimeError, ValueError, ImportError), lambda: __import__("n." * 40_000, place, None, (), 1))

# Arguments, and a function's variables, when the heap gives nothing.
class Many:
    def method(self, *all):
        return len(all)


def locked(f):
    micropython.heap_lock()
    try:
        return f()
    finally:
        micropython.heap_unlock()


many = [0] * 30_000
method = Many().method
try:
    locked(lambda: method(*many))
except (RuntimeError, MemoryError):
    pass
assert method(*many) == 30_000
names = ["v%d" % n for n in range(6000)]
source = "def f():\n" + "".join(" %s=1\n" % n for n in names)
space = {}
exec(source, space)
f = space["f"]
f()


# Everything that takes much of the stack, called where there is least of it.
import cryptolib, os, spiram, vfs


class Disk:
    def __init__(self, blocks):
        self.data = bytearray(512 * blocks)

    def readblocks(self, block, buffer, offset=0):
        at = block * 512 + offset
        buffer[:] = self.data[at:at + len(buffer)]

    def writeblocks(self, block, buffer, offset=0):
        at = block * 512 + offset
        self.data[at:at + len(buffer)] = buffer

    def ioctl(self, request, argument):
        return {4: len(self.data) // 512, 5: 512, 6: 0}.get(request)


def deepest(f):
    try:
        return deepest(f)
    except RuntimeError:
        return f()


for call in (f, lambda: method(*many)):
    try:
        deepest(lambda: locked(call))
    except (RuntimeError, MemoryError):
        pass

disk = Disk(200)
vfs.VfsFat.mkfs(disk)
fat = vfs.VfsFat(disk)
fat.mkdir("folder")
small = Disk(100)
vfs.VfsLfs2.mkfs(small)
lfs = vfs.VfsLfs2(small)
for name, call in (
    ("selftest", lambda: spiram.selftest("random", 1)),
    ("memtest", lambda: spiram.memtest()),
    ("aes", lambda: cryptolib.aes(b"k" * 16, 2, b"i" * 16).encrypt(bytes(64))),
    ("fat", lambda: fat.stat("folder")),
    ("fat, a long name", lambda: fat.mkdir("a name that is longer than eight letters and three")),
    ("lfs", lambda: lfs.mkdir("folder")),
    ("heap", lambda: spiram.heap(check=True)),
    ("float", lambda: str(1.1e-300)),
    ("compile", lambda: exec("x = [i for i in range(3)]")),
):
    try:
        deepest(call)
    except (RuntimeError, OSError) as error:
        pass
print("ok")
