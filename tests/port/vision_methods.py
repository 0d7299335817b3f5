# psram: esp-psram64h
# Module image: composing, formats, filters, morphology, geometry, and what is found, each with an answer that is worked out here.
import gc, image


def grey(rows):
    img = image.Image(len(rows[0]), len(rows), image.GRAYSCALE)
    for y, row in enumerate(rows):
        for x, value in enumerate(row):
            img.set_pixel(x, y, value)
    return img


def rows(img):
    return [[img.get_pixel(x, y) for x in range(img.width())] for y in range(img.height())]


def noise(w, h, seed=1):
    values = []
    for i in range(w * h):
        seed = seed * 1103515245 + 12345 & 0x7FFFFFFF
        values.append(seed >> 16 & 255)
    return grey([values[y * w : y * w + w] for y in range(h)])


a, b = noise(9, 7), noise(9, 7, 5)
A, B = rows(a), rows(b)


def each(f):
    return [[f(p, q) for p, q in zip(r, s)] for r, s in zip(A, B)]


# Two images: logic, arithmetic, all in place and chained.
for name, f in (
    ("b_and", lambda p, q: p & q),
    ("b_or", lambda p, q: p | q),
    ("b_xor", lambda p, q: p ^ q),
    ("b_nand", lambda p, q: ~(p & q) & 255),
    ("b_nor", lambda p, q: ~(p | q) & 255),
    ("b_xnor", lambda p, q: ~(p ^ q) & 255),
    ("add", lambda p, q: min(p + q, 255)),
    ("sub", lambda p, q: max(p - q, 0)),
    ("rsub", lambda p, q: max(q - p, 0)),
    ("min", min),
    ("max", max),
    ("difference", lambda p, q: abs(p - q)),
    ("replace", lambda p, q: q),
):
    img = a.copy()
    assert getattr(img, name)(b) is img and rows(img) == each(f), name
assert rows(a) == A and rows(a.copy().invert()) == [[255 - p for p in r] for r in A]
assert rows(a.copy().add(100))[0][0] == min(A[0][0] + 100, 255)
assert rows(a.copy().b_xor(a)) == [[0] * 9] * 7
half = image.Image(9, 7, image.GRAYSCALE).draw_rectangle(0, 0, 4, 7, fill=True)
assert rows(a.copy().draw_image(b, 0, 0, mask=half)) == [s[:4] + r[4:] for r, s in zip(A, B)]
assert rows(a.copy().draw_image(b, (2, 1)))[1][2:] == B[0][:7]
assert rows(a.copy().draw_image(b, x=-3, y=-2))[0][:6] == B[2][3:]

# Copies, parts, scales, formats.
assert rows(a.copy(roi=(2, 1, 4, 3))) == [r[2:6] for r in A[1:4]]
assert rows(a.copy(x_scale=2)) == [[p for p in r for _ in (0, 1)] for r in A for _ in (0, 1)]
assert rows(a.copy(hint=image.HMIRROR)) == [r[::-1] for r in A]
assert rows(a.copy(hint=image.VFLIP)) == A[::-1]
img = a.copy()
assert img.crop(roi=(0, 0, 5, 2)) is img and (img.width(), img.height(), img.size()) == (5, 2, 10)
colour = a.to_rgb565(copy=True)
assert (colour.format(), a.format()) == (image.RGB565, image.GRAYSCALE)
assert colour.get_pixel(0, 0) == image.grayscale_to_rgb(A[0][0])
assert abs(colour.to_grayscale().get_pixel(3, 3) - A[3][3]) <= 3 and colour.format() == image.GRAYSCALE
assert rows(a.to_bitmap(copy=True)) == [[int(p > 127) for p in r] for r in A]
assert a.to_rainbow(copy=True).format() == a.to_ironbow(copy=True).format() == image.RGB565
assert image.rgb_to_lab((120, 200, 120)) == (75, -40, 34) and image.rgb_to_grayscale((120, 200, 120)) == 169
assert image.lab_to_rgb((74, -38, 30)) == (123, 199, 123)

# JPEG and PNG: packed, unpacked, drawn.
big = image.Image(64, 48, image.GRAYSCALE).draw_rectangle(10, 10, 30, 20, 200, fill=True)
packed = big.to_jpeg(quality=95, copy=True)
assert packed.format() == image.JPEG and len(packed) == packed.size() < 3072
assert abs(packed.copy().to_grayscale().get_pixel(20, 20) - 200) < 8
assert abs(image.Image(64, 48, image.GRAYSCALE).draw_image(packed, 0, 0).get_pixel(20, 20) - 200) < 8
assert big.compress(copy=True).format() == image.JPEG and big.to_png(copy=True).format() == image.PNG
assert bytes(big.to_png(copy=True).to_grayscale()) == bytes(big)

