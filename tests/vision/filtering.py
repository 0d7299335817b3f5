"""Filters over a window, by looking at every pixel of it."""

import math

import numpy as np

from asker import WHITE, Image, drawn, noise
from colours import level, parts
from composing import combine, join, split

MOST = {"binary": (1,), "grey": (255,), "rgb565": (31, 63, 31)}
F = np.float32


def windows(channel, k):
    """An array (n, h, w) of all pixels of each window, row by row; edges are repeated."""
    padded = np.pad(channel, k, mode="edge")
    h, w = channel.shape
    side = 2 * k + 1
    return np.stack([padded[j : j + h, i : i + w] for j in range(side) for i in range(side)])


def by_channel(image, k, of):
    """The image whose channels are `of(windows, largest value)`."""
    channels = [of(windows(channel, k), most) for channel, most in zip(split(image.format, image.pixels), MOST[image.format])]
    return Image(image.format, join(image.format, [np.asarray(c).astype(np.int64) for c in channels]))


def finish(image, filtered, threshold=False, offset=0, invert=False, mask=None):
    pixels = filtered.pixels
    if threshold:
        below = level(image.format, pixels) - offset < level(image.format, image.pixels)
        pixels = np.where(below != invert, WHITE[image.format], 0)
    if mask is not None:
        pixels = np.where(mask.pixels > 0, pixels, image.pixels)
    return Image(image.format, pixels)


def mean(image, k):
    share = 65536 // (2 * k + 1) ** 2
    return by_channel(image, k, lambda window, most: window.sum(axis=0) * share >> 16)


def median(image, k, percentile):
    rank = max(int(np.floor(F(percentile) * F((2 * k + 1) ** 2))), 1)

    def of(window, most):
        shift = 2 if most == 255 else 0
        return np.sort(window >> shift, axis=0)[rank - 1] << shift

    return by_channel(image, k, of)


def mode(image, k):
    def of(window, most):
        counts = np.stack([(window == value).sum(axis=0) for value in range(most + 1)])
        return counts.argmax(axis=0)

    return by_channel(image, k, of)


def midpoint(image, k, bias):
    def of(window, most):
        least = window.min(axis=0)
        return least + np.floor((window.max(axis=0) - least).astype(F) * F(bias))

    return by_channel(image, k, of)


def convolve(image, k, kernel, mul, add, total):
    share = F(F(mul) / F(total))
    factor, shift = int(np.rint(F(65536) * share)), 16
    if factor == 0 and share != 0:
        factor, shift = int(np.rint(F(65536) * F(1 << 24) * share)), 40
    offset = int(np.rint(F(65536) * F(add))) << shift - 16
    kernel = np.array(kernel).reshape(-1, 1, 1)

    def of(window, most):
        return np.clip((window * kernel).sum(axis=0) * factor + offset >> shift, 0, most)

    return by_channel(image, k, of)


def pascal(k):
    row = [math.comb(2 * k, i) for i in range(2 * k + 1)]
    return np.array([a * b for a in row for b in row]), 16**k


