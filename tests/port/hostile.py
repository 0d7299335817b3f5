# psram: ly68l6400
# Keys whose __eq__ and __hash__ change the very dict or set that asks them, or raise while it grows.
from collections import OrderedDict


class Key:
    armed = None

    def __init__(self, number, hash_value=None):
        self.number = number
        self.hash_value = number if hash_value is None else hash_value

    def __hash__(self):
        Key.act("hash")
        return self.hash_value

    def __eq__(self, other):
        Key.act("eq")
        return isinstance(other, Key) and self.number == other.number

    @staticmethod
    def act(when):
        armed = Key.armed
        if armed and armed[0] == when:
            Key.armed = None
            armed[1]()


def raises():
    raise ValueError("asked")


def filled(make, count, hash_value=None):
    Key.armed = None
    keys = [Key(i, hash_value) for i in range(count)]
    if make is set:
        return set(keys), keys
    return make([(key, key.number) for key in keys]), keys


def grow(container):
    for i in range(1000, 1040):
        if isinstance(container, set):
            container.add(i)
        else:
            container[i] = i


def check(container, make):
    """Whatever it holds by now, it is whole: it can be counted, asked, filled and emptied."""
    Key.armed = None
    names = list(container)
    assert len(names) == len(container), (len(names), len(container))
    for name in names:
        assert name in container
    grow(container)
    assert 1039 in container
    container.clear()
    assert len(container) == 0


for make in (dict, OrderedDict, set):
    for count in (1, 2, 5, 12, 17):
        for hash_value in (None, 7):
            for when in ("hash", "eq"):
                # 1. Asking for a key that is there, and for one that is not, empties or grows the container.
                for change in ("clear", "grow", "remove", "raise"):
                    for wanted in (0, count - 1, 99):
                        container, keys = filled(make, count, hash_value)

                        def clear():
                            container.clear()

                        def bigger():
                            grow(container)

                        def remove():
                            if make is set:
                                container.discard(keys[0])
                            else:
                                container.pop(keys[0], None)

                        act = {"clear": clear, "grow": bigger, "remove": remove, "raise": raises}[change]
                        for ask in range(3):
                            Key.armed = (when, act)
                            key = Key(wanted, hash_value)
                            try:
                                if ask == 0:
                                    key in container
                                elif ask == 1 and make is set:
                                    container.add(key)
                                elif ask == 1:
                                    container[key] = 1
                                elif make is set:
                                    container.discard(key)
                                else:
                                    container.pop(key, None)
                            except (ValueError, KeyError):
                                pass
                        check(container, make)

# 2. A key that raises while the table grows loses no other key.
for make in (dict, set):
    container, keys = filled(make, 12)
    number = 100
    while Key.armed is None or Key.armed[0] == "hash":
        # The new key is hashed first; the next one asked is one that the table holds.
        skip = [0]

        def second():
            Key.armed = ("hash", raises)

        Key.armed = ("hash", second)
        new = Key(number)
        try:
            if make is set:
                container.add(new)
            else:
                container[new] = number
        except ValueError:
            break
        number += 1
        assert number < 200, "the table never grew"
    Key.armed = None
    for key in keys:
        assert key in container, (make, key.number)
    assert len(container) == number - 100 + 12

# 3. What is no module has no names.
import sys

sys.modules["nothing"] = 1
try:
    exec("from nothing import *")
    assert False
except ImportError:
    pass
del sys.modules["nothing"]

# 4. A modulus of zero, and its sign.
for base in (0, 1, -7, 2**70):
    for exponent in (0, 1, 5, 2**65):
        try:
            pow(base, exponent, 0)
            assert False
        except ValueError:
            pass
for base, exponent, modulus, power in (
    (5, 0, 1, 0),
    (5, 0, -1, 0),
    (5, 0, 7, 1),
    (5, 0, -7, -6),
    (0, 0, 3, 1),
    (0, 3, 5, 0),
    (2, 10, -1000, -976),
    (-2, 3, 5, 2),
    (-2, 3, -5, -3),
    (2**70, 3, 2**40 + 1, pow(2**70 % (2**40 + 1), 3) % (2**40 + 1)),
):
    assert pow(base, exponent, modulus) == power, (base, exponent, modulus, pow(base, exponent, modulus))

# A separator that is longer than the text was looked for before it.
assert bytearray().rsplit("ab", 1) == [bytearray()]
assert "a".rsplit("bcd", 3) == ["a"] and "a,b,c".rsplit(",", 1) == ["a,b", "c"] and ",".rsplit(",", 2) == ["", ""]


# What is positional behind a keyword was put where keywords are.
def given(*args, **names):
    return args, names


assert given(1, b=2, *[3, 4]) == ((1, 3, 4), {"b": 2})
assert given(b=2, *[3, 4], c=5) == ((3, 4), {"b": 2, "c": 5})
assert given(1, *(2,), b=3, *(4, 5), **{"d": 6}) == ((1, 2, 4, 5), {"b": 3, "d": 6})
assert given(*(), a=1) == ((), {"a": 1}) and given(*(1, 2), 3, *(4,)) == ((1, 2, 3, 4), {})
for wrong in ("given(a=1, 2)", "given(a=1, b := 2)", "given(**{}, *())", "given(**{}, 1)", "given(a=1, x for x in ())"):
    try:
        eval(wrong)
        assert False, wrong
    except SyntaxError:
        pass

bases = (dict,)


class Derived(*bases):
    pass


assert Derived.__bases__ == (dict,)

# What `sys` cannot do without.
for name in ("path", "ps1", "ps2"):
    try:
        delattr(sys, name)
        assert False, name
    except AttributeError:
        pass
    assert hasattr(sys, name)
try:
    import nothing_of_this_name
    assert False
except ImportError:
    pass
