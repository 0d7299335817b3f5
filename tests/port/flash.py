# psram: none
# The internal flash as a block device, and what littlefs makes of it.
import os, spiram, vfs

disk = spiram.Flash()


def raises(kind, call):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError("nothing was raised")


# Size, and requests with arguments of all kinds.
assert (disk.ioctl(4, 0), disk.ioctl(5, 0)) == (64, 8192)
assert [disk.ioctl(request, 0) for request in (1, 2, 3)] == [0, 0, 0]
assert disk.ioctl(7, 0) is None and disk.ioctl(-1, 0) is None
for block in (64, -1, 1 << 30, 2**31 - 1, -(2**31)):
    raises((ValueError, OverflowError), lambda: disk.ioctl(6, block))
raises(OverflowError, lambda: disk.ioctl(6, 1 << 40))
raises(TypeError, lambda: disk.ioctl(6, "1"))
raises(TypeError, lambda: spiram.Flash(1))

# Places that are not in the flash, and parts of its words.
for block, offset, size in ((64, 0, 16), (63, 8192, 16), (63, 8184, 16), (0, 2**31 - 1, 16), (2**31 - 1, 0, 16), (2**19 - 1, 0, 16)):
    raises(ValueError, lambda: disk.readblocks(block, bytearray(size), offset))
    raises(ValueError, lambda: disk.writeblocks(block, bytes(size), offset))
assert "16 bytes" in str(raises(ValueError, lambda: disk.writeblocks(60, bytes(15), 0)))
assert "16 bytes" in str(raises(ValueError, lambda: disk.writeblocks(60, bytes(16), 8)))
raises(TypeError, lambda: disk.readblocks(0, bytes(16), 0))

# First, last and neighbours: a write touches what it names, and nothing is read, erased and written back.
vfs.umount("/flash")
for block in (0, 1, 31, 62, 63):
    disk.ioctl(6, block)
pattern = bytes(range(256))
for block in (0, 62, 63):
    assert disk.writeblocks(block, pattern, 256) == 0
seen = bytearray(1024)
for block in (0, 1, 62, 63):
    disk.readblocks(block, seen, 0)
    wanted = b"\xff" * 256 + (b"\xff" * 256 if block == 1 else pattern) + b"\xff" * 512
    assert seen == wanted, block
disk.writeblocks(63, pattern, 512)
disk.readblocks(63, seen, 0)
assert seen == b"\xff" * 256 + pattern + pattern + b"\xff" * 256
disk.ioctl(6, 62)
disk.readblocks(63, seen, 0)
assert seen[256:512] == pattern
disk.readblocks(62, seen, 0)
assert seen == b"\xff" * 1024
# Odd places and sizes, by bytes.
for offset, size in ((257, 1), (259, 6), (255, 3), (511, 2), (300, 400)):
    part = bytearray(size)
    disk.readblocks(63, part, offset)
    disk.readblocks(63, seen, 0)
    assert part == seen[offset : offset + size], (offset, size)
# The simple interface erases first, and only the blocks that it writes.
disk.writeblocks(62, bytes(8192))
disk.writeblocks(62, b"\x5a" * 8192)
disk.readblocks(62, seen)
assert seen == b"\x5a" * 1024
disk.readblocks(63, seen, 0)
assert seen[256:512] == pattern
assert not disk.is_blank()

# A file of every length around a block, truncated and grown again (littlefs 6dc18c3).
vfs.VfsLfs2.mkfs(disk)
vfs.mount(vfs.VfsLfs2(disk), "/flash")
os.chdir("/flash")
for size in (8191, 8192, 8193, 16384 - 4, 16384 - 8, 16383, 16384, 16385):
    with open("f", "wb") as file:
        file.write(b"a" * size)
    with open("f", "ab") as file:
        file.write(b"end")
    assert os.stat("f")[6] == size + 3
    with open("f", "rb") as file:
        assert file.read() == b"a" * size + b"end"

# Rewritten again and again, a small file stays what it is and the volume does not fill (littlefs #1183).
free = os.statvfs("/flash")[3]
for n in range(300):
    with open("again", "wb") as file:
        file.write(bytes((n & 255,)) * 1024)
    if n % 50 == 49:
        vfs.umount("/flash")
        vfs.mount(vfs.VfsLfs2(disk), "/flash")
        os.chdir("/flash")
    with open("again", "rb") as file:
        assert file.read() == bytes((n & 255,)) * 1024
assert os.statvfs("/flash")[3] >= free - 3

# Full, and usable again.
def fill():
    with open("all", "wb") as file:
        while True:
            file.write(b"\xff" * 8192)


error = raises(OSError, fill)
assert error.errno == 28  # ENOSPC, which the module errno does not name
os.remove("all")
with open("small", "w") as file:
    file.write("x")
assert sorted(os.listdir()) == ["again", "f", "small"]
