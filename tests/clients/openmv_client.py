"""OpenMV's own client, unmodified, against a board whose port is over USB.

usage: openmv_client.py frames|jpeg|stop|channels|abuse|stalls        ($PORT names the board)
"""

import binascii
import os
import random
import struct
import sys
import time

import numpy
import serial

from openmv import Camera
from openmv.constants import Opcode

PORT = os.environ["PORT"]
PATIENCE_S = 60
# Wall seconds for an answer: the virtual board may be slower than the real one.
TIMEOUT_S = 20

SNAP = """
import binascii, csi, time
c = csi.CSI()
c.reset()
c.pixformat(csi.RGB565)
c.framesize(csi.QQQVGA)
for n in range(100000):
    print(n, binascii.crc32(c.snapshot().bytearray()))
    # As long as a camera would take.
    time.sleep_ms(20)
"""

STORE = """
import protocol, time
class Store:
    def __init__(self):
        self.data = b"nothing yet"
        self.asked = []
    def poll(self):
        return len(self.data) > 20
    def size(self):
        return len(self.data)
    def shape(self):
        return (1, len(self.data))
    def read(self, offset, size):
        return self.data[offset:offset + size]
    def write(self, offset, data):
        self.data = self.data[:offset] + bytes(data)
        return len(data)
    def ioctl(self, request, count, argument):
        self.asked.append((request, count))
        return 0 if request == 7 else -1
store = Store()
channel = protocol.register(name="store", backend=store)
print(channel, protocol.is_active())
while 7 not in [request for request, count in store.asked]:
    time.sleep_ms(5)
channel.send_event(5)
channel.send_event(6, wait_ack=True)
print("asked", store.asked)
"""


def connect(**settings):
    camera = Camera(PORT, timeout=TIMEOUT_S, **settings)
    camera.connect()
    return camera


def until(what, does):
    end = time.time() + PATIENCE_S
    while time.time() < end:
        found = does()
        if found:
            return found
    sys.exit(f"waited {PATIENCE_S} s for {what}")


class Printed:
    """All that a script prints."""

    def __init__(self, camera):
        self.camera, self.text = camera, ""

    def more(self):
        self.text += self.camera.read_stdout() or ""
        return self.text


def ended(camera, printed):
    """Everything that a script printed, once it has ended."""

    def is_over():
        status = camera.read_status()
        printed.more()
        return not status["stdin"]

    until("the end of the script", is_over)
    return printed.more()


# The client turns five or six bits into eight, each value into another one: so they can be had back.
BITS = {
    bits: {int(value * 255.0 / (2**bits - 1)): value for value in range(2**bits)} for bits in (5, 6)
}


def pixels_of(frame):
    rgb = numpy.frombuffer(frame["data"], dtype=numpy.uint8).reshape(-1, 3)
    table = {}
    for bits, back in BITS.items():
        table[bits] = numpy.zeros(256, dtype=numpy.uint16)
        for eight, value in back.items():
            table[bits][eight] = value
    red, green, blue = table[5][rgb[:, 0]], table[6][rgb[:, 1]], table[5][rgb[:, 2]]
    return (red << 11 | green << 5 | blue).astype("<u2").tobytes()


def frames():
    """A hundred frames as pixels: each is one that was snapped, to the bit, and later than the one before."""
    with connect() as camera:
        camera.stop()
        camera.exec(SNAP)
        camera.streaming(True, raw=True, resolution=(320, 240))
        printed, seen = Printed(camera), []
        start = time.time()
        while len(seen) < 100:
            frame = until("a frame", camera.read_frame)
            assert (frame["width"], frame["height"], frame["raw_size"]) == (80, 60, 9600), frame
            seen.append(binascii.crc32(pixels_of(frame)))
            if len(seen) % 10 == 0:
                printed.more()
        seconds = time.time() - start
        camera.stop()
        text = ended(camera, printed)
        assert "KeyboardInterrupt" in text, text[-300:]
        snapped = {}
        for line in text.splitlines():
            words = line.split()
            if len(words) == 2 and words[0].isdigit():
                snapped[int(words[1])] = int(words[0])
        numbers = [snapped.get(crc) for crc in seen]
        assert None not in numbers, f"frame {numbers.index(None)} was never snapped: {numbers}"
        assert numbers == sorted(set(numbers)), numbers
        stats = camera.device_stats()
        assert stats["sent"] > 300 and stats["checksum"] == 0 and stats["retransmit"] == 0, stats
        print(f"100 frames of {max(snapped.values()) + 1} equal, {seconds:.1f} s of wall time, {stats}")


def jpeg():
    """Without being asked for pixels the board sends JPEG; Pillow unpacks it, and the bars are where they should be."""
    with connect() as camera:
        camera.exec(SNAP.replace("RGB565", "GRAYSCALE").replace("QQQVGA", "QVGA"))
        camera.streaming(True)
        frame = until("a frame", camera.read_frame)
        assert (frame["width"], frame["height"], frame["format"]) == (320, 240, 0x06060000), frame["format"]
        rgb = numpy.frombuffer(frame["data"], dtype=numpy.uint8).reshape(240, 320, 3).astype(int)
        white, black = rgb[60, 20], rgb[60, 300]
        assert white.min() > 240 and black.max() < 15, (white, black)
        camera.streaming(True, raw=True, resolution=(100, 100))
        frame = until("a small frame", lambda: (f := camera.read_frame()) and f["format"] == 0x08020001 and f)
        assert (frame["width"], frame["height"], frame["raw_size"]) == (100, 75, 7500), frame
        camera.stop()
        print("JPEG, and pixels made smaller")


