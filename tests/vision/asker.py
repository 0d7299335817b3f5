"""Images of three formats, and the program that answers for the crate."""

import subprocess
import threading

import numpy as np

# How many answers may be on their way before the asker waits for one.
BATCH = 64


class Image:
    """Pixel values in an array (h, w): 0 or 1, 0 to 255, or RGB565."""

    def __init__(self, format, pixels):
        self.format = format
        self.pixels = np.asarray(pixels).astype(np.int64)
        self.height, self.width = self.pixels.shape

    def copy(self):
        return Image(self.format, self.pixels.copy())

    def bytes(self):
        if self.format == "grey":
            return self.pixels.astype(np.uint8).tobytes()
        if self.format == "rgb565":
            return self.pixels.astype("<u2").tobytes()
        padded = np.zeros((self.height, (self.width + 31) // 32 * 32), np.uint8)
        padded[:, : self.width] = self.pixels
        return np.packbits(padded, axis=1, bitorder="little").tobytes()

    @staticmethod
    def of_bytes(format, width, height, data):
        if format == "grey":
            pixels = np.frombuffer(data, np.uint8).reshape(height, width)
        elif format == "rgb565":
            pixels = np.frombuffer(data, "<u2").reshape(height, width)
        else:
            rows = np.frombuffer(data, np.uint8).reshape(height, -1)
            pixels = np.unpackbits(rows, axis=1, bitorder="little")[:, :width]
        return Image(format, pixels)

    def __str__(self):
        return f"{self.format} {self.width} x {self.height}"


WHITE = {"binary": 1, "grey": 255, "rgb565": 0xFFFF}


def noise(rng, format, width, height):
    """Every value alike."""
    return Image(format, rng.integers(0, WHITE[format] + 1, (height, width)))


def shapes(rng, format, width, height):
    """Rectangles and discs of one value each on a plain ground, with a little noise."""
    ys, xs = np.mgrid[0:height, 0:width]
    pixels = np.full((height, width), rng.integers(0, WHITE[format] + 1))
    for _ in range(int(rng.integers(1, 7))):
        cx, cy = rng.integers(0, width), rng.integers(0, height)
        a, b = rng.integers(1, max(2, width // 2)), rng.integers(1, max(2, height // 2))
        value = rng.integers(0, WHITE[format] + 1)
        if rng.integers(0, 2):
            inside = (abs(xs - cx) <= a // 2) & (abs(ys - cy) <= b // 2)
        else:
            inside = (xs - cx) ** 2 + (ys - cy) ** 2 <= (min(a, b) // 2) ** 2
        pixels = np.where(inside, value, pixels)
    if format == "grey":
        pixels = np.clip(pixels + rng.integers(-3, 4, pixels.shape), 0, 255)
    return Image(format, pixels)


def slope(rng, format, width, height):
    """Brightness that rises in one direction."""
    ys, xs = np.mgrid[0:height, 0:width]
    angle = rng.uniform(0, 2 * np.pi)
    rise = np.cos(angle) * xs + np.sin(angle) * ys
    span = max(rise.max() - rise.min(), 1e-9)
    level = (rise - rise.min()) / span
    if format == "rgb565":
        red, green, blue = (level * 31).astype(int), (level * 63).astype(int), ((1 - level) * 31).astype(int)
        return Image(format, red << 11 | green << 5 | blue)
    return Image(format, np.rint(level * WHITE[format]))


SIZES = [(1, 1), (1, 7), (9, 1), (2, 2), (3, 5), (8, 8), (17, 13), (33, 6), (40, 31), (64, 48), (65, 33)]


def drawn(rng, formats=("binary", "grey", "rgb565"), sizes=SIZES):
    """One image of each format and size, of a kind that is drawn."""
    for format in formats:
        for width, height in sizes:
            kind = (noise, shapes, slope)[int(rng.integers(0, 3))]
            yield kind(rng, format, width, height)


class Asker:
    """Compares the program's answers with expected ones, and counts."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.passed = 0
        self.failed = []
        self.pending = []

    def ask(self, operation, arguments, images, judge):
        """Sends a request; `judge(bytes)` returns None or what is wrong."""
        words = [operation] + [f"{key}={text(value)}" for key, value in arguments.items() if value is not None]
        request = " ".join(words + [f"images={len(images)}"]).encode() + b"\n"
        for image in images:
            request += f"{image.format} {image.width} {image.height}\n".encode() + image.bytes()
        name = " ".join(words) + "".join(f" [{image}]" for image in images)
        self.pending.append((name, request, judge))
        if len(self.pending) >= BATCH:
            self.settle()

    def image(self, operation, arguments, images, expected):
        """The answer is an image, equal pixel for pixel."""

        def judge(data):
            if data == expected.bytes():
                return None
            if data.startswith(b"error "):
                return data.decode()
            if len(data) != len(expected.bytes()):
                return f"{len(data)} bytes, expected {len(expected.bytes())}"
            got = Image.of_bytes(expected.format, expected.width, expected.height, data).pixels
            wrong = np.argwhere(got != expected.pixels)
            if not len(wrong):
                return "padding differs"
            y, x = wrong[0]
            return f"{len(wrong)} pixels differ, first ({x}, {y}) is {got[y, x]}, expected {expected.pixels[y, x]}"

        self.ask(operation, arguments, images, judge)

    def line(self, operation, arguments, images, expected):
        """The answer is text, equal letter for letter."""

        def judge(data):
            return None if data.decode() == expected else f"{data.decode()!r}, expected {expected!r}"

        self.ask(operation, arguments, images, judge)

    def refused(self, operation, arguments, images, words):
        """The answer is an error that says so."""

        def judge(data):
            said = data.decode(errors="replace")
            return None if said.startswith("error ") and words in said else f"{said[:99]!r}, expected an error with {words!r}"

        self.ask(operation, arguments, images, judge)

    def settle(self):
        """Sends what waits, and judges the answers."""
        batch, self.pending = self.pending, []

        def send():
            for _, request, _ in batch:
                self.process.stdin.write(request)
            self.process.stdin.flush()

        sender = threading.Thread(target=send)
        sender.start()
        for name, _, judge in batch:
            head = self.process.stdout.readline()
            if not head:
                raise SystemExit(f"the program ended at: {name}")
            wrong = judge(self.process.stdout.read(int(head)))
            if wrong is None:
                self.passed += 1
            else:
                self.failed.append(f"{name}: {wrong}")
        sender.join()


def text(value):
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, (tuple, list)):
        return ",".join(text(item) for item in value)
    if isinstance(value, (float, np.floating)):
        return repr(float(value))
    return str(value)
