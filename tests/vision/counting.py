"""Histograms, statistics, percentiles, Otsu's threshold; images made binary, equalised, bent in brightness."""

import numpy as np

from asker import WHITE, Image, drawn, noise
from colours import lab, level, pack, parts, yuv
from composing import combine, join, split
from filtering import MOST

F = np.float32
RANGES = {"binary": [(0, 1)], "grey": [(0, 255)], "rgb565": [(0, 100), (-128, 127), (-128, 127)]}


def values(format, pixels):
    return lab(pixels) if format == "rgb565" else [pixels]


def holds(format, pixels, ends):
    """Where a threshold holds: two ends, or six for colour."""
    ends = list(ends) + [-128, 127] * 2 if len(ends) == 2 else list(ends)
    result = np.ones(pixels.shape, bool)
    for channel, (low, high) in zip(values(format, pixels), (sorted(ends[i : i + 2]) for i in (0, 2, 4))):
        result &= (low <= channel) & (channel <= high)
    return result


def histogram(format, pixels, thresholds, invert, bins):
    chosen = [holds(format, pixels, ends) != invert for ends in thresholds] or [np.ones(pixels.shape, bool)]
    result = []
    for channel, (least, largest), count in zip(values(format, pixels), RANGES[format], bins):
        mul = F(count - 1) / F(largest - least)
        index = np.rint((np.arange(least, largest + 1) - least).astype(F) * mul).astype(int)
        total, counts = 0, np.zeros(count, np.int64)
        for mask in chosen:
            counts += np.bincount(index[channel[mask] - least], minlength=count)
            total += mask.sum()
        share = F(1) / F(total) if total else F(0)
        result.append(counts.astype(F) * share)
    return result


def statistics(bins, least, largest):
    mul = F(largest - least) / F(len(bins) - 1)
    mean = square = total = F(0)
    quartiles = [0, 0, 0]
    value = lambda i: int(np.floor(F(i) * mul + F(least)))
    for i, share in enumerate(bins):
        exact = F(i) * mul + F(least)
        mean = F(mean + F(exact * share))
        square = F(square + F(F(exact * exact) * share))
        after = F(total + share)
        for q, at in enumerate((F(0.25), F(0.5), F(0.75))):
            if total < at <= after:
                quartiles[q] = value(i)
        total = after
    used = np.flatnonzero(bins)
    first, last = (value(used[0]), value(used[-1])) if len(used) else (0, 0)
    mode = value(int(np.argmax(bins))) if len(used) else 0
    deviation = int(np.floor(np.sqrt(max(F(square - F(mean * mean)), F(0)))))
    return [int(np.floor(mean)), quartiles[1], mode, deviation, first, last, quartiles[0], quartiles[2]]


def percentile(bins, least, largest, share):
    mul = F(largest - least) / F(len(bins) - 1)
    total = F(0)
    for i, bin in enumerate(bins):
        if total < F(share) <= F(total + bin):
            return int(np.floor(F(i) * mul + F(least)))
        total = F(total + bin)
    return 0


def otsu(bins, least, largest):
    share = bins.astype(float)
    best, most = 0, 0.0
    for i in range(len(bins)):
        below, above = share[: i + 1], share[i + 1 :]
        if below.sum() <= 0 or above.sum() <= 1e-9:
            continue
        mean = lambda part, start: (np.arange(start, start + len(part)) * part).sum() / part.sum()
        between = below.sum() * above.sum() * (mean(below, 0) - mean(above, i + 1)) ** 2
        if between > most * (1 + 1e-9):
            best, most = i, between
    return int(best * (largest - least) / (len(bins) - 1)) + least if best * (largest - least) >= 0 else None


def draw_thresholds(rng, format):
    """Some ranges, some of them reversed."""
    if format == "rgb565" and rng.integers(0, 2):
        return [[int(n) for n in rng.integers(-128, 128, 6)] for _ in range(int(rng.integers(1, 3)))]
    return [[int(n) for n in rng.integers(0, min(WHITE[format], 255) + 1, 2)] for _ in range(int(rng.integers(1, 4)))]


def as_arguments(thresholds):
    return {"thresholds": sum(thresholds, []), "ends": len(thresholds[0]) if thresholds else 2}


def same_kind(thresholds):
    return [ends for ends in thresholds if len(ends) == len(thresholds[0])]


