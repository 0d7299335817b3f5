# Times operations of machine vision on one frame. Before this stand `SIZE`, `FAST` (in internal RAM) and `FEW` (only the operations
# with an aim). Prints a line each: format, microseconds, name.
import gc, image, spiram, time

W, H = SIZE
GRAY, RGB = image.GRAYSCALE, image.RGB565


def blank(format, fast):
    store = spiram.alloc(W * H * (2 if format == RGB else 1), fast=fast)
    return store, image.Image(W, H, format, buffer=store)


# A scene with slopes, edges, patches of noise, texts, a tag and a QR code's finder: something for every operation.
def draw(img):
    small = image.Image(4, 4, RGB)
    for n in range(16):
        small.set_pixel(n % 4, n // 4, (60 + 11 * n, 200 - 9 * n, 40 + 5 * n))
    img.draw_image(small, 0, 0, x_scale=W / 4, y_scale=H / 4, hint=image.BILINEAR)
    noise, seed = image.Image(16, 16, GRAY), 1
    for n in range(256):
        seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
        noise.set_pixel(n % 16, n // 16, seed >> 16 & 255)
    for n in range(3):
        img.draw_image(noise, W * (2 * n + 1) // 8, H // 12, x_scale=W / 160, y_scale=H / 120)
    img.draw_circle(W // 4, H * 5 // 8, H // 6, color=(255, 30, 20), fill=True)
    img.draw_rectangle(W // 2, H // 2, W // 5, H // 4, color=(250, 250, 250), fill=True)
    img.draw_rectangle(W * 3 // 4, H * 2 // 3, W // 6, H // 4, color=(10, 20, 250), thickness=3)
    img.draw_line(0, H - 8, W, H // 2, color=(0, 0, 0), thickness=2)
    img.draw_string(8, 8, "spiram", color=(255, 255, 0), scale=W / 160)


# TAG36H11, number 0, and where each bit of it stands, from the highest.
CODE = 0xD7E00984B
BITS = (
    "11 21 31 41 51 22 32 42 33 61 62 63 64 65 52 53 54 43 66 56 46 36 26 55 45 35 44 16 15 14 13 12 25 24 23 34"
).split()


def tag(img):
    cell = H // 30
    x, y, white = W // 2 + H // 6, H // 8, (255, 255, 255)
    img.draw_rectangle(x - cell, y - cell, 10 * cell, 10 * cell, color=white, fill=True)
    img.draw_rectangle(x, y, 8 * cell, 8 * cell, color=(0, 0, 0), fill=True)
    for n, (column, row) in enumerate(BITS):
        if CODE >> 35 - n & 1:
            img.draw_rectangle(x + cell * int(column), y + cell * int(row), cell, cell, color=white, fill=True)


RED = (30, 70, 30, 100, 10, 100)
OPERATIONS = (
    ("copy()", lambda i: i.copy()),
    ("clear()", lambda i: i.clear()),
    ("to_rgb565()", lambda i: i.to_rgb565(copy=True)),
    ("to_grayscale()", lambda i: i.to_grayscale(copy=True)),
    ("crop(x_scale=0.5), bilinear", lambda i: i.crop(x_scale=0.5, hint=image.BILINEAR, copy=True)),
    ("draw_image(alpha=128)", lambda i: i.draw_image(other, alpha=128)),
    ("draw_circle(fill=True)", lambda i: i.draw_circle(W // 2, H // 2, H // 3, fill=True)),
    ("flood_fill(), a third", lambda i: i.flood_fill(W // 4, H * 5 // 8)),
    ("binary()", lambda i: i.binary([threshold(i)])),
    ("invert()", lambda i: i.invert()),
    ("b_and()", lambda i: i.b_and(other)),
    ("add()", lambda i: i.add(other)),
    ("difference()", lambda i: i.difference(other)),
    ("erode(1)", lambda i: i.erode(1)),
    ("dilate(1)", lambda i: i.dilate(1)),
    ("open(1)", lambda i: i.open(1)),
    ("mean(1)", lambda i: i.mean(1)),
    ("mean(3)", lambda i: i.mean(3)),
    ("median(1)", lambda i: i.median(1)),
    ("mode(1)", lambda i: i.mode(1)),
    ("midpoint(1)", lambda i: i.midpoint(1)),
    ("gaussian(1)", lambda i: i.gaussian(1)),
    ("morph(1)", lambda i: i.morph(1, [1, 2, 1, 2, 4, 2, 1, 2, 1])),
    ("laplacian(1)", lambda i: i.laplacian(1)),
    ("bilateral(1)", lambda i: i.bilateral(1)),
    ("histeq()", lambda i: i.histeq()),
    ("histeq(adaptive=True)", lambda i: i.histeq(adaptive=True, clip_limit=3)),
    ("gamma(gamma=0.8)", lambda i: i.gamma(gamma=0.8)),
    ("get_histogram()", lambda i: i.get_histogram()),
    ("get_statistics()", lambda i: i.get_statistics()),
    ("get_similarity()", lambda i: i.get_similarity(other)),
    ("get_regression()", lambda i: i.get_regression([threshold(i)])),
    ("find_blobs()", lambda i: i.find_blobs([threshold(i)])),
    ("find_lines()", lambda i: i.find_lines()),
    ("find_circles()", lambda i: i.find_circles(threshold=3000, r_min=H // 7, r_max=H // 5)),
    ("find_rects()", lambda i: i.find_rects(threshold=10000)),
    ("find_edges(EDGE_CANNY)", lambda i: i.find_edges(image.EDGE_CANNY)),
    ("find_edges(EDGE_SIMPLE)", lambda i: i.find_edges(image.EDGE_SIMPLE)),
    ("find_apriltags()", lambda i: i.find_apriltags()),
    ("find_qrcodes()", lambda i: i.find_qrcodes()),
    ("find_template(SEARCH_DS)", lambda i: i.find_template(small, 0.7, step=4, search=image.SEARCH_DS)),
    ("find_displacement()", lambda i: i.find_displacement(i, roi=(0, 0, 64, 64), template_roi=(2, 2, 64, 64))),
    ("lens_corr()", lambda i: i.lens_corr()),
    ("linpolar()", lambda i: i.linpolar()),
    ("rotation_corr(z_rotation=10)", lambda i: i.rotation_corr(z_rotation=10)),
    ("to_jpeg(quality=80)", lambda i: i.to_jpeg(quality=80, copy=True)),
    ("to_jpeg(quality=50)", lambda i: i.to_jpeg(quality=50, copy=True)),
)
AIMED = ("copy()", "b_and()", "erode(1)", "dilate(1)", "mean(1)", "mean(3)", "get_statistics()", "find_blobs()", "to_jpeg(quality=80)", "to_jpeg(quality=50)")
# These take so many cycles a pixel that the smallest size tells enough.
SLOW = ("mode(1)", "find_rects()", "median(1)", "bilateral(1)", "find_circles()", "linpolar()", "lens_corr()", "find_qrcodes()")
# What is of one format only.
SKIPPED = {GRAY: ("to_grayscale()",), RGB: ("to_rgb565()", "find_edges(EDGE_CANNY)", "find_edges(EDGE_SIMPLE)", "find_template(SEARCH_DS)")}


def threshold(img):
    return RED if img.format() == RGB else (230, 255)


for format, name in ((GRAY, "gray"), (RGB, "RGB565")):
    store = img = other = reference = None
    gc.collect()
    try:
        store, img = blank(format, FAST)
    except MemoryError:
        continue
    draw(img)
    tag(img)
    reference = spiram.alloc(len(store), fast=False)
    reference[:] = store
    _, other = blank(format, FAST and not FEW)
    other.draw_circle(W // 2, H // 2, H // 3, color=(255, 255, 255), fill=True)
    small = img.crop(roi=(W // 2 - 8, H // 2 - 8, 32, 32), copy=True)
    for what, call in OPERATIONS:
        if what in SKIPPED[format] or FEW and what not in AIMED or W > 160 and what in SLOW:
            continue
        store[:] = reference
        gc.collect()
        start = time.ticks_us()
        call(img)
        print(name, time.ticks_diff(time.ticks_us(), start), what)
