"""Runs scripts on a board over a pty and prints the wall seconds of each: TOOLS_DIR BOARD SCRIPT..."""

import sys
import time

tools, device, scripts = sys.argv[1], sys.argv[2], sys.argv[3:]
sys.path.insert(0, tools)
import pyboard

board = pyboard.Pyboard(device)
try:
    for script in scripts:
        board.enter_raw_repl()
        with open(script, "rb") as file:
            source = file.read()
        start = time.monotonic()
        board.exec_(source)
        print(time.monotonic() - start)
finally:
    board.close()
