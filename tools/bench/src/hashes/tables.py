# COUNT and KIND stand before this. Prints one line: us to put so many texts into a dict and a set, and to look each up.
import gc, random, time


def word(i):
    letters = bytearray(12)
    for at in range(12):
        i = (i * 1103515245 + 12345) & 0x7FFFFFFF
        letters[at] = 97 + (i >> 16) % 26
    return letters.decode()


def path(i):
    return "/data/%d/run-%d/item.json" % (i % 7, i)


TEXTS = [{"numbers": str, "words": word, "paths": path}[KIND](i) for i in range(COUNT)]


def fill_dict(texts):
    table = {}
    for text in texts:
        table[text] = 1
    return table


def fill_set(texts):
    table = set()
    for text in texts:
        table.add(text)
    return table


def find(table, texts):
    for text in texts:
        if text not in table:
            raise KeyError(text)


def us(function, *args):
    gc.collect()
    start = time.ticks_us()
    out = function(*args)
    return out, time.ticks_diff(time.ticks_us(), start)


found = []
for fill in fill_dict, fill_set:
    table, build = us(fill, TEXTS)
    _, look = us(find, table, TEXTS)
    found += [build, look]
    assert len(table) == len(set(TEXTS) if COUNT < 50_000 else TEXTS)
    table = None
print("took", *found)
