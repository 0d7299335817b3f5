# psram: esp-psram64h
# Sizes that do not fit: an exception, and the heap as before.
import array
import io


def refused(call, *exceptions):
    try:
        call()
    except exceptions:
        return
    assert False, "accepted"


HUGE = (0x40000001, 0x3FFFFFFF, 0x20000001, 0x10000001, 0x7FFFFFFF)
for n in HUGE:
    refused(lambda: [0] * n, MemoryError, OverflowError)
    refused(lambda: [0, 0, 0, 0] * n, MemoryError, OverflowError)
    refused(lambda: (0, 1) * n, MemoryError, OverflowError)
    refused(lambda: (0, 1, 2, 3) * n, MemoryError, OverflowError)
    refused(lambda: "abcd" * n, MemoryError, OverflowError)
    refused(lambda: b"abcdefgh" * n, MemoryError, OverflowError)
    refused(lambda: bytearray(n), MemoryError, OverflowError)
    refused(lambda: bytes(n), MemoryError, OverflowError, TypeError)
    for code in "bhilqfdO":
        refused(lambda: array.array(code, range(n)), MemoryError, OverflowError)
    assert [] * n == [] and () * n == () and "" * n == "" and b"" * n == b""
    refused(lambda: io.BytesIO(n), MemoryError, OverflowError)
    refused(lambda: io.StringIO(n), MemoryError, OverflowError)

# A place behind the end of a stream in memory may be anywhere.
f = io.BytesIO()
f.seek(0x7FFFFFFF)
f.seek(0x7FFFFFFF, 1)
for n in (1, 2, 16, 100):
    refused(lambda: f.write(bytes(n)), MemoryError, OSError)
refused(lambda: f.read(0x7FFFFFFF), MemoryError)
f.seek(0)
assert f.read() == b"" and f.getvalue() == b""

# What an object says of its length is not believed.
class Says:
    def __init__(self, length, items):
        self.length, self.items = length, items

    def __len__(self):
        return self.length

    def __iter__(self):
        return iter(range(self.items))


assert array.array("B", Says(2, 100)) == array.array("B", range(100))
assert bytearray(Says(1, 50)) == bytes(range(50))
assert bytes(Says(0, 50)) == bytes(range(50))
assert list(array.array("d", Says(3, 3))) == [0, 1, 2]
for length, error in ((-1, ValueError), ("x", TypeError), (None, TypeError), (1 << 40, OverflowError), (1.5, TypeError)):
    refused(lambda: len(Says(length, 3)), error)
    refused(lambda: array.array("I", Says(length, 3)), error)
    refused(lambda: bytes(Says(length, 3)), error)
    refused(lambda: (lambda *a: a)(*Says(length, 3)), error)
    refused(lambda: dict.fromkeys(Says(length, 3)), error)
big = Says(0x3FFFFFFF, 5)
assert (lambda *a: a)(*big, *big, *big) == tuple(range(5)) * 3

# Counts in formats of struct: no small number, a sum that comes round, a place that comes round.
import struct

for wrong in ("9999999999sB", "99999999999999999999s", "<3000000000xB1294967295x", "<4294967295xB", "<4294967297i", "2147483647d", "65536q" * 40000):
    refused(lambda: struct.calcsize(wrong), OverflowError)
    refused(lambda: struct.unpack(wrong, b"abcd"), OverflowError)
    refused(lambda: struct.pack(wrong, b"", 1), OverflowError)
    refused(lambda: struct.pack_into(wrong, bytearray(8), 0, b"", 1), OverflowError)
buffer = bytearray(8)
for place in (9, 0x7FFFFFFF, 0x70000000, -9, -0x80000000):
    refused(lambda: struct.unpack_from("<B", buffer, place), ValueError, OverflowError)
    refused(lambda: struct.pack_into("<B", buffer, place, 1), ValueError, OverflowError)
refused(lambda: struct.unpack_from("<1000000000x", buffer, 8), ValueError)
for format, size in (("", 0), ("0s", 0), ("0q", 0), ("b0q", 1), ("b3q", 32), ("3bhi", 12), ("<3bhi", 9), ("003s", 3), ("b2d3sx", 28), ("<b2d3sx", 21)):
    assert struct.calcsize(format) == size, format
assert struct.unpack("<2h3sxB", struct.pack("<2h3sxB", -1, 2, b"abc", 7)) == (-1, 2, b"abc", 7)
