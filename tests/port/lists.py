# psram: esp-psram64h
# Lists that are changed while they are compared, sorted, searched and cut.
def survives(call):
    try:
        return call()
    except (ValueError, TypeError, IndexError, AttributeError, MemoryError, RuntimeError, OverflowError):
        return None


def put(a, i, value):
    a[i] = value


class Changes:
    def __init__(self, act):
        self.act = act

    def __eq__(self, other):
        self.act()
        return False

    def __lt__(self, other):
        self.act()
        return True

    def __int__(self):
        self.act()
        return 2


for count in (3, 20, 100):
    for change in (lambda l: l.clear(), lambda l: len(l) < 5000 and l.extend(range(500)), lambda l: l.pop(), lambda l: len(l) < 5000 and l.append(l)):
        lists = []

        def act():
            for l in lists:
                if l:
                    change(l)

        odd = Changes(act)
        uses = (
            lambda a, b: a == b, lambda a, b: a < b, lambda a, b: a >= b, lambda a, b: a.count(7), lambda a, b: a.index(7), lambda a, b: a.remove(7),
            lambda a, b: 7 in a, lambda a, b: a.sort(), lambda a, b: a.sort(key=lambda x: act() or 0), lambda a, b: sorted(a), lambda a, b: max(a), lambda a, b: a[odd],
            lambda a, b: a[odd:], lambda a, b: a[:odd], lambda a, b: put(a, odd, 1), lambda a, b: a.insert(odd, 1), lambda a, b: a.pop(odd),
            lambda a, b: tuple(a) == tuple(b), lambda a, b: a.extend(x for x in b if x == odd), lambda a, b: a * odd,
        )
        for use in uses:
            lists[:] = [[odd] * count, [odd] * count]
            survives(lambda: use(*lists))
            for l in lists:
                assert len(list(l)) == len(l)

# A sort gives all items back, whatever its key does.
items = list(range(50, 0, -1))


def breaks(x):
    assert items == []
    if x == 20:
        raise ValueError
    return x


survives(lambda: items.sort(key=breaks))
assert sorted(items) == list(range(1, 51))
try:
    items.sort(key=lambda x: items.append(x) or x)
    assert False
except ValueError:
    pass
assert sorted(items) == list(range(1, 51))
items.sort(key=lambda x: -x)
assert items == list(range(50, 0, -1))

# Slices: a step that overflows, a list put into itself, an index that is none.
l = list(range(10))
assert l[1::0x7FFFFFFF] == [1] and l[8::-0x7FFFFFFF] == [8]
l[2:3] = l
assert l == [0, 1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 3, 4, 5, 6, 7, 8, 9]


class Three(int):
    pass


assert l[Three(3)] == 1 and l[Three(1) : Three(3)] == [1, 0] and l[True] == 1
assert len(range(0x3FFFFFFF)) == 0x3FFFFFFF and list(range(0x3FFFFFFE, 0x40000001)) == [0x3FFFFFFE, 0x3FFFFFFF, 0x40000000]
assert list(range(0x7FFFFFF0, 0x7FFFFFFF, 10)) == [0x7FFFFFF0, 0x7FFFFFFA]
survives(lambda: len(range(-0x7FFFFFFF, 0x7FFFFFFF)))

# A heap that its items change.
import heapq


def changed_heaps():
    # The first comparison empties it, or makes it larger.
    heap = []
    for act in (heap.clear, heap.pop, lambda: heap.append(0), lambda: heap.extend(range(99))):
        for call in (heapq.heapify, heapq.heappop, lambda h: heapq.heappush(h, Changes(act))):
            for size in (2, 3, 20):
                heap[:] = [Changes(act) for i in range(size)]
                try:
                    call(heap)
                    assert size == 2 and call is heapq.heappop
                except (RuntimeError, IndexError):
                    pass


changed_heaps()
heap = [5, 3, 8, 1, 9, 2]
heapq.heapify(heap)
heapq.heappush(heap, 0)
assert [heapq.heappop(heap) for i in range(7)] == [0, 1, 2, 3, 5, 8, 9]
