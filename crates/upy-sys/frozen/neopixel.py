# Chains of lamps: WS2812, SK6812 and their like. Each lamp takes its bytes and hands the rest on.
from machine import bitstream

# ns of a 0's high and low and a 1's high and low.
_TIMINGS = (800, 1700, 1600, 900), (400, 850, 800, 450)


class NeoPixel:
    # Where red, green, blue and white stand in what is sent.
    ORDER = (1, 0, 2, 3)

    def __init__(self, pin, n, bpp=3, timing=1):
        self.pin = pin
        self.n = n
        self.bpp = bpp
        self.buf = bytearray(n * bpp)
        self.timing = _TIMINGS[bool(timing)] if isinstance(timing, int) else timing
        pin.init(pin.OUT)

    def __len__(self):
        return self.n

    def _first(self, i):
        if not -self.n <= i < self.n:
            raise IndexError("lamp %d of %d" % (i, self.n))
        return i % self.n * self.bpp

    def __setitem__(self, i, colour):
        first = self._first(i)
        for k in range(self.bpp):
            self.buf[first + self.ORDER[k]] = colour[k]

    def __getitem__(self, i):
        first = self._first(i)
        return tuple(self.buf[first + self.ORDER[k]] for k in range(self.bpp))

    def fill(self, colour):
        for i in range(self.n):
            self[i] = colour

    def write(self):
        bitstream(self.pin, 0, self.timing, self.buf)
