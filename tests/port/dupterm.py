# psram: none
# attach: wire:PE8,PA1
# attach: wire:PA0,PE7
# os.dupterm: a serial port is a console, whose other end is this script's other port; and streams of Python that lie and raise.
import io, os, select, sys, time
from machine import UART

far = UART(4, 921600, rxbuf=8192, timeout=20)
port = UART(7, 921600)


def raises(kind, words, f, *a):
    try:
        f(*a)
    except kind as e:
        assert words in str(e), (words, str(e))
    else:
        assert False, (kind, f, a)


# ---- What is written goes there, too, and all of it ----
assert os.dupterm(port) is None
print("hello")
assert far.read() == b"hello\r\n"
long = "0123456789" * 300
print(long)
got = far.read()
assert got == long.encode() + b"\r\n", (len(got), got[-20:])
sys.stdout.buffer.write(b"\x00\xff\n")
assert far.read() == b"\x00\xff\n"

# ---- What is typed there comes ----
poll = select.poll()
poll.register(sys.stdin, select.POLLIN)
assert poll.poll(0) == []
far.write(b"typed\rabc\x00\xff")
assert poll.poll(100), "a character waits"
assert input("? ") == "typed"
assert far.read() == b"? typed\r\n"
assert sys.stdin.read(3) == "abc" and sys.stdin.buffer.read(2) == b"\x00\xff"
far.write(b"\x03")
try:
    while True:
        pass
except KeyboardInterrupt:
    pass
far.write(b"\x03")
try:
    while True:
        print("a line of those that come until somebody has enough")
except KeyboardInterrupt:
    pass
time.sleep_ms(20)
far.read()
print("still here")
assert far.read() == b"still here\r\n", "Ctrl-C is no reason to let go of a console"

# ---- Two at once; the one that was there is given back ----
class Notes(io.IOBase):
    def __init__(self, answer=None, typed=b""):
        self.answer, self.typed, self.said = answer, typed, b""

    def write(self, data):
        self.said += bytes(data)
        return self.act("write", len(data))

    def readinto(self, into):
        if self.answer and self.answer[0] == "read":
            into[:1] = b"\r"
            return self.act("read", 0)
        if not self.typed:
            return None
        into[:1], self.typed = self.typed[:1], self.typed[1:]
        return 1

    def ioctl(self, request, argument):
        return self.act("ioctl", 1 if self.typed else 0)

    def act(self, where, answer):
        if self.answer and self.answer[0] == where:
            answer = self.answer[1]
            if callable(answer):
                answer = answer()
        return answer


notes = Notes(typed=b"by hand\r")
assert os.dupterm(notes, 1) is None
assert input() == "by hand"
print("both")
assert far.read().endswith(b"both\r\n") and notes.said.endswith(b"both\r\n")
assert os.dupterm(None, 1) is notes and os.dupterm(None) is port
print("none")
assert not far.read() and not notes.said.endswith(b"none\r\n")

# ---- Wrong uses ----
raises(ValueError, "index", os.dupterm, None, 2)
raises(ValueError, "index", os.dupterm, None, -1)
raises(OSError, "stream", os.dupterm, 5)
raises(OSError, "stream", os.dupterm, "text")
raises(TypeError, "", os.dupterm)
raises(TypeError, "", os.dupterm, None, "x")


# ---- Streams that lie, raise and meddle: they are deactivated with words, and the board's own console goes on ----
def fails():
    raise RuntimeError("of a stream")


class Ugly(Exception):
    def __str__(self):
        raise ValueError("not even told")


def ugly():
    raise Ugly()


def prints():
    print("in between")
    return 1


def lets_go():
    os.dupterm(None)
    return 1


poll.poll(0)
for where in ("write", "read", "ioctl"):
    for answer in (fails, ugly, prints, lets_go, -5, 0, 1000, 2**40, "text", None, 1.5, b"x"):
        os.dupterm(Notes((where, answer)))
        print("to", where)
        poll.poll(0)
        other = Notes(typed=b"x\r")
        os.dupterm(other, 1)
        assert input() in ("", "x"), (where, answer)
        os.dupterm(None, 1)
        os.dupterm(None)

# A port that is switched off is no console any more.
os.dupterm(port)
port.deinit()
print("into the air")
assert os.dupterm(None) is None
print("dupterm ok")
