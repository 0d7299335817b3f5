# psram: esp-psram64h
# Machine code made while the heap is in memory that cannot be executed.
import micropython


@micropython.native
def native(n):
    return [i * i for i in range(n)]


@micropython.viper
def viper(data: ptr8, n: int) -> int:
    total = 0
    for i in range(n):
        total += data[i]
    return total


@micropython.asm_thumb
def assembler(r0, r1):
    add(r0, r0, r1)


assert native(5) == [0, 1, 4, 9, 16]
assert viper(bytes(range(100)), 100) == 4950
assert assembler(40, 2) == 42

# Room for code is finite; its end is an exception, and what was made before still works.
made = []
try:
    while True:
        exec("@micropython.viper\ndef f(x: int) -> int:\n    return x + %d\n" % len(made))
        made.append(f)
except MemoryError:
    pass
assert len(made) > 500
for i in range(0, len(made), 50):
    assert made[i](1) == i + 1
made = f = None

# Code that nothing reaches is freed: much more is compiled than there is room for, of all kinds, and what is kept works on.
import gc

KINDS = (
    "@micropython.native\ndef f(a, b):\n return a + b + %d\n",
    "@micropython.viper\ndef f(a: int, b: int) -> int:\n return a + b + %d\n",
    "@micropython.asm_thumb\ndef f(r0, r1):\n add(r0, r0, r1)\n add(r0, %d)\n",
)
kept = []
for turn in range(1500):
    n = turn % 200
    names = {"micropython": micropython}
    exec(KINDS[turn % 3] % n, names)
    assert names["f"](1, 2) == 3 + n
    if turn % 60 == 0:
        kept.append((n, names["f"]))
assert [f(10, 20) for n, f in kept] == [30 + n for n, f in kept]
# Kept by its module alone, by a closure, by a bound method.
assert names["f"](0, 0) == n


# What runs is not freed, though nothing else reaches it.
def drops(own):
    own.clear()
    for i in range(800):
        exec(KINDS[1] % 7, {"micropython": micropython})
    return 5


own = {"micropython": micropython, "drops": drops}
exec("@micropython.native\ndef f(own):\n a = drops(own)\n return a + 1\n", own)
assert own["f"](own) == 6
