# psram: esp-psram64h
# Streams and file systems written in Python that lie: OSError, ValueError or TypeError, and nothing else.
import io
import json
import micropython
import sys
import vfs


def ends(call):
    try:
        return call()
    except (OSError, ValueError, TypeError, AttributeError, ImportError, SyntaxError, MemoryError, NotImplementedError, IndexError, EOFError, OverflowError):
        return None


class Stream(io.IOBase):
    def __init__(self, answer):
        self.answer = answer
        self.kept = []

    def act(self, buffer):
        self.kept.append(buffer)
        answer = self.answer
        return answer(buffer) if callable(answer) else answer

    def readinto(self, buffer):
        return self.act(buffer)

    def write(self, buffer):
        return self.act(buffer)

    def ioctl(self, request, argument):
        return self.answer if isinstance(self.answer, int) else 0


def raises(buffer):
    raise KeyError("asked")


def longer(buffer):
    buffer += b"x" * 500
    return 1


def shorter(buffer):
    buffer[:] = b""
    return 1


def other(buffer):
    buffer[:] = b"{" * (len(buffer) + 50)
    return len(buffer)


import deflate

uses = (
    lambda s: json.load(s),
    lambda s: json.dump([1, "x" * 100], s),
    lambda s: print("text", file=s),
    lambda s: io.BufferedWriter(s, 8).write(b"0123456789"),
    lambda s: deflate.DeflateIO(s).read(),
    lambda s: deflate.DeflateIO(s, deflate.ZLIB).read(10),
    lambda s: deflate.DeflateIO(s, deflate.RAW).write(b"text" * 100),
    lambda s: sys.print_exception(ValueError("x"), s),
)
for answer in (-5, -1, 0, 1, 2, 255, 1 << 20, 1 << 29, 1 << 40, None, "x", 1.5, [], longer, shorter, other):
    for use in uses:
        s = Stream(answer)
        ends(lambda: use(s))
        for buffer in s.kept:
            buffer.extend(b"more" * 40)
            assert len(bytes(buffer)) == len(buffer)
for use in uses:
    try:
        use(Stream(raises))
    except KeyError:
        pass

# The buffer belongs to the script: it may keep it.
s = Stream(lambda buffer: len(buffer))
print("abc", 17, file=s)
assert b"".join([bytes(b) for b in s.kept]) == b"abc 17\n"

# 2. A stream that reads from the decompressor which reads from it.
class Knot(io.IOBase):
    def readinto(self, buffer):
        self.inner.read(100)
        return 0

    def write(self, buffer):
        self.inner.write(b"x")
        return len(buffer)

    def ioctl(self, request, argument):
        self.inner.close()
        return 0


for use in (lambda d: d.read(10), lambda d: d.write(b"x" * 100), lambda d: d.close()):
    knot = Knot()
    knot.inner = deflate.DeflateIO(knot, deflate.RAW, 8, True)
    ends(lambda: use(knot.inner))

# 3. A closed stream, a ring without room, a writer without a buffer or a stream.
f = io.BytesIO(b"123")
f.close()
for use in (lambda: f.seek(0), lambda: f.seek(0, 2), lambda: f.tell(), lambda: f.read(), lambda: f.write(b""), lambda: f.close(), lambda: f.getvalue()):
    ends(use)
for room in (bytearray(0), bytearray(1), 0, -1, -5, 65535, 70000, bytearray(65536)):
    try:
        micropython.RingIO(room)
        assert False, room
    except (ValueError, MemoryError):
        pass
r = micropython.RingIO(bytearray(2))
assert r.write(b"12") == 1 and r.any() == 1 and r.read() == b"1"
for size in (0, -1, -(1 << 29), 1 << 30):
    try:
        io.BufferedWriter(io.BytesIO(), size)
        assert False, size
    except (ValueError, MemoryError):
        pass
for stream in (5, None, [], "x", object(), io.IOBase):
    try:
        io.BufferedWriter(stream, 8).write(b"123456789")
        assert False, stream
    except OSError:
        pass

# 4. A file system that hands out what is no file.
class Files:
    def __init__(self, file):
        self.file = file

    def mount(self, readonly, mkfs):
        pass

    def umount(self):
        pass

    def stat(self, path):
        return (0x8000, 0, 0, 0, 0, 0, 100, 0, 0, 0)

    def open(self, path, mode):
        return self.file

    def chdir(self, path):
        pass

    def ilistdir(self, path):
        return self.file

    def getcwd(self):
        return self.file


import os

for file in (5, None, "print(1)", b"print(1)", bytearray(b"x = 1"), [], object(), Stream(other), Stream(-3), Stream(1 << 30), raises, io.BytesIO(b"M\x06\x00\x1f")):
    vfs.mount(Files(file), "/bad")
    for name in ("/bad/a.py", "/bad/a.mpy"):
        ends(lambda: execfile(name))
    sys.path.append("/bad")
    ends(lambda: __import__("strange"))
    ends(lambda: __import__("strange.part"))
    sys.path.remove("/bad")
    ends(lambda: open("/bad/a").read())
    ends(lambda: os.listdir("/bad"))
    ends(lambda: list(os.ilistdir("/bad")))
    ends(lambda: os.chdir("/bad"))
    ends(os.getcwd)
    ends(lambda: os.chdir("/"))
    vfs.umount("/bad")
    sys.modules.pop("strange", None)

# What is no stream is not registered; and streams that register, take away and poll while they are asked.
import select

poll = select.poll()
for wrong in (1, None, [], "a", io.StringIO):
    try:
        poll.register(wrong)
        assert False
    except OSError:
        pass
    assert poll.poll(0) == []


class Polled(io.IOBase):
    def __init__(self, act, answer):
        self.act, self.answer = act, answer

    def ioctl(self, request, argument):
        act, self.act = self.act, None
        if act:
            act()
        return self.answer


def polled(act):
    poll = select.poll()
    streams = [Polled((lambda: act(poll, streams)) if i == 15 else None, 0 if i < 9 else 1) for i in range(30)]
    for stream in streams:
        poll.register(stream)
    for result in (poll.poll(0), list(poll.ipoll(0)), poll.poll(0)):
        assert all([len(pair) == 2 and pair[1] == 1 for pair in result])
    return len(result)


def makes_ready(poll, streams):
    for stream in streams:
        stream.answer = 1
    poll.poll(0)


def takes_away(poll, streams):
    for stream in streams:
        poll.unregister(stream)


def registers(poll, streams):
    for i in range(100):
        poll.register(Polled(None, 1))


assert polled(makes_ready) == 30
assert polled(takes_away) == 0
assert polled(registers) == 121
