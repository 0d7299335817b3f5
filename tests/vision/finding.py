"""Blobs, lines, circles, edges, templates, similarity, the middle of an eye, straight from their definitions."""

import math

import numpy as np

from asker import Image, SIZES, drawn, noise, shapes, slope
from colours import level, to_grey
from counting import as_arguments, draw_thresholds, holds, same_kind
from drawing import cut
from filtering import F, erode, windows

DEGREES = np.arange(360)
COS = np.cos(np.radians(DEGREES)).astype(F)
SIN = np.sin(np.radians(DEGREES)).astype(F)
COS[[90, 270]] = 0
SIN[[0, 180]] = 0
DEGREE = F(57.29578)


def angle(y, x):
    """0 to 2 pi, in single precision."""
    a = F(np.arctan2(np.float64(F(y)), np.float64(F(x))))
    return F(a + F(2 * math.pi)) if a < 0 else a


def rint(x):
    return int(np.rint(x))


# Blobs


def moving(old, new, count):
    return int((new + count * old) / (count + 1))


class Blob:
    """Sums over the pixels of one blob, in the order in which they are reached."""

    def __init__(self):
        self.pixels = []
        self.runs = []
        self.perimeter = 0

    def finish(self, code):
        xs = np.array([x for x, _ in self.pixels], np.int64)
        ys = np.array([y for _, y in self.pixels], np.int64)
        n = len(xs)
        self.n, self.code, self.count = n, 1 << code, 1
        self.box = (int(xs.min()), int(ys.min()), int(xs.max()), int(ys.max()))
        half = lambda total: int(np.rint(total / n)) if (2 * total) % n or (2 * total // n) % 2 == 0 else even(total, n)
        mx, my = half(int(xs.sum())), half(int(ys.sum()))
        a, b, c = int(((xs - mx) ** 2).sum()), int(((xs - mx) * (ys - my)).sum()), int(((ys - my) ** 2).sum())
        self.x, self.y = F(F(int(xs.sum())) / F(n)), F(F(int(ys.sum())) / F(n))
        self.rotation = F(0) if a == c else F(angle(2 * b, a - c) / F(2))
        a, b, c = F(a), F(b), F(c)
        length = np.sqrt(F(b * b) + F((a - c) * (a - c)))
        if length:
            along, across = abs(F((a - c) / length) * F((a - c) / F(2))), abs(F(b / length) * F(b / F(2)))
        else:
            along = across = F(0)
        middle = F((a + c) / F(2))
        most = F(F(middle + along) + across)
        self.round = F(F(F(middle - along) - across) / most) if most else F(0)
        self.sums = [self.x * F(n), self.y * F(n), F(np.cos(self.rotation)) * F(n), F(np.sin(self.rotation)) * F(n), self.round * F(n)]
        self.hull = [self.corner(i * 18) for i in range(20)]
        return self

    def corner(self, degrees):
        cos, sin = COS[degrees], SIN[degrees]
        best, place, count = None, None, 0
        for left, right, y in self.runs:
            x = left if cos > 0 else right if cos < 0 else (left + right) * (right - left + 1) // 2 // (right - left + 1)
            reach = F(F(F(x) * cos) + F(F(y) * sin))
            if best is None or reach < best:
                best, place, count = reach, (x, y), 1
            elif reach == best:
                place = (moving(place[0], x, count), moving(place[1], y, count))
                count += 1
        return place

    def merge(self, other):
        for i, (own, new) in enumerate(zip(self.hull, other.hull)):
            reach = lambda p: F(F(p[0]) * COS[i * 18]) + F(F(p[1]) * SIN[i * 18])
            if reach(new) < reach(own):
                self.hull[i] = new
        a, b = self.box, other.box
        self.box = (min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3]))
        self.n += other.n
        self.perimeter += other.perimeter
        self.code |= other.code
        self.count += other.count
        self.sums = [F(p + q) for p, q in zip(self.sums, other.sums)]
        x, y, cos, sin, self.round = [F(s / F(self.n)) for s in self.sums]
        self.x, self.y, self.rotation = x, y, angle(sin, cos)

    def text(self, bins):
        left, top, right, bottom = self.box
        whole = (left, top, right - left + 1, bottom - top + 1, rint(self.x), rint(self.y), self.n)
        floats = " ".join(f"{value:.4f}" for value in (self.x, self.y, self.rotation, self.round))
        corners = [self.hull[i] for i in (0, 5, 10, 15)]
        return f"{whole} {floats} {(self.code, self.count, self.perimeter)} {corners} {bins[0]} {bins[1]}\n"


