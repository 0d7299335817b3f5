"""Cascades, local binary patterns, pictures of gradients, disparity, straight from their rules."""

import numpy as np

from asker import Image, drawn, noise, shapes, slope
from colours import to_grey
from drawing import Canvas, line
from filtering import F


# Cascades


def cascade(rng):
    """A file of few stages whose windows pass now and then."""
    w, h = (int(n) for n in rng.integers(4, 13, 2))
    stages = [int(n) for n in rng.integers(1, 5, int(rng.integers(1, 4)))]
    nodes = sum(stages)
    rects = []
    for _ in range(nodes):
        node = []
        for _ in range(int(rng.integers(2, 4))):
            x, y = int(rng.integers(0, w)), int(rng.integers(0, h))
            place = (x, y, int(rng.integers(1, w - x + 1)), int(rng.integers(1, h - y + 1)))
            node.append((place, int(rng.integers(-3, 4))))
        rects.append(node)
    return {
        "window": (w, h),
        "stages": stages,
        "limits": [int(n) for n in rng.integers(-300, 100, len(stages))],
        "nodes": [int(n) for n in rng.integers(-9000, 9000, nodes)],
        "left": [int(n) for n in rng.integers(-200, 300, nodes)],
        "right": [int(n) for n in rng.integers(-200, 300, nodes)],
        "rects": rects,
    }


def cascade_file(c, pad):
    words = [*c["window"], len(c["stages"])]
    data = np.array(words, "<u4").tobytes() + bytes(c["stages"])
    data += bytes(-len(data) % pad)
    for name in ("limits", "nodes", "left", "right"):
        data += np.array(c[name], "<i2").tobytes()
    data += bytes(len(node) for node in c["rects"])
    every = [rect for node in c["rects"] for rect in node]
    data += np.array([weight for _, weight in every], np.int8).tobytes()
    return data + bytes(number for place, _ in every for number in place)


def wrapped(value):
    """As 32 bits with a sign."""
    return (int(value) + 2**31) % 2**32 - 2**31


