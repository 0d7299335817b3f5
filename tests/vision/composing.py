"""One image in another: where its pixels go, what lies between them, and how two are combined."""

import numpy as np

from asker import WHITE, Image, SIZES, noise, shapes, slope
from colours import luma, pack, parts, rgb

AREA, BILINEAR, BICUBIC, HMIRROR, VFLIP, TRANSPOSE, CENTER = (1 << bit for bit in range(7))
KEEP, EXPAND, IGNORE = 1 << 9, 1 << 10, 1 << 11
OPS = ("replace and nand or nor xor xnor add sub rsub min max difference").split()


def channels(image):
    """An array (h, w, 1 or 3), 0 to 255."""
    if image.format == "rgb565":
        return np.stack(rgb(image.pixels), axis=2)
    return (image.pixels * (255 if image.format == "binary" else 1))[:, :, None]


def cubic(fraction):
    t = fraction / 256
    exact = [(-(t**3) + 2 * t**2 - t) / 2, (3 * t**3 - 5 * t**2 + 2) / 2, None, (t**3 - t**2) / 2]
    weights = [None if weight is None else int(np.floor(weight * 1024 + 0.5)) for weight in exact]
    weights[2] = 1024 - weights[0] - weights[1] - weights[3]
    return weights


def sample(source, width, height, hints):
    """The source in another size, as channels."""
    h, w, _ = source.shape
    result = np.zeros((height, width, source.shape[2]), np.int64)
    place = lambda i, length, size: divmod((2 * i + 1) * length * 128 // size - 128, 256)
    clamp = lambda i, length: min(max(i, 0), length - 1)
    for y in range(height):
        for x in range(width):
            if hints & AREA:
                x0, y0 = x * w // width, y * h // height
                x1, y1 = max((x + 1) * w // width, x0 + 1), max((y + 1) * h // height, y0 + 1)
                box = source[y0:y1, x0:x1]
                count = box.shape[0] * box.shape[1]
                result[y, x] = (box.sum(axis=(0, 1)) + count // 2) // count
            elif hints & (BILINEAR | BICUBIC):
                steps = (-1, 0, 1, 2) if hints & BICUBIC else (0, 1)
                (px, fx), (py, fy) = place(x, w, width), place(y, h, height)
                taps = source[[clamp(py + s, h) for s in steps]][:, [clamp(px + s, w) for s in steps]]
                if hints & BICUBIC:
                    weights = np.outer(cubic(fy), cubic(fx))
                    total = (taps * weights[:, :, None]).sum(axis=(0, 1))
                    result[y, x] = np.clip((total + (1 << 19)) >> 20, 0, 255)
                else:
                    weights = np.outer((256 - fy, fy), (256 - fx, fx))
                    result[y, x] = ((taps * weights[:, :, None]).sum(axis=(0, 1)) + (1 << 15)) >> 16
            else:
                result[y, x] = source[y * h // height, x * w // width]
    return result


def to_format(colours, format):
    if colours.shape[2] == 3:
        colour = pack(colours[:, :, 0], colours[:, :, 1], colours[:, :, 2])
        return {"rgb565": colour, "grey": luma(colour), "binary": luma(colour) > 127}[format]
    grey = colours[:, :, 0]
    return {"rgb565": pack(grey, grey, grey), "grey": grey, "binary": grey > 127}[format]


def split(format, pixels):
    return parts(pixels) if format == "rgb565" else (pixels,)


def join(format, channels):
    return channels[0] << 11 | channels[1] << 5 | channels[2] if format == "rgb565" else channels[0]


def combine(format, op, a, b):
    bits = WHITE[format]
    a, b = np.asarray(a).astype(np.int64), np.asarray(b).astype(np.int64)
    if op in ("and", "nand", "or", "nor", "xor", "xnor"):
        value = {"a": a & b, "o": a | b, "x": a ^ b}[op.lstrip("n")[0]]
        return ~value & bits if op[0] == "n" or op == "xnor" else value
    most = {"binary": (1,), "grey": (255,), "rgb565": (31, 63, 31)}[format]
    of = {
        "replace": lambda a, b: b,
        "add": lambda a, b: a + b,
        "sub": lambda a, b: a - b,
        "rsub": lambda a, b: b - a,
        "min": np.minimum,
        "max": np.maximum,
        "difference": lambda a, b: abs(a - b),
    }[op]
    pairs = zip(split(format, a), split(format, b), most)
    return join(format, [np.clip(of(p, q), 0, m) for p, q, m in pairs])


def mix(format, old, new, alpha):
    if alpha == 255:
        return new
    alpha += alpha >> 7
    if format == "binary":
        return ((new * 255 * alpha + old * 255 * (256 - alpha)) >> 8) > 127
    pairs = zip(split(format, old), split(format, new))
    return join(format, [(q * alpha + p * (256 - alpha)) >> 8 for p, q in pairs])


def compose(image, source, x=0, y=0, x_scale=1.0, y_scale=1.0, roi=None, channel=-1, alpha=255, hints=0, op=0, mask=None):
    part = channels(source)
    if roi:
        part = part[max(roi[1], 0) : max(roi[1] + roi[3], 0), max(roi[0], 0) : max(roi[0] + roi[2], 0)]
    h, w, _ = part.shape
    size = lambda n, scale: int(np.floor(np.float32(n) * abs(np.float32(scale))))
    width, height = size(w, x_scale), size(h, y_scale)
    if hints & TRANSPOSE:
        # Sizes are of what is seen, so before the turn they stand the other way round.
        seen = (height, width)
    else:
        seen = (width, height)
    iw, ih = image.width, image.height
    tw, th = (h, w) if hints & TRANSPOSE else (w, h)
    if hints & IGNORE:
        seen = (iw, ih)
    elif hints & (KEEP | EXPAND):
        by_width = (tw * ih >= th * iw) == bool(hints & KEEP)
        seen = (iw, max(th * iw // tw, 1)) if by_width else (max(tw * ih // th, 1), ih)
    upright = (seen[1], seen[0]) if hints & TRANSPOSE else seen
    colours = sample(part, *upright, hints)
    if bool(hints & HMIRROR) != (x_scale < 0):
        colours = colours[:, ::-1]
    if bool(hints & VFLIP) != (y_scale < 0):
        colours = colours[::-1]
    if hints & TRANSPOSE:
        colours = colours.transpose(1, 0, 2)
    if channel >= 0 and colours.shape[2] == 3:
        colours = colours[:, :, channel : channel + 1]
    value = np.asarray(to_format(colours, image.format)).astype(np.int64)
    if hints & CENTER:
        x += int((iw - seen[0]) / 2)
        y += int((ih - seen[1]) / 2)
    result = image.copy()
    for dy in range(max(y, 0), min(y + seen[1], ih)):
        for dx in range(max(x, 0), min(x + seen[0], iw)):
            if mask is None or (dx < mask.width and dy < mask.height and mask.pixels[dy, dx]):
                old = image.pixels[dy, dx]
                new = combine(image.format, OPS[op], old, value[dy - y, dx - x])
                result.pixels[dy, dx] = mix(image.format, old, new, alpha)
    return result


def check(asker, rng):
    kinds = (noise, shapes, slope)
    formats = ("binary", "grey", "rgb565")
    some = lambda: kinds[int(rng.integers(0, 3))](rng, formats[int(rng.integers(0, 3))], *SIZES[int(rng.integers(0, 9))])
    # Each operation in each format, one to one.
    for format in formats:
        for op in range(len(OPS)):
            first, second = noise(rng, format, 33, 9), noise(rng, format, 33, 9)
            asker.image("compose", {"op": op}, [first, second], compose(first, second, op=op))
            value = int(rng.integers(0, WHITE[format] + 1))
            plain = Image(format, np.full((9, 33), value))
            asker.image("compose", {"op": op, "value": value}, [first], compose(first, plain, op=op))
    for _ in range(400):
        image, source = some(), some()
        arguments = {
            "x": int(rng.integers(-10, 20)),
            "y": int(rng.integers(-10, 20)),
            "x_scale": float(rng.choice([1.0, 1.0, 2.0, 1.5, 3.0, -1.0, -2.0])),
            "y_scale": float(rng.choice([1.0, 1.0, 2.0, 1.5, 3.0, -1.0, -2.0])),
            "channel": int(rng.integers(-1, 3)),
            "alpha": int(rng.choice([255, 255, 0, 127, 128, 200])),
            "hints": int(rng.choice([0, AREA, BILINEAR, BICUBIC]))
            | int(rng.choice([0, 0, HMIRROR, VFLIP, TRANSPOSE, HMIRROR | TRANSPOSE, VFLIP | TRANSPOSE, CENTER]))
            | int(rng.choice([0, 0, 0, KEEP, EXPAND, IGNORE])),
            "op": int(rng.choice([0, 0, 0, 7, 8, 12])),
        }
        images = [image, source]
        mask = None
        if rng.integers(0, 4) == 0:
            mask = noise(rng, "binary", image.width, image.height)
            images.append(mask)
        if rng.integers(0, 3) == 0:
            w, h = int(rng.integers(1, source.width + 3)), int(rng.integers(1, source.height + 3))
            arguments["roi"] = (int(rng.integers(1 - w, source.width)), int(rng.integers(1 - h, source.height)), w, h)
        asker.image("compose", arguments, images, compose(image, source, **arguments, mask=mask))
    image, source = noise(rng, "grey", 8, 8), noise(rng, "grey", 8, 8)
    asker.refused("compose", {"roi": (8, 0, 3, 3)}, [image, source], "shares no pixel")
    asker.refused("compose", {"x_scale": 0.01}, [image, source], "x_scale is 0.01")
