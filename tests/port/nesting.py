# psram: esp-psram64h
# A hundred shapes of nesting, each deeper than the stack: RuntimeError (or another exception), never a fault.
import io
import json
import re
import sys
from collections import OrderedDict, deque, namedtuple

N = 1500
tried = 0


def ends(call, *arguments):
    global tried
    tried += 1
    try:
        call(*arguments)
    except Exception:
        pass


# 1. Source: brackets, operators, statements.
def source(text):
    ends(lambda: exec(text))
    ends(lambda: compile(text, "deep", "eval"))


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
    repr, str, hash, lambda x: x == x, lambda x: x < x, lambda x: x in x, bool, len, sorted, list, tuple, set, int, json.dumps, copied,
    lambda x: "%s" % (x,), lambda x: "{}".format(x), lambda x: print(x, file=io.StringIO()), lambda x: {x: 1}, lambda x: max([x, x]),
    lambda x: [x, x].sort(), lambda x: x + x, lambda x: x(), lambda x: x.nothing, lambda x: [x].index(x), lambda x: sum(x), lambda x: x[0:1],
)
for make in makers:
    one, two = built(make), built(make)
    for use in uses:
        ends(use, one)
    ends(lambda: one == two)
    ends(lambda: one != two)
    ends(lambda: one < two)
    ends(lambda: [one].count(two))
    ends(lambda: {1: one} == {1: two})
    ends(sys.print_exception, ValueError(one), io.StringIO())
    one = two = None

# 3. What holds itself.
for own in ([], {}, OrderedDict()):
    if isinstance(own, list):
        own.append(own)
    else:
        own["own"] = own
    for use in uses:
        ends(use, own)

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
for use in uses + (float, next, lambda x: sorted([x, x, x]), lambda x: x.__enter__(), lambda x: list(x)):
    ends(use, loop)


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


for call in (again, mapped, compiled, lambda: list(generated()), joined, imported, lambda: substituted(None), written, read):
    ends(call)

# 5. Patterns, formats and documents.
for text in ("(" * N + ")" * N, "(" * N, "(?:" * N + ")" * N, "(a|" * N + ")" * N, "a?" * N):
    ends(lambda: re.match(text, "b"))
ends(lambda: re.match("(?:a)*c", "a" * 60_000))
for text in ("[" * N + "]" * N, "[" * N, '{"a":' * N + "1" + "}" * N, "[{}," * N):
    ends(lambda: json.loads(text))
    ends(lambda: json.load(io.StringIO(text)))
ends(lambda: repr(json.loads("[" * N + "]" * N)))
ends(lambda: ("{0:" * N + "}" * N).format(1))
ends(lambda: ("%" + "*" * 5 + "d") % ((1,) * 10))
print(tried, "shapes")
assert tried > 400