def check_statistics(asker, rng, image):
    format = image.format
    thresholds = same_kind(draw_thresholds(rng, format)) if rng.integers(0, 2) else []
    invert = bool(rng.integers(0, 2))
    bins = [largest - least + 1 if rng.integers(0, 2) else int(rng.integers(2, 40)) for least, largest in RANGES[format]]
    arguments = as_arguments(thresholds) | {"invert": invert} | dict(zip(("l_bins", "a_bins", "b_bins"), bins))
    share = float(F(rng.choice([0, 0.1, 0.5, 0.95, 1])))
    arguments["percentile"] = share
    images, pixels = [image], image.pixels
    if rng.integers(0, 3) == 0:
        other = noise(rng, format, image.width, image.height)
        images.append(other)
        pixels = combine(format, "difference", pixels, other.pixels)
    if rng.integers(0, 3) == 0:
        x, y = int(rng.integers(-3, image.width)), int(rng.integers(-3, image.height))
        w, h = int(rng.integers(4, image.width + 5)), int(rng.integers(4, image.height + 5))
        arguments["roi"] = (x, y, w, h)
        pixels = pixels[max(y, 0) : y + h, max(x, 0) : x + w]
    found = histogram(format, pixels, thresholds, invert, bins)
    per = [statistics(b, *r) for b, r in zip(found, RANGES[format])] + [[0] * 8] * 2
    tuple_ = per[0] + per[0] + per[1] + per[2]
    fill = lambda numbers: tuple((numbers + [0, 0])[:3])
    percentiles = fill([percentile(b, *r, share) for b, r in zip(found, RANGES[format])])
    thresholds_found = fill([otsu(b, *r) for b, r in zip(found, RANGES[format])])
    bits = [[int(n) for n in b.view(np.uint32)] for b in found] + [[], []]
    expected = f"{tuple_} {percentiles} {thresholds_found} {bits[0]} {bits[1]} {bits[2]}"
    asker.line("statistics", arguments, images, expected)


def binarize(image, thresholds, invert, zero, mask):
    chosen = np.zeros(image.pixels.shape, bool)
    for ends in thresholds:
        chosen |= holds(image.format, image.pixels, ends) != invert
    pixels = np.where(chosen, 0, image.pixels) if zero else np.where(chosen, WHITE[image.format], 0)
    return Image(image.format, pixels if mask is None else np.where(mask.pixels > 0, pixels, image.pixels))


def with_level(format, pixels, levels):
    if format != "rgb565":
        return levels
    _, u, v = yuv(pixels)
    r = levels + (91881 * v >> 16)
    g = levels - (22554 * u + 46802 * v >> 16)
    b = levels + (116130 * u >> 16)
    return pack(*(np.clip(c, 0, 255) for c in (r, g, b)))


def equalize(image):
    most = 1 if image.format == "binary" else 255
    levels = level(image.format, image.pixels)
    sums = np.bincount(levels.ravel(), minlength=256).cumsum()
    scale = F(most) / F(image.width * image.height)
    table = np.minimum(np.floor(scale * sums.astype(F)), most).astype(np.int64)
    return Image(image.format, with_level(image.format, image.pixels, table[levels]))


def gamma(image, gamma, contrast, brightness):
    def of(channel, most):
        share = np.arange(most + 1).astype(F) / F(most)
        power = (share.astype(np.float64) ** np.float64(F(1) / F(gamma))).astype(F)
        table = np.clip(np.floor((power * F(contrast) + F(brightness)) * F(most)), 0, most).astype(np.int64)
        return table[channel]

    channels = [of(c, most) for c, most in zip(split(image.format, image.pixels), MOST[image.format])]
    return Image(image.format, join(image.format, channels))


def balance(image, largest):
    r, g, b = parts(image.pixels)
    of = np.max if largest else np.sum
    red, green, blue = int(of(r)) * 2, int(of(g)), int(of(b)) * 2
    scaled = lambda c, own: np.minimum((c * green + own // 2) // own, 31) if own else c
    return Image("rgb565", join("rgb565", [scaled(r, red), g, scaled(b, blue)]))


def check(asker, rng):
    for _ in range(3):
        for image in drawn(rng):
            check_statistics(asker, rng, image)
    for image in drawn(rng):
        thresholds = same_kind(draw_thresholds(rng, image.format))
        invert, zero = bool(rng.integers(0, 2)), bool(rng.integers(0, 2))
        mask = noise(rng, "binary", image.width, image.height) if rng.integers(0, 2) else None
        arguments = as_arguments(thresholds) | {"invert": invert, "zero": zero}
        masks = [mask] if mask else []
        asker.image("binarize", arguments, [image] + masks, binarize(image, thresholds, invert, zero, mask))
        expected = equalize(image)
        if mask:
            expected = Image(image.format, np.where(mask.pixels > 0, expected.pixels, image.pixels))
        asker.image("equalize", {}, [image] + masks, expected)
        numbers = [float(F(n)) for n in (rng.choice([0.5, 1, 2.2]), rng.choice([1, 1.5]), rng.choice([0, 0.1, -0.2]))]
        names = dict(zip(("gamma", "contrast", "brightness"), numbers))
        asker.image("gamma", names, [image], gamma(image, *numbers))
        if image.format == "rgb565":
            asker.image("white_balance", {"max": zero}, [image], balance(image, zero))
    image = noise(rng, "grey", 8, 8)
    asker.refused("statistics", {"roi": (9, 9, 1, 1)}, [image], "shares no pixel")
    asker.refused("statistics", {"l_bins": 1}, [image], "l_bins is 1; expected 2 to 256")
    asker.refused("gamma", {"gamma": 0.0}, [image], "gamma is 0")
