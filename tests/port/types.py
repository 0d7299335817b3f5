# psram: esp-psram64h
# Subclasses of native types, super() of anything, methods without their object: the right result or an exception.
import io
import json
import sys
from collections import OrderedDict, deque, namedtuple


def refused(call, *exceptions):
    try:
        call()
    except exceptions:
        return
    assert False, "accepted"


def survives(call):
    try:
        call()
    except Exception:
        pass


# 0. What the compiler calls to make a class, called by a script.
assert __build_class__(lambda: 5, "Made").__name__ == "Made"
survives(lambda: __build_class__(lambda: print, "Made"))
survives(lambda: __build_class__(lambda: [], "Made", 1))
survives(lambda: __build_class__(5, 5))
try:

    class Half:
        part = 1
        1 / 0

except ZeroDivisionError:
    pass
whole = 1
assert "whole" in globals() and "part" not in globals() and "part" not in locals()


# Functions made of code alone have no default values.
function = type(lambda: 0)
assert function((lambda x=0: x).__code__, {})(5) == 5
for code in ((lambda x=0: x).__code__, (lambda x, y=1, *, z=2: z).__code__, (lambda *, z=2: z).__code__):
    for arguments in ((), (1,), (1, 2)):
        survives(lambda: function(code, {})(*arguments))

# 1. Tuples and their subclasses.
class Pair(tuple):
    pass


Point = namedtuple("Point", ("x", "y", "z", "w"))
assert (1, 2) + Pair((3, 4)) == (1, 2, 3, 4) and Pair((3, 4)) + (1, 2) == (3, 4, 1, 2)
assert (1,) + Point(2, 3, 4, 5) == (1, 2, 3, 4, 5) and Point(1, 2, 3, 4) + Pair((5,)) == (1, 2, 3, 4, 5)
assert (1, 2, 3, 4) == Point(1, 2, 3, 4) and Point(1, 2, 3, 4) == Pair((1, 2, 3, 4))
assert Pair((1, 2)) < (1, 3) and (1, 2, 3, 3) < Point(1, 2, 3, 4)

# 2. help() of a class from which a name was deleted.
class Lamp:
    on = 1
    off = 2
    del on


help(Lamp)

# 3. An exception that is raised, printed and asked before it is complete.
class Early(Exception):
    def __init__(self, how):
        how(self)


def throw(error):
    raise error


for how in (throw, repr, str, sys.print_exception, lambda e: e.args, lambda e: e.value, lambda e: e == 1, lambda e: hash(e)):
    survives(lambda: Early(how))
try:
    Early(throw)
except Early as e:
    assert type(e) is Early

# 4. The native part of an instance that is not made yet, or never will be.
natives = (list, dict, tuple, set, frozenset, str, bytes, bytearray, int, float, complex, OrderedDict, io.BytesIO, io.StringIO, deque)
asked = (
    len, repr, str, hash, iter, list, bool, sum, sorted, memoryview, bytes, int, float, abs, next, reversed,
    lambda o: o + o, lambda o: o == o, lambda o: o < o, lambda o: o in o, lambda o: o[0], lambda o: o(1), lambda o: -o,
    lambda o: print("x", file=o), lambda o: json.dump([1], o), lambda o: json.load(o), lambda o: json.dumps(o), lambda o: o.read(1),
    lambda o: "%s %r" % (o, o), lambda o: "".join(o), lambda o: (lambda *a, **k: 0)(*o, **o), lambda o: {}.update(o), lambda o: [].extend(o),
    lambda o: o.write(b"x"), lambda o: o.append(1), lambda o: o.items(), lambda o: o.upper(), lambda o: isinstance(o, list),
    lambda o: exec(o), lambda o: int.from_bytes(o, "big"), lambda o: io.BytesIO(o), lambda o: (1,) + o, lambda o: [1] + o, lambda o: "a" + o,
)
for native in natives:
    for ask in asked:
        class Half(native):
            def __init__(self):
                survives(lambda: ask(self))

        survives(Half)

        class Never(native):
            def __new__(cls):
                return object.__new__(cls)

            def __init__(self):
                pass

        try:
            made = Never()
        except Exception:
            continue
        survives(lambda: ask(made))

# 5. Methods of a native type, with anything as their first argument.
for native in natives:
    class Sub(native):
        pass

    for place in (native, Sub, super(Sub, Sub)):
        for name in dir(native):
            for first in (5, None, "text", [], {}, b"", (), 1.5, object(), Sub):
                for rest in ((), (1,), (1, 2)):
                    survives(lambda: getattr(place, name)(first, *rest))
    for name, method in native.__dict__.items():
        for first in (5, None, "text", [], {}):
            survives(lambda: method(first))
            survives(lambda: method(first, 1))
assert list.__dict__["append"] and dict.fromkeys((1, 2)) == {1: None, 2: None}

# 6. super() of what is no instance.
class A(list):
    def put(self, item):
        return super().append(item)

    def alter(self):
        __class__ = 5
        return super().append(1)


a = A()
a.put(1)
assert a == [1]
for wrong in (5, None, [], "x", A):
    refused(lambda: A.put(wrong, 1), TypeError)
survives(a.alter)
refused(lambda: super((list,), []).x, TypeError)
refused(lambda: super(A, A).__init__(1), TypeError)
refused(lambda: super(ValueError, ValueError(1)).__init__(1, 2, 3), TypeError)
survives(lambda: super(ValueError, ValueError(1)).args)
survives(lambda: super(OrderedDict, OrderedDict()).nothing)
survives(lambda: super(OrderedDict, OrderedDict()).keys())

# 7. Streams with a native base class.
class Text(io.StringIO):
    pass


class Bytes(io.BytesIO):
    pass


t = Text()
print("printed", 1, file=t)
json.dump({"a": [1, 2]}, t)
assert t.getvalue() == 'printed 1\n{"a": [1, 2]}'
b = Bytes(b"[1, 2, 3]")
assert json.load(b) == [1, 2, 3]
w = io.BufferedWriter(Bytes(), 4)
w.write(b"123456789")
w.flush()

# 8. Classes upon classes: the limit is an exception.
class Base:
    pass


top = Base
try:
    for i in range(3000):
        top = type("C%d" % i, (top, type("M", (), {})), {})
    top().nothing
except (RuntimeError, AttributeError, MemoryError):
    pass
survives(lambda: isinstance(top, Base))
survives(lambda: issubclass(top, int))
top = None

# A small number was taken for what is to be inverted.
import sys

assert sys.getsizeof(0) == sys.getsizeof(-77) == 4
