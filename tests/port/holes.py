# psram: esp-psram64h
# Dead stack keeps nothing alive. The words below the frame that runs are filled with the address of an object that was just
# dropped; then frames of every kind are laid over them, and the lowest collects. A word of a frame that is never written
# would keep the object, whatever the compiler put where: for as long as the frame lives.
import gc, micropython, sys

BYTES = 400_000


# Down to 6,000 bytes below.
@micropython.asm_thumb
def poison(r0):
    sub(r0, 1)
    mov(r1, sp)
    movwt(r2, 6000)
    sub(r2, r1, r2)
    label(LOOP)
    sub(r1, 4)
    str(r0, [r1, 0])
    cmp(r1, r2)
    bhi(LOOP)


# The address and one, which is no address of anything: in a heap that looks for them in numbers, too.
def drop():
    thing = bytearray(BYTES)
    return id(thing) + 1


def lay(frames):
    address = drop()
    poison(address)
    frames()


def collect():
    gc.collect()


def deeper(depth):
    if depth:
        deeper(depth - 1)
    else:
        gc.collect()


def with_locals():
    a = 1
    b = [2]
    try:
        c = 3
        try:
            for d in (1, 2):
                gc.collect()
        finally:
            a = 4
    except ValueError:
        pass


def caught():
    try:
        raise ValueError(1)
    except ValueError as error:
        gc.collect()
    try:
        (1).x
    except AttributeError:
        pass
    gc.collect()


def generate():
    gc.collect()
    yield 1
    gc.collect()


def generator():
    for i in generate():
        gc.collect()
    list(generate())
    sum(generate())


def delegate():
    yield from generate()


def delegated():
    for i in delegate():
        pass


def many(a, b=1, *c, d=2, **e):
    gc.collect()


def called():
    many(1, 2, 3, d=4, e=5)
    many(*[1, 2], **{"d": 3})


class Thing:
    def __init__(self, *arguments):
        gc.collect()

    def __call__(self):
        gc.collect()

    def __getattr__(self, name):
        gc.collect()
        return 1

    def __eq__(self, other):
        gc.collect()
        return False

    def __hash__(self):
        gc.collect()
        return 1

    def __repr__(self):
        gc.collect()
        return ""

    def __add__(self, other):
        gc.collect()
        return self

    def __len__(self):
        gc.collect()
        return 1

    def __getitem__(self, index):
        gc.collect()
        return 1

    def __enter__(self):
        gc.collect()

    def __exit__(self, *what):
        gc.collect()

    def __iter__(self):
        gc.collect()
        self.left = 2
        return self

    def __next__(self):
        gc.collect()
        self.left -= 1
        if not self.left:
            raise StopIteration
        return 1

    @property
    def size(self):
        gc.collect()
        return 1

    @staticmethod
    def still():
        gc.collect()

    @classmethod
    def klass(cls):
        gc.collect()


class Child(Thing):
    def __init__(self):
        super().__init__(1)


def with_statement():
    with thing:
        gc.collect()


@micropython.native
def native():
    a = [1]
    for i in range(2):
        gc.collect()


@micropython.native
def native_caught():
    try:
        raise ValueError
    except ValueError:
        gc.collect()


@micropython.viper
def viper():
    gc.collect()


def key(x):
    gc.collect()
    return x


def allocates():
    gc.threshold(2000)
    for i in range(200):
        [i, i]
    gc.threshold(-1)


def scheduled():
    micropython.schedule(lambda _: gc.collect(), None)
    for i in range(100):
        pass


def deep_tuple():
    a = (1, [2], {3: 4})
    x, *y = a
    gc.collect()


def closure():
    n = 1

    def inner():
        nonlocal n
        gc.collect()
        n += 1

    inner()


def imported():
    sys.modules.pop("collects", None)
    import collects


thing = Thing()
with open("collects.py", "w") as file:
    file.write("import gc\ngc.collect()\n")

# What may go on for long.
LASTING = (
    ("a builtin", gc.collect),
    ("a function", collect),
    ("functions", lambda: deeper(5)),
    ("arguments in a row", lambda: deeper(*[2])),
    ("locals and handlers", with_locals),
    ("exceptions", caught),
    ("generators", generator),
    ("yield from", delegated),
    ("arguments", called),
    ("a class", Thing),
    ("a derived class", Child),
    ("with", with_statement),
    ("a generator's list", lambda: list(generate())),
    ("list", lambda: list(thing)),
    ("dict", lambda: {i: i for i in thing}),
    ("set", lambda: set(thing)),
    ("a comprehension", lambda: [i for i in thing]),
    ("staticmethod", lambda: thing.still()),
    ("classmethod", lambda: thing.klass()),
    ("exec", lambda: exec("import gc\ngc.collect()", {})),
    ("eval", lambda: eval("gc.collect()")),
    ("native", native),
    ("native, an exception", native_caught),
    ("an automatic collection", allocates),
    ("schedule", scheduled),
    ("unpacking", deep_tuple),
    ("a closure", closure),
    ("import", imported),
)
# What is over soon. While it runs it may keep what it found, not afterwards.
BRIEF = (
    ("an instance", thing),
    ("getattr", lambda: thing.nothing),
    ("eq", lambda: thing == 1),
    ("in", lambda: thing in [1, 2]),
    ("hash", lambda: {thing: 1}),
    ("repr", lambda: repr(thing)),
    ("format", lambda: "{!r} {}".format(thing, thing)),
    ("percent", lambda: "%s" % thing),
    ("add", lambda: thing + 1),
    ("len", lambda: len(thing)),
    ("bool", lambda: not thing),
    ("item", lambda: thing[1]),
    ("property", lambda: thing.size),
    ("viper", viper),
    ("sorted", lambda: sorted([3, 1, 2], key=key)),
    ("sort", lambda: [3, 1, 2].sort(key=key)),
    ("max", lambda: max([3, 1, 2], key=key)),
    ("map", lambda: list(map(key, [1, 2]))),
    ("filter", lambda: list(filter(key, [1, 2]))),
    ("zip", lambda: list(zip(thing, thing))),
    ("enumerate", lambda: list(enumerate(thing))),
    ("join", lambda: "".join(str(key(i)) for i in (1, 2))),
    ("any", lambda: any(key(i) for i in (0, 0))),
)
kept = []


def note(what):
    global before
    if gc.mem_free() < before - BYTES // 2:
        kept.append(what)
        gc.collect()
    before = gc.mem_free()


gc.collect()
before = gc.mem_free()
for what, frames in LASTING:
    lay(frames)
    note(what)
for what, frames in BRIEF:
    lay(frames)
    gc.collect()
    note(what)
# In the frame of the main program itself.
for what, frames in LASTING:
    address = drop()
    poison(address)
    frames()
    note(("main program", what))
for what, frames in BRIEF:
    address = drop()
    poison(address)
    frames()
    gc.collect()
    note(("main program", what))


assert not kept, kept


# A collection leaves nothing of it below: a frame that is never cleared finds nothing there.
@micropython.asm_thumb
def words_below(r0, r1):
    sub(r0, 1)
    mov(r2, sp)
    mov(r3, 0)
    label(LOOP)
    sub(r2, 4)
    ldr(r4, [r2, 0])
    cmp(r4, r0)
    bne(OTHER)
    add(r3, 1)
    label(OTHER)
    sub(r1, 1)
    bne(LOOP)
    mov(r0, r3)


address = drop()
poison(address)
assert words_below(address, 1400) > 1000
gc.collect()
found = words_below(address, 1400)
assert found == 0, found
