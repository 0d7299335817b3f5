# psram: esp-psram64h
# Arguments drawn from iterators that change the other arguments; modules that are none.
import sys


def f(*args, **kwargs):
    return args, kwargs


def items(n, act=lambda: None):
    for i in range(n):
        act()
        yield i


for n in (0, 1, 3, 4, 7, 10, 30, 100):
    for m in (0, 1, 5, 40):
        row = list(range(m))
        assert f(*items(n), *row, 7, *items(m), *row) == (tuple(range(n)) + tuple(row) + (7,) + tuple(row) * 2, {})
        names = {"k%d" % i: i for i in range(m)}
        assert f(*items(n), **names) == (tuple(range(n)), names)
        more = []
        f(*items(n, lambda: more.extend(range(50))), *more)
        more = {}
        f(*items(n, lambda: more.update({"a%d" % len(more): 1})), **more, x=1)


class Map:
    def keys(self):
        return ("k%d" % i for i in range(60))

    def __getitem__(self, key):
        return key


assert len(f(**Map())[1]) == 60

for value in (5, None, "x", [], object()):
    sys.modules["strange"] = value
    for text in ("import strange.part", "from strange import part", "from strange import *", "import strange.a.b", "from strange.part import x"):
        try:
            exec(text)
        except (ImportError, TypeError, AttributeError):
            pass
del sys.modules["strange"]
try:
    exec("from . import x", {"__name__": "y" * 100_000})
except (ImportError, ValueError, RuntimeError):
    pass
for n in (255, 256, 5_000, 100_000):
    try:
        __import__("z" * n)
        assert False
    except (ImportError, ValueError, RuntimeError):
        pass
