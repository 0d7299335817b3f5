"""Inside the guest: the board as a real /dev/ttyACM0, by unmodified tools. Arguments: the port of the USB/IP server, mpremote."""

import glob
import hashlib
import subprocess
import sys
import time

import serial

SERVER = "10.0.2.2"
TTY = "/dev/ttyACM0"
MEGABYTE = 1 << 20


def usbip(port, *words):
    command = ["/usr/sbin/usbip", "--tcp-port", port, *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=30)


def check(name, good, seen=""):
    print("PASS" if good else "FAIL", name, "" if good else repr(seen)[-300:], flush=True)


def attach(port):
    said = usbip(port, "attach", "-r", SERVER, "-b", "1-1")
    for _ in range(50):
        if glob.glob(TTY):
            return True
        time.sleep(0.2)
    print(said, flush=True)
    return False


def raw(line):
    """At the raw prompt, whatever ran before."""
    line.write(b"\r\x03\x03\x01")
    line.read_until(b"raw REPL; CTRL-B to exit\r\n>")


def run(line, source):
    line.write(source.encode() + b"\x04")
    return line.read_until(b"OK")


def megabyte_out(line):
    run(line, "import sys\nfor i in range(256): sys.stdout.buffer.write(bytes(range(256)) * 16)\n")
    start = time.monotonic()
    data = line.read(MEGABYTE)
    took = time.monotonic() - start
    line.read_until(b"\x04>")
    check("a megabyte from the board", data == bytes(range(256)) * 4096, data)
    print(f"FIGURE {MEGABYTE / took / 1000:.0f} kB/s from the board, on the wall clock", flush=True)


def megabyte_in(line):
    source = (
        "import sys, hashlib, micropython\nmicropython.kbd_intr(-1)\nh = hashlib.sha256()\n"
        f"left = {MEGABYTE}\nb = bytearray(4096)\n"
        "while left:\n n = sys.stdin.buffer.readinto(b)\n h.update(b)\n left -= n\n"
        "micropython.kbd_intr(3)\nprint(h.digest().hex())\n"
    )
    run(line, source)
    data = hashlib.sha256(b"spiram").digest() * (MEGABYTE // 32)
    start = time.monotonic()
    for at in range(0, MEGABYTE, 4096):
        line.write(data[at : at + 4096])
    said = line.read_until(b"\x04>")
    took = time.monotonic() - start
    check("a megabyte to the board", hashlib.sha256(data).hexdigest().encode() in said, said)
    print(f"FIGURE {MEGABYTE / took / 1000:.0f} kB/s to the board, on the wall clock", flush=True)


def mpremote(program, *words):
    command = [program, "connect", TTY, *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def main():
    port, program = sys.argv[1:]
    said = usbip(port, "list", "-r", SERVER)
    check("usbip list", "1209:0001" in said.stdout, said)
    if not attach(port):
        return check("cdc_acm binds", False)
    check("cdc_acm binds", True)
    said = mpremote(program, "exec", "print(6 * 7)")
    check("mpremote exec", said.stdout.strip() == "42", said)
    said = mpremote(program, "fs", "cp", "/etc/os-release", ":/flash/x", "+", "fs", "cat", ":/flash/x")
    check("mpremote cp and cat", open("/etc/os-release").read().strip() in said.stdout.replace("\r", ""), said)
    with serial.Serial(TTY, timeout=60) as line:
        raw(line)
        megabyte_out(line)
        megabyte_in(line)
        run(line, "while True: pass\n")
        line.write(b"\x03")
        said = line.read_until(b"\x04>")
        check("Ctrl-C", b"KeyboardInterrupt" in said, said)
    usbip(port, "detach", "-p", "0")
    time.sleep(2)
    check("detached", not glob.glob(TTY))
    check("attached once more", attach(port))
    said = mpremote(program, "exec", "print(6 * 7)")
    check("mpremote after that", said.stdout.strip() == "42", said)


main()