def stop():
    """An endless script is stopped; another one runs, and all of its last words arrive."""
    with connect() as camera:
        assert camera.sysinfo["usb_vid"] == 0x1209 and camera.verinfo["protocol_version"] == (1, 0, 2)
        camera.exec("while True:\n    pass\n")
        until("the script", lambda: camera.read_status()["stdin"])
        camera.stop()
        assert "KeyboardInterrupt" in ended(camera, Printed(camera))
        # A new script ends the old one by itself.
        camera.exec("while True:\n    pass\n")
        camera.exec("import omv\nprint('x' * 5000)\nprint(omv.debug_mode(), omv.version_string())\n1/0\n")
        text = ended(camera, Printed(camera))
        assert text.count("x") == 5000 and "True 5.0.0" in text and "ZeroDivisionError" in text, text[-400:]
        payload = camera._send_cmd_wait_resp(0x14)
        count, kind, total, used = struct.unpack_from("<B3xB3xII", payload)
        assert (count, kind) == (1, 0) and total > used > 0 and len(payload) == 28, payload
        assert camera.device_stats()["sent_events"] > 0
    prompt_is_whole()
    print("stopped, and the prompt is back")


def channels():
    """A script's own channel is written, read, asked, and tells."""
    with connect() as camera:
        camera.exec(STORE)
        until("the channel", lambda: camera.poll_events() or camera.has_channel("store"))
        assert camera.channel_read("store") == b"nothing yet"
        assert not camera.read_status()["store"]
        data = bytes(random.Random(1).randrange(256) for _ in range(10_000))
        camera.channel_write("store", data)
        assert camera.read_status()["store"]
        assert camera.channel_size("store") == len(data)
        assert camera.channel_read("store") == data
        store = camera.get_channel(name="store")
        assert camera._channel_shape(store) == (1, len(data))
        told = []
        camera.transport.event_callback = lambda channel, event: told.append((channel, event))
        camera._channel_ioctl(store, 7, "I", 99)
        text = ended(camera, Printed(camera))
        assert "<ProtocolChannel: store> True" in text and "asked [(7, 4)]" in text, text
        assert (store, 5) in told and (store, 6) in told, told
        camera.update_channels()
        assert not camera.has_channel("store")
        print("a channel of a script's")


def prompt_is_whole():
    """At another speed there is the prompt, and the heap is sound."""
    with serial.Serial(PORT, 115200, timeout=1) as port:
        port.write(b"\r\x03")
        port.write(b"import spiram, gc; gc.collect(); print('heap', spiram.heap(check=True) is not None)\r")
        heard = bytearray()

        def is_told():
            heard.extend(port.read(port.in_waiting or 1))
            return b"\nheap True" in heard

        until("the prompt", is_told)


def abuse():
    """Three thousand packets that are wrong; then the client connects, and the prompt and the heap are whole."""
    dice = random.Random(15)
    from openmv.crc import crc16, crc32

    def wrong():
        length = dice.choice([0, 4, 8, 12, 16, dice.randrange(60), dice.randrange(60), dice.randrange(300)])
        payload = bytes(dice.randrange(4) for _ in range(length))
        # Not those that reset the board.
        opcode = dice.choice([0, 1, 2, 3, 4, 0x12, 0x13, 0x14, *range(0x20, 0x2A), *range(0x40, 0x100)])
        head = struct.pack("<HBBBBH", 0xD5AA, dice.randrange(256), dice.randrange(8), dice.choice([0, 0, 0, dice.randrange(256)]), opcode, length)
        packet = bytearray(head + struct.pack("<H", crc16(head)) + payload)
        packet += struct.pack("<L", crc32(payload)) if length else b""
        fate = dice.randrange(5)
        if fate == 0:
            packet[dice.randrange(len(packet))] ^= 1 << dice.randrange(8)
        elif fate == 1:
            del packet[dice.randrange(len(packet)) :]
        return packet

    with serial.Serial(PORT, 921600, timeout=0) as port:
        for _ in range(3000):
            port.write(wrong())
            port.read(65536)
        # What it says to all that is not for the next one.
        port.timeout = 2
        until("silence", lambda: not port.read(1000))
    stop()
    print("3000 wrong packets")


def stalls():
    """A client that asks for a picture and never reads it, while the script prints and snaps."""
    with connect() as camera:
        camera.exec(SNAP)
        camera.streaming(True, raw=True, resolution=(320, 240))
        until("a frame", camera.read_frame)
        stream = camera.get_channel(name="stream")
        until("a frame that is kept", lambda: camera._channel_lock(stream))
        camera.transport.send_packet(Opcode.CHANNEL_READ, stream, 0, struct.pack("<II", 0, 9632))
        time.sleep(3)
    stop()
    print("a client that stopped reading")


{"frames": frames, "jpeg": jpeg, "stop": stop, "channels": channels, "abuse": abuse, "stalls": stalls}[sys.argv[1]]()
