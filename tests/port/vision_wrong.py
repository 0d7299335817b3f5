# psram: esp-psram64h
# Module image: wrong arguments are exceptions of the usual kinds, with words, and change nothing.
import image

img = image.Image(20, 10, image.GRAYSCALE)
red = (30, 100, 15, 127, 15, 127)


def refused(kind, words, function, *arguments, **keywords):
    try:
        function(*arguments, **keywords)
    except kind as error:
        assert type(error) is kind, repr(error)
        for word in words.split("|"):
            assert word in str(error), (words, str(error))
    else:
        assert False, (kind, words)


# Images.
refused(ValueError, "0 x 4|1 to 16383", image.Image, 0, 4, image.RGB565)
refused(ValueError, "20000 x 4", image.Image, 20000, 4, image.RGB565)
refused(TypeError, "width|int", image.Image, 4.5, 4, image.RGB565)
refused(ValueError, "5 is no pixel format", image.Image, 4, 4, 5)
refused(TypeError, "missing", image.Image, 4, 4)
refused(TypeError, "path", image.Image)
refused(MemoryError, "", image.Image, 16000, 16000, image.RGB565)
refused(ValueError, "buffer", image.Image, 4, 4, image.JPEG)
refused(ValueError, "buffer of 32 bytes and has 31", image.Image, 4, 4, image.RGB565, buffer=bytearray(31))
refused(TypeError, "buffer", image.Image, 4, 4, image.RGB565, buffer=7)
refused(OSError, "ENOENT", image.Image, "/flash/none.bmp")
refused(TypeError, "colour", img.draw_line, 0, 0, 1, 1, colour=3)
refused(TypeError, "'thikness'", img.draw_line, (0, 0, 1, 1), 3, thikness=3)
refused(TypeError, "given twice", img.draw_line, (0, 0, 1, 1), 3, color=3)
# A picture in bytes cannot be drawn on: its bytes cannot be written.
refused(TypeError, "written", image.Image(2, 1, image.GRAYSCALE, buffer=b"12").set_pixel, 0, 0, 1)
packed = image.Image(4, 4, image.JPEG, buffer=b"\xff\xd8")
refused(ValueError, "jpeg|to_rgb565", packed.get_pixel, 0, 0)
refused(ValueError, "jpeg", packed.find_blobs, [(0, 1)])

refused(NotImplementedError, "ulab|bytearray()", img.to_ndarray, "B")
refused(TypeError, "dtype", img.to_ndarray)

# Numbers, loose or in tuples.
refused(TypeError, "4 numbers", img.draw_line, 1, 2, 3)
refused(ValueError, "has 3", img.draw_line, (1, 2, 3))
refused(TypeError, "int, not str", img.draw_line, "a", 1, 2, 3)
refused(TypeError, "int", img.draw_line, (1, None, 2, 3))
refused(ValueError, "32 bits", img.draw_line, 1 << 40, 1, 2, 3)
refused(TypeError, "color", img.set_pixel, 0, 0, "red")
refused(ValueError, "color needs 3", img.set_pixel, 0, 0, (1, 2))
refused(TypeError, "text", img.draw_string, 0, 0, 5)
refused(ValueError, "char_rotation is 45|90", img.draw_string, 0, 0, "a", char_rotation=45)
refused(TypeError, "four points", img.draw_edges, (1, 2, 3))
refused(TypeError, "list", img.draw_keypoints, 5)
refused(TypeError, "an Image", img.flood_fill, 0, 0, mask=3)
img.draw_line(-(1 << 30), -5, 1 << 30, 40).draw_circle(0, 0, 1 << 20).draw_rectangle(5, 5, -3, -3)
img.draw_ellipse(1 << 20, 3, 1 << 20, 1 << 20, 400).draw_string(-500, 1 << 30, "far").flood_fill(500, 0)

# Thresholds, regions, counts.
refused(TypeError, "list of thresholds", img.find_blobs, 3)
refused(TypeError, "thresholds", img.find_blobs, [3])
refused(ValueError, "2 or 6", img.find_blobs, [(1,) * 7])
refused(ValueError, "32", img.find_blobs, [(1, 2)] * 33)
refused(ValueError, "shares no pixel|20 x 10", img.find_blobs, [(1, 2)], roi=(20, 0, 3, 3))
refused(ValueError, "roi needs 4", img.find_blobs, [(1, 2)], roi=(20, 0))
refused(ValueError, "x_stride", img.find_blobs, [(1, 2)], x_stride=0)
refused(ValueError, "x_stride", img.find_blobs, [(1, 2)], x_stride=-1)
refused(TypeError, "pixel_threshold", img.find_blobs, [(1, 2)], pixel_threshold=1)
assert img.clear().find_blobs([]) == [] and img.find_blobs([(9, 3)]) == []
refused(ValueError, "2 to 256", img.get_histogram, bins=1)
refused(ValueError, "2 to 256", img.get_histogram, bins=1000)
refused(ValueError, "0 to 1", img.get_histogram().get_percentile, 2)
refused(IndexError, "3", lambda: img.get_histogram()[3])
refused(ValueError, "20 x 10 and 5 x 5", img.get_statistics, difference=image.Image(5, 5, image.GRAYSCALE))
refused(TypeError, "blob", image.get_solidity, 5)
refused(ValueError, "target_size", img.get_regression, [(0, 255)], target_size=(0, 5))
refused(IndexError, "200", lambda: img[200])
refused(TypeError, "int", lambda: img["a"])

# Files.
refused(ValueError, ".bmp", img.save, "/flash/x.tiff")
refused(ValueError, "damaged JPEG", packed.save, "/flash/x.bmp")
refused(ValueError, "quality", img.save, "/flash/x.jpg", quality=0)
refused(OSError, "", img.save, "/none/x.jpg")
for content, words in ((b"", "first bytes"), (b"hello world", "first bytes"), (b"BM\0", "BMP"), (b"P5\n9", "")):
    with open("/flash/x.bmp", "wb") as file:
        file.write(content)
    refused(ValueError, words, image.Image, "/flash/x.bmp")

# A callback may do what it likes with the image.
mine = bytearray(200)
own = image.Image(20, 10, image.GRAYSCALE, buffer=mine).draw_rectangle(2, 2, 8, 6, fill=True)


def rude(blob):
    mine[:] = b""
    mine.extend(b"x" * 100000)
    return True


own.find_blobs([(200, 255)], threshold_cb=rude)
short = image.Image(20, 10, image.GRAYSCALE, buffer=bytearray(200))
short.bytearray()[:] = b"short"
refused(ValueError, "needs a buffer of 200", short.get_pixel, 0, 0)
refused(ValueError, "needs a buffer of 200", short.draw_line, 0, 0, 1, 1)

# Drawn beside the picture: nothing happens.
for kind in (image.BINARY, image.GRAYSCALE, image.RGB565):
    canvas, other = image.Image(8, 8, kind), image.Image(8, 8, kind).invert()
    for place in ((8, 0), (-8, 0), (400, 0), (-400, 3), (0, 400), (1 << 30, -(1 << 30))):
        canvas.draw_image(other, place[0], place[1]).b_or(other, place[0], place[1]).add(other, place[0], place[1])
    assert sum(bytes(canvas)) == 0
