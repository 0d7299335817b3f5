# psram: esp-psram64h
# Module image: what an image is, what is drawn on it, counted in it and found in it; nothing of it stays on the heap.
import gc, image


def pixels(img):
    return [img.get_pixel(x, y) for y in range(img.height()) for x in range(img.width())]


# What an image is.
img = image.Image(5, 3, image.GRAYSCALE)
assert (img.width(), img.height(), img.format(), img.size(), len(img)) == (5, 3, image.GRAYSCALE, 15, 15)
assert str(img) == '{"w":5, "h":3, "type":"grayscale", "size":15}', str(img)
assert img.set_pixel((1, 0), 7) is img
assert img.set_pixel(4, 2, (255, 255, 255)).get_pixel((4, 2)) == 255
assert img.get_pixel(5, 0) is None and img.get_pixel(-1, 0) is None
img.set_pixel(99, 99, 1)
assert img[1] == 7 and img[-1] == 255 and bytes(img)[1] == 7
img[2] = 9
# The bytes are the very bytes.
img.bytearray()[3] = 11
assert pixels(img)[:5] == [0, 7, 9, 11, 0]
assert image.Image(33, 2, image.BINARY).size() == 16 and image.Image(3, 2, image.RGB565).size() == 12

# A script's own memory.
mine = bytearray(8)
img = image.Image(2, 2, image.RGB565, buffer=mine)
img.set_pixel(1, 0, (255, 0, 0))
assert mine[2:4] == b"\x00\xf8" and img.get_pixel(1, 0) == (255, 0, 0)
assert img.get_pixel(1, 0, rgbtuple=False) == 0xF800
assert image.Image(2, 1, image.GRAYSCALE, buffer=b"\x05\x06").get_pixel(1, 0) == 6

# Drawing, by counting what changed.
img = image.Image(40, 30, image.GRAYSCALE)
assert img.draw_rectangle(3, 4, 10, 6, 200, fill=True).draw_rectangle((20, 4, 10, 6), color=100) is img
seen = pixels(img)
assert seen.count(200) == 60 and seen.count(100) == 2 * 10 + 2 * 4
img.clear()
assert sum(pixels(img)) == 0
img.draw_line((0, 5, 39, 5), color=50).draw_line(7, 0, 7, 29, 60)
seen = pixels(img)
assert (seen.count(50), seen.count(60)) == (39, 30), (seen.count(50), seen.count(60))
img.clear().draw_cross(10, 10, size=3)
assert pixels(img).count(255) == 13
img.clear().draw_string(0, 0, "I", color=1).draw_circle((20, 15, 6), 2, fill=True)
assert pixels(img).count(1) > 5 and abs(pixels(img).count(2) - 113) < 20
img.clear().draw_rectangle(5, 5, 20, 20).flood_fill(10, 10, color=90)
assert pixels(img).count(90) == 18 * 18
img.clear().draw_edges(((1, 1), (8, 1), (8, 8), (1, 8)), 3).draw_arrow((20, 20, 35, 20), 4).draw_ellipse(30, 10, 5, 3, 0, 5)
assert {0, 3, 4, 5} <= set(pixels(img))
img.clear().draw_detection((3, 3, 10, 8, 8, 7), 10, 20, label="t").draw_keypoints([(30, 20, 45)], 30, size=4)
assert {0, 10, 20, 30} <= set(pixels(img))
img.draw_rectangle(0, 0, 40, 30, 9, fill=True).mask_rectangle(10, 10, 5, 5)
assert pixels(img).count(9) == 25

