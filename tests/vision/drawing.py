"""Lines, circles, rectangles, crosses: the curves of A. Zingl's paper, in integers; and the flood fill."""

import numpy as np

from asker import WHITE, drawn, noise, shapes
from colours import parts


class Canvas:
    """Pixels that can be set, or mixed with what is there."""

    def __init__(self, image):
        self.image = image.copy()

    def put(self, x, y, colour):
        image = self.image
        if 0 <= x < image.width and 0 <= y < image.height:
            image.pixels[y, x] = colour

    def mix(self, x, y, keep, colour):
        image = self.image
        if not (0 <= x < image.width and 0 <= y < image.height):
            return
        keep = min(max(keep, 0), 256)
        old = int(image.pixels[y, x])
        share = lambda a, b: (a * keep + b * (256 - keep)) >> 8
        if image.format == "binary":
            new = share(old * 255, colour * 255) > 127
        elif image.format == "grey":
            new = share(old, colour)
        else:
            r, g, b = (share(a, c) for a, c in zip(parts(old), parts(colour)))
            new = r << 11 | g << 5 | b
        image.pixels[y, x] = new

    def run(self, x0, x1, y, colour):
        for x in range(x0, x1 + 1):
            self.put(x, y, colour)

    def column(self, x, y0, y1, colour):
        for y in range(y0, y1 + 1):
            self.put(x, y, colour)


def trunc(a, b):
    """Division towards zero."""
    return int(a / b) if abs(a) < 1 << 40 else abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def length_of(dx, dy):
    return int(np.sqrt(np.float32(dx * dx + dy * dy)))


def cut(x0, y0, x1, y1, width, height):
    """The part of the line inside, by the parameters at which it crosses the edges."""
    t0, t1 = np.float32(0), np.float32(1)
    dx, dy = x1 - x0, y1 - y0
    for p, q in ((-dx, x0), (dx, width - 1 - x0), (-dy, y0), (dy, height - 1 - y0)):
        if p == 0 and q < 0:
            return None
        if p:
            t = np.float32(q) / np.float32(p)
            t0, t1 = (max(t0, t), t1) if p < 0 else (t0, min(t1, t))
    if t0 > t1:
        return None
    at = lambda t: (
        min(max(int(np.float32(x0) + t * np.float32(dx)), 0), width - 1),
        min(max(int(np.float32(y0) + t * np.float32(dy)), 0), height - 1),
    )
    first = at(t0) if t0 > 0 else (x0, y0)
    last = at(t1) if t1 < 1 else (x1, y1)
    return (*first, *last)


