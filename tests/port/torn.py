# psram: esp-psram64h
# Compressed data and JSON, cut off at every byte and changed at many: an exception, or the data; never a fault.
import deflate
import io
import json

state = 12345


def draw(n):
    global state
    state = (state * 1103515245 + 12345) & 0x7FFFFFFF
    return (state >> 8) % n


text = b"a sentence, another sentence, the same sentence; " * 40 + bytes(range(256))
for form in (deflate.RAW, deflate.ZLIB, deflate.GZIP):
    packed = io.BytesIO()
    with deflate.DeflateIO(packed, form, 10) as d:
        d.write(text)
    packed = packed.getvalue()
    assert deflate.DeflateIO(io.BytesIO(packed), form, 10).read() == text

    def read(data):
        d = deflate.DeflateIO(io.BytesIO(data), form, 10)
        for again in range(3):
            try:
                if again == 2:
                    d.read(100)
                elif d.read() == text:
                    return True
            except (OSError, EOFError):
                pass

    for n in range(0, len(packed) - 8):
        assert not read(packed[:n]) or n > len(packed) - 9, n
    for i in range(300):
        data = bytearray(packed)
        for j in range(1 + draw(3)):
            data[draw(len(data))] ^= 1 << draw(8)
        read(data)

document = '{"name": [1, -2.5e3, true, null, "text \\u00e4 \\n"], "more": {"a": {}, "b": [[], {}]}}'
for n in range(len(document)):
    try:
        json.loads(document[:n])
        assert False, document[:n]
    except ValueError:
        pass
json.loads(document)
for i in range(3000):
    data = bytearray(document.encode())
    for j in range(1 + draw(3)):
        data[draw(len(data))] = draw(256)
    try:
        repr(json.loads(data))
    except (ValueError, UnicodeError, TypeError, MemoryError, OverflowError):
        pass

# An image of a ROM file system, cut off and changed: its lengths reached beyond it.
import vfs


def record(kind, data):
    return bytes((kind, len(data))) + data


def file(name, data):
    return record(5, bytes((len(name),)) + name + record(2, data))


inside = file(b"a.txt", b"hello") + record(4, b"\x03sub" + file(b"b.py", b"x = 1\n")) + record(5, b"\x01p" + b"\x03\x02\x05\x04")
good = b"\xd2\xcd\x31" + bytes((len(inside),)) + inside


def walk(rom, path, size):
    for entry in rom.ilistdir(path):
        name = path + "/" + entry[0]
        if entry[1] == 0x4000:
            walk(rom, name, size)
        else:
            with rom.open(name, "rb") as f:
                assert len(f.read()) <= size, (name, size)


walk(vfs.VfsRom(good), "", len(good))
for n in range(len(good)):
    for new in (0, 1, 4, 0x7F, 0x83, 0xFF):
        data = bytearray(good)
        data[n] = new
        try:
            walk(vfs.VfsRom(data), "", len(data))
        except (OSError, UnicodeError):
            pass
# A file said to be longer than the image.
data = bytearray(good)
data[good.index(b"hello") - 1] = 0x7F
try:
    assert len(vfs.VfsRom(data).open("a.txt", "rb").read()) < len(data)
except OSError:
    pass


# A file of FAT whose month is none: the day was looked up outside of the table.
class Disk:
    def __init__(self):
        self.bytes = bytearray(512 * 64)

    def readblocks(self, n, buffer):
        buffer[:] = self.bytes[n * 512 : n * 512 + len(buffer)]

    def writeblocks(self, n, buffer):
        self.bytes[n * 512 : n * 512 + len(buffer)] = buffer

    def ioctl(self, op, argument):
        return {4: 64, 5: 512}.get(op)


disk = Disk()
vfs.VfsFat.mkfs(disk)
with vfs.VfsFat(disk).open("/a", "w") as f:
    f.write("a")
entry = bytes(disk.bytes).index(b"A          ")


def written(month):
    date = (2030 - 1980) << 9 | month << 5 | 1
    disk.bytes[entry + 24 : entry + 26] = date.to_bytes(2, "little")
    disk.bytes[entry + 22 : entry + 24] = bytes(2)
    return vfs.VfsFat(disk).stat("/a")[8]


assert written(0) == written(1) and written(13) == written(15) == written(12), (written(0), written(1), written(13), written(12))