# Counting.
img = image.Image(16, 8, image.GRAYSCALE)
for i in range(128):
    img.set_pixel(i % 16, i // 16, i)
stats = img.get_statistics()
assert stats[:8] == (63, 63, 0, 36, 0, 127, 31, 95), stats
assert (stats.mean, stats.median, stats.mode, stats.stdev, stats.min, stats.max, stats.lq, stats.uq) == stats[:8]
assert len(stats) == 32 and stats.l_mean == 63
assert img.get_stats(roi=(0, 4, 16, 1)).min == 64
assert img.statistics(thresholds=[(10, 19)]).max == 19
histogram = img.get_histogram()
assert len(histogram.bins()) == 256 and sum(histogram.bins()) == 1 and histogram[0][99] == 1 / 128
assert histogram.get_percentile(0.75).value == 95 and histogram.get_statistics() == stats
assert len(img.get_histogram(bins=8).l_bins()) == 8 and img.get_hist(bins=8).a_bins() == []
assert len(image.Image(2, 2, image.RGB565).get_histogram().get_threshold()) == 4

# Finding.
img = image.Image(64, 48, image.RGB565).draw_rectangle(8, 6, 11, 5, (255, 0, 0), fill=True)
img.draw_rectangle(40, 30, 7, 9, (255, 0, 0), fill=True).draw_rectangle(2, 40, 3, 3, (0, 255, 0), fill=True)
red = (30, 100, 15, 127, 15, 127)
blobs = img.find_blobs([red], x_hist_bins_max=4)
assert [blob.rect for blob in blobs] == [(8, 6, 11, 5), (40, 30, 7, 9)]
blob = blobs[0]
assert (blob.x, blob.y, blob.w, blob.h, blob.cx, blob.cy, blob.pixels) == (8, 6, 11, 5, 13, 8, 55) == blob[:7]
assert blob.cxf == 13.0 and blob.density == 1.0 and blob.code == 1 and blob.count == 1 and blob.area == 55
assert sum(blob.x_hist_bins) == 55 and len(blob.x_hist_bins) == 4
assert blob == tuple(blob) and tuple(blob) == blob and isinstance(blob[12], list)
assert image.get_solidity(blob) > 0.8 and len(image.get_enclosing_circle(blob)) == 3
x, y, w, h, *others = blob
assert (x, y, w, h) == blob.rect and "cx=13" in str(blob)
img.draw_rectangle(blob).draw_rectangle(blob.rect, 5)
merged = img.find_blobs([(60, 100, -128, -20, 0, 127), red], merge=True, margin=100, pixels_threshold=5, area_threshold=5)
assert len(merged) == 1 and merged[0].code == 3 and merged[0].count == 3, merged
assert img.find_blobs([red], roi=(35, 25, 20, 20))[0].w == 7
assert [b.w for b in img.find_blobs([red], threshold_cb=lambda b: b.w < 9)] == [7]
assert len(img.find_blobs([red], merge=True, margin=100, merge_cb=lambda a, b: False)) == 2
try:
    img.find_blobs([red], threshold_cb=lambda b: 1 // 0)
    assert False
except ZeroDivisionError:
    pass
line = image.Image(40, 40, image.GRAYSCALE).draw_rectangle(0, 5, 40, 3, fill=True).get_regression([(128, 255)])
assert (line.theta, line.rho, line.line) == (90, 6, (0, 6, 39, 6)) and len(line) == 8, line
assert image.Image(8, 8, image.GRAYSCALE).get_regression([(128, 255)]) is None

# More blobs than there is room for at first.
img = image.Image(320, 240, image.GRAYSCALE)
for y in range(0, 240, 12):
    for x in range(0, 320, 10):
        img.draw_rectangle(x, y, 4, 4, fill=True)
assert len(img.find_blobs([(200, 255)])) == 20 * 32

# Files: what is not lossy comes back; a compressed image stays so.
img = image.Image(21, 13, image.RGB565).draw_circle(10, 6, 5, (10, 200, 90), fill=True)
for name in ("/flash/v.bmp", "/flash/v.ppm"):
    assert img.save(name) is img and bytes(image.Image(name)) == bytes(img)
assert image.Image("/flash/v.bmp", copy_to_fb=True).width() == 21
img.save("/flash/v.ppm", roi=(5, 1, 11, 11))
assert image.Image("/flash/v.ppm").get_pixel(5, 5) == img.get_pixel(10, 6)
for name, kind in (("/flash/v.jpg", image.JPEG), ("/flash/v.PNG", image.PNG)):
    img.save(name, quality=90)
    packed = image.Image(name)
    assert (packed.format(), packed.width(), packed.height()) == (kind, 21, 13)
    assert len(packed) == packed.size() == len(bytes(packed))
    packed.save(name)
grey = image.Image(4, 2, image.GRAYSCALE).set_pixel(1, 1, 99)
grey.save("/flash/v.pgm")
assert bytes(image.Image("/flash/v.pgm")) == bytes(grey)

# Nothing stays behind: the memory of a hundred images and searches is there again.
def used():
    gc.collect()
    return gc.mem_alloc()


def work():
    img = image.Image(160, 120, image.RGB565).draw_rectangle(8, 6, 11, 5, (255, 0, 0), fill=True)
    img.find_blobs([red], merge=True)[0].rect
    img.get_histogram().get_threshold()
    try:
        img.find_blobs([red], roi=(500, 500, 1, 1))
    except ValueError:
        pass


work()
before = used()
for i in range(100):
    work()
assert used() - before < 512, used() - before
