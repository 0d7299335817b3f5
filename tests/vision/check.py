"""Compares the vision crate with an independent implementation in numpy: check.py PROGRAM [FAMILY].

Images are drawn from a seed; whole images and whole tuples have to be equal. The last line is `N passed, N failed`.
"""

import sys
import time

import numpy as np

import colours
import composing
import counting
import detecting
import drawing
import filtering
import finding
from asker import Asker

SEED = 20260724
FAMILIES = (colours, drawing, composing, filtering, counting, finding, detecting)


def main():
    program, wanted = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ""
    asker = Asker(program)
    for family in FAMILIES:
        if wanted not in family.__name__:
            continue
        start, before = time.monotonic(), asker.passed + len(asker.failed)
        family.check(asker, np.random.default_rng(SEED))
        asker.settle()
        count = asker.passed + len(asker.failed) - before
        print(f"   {family.__name__:<12} {count:>6} comparisons, {time.monotonic() - start:.1f} s", flush=True)
    for line in asker.failed[:40]:
        print(f"   FAILED {line}")
    print(f"{asker.passed} passed, {len(asker.failed)} failed")
    return 1 if asker.failed or not asker.passed else 0


sys.exit(main())
