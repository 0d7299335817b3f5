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
