# psram: none
# Copying: right at every alignment and overlap, and never more than the slice.
import time


def model_move(data, to, start, n):
    part = [data[start + i] for i in range(n)]
    for i in range(n):
        data[to + i] = part[i]


for n in (0, 1, 3, 4, 7, 8, 15, 31, 32, 33, 64, 70):
    for start in (40, 41, 42, 43):
        for to in (8, 37, 40, 41, 44, 47, 72, 73):
            a = bytearray((i * 7 + i // 3) & 255 for i in range(160))
            b = list(a)
            view = memoryview(a)
            view[to : to + n] = view[start : start + n]
            model_move(b, to, start, n)
            assert list(a) == b, (n, start, to)

for n in range(0, 80, 7):
    assert bytearray(n) == bytearray([0] * n)
    assert b"\x5a" * n == bytes([0x5A] * n)

# Assigning 512 bytes must not cost what the bytes behind them are.
big, block = memoryview(bytearray(800_000)), bytes(512)
for view in (memoryview(bytearray(4096)), big):
    start = time.ticks_cpu()
    view[1024:1536] = block
    cycles = time.ticks_diff(time.ticks_cpu(), start)
    assert cycles < 20_000, cycles
