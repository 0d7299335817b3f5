# psram: none
# What an array or a list leaves behind when it moves is given to no one while something looks into it.
import gc
from array import array


def views_of(kind, sizes):
    kept = []
    for n in sizes:
        items = kind(bytes(n))
        view = memoryview(items)
        # Of the same size, so that the heap puts them next to it, and it has to move.
        wall = [bytearray(n) for i in range(4)]
        items.extend(bytes(20 * n))
        kept.append((view, memoryview(view)[n // 8 :], wall))
    return kept


old = views_of(bytearray, (16, 40, 200, 3000, 6000)) + views_of(lambda data: array("H", data), (32, 600, 5000))
gc.collect()
lists = [[i] for i in range(6000)]
for view, part, _ in old:
    for some in (view, part):
        for i in range(len(some)):
            some[i] = 0xA5
gc.collect()
assert lists == [[i] for i in range(6000)]
assert not any(any(one) for _, _, wall in old for one in wall)

# Objects in a view of an array that has moved are alive as long as the view.
objects = array("O", [[i] for i in range(50)])
view = memoryview(objects)
wall = [None] * 50
objects.extend(array("O", [None] * 500))
for i in range(50):
    objects[i] = None
gc.collect()
junk = [[0] for i in range(2000)]
assert [view[i] for i in range(50)] == [[i] for i in range(50)]


# Nothing of that is kept for ever.
old = view = objects = junk = lists = None
gc.collect()
free = gc.mem_free()
for i in range(40):
    grown = bytearray(100)
    for j in range(9):
        grown.extend(bytes(len(grown)))
    grown = None
gc.collect()
# The last of them may still be on the stack.
assert free - gc.mem_free() < 120_000, (free, gc.mem_free())
