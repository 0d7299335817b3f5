# psram: esp-psram64h
# Shapes of nesting, each deeper than the stack, in all that goes down into them: the limit is met as RuntimeError, never as a fault.
import io
import json
import re
import sys
import vfs
from collections import OrderedDict, deque, namedtuple

N = 1500
tried = 0
# How many shapes met the limit, of each kind.
met = {}


def ends(kind, call, *arguments):
    global tried
    tried += 1
    try:
        call(*arguments)
    except RuntimeError as e:
        assert "recursion" in str(e), (kind, e)
        met[kind] = met.get(kind, 0) + 1
    except Exception:
        pass


# 1. Source: brackets, operators, statements.
def source(text):
    ends("compile", lambda: exec(text))
    ends("compile", lambda: compile(text, "deep", "eval"))


for left, right in (
    ("(", ")"), ("[", "]"), ("{", "}"), ("{1:", "}"), ("(1,", ")"), ("[0 for x in ", "]"), ("(lambda:", ")"), ("f(", ")"),
    ("f(*", ")"), ("f(**", ")"), ("f(a=", ")"), ("x[", "]"), ("x[1:", "]"), ("not ", ""), ("-", ""), ("~", ""), ("lambda: ", ""), ("lambda x=", ": 0"),
    ("1 if 1 else ", ""), ("1 if ", " else 0"), ("(1 + ", ")"), ("1 ** ", ""), ("{*", "}"), ("{**", "}"), ("[*", "]"), ("(yield ", ")"), ("(await ", ")"), ("(x := ", ")"),
    ("'%s' % (", ",)"),
):
    source(left * N + "1" + right * N)
source("f'{" * 300 + "1" + "}'" * 300)
for middle in (" + ", " and ", " or ", " < ", " is not ", ".a", "[0]", "()", " if 1 else ", ", ", " = "):
    source("x" + (middle + "x") * N if middle[0] in " ," else "x" + middle * N)
for line in ("if 1:", "while x.stop:", "for x in y:", "try:", "with x:", "def f():", "class A:", "async def f():", "else:"):
    text = "\n".join([" " * i + line for i in range(200)]) + "\n" + " " * 200 + "pass\n"
    source(text)
text = None

# 2. Objects in objects, made in many ways, used in many ways.
Box = namedtuple("Box", ("inside",))


class Held:
    def __init__(self, inside):
        self.inside = inside

    def __eq__(self, other):
        return self.inside == other.inside

    def __lt__(self, other):
        return self.inside < other.inside

    def __hash__(self):
        return hash(self.inside)

    def __repr__(self):
        return repr(self.inside)

    def __iter__(self):
        return iter(self.inside)

    def __len__(self):
        return len(self.inside)

    def __bool__(self):
        return bool(self.inside)

    def __getitem__(self, i):
        return self.inside[i]

    def __contains__(self, x):
        return x in self.inside

    def __call__(self):
        return self.inside()

    def __getattr__(self, name):
        return getattr(self.inside, name)

    def __add__(self, x):
        return self.inside + x

    def __int__(self):
        return int(self.inside)


class SubList(list):
    pass


class SubTuple(tuple):
    pass


class SubError(Exception):
    pass


makers = (
    lambda x: [x], lambda x: (x,), lambda x: {1: x}, lambda x: {"k": x}, Box, Held, lambda x: SubList([x]), lambda x: SubTuple([x]),
    lambda x: ValueError(x), lambda x: SubError(x), lambda x: deque([x], 1), lambda x: OrderedDict([(1, x)]), lambda x: iter([x]),
    lambda x: map(None, x) if hasattr(x, "__iter__") else [x],
)


def built(make):
    x = 1
    for i in range(N):
        x = make(x)
    return x


def copied(x):
    if isinstance(x, (list, tuple)):
        return type(x)([copied(y) for y in x])
    if isinstance(x, dict):
        return {k: copied(v) for k, v in x.items()}
    return x


uses = (
    ("print", repr), ("print", str), ("hash", hash), ("compare", lambda x: x == x), ("compare", lambda x: x < x),
    ("compare", lambda x: x in x), ("other", bool), ("other", len), ("sort", sorted), ("iterate", list), ("iterate", tuple),
    ("hash", set), ("other", int), ("json", json.dumps), ("other", copied), ("print", lambda x: "%s" % (x,)),
    ("print", lambda x: "{}".format(x)), ("print", lambda x: print(x, file=io.StringIO())), ("hash", lambda x: {x: 1}),
    ("compare", lambda x: max([x, x])), ("sort", lambda x: [x, x].sort()), ("other", lambda x: x + x), ("call", lambda x: x()),
    ("other", lambda x: x.nothing), ("compare", lambda x: [x].index(x)), ("iterate", lambda x: sum(x)), ("other", lambda x: x[0:1]),
)
for make in makers:
    one, two = built(make), built(make)
    for kind, use in uses:
        ends(kind, use, one)
    ends("compare", lambda: one == two)
    ends("compare", lambda: one != two)
    ends("compare", lambda: one < two)
    ends("compare", lambda: [one].count(two))
    ends("compare", lambda: {1: one} == {1: two})
    ends("print", sys.print_exception, ValueError(one), io.StringIO())
    one = two = None

