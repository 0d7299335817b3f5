"""Thonny's back end for MicroPython without its window: a process that is sent commands and answers with messages.

usage: thonny_back_end.py run|look|clock|file        ($PORT names the board)
"""

import os
import queue
import subprocess
import sys
import tempfile
import threading
import time

from thonny.common import (
    ImmediateCommand,
    InlineCommand,
    ToplevelCommand,
    parse_message,
    serialize_message,
)

PATIENCE_S = 40


class BackEnd:
    def __init__(self):
        self.said = queue.Queue()
        folder = tempfile.mkdtemp()
        arguments = {
            "clean": True,
            "port": os.environ["PORT"],
            "interrupt_on_connect": True,
            "sync_time": True,
            "utc_clock": True,
            "local_rtc": False,
            "api_stubs_path": folder,
            "cwd": "",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "thonny.plugins.micropython.bare_metal_backend", repr(arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=dict(os.environ, THONNY_USER_DIR=folder),
        )
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.process.stdout:
            self.said.put(line)
        self.said.put(None)

    def send(self, command):
        self.process.stdin.write(serialize_message(command) + "\n")
        self.process.stdin.flush()

    def wait_for(self, wanted):
        """All that was said up to the first message that `wanted` accepts, and that message."""
        before, end = "", time.time() + PATIENCE_S
        while time.time() < end:
            try:
                line = self.said.get(timeout=1)
            except queue.Empty:
                continue
            if line is None:
                sys.exit(f"the back end has ended; it said {before[-600:]!r}")
            if line.startswith("\x02"):
                message = parse_message(line)
                if wanted(message):
                    return before, message
                before += message.get("data", "") or ""
            else:
                before += line
        sys.exit(f"no answer; the back end said {before[-600:]!r}")

    def prompt(self):
        return self.wait_for(lambda message: message.event_type == "ToplevelResponse")

    def execute(self, source):
        self.send(ToplevelCommand("execute_source", source=source))
        return self.prompt()[0]

    def ask(self, name, **arguments):
        self.send(InlineCommand(name, id=name, **arguments))
        return self.wait_for(lambda message: message.get("command_id") == name or message.get("id") == name)[1]


back_end = BackEnd()
greeting, _ = back_end.prompt()
what = sys.argv[1]
if what == "run":
    assert "42" in back_end.execute("print(6 * 7)")
    back_end.send(ToplevelCommand("execute_source", source="while True: pass\n"))
    time.sleep(1)
    back_end.send(ImmediateCommand("interrupt"))
    said, _ = back_end.prompt()
    assert "KeyboardInterrupt" in said, said
    assert "43" in back_end.execute("print(6 * 7 + 1)")
    print("stopped, and went on")
elif what == "look":
    back_end.execute("answer = 6 * 7")
    shown = back_end.ask("get_globals", module_name="__main__")
    assert "42" in str(shown), shown
    completed = back_end.ask("shell_autocomplete", source="ans", row=1, column=3)
    assert "answer" in str(completed), completed
    print("variables shown")
elif what == "clock":
    assert "Could not sync" not in greeting, greeting
    print("clock set")
elif what == "file":
    shown = back_end.ask("write_file", path="/flash/note.txt", content_bytes=b"note", make_shebang_scripts_executable=False, editor_id=1, blocks_ui=False)
    assert not shown.get("error"), shown
    print("file written")
back_end.process.kill()
