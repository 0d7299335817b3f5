# psram: esp-psram64h
# sd: 16M
# The SD card as a block device, from and to every kind of memory, and with FAT.
import machine, os, spiram, time, vfs
from machine import SDCard


def raises(kind, words, f, *a):
    try:
        f(*a)
    except kind as e:
        assert words in str(e), (words, str(e))
    else:
        assert False, (kind, f, a)


assert "sd" not in os.listdir("/"), "a card without a volume is left alone"
raises(ValueError, "slot is 1", SDCard, 2)
raises(ValueError, "width 1 or 4", SDCard, 1, 8)
card = SDCard()
assert card.present()
assert card.info() == (16 << 20, 512, 1) and "SDHC" in str(card)
assert [card.ioctl(n, 0) for n in (1, 2, 3, 4, 5, 6, 99)] == [0, 0, 0, 32768, 512, 0, None]

# ---- Blocks: one and many, to both memories, on lines of the cache and off them ----
pattern = bytes((n * 7 + (n >> 8) * 13) & 255 for n in range(64 * 512))
for fast in (True, False):
    for offset in (0, 4, 13, 32):
        whole = memoryview(spiram.alloc(64 * 512 + 64, fast=fast))
        for blocks in (1, 2, 7, 64):
            here = whole[offset : offset + blocks * 512]
            here[:] = pattern[: len(here)]
            card.writeblocks(100, here)
            before, behind = bytes(whole[:offset]), bytes(whole[offset + len(here) :])
            here[:] = bytes(len(here))
            card.readblocks(100, here)
            assert here == pattern[: len(here)], (fast, offset, blocks)
            assert whole[:offset] == before and whole[offset + len(here) :] == behind
# More than what the DMA goes through, at once; the last blocks of the card; and what lies beside them.
some = bytearray(255 * 512)
for n in range(0, len(some), 512):
    some[n] = n >> 9
card.writeblocks(32768 - 255, some)
again = bytearray(257 * 512)
card.readblocks(32768 - 257, again)
assert again[1024:] == some and again[:1024] == bytes(1024)
for call in (
    lambda: card.readblocks(32768, bytearray(512)),
    lambda: card.readblocks(32767, bytearray(1024)),
    lambda: card.writeblocks(2**32 - 1, bytearray(512)),
):
    raises(ValueError, "outside the card", call)
raises(ValueError, "whole blocks", card.readblocks, 0, bytearray(100))
raises(TypeError, "", card.readblocks, 0, b"never written")
card.readblocks(0, bytearray(512))

# ---- One line of data instead of four, also after a change of the clocks ----
narrow = SDCard(width=1)
again = bytearray(8 * 512)
for hz in (280_000_000, 64_000_000):
    machine.freq(hz)
    narrow.writeblocks(200, pattern[: len(again)])
    start = time.ticks_us()
    narrow.readblocks(200, again)
    assert again == pattern[: len(again)]
    assert time.ticks_diff(time.ticks_us(), start) > 4096 * 8 / 25, "one bit a clock of 25 MHz"
machine.freq(280_000_000)
card.ioctl(1, 0)
card.readblocks(200, again)
assert again == pattern[: len(again)]

# ---- How fast ----
for name, move in (("write", card.writeblocks), ("read", card.readblocks)):
    fast = spiram.alloc(128 * 1024, fast=True)
    t = time.ticks_us()
    move(1000, fast)
    t = time.ticks_diff(time.ticks_us(), t)
    print("sd", name, "%.2f MB/s" % (len(fast) / t))

# ---- FAT ----
vfs.VfsFat.mkfs(card)
vfs.mount(vfs.VfsFat(card), "/sd")
text = bytes(n * n & 255 for n in range(100_000))
with open("/sd/a long name of a file.bin", "wb") as f:
    f.write(text)
os.mkdir("/sd/folder")
with open("/sd/folder/log.txt", "w") as f:
    f.write("first\n")
first = os.stat("/sd/folder/log.txt")[8]
time.sleep(3)
with open("/sd/folder/log.txt", "a") as f:
    f.write("second\n")
assert os.stat("/sd/folder/log.txt")[8] > first, "the time of a file moves"
vfs.umount("/sd")
card.deinit()

card = SDCard()
vfs.mount(vfs.VfsFat(card), "/sd")
assert sorted(os.listdir("/sd")) == ["a long name of a file.bin", "folder"]
with open("/sd/a long name of a file.bin", "rb") as f:
    assert f.read() == text
with open("/sd/folder/log.txt") as f:
    assert f.read() == "first\nsecond\n"
# Where FAT is as documented and littlefs is too.
raises(OSError, "17", os.mkdir, "/sd/folder")
raises(OSError, "2", open, "/sd/nothing")
raises(OSError, "", os.rmdir, "/sd/folder")
os.rename("/sd/folder/log.txt", "/sd/moved.txt")
raises(OSError, "22", os.rmdir, "/sd/folder/")  # littlefs takes the slash
os.rmdir("/sd/folder")
assert "folder" not in os.listdir("/sd")
os.remove("/sd/moved.txt")
block, _, total, free = os.statvfs("/sd")[:4]
assert 15 << 20 < block * total <= 16 << 20 and free < total
# The core's clock changes under an open card.
machine.freq(64_000_000)
with open("/sd/a long name of a file.bin", "rb") as f:
    assert f.read() == text
machine.freq(280_000_000)
vfs.umount("/sd")
print("sdcard ok")