def even(total, n):
    quotient = total // n
    return quotient if quotient % 2 == 0 else quotient + 1


def fill(seed, free, inside):
    """Follows runs upward, then downward, depth first. `free(x, y)`: holds and not taken yet."""
    x0, y0, x1, y1 = inside
    blob, taken = Blob(), set()

    def run(x, y):
        left = right = x
        while left > x0 and free(left - 1, y) and (left - 1, y) not in taken:
            left -= 1
        while right < x1 and free(right + 1, y) and (right + 1, y) not in taken:
            right += 1
        for i in range(left, right + 1):
            taken.add((i, y))
            blob.pixels.append((i, y))
        blob.runs.append((left, right, y))
        return [(left, right, y), iter([(i, y - 1) for i in range(left, right + 1)] + [(i, y + 1) for i in range(left, right + 1)])]

    stack = [run(*seed)]
    while stack:
        for place in stack[-1][1]:
            if y0 <= place[1] <= y1 and place not in taken and free(*place):
                stack.append(run(*place))
                break
        else:
            stack.pop()
    return blob, taken


def perimeter(blob, taken_before, hold, inside):
    """Two for each run, and what lies above and below its inner pixels and does not belong."""
    x0, y0, x1, y1 = inside
    total = 0
    for left, right, y in blob.runs:
        total += 2
        for row in (y - 1, y + 1):
            if not y0 <= row <= y1:
                total += right - left + 1
            else:
                total += sum(not hold[row, x] and (x, row) not in taken_before for x in range(left + 1, right))
    return total


def histogram(counts, most):
    if not most:
        return []
    size = min(most, len(counts))
    scale = F(F(size) / F(len(counts)))
    result = [0] * size
    for i, count in enumerate(counts):
        result[int(np.floor(F(i) * scale))] += int(count)
    return result


def blobs(image, thresholds, invert, roi, x_stride, y_stride, area, pixels, merge, margin, most):
    x0, y0, x1, y1 = roi
    taken, found = set(), []
    for code, ends in enumerate(thresholds):
        hold = holds(image.format, image.pixels, ends) != invert
        for y in range(y0, y1 + 1, y_stride):
            for x in range(x0 + y % x_stride, x1 + 1, x_stride):
                if hold[y, x] and (x, y) not in taken:
                    free = lambda i, j: hold[j, i] and (i, j) not in taken
                    blob, members = fill((x, y), free, roi)
                    blob.perimeter = perimeter(blob, taken, hold, roi)
                    taken |= members
                    blob.finish(code)
                    left, top, right, bottom = blob.box
                    if (right - left + 1) * (bottom - top + 1) >= area and blob.n >= pixels:
                        xs, ys = zip(*blob.pixels)
                        blob.bins = (
                            histogram(np.bincount(np.array(xs) - left), most[0]),
                            histogram(np.bincount(np.array(ys) - top), most[1]),
                        )
                        found.append(blob)
    while merge:
        before, rest, merged = len(found), found, []
        while rest:
            blob, others, rest = rest[0], rest[1:], []
            for other in others:
                a, b = blob.box, other.box
                near = a[0] <= b[2] + margin and b[0] - margin <= a[2] and a[1] <= b[3] + margin and b[1] - margin <= a[3]
                if near:
                    blob.merge(other)
                else:
                    rest.append(other)
            merged.append(blob)
        found = merged
        if len(found) == before:
            break
    return "".join(blob.text(([], []) if merge else blob.bins) for blob in found)


