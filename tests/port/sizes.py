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