# 3. What holds itself.
for own in ([], {}, OrderedDict()):
    if isinstance(own, list):
        own.append(own)
    else:
        own["own"] = own
    for kind, use in uses:
        ends(kind, use, own)

# 4. Calls that call themselves, by every way that there is.
class Loop:
    def __getattr__(self, name):
        return getattr(self, name + "x")

    def __eq__(self, other):
        return other == self

    def __hash__(self):
        return hash(self)

    def __len__(self):
        return len(self)

    def __iter__(self):
        return iter(self)

    def __repr__(self):
        return "%r" % self

    def __str__(self):
        return str(self)

    def __call__(self):
        return self()

    def __getitem__(self, i):
        return self[i]

    def __int__(self):
        return int(self)

    def __float__(self):
        return float(self)

    def __add__(self, other):
        return self + other

    def __contains__(self, x):
        return x in self

    def __next__(self):
        return next(self)

    def __enter__(self):
        with self:
            pass

    def __exit__(self, *a):
        pass

    def __bool__(self):
        return bool(self)

    def __lt__(self, other):
        return sorted([self, other])


loop = Loop()
for kind, use in uses + (
    ("other", float), ("iterate", next), ("sort", lambda x: sorted([x, x, x])), ("call", lambda x: x.__enter__()),
    ("iterate", lambda x: list(x)),
):
    ends(kind, use, loop)


def again():
    return sorted([3, 1, 2], key=lambda x: again())


def mapped():
    return list(map(lambda x: mapped(), [1]))


def compiled():
    exec("compiled()")


def generated():
    yield from generated()


def joined():
    return "".join([joined()])


def imported():
    return __import__("json") and imported()


def substituted(match):
    return re.sub("a", substituted, "a")


def written():
    class Out(io.IOBase):
        def write(self, data):
            print(1, file=self)
            return len(data)

    print(1, file=Out())


def read():
    class In(io.IOBase):
        def readinto(self, buffer):
            json.load(self)
            return 0

    json.load(In())


for kind, call in (
    ("sort", again), ("iterate", mapped), ("compile", compiled), ("iterate", lambda: list(generated())), ("call", joined),
    ("import", imported), ("re", lambda: substituted(None)), ("print", written), ("json", read),
):
    ends(kind, call)


# Modules that import themselves anew, from a file system in Python.
class Modules:
    SOURCE = b"import sys\ndel sys.modules['deep_']\nimport deep_\n"

    def mount(self, *a):
        pass

    def umount(self):
        pass

    def stat(self, path):
        if path.endswith("deep_.py"):
            return (0x8000,) + (0,) * 9
        raise OSError(2)

    def open(self, path, mode):
        return io.BytesIO(self.SOURCE)


def import_(source):
    Modules.SOURCE = source
    sys.modules.pop("deep_", None)
    exec("import deep_")


vfs.mount(Modules(), "/below")
sys.path.append("/below")
ends("import", import_, Modules.SOURCE)
ends("import", import_, b"import sys\ndel sys.modules['deep_']\nfrom deep_ import *\n")
ends("import", import_, b"import sys\ndel sys.modules['deep_']\n__import__('deep_')\n")
ends("import", import_, b"import sys\ndel sys.modules['deep_']\nclass A:\n    import deep_\n")
sys.path.pop()
vfs.umount("/below")

# 5. Patterns, formats and documents.
for text in ("(" * N + ")" * N, "(" * N, "(?:" * N + ")" * N, "(a|" * N + ")" * N, "a?" * N):
    ends("re", lambda: re.match(text, "b"))
    ends("re", lambda: re.compile(text))
    ends("re", lambda: re.sub(text, "", "b"))
for text in ("(?:a)*c", "(a)*c", "(?:a|b)*c", "(?:a*)*c", "[ab]*c"):
    ends("re", lambda: re.match(text, "a" * 60_000))
    ends("re", lambda: re.search(text, "a" * 60_000))
for text in ("[" * N + "]" * N, "[" * N, '{"a":' * N + "1" + "}" * N, "[{}," * N):
    ends("json", lambda: json.loads(text))
    ends("json", lambda: json.load(io.StringIO(text)))
ends("json", lambda: repr(json.loads("[" * N + "]" * N)))
ends("print", lambda: ("{0:" * N + "}" * N).format(1))
ends("print", lambda: ("%" + "*" * 5 + "d") % ((1,) * 10))
print(tried, "shapes;", sum(met.values()), "met the limit:", met)
assert tried > 400 and sum(met.values()) >= 200
for kind in ("compile", "compare", "hash", "print", "json", "re", "sort", "iterate", "import", "call"):
    assert met.get(kind, 0) >= 3, (kind, met)
