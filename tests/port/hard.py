# psram: esp-psram64h
# Hard handlers that move references while the heap is collected: nothing of what they hide may be freed, and none has to wait.
import gc, spiram, time
from machine import Timer

# Chains that are walked late and early; what hangs on them is moved between their ends by a handler.
N = 64


class Box:
    def __init__(self, item):
        self.item = item
        self.next = None


first, last = [], []
# What is found first, in the middle of much else, and what is found last.
def build():
    for i in range(N):
        first.append(Box(bytes(("item %d" % i) * 3, "ascii")))
    filler.append([[i, [i]] for i in range(9000)])
    for i in range(N):
        last.append(Box(None))


filler = []
build()
moves = 0
k = 0


def swap(timer):
    global moves, k
    a = first[k]
    b = last[k]
    a.item, b.item = b.item, a.item
    k += 7
    if k >= N:
        k -= N
    moves += 1


timer = Timer(2, freq=5_000, callback=swap, hard=True)
for round in range(30):
    before = moves
    start = time.ticks_us()
    gc.collect()
    took = time.ticks_diff(time.ticks_us(), start)
    during = moves - before
    # Garbage that takes the place of what was freed by mistake.
    junk = [bytes(24) for _ in range(200)]
    assert during > took // 200 - 3, (during, took)
timer.deinit()
items = sorted((a.item or b.item) for a, b in zip(first, last))
assert items == sorted(bytes(("item %d" % i) * 3, "ascii") for i in range(N)), items
assert all((a.item is None) != (b.item is None) for a, b in zip(first, last))
spiram.heap(check=True)
assert moves > 1000, moves


# A handler may come in the middle of an allocation: it cannot collect, and what looks at the heap is told so.
def collects(timer):
    gc.collect()
    gc.mem_free()


timer = Timer(2, freq=20_000, callback=collects, hard=True)
for _ in range(300):
    junk = [[i] for i in range(100)]
timer.deinit()
timer = Timer(2, freq=20_000, callback=lambda timer: spiram.heap(check=True), hard=True)
for _ in range(20):
    junk = [[i] for i in range(100)]
timer.deinit()
spiram.heap(check=True)
print("ok")
