# psram: esp-psram64h
# What 8 MB buy, and that exhaustion is an exception.
import gc, micropython, spiram

gc.collect()
assert gc.mem_free() >= 9_200_000, gc.mem_free()
state = spiram.info()
assert state["size"] == 8 << 20 and state["mode"] == "QPI"
assert state["clock_hz"] == {"datasheet": 50_000_000, "field": 70_000_000, "safe": 40_000_000}[state["timing"]]
assert state["id"][:2] == b"\x0d\x5d"

# The largest single block is as good as all of the chip.
big = bytearray(8_380_000)
big[8_379_999] = 1
assert sum(big[8_379_990:]) == 1
try:
    bytearray(8_380_000)
except MemoryError:
    pass
else:
    raise AssertionError("two of them do not fit")
del big
assert len(bytearray(8_380_000)) == 8_380_000


def deep(n):
    return 0 if n == 0 else 1 + deep(n - 1)


assert deep(150) == 150
try:
    deep(1_000_000)
except RuntimeError as error:
    assert "recursion" in str(error)
else:
    raise AssertionError("the stack has no end")
