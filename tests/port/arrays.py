# psram: esp-psram64h
# Arrays whose items change them, and arrays of objects that are filled with numbers.
from array import array


class Item:
    def __init__(self, act):
        self.act = act

    def __int__(self):
        self.act()
        return 5

    def __float__(self):
        self.act()
        return 5.0


for code in "bBhHiIlLqQfd":
    for change in (lambda a: a.extend(array(code, [1] * 50)), lambda a: a.append(1), lambda a: None):
        a = array(code, [1, 2, 3])
        item = Item(lambda: change(a))
        for i in range(20):
            a.append(item)
        a[0] = item
        assert a[-1] in (1, 5) and len(list(a)) == len(a)
        a.append(7)
        assert a[-1] == 7 and a[0] == 5
        assert list(array(code, [item, 1, item])) == [5, 1, 5]
b = bytearray(3)
grow = Item(lambda: b.extend(b"12345678"))
for i in range(50):
    b.append(grow)
assert b[-1] == 5 and len(b) == 3 + 50 * 9

# Numbers are no objects.
def put(a, numbers):
    a[0:3] = numbers


o = array("O", [1, None, "x"])
for numbers in (b"\x01\x02\x03\x04" * 3, bytearray(12), array("I", [1, 2, 3]), memoryview(array("I", [1, 2, 3]))):
    for fill in (lambda: put(o, numbers), lambda: o.extend(numbers), lambda: o + numbers, lambda: array("O", numbers) and None):
        try:
            fill()
        except (ValueError, TypeError, NotImplementedError):
            pass
        assert [repr(x) for x in o] == ["1", "None", "'x'"]
assert array("O", b"\x01\x02")[1] == 2
o.extend(array("O", [4]))
o[0:1] = array("O", ["y", "z"])
assert list(o) == ["y", "z", None, "x", 4]
