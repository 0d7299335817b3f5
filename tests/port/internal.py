# psram: none
# Without a memory chip the same heap runs on the internal RAM alone.
import gc, spiram

state = spiram.heap(check=True)
assert state["slow"] == {"size": 0, "used": 0, "largest_free": 0}, state
assert state["fast"]["size"] > 1_000_000 and gc.mem_free() > 1_000_000
def size(**tier):
    return len(spiram.alloc(900_000, **tier))


assert size() == 900_000
gc.collect()
assert size(fast=True) == 900_000
for size, words in ((100, "no usable memory chip"), (8_000_000, "more than any tier has")):
    try:
        spiram.alloc(size, fast=False)
    except MemoryError as error:
        assert words in str(error), error
    else:
        raise AssertionError(size)

# Full, and empty again, and what lives on is whole.
alive = [[i] for i in range(1000)]
for turn in range(5):
    chain = None
    try:
        while True:
            chain = [chain, bytearray(100)]
    except MemoryError:
        chain = None
assert alive == [[i] for i in range(1000)]
spiram.heap(check=True)
gc.collect()
assert gc.mem_free() > 900_000
