# psram: esp-psram64h
# Patterns deeper than the stack, replacements that keep their match, and jumps over much machine code.
import gc
import re

for n in (50, 500, 5_000, 60_000):
    for text in ("(" * n + ")" * n, "(" * n, "(?:" * n + ")" * n):
        try:
            re.compile(text)
        except (RuntimeError, ValueError):
            pass
kept = []


def keep(match):
    kept.append(match)
    return "<%s>" % match.group(1)


assert re.sub("(a)(b)?", keep, "ab-a-ab") == "<a>-<a>-<a>"
gc.collect()
junk = [[i] for i in range(1000)]
assert [(m.group(0), m.group(2)) for m in kept] == [("ab", "b"), ("a", None), ("ab", "b")]


def collects(match):
    text = "".join(["\\1"] * 50)
    gc.collect()
    return text


assert re.sub("(x)", collects, "xyx") == "x" * 50 + "y" + "x" * 50

text = "@micropython.%s\ndef count()%s:\n    x = 0\n    while x < %d:\n%s    return x\n"
for n in (10, 100, 400, 600, 1_500):
    for kind, result in (("viper", " -> int"), ("native", "")):
        names = {}
        try:
            exec("import micropython\n" + text % (kind, result, n + 5, "        x += 1\n" * n), names)
        except (MemoryError, NotImplementedError, RuntimeError):
            continue
        assert names["count"]() == 2 * n, (n, kind)

# More constants than a load reaches.
for kind in ("native", "viper"):
    names = {}
    exec("import micropython\n@micropython.%s\ndef f(x):\n%s    return x\n" % (kind, "".join("    x = %d.5\n" % i for i in range(1_100))), names)
    assert names["f"](0) == 1_099.5, kind
