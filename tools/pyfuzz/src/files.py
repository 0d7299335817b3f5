# Files that are changed and handed to whatever reads them. `B_` is what they are made of, `U_` who reads them.
import binascii, deflate, io, json, machine, sys, vfs
def pack(form):
    f = io.BytesIO()
    with deflate.DeflateIO(f, form, 9) as d: d.write(b"a sentence, the same sentence; " * 12 + bytes(range(128)))
    return f.getvalue()
class Disk:
    def __init__(s, d, size):
        s.d = d
        s.size = size
    def readblocks(s, b, to, off=0):
        at = b * s.size + off
        if at + len(to) > len(s.d): return -5
        to[:] = s.d[at:at + len(to)]
    def writeblocks(s, b, of, off=0):
        at = b * s.size + off
        if at + len(of) > len(s.d): return -5
        s.d[at:at + len(of)] = of
    def ioctl(s, op, arg):
        if op == 4: return len(s.d) // s.size
        if op == 5: return s.size
        if op == 6: return 0
def image(kind, size, count, **how):
    d = Disk(bytearray(size * count), size)
    kind.mkfs(d, **how)
    v = kind(d, **how)
    v.mkdir("/sub")
    for n, c in (("/a.txt", 30), ("/sub/long name of a file.txt", 300), ("/big", 1500)):
        with v.open(n, "w") as f: f.write("0123456789" * (c // 10))
    try: v.umount()
    except AttributeError: pass
    return d.d
def rom():
    def size(n):
        b = bytes((n & 127,))
        while n > 127:
            n >>= 7
            b = bytes((n & 127 | 128,)) + b
        return b
    def record(kind, b): return bytes((kind,)) + size(len(b)) + b
    def file(n, b): return record(5, size(len(n)) + n + record(2, b))
    b = file(b"a.txt", b"hello") + record(4, b"\x03sub" + file(b"b.py", b"x = 1\n")) + file(b"big", b"0123456789" * 30)
    return b"\xd2\xcd\x31" + size(len(b)) + b
def keep(f):
    # What one step raises does not keep the next from being tried.
    try: return f()
    except Exception: return None
def walk(v, path, depth):
    for n, e in enumerate(v.ilistdir(path)):
        if n > 30: break
        name = path + "/" + (e[0] if isinstance(e[0], str) else "x")
        keep(lambda: v.stat(name))
        if e[1] == 0x4000:
            if depth: keep(lambda: walk(v, name, depth - 1))
        else: keep(lambda: peruse(v.open(name, "r")))
def peruse(f):
    f.read(2000)
    f.seek(-5, 2)
    f.read()
    f.close()
def store(v):
    with v.open("/new", "w") as f: f.write("n" * 700)
    with v.open("/a.txt", "a") as f: f.write("more")
def use_disk(v):
    keep(lambda: walk(v, "", 3))
    keep(lambda: v.statvfs("/"))
    keep(lambda: store(v))
    keep(lambda: v.rename("/big", "/sub/big"))
    keep(lambda: v.remove("/a.txt"))
    keep(lambda: v.mkdir("/sub/more"))
    keep(lambda: v.chdir("/sub"))
    keep(v.umount)
class Store:
    b = b""
    def mount(s, *a): pass
    def umount(s): pass
    def stat(s, path):
        if path.endswith("m_.mpy"): return (0x8000,) + (0,) * 9
        raise OSError(2)
    def open(s, path, mode): return io.BytesIO(s.b)
STORE = Store()
vfs.mount(STORE, "/m_")
sys.path.append("/m_")
def use_mpy(b):
    STORE.b = b
    sys.modules.pop("m_", None)
    __import__("m_")
def load_mpy(b):
    # On this machine it is only loaded; the board has no way to.
    load = getattr(machine, "load_mpy", use_mpy)
    load(b)
def use_deflate(b):
    # The window a stream asks for is given to it; what it holds may be long.
    for form in (deflate.AUTO, deflate.RAW):
        d = deflate.DeflateIO(io.BytesIO(b), form)
        keep(lambda: d.read(3000))
        keep(lambda: d.read(100))
def use_json(b): repr(json.load(io.BytesIO(b)))
TEXT = b'{"name": [1, -2.5e3, true, null, "text \\u00e4 \\n", 1e400, 123456789012345], "more": {"a": {}, "b": [[], {}, [[[["x"]]]]]}}'
MPY = binascii.unhexlify(
    "4d06001f1d041273616d706c652e7079000f0673797300026300025700026400026600798171026b000667656e00143c6c697374636f6d703e000267"
    "00191b103c6c616d6264613e0081590c726573756c74000261006f6d822f81572f2d350b02790082130a030701310701320701330803322e35060178"
    "00071431323334353637383930313233343536373839308404280e01268b1769406480511b021602532c008310036233001606543201100434021604"
    "3202160a11068281821005843482031110110a340034012a0216115163038b04859ac0c0402b061203402865202425272523352c4f2822262b452700"
    "b0200001b23401c4b0200101c54946482880425d57c6120434004711c7b681d94443404b01b5b63401340059515c5d81e55783d7431e594a1b571213"
    "12142a02df4450c849061215b834016351c828085d4a015d51b41407b13601595d4253b414083600591216b43401228063d84442424ab4432a230031"
    "012700c92500b4b32c0223018162230210096281822d0223032a06630281484a080b1a1a402b00b15f4b0cc2b2443ab22500f42f1442326381241a0e"
    "0c1a1b602020262500b1e52700b020000163014809080f1a6060250063814400080488194411171618100416193200160d3201160e5163024009080d"
    "1c801ab0635891808040080e1c801c516381209040080a801e238167c0b0822a025e5168595163"
)
# What LittleFS reads and writes at a time: few calls of Python for much of LittleFS.
LFS = {"readsize": 256, "progsize": 256}
KINDS = (
    ("mpy", lambda: MPY, load_mpy),
    ("run", lambda: MPY, use_mpy),
    ("json", lambda: TEXT, use_json),
    ("deflate", lambda: pack(deflate.ZLIB), use_deflate),
    ("gzip", lambda: pack(deflate.GZIP), use_deflate),
    ("lfs1", lambda: image(vfs.VfsLfs1, 512, 16, **LFS), lambda b: use_disk(vfs.VfsLfs1(Disk(b, 512), **LFS))),
    ("lfs2", lambda: image(vfs.VfsLfs2, 512, 16, **LFS), lambda b: use_disk(vfs.VfsLfs2(Disk(b, 512), **LFS))),
    ("fat", lambda: image(vfs.VfsFat, 512, 64), lambda b: use_disk(vfs.VfsFat(Disk(b, 512)))),
    ("rom", rom, lambda b: use_disk(vfs.VfsRom(b))),
)
B_ = [make() for _, make, _ in KINDS]
U_ = [use for _, _, use in KINDS]
def files_(end):
    i = 8
    c = 0
    while i < end:
        c += 1
        P_[0] = c & 255
        P_[1] = c >> 8
        b = bytearray(B_[P_[i]][:P_[i + 1] | P_[i + 2] << 8 | P_[i + 3] << 16])
        k = P_[i]
        n = P_[i + 4]
        i += 5
        for j in range(n):
            b[P_[i] | P_[i + 1] << 8 | P_[i + 2] << 16] = P_[i + 3]
            i += 4
        try: U_[k](b)
        except Exception: pass
        except KeyboardInterrupt: print("\x05")
