# psram: esp-psram64h
# What the compiler counts in 7, 8, 15 and 16 bits: beyond, SyntaxError, and never code for another number.
import micropython


def names(count, form="a%d", between=","):
    return between.join([form % i for i in range(count)])


def refused(source, error=SyntaxError):
    try:
        exec(source, {"micropython": micropython})
    except error:
        return
    assert False, source[:60]


def value(source):
    space = {"micropython": micropython}
    exec(source, space)
    return space["x"]


LENGTH = "def f(*a, **k): return len(a) + len(k)\n"
NATIVE = "@micropython.native\n"

# Arguments of a call: 8 bits each for those with and without a name.
assert value(LENGTH + "x = f(%s)" % names(255, "%d")) == 255
assert value(LENGTH + "x = f(%s, %s)" % (names(255, "%d"), names(255, "a%d=0"))) == 510
assert value(LENGTH + "x = f(*range(1000))") == 1000
for count in (256, 257, 300, 512):
    refused(LENGTH + "f(%s)" % names(count, "%d"))
    refused(LENGTH + "f(%s)" % names(count, "a%d=0"))
    refused("'{}'.format(%s)" % names(count, "%d"))
refused(LENGTH + NATIVE + "def g(): f(%s)" % names(256, "%d"))
refused("class A(%s): pass" % names(254))
refused("x = 1\nf'%s'" % ("{x}" * 256))

# Names beside a starred one: 8 bits on either side.
assert value("%s,*x=range(400)" % names(255)) == list(range(255, 400))
assert value("*x,%s=range(400)" % names(255)) == list(range(145))
refused("%s,*x=range(400)" % names(256))
refused("*x,%s=range(400)" % names(256))

# Variables of the function around: 8 bits.
def closure(count):
    lines = [" a%d = %d\n" % (i, i) for i in range(count)]
    return "def f():\n%s def g(): return %s\n return g()\nx = f()" % ("".join(lines), names(count, between="+"))


assert value(closure(255)) == 255 * 127
refused(closure(256))
refused(closure(300))

# Blocks that `break` and `continue` leave: 7 bits. An exception afterwards goes where it should.
def blocks(count, leave):
    s = "n = 0\nwhile n < 3:\n n += 1\n"
    for i in range(count):
        s += " " * (i + 1) + "try:\n"
    s += " " * (count + 1) + leave + "\n"
    for i in reversed(range(count)):
        s += " " * (i + 1) + "finally: pass\n"
    return s + "try: raise ValueError\nexcept ValueError: x = n\n"


assert value(blocks(127, "continue")) == 3
assert value(blocks(127, "break")) == 1
refused(blocks(128, "continue"))
refused(blocks(140, "break"))

# Places of a generator in machine code: a short store has 5 bits, the long one 10 for words.
def generator(count):
    lines = [" a%d = %d\n" % (i, i << 32) for i in range(count)]
    return NATIVE + "def f():\n%s yield %s\n yield a0\nx = list(f())" % ("".join(lines), names(count, between="+"))


for count in (5, 20, 26, 27, 28, 29, 30, 40, 100, 600):
    assert value(generator(count)) == [count * (count - 1) // 2 << 32, 0], count
refused(generator(1100), NotImplementedError)

# Places of a function of bytecode: 16 bits.
refused("x = [%s]" % ("0," * 65536))
print("ok")
