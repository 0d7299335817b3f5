# A program that draws its own operations from a seed and prints digests of what they made. Nothing in it may depend on
# addresses, hashes, the order of sets and dicts, or the wording of errors: CPython and the board must print the same.
#
# `run(seed)` is one program; what calls it stands behind this text (xtask/src/fuzz/heap).
import gc
from binascii import crc32

try:
    import micropython
except ImportError:
    # CPython: the decorators change nothing.
    class micropython:
        native = viper = staticmethod(lambda function: function)


SLOTS = 16
EVERY = 40
NAMES = "abcdefgh"

state = 0
pool = []
functions = []
generators = []
told = []
allow_native = False


def draw(n):
    global state
    state = (state * 1103515245 + 12345) & 0x7FFFFFFF
    return (state >> 8) % n


def word():
    return "".join([chr(97 + draw(26)) for _ in range(draw(12))])


def key():
    kind = draw(4)
    if kind == 0:
        return draw(50)
    if kind == 1:
        return draw(1 << 20) << draw(70)
    return word() if kind == 2 else (draw(9), word())


def leaf():
    kind = draw(9)
    if kind < 2:
        return draw(1 << 20) - (1 << 19)
    if kind == 2:
        return (draw(1 << 20) << draw(200)) - draw(1 << 20)
    if kind == 3:
        return word().encode()
    if kind == 4:
        return (None, True, False)[draw(3)]
    if kind == 5:
        return (draw(2000) - 1000) / 8
    return word() if kind < 8 else key()


def pick():
    return leaf() if draw(3) else pool[draw(SLOTS)]


def entries(most):
    """A dict's. One after the other: in a dict's own comprehension MicroPython makes the value before the key."""
    made = []
    for _ in range(draw(most)):
        name = key()
        made.append((name, pick()))
    return dict(made)


def picks(most):
    return [pick() for _ in range(draw(most))]


def find(kind):
    """Something of this type that is alive, or None."""
    start = draw(SLOTS)
    for i in range(SLOTS):
        if type(pool[(start + i) % SLOTS]) is kind:
            return pool[(start + i) % SLOTS]


def flat(x, depth=4, room=None):
    """What can be seen of a value, as text: so deep, and so many parts of it."""
    if room is None:
        room = [60]
    room[0] -= 1
    kind = type(x)
    if kind is int or kind is bool or x is None:
        return str(x)
    if kind is str:
        return "s%d,%d" % (len(x), crc32(x.encode()))
    if kind is bytes or kind is bytearray:
        return "b%d,%d" % (len(x), crc32(x))
    if kind is float:
        return "f%d" % int(x * 1024)
    if room[0] < 0 or not depth:
        return "~"
    if kind is list or kind is tuple:
        return "[%d:%s]" % (len(x), ",".join([flat(part, depth - 1, room) for part in x[:40]]))
    if kind is dict:
        names = {flat(name, 3, [9]): name for name in x}
        parts = [name + "=" + flat(x[names[name]], depth - 1, room) for name in sorted(names)[:40]]
        return "{%d:%s}" % (len(x), ",".join(parts))
    if kind is set or kind is frozenset:
        return "<%d:%s>" % (len(x), ",".join(sorted([flat(part, 3, [9]) for part in x])))
    if isinstance(x, Exception):
        # CPython makes a PermissionError of OSError(1, ..), and the like.
        name = "OSError" if isinstance(x, OSError) else kind.__name__
        return "e" + name + flat(x.args, depth - 1, room)
    if kind is View:
        return "v%d,%d,%s" % (len(x.view), crc32(x.view), flat(x.whole, depth, room))
    return kind.__name__ + ",".join([flat(getattr(x, name, None), depth - 1, room) for name in NAMES])


class View:
    """A buffer that is not resized, and a view of a part: CPython refuses to resize what is viewed."""

    def __init__(self, whole):
        self.whole = whole
        start = draw(len(whole))
        self.view = memoryview(whole)[start : start + draw(len(whole) - start + 1)]


class Node:
    pass


def lists(slot):
    x = find(list)
    if x is None or not draw(3):
        pool[slot] = picks(30)
        return
    kind, at = draw(10), draw(len(x) + 1)
    if kind == 0:
        x.append(pick())
    elif kind == 1:
        x.extend(picks(40))
    elif kind == 2:
        x.insert(at, pick())
    elif kind == 3 and at < len(x):
        pool[slot] = x.pop(at)
    elif kind == 4:
        del x[at : at + draw(20)]
    elif kind == 5:
        x[at : at + draw(9)] = picks(20)
    elif kind == 6:
        x.reverse()
    elif kind == 7:
        x.sort(key=lambda part: flat(part, 2, [3]))
    elif kind == 8:
        pool[slot] = [part for part in x if type(part) is not int] + x[at:]
    else:
        pool[slot] = list(zip(x, range(at), reversed(x)))
    del x[200:]


