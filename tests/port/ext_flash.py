# psram: none
# The board's second flash, as a block device and with both file systems.
import os, spiram, time, vfs
from machine import SPI, Timer


def raises(kind, words, f, *a):
    try:
        f(*a)
    except kind as e:
        assert words in str(e), (words, str(e))
    else:
        assert False, (kind, f, a)


assert "ext" not in os.listdir("/"), "a blank flash is left alone"
spi = SPI(1)
disk = spiram.ExtFlash()
assert str(disk) == "ExtFlash(2048 blocks of 4096 bytes)" and disk.id() == b"\xef\x40\x17"
raises(ValueError, "SPI1 is the second flash's", spi.write, b"x")
raises(ValueError, "SPI1 is the second flash's", SPI, 1)
assert [disk.ioctl(n, 0) for n in (1, 2, 3, 4, 5, 99)] == [0, 0, 0, 2048, 4096, None]

# Blocks: erased, programmed, and only these.
block, got = bytes(n * 7 & 255 for n in range(4096)), bytearray(4096)
for n in (0, 16, 2047):
    disk.readblocks(n, got)
    assert got == b"\xff" * 4096, n
    t = time.ticks_us()
    disk.writeblocks(n, block)
    t = time.ticks_diff(time.ticks_us(), t)
    assert 51_000 < t < 60_000, t  # an erase, 45 ms, and 16 pages of 0.4 ms
    disk.readblocks(n, got)
    assert got == block, n
for n in (1, 15, 17, 2046):
    disk.readblocks(n, got)
    assert got == b"\xff" * 4096, n
# A program in the erased part takes no erase, over the border of a page and of a block.
assert disk.ioctl(6, 100) == 0 and disk.ioctl(6, 101) == 0
t = time.ticks_us()
disk.writeblocks(100, bytes(range(256)), 4096 - 100)
assert time.ticks_diff(time.ticks_us(), t) < 2000
some = bytearray(100)
disk.readblocks(101, some, 0)
assert some == bytes(range(100, 200))
disk.readblocks(100, some, 4096 - 100)
assert some == bytes(range(100))
# Programming clears bits and sets none.
disk.writeblocks(100, b"\x0f", 0)
disk.writeblocks(100, b"\xf5", 0)
disk.readblocks(100, some, 0)
assert some[0] == 0x05

for call in (
    lambda: disk.readblocks(2048, got),
    lambda: disk.readblocks(2047, got, 1),
    lambda: disk.writeblocks(2048, got),
    lambda: disk.writeblocks(2047, got, 1),
    lambda: disk.writeblocks(2**31, got),
    lambda: disk.ioctl(6, 2048),
    lambda: disk.ioctl(6, -1),
):
    raises(ValueError, "outside the flash", call)
raises(TypeError, "", disk.readblocks, 0, b"never written")

# Both file systems. littlefs on it:
vfs.VfsLfs2.mkfs(disk, progsize=256)
vfs.mount(vfs.VfsLfs2(disk, progsize=256), "/ext")
text = bytes(n * n & 255 for n in range(6_000))
with open("/ext/squares", "wb") as f:
    f.write(text)
with open("/ext/squares", "rb") as f:
    assert f.read() == text
assert os.statvfs("/ext")[:3] == (4096, 4096, 2048)
# Somebody else writes the other flash meanwhile, and hard interrupts come.
hits = 0


def hard(_):
    global hits
    hits += 1


log = open("/flash/log", "w")
soft = Timer(-1, freq=50, callback=lambda _: log.write("beat\n"))
tick = Timer(6, freq=10_000, callback=hard, hard=True)
for n in range(3):
    with open("/ext/squares", "wb") as f:
        f.write(text)
soft.deinit()
tick.deinit()
time.sleep_ms(1)  # what was scheduled meanwhile
log.close()
assert hits > 1000, hits
with open("/flash/log") as f:
    assert set(f) == {"beat\n"}
with open("/ext/squares", "rb") as f:
    assert f.read() == text
# A hard interrupt in the middle of a command is told so.
errors = bytearray(1)


def intrude(_):
    try:
        disk.readblocks(0, some, 0)
    except OSError as e:
        errors[0] = e.errno


tick = Timer(6, freq=1000, callback=intrude, hard=True)
disk.readblocks(0, got)
tick.deinit()
assert errors[0] == 16, errors[0]  # EBUSY
vfs.umount("/ext")

# FAT, in sectors of 4 KB.
vfs.VfsFat.mkfs(disk)
vfs.mount(vfs.VfsFat(disk), "/ext")
with open("/ext/a.txt", "w") as f:
    f.write("on FAT")
assert os.listdir("/ext") == ["a.txt"] and os.statvfs("/ext")[0] == 4096
vfs.umount("/ext")
vfs.mount(vfs.VfsFat(disk), "/ext")
with open("/ext/a.txt") as f:
    assert f.read() == "on FAT"
vfs.umount("/ext")

disk.deinit()
raises(ValueError, "closed after deinit", disk.readblocks, 0, got)
spi = SPI(1)
spi.write(b"x")
print("ext flash ok")
