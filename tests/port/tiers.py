# psram: esp-psram64h
# The tiers by name: blocks where they are asked for, and figures that tell what a collection read.
import array, gc, spiram, time


def raises(kind, words, *args, **keywords):
    try:
        spiram.alloc(*args, **keywords)
    except kind as error:
        assert words in str(error), error
    else:
        raise AssertionError((args, keywords))


def used(tier):
    return spiram.heap()[tier]["used"]


state = spiram.heap(check=True)
fast, slow = state["fast"], state["slow"]
assert slow["size"] == 8 << 20 and fast["size"] > 800_000
assert fast["size"] + slow["size"] == gc.mem_free() + gc.mem_alloc()

# Where it is asked for, and zeroed.
gc.collect()
for tier, is_fast in (("fast", True), ("slow", False)):
    before = used(tier)
    block = spiram.alloc(100_000, fast=is_fast)
    assert type(block) is bytearray and len(block) == 100_000 and not any(block)
    assert used(tier) - before >= 100_000
    block = None
assert len(spiram.alloc(1)) == 1 and len(spiram.alloc(3, fast=None)) == 3

raises(ValueError, "1 at least", 0)
raises(ValueError, "1 at least", -1)
raises(ValueError, "1 at least", -(10**30), fast=True)
raises(MemoryError, "addresses", 10**30)
raises(MemoryError, "more than any tier has", 9_000_000)
raises(MemoryError, "more than the fast tier has", 900_000, fast=True)
raises(TypeError, "int", "many")
raises(TypeError, "argument", 10, 20)

# Which tier is full; the other one has room. One collection was tried before it said so.
room = spiram.heap()["collections"]["room"]
raises(MemoryError, "the fast tier is full", fast["size"] - 64, fast=True)
assert spiram.heap()["collections"]["room"] == room + 1
filler = spiram.alloc(8_200_000, fast=False)
raises(MemoryError, "the slow tier is full", 200_000, fast=False)
raises(MemoryError, "both tiers are full", fast["size"] - 64)
assert len(spiram.alloc(100_000, fast=True)) == 100_000
filler = None
assert len(spiram.alloc(8_200_000)) == 8_200_000


# What a collection reads: the words of objects that may hold pointers. None of these is read.
def words():
    gc.collect()
    last = spiram.heap()["last"]
    return last["fast_words"] + last["slow_words"]


def cost(make, owner_words):
    before = words()
    kept = make()
    # `owner_words` is what points to the data. The stack counts nowhere.
    assert words() - before < owner_words + 200, (make, words() - before)


grown = lambda: [bytearray().extend(bytes(5000)) for i in range(5)]
cost(lambda: bytearray(1_000_000), 0)
cost(lambda: bytes(1_000_000), 0)
cost(lambda: "text" * 100_000, 0)
cost(lambda: array.array("d", [0.5] * 20_000), 0)
cost(lambda: 1 << 800_000, 0)
cost(lambda: [i / 3 for i in range(5000)], 8192)
cost(lambda: [(i, True, "name") for i in range(5000)], 8192)
cost(lambda: ["number %d" % i for i in range(2000)], 2048 + 2000 * 8)

# Grown from nothing.
before, empty = words(), bytearray()
for i in range(100):
    empty.extend(bytes(1000))
    empty.append(i)
assert len(empty) == 100_100 and words() - before < 200

# And this is.
before, kept = words(), [None] * 50_000
assert words() - before >= 50_000



# Free memory is known without a walk, however many objects there are.
def asked():
    start = time.ticks_cpu()
    gc.mem_free()
    return time.ticks_diff(time.ticks_cpu(), start)


few = min(asked() for i in range(5))
kept = [[i] for i in range(30_000)]
many = min(asked() for i in range(5))
assert many < 2 * few, (few, many)
kept = None

# Why there were collections, and how long they took.
state = spiram.heap()
reasons = state["collections"]
assert reasons["asked"] > 10 and reasons["threshold"] == 0
assert sum(count for _, count in state["pauses_us"]) == sum(reasons.values())
assert max(below for below, _ in state["pauses_us"]) > state["longest_us"] > 0
assert state["total_us"] >= state["longest_us"]
gc.threshold(10_000)
for i in range(1000):
    [i, i]
gc.threshold(-1)
assert spiram.heap()["collections"]["threshold"] > 0
spiram.heap(check=True)