def check_blobs(asker, rng, image):
    thresholds = same_kind(draw_thresholds(rng, image.format))
    merge = bool(rng.integers(0, 2))
    arguments = as_arguments(thresholds) | {
        "invert": bool(rng.integers(0, 2)),
        "x_stride": int(rng.integers(1, 4)),
        "y_stride": int(rng.integers(1, 3)),
        "area_threshold": int(rng.choice([0, 1, 10])),
        "pixels_threshold": int(rng.choice([0, 1, 10])),
        "merge": merge,
        "margin": int(rng.choice([0, 0, 1, 5])),
        "x_bins": 0 if merge else int(rng.choice([0, 3, 100])),
        "y_bins": 0 if merge else int(rng.choice([0, 2, 100])),
    }
    roi = (0, 0, image.width - 1, image.height - 1)
    if rng.integers(0, 3) == 0:
        x, y = int(rng.integers(-2, image.width)), int(rng.integers(-2, image.height))
        w, h = int(rng.integers(3, image.width + 4)), int(rng.integers(3, image.height + 4))
        arguments["roi"] = (x, y, w, h)
        roi = (max(x, 0), max(y, 0), min(x + w, image.width) - 1, min(y + h, image.height) - 1)
    expected = blobs(
        image,
        thresholds,
        arguments["invert"],
        roi,
        arguments["x_stride"],
        arguments["y_stride"],
        arguments["area_threshold"],
        arguments["pixels_threshold"],
        merge,
        arguments["margin"],
        (arguments["x_bins"], arguments["y_bins"]),
    )
    asker.line("blobs", arguments, [image], expected)


# Gradients


def sobel(image):
    """Arrays of the inner pixels' gradients; zero at the edge."""
    p = to_grey(image.format, image.pixels).astype(np.int64)
    gx, gy = np.zeros_like(p), np.zeros_like(p)
    if min(p.shape) >= 3:
        gx[1:-1, 1:-1] = p[:-2, :-2] - p[:-2, 2:] + 2 * (p[1:-1, :-2] - p[1:-1, 2:]) + p[2:, :-2] - p[2:, 2:]
        gy[1:-1, 1:-1] = p[:-2, :-2] + 2 * p[:-2, 1:-1] + p[:-2, 2:] - p[2:, :-2] - 2 * p[2:, 1:-1] - p[2:, 2:]
    return gx, gy


def voters(width, height, x_stride, y_stride):
    for y in range(1, height - 1, y_stride):
        for x in range(1 + y % x_stride, width - 1, x_stride):
            yield x, y


def direction(gx, gy, turn):
    return rint((angle(gy, gx) if gx else F(1.570796)) * DEGREE) % turn


def in_frame(theta, rho, width, height):
    cos, sin, rho_ = COS[theta], SIN[theta], F(rho)
    if 45 <= theta < 135:
        at = lambda x: rint(F(F(rho_ - F(F(x) * cos)) / sin))
        ends = (0, at(0), width - 1, at(width - 1))
    else:
        at = lambda y: rint(F(F(rho_ - F(F(y) * sin)) / cos))
        ends = (at(0), 0, at(height - 1), height - 1)
    return cut(*ends, width, height)


def line_tuple(ends, magnitude, theta, rho):
    x1, y1, x2, y2 = ends
    return [x1, y1, x2, y2, rint(np.sqrt(F((x2 - x1) ** 2 + (y2 - y1) ** 2))), magnitude, theta, rho]


def peaks(votes, threshold):
    """Cells not below any neighbour, row by row."""
    padded = np.pad(votes, 1)
    around = [padded[j : j + votes.shape[0], i : i + votes.shape[1]] for j in range(3) for i in range(3)]
    return np.argwhere((votes >= max(threshold, 1)) & (votes >= np.max(around, axis=0)))


