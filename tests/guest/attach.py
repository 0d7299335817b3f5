"""Inside the guest: the board as a real /dev/ttyACM0 and in its boot loader, by unmodified tools.

Arguments: the port of the USB/IP server, mpremote, a folder with spiram-BOARD.bin.
"""

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


def attach(port, shown=lambda: glob.glob(TTY)):
    """Until Linux shows the device. One that has just started is enumerated by the server first."""
    for _ in range(5):
        said = usbip(port, "attach", "-r", SERVER, "-b", "1-1")
        for _ in range(20):
            if shown():
                return True
            time.sleep(0.2)
    print(said, flush=True)
    return False


def detach(port):
    usbip(port, "detach", "-p", "0")
    time.sleep(2)


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


def dfu(*words):
    return subprocess.run(["dfu-util", *words], capture_output=True, text=True, timeout=120)


def own_loader(port, program, folder):
    """From Python into spiram's boot loader, and back with a program that was flashed."""
    with serial.Serial(TTY, timeout=5) as line:
        raw(line)
        run(line, "import machine\nmachine.bootloader()\n")
    detach(port)
    check("our boot loader shows itself", attach(port, lambda: "1209:0002" in dfu("-l").stdout))
    said = dfu("-l").stdout
    check("dfu-util -l", "/0x08000000/06*008Ka,186*008Kg,64*008Ka" in said and "/0x08180000/64*008Kg" in said, said)
    image = open(glob.glob(folder + "/*.bin")[0], "rb").read()
    said = dfu("-a", "0", "-s", "0x08000000:5000", "-U", "/run/own")
    check("dfu-util reads it", open("/run/own", "rb").read() == image[:5000], said)
    said = dfu("-a", "0", "-s", "0x08000000", "-D", "/run/own")
    check("dfu-util may not write the loader", said.returncode != 0, said)
    start = time.monotonic()
    update = glob.glob(folder + "/*.update.dfu")[0]
    said = dfu("-a", "0", "-s", ":leave", "-D", update)
    check("dfu-util flashes and leaves", "Submitting leave request" in said.stdout, said)
    print(f"FIGURE {time.monotonic() - start:.0f} s to flash {update} by our loader, on the wall clock", flush=True)
    detach(port)
    check("the new program shows itself", attach(port))
    said = mpremote(program, "exec", "print(6 * 7)")
    check("mpremote in the new program", said.stdout.strip() == "42", said)


def boot_loader(port, program, folder):
    """From Python into ST's boot loader, and back with a firmware that was flashed."""
    with serial.Serial(TTY, timeout=5) as line:
        raw(line)
        run(line, "import machine\nmachine.bootloader(rom=True)\n")
    detach(port)
    check("the boot loader shows itself", attach(port, lambda: "0483:df11" in dfu("-l").stdout))
    said = dfu("-l").stdout
    check("dfu-util -l", '"@Internal Flash   /0x08000000/256*08Kg"' in said, said)
    image = open(glob.glob(folder + "/*.bin")[0], "rb").read()
    said = dfu("-a", "0", "-s", "0x08000000:5000", "-U", "/run/part")
    check("dfu-util reads", open("/run/part", "rb").read() == image[:5000], said)
    said = dfu("-a", "0", "-s", "0x08200000:64", "-U", "/run/beyond")
    check("dfu-util is told what is not there", said.returncode != 0, said)
    start = time.monotonic()
    said = dfu("-a", "0", "-s", "0x08000000:leave", "-D", glob.glob(folder + "/*.bin")[0])
    check("dfu-util flashes and leaves", "Submitting leave request" in said.stdout, said)
    print(f"FIGURE {time.monotonic() - start:.0f} s to flash {len(image)} bytes, on the wall clock", flush=True)
    detach(port)
    check("the new firmware shows itself", attach(port))
    said = mpremote(program, "exec", "print(6 * 7)")
    check("mpremote in the new firmware", said.stdout.strip() == "42", said)


def main():
    port, program, folder = sys.argv[1:]
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
    detach(port)
    check("detached", not glob.glob(TTY))
    check("attached once more", attach(port))
    said = mpremote(program, "exec", "print(6 * 7)")
    check("mpremote after that", said.stdout.strip() == "42", said)
    own_loader(port, program, folder)
    boot_loader(port, program, folder)


main()