def dicts(slot):
    x = find(dict)
    if x is None or not draw(3):
        pool[slot] = entries(30)
        return
    kind = draw(7)
    if kind == 0:
        for _ in range(draw(60)):
            x[key()] = pick()
    elif kind == 1:
        for _ in range(20):
            x.pop(key(), None)
    elif kind == 2:
        x.update(entries(20))
    elif kind == 3:
        x.setdefault(key(), [])
    elif kind == 4:
        names = sorted([(flat(name, 3, [9]), name) for name in x], key=lambda pair: pair[0])
        for _, name in names[: draw(40)]:
            del x[name]
    elif kind == 5:
        pool[slot] = dict(x)
    else:
        pool[slot] = sorted([flat(part, 2, [5]) for part in x.values()])
    if len(x) > 300:
        x.clear()


def sets(slot):
    x = find(set)
    if x is None or not draw(3):
        pool[slot] = {key() for _ in range(draw(40))}
        return
    other, kind = {key() for _ in range(draw(60))}, draw(6)
    if kind == 0:
        x.update(other)
    elif kind == 1:
        pool[slot] = x | other
    elif kind == 2:
        pool[slot] = x & {part for part in x if flat(part) < "5"}
    elif kind == 3:
        x.difference_update(other)
    elif kind == 4:
        pool[slot] = x ^ other
    else:
        pool[slot] = frozenset(x)
    if len(x) > 300:
        x.clear()


def tuples(slot):
    x = find(tuple)
    pool[slot] = tuple(picks(12)) if x is None else (x[draw(5) :] + (pick(), x))[-20:]


def strings(slot):
    x = find(str) or word()
    kind = draw(8)
    if kind == 0:
        x = x + word() * draw(30)
    elif kind == 1:
        x = "".join([word() + x[i : i + 3] for i in range(draw(40))])
    elif kind == 2:
        x = "%s-%05d-%s" % (x, draw(1000), word())
    elif kind == 3:
        pool[slot] = x.split("a")
        return
    elif kind == 4:
        x = x.replace("b", word()).upper().lower()
    elif kind == 5:
        x = str(x.encode() * 2, "utf8") + "\u20ac"
    elif kind == 6:
        x = "{}{:>9}".format(x, draw(999))
    else:
        x = x[draw(len(x) + 1) :] + str(x.find("c"))
    pool[slot] = x[:400]


def numbers(slot):
    x = find(int) or 1
    y = (draw(1 << 20) << draw(300)) + 1
    kind = draw(8)
    if kind == 0:
        x = x * y
    elif kind == 1:
        x = x // y + x % y
    elif kind == 2:
        x = pow(x, draw(200), y + 1)
    elif kind == 3:
        x = (x << draw(100)) ^ y
    elif kind == 4:
        x = int(str(x)) - y
    elif kind == 5:
        x = (x >> draw(40)) | y
    elif kind == 6:
        x = int.from_bytes((abs(x) & ((1 << 800) - 1)).to_bytes(100, "little"), "big")
    else:
        x = -x & y
    pool[slot] = x if abs(x) < 1 << 1500 else x % y


def buffers(slot):
    x = find(bytearray)
    if x is None or not draw(4):
        pool[slot] = bytearray(range(draw(200)))
        return
    kind, at = draw(5), draw(len(x) + 1)
    if kind == 0:
        x.extend(bytes(draw(300)))
    elif kind == 1:
        for i in range(draw(40)):
            x.append(draw(256))
    elif kind == 2:
        x[at : at + draw(50)] = word().encode()
    elif kind == 3:
        pool[slot] = bytes(x[at:])
    else:
        pool[slot] = x + x[:at]
    if len(x) > 4000:
        pool[slot] = x[:100]
        x[100:] = b""


def views(slot):
    x = find(View)
    if x is None or not draw(3):
        pool[slot] = View(bytearray(range(1 + draw(250))))
        return
    for i in range(len(x.view)):
        x.view[i] = (x.view[i] * 5 + draw(256)) & 255
    half = len(x.view) // 2
    x.view[:half] = bytes(x.view[len(x.view) - half :])
    if draw(2):
        pool[slot] = bytes(x.view)


def closures(slot):
    if len(functions) < 12 or not draw(4):
        cell, step = picks(5), leaf()

        def count(value):
            nonlocal cell
            cell = [value, step, cell[-8:]]
            return lambda: (cell[0], len(cell))

        if len(functions) >= 12:
            functions.pop(draw(12))
        functions.append(count)
    pool[slot] = functions[draw(len(functions))](pick())()


def producer(items):
    kept = [items]
    try:
        for item in items:
            kept.append((yield [item, len(kept)]))
    except ValueError as error:
        yield error.args
    finally:
        told.append(len(kept))


