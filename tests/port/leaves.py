# psram: esp-psram64h
# Blocks that hold no pointers are never scanned; what looks like one and is none stays scanned.
import array, gc


def churn():
    # What was freed by mistake is overwritten here: this is more than the fast tier.
    gc.collect()
    for i in range(30_000):
        [i, i]


# Arguments of a call are collected in a block of bytes.
def arguments(*args):
    churn()
    return args


def made(n):
    for i in range(n):
        gc.collect()
        yield [i]


assert arguments(*made(60)) == tuple([i] for i in range(60))

# An array of objects, made at once, from nothing, and grown.
objects = array.array("O", [[i] for i in range(40)])
grown = array.array("O")
for i in range(40):
    grown.append([i])
grown.extend(array.array("O", [[i] for i in range(40, 80)]))
churn()
assert [objects[i] for i in range(40)] == [[i] for i in range(40)]
assert [grown[i] for i in range(80)] == [[i] for i in range(80)]

# Tuples, by whatever way they come, that hold an object among numbers and names.
tuples = [(i, "name", [i]) for i in range(40)]
tuples += [tuple([i, "name", [i]]) for i in range(40)]
tuples += [one + ("end",) for one in tuples[:40]] + [one[:] for one in tuples[:40]] + list(zip(range(40), [[i] for i in range(40)]))
churn()
for n, one in enumerate(tuples):
    assert one[0] == n % 40 and [n % 40] in one, one

# Constants of a module that is compiled while memory is collected: the syntax tree points to them.
gc.threshold(512)
for n in range(20):
    names = ["'text number %d of %d'" % (i, n) for i in range(40)]
    code = "values = (%s, 123456789012345678901234567890, 0.5, b'bytes')" % ", ".join(names)
    space = {}
    exec(code, space)
    assert len(space["values"]) == 43 and space["values"][39] == "text number 39 of %d" % n
gc.threshold(-1)
