# psram: esp-psram64h
# Memory in use stays compact: what is free is whole, so that it can be had. The slow tier is made small here, which is
# quicker; `cargo xtask bench fit` does the same with all of it.
import gc, random, spiram

KB = 1000


def free():
    gc.collect()
    return gc.mem_free()


def largest():
    return max(spiram.heap()[tier]["largest_free"] for tier in ("fast", "slow"))


def whole(before, what):
    now = free(), largest()
    assert all(n >= b - b // 100 for n, b in zip(now, before)), (what, before, now)


def word():
    letters = range(3 + random.getrandbits(3))
    return "".join(chr(97 + random.getrandbits(15) % 26) for _ in letters)


random.seed(5)
ballast = spiram.alloc(6_300 * KB, fast=False)
records = late = thing = None
before = free(), largest()

# Words, and the list that they are in, which moves each time it doubles: most of what is free must be in one piece.
def many():
    words = []
    for i in range(52_000):
        words.append(word())
        if len(words) == 32_768:
            assert largest() > 500 * KB, spiram.heap()


many()
whole(before, "words")


# Records until memory is full. What lives on was made in a full memory, and is in nobody's way afterwards.
def fill(records):
    while True:
        i = len(records)
        records.append({"id": i, "name": "user%d" % i, "tags": ["a%d" % (i % 7), "b"], "v": i * 0.5})


records = []
try:
    fill(records)
except MemoryError as raised:
    # The last kilobytes are for this.
    late = [str(raised), {name: [name] for name in ("some", "names", "that", "stay")}]
assert len(records) > 12_000, len(records)
assert free() < before[0] // 10, (free(), before)
records = None
whole(before, "records")
assert late[0].startswith("memory allocation failed"), late
late = None


# Frames, with others between that do not stay.
def frames(kept):
    while True:
        frame = bytearray(60 * KB)
        grey = bytearray(30 * KB)
        kept.append((frame, ["blob %d" % i for i in range(20)]))


records = []
try:
    frames(records)
except MemoryError:
    pass
assert free() < before[0] // 8, (free(), before)
records = None
whole(before, "frames")

# 300 KB of small objects that live and are replaced: a block of 1 MB can be had at any time.
def churn():
    thing = [[i, word()] for i in range(4000)]
    for n in range(30):
        for i in range(500):
            thing[random.randrange(4000)] = [i, word()]
        bytearray(1024 * KB)


churn()
assert spiram.heap(check=True)["collections"]["compact"] > 0
whole(before, "churn")

# What is said when there is no room: for what is large, what is free, in one piece, and where.
try:
    bytearray(2_500 * KB)
except MemoryError as raised:
    text = str(raised)
assert "allocating 2500000 bytes; 2." in text and "MB free, largest 2.0 MB in the slow tier" in text, text
spiram.heap(check=True)
ballast = None

# What each kind of root keeps alive.
KINDS = ("core", "registers", "stack", "finalisers")


def by_root():
    roots = spiram.heap(roots=True)["roots"]
    address, objects = roots["heaviest"]
    assert address % 4 == 0 and objects > 0
    return {kind: roots[kind][0] for kind in KINDS}


few = by_root()
assert few["core"] > 10 and few["stack"] > 0, few
thing = [[i] for i in range(5000)]
assert by_root()["core"] - few["core"] in range(10_000, 10_100), (few, by_root())
thing = None


def local():
    thing = [[i] for i in range(5000)]
    return by_root()


many = local()
assert many["stack"] + many["registers"] >= 10_000 and many["core"] - few["core"] < 100, (few, many)
roots = spiram.heap(roots=True)["roots"]
assert all(roots[kind][1] >= 16 * roots[kind][0] for kind in KINDS), roots
