"""MicroPython's mpy-tool.py, with the hash of crates/upy-sys/src/hash.rs instead of its own.

    freeze.py path/of/mpy-tool.py its arguments
"""

import os
import runpy
import sys


def compute_hash(data, _bytes_in_hash):
    value = 0x811C9DC5
    for byte in data:
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    value ^= value >> 15
    value = value * 0x2C1B3C6D & 0xFFFFFFFF
    value ^= value >> 13
    return value & 0x3FFFFFFF or 1


if __name__ == "__main__":
    tool = sys.argv[1]
    sys.path.insert(0, os.path.join(os.path.dirname(tool), "..", "py"))
    import makeqstrdata

    makeqstrdata.compute_hash = compute_hash
    sys.argv = sys.argv[1:]
    runpy.run_path(tool, run_name="__main__")