def passes(c, stages, plain, squares, x, y, threshold):
    w, h = c["window"]
    over = lambda sums, x, y, w, h: int(sums[y + h, x + w] - sums[y, x + w] - sums[y + h, x] + sums[y, x]) % 2**32
    n = w * h
    total, total_squares = over(plain, x, y, w, h), over(squares, x, y, w, h)
    if (total_squares // n - (total // n) ** 2) % 2**32 < 2500:
        return False
    deviation = int(np.sqrt(F((total_squares * n - total * total) % 2**32)))
    node = 0
    for stage, count in enumerate(c["stages"][:stages]):
        score = 0
        for _ in range(count):
            response = 0
            for (rx, ry, rw, rh), weight in c["rects"][node]:
                response = wrapped(response + wrapped(over(plain, x + rx, y + ry, rw, rh)) * weight * 4096)
            side = "right" if response >= wrapped(c["nodes"][node] * deviation) else "left"
            score += c[side][node]
            node += 1
        if F(score) < F(F(threshold) * F(c["limits"][stage])):
            return False
    return True


def features(image, c, roi, stages, threshold, scale):
    left, top, across, down = roi
    grey = to_grey(image.format, image.pixels).astype(np.int64)[top : top + down, left : left + across]
    w, h = c["window"]
    found, factor, step = [], F(1), min(across * 50 // 1000, h)
    while True:
        width, height = int(F(across) / factor), int(F(down) / factor)
        if width < w or height < h:
            break
        step = max(int(F(step) / factor), 1)
        xs = np.minimum(np.arange(width) * ((across << 16) // width + 1) >> 16, across - 1)
        ys = np.minimum(np.arange(height) * ((down << 16) // height + 1) >> 16, down - 1)
        small = grey[np.ix_(ys, xs)]
        plain, squares = (a.cumsum(0).cumsum(1) for a in (small, small * small))
        for y in range(0, height - h, step):
            for x in range(0, width - w, step):
                if passes(c, stages, plain, squares, x, y, threshold):
                    scaled = [int(np.rint(F(F(n) * factor))) for n in (x, y, w, h)]
                    found.append((scaled[0] + left, scaled[1] + top, scaled[2], scaled[3]))
        factor = F(factor * F(scale))
    meet = lambda a, b: a[0] < b[0] + b[2] and a[1] < b[1] + b[3] and a[0] + a[2] > b[0] and a[1] + a[3] > b[1]
    merged = []
    while found:
        first = found[0]
        group = [first] + [other for other in found[1:] if meet(first, other)]
        found = [other for other in found[1:] if not meet(first, other)]
        merged.append(tuple(int(np.trunc(sum(each) / len(group))) for each in zip(*group)))
    return str(merged)


# Local binary patterns


def uniform():
    table, used = [], 0
    for pattern in range(256):
        bits = [pattern >> bit & 1 for bit in range(8)]
        even = sum(a != b for a, b in zip(bits, bits[1:] + bits[:1])) <= 2
        table.append(used if even else 58)
        used += even
    return table


TABLE = uniform()
WEIGHTS = "2111112 2441442 1110111 0110110 0111110 0112110 0111110".replace(" ", "")


def lbp(image, roi):
    left, top, w, h = roi
    p = image.pixels
    counts = np.zeros(49 * 59, np.int64)
    around = [(0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2), (0, 1)]
    for y in range(h - 3):
        for x in range(w - 3):
            ring = [p[top + y + dy, left + x + dx] >= p[top + y + 1, left + x + 1] for dx, dy in around]
            pattern = sum(int(bit) << at for at, bit in enumerate(ring))
            at = (y // (h // 7) * 7 + x // (w // 7)) * 59 + TABLE[pattern]
            if at < len(counts):
                counts[at] += 1
    return (counts % 256).astype(np.uint8)


def distance(a, b):
    a, b = a.astype(int), b.astype(int)
    terms = (a - b) ** 2 // np.maximum(a + b, 1)
    return int((terms.reshape(49, 59).sum(1) * [int(weight) for weight in WEIGHTS]).sum())


# Pictures of gradients


def hog(image, roi, size):
    left, top, w, h = roi
    p = image.pixels
    canvas = Canvas(Image("grey", np.zeros_like(p)))
    strengths = {}
    columns, rows = -(-(w // size) // 2), -(-(h // size) // 2)
    for row in range(rows):
        for column in range(columns):
            cells, total = np.zeros((4, 9), F), F(0)
            for dy in range(2 * size):
                for dx in range(2 * size):
                    x, y = left + 2 * size * column + dx, top + 2 * size * row + dy
                    if not (0 < x < left + w - 1 and 0 < y < top + h - 1):
                        continue
                    a, b = int(p[y, x + 1] - p[y, x - 1]), int(p[y + 1, x] - p[y - 1, x])
                    m = np.sqrt(F(a * a + b * b))
                    if m >= 2:
                        total = F(total + F(m * m))
                        turn = F(F(F(np.arctan2(float(a), float(b))) * F(180)) / F(np.pi))
                        cell = dy // size * 2 + dx // size
                        cells[cell, int(abs(turn)) // 20 % 9] += m
            k = np.sqrt(total)
            for cell in range(4):
                place = (2 * column + cell % 2, 2 * row + cell // 2)
                strengths[place] = [min(int(F(F(v / k) * F(255))), 255) if k else 0 for v in cells[cell]]
    half = F(size // 2)
    for row in range(rows):
        for column in range(columns):
            for cell in range(4):
                place = (2 * column + cell % 2, 2 * row + cell // 2)
                cx, cy = left + place[0] * size + size // 2, top + place[1] * size + size // 2
                for strength, at in sorted((v, at) for at, v in enumerate(strengths[place])):
                    cos, sin = (F(f(np.radians(20 * at))) for f in (np.cos, np.sin))
                    x, y = int(half * cos), int(half * sin)
                    line(canvas, cx - x, cy + y, cx + x, cy - y, strength)
    return canvas.image


# Disparity


def disparity(image, reversed, most, threshold):
    half = image.width // 2
    left, right = image.pixels[:, :half], image.pixels[:, half : 2 * half]
    if reversed:
        left, right = right, left
    result = image.pixels.copy()
    for y in range(image.height):
        ys = np.clip(np.arange(y - 1, y + 3), 0, image.height - 1)
        for x in range(half):
            xs = np.clip(np.arange(x - 1, x + 3), 0, half - 1)
            best = None
            for shift in range(0, min(most, half - 1 - x) + 1):
                others = np.clip(np.arange(x - 1, x + 3) + shift, 0, half - 1)
                sum = int(abs(left[np.ix_(ys, xs)] - right[np.ix_(ys, others)]).sum())
                if best is None or sum < best[0]:
                    best = (sum, shift)
                if best[0] <= threshold:
                    break
            result[y, x + (0 if reversed else half)] = best[1] * (255 // most)
    return Image("grey", result)


def part(rng, image):
    w, h = int(rng.integers(1, image.width + 1)), int(rng.integers(1, image.height + 1))
    return int(rng.integers(0, image.width - w + 1)), int(rng.integers(0, image.height - h + 1)), w, h


def check(asker, rng):
    for image in drawn(rng, sizes=[(1, 1), (9, 7), (17, 13), (40, 31), (65, 48)]):
        for kind in (image, noise(rng, image.format, image.width, image.height)):
            c = cascade(rng)
            data = cascade_file(c, int(rng.choice([1, 2, 4])))
            file = Image("grey", np.frombuffer(data, np.uint8).reshape(1, -1))
            roi = part(rng, kind) if rng.integers(0, 2) else (0, 0, kind.width, kind.height)
            how = {"threshold": float(rng.choice([0.25, 0.5, 1])), "scale": float(rng.choice([1.25, 1.5, 2]))}
            stages = int(rng.integers(1, len(c["stages"]) + 1))
            expected = features(kind, c, roi, stages, **how)
            asker.line("features", how | {"roi": roi, "stages": stages}, [kind, file], expected)
    for image in drawn(rng, ("grey",), [(7, 7), (14, 21), (33, 29), (64, 48), (65, 50)] * 2):
        other = slope(rng, "grey", image.width, image.height)
        bins = lbp(image, (0, 0, image.width, image.height))
        other_bins = lbp(other, (0, 0, image.width, image.height))
        asker.line("lbp_distance", {}, [image, other], str(distance(bins, other_bins)))
        roi = part(rng, image)
        if min(roi[2:]) >= 7:
            expected = lbp(image, roi).tobytes()
            judge = lambda data, expected=expected: None if data == expected else "bins differ"
            asker.ask("lbp", {"roi": roi}, [image], judge)
        size = int(rng.choice([2, 4, 8]))
        asker.image("hog", {"size": size, "roi": roi}, [image], hog(image, roi, size))
    for image in drawn(rng, ("grey",), [(2, 1), (9, 7), (16, 9), (33, 12), (48, 20)]):
        pair = image.copy()
        half = image.width // 2
        pair.pixels[:, half : 2 * half] = np.roll(pair.pixels[:, :half], 3, axis=1)
        for kind in (image, pair):
            how = {"max_disparity": int(rng.choice([1, 7, 64])), "threshold": int(rng.choice([0, 64]))}
            reversed = bool(rng.integers(0, 2))
            expected = disparity(kind, reversed, how["max_disparity"], how["threshold"])
            asker.image("disparity", how | {"reversed": reversed}, [kind], expected)
    image = shapes(rng, "grey", 20, 20)
    asker.refused("features", {}, [image, Image("grey", np.zeros((1, 40)))], "a window of 1 to 255 pixels")
    asker.refused("lbp", {"roi": (0, 0, 6, 20)}, [image], "at least 7 pixels")
    asker.refused("hog", {"size": 1}, [image], "size is 1")
    asker.refused("disparity", {"max_disparity": 0}, [image], "max_disparity is 0")
