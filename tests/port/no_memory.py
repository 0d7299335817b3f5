# psram: none
# Memory runs out at the n-th allocation, for every n, in each of these: MemoryError at worst, the heap whole, and the objects
# usable. For a checked build. Each workload makes its objects, does something once with them, and says what has to hold of
# them whether that failed or not.
import gc, io, json, micropython, re, spiram, struct, sys, vfs
from array import array
from collections import OrderedDict, deque, namedtuple

import deflate, heapq, os, random

LOADS = []


def load(make, check=lambda o: True):
    def add(act):
        LOADS.append((act.__name__, make, act, check))
        return act

    return add


class Node:
    def __init__(self, *given):
        self.given = given

    def __del__(self):
        pass


class Disk:
    def __init__(self, blocks):
        self.data = bytearray(512 * blocks)

    def readblocks(self, block, buffer, offset=0):
        for i in range(len(buffer)):
            buffer[i] = self.data[block * 512 + offset + i]

    def writeblocks(self, block, buffer, offset=0):
        for i in range(len(buffer)):
            self.data[block * 512 + offset + i] = buffer[i]

    def ioctl(self, request, argument):
        return {4: len(self.data) // 512, 5: 512, 6: 0}.get(request, 0)


def in_row(o):
    return list(o)[:4] == [0, 1, 2, 3] and list(o) == list(range(len(o)))


def keys_in_row(o):
    return sorted(o) == list(range(len(o))) and len(o) >= 8


@load(lambda: list(range(8)), in_row)
def list_append(o):
    o.append(len(o))


@load(lambda: list(range(8)), in_row)
def list_extend(o):
    o.extend(range(8, 40))


@load(lambda: list(range(8)), in_row)
def list_insert(o):
    o.insert(8, len(o))


@load(lambda: list(range(8)), in_row)
def list_slices(o):
    o[8:] = [8, 9, 10] + [11] * 1
    return o[2:] * 3 + o


@load(lambda: [3, 1, 2, 0], lambda o: sorted(o) == [0, 1, 2, 3])
def list_sort(o):
    o.sort(key=lambda x: [x])


@load(lambda: {i: i for i in range(8)}, keys_in_row)
def dict_grow(o):
    for i in range(8, 30):
        o[i] = [i]


@load(lambda: {i: [i] for i in range(30)}, keys_in_row)
def dict_copies(o):
    return dict(o), o.copy(), list(o.items())


@load(lambda: OrderedDict([(i, i) for i in range(8)]), in_row)
def ordered_grow(o):
    for i in range(8, 20):
        o[i] = i


@load(lambda: set(range(8)), keys_in_row)
def set_grow(o):
    for i in range(8, 30):
        o.add(i)


@load(lambda: {str(i) for i in range(20)}, lambda o: len(o) >= 20 and all(str(i) in o for i in range(20)))
def set_algebra(o):
    o |= {"a%d" % i for i in range(9)}
    return o & {"1"}, o - {"2"}, o ^ {"3"}, frozenset(o)


@load(lambda: deque(range(8), 40), in_row)
def deque_fill(o):
    for i in range(len(o), 30):
        o.append(i)


@load(lambda: bytearray(b"0123"), lambda o: o[:4] == b"0123" and all(48 <= x < 58 for x in o))
def bytearray_grow(o):
    for i in range(40):
        o.append(48 + i % 10)
    o += b"55"
    o[4:6] = b"01234567"


@load(lambda: array("O", [[i] for i in range(4)]), lambda o: list(o)[:4] == [[0], [1], [2], [3]])
def array_of_objects(o):
    for i in range(20):
        o.append([i])


@load(lambda: array("i", range(4)), in_row)
def array_extend(o):
    o.extend(array("i", range(len(o), len(o) + 20)))


@load(lambda: io.BytesIO(b"0123456789"), lambda o: o.getvalue()[:10] == b"0123456789" and set(o.getvalue()[10:]) <= {120})
def bytesio_write(o):
    o.seek(0, 2)
    o.write(b"x" * 300)


@load(lambda: io.StringIO("0123456789"), lambda o: o.getvalue()[:10] == "0123456789" and not o.getvalue()[10:].strip("x"))
def stringio_write(o):
    o.seek(0, 2)
    o.write("x" * 300)


@load(lambda: ["ab"] * 20, lambda o: o == ["ab"] * 20)
def texts(o):
    return "-".join(o), "%s %r %5d" % (o, "x", 7), "{:>40}".format("y"), repr(o), "a,b,c".split(","), "aXbX".replace("X", "long")


@load(lambda: "naïve " * 20, lambda o: len(o) == 120)
def encodings(o):
    return o.encode().decode(), o.upper(), o[::1] + o, o.find("v"), bytes(o, "utf8"), o.center(200)


@load(lambda: 3**200, lambda o: o == 3**200)
def big_numbers(o):
    return o * o // 7, str(o), o << 100, pow(o, 5, 10**40), int(str(o)), o.to_bytes(60, "big"), -o ^ 5


@load(lambda: {"a": [1, 2.5, None, "t"], "b": {"c": [True] * 9}}, lambda o: o["b"]["c"] == [True] * 9 and len(o) == 2)
def json_both(o):
    return json.loads(json.dumps(o)) == o, json.load(io.StringIO('{"x": [1, 2, {"y": "zzzzzzzzzzzzzzzzzzzzz"}]}'))


@load(lambda: "k1=v1 k2=v2 k3=v3", lambda o: len(o) == 17)
def regexes(o):
    m = re.search("(k[0-9])=(v[0-9])", o)
    return m.group(1), re.compile(" ").split(o), re.sub("v", lambda m: m.group(0) * 3, o)


TEXT = b"hello world, hello " * 40


def packed():
    to = io.BytesIO()
    with deflate.DeflateIO(to, deflate.ZLIB, 9) as stream:
        stream.write(TEXT)
    return to.getvalue()


PACKED = packed()


@load(lambda: PACKED, lambda o: deflate.DeflateIO(io.BytesIO(o)).read() == TEXT)
def inflate(o):
    return deflate.DeflateIO(io.BytesIO(o), deflate.ZLIB).read()


@load(lambda: None, lambda o: packed() == PACKED)
def deflating(o):
    return packed()


SOURCE = """
class A:
    x = [1, 2]
    def m(self, a, b=3, *c, d=4, **e):
        def inner():
            nonlocal a
            a += 1
            return [a, b, c, d, e, "text", 1 << 70, 2.5]
        return inner()
def g(n):
    for i in range(n):
        try:
            yield from (j for j in [i])
        except ValueError as e:
            pass
        finally:
            n -= 0
r = [A().m(1, f=5), list(g(3)), {k: v for k, v in zip("ab", (1, 2))}]
"""


def ran():
    names = {}
    exec(SOURCE, names)
    return names["r"][1] == [0, 1, 2]


@load(lambda: None, lambda o: ran())
def compile_and_run(o):
    exec(SOURCE, {})


@load(lambda: None, lambda o: eval("[1, (2, {3: 'x'})]") == [1, (2, {3: "x"})])
def evaluate(o):
    return eval("[1, (2, {3: 'x'}), lambda a: a]")


NATIVE = "@micropython.native\ndef f(a):\n return [a, a + 1]\n@micropython.viper\ndef v(a: int) -> int:\n return a * 3\n"


@load(lambda: {"micropython": micropython})
def native_code(o):
    exec(NATIVE, o)
    assert o["f"](1) == [1, 2] and o["v"](2) == 6


@load(lambda: None, lambda o: caught() == "inner")
def exceptions(o):
    return caught()


def caught():
    try:
        try:
            raise ValueError("outer", [1])
        finally:
            raise KeyError("inner")
    except KeyError as error:
        text = io.StringIO()
        sys.print_exception(error, text)
        return error.args[0]


@load(lambda: Node(1), lambda o: o.given == (1,))
def attributes(o):
    for name in ("a", "b", "c", "d", "e", "f", "g"):
        setattr(o, name, [name])


@load(lambda: None)
def classes(o):
    kind = type("Kind", (Node,), {"k": [1], "m": lambda self: super(kind, self)})
    assert kind(1, 2).given == (1, 2) and kind.k == [1]
    pair = namedtuple("Pair", ("x", "y"))(1, [2])
    assert pair.y == [2] and pair._replace if hasattr(pair, "_replace") else pair.x == 1


def counting(o):
    total = 0
    while total < 9:
        got = yield [total]
        total += got or 1


@load(lambda: None)
def generators(o):
    assert sum(len(x) for x in counting(None)) == 9
    steps = counting(None)
    next(steps)
    steps.send(2)


@load(lambda: [lambda: 0])
def closures(o):
    x = [1]

    def f(a, *b, **c):
        return lambda: (x, a, b, c)

    o[0] = f(1, *range(20), k=2, **{"z%d" % i: i for i in range(9)})
    assert o[0]()[1] == 1


@load(lambda: [5, 3, 9, 1] * 4, lambda o: 16 <= len(o) <= 24)
def heaps(o):
    heapq.heapify(o)
    for i in range(8):
        heapq.heappush(o, i)


@load(lambda: bytearray(40), lambda o: len(o) == 40)
def structs(o):
    struct.pack_into("<BHQ", o, 0, 1, 2, 1 << 60)
    assert struct.unpack_from("<BHQ", o)[2] == 1 << 60
    return struct.pack("<10sQd", b"abc", 1 << 61, 2.5)


@load(lambda: memoryview(bytearray(range(60))), lambda o: bytes(o) == bytes(range(60)))
def views(o):
    return bytes(o[5:50]), bytearray(o[3:]), o[1:][2:].hex() if hasattr(o, "hex") else 0


@load(lambda: iter(range(40)))
def iterators(o):
    return list(zip(range(9), o)), list(map(str, range(9))), list(filter(None, range(9))), sorted(range(9), reverse=True), tuple(
        enumerate("abc")
    )


@load(lambda: None)
def imports(o):
    for name in [m for m in sys.modules if m.startswith("asyncio")]:
        del sys.modules[name]
    import asyncio

    async def one(x):
        await asyncio.sleep(0)
        return x

    async def both():
        return await asyncio.gather(one(1), one(2))

    assert asyncio.run(both()) == [1, 2]


@load(lambda: None)
def unittest_again(o):
    sys.modules.pop("unittest", None)
    import unittest

    assert unittest.TestCase


@load(lambda: io.BytesIO())
def printing(o):
    text = io.StringIO()
    print([1, "x", {2: (3.5, None)}], Node, b"\x01", file=text)
    assert text.getvalue().startswith("[1, 'x'")


@load(lambda: io.BufferedWriter(io.BytesIO(), 16))
def buffered(o):
    for i in range(5):
        o.write(b"12345678")
    o.flush()


def disk(kind):
    d = Disk(80)
    kind.mkfs(d)
    vfs.mount(d, "/t")
    with open("/t/old", "w") as f:
        f.write("kept" * 30)
    return d


def kept(o):
    with open("/t/old") as f:
        same = f.read() == "kept" * 30
    with open("/t/after", "w") as f:
        f.write("x" * 600)
    with open("/t/after") as f:
        same = same and f.read() == "x" * 600
    vfs.umount("/t")
    return same


def on_disk(o):
    with open("/t/new", "w") as f:
        f.write("abc" * 200)
    with open("/t/new") as f:
        f.readline()
    os.mkdir("/t/folder")
    os.rename("/t/new", "/t/folder/moved")
    os.listdir("/t/folder")
    os.stat("/t/old")
    os.remove("/t/folder/moved")


@load(lambda: disk(vfs.VfsFat), kept)
def files_fat(o):
    on_disk(o)


def main(only=None, most=400):
    tried = 0
    gc.collect()
    for name, make, act, check in LOADS:
        if only and name not in only:
            continue
        n = 0
        failed = True
        while failed and n < most:
            n += 1
            things = make()
            spiram.fail_alloc(n)
            error = None
            try:
                act(things)
            except MemoryError:
                error = 1
            except (OSError, ImportError) as e:
                # A file system may say so in its own way, and asyncio looks for another part instead.
                error = e
            failed = spiram.fail_alloc(0) == 0
            tried += failed
            assert failed or error is None, (name, n, error)
            assert check(things), (name, n, "check")
            if error is not None:
                act(things if check is not kept else make())
                if check is kept:
                    vfs.umount("/t")
            things = None
            if n % 8 == 1:
                gc.collect()
            spiram.heap(check=True)
        print(name, n)
    print("workloads", len(LOADS), "failed allocations", tried)


main()