def lines(image, x_stride, y_stride, threshold, theta_margin, rho_margin):
    gx, gy = sobel(image)
    half = rint(np.sqrt(F(image.width**2 + image.height**2)))
    votes = np.zeros((2 * half + 1, 180), np.int64)
    for x, y in voters(image.width, image.height, x_stride, y_stride):
        a, b = int(gx[y, x]), int(gy[y, x])
        magnitude = (abs(a) + abs(b)) // 2
        if magnitude >= 126:
            theta = direction(a, b, 180)
            rho = rint(F(F(x) * COS[theta]) + F(F(y) * SIN[theta]))
            votes[rho + half, theta] += magnitude
    # The outermost distances are never peaks.
    found = [[int(votes[r, t]), int(t), int(r) - half] for r, t in peaks(votes, threshold) if 0 < r < 2 * half]
    forward = lambda t, r: (t + 180, -r) if r < 0 else (t, r)
    while True:
        before, rest, merged = len(found), found, []
        while rest:
            (m0, t0, r0), others, rest = rest[0], rest[1:], []
            for other in others:
                m1, t1, r1 = other
                (ft0, fr0), (ft1, fr1) = forward(t0, r0), forward(t1, r1)
                turn = abs(ft0 - ft1)
                turn = 360 - turn if turn >= 180 else turn
                if turn < theta_margin and abs(fr0 - fr1) < rho_margin:
                    total = F(m0 + m1)
                    mean = lambda table: F(F(F(table[ft0] * F(m0)) + F(table[ft1] * F(m1))) / total)
                    t0 = rint(angle(mean(SIN), mean(COS)) * DEGREE) % 360
                    r0 = (fr0 * m0 + fr1 * m1) // (m0 + m1)
                    m0 = (m0 + m1) // 2
                    if t0 >= 180:
                        t0, r0 = t0 - 180, -r0
                else:
                    rest.append(other)
            merged.append([m0, t0, r0])
        found = merged
        if len(found) == before:
            break
    ends = [(in_frame(t, r, image.width, image.height), m, t, r) for m, t, r in found]
    return str([line_tuple(*each) for each in ends if each[0]])


