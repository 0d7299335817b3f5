# psram: none
# The border between Python and Rust: arguments, their errors, classes and what is derived from them.
import io, spiram
from machine import Pin, Signal


def raised(call, kind, words):
    try:
        call()
    except kind as error:
        assert words in str(error), (words, error)
    else:
        assert False, "nothing raised: " + words


# By position, by name, and both.
pin = Pin("LED", Pin.OUT, value=1)
assert pin() == 1 and pin.value() == 1
pin(0)
assert pin.value() == 0
pin.init(mode=Pin.OUT, value=1)
assert pin() == 1
pin.init(Pin.OUT, None, value=False)
assert pin() == 0
raised(lambda: pin.init(Pin.OUT, mode=Pin.OUT), TypeError, "'mode' is given twice")
raised(lambda: Pin("LED", Pin.OUT, None, 1), TypeError, "at most 2 positional")
raised(lambda: Pin("LED", colour=1), TypeError, "unexpected keyword")
raised(lambda: spiram.alloc(fast=True), TypeError, "argument")

# A wrong kind of object, and a wrong value of the right kind.
raised(lambda: pin.init("out"), TypeError, "'mode' must be an int, not str")
raised(lambda: spiram.alloc(1.5), TypeError, "'size' must be an int, not float")
raised(lambda: spiram.memtest(rounds=-1), ValueError, "'rounds' must be an int from 0")
raised(lambda: spiram.memtest(rounds=1 << 70), ValueError, "'rounds' must be an int from 0")
raised(lambda: spiram.selftest(level=3), TypeError, "'level' must be a str, not int")
raised(lambda: Pin.value(3), TypeError, "Pin")


# An object that turns itself into a number is one; what it raises comes through.
class Number:
    def __int__(self):
        return Pin.OUT


class Hostile:
    def __bool__(self):
        raise KeyError("mine")


pin.init(Number())
raised(lambda: pin(Hostile()), KeyError, "mine")


# Classes derived from ours.
class Named(Pin):
    def twice(self):
        self.toggle()
        self.toggle()
        return self()


named = Named("LED", Pin.OUT, value=1)
assert named.twice() == 1 and isinstance(named, Pin)
assert Signal(named, invert=True).value() == 0
assert str(named).startswith("Pin('")


class Late(Pin):
    def __init__(self):
        pass


raised(lambda: Late().on(), TypeError, "name")


# A stream that fails while an object is printed.
class Stream(io.IOBase):
    def write(self, data):
        raise OSError(28)


raised(lambda: print(pin, file=Stream()), OSError, "28")
print("border: ok")
