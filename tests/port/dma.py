# psram: esp-psram64h
# spiram.copy: by DMA, at all places of a line, between fast memory and the chip, and no byte more.
import spiram, uctypes

CHIP = 0x9000_0000
big = bytearray(2_000_000)  # larger than fast memory, so it lies in the chip
assert uctypes.addressof(big) >= CHIP
small = bytearray(5000)
pattern = bytes((i * 7 + i // 256) & 255 for i in range(5000))


def check(target, at, length):
    view = memoryview(target)
    view[at - 40 : at + length + 40] = b"\xa5" * (length + 80)
    spiram.copy(view[at : at + length], memoryview(pattern)[3 : 3 + length])
    assert view[at : at + length] == pattern[3 : 3 + length], (at, length)
    assert view[at - 40 : at] == b"\xa5" * 40, (at, length)
    assert view[at + length : at + length + 40] == b"\xa5" * 40, (at, length)


for target in (big, small):
    for at in (64, 65, 66, 68, 79, 95):
        for length in (0, 1, 31, 32, 63, 64, 97, 1000, 4000):
            check(target, at, length)

# In several blocks, from chip to chip, and back.
for i in range(0, 600_000, 97):
    big[i] = i & 255
spiram.copy(memoryview(big)[1_000_001:1_600_001], memoryview(big)[:600_000])
assert memoryview(big)[1_000_001:1_600_001] == memoryview(big)[:600_000]
back = bytearray(3000)
spiram.copy(back, memoryview(big)[1_000_001:1_003_001])
assert back == memoryview(big)[:3000]

for bad, error in (
    (lambda: spiram.copy(small, b"x"), ValueError),
    (lambda: spiram.copy(memoryview(small)[:64], memoryview(small)[32:96]), ValueError),
    (lambda: spiram.copy(b"abc", b"abc"), TypeError),
    (lambda: spiram.copy(small, 5), TypeError),
):
    try:
        bad()
    except error:
        pass
    else:
        raise AssertionError("no " + error.__name__)
