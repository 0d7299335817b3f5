# A small unittest: what MicroPython's own tests use, in the form that their runner reads.
import sys


class SkipTest(Exception):
    pass


class _Raises:
    def __init__(self, expected):
        self.expected = expected

    def __enter__(self):
        return self

    def __exit__(self, kind, value, traceback):
        self.exception = value
        if kind is None:
            raise AssertionError("%r not raised" % self.expected)
        return issubclass(kind, self.expected)


class TestCase:
    @classmethod
    def setUpClass(cls):
        pass

    @classmethod
    def tearDownClass(cls):
        pass

    def setUp(self):
        pass

    def tearDown(self):
        pass

    def skipTest(self, reason):
        raise SkipTest(reason)

    def fail(self, message=None):
        raise AssertionError(message)

    def _check(self, condition, message, text):
        if not condition:
            raise AssertionError(message or text)

    def assertTrue(self, x, message=None):
        self._check(x, message, "%r is not true" % (x,))

    def assertFalse(self, x, message=None):
        self._check(not x, message, "%r is not false" % (x,))

    def assertEqual(self, x, y, message=None):
        self._check(x == y, message, "%r != %r" % (x, y))

    def assertNotEqual(self, x, y, message=None):
        self._check(x != y, message, "%r == %r" % (x, y))

    def assertAlmostEqual(self, x, y, places=7, message=None):
        self._check(round(abs(x - y), places) == 0, message, "%r != %r to %d places" % (x, y, places))

    def assertLess(self, x, y, message=None):
        self._check(x < y, message, "%r is not less than %r" % (x, y))

    def assertLessEqual(self, x, y, message=None):
        self._check(x <= y, message, "%r is greater than %r" % (x, y))

    def assertGreater(self, x, y, message=None):
        self._check(x > y, message, "%r is not greater than %r" % (x, y))

    def assertGreaterEqual(self, x, y, message=None):
        self._check(x >= y, message, "%r is less than %r" % (x, y))

    def assertIs(self, x, y, message=None):
        self._check(x is y, message, "%r is not %r" % (x, y))

    def assertIsNot(self, x, y, message=None):
        self._check(x is not y, message, "%r is %r" % (x, y))

    def assertIsNone(self, x, message=None):
        self._check(x is None, message, "%r is not None" % (x,))

    def assertIsNotNone(self, x, message=None):
        self._check(x is not None, message, "it is None")

    def assertIn(self, x, container, message=None):
        self._check(x in container, message, "%r is not in %r" % (x, container))

    def assertNotIn(self, x, container, message=None):
        self._check(x not in container, message, "%r is in %r" % (x, container))

    def assertIsInstance(self, x, kind, message=None):
        self._check(isinstance(x, kind), message, "%r is no %r" % (x, kind))

    def assertRaises(self, expected, function=None, *args, **kwargs):
        context = _Raises(expected)
        if function is None:
            return context
        with context:
            function(*args, **kwargs)


# On a function: it skips when called. On a class: the runner looks at the mark.
def skip(reason):
    def decorate(what):
        if isinstance(what, type):
            what._skipped = reason
            return what

        def skipped(self):
            raise SkipTest(reason)

        return skipped

    return decorate


def skipIf(condition, reason):
    return skip(reason) if condition else lambda what: what


def skipUnless(condition, reason):
    return skipIf(not condition, reason)


def _outcome(case, name):
    try:
        case.setUp()
        try:
            getattr(case, name)()
        finally:
            case.tearDown()
    except SkipTest as reason:
        return "skipped", reason
    except AssertionError as failure:
        return "FAIL", failure
    except Exception as error:
        return "ERROR", error
    return "ok", None


def main(module="__main__"):
    names = __import__(module).__dict__
    count = {"ok": 0, "skipped": 0, "FAIL": 0, "ERROR": 0}
    for cls in names.values():
        if not (isinstance(cls, type) and issubclass(cls, TestCase) and cls is not TestCase):
            continue
        cls.setUpClass()
        case = cls()
        for name in sorted(n for n in dir(case) if n.startswith("test")):
            reason = getattr(cls, "_skipped", None)
            result, detail = ("skipped", reason) if reason else _outcome(case, name)
            count[result] += 1
            print("%s (%s) ... %s" % (name, cls.__qualname__, result), detail if result == "skipped" else "")
            if result in ("FAIL", "ERROR"):
                sys.print_exception(detail)
        cls.tearDownClass()
    print("-" * 70)
    print("Ran %d tests\n" % sum(count.values()))
    if count["FAIL"] or count["ERROR"]:
        print("FAILED (failures=%d, errors=%d)" % (count["FAIL"], count["ERROR"]))
    else:
        print("OK" + (" (skipped=%d)" % count["skipped"] if count["skipped"] else ""))
