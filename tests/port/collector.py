# psram: esp-psram64h
# The module `gc` and finalisers behave as in every MicroPython.
import gc, micropython, vfs

# What `collect` returns: how many blocks it freed. Rubbish of a fixed number.
gc.collect()


def rubbish(n):
    for i in range(n):
        [i]


def scrub(n=40):
    # Old values of the stack are overwritten.
    return n and scrub(n - 1)


gc.collect()
gc.disable()
assert not gc.isenabled()
rubbish(500)
gc.enable()
assert gc.isenabled()
freed = gc.collect()
assert 500 <= freed < 1100, freed

# Used and free add up, and what is kept shows.
total = gc.mem_free() + gc.mem_alloc()
kept = [bytearray(5000) for i in range(100)]
assert gc.mem_free() + gc.mem_alloc() == total and gc.mem_alloc() >= 500_000
kept = None

# The threshold: the least that is allocated between two collections.
assert gc.threshold() == -1
gc.threshold(20_000)
assert gc.threshold() == 20_000
scrub()
gc.collect()
low = gc.mem_alloc()
most = 0
for i in range(3000):
    [i, i]
    most = max(most, gc.mem_alloc() - low)
assert most < 40_000, most
gc.threshold(-1)


# Finalisers: files that are lost without being closed are closed by the collector, which calls their disk, which is Python.
class Disk:
    def __init__(self, blocks):
        self.data = bytearray(512 * blocks)
        self.whole = memoryview(self.data)
        self.in_finaliser = False
        # Calls in a finaliser, allocations refused there, calls that came to their end.
        self.calls = self.refused = self.ended = 0

    def readblocks(self, block, buffer):
        if not self.in_finaliser:
            buffer[:] = self.whole[block * 512 : block * 512 + len(buffer)]

    def writeblocks(self, block, buffer):
        if not self.in_finaliser:
            self.whole[block * 512 : block * 512 + len(buffer)] = buffer
            return
        self.calls += 1
        try:
            bytearray(1000)
        except MemoryError:
            self.refused += 1
        gc.collect()
        self.ended += 1
        raise OSError(5)

    def ioctl(self, request, argument):
        return {4: len(self.data) // 512, 5: 512}.get(request, 0)


disk = Disk(256)
vfs.VfsFat.mkfs(disk)
vfs.mount(disk, "/disk")


def lose(count):
    for i in range(count):
        open("/disk/%d" % i, "w").write("not flushed")


alive = [[i] for i in range(1000)]
gc.collect()
gc.disable()
lose(10)
scrub()
disk.in_finaliser = True
gc.collect()
first = disk.calls
gc.collect()
disk.in_finaliser = False
gc.enable()
# The stack may still have held one of them.
assert first >= 9 and disk.calls <= 10, disk.calls
assert disk.refused == disk.ended == disk.calls
assert alive == [[i] for i in range(1000)]
vfs.umount("/disk")


# A heap that is locked refuses, and asked to collect it still does.
def locked():
    refused = 0
    micropython.heap_lock()
    try:
        [0]
    except MemoryError:
        refused = 1
    gc.collect()
    micropython.heap_unlock()
    return refused


assert locked() == 1

# All memory in small pieces, until there is no more, again and again.
for turn in range(3):
    chain = None
    try:
        while True:
            chain = [chain, bytearray(2000)]
    except MemoryError:
        pass
    count = 0
    while chain:
        chain = chain[0]
        count += 1
    assert count > 4200, count
    gc.collect()
assert gc.mem_free() > 9_000_000