def circles(image, x_stride, y_stride, threshold, r_min, r_step):
    gx, gy = sobel(image)
    width, height = image.width, image.height
    edge = []
    for x, y in voters(width, height, x_stride, y_stride):
        a, b = int(gx[y, x]), int(gy[y, x])
        magnitude = rint(np.sqrt(F(a * a + b * b)))
        if magnitude:
            edge.append((x, y, direction(a, b, 360), magnitude))
    away = lambda value: int(math.copysign(math.floor(abs(float(value)) + 0.5), value))
    found = []
    for r in range(r_min, min(width, height) // 2, r_step):
        w, h = width - 2 * r, height - 2 * r
        if w <= 0 or h <= 0:
            break
        votes = np.zeros((h, w), np.int64)
        for x, y, theta, magnitude in edge:
            dx, dy = away(F(r) * COS[theta]), away(F(r) * SIN[theta])
            for sign in (1, -1):
                i, j = x + sign * dx - r, y + sign * dy - r
                if 0 <= i < w and 0 <= j < h:
                    votes[j, i] += magnitude
        found += [[int(i) + r, int(j) + r, r, int(votes[j, i])] for j, i in peaks(votes, threshold)]
    while True:
        before, rest, merged = len(found), found, []
        while rest:
            own, others, rest = rest[0], rest[1:], []
            for other in others:
                if all(abs(p - q) < 10 for p, q in zip(own[:3], other[:3])):
                    m, n = own[3], other[3]
                    own = [(p * m + q * n) // (m + n) for p, q in zip(own[:3], other[:3])] + [(m + n) // 2]
                else:
                    rest.append(other)
            merged.append(own)
        found = merged
        if len(found) == before:
            break
    return str([tuple(circle) for circle in found])


def canny(image, roi, low, high):
    binomial = np.outer((1, 2, 1), (1, 2, 1)).reshape(-1, 1, 1)
    smooth = (windows(image.pixels, 1) * binomial).sum(axis=0) // 16
    x0, y0, x1, y1 = roi
    part = Image("grey", smooth[y0 : y1 + 1, x0 : x1 + 1])
    gx, gy = sobel(part)
    length = np.sqrt((gx * gx + gy * gy).astype(float)).astype(int)
    degrees = np.abs(np.arctan2(gy.astype(F), gx.astype(F)) * F(180) / F(math.pi)).astype(int)
    sector = np.searchsorted([22, 67, 112, 160], degrees, side="right") % 4
    result = smooth.copy()
    steps = [((0, -1), (0, 1)), ((1, -1), (-1, 1)), ((1, 0), (-1, 0)), ((1, 1), (-1, -1))]
    for y in range(part.height):
        for x in range(part.width):
            edge = 0 < x < part.width - 1 and 0 < y < part.height - 1 and length[y, x] >= low
            edge = edge and (length[y - 1 : y + 2, x - 1 : x + 2] >= high).any()
            edge = edge and all(length[y, x] > length[y + j, x + i] for j, i in steps[sector[y, x]])
            result[y0 + y, x0 + x] = 255 if edge else 0
    return Image("grey", result)


def simple(image, low, high):
    kernel = np.array([-1] * 4 + [8] + [-1] * 4).reshape(-1, 1, 1)
    passed = np.clip((windows(image.pixels, 1) * kernel).sum(axis=0), 0, 255)
    return erode(Image("grey", np.where((passed >= low) & (passed <= high), 255, 0)), 1, 2)


def regression(image, thresholds, invert):
    xs, ys = [], []
    for ends in thresholds:
        hold = holds(image.format, image.pixels, ends) != invert
        for y in range(image.height):
            for x in range(y % 2, image.width, 2):
                if hold[y, x]:
                    xs.append(x)
                    ys.append(y)
    if not xs or (max(xs) - min(xs)) * (max(ys) - min(ys)) < 10 or len(xs) < 10:
        return str([0] * 8)
    xs, ys = np.array(xs, object), np.array(ys, object)
    mx, my = sum(xs) // len(xs), sum(ys) // len(ys)
    a, b, c = sum((xs - mx) ** 2), sum((xs - mx) * (ys - my)), sum((ys - my) ** 2)
    half_pi = F(1.5707964)
    theta = rint(F((F(angle(2 * b, a - c) / F(2)) if a != c else half_pi) + half_pi) * DEGREE) % 180
    rho = rint(F(F(F(mx) * COS[theta]) + F(F(my) * SIN[theta])))
    half = F(F(a + c) / F(2))
    spread = F(np.sqrt(F(F(F(4) * F(b)) * F(b)) + F(F(a - c) * F(a - c))) / F(2))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.sqrt(F(half + spread)) / np.sqrt(max(F(half - spread), F(0)))
    magnitude = 2**31 - 2 if np.isinf(ratio) else 0 if np.isnan(ratio) else max(rint(ratio) - 1, 0)
    ends = in_frame(theta, rho, image.width, image.height)
    return str(line_tuple(ends, magnitude, theta, rho) if ends else [0] * 8)


def similarity(image, other, dissimilar):
    most = F(1 if image.format == "binary" else 255)
    c1, c2 = F((most * F(0.01)) * (most * F(0.01))), F((most * F(0.03)) * (most * F(0.03)))
    one, two = level(image.format, image.pixels), level(image.format, other.pixels)
    values = []
    for y in range(0, image.height, 8):
        for x in range(0, image.width, 8):
            a, b = one[y : y + 8, x : x + 8].astype(np.int64), two[y : y + 8, x : x + 8].astype(np.int64)
            n = F(a.size)
            mx, my = F(F(a.sum()) / n), F(F(b.sum()) / n)
            vx = F(F((a * a).sum()) - F(F(n * mx) * mx))
            vy = F(F((b * b).sum()) - F(F(n * my) * my))
            vxy = F(F((a * b).sum()) - F(F(n * mx) * my))
            top = F(F(F(F(F(2) * mx) * my) + c1) * F(F(F(2) * vxy) + c2))
            low = F(F(F(F(mx * mx) + F(my * my)) + c1) * F(F(vx + vy) + c2))
            value = F(top / low)
            values.append(F(F(F(1) - value) / F(2)) if dissimilar else value)
    total = squares = F(0)
    for value in values:
        total, squares = F(total + value), F(squares + F(value * value))
    mean = F(total / F(len(values)))
    deviation = np.sqrt(max(F(F(squares / F(len(values))) - F(mean * mean)), F(0)))
    return str([int(F(value).view(np.uint32)) for value in (mean, deviation, min(values), max(values))])


def template(image, part, step, threshold):
    t = part.pixels
    t_mean = int(t.sum()) // t.size
    t_spread = int(((t - t_mean) ** 2).sum())
    best = (F(0), 0, 0)
    for y in range(0, image.height - part.height + 1, step):
        for x in range(0, image.width - part.width + 1, step):
            f = image.pixels[y : y + part.height, x : x + part.width]
            exact = F(F(f.sum()) / F(f.size))
            mean = int(exact)
            top = int(((f - mean) * (t - t_mean)).sum())
            spread = int(max(F(F((f * f).sum()) - F(F(f.sum()) * exact)), F(0)))
            low = F(np.sqrt(F(spread)) * np.sqrt(F(t_spread)))
            value = F(F(top) / low) if low else F(0)
            if value > best[0]:
                best = (value, x, y)
    return f"{best[1]} {best[2]} {int(best[0].view(np.uint32))}" if best[0] > threshold else "none"


def check(asker, rng):
    for _ in range(4):
        for image in drawn(rng):
            check_blobs(asker, rng, image)
    for image in drawn(rng, sizes=[(1, 1), (2, 9), (9, 2), (3, 3), (17, 13), (40, 31), (64, 48)]):
        kind = shapes(rng, image.format, image.width, image.height) if rng.integers(0, 3) else image
        strides = {"x_stride": int(rng.integers(1, 4)), "y_stride": int(rng.integers(1, 3))}
        arguments = strides | {"threshold": int(rng.choice([200, 1000]))}
        margins = {"theta_margin": int(rng.choice([0, 25])), "rho_margin": int(rng.choice([0, 25]))}
        asker.line("lines", arguments | margins, [kind], lines(kind, **arguments, **margins))
        arguments = strides | {"threshold": int(rng.choice([500, 2000])), "r_min": 2, "r_step": int(rng.integers(1, 3))}
        asker.line("circles", arguments, [kind], circles(kind, **arguments))
        thresholds = same_kind(draw_thresholds(rng, image.format))
        invert = bool(rng.integers(0, 2))
        arguments = as_arguments(thresholds) | {"invert": invert}
        asker.line("regression", arguments, [kind], regression(kind, thresholds, invert))
        other = slope(rng, image.format, image.width, image.height)
        dissimilar = {"dissimilar": bool(rng.integers(0, 2))}
        asker.line("similarity", dissimilar, [kind, other], similarity(kind, other, **dissimilar))
        asker.line("similarity", dissimilar, [kind, kind], similarity(kind, kind, **dissimilar))
    for image in drawn(rng, ("grey",), SIZES * 2):
        low, high = sorted(int(n) for n in rng.integers(10, 250, 2))
        w, h = int(rng.integers(1, image.width + 1)), int(rng.integers(1, image.height + 1))
        x, y = int(rng.integers(0, image.width - w + 1)), int(rng.integers(0, image.height - h + 1))
        arguments = {"low": low, "high": high, "roi": (x, y, w, h)}
        asker.image("canny", arguments, [image], canny(image, (x, y, x + w - 1, y + h - 1), low, high))
        asker.image("simple_edges", {"low": low, "high": high}, [image], simple(image, low, high))
        step = int(rng.integers(1, 4))
        part = Image("grey", image.pixels[y : y + min(h, 9), x : x + min(w, 9)])
        threshold = float(F(rng.choice([0, 0.5, 0.9])))
        asker.line("template", {"step": step, "threshold": threshold}, [image, part], template(image, part, step, threshold))
    image = noise(rng, "grey", 12, 12)
    asker.refused("blobs", {"x_stride": 0}, [image], "x_stride is 0")
    asker.refused("canny", {}, [noise(rng, "rgb565", 5, 5)], "the image is RGB565; expected a grayscale image")
    asker.refused("template", {"step": 1}, [image, noise(rng, "grey", 13, 2)], "both must be of one size")
    asker.refused("circles", {"r_step": 0}, [image], "r_step is 0")