def line(canvas, x0, y0, x1, y1, colour, thickness=1):
    inside = cut(x0, y0, x1, y1, canvas.image.width, canvas.image.height)
    if inside is None:
        return
    x0, y0, x1, y1 = inside
    dx, dy = abs(x1 - x0), abs(y1 - y0)
    sx, sy = (1 if x0 < x1 else -1), (1 if y0 < y1 else -1)
    length = length_of(dx, dy)
    if thickness <= 1 or length == 0:
        err, ed = dx - dy, max(length, 1)
        while True:
            canvas.mix(x0, y0, 256 * abs(err - dx + dy) // ed, colour)
            e2, x2 = err, x0
            if 2 * e2 >= -dx:
                if x0 == x1:
                    return
                if e2 + dy < ed:
                    canvas.mix(x0, y0 + sy, trunc(256 * (e2 + dy), ed), colour)
                err -= dy
                x0 += sx
            if 2 * e2 <= dy:
                if y0 == y1:
                    return
                if dx - e2 < ed:
                    canvas.mix(x2 + sx, y0, trunc(256 * (dx - e2), ed), colour)
                err += dx
                y0 += sy
    ux, uy = dx * 256 // length, dy * 256 // length
    width = 256 * (thickness - 1)
    if ux < uy:
        start = (length + width // 2) // uy
        err = max(start * uy - width // 2, 0)
        x0 -= start * sx
        while True:
            x = x0
            canvas.mix(x, y0, err, colour)
            rest = uy - err - width
            while rest + uy < 256:
                x += sx
                canvas.put(x, y0, colour)
                rest += uy
            canvas.mix(x + sx, y0, rest, colour)
            if y0 == y1:
                return
            err += ux
            if err > 256:
                err -= uy
                x0 += sx
            y0 += sy
    start = (length + width // 2) // ux
    err = max(start * ux - width // 2, 0)
    y0 -= start * sy
    while True:
        y = y0
        canvas.mix(x0, y, err, colour)
        rest = ux - err - width
        while rest + ux < 256:
            y += sy
            canvas.put(x0, y, colour)
            rest += ux
        canvas.mix(x0, y + sy, rest, colour)
        if x0 == x1:
            return
        err += uy
        if err > 256:
            err -= ux
            y0 += sy
        x0 += sx


def rim(canvas, cx, cy, r, colour, fill):
    x, y, err = r, 0, 2 - 2 * r
    r = 1 - err

    def four(x, y, keep):
        for dx, dy in ((x, -y), (y, x), (-x, y), (-y, -x)):
            canvas.mix(cx + dx, cy + dy, keep, colour)

    while True:
        four(x, y, 256 * abs(err + 2 * (x + y) - 2) // r)
        if fill:
            canvas.run(cx, cx + x - 1, cy - y, colour)
            canvas.column(cx + y, cy, cy + x - 1, colour)
            canvas.run(cx - x + 1, cx, cy + y, colour)
            canvas.column(cx - y, cy - x + 1, cy, colour)
        if x == 0:
            return
        e2, x2 = err, x
        if err > y:
            keep = trunc(256 * (err + 2 * x - 1), r)
            if keep < 256:
                four(x, y - 1, keep)
            x -= 1
            err -= 2 * x - 1
        if e2 <= x2:
            keep = trunc(256 * (1 - 2 * y - e2), r)
            if not fill and keep < 256:
                four(x2 - 1, y, keep)
            y -= 1
            err -= 2 * y - 1


def circle(canvas, cx, cy, r, colour, thickness, fill):
    thickness = max(thickness, 0)
    if not fill and thickness == 0:
        return
    if r == 0:
        canvas.put(cx, cy, colour)
    if r <= 0:
        return
    if thickness == 1 or fill:
        return rim(canvas, cx, cy, r + thickness // 2, colour, fill)
    outer, inner = r + thickness // 2, max(r - (thickness - 1) // 2, 0)
    xo, xi, y = outer, inner, 0
    eo, ei = 1 - xo, 1 - xi
    while xo >= y:
        for sy in (y, -y):
            canvas.run(cx + xi, cx + xo, cy + sy, colour)
            canvas.run(cx - xo, cx - xi, cy + sy, colour)
            canvas.column(cx + sy, cy + xi, cy + xo, colour)
            canvas.column(cx + sy, cy - xo, cy - xi, colour)
        y += 1
        if eo < 0:
            eo += 2 * y + 1
        else:
            xo -= 1
            eo += 2 * (y - xo + 1)
        if y > inner:
            xi = y
        elif ei < 0:
            ei += 2 * y + 1
        else:
            xi -= 1
            ei += 2 * (y - xi + 1)
    rim(canvas, cx, cy, outer, colour, False)
    if inner:
        rim(canvas, cx, cy, inner, colour, False)


def rectangle(canvas, x, y, w, h, colour, thickness, fill):
    if fill:
        for row in range(y, y + h):
            canvas.run(x, x + w - 1, row, colour)
        return
    if thickness <= 0:
        return
    low, high = thickness // 2, (thickness - 1) // 2
    for i in range(x - low, x + w + high):
        canvas.column(i, y - low, y + high, colour)
        canvas.column(i, y + h - 1 - low, y + h - 1 + high, colour)
    for i in range(y - low, y + h + high):
        canvas.run(x - low, x + high, i, colour)
        canvas.run(x + w - 1 - low, x + w - 1 + high, i, colour)


def flood(image, seed, share_seed, share_next, colour, invert, clear):
    """Breadth first, which reaches the same pixels."""
    split = (lambda v: parts(int(v))) if image.format == "rgb565" else (lambda v: (int(v),))
    most = {"binary": (1,), "grey": (255,), "rgb565": (31, 63, 31)}[image.format]
    limit = lambda share: [int(np.rint(np.float32(share) * m)) for m in most]
    to_seed, to_next = limit(share_seed), limit(share_next)
    near = lambda a, b, limits: all(abs(p - q) <= l for p, q, l in zip(a, b, limits))
    first = split(image.pixels[seed[1], seed[0]])
    reached = np.zeros(image.pixels.shape, bool)
    reached[seed[1], seed[0]] = True
    open_ = [seed]
    while open_:
        x, y = open_.pop()
        here = split(image.pixels[y, x])
        for nx, ny in ((x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)):
            if 0 <= nx < image.width and 0 <= ny < image.height and not reached[ny, nx]:
                value = split(image.pixels[ny, nx])
                if near(value, first, to_seed) and near(value, here, to_next):
                    reached[ny, nx] = True
                    open_.append((nx, ny))
    result = image.copy()
    chosen = ~reached if invert else reached
    if clear:
        result.pixels[:] = 0
    result.pixels[chosen] = colour
    return result


def check(asker, rng):
    for _ in range(3):
        for image in drawn(rng):
            shapes_on(asker, rng, image)
    for image in drawn(rng):
        seed = (int(rng.integers(0, image.width)), int(rng.integers(0, image.height)))
        shares = [float(np.float32(share)) for share in rng.choice([0, 0.05, 0.2, 1], 2)]
        invert, clear = bool(rng.integers(0, 2)), bool(rng.integers(0, 2))
        colour = int(rng.integers(0, WHITE[image.format] + 1))
        arguments = {"seed": seed, "seed_threshold": shares[0], "floating_threshold": shares[1]}
        arguments |= {"colour": colour, "invert": invert, "clear": clear}
        asker.image("flood_fill", arguments, [image], flood(image, seed, *shares, colour, invert, clear))


def shapes_on(asker, rng, image):
    size = max(image.width, image.height)
    coordinate = lambda: int(rng.integers(-size, 2 * size))
    colour = int(rng.integers(0, WHITE[image.format] + 1))
    thickness = int(rng.integers(0, 6))
    fill = bool(rng.integers(0, 2))

    ends = [coordinate() for _ in range(4)]
    canvas = Canvas(image)
    line(canvas, *ends, colour, thickness)
    arguments = {"from": ends[:2], "to": ends[2:], "colour": colour, "thickness": thickness}
    asker.image("line", arguments, [image], canvas.image)

    box = [coordinate(), coordinate(), int(rng.integers(1, size + 2)), int(rng.integers(1, size + 2))]
    canvas = Canvas(image)
    rectangle(canvas, *box, colour, thickness, fill)
    arguments = {"region": box, "colour": colour, "thickness": thickness, "fill": fill}
    asker.image("rectangle", arguments, [image], canvas.image)

    centre, radius = [coordinate(), coordinate()], int(rng.integers(0, size + 2))
    canvas = Canvas(image)
    circle(canvas, *centre, radius, colour, thickness, fill)
    arguments = {"centre": centre, "radius": radius, "colour": colour, "thickness": thickness, "fill": fill}
    asker.image("circle", arguments, [image], canvas.image)

    reach = int(rng.integers(0, size))
    canvas = Canvas(image)
    line(canvas, centre[0] - reach, centre[1], centre[0] + reach, centre[1], colour, thickness)
    line(canvas, centre[0], centre[1] - reach, centre[0], centre[1] + reach, colour, thickness)
    arguments = {"centre": centre, "size": reach, "colour": colour, "thickness": thickness}
    asker.image("cross", arguments, [image], canvas.image)