def gaussian(image, k, unsharp, mul, add):
    kernel, total = pascal(k)
    if unsharp:
        kernel[len(kernel) // 2] -= 2 * total
        total = -total
    return convolve(image, k, kernel, mul, add, total)


def laplacian(image, k, sharpen, mul, add):
    kernel, total = pascal(k)
    kernel = -kernel
    kernel[len(kernel) // 2] += total
    scale = kernel[len(kernel) // 2]
    if sharpen:
        kernel[len(kernel) // 2] += scale
    return convolve(image, k, kernel, mul, add, scale or 1)


def bell(x, sigma):
    x, sigma = F(x), F(sigma)
    exponent = F(x * x) / F(F(F(-2) * sigma) * sigma)
    return F(F(np.exp(np.float64(exponent))) / F(abs(sigma) * F(2.506628)))


def bilateral(image, k, color_sigma, space_sigma):
    root = lambda n: np.sqrt(F(n))
    scale = F(1) / root(2 * k * k) if k else F(0)
    near = [bell(root(x * x + y * y) * scale, space_sigma) for y in range(-k, k + 1) for x in range(-k, k + 1)]

    def of(window, most):
        table = np.array([bell(F(d) * F(F(1) / F(most)), color_sigma) for d in range(most + 1)], F)
        here = window[len(window) // 2]
        total, weights = np.zeros(here.shape, F), np.zeros(here.shape, F)
        for there, close in zip(window, near):
            weight = table[abs(here - there)] * close
            total += there.astype(F) * weight
            weights += weight
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.floor(np.minimum(np.where(weights == 0, F(0), total / weights), F(most)))

    return by_channel(image, k, of)


def count_neighbours(image, k):
    window = windows((image.pixels != 0).astype(np.int64), k)
    return window.sum(axis=0) - window[len(window) // 2]


def erode(image, k, threshold, mask=None):
    gone = count_neighbours(image, k) < (2 * k + 1) ** 2 - 1 - threshold
    return finish(image, Image(image.format, np.where(gone, 0, image.pixels)), mask=mask)


def dilate(image, k, threshold, mask=None):
    new = count_neighbours(image, k) > threshold
    return finish(image, Image(image.format, np.where(new, WHITE[image.format], image.pixels)), mask=mask)


def hat(image, changed, mask):
    return finish(image, Image(image.format, combine(image.format, "difference", image.pixels, changed.pixels)), mask=mask)


def morphology(name, image, k, threshold, mask):
    arguments = (k, threshold, mask)
    if name == "erode":
        return erode(image, *arguments)
    if name == "dilate":
        return dilate(image, *arguments)
    opened = dilate(erode(image, *arguments), *arguments)
    closed = erode(dilate(image, *arguments), *arguments)
    return {
        "open": opened,
        "close": closed,
        "top_hat": hat(image, opened, mask),
        "black_hat": hat(image, closed, mask),
    }[name]


def check(asker, rng):
    single = lambda value: float(F(value))
    for image in list(drawn(rng)) + list(drawn(rng, sizes=[(1, 1), (5, 3), (31, 18)])):
        k = int(rng.choice([0, 1, 1, 2, 3, 5]))
        adaptive, masks = {}, []
        if rng.integers(0, 3) == 0:
            adaptive = {"threshold": True, "offset": int(rng.integers(-5, 20)), "invert": bool(rng.integers(0, 2))}
        mask = None
        if rng.integers(0, 3) == 0:
            mask = noise(rng, "binary", image.width, image.height)
            masks = [mask]
        scale = {"mul": single(rng.choice([1, 0.5, 2, -1])), "add": single(rng.choice([0, 5.5, -20]))}
        kernel = [int(n) for n in rng.integers(-4, 9, (2 * k + 1) ** 2)]
        share = single(rng.choice([0, 0.2, 0.5, 0.9, 1]))
        sigmas = {"color_sigma": single(rng.choice([0.1, 0.3, 1])), "space_sigma": single(rng.choice([0.5, 1, 3]))}
        some, narrow = bool(rng.integers(0, 2)), min(k, 3)
        cases = [
            ("mean", k, {}, mean(image, k)),
            ("median", k, {"percentile": share}, median(image, k, share)),
            ("mode", k, {}, mode(image, k)),
            ("midpoint", k, {"bias": share}, midpoint(image, k, share)),
            ("morph", k, {"kernel": kernel} | scale, convolve(image, k, kernel, **scale, total=sum(kernel) or 1)),
            ("gaussian", k, {"unsharp": some} | scale, gaussian(image, k, some, **scale)),
            ("laplacian", k, {"sharpen": some} | scale, laplacian(image, k, some, **scale)),
            ("bilateral", narrow, sigmas, bilateral(image, narrow, **sigmas)),
        ]
        for name, size, arguments, filtered in cases:
            expected = finish(image, filtered, **adaptive, mask=mask)
            asker.image(name, {"ksize": size} | arguments | adaptive, [image] + masks, expected)
        for name in ("erode", "dilate", "open", "close", "top_hat", "black_hat"):
            threshold = int(rng.choice([0, 0, 1, 3, -1, 30]))
            expected = morphology(name, image, k, threshold, mask)
            asker.image(name, {"ksize": k, "threshold": threshold}, [image] + masks, expected)
        asker.image("invert", {}, [image], Image(image.format, WHITE[image.format] - image.pixels))
    image = noise(rng, "grey", 9, 9)
    asker.refused("mean", {"ksize": 128}, [image], "ksize is 128; expected 0 to 127")
    asker.refused("median", {"percentile": 1.5}, [image], "percentile is 1.5")
    asker.refused("gaussian", {"ksize": 8}, [image], "ksize is 8; expected 0 to 7")
    asker.refused("morph", {"kernel": [1, 2]}, [image], "kernel is 2")
