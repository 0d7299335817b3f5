# Programs that fill memory until MemoryError, one kind each, and then let go of everything. `KIND` and `EVERY` are set in
# front of this file by `cargo xtask bench fit`.
import gc, json, micropython, random, time


def records(keep, n):
    keep.append({"id": n, "name": "user%d" % n, "tags": ["a%d" % (n % 7), "b"], "v": n * 0.5})


def words(keep, n):
    letters = range(3 + random.getrandbits(3))
    keep.append("".join(chr(97 + random.getrandbits(15) % 26) for _ in letters))


def documents(keep, n):
    values = [{"t": t, "c": t * 0.25, "name": "s%d" % t} for t in range(2 + random.getrandbits(6))]
    text = json.dumps({"n": n, "values": values})
    keep.append((text, json.loads(text)))


def matrices(keep, n):
    a = [[random.random() for _ in range(12)] for _ in range(12)]
    b = [[x * 0.5 for x in row] for row in a]
    keep.append([[x + y for x, y in zip(*rows)] for rows in zip(a, b)])


def bytearrays(keep, n):
    buffer = bytearray()
    goal = 500 + random.getrandbits(15)
    while len(buffer) < goal:
        buffer.extend(bytes(1 + random.getrandbits(10)))
    keep.append(buffer)


def doubling(keep, n):
    items, table = [], {}
    for i in range(4 << random.getrandbits(3)):
        items.append(i)
        table[i] = n
    keep.append(items)
    keep.append(table)


def frames(keep, n):
    frame = bytearray(153_600)
    grey = bytearray(76_800)
    names = ["blob %d of %d" % (i, n) for i in range(100)]
    keep.append((frame, names[::5]))


def ring(keep, n):
    if n == 0:
        keep.append([None] * 8)
    keep[0][random.getrandbits(3)] = bytearray(153_600)
    keep.append([("event", n, i * 0.5) for i in range(150)])


def pipeline(keep, n):
    colour = bytearray(153_600)
    grey = bytearray(76_800)
    blurred = bytearray(76_800)
    blobs = [(n, i, [i, i + 1]) for i in range(20)]
    keep.append((bytes(19_200), blobs))


def cache(keep, n):
    for i in range(3):
        keep.append(("key %d.%d" % (n, i), bytearray(100 + random.getrandbits(14))))
    if len(keep) > 200:
        for i in range(2):
            place = random.randrange(len(keep))
            keep[place] = keep[-1]
            keep.pop()


def strings(keep, n):
    text = ""
    for i in range(1 + random.getrandbits(6)):
        text += "part %d of %d; " % (i, n)
    keep.append(text)


class Thing:
    def __init__(self, n):
        self.number = n
        self.half = n * 0.5
        self.name = "thing %d" % n


def classes(keep, n):
    thing = Thing(n)
    thing.later = [n]
    keep.append(thing)


def churn(keep, n):
    # A second of work: some of what lives is replaced. Now and then a large block is asked for.
    if n == 0:
        keep.extend([i, "name of %d" % i, i * 0.5] for i in range(6_500))
    for i in range(500):
        keep[random.randrange(6_500)] = [i, "name of %d" % n, i * 0.5]
    if n % 10 == 9:
        bytearray(4 << 20)
    time.sleep_ms(900)


def look(at, n):
    # What is called `max free sz` there is the largest free block.
    print("look", at, n, time.ticks_ms(), gc.mem_free())
    micropython.mem_info()


def run():
    step = globals()[KIND]
    keep = []
    n = 0
    gc.collect()
    look("fresh", n)
    try:
        while n < STEPS:
            step(keep, n)
            n += 1
            if n % EVERY == 0:
                look("filling", n)
        print("all steps were made")
    except MemoryError as error:
        print("full", error)
    gc.collect()
    look("full", n)
    keep = None
    gc.collect()
    look("dropped", n)


random.seed(1)
run()
