"""Expansion, brightness, YUV and LAB of all 65,536 colours."""

import numpy as np


def parts(colour):
    return colour >> 11, colour >> 5 & 63, colour & 31


def rgb(colour):
    r, g, b = parts(np.asarray(colour))
    return r << 3 | r >> 2, g << 2 | g >> 4, b << 3 | b >> 2


def luma(colour):
    r, g, b = rgb(colour)
    return (38 * r + 75 * g + 15 * b) >> 7


def pack(r, g, b):
    return np.asarray(r) >> 3 << 11 | np.asarray(g) >> 2 << 5 | np.asarray(b) >> 3


def yuv(colour):
    r, g, b = rgb(colour)
    return luma(colour), (-21 * r - 43 * g + 64 * b) >> 7, (64 * r - 54 * g - 10 * b) >> 7


def _lab_unpaired():
    colour = np.arange(65536)
    r5, g6, b5 = parts(colour)
    levels = [(r5 * 255 + 15) // 31, (g6 * 255 + 31) // 63, (b5 * 255 + 15) // 31]
    shares = [level / 255 for level in levels]
    r, g, b = [100 * np.where(s > 0.04045, ((s + 0.055) / 1.055) ** 2.4, s / 12.92) for s in shares]
    curve = lambda t: np.where(t > 0.008856, np.cbrt(t), 7.787037 * t + 16 / 116)
    x = curve((r * 0.4124 + g * 0.3576 + b * 0.1805) / 95.047)
    y = curve((r * 0.2126 + g * 0.7152 + b * 0.0722) / 100)
    z = curve((r * 0.0193 + g * 0.1192 + b * 0.9505) / 108.883)
    lab = np.stack([np.rint(116 * y) - 16, np.rint(500 * (x - y)), np.rint(200 * (y - z))])
    return np.clip(lab, -128, 127).astype(int)


def _lab():
    pairs = _lab_unpaired().reshape(3, 32768, 2).sum(axis=2)
    # The mean, towards zero.
    means = np.sign(pairs) * (abs(pairs) // 2)
    return np.repeat(means, 2, axis=1)


LAB = _lab()


def lab(colour):
    return LAB[:, colour]


def to_grey(format, pixels):
    return {"binary": pixels * 255, "grey": pixels}.get(format) if format != "rgb565" else luma(pixels)


def level(format, pixels):
    """Brightness on the format's own scale."""
    return luma(pixels) if format == "rgb565" else pixels


def check(asker, rng):
    every = np.arange(65536)
    table = np.stack([*rgb(every), luma(every), *lab(every), *yuv(every)], axis=1).astype(np.uint8).tobytes()
    asker.ask("colours", {}, [], lambda data: None if data == table else first_difference(data, table))


def first_difference(data, table):
    got, expected = (np.frombuffer(each, np.uint8).reshape(-1, 10) for each in (data, table))
    wrong = np.argwhere((got != expected).any(axis=1))
    colour = wrong[0][0]
    return f"{len(wrong)} colours differ, first {colour:#06x}: {got[colour]}, expected {expected[colour]}"
