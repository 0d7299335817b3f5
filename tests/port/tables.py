# psram: esp-psram64h
# Hash tables of many keys: right, and quick enough. What they cost is printed as ticks for the test that runs this.
import random, time

# 30 bits, of which the same text always gives the same, interned or not, str or bytes.
assert hash("abc") >> 16 and hash("abc") == hash("".join(["a", "bc"])) == hash(b"abc")
assert hash("") and {"x%d" % i: i for i in range(3)}["x" + "1"] == 1


# Against a list of pairs, with keys of all kinds, and many that are deleted again.
class Key:
    def __init__(self, n):
        self.n = n

    def __hash__(self):
        return self.n % 7

    def __eq__(self, other):
        return isinstance(other, Key) and self.n == other.n


random.seed(4)


def key():
    kind, n = random.getrandbits(3), random.getrandbits(6)
    return ("k%d" % n, n, n * 1.5, (n, "t"), b"b%d" % n, Key(n), 1 << 40 | n, "text number %d" % n)[kind]


for turn in range(4):
    table, pairs, members = {}, [], set()
    for step in range(300):
        k = key()
        at = [i for i in range(len(pairs)) if pairs[i][0] == k]
        if random.getrandbits(2) or len(pairs) < 10:
            table[k] = step
            members.add(k)
            if at:
                pairs[at[0]] = (k, step)
            else:
                pairs.append((k, step))
        else:
            assert (k in table) == bool(at) == (k in members), k
            if at:
                assert table.pop(k) == pairs.pop(at[0])[1]
                members.remove(k)
    assert len(table) == len(pairs) == len(members)
    assert all(table[k] == v and k in members for k, v in pairs)

# A cache that evicts, whose size stays, does not grow slower and slower.
cache = {}


def churn(first):
    start = time.ticks_us()
    for i in range(first, first + 1000):
        cache["page %d" % i] = i
        if len(cache) > 300:
            del cache["page %d" % (i - 300)]
    return time.ticks_diff(time.ticks_us(), start)


churn(0)
early = churn(1000)
# The quickest round: a collection may fall into one of them.
late = min([churn(first) for first in range(2000, 7000, 1000)])
assert late < 1.3 * early, (early, late)


# Numbers as texts, words, paths.
def took(n, make):
    keys = [make(i) for i in range(n)]
    start = time.ticks_us()
    table = {}
    for k in keys:
        table[k] = 1
    total = 0
    for k in keys:
        total += table[k]
    members = set()
    for k in keys:
        members.add(k)
    for k in keys:
        total += k in members
    assert total == 2 * n == len(table) + len(members)
    return time.ticks_diff(time.ticks_us(), start)


for make in (str, lambda i: "w%x" % (i * 2654435761 % 16777213), lambda i: "/data/%02d/%05d.txt" % (i % 37, i)):
    few, many = took(600, make), took(6000, make)
    assert many < 40 * few, (few, many)

# As many names in one source.
few, many = (
    (time.ticks_us(), compile("\n".join("v%d=1" % i for i in range(n)), "x", "exec"), time.ticks_us()) for n in (300, 1800)
)
few, many = time.ticks_diff(few[2], few[0]), time.ticks_diff(many[2], many[0])
assert many < 12 * few, (few, many)
names = {}
exec("def f(a):\n" + "".join(" v%d = a + %d\n" % (i, i) for i in range(90)) + " return lambda: v3 + v89", names)
assert names["f"](1)() == 94
print(few, many)
