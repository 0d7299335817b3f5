# psram: none
# Variables that machine code reads before they are set, and numbers of viper functions where an object is needed: NameError and
# ViperTypeError. The interpreter looks at each variable; machine code does not, and took what lay there for an object.
import micropython

NATIVE = "@micropython.native\ndef f(n):\n    "
VIPER = "@micropython.viper\ndef f(n):\n    "

UNBOUND = (
    "a += 0",
    "for i in a: pass\n    a = 1",
    "return a.x\n    a = 1",
    "a.x = 1\n    a = 1",
    "del a.x\n    a = 1",
    "return a[0]\n    a = 1",
    "a[0] = 1\n    a = 1",
    "a()\n    a = 1",
    "a.call()\n    a = 1",
    "return -a\n    a = 1",
    "return not a\n    a = 1",
    "return a + a\n    a = 1",
    "return 1 + a\n    a = 1",
    "return a\n    a = 1",
    "return [a, n]\n    a = 1",
    "return a < 1\n    a = 1",
    "return 1 in a\n    a = 1",
    "return n if a else n\n    a = 1",
    "return str(a)\n    a = 1",
    "return '%s' % a\n    a = 1",
    "return len(a)\n    a = 1",
    "x, y = a\n    a = 1",
    "x, *y = a\n    a = 1",
    "with a: pass\n    a = 1",
    "return {a}\n    a = 1",
    "return {a: 1}\n    a = 1",
    "return print(*a)\n    a = 1",
    "return (lambda: a)()\n    a = 1",
    "return [x for x in a]\n    a = 1",
    "if n > 10: a = 1\n    return a + 1",
    "try: 1 / 0\n    except ZeroDivisionError: a.x\n    a = 1",
    "a = b = c = d = 1\n    return a + b + c + d + e\n    e = 1",
)
# What is no number, no name and no exception is refused as such.
REFUSED = (
    ("raise a\n    a = 1", TypeError),
    ("for i in range(i): pass", TypeError),
    ("return 1 < a\n    a = 1", TypeError),
    ("return open(a)\n    a = 1", TypeError),
    ("try: 1 / 0\n    except a: pass\n    a = 1", (TypeError, ZeroDivisionError)),
    ("class A(a): pass\n    a = 1", (TypeError, NameError)),
)
IN_VIPER = (
    ("if int(n) > 10: a = 'x'\n    print(a)", NameError),
    ("for i in range(0): x = [1]\n    return x[0]", NameError),
    ("if int(n) > 10:\n        a = b = c = d = e = 'x'\n    return e.x", NameError),
    ("return {int(n): int(n)}", ViperTypeError),
    ("return {1: n}", ViperTypeError),
    ("return {int(n)}", None),
    ("x, y = int(n)", ViperTypeError),
    ("x, *y = int(n)", ViperTypeError),
    ("with int(n): pass", ViperTypeError),
    ("raise int(n)", ViperTypeError),
    ("for x in int(n): pass", TypeError),
    ("int(n)[1]", ViperTypeError),
)
wrong = []


def ends(source, right):
    names = {"micropython": micropython}
    try:
        exec(source, names)
        repr(names["f"](4))
    except Exception as e:
        if not right or not isinstance(e, right):
            wrong.append((source, repr(e)))
        return
    if right:
        wrong.append((source, "nothing was raised"))


for body in UNBOUND:
    ends(NATIVE + body, NameError)
for body, right in REFUSED:
    ends(NATIVE + body, right)
for body, right in IN_VIPER:
    ends(VIPER + body, right)

# A variable that functions within one another share.
for inner in ("return a + 1", "a[0] = 1", "a()", "return a.x"):
    ends("def f(n):\n    @micropython.native\n    def g():\n        " + inner + "\n    g()\n    a = 1", NameError)
# Generators.
for body in ("yield a + 1\n    a = 1", "yield from a\n    a = 1"):
    ends("@micropython.native\ndef g(n):\n    " + body + "\ndef f(n): return list(g(n))", NameError)
assert not wrong, wrong
print("all was refused")
