# psram: esp-psram64h
# Names that programs and tools expect of every board, and a module `machine` that a user's own file may extend.
import gc, micropython, os, sys, vfs


class Disk:
    # Blocks in memory.
    def __init__(self):
        self.data = bytearray(64 * 512)

    def readblocks(self, n, buffer, at=0):
        buffer[:] = self.data[n * 512 + at : n * 512 + at + len(buffer)]

    def writeblocks(self, n, buffer, at=0):
        self.data[n * 512 + at : n * 512 + at + len(buffer)] = buffer

    def ioctl(self, op, arg):
        return {4: 64, 5: 512, 6: 0}.get(op)


disk = Disk()
vfs.VfsLfs2.mkfs(disk)
vfs.mount(disk, "/ram")
with open("/ram/machine.py", "w") as file:
    file.write("from umachine import *\nmine = freq()\n")

# Without a file in the path the module is the board's own; with one it is the user's, which takes the rest from the board's.
import umachine

sys.path.insert(0, "/ram")
import machine

assert machine.mine == umachine.freq() and machine.Pin is umachine.Pin and machine is not umachine

# By which tools tell builds apart: the name of the board's file.
assert sys.implementation._build == "devebox"
assert str(sys.implementation).find("_build='devebox'") > 0

# The first line of every program with interrupts.
for size in (100, 0, 4096, -1):
    assert micropython.alloc_emergency_exception_buf(size) is None
try:
    micropython.alloc_emergency_exception_buf("100")
    raise AssertionError("a text is no size")
except TypeError:
    pass

# An exception whose arguments find room nowhere but in the buffer lives on when a program asks for another one.
held = None
item = ["kept"]
micropython.heap_lock()
try:
    raise ValueError(item)
except ValueError as error:
    held = error
micropython.heap_unlock()
del item
micropython.alloc_emergency_exception_buf(0)
gc.collect()
waste = [[i, i] for i in range(30_000)]
assert held.args == (["kept"],), held.args