# Black and white.
assert rows(a.copy().binary([(100, 200)])) == [[255 if 100 <= p <= 200 else 0 for p in r] for r in A]
assert rows(a.binary([(100, 200)], invert=True, copy=True)) == [[0 if 100 <= p <= 200 else 255 for p in r] for r in A]
assert rows(a.binary([(0, 99)], zero=True, copy=True)) == [[0 if p < 100 else p for p in r] for r in A]
assert a.binary([(100, 200)], to_bitmap=True, copy=True).format() == image.BINARY and rows(a) == A
dot = image.Image(11, 11, image.GRAYSCALE).set_pixel(5, 5)
assert sum(map(bool, dot.dilate(1))) == 9 and sum(map(bool, dot.copy().dilate(2))) == 49 and sum(map(bool, dot.erode(1))) == 1
assert sum(dot.open(1)) == 0 and sum(dot.set_pixel(5, 5).top_hat(1)) == 255 and sum(dot.close(1)) == 255
assert sum(dot.copy().black_hat(1)) == 0

# Filters: the mean and the median of the middle of 3 x 3, worked out here.
window = [A[y][x] for y in (1, 2, 3) for x in (3, 4, 5)]
assert a.copy().mean(1).get_pixel(4, 2) == sum(window) * (65536 // 9) >> 16
assert a.copy().median(1).get_pixel(4, 2) // 4 in (sorted(window)[3] // 4, sorted(window)[4] // 4)
assert a.copy().midpoint(1, bias=0.5).get_pixel(4, 2) == (min(window) + max(window)) // 2
flat = image.Image(8, 8, image.GRAYSCALE).draw_rectangle(0, 0, 8, 8, 77, fill=True)
# The mean's share of a pixel is cut, the median has 64 bins.
for name, value in (("mean", 76), ("median", 76), ("mode", 77), ("midpoint", 77), ("gaussian", 77), ("bilateral", 77)):
    img = flat.copy()
    assert getattr(img, name)(1) is img and set(img) == {value}, (name, set(img))
assert rows(a.copy().morph(1, [0, 0, 0, 0, 1, 0, 0, 0, 0])) == A
assert rows(a.copy().morph(1, [[0, 0, 0], [1, 0, 0], [0, 0, 0]]))[3][3] == A[3][2]
assert set(flat.copy().laplacian(1)) == {0} and set(flat.copy().mean(1, threshold=True, offset=5)) == {255}
assert set(flat.histeq()) == {255}
assert sum(noise(16, 16).histeq(adaptive=True, clip_limit=3)) > 0
assert rows(a.copy().gamma_corr(gamma=1.0)) == A and rows(a.copy().gamma(brightness=0.5)) != A

# Geometry: what turns nothing changes nothing.
even = noise(16, 12)
assert rows(even.copy().rotation_corr()) == rows(even) and rows(even.copy().lens_corr(1.8, zoom=2.0)) != rows(even)
assert even.copy().linpolar().logpolar(reverse=True).width() == 16
assert rows(even.copy().rotation_corr(z_rotation=180)) != rows(even)
assert colour.to_rgb565().ccm([[1, 0, 0], [0, 1, 0], [0, 0, 1]]).awb().format() == image.RGB565

# Finding.
img = image.Image(80, 60, image.GRAYSCALE).draw_rectangle(20, 15, 31, 21, fill=True)
edges = img.copy().find_edges(image.EDGE_CANNY, threshold=(50, 80))
assert sum(map(bool, edges)) == 102 and edges.get_pixel(35, 25) == 0 and edges.get_pixel(5, 5) == 0
assert img.copy().find_edges(image.EDGE_SIMPLE, threshold=(100, 255)).get_pixel(35, 25) == 0
lines = img.find_lines(threshold=1000, theta_margin=10, rho_margin=10)
assert sorted((line.theta, line.rho) for line in lines) == [(0, 19), (0, 51), (90, 14), (90, 36)], lines
rects = img.find_rects(threshold=5000)
assert len(rects) == 1 and abs(rects[0].x - 20) <= 2 and abs(rects[0].w - 31) <= 3 and len(rects[0].corners) == 4, rects
disc = image.Image(80, 60, image.GRAYSCALE).draw_circle(40, 30, 15, fill=True)
circles = disc.find_circles(threshold=2000, x_margin=10, y_margin=10, r_margin=10, r_min=10, r_max=20)
assert circles and abs(circles[0].x - 40) <= 1 and abs(circles[0].y - 30) <= 1 and abs(circles[0].r - 15) <= 2, circles
scene = noise(40, 30)
template = scene.copy(roi=(12, 8, 10, 8))
assert scene.find_template(template, 0.9, step=1, search=image.SEARCH_EX) == (12, 8, 10, 8)
assert image.Image(40, 30, image.GRAYSCALE).find_template(template, 0.9) is None
square = noise(64, 64)
moved = image.Image(64, 64, image.GRAYSCALE).draw_image(square, 5, 3)
shift = moved.find_displacement(square)
assert abs(shift.x_translation - 5) < 0.1 and abs(shift.y_translation - 3) < 0.1, shift
same = square.get_similarity(square)
assert same.mean == 1.0 and same.min == 1.0 and square.get_similarity(square.copy().invert()).mean < 0.5
# As it would be drawn: a part of it at its place, and at another one; what lies outside changes nothing.
part = square.copy(roi=(8, 8, 32, 32))
assert square.get_similarity(part, 8, 8).min == 1.0 and square.get_similarity(part, 0, 8).min < 1.0
assert square.get_similarity(square, roi=(8, 8, 32, 32), x=8, y=8).min == 1.0
assert square.get_similarity(square, 400, 0).mean == 1.0

# Codes: a tag of 36h11 drawn from its own bits (number 0: 0xd7e00984b).
code, bits = 0xD7E00984B, (
    (1, 1), (2, 1), (3, 1), (4, 1), (5, 1), (2, 2), (3, 2), (4, 2), (3, 3), (6, 1), (6, 2), (6, 3), (6, 4), (6, 5), (5, 2), (5, 3),
    (5, 4), (4, 3), (6, 6), (5, 6), (4, 6), (3, 6), (2, 6), (5, 5), (4, 5), (3, 5), (4, 4), (1, 6), (1, 5), (1, 4), (1, 3), (1, 2),
    (2, 5), (2, 4), (2, 3), (3, 4),
)
tag = image.Image(120, 120, image.GRAYSCALE).draw_rectangle(0, 0, 120, 120, 255, fill=True)
tag.draw_rectangle(20, 20, 80, 80, 0, fill=True)
for i, (x, y) in enumerate(bits):
    if code >> 35 - i & 1:
        tag.draw_rectangle(20 + 10 * x, 20 + 10 * y, 10, 10, 255, fill=True)
tags = tag.find_apriltags()
assert len(tags) == 1 and (tags[0].id, tags[0].name, tags[0].family) == (0, "TAG36H11", image.TAG36H11), tags
assert abs(tags[0].cx - 60) <= 1 and abs(tags[0].w - 80) <= 2 and tags[0].hamming == 0
assert tag.find_qrcodes() == [] and tag.clear().find_apriltags(families=image.TAG16H5 | image.TAG25H9) == []
for bad in (1 << 20,):
    try:
        tag.find_apriltags(families=bad)
        assert False
    except ValueError as error:
        assert str(bad) in str(error)


# Where little stack is left, it is an exception. It is deep enough that the methods' own look decides.
def deep(n):
    try:
        return deep(n + 1)
    except RuntimeError:
        pass
    try:
        image.Image(64, 48, image.GRAYSCALE).draw_image(packed, 0, 0)
        return n, "drawn"
    except RuntimeError as error:
        return n, str(error)


depth, words = deep(0)
assert depth > 20 and "not enough stack" in words, (depth, words)

# Wrong arguments.
for bad, kind in (
    (lambda: a.mean(200), ValueError),
    (lambda: a.mean(-1), ValueError),
    (lambda: a.mean("x"), TypeError),
    (lambda: a.morph(1, [1, 2]), ValueError),
    (lambda: a.morph(1, 5), TypeError),
    (lambda: a.gaussian(20), ValueError),
    (lambda: a.difference("/flash/none.bmp"), OSError),
    (lambda: a.difference(None), TypeError),
    (lambda: a.draw_image(b, 0, 0, x_scale=0), ValueError),
    (lambda: a.copy(roi=(100, 100, 5, 5)), ValueError),
    (lambda: a.draw_image(b, 0, 0, color_palette=9), ValueError),
    (lambda: a.draw_image(b, 0, 0, color_palette=b), ValueError),
    (lambda: a.draw_image(b, 0, 0, transform=[1, 2]), TypeError),
    (lambda: a.find_edges(7), ValueError),
    (lambda: a.find_template(scene, 0.5), ValueError),
    (lambda: a.ccm([1, 2]), ValueError),
    (lambda: a.to_jpeg(subsampling=9), ValueError),
    (lambda: a.to_jpeg(quality=300), ValueError),
    (lambda: image.rgb_to_lab(5), TypeError),
    (lambda: image.rgb_to_lab((1, 2)), ValueError),
    (lambda: a.histeq(adaptiv=True), TypeError),
):
    try:
        bad()
        assert False, kind
    except kind as error:
        assert len(str(error)) > 3 or kind is OSError
assert rows(a) == A