def generating(slot):
    if len(generators) < 8 or not draw(4):
        if len(generators) >= 8:
            generators.pop(draw(8)).close()
        fresh = producer(picks(20))
        next(fresh, None)
        generators.append(fresh)
    generator, kind = generators[draw(len(generators))], draw(8)
    try:
        if kind == 0:
            generator.close()
        elif kind == 1:
            pool[slot] = generator.throw(ValueError(leaf()))
        elif kind == 2:
            pool[slot] = [item for item in producer(picks(9))]
        else:
            pool[slot] = generator.send(pick())
    except (StopIteration, ValueError):
        told.append(kind)


CLASS = """
class Made:
    shared = []
    def __init__(self, a): self.a = a; self.b = []
    def grow(self, x):
        self.b.append(x); self.c = self.b[-{0}:]
        return self
    @property
    def last(self): return self.b[-1]
class Child(Made):
    def grow(self, x):
        super().grow(x)
        self.d = [self.a, x]
        return super().grow({0})
"""


def classes(slot):
    x = find(Node)
    kind = draw(4)
    if kind == 0:
        names = {}
        exec(CLASS.format(1 + draw(9)), names)
        made = names["Made" if draw(2) else "Child"](leaf())
        for _ in range(draw(9)):
            made.grow(leaf())
        pool[slot] = [made.grow(pick()).last, made.b, getattr(made, "d", None)]
    elif x is None or kind == 1:
        pool[slot] = Node()
        pool[slot].a = x
    elif kind == 2:
        setattr(x, NAMES[draw(8)], pick())
    else:
        for name in NAMES[draw(8) :]:
            if hasattr(x, name):
                delattr(x, name)


def sink(depth, value):
    junk = [depth, value]
    try:
        if not depth:
            raise (ValueError, KeyError, IndexError, OSError)[draw(4)](value, junk)
        sink(depth - 1, junk if draw(2) else value)
    except KeyError as error:
        told.append("key")
        raise ValueError(junk, error.args)
    finally:
        told.append(len(junk))


def exceptions(slot):
    try:
        sink(draw(12), pick())
    except Exception as error:
        pool[slot] = type(error)(*error.args)


SOURCE = """
{1}
def f(a, b):
    t = 0
    for i in range(a):
        t = (t * 5 + i + b) & 0xfffff
        if t & 1: t ^= {0}
    return t
def g(n):
    d = {{}}
    for i in range(n): d[str(i) + "{2}"] = [i, f(i & 7, {0}), "{2}"]
    return d
"""


def sources(slot):
    names = {"micropython": micropython}
    # A number for each: then each is code of its own.
    exec(SOURCE.format(draw(1 << 16), "", word()), names)
    pool[slot] = names["g"](draw(40))


def natives(slot):
    names = {"micropython": micropython}
    decorator = ("@micropython.native", "@micropython.viper")[draw(2)]
    text = SOURCE.format(draw(1 << 16), decorator, word())
    if "viper" in decorator:
        text = text.replace("f(a, b)", "f(a: int, b: int) -> int")
    exec(text, names)
    pool[slot] = [names["f"](draw(50), draw(999)), names["g"](draw(20))]
    if draw(2):
        functions.append(lambda value, f=names["f"]: lambda: f(7, 9))
        del functions[:-12]


def cycles(slot):
    ring = [pick(), {}]
    ring.append(ring)
    ring[1][key()] = (ring, pick())
    node = Node()
    node.a, node.b = ring, node
    for _ in range(draw(300)):
        node, node.a = Node(), node
    if draw(2):
        pool[slot] = node


def junk(slot):
    kind = draw(5)
    if kind == 0:
        chain = None
        for i in range(draw(800)):
            chain = (i, chain)
    elif kind == 1:
        for _ in range(draw(9)):
            bytearray(draw(20000))
    elif kind == 2:
        [[word()] for _ in range(draw(60))]
    elif kind == 3:
        told.append(gc.collect() is None)
        told.pop()
    else:
        # What it holds goes at once.
        pool[slot] = draw(9)


OPERATIONS = (
    lists, lists, dicts, dicts, sets, tuples, strings, numbers, buffers, views,
    closures, generating, classes, exceptions, sources, cycles, junk, junk,
)


def run(seed, steps, native):
    """One program of so many operations, and its digests in one line."""
    global state
    state = seed * 7919 + 1
    for old in (pool, functions, generators, told):
        old.clear()
    pool.extend(range(SLOTS))
    if hasattr(gc, "threshold"):
        gc.threshold((-1, 20000, 200000)[seed % 3])
    digests = []
    for step in range(1, steps + 1):
        if native and not draw(12):
            natives(draw(SLOTS))
        else:
            OPERATIONS[draw(len(OPERATIONS))](draw(SLOTS))
        if step % EVERY == 0:
            seen = 0
            for part in pool:
                seen = crc32(flat(part).encode(), seen)
            digests.append("%08x" % crc32(flat(told, 2, [200]).encode(), seen))
            told.clear()
    print("seed", seed, *digests)
