# What drawn programs use. Each part begins with `#:` and the names that it defines; the parts that a finding names, and
# those that these name, are written into it.
#: v
v = [0] * 12
#: w
def w(t):
    # Changes a container while the core works on it.
    x = v[t % 12]
    m = t // 12 % 10
    if m == 0: x.clear()
    elif m == 1: x.pop()
    elif m == 2: x.append(x)
    elif m == 3: x.extend(x)
    elif m == 4: x[:] = x[1:]
    elif m == 5: v[t % 12] = 0; gc.collect()
    elif m == 6: del x[0]
    elif m == 7: x += x
    elif m == 8: x.close()
    elif m == 9: x.update({i: i for i in range(9)})
#: act
def act(s, n, a):
    # What a method with a name like __len__ does.
    c = s.c
    if c == 0: return None
    if c == 1: return 1 << 70
    if c == 2: return -1
    if c == 3: raise ValueError
    if c == 4: w(s.t); return 1
    if c == 5: gc.collect(); return s
    if c == 6: return s
    if c == 7: return a[0] if a else 0
    if c == 8: return "x" * s.t
    if c == 9: return [s] * s.t
    if c == 10: raise StopIteration
    if c == 11: return getattr(v[s.t % 12], "__%s__" % n)(*a)
    if c == 12: return True
    if c == 13: return s == s
    if c == 14: w(s.t); return a[0]
    if c == 15: return s.t
    if c == 16: return bytearray(s.t)
    if c == 17: return len(a[0]) + s.t
    if c == 18: a[0].extend(b"y" * s.t); return len(a[0])
    if c == 19: return (s, s)
    raise MemoryError
#: specials
def special(n):
    def f(s, *a, **k):
        return act(s, n, a)
    return f
def specials(t, more=()):
    for n in ("eq", "lt", "gt", "le", "ge", "ne", "hash", "len", "iter", "next", "getitem", "setitem", "delitem", "contains", "call",
              "enter", "exit", "bool", "str", "repr", "int", "float", "index", "add", "radd", "iadd", "sub", "mul", "mod", "pow", "or",
              "neg", "abs", "invert", "get", "set", "delete") + more:
        setattr(t, "__%s__" % n, special(n))
    return t
#: H
class H:
    def __init__(s, c=0, t=0):
        s.c = c
        s.t = t
specials(H)
#: HA
class HA(H):
    def __getattr__(s, n):
        return act(s, n, (n,))
    def __setattr__(s, n, x):
        if n in "ct": object.__setattr__(s, n, x)
        else: act(s, n, (n, x))
#: HD
class HD(H):
    def __del__(s):
        act(s, "del", ())
#: HS
class HS(io.IOBase):
    def __init__(s, c=17, t=0):
        s.c = c
        s.t = t
    def readinto(s, b): return act(s, "readinto", (b,))
    def write(s, b): return act(s, "write", (b,))
    def ioctl(s, r, a): return act(s, "ioctl", (r, a))
#: HB
class HB:
    def __init__(s, c=0, t=0, n=200):
        s.c = c
        s.t = t
        s.d = bytearray(512 * n)
        s.bad = False
    def readblocks(s, b, buf, off=0):
        if s.bad: return act(s, "readblocks", (buf,))
        buf[:] = s.d[b * 512 + off:b * 512 + off + len(buf)]
    def writeblocks(s, b, buf, off=0):
        if s.bad: return act(s, "writeblocks", (buf,))
        s.d[b * 512 + off:b * 512 + off + len(buf)] = buf
    def ioctl(s, op, arg):
        if s.bad: return act(s, "ioctl", (op, arg))
        if op == 4: return len(s.d) // 512
        if op == 5: return 512
        if op == 6: return 0
#: HX
class HX(Exception):
    def __init__(s, c=0, t=0):
        s.c = c
        s.t = t
    def __str__(s): return act(s, "str", ())
    def __repr__(s): return act(s, "repr", ())
    def __del__(s): act(s, "del", ())
#: HL
class HL(list): pass
HL.c = 4; HL.t = 3
for _n in ("__eq__", "__hash__", "__len__", "__iter__", "append", "__getitem__"): setattr(HL, _n, special(_n))
#: HT
class HT(tuple): pass
HT.c = 4; HT.t = 3
for _n in ("__eq__", "__hash__", "__len__", "__iter__"): setattr(HT, _n, special(_n))
#: gen
def gen(n=9):
    for i in range(n):
        try: yield i
        except ValueError: yield -1
#: clos
def clos(a=1):
    def f(*b, **c):
        nonlocal a
        a = b
        return a, c
    return f
#: deep
def deep(f):
    try: return deep(f)
    except RuntimeError: return f()
#: locked
def locked(f):
    micropython.heap_lock()
    try: return f()
    finally: micropython.heap_unlock()
#: noirq
def noirq(f):
    s = machine.disable_irq()
    try: return f()
    finally: machine.enable_irq(s)
#: fin
class Fin:
    def __init__(s, f): s.f = f
    def __del__(s): s.f()
def fin(f):
    Fin(f)
    gc.collect()
#: sched
def sched(f):
    micropython.schedule(lambda _: f(), 0)
    for i in range(9): pass
#: nest
def nest(f, n):
    x = f(0)
    for i in range(n): x = f(x)
    return x
#: disk
def disk():
    d = HB()
    vfs.VfsFat.mkfs(d)
    vfs.mount(d, "/r")
    for n in "abc":
        with open("/r/" + n, "w") as f: f.write("print(1)\n" * 9)
    return d
#: nat
@micropython.native
def nat(f, n):
    x = 0
    for i in range(n): x = f(i)
    return x
#: vip
@micropython.viper
def vip(n: int, m: int) -> int:
    x = 0
    for i in range(n): x += i * m ^ (x >> 3)
    return x
