# psram: esp-psram64h
# What is dropped is gone after one collection, whatever its shape and wherever it was built. For every heap. (What a
# function that still runs had in an expression may stay until another expression of it is as deep: docs/heap.md.)
import gc

COUNT = 100_000


def chain(count):
    head = None
    for i in range(count):
        head = [head, i]
    return head


def tree(count):
    level = [[i] for i in range(count // 2)]
    while len(level) > 1:
        level = [level[i : i + 2] for i in range(0, len(level), 2)]
    return level[0]


def cycles(count):
    last = None
    for i in range(count // 2):
        one = [last]
        other = [one, i]
        one.append(other)
        last = one
    return last


def free():
    gc.collect()
    return gc.mem_free()


def gone(what):
    now = free()
    assert now >= before - before // 100, (what, before, now)


def kept(what):
    now = free()
    assert now < before - 16 * COUNT, (what, before, now)


SHAPES = (chain, tree, cycles)
before = free()

# At module level.
head = None
for i in range(COUNT):
    head = [head, i]
kept("a chain")
head = None
gone("a chain at module level")

for shape in SHAPES:
    thing = shape(COUNT)
    kept(shape)
    thing = None
    gone(("a name at module level", shape))


# In functions: a local that dies with its frame, and one that is dropped while the frame lives.
def dropped(shape):
    thing = shape(COUNT)
    thing = None
    gone(("a local that was dropped", shape))


for shape in SHAPES:
    shape(COUNT)
    gone(("a function's result", shape))
    dropped(shape)


# In generators: one that is dropped half-way, one that comes to its end, one that goes on without it.
def produce(shape):
    thing = shape(COUNT)
    yield 1
    thing = None
    yield 2


def walk(steps):
    generator = produce(chain)
    for i in range(steps):
        next(generator, None)


for steps in (1, 2, 3):
    walk(steps)
    gone(("a generator", steps))


# In comprehensions, and in what they build.
def comprehend():
    thing = [chain(COUNT // 4) for i in range(4)]
    thing = {i: [i, None] for i in range(COUNT // 2)}
    return sum(len(one) for one in [tree(COUNT // 2), cycles(COUNT // 2)])


comprehend()
gone("comprehensions and a generator expression")

# In exec and eval, with names of their own and with these.
exec("head = None\nfor i in range(%d):\n    head = [head, i]" % COUNT, {})
gone("exec with names of its own")
exec("thing = chain(COUNT)")
kept("exec with our names")
thing = None
gone("exec with our names")
eval("tree(COUNT)")
gone("eval")


# In what an exception held, in a closure, and in an instance with a finaliser of its own.
def fail():
    thing = chain(COUNT)
    raise ValueError(thing)


def catch():
    try:
        fail()
    except ValueError:
        pass


catch()
gone("an exception")


def remember():
    thing = cycles(COUNT)
    return lambda: thing


function = remember()
function()
function = None
gone("a closure")
