# psram: esp-psram64h
# Images in files and streams: every format there and back, by a volume and by one that is written in Python, as mpremote's is.
import crc, gc, gif, image, io, mjpeg, os, time, umalloc, vfs
from machine import LED


def refused(kind, words, function, *arguments, **keywords):
    try:
        function(*arguments, **keywords)
    except kind as error:
        for word in words.split("|"):
            assert word in str(error), (words, str(error))
    else:
        assert False, (kind, words)


class Held(io.IOBase):
    """A file as mpremote's mounted folder has it: Python methods over what the host holds."""

    def __init__(self, store, name, mode):
        self.store, self.name, self.at = store, name, 0
        if "w" in mode:
            store[name] = bytearray()

    def readinto(self, into):
        part = self.store[self.name][self.at : self.at + len(into)]
        into[: len(part)] = part
        self.at += len(part)
        return len(part)

    def write(self, data):
        held = self.store[self.name]
        held[self.at : self.at + len(data)] = data
        self.at += len(data)
        return len(data)

    def seek(self, offset, whence=0):
        self.at = offset + (len(self.store[self.name]) if whence == 2 else 0)
        return self.at

    def flush(self):
        pass

    def close(self):
        pass


class Mounted:
    def __init__(self):
        self.store = {}

    def mount(self, readonly, mkfs):
        pass

    def umount(self):
        pass

    def open(self, path, mode):
        name = path.lstrip("/")
        if "r" in mode and name not in self.store:
            raise OSError(2)
        return Held(self.store, name, mode)


mounted = Mounted()
vfs.mount(mounted, "/host")

colours = image.Image(40, 24, image.RGB565)
for n in range(8):
    colours.draw_rectangle(n * 5, 0, 5, 24, (n * 30, 255 - n * 30, (n * 77) % 256), fill=True)
colours.draw_string(1, 8, "PNG", (255, 255, 255))
grey = colours.copy().to_grayscale()
binary = grey.copy().to_bitmap()
lent = umalloc.stats()
assert lent.used == 0 == lent.used_B and lent.free_B > 0 and len(lent) == 7, lent


def alike(one, other, limit=0):
    assert (one.width(), one.height()) == (other.width(), other.height())
    worst = one.copy().to_rgb565().difference(other.copy().to_rgb565()).get_statistics().l_max
    assert worst <= limit, worst


# Without loss, whole and in part, on both volumes.
for folder in ("/flash", "/host"):
    for name, img in (("c", colours), ("g", grey), ("b", binary)):
        for kind in ("bmp", "png", "ppm" if img is colours else "pgm"):
            path = "%s/%s.%s" % (folder, name, kind)
            assert img.save(path) is img
            back = image.Image(path)
            assert (back.format() == image.PNG) == (kind == "png")
            if kind != "png":
                alike(back, img)
                assert back.format() == img.format() or kind == "pgm"
            unpacked = back.copy().to_rgb565() if img is colours else back.copy().to_grayscale()
            alike(unpacked, img)
            img.save(path, roi=(5, 4, 12, 10))
            part = image.Image(path).to_rgb565()
            alike(part, img.copy(roi=(5, 4, 12, 10)).to_rgb565())
        path = "%s/%s.jpg" % (folder, name)
        sizes = []
        for quality in (10, 50, 95):
            img.save(path, quality=quality)
            sizes.append(image.Image(path).size())
        assert sizes[0] < sizes[2], sizes
        alike(image.Image(path).to_rgb565(), img, 60)
assert mounted.store["c.png"][:4] == b"\x89PNG"
for name in os.listdir("/flash"):
    if name[1:2] == ".":
        os.remove("/flash/" + name)

# PNG and JPEG as formats: streams that can be drawn, saved as they are, and unpacked into another kind of file.
packed = colours.copy().to_png()
assert packed.format() == image.PNG and bytes(packed)[1:4] == b"PNG" and len(packed) == packed.size()
assert str(packed).startswith('{"w":40, "h":24, "type":"png"')
canvas = image.Image(40, 24, image.RGB565).draw_image(packed, 0, 0)
alike(canvas, colours)
packed.save("/host/again.png")
assert bytes(mounted.store["again.png"]) == bytes(packed)
packed.save("/host/other.bmp")
alike(image.Image("/host/other.bmp"), colours)
packed.save("/host/part.jpg", roi=(0, 0, 16, 16))
assert image.Image("/host/part.jpg").width() == 16
alike(image.Image(40, 24, image.RGB565).draw_image("/host/again.png"), colours)
half = packed.copy(x_scale=0.5)
assert (half.width(), half.height(), half.format()) == (20, 12, image.RGB565)
assert packed.copy().crop(roi=(0, 0, 8, 8)).width() == 8
assert packed.copy().to_jpeg(quality=80).format() == image.JPEG
torn = image.Image(40, 24, image.PNG, buffer=bytes(packed)[:-30])
refused(ValueError, "damaged PNG", torn.copy().to_rgb565)
changed = bytearray(bytes(packed))
changed[60] ^= 4
refused(ValueError, "damaged PNG", image.Image(40, 24, image.PNG, buffer=changed).to_rgb565)
mounted.store["nonsense.bmp"] = bytearray(b"nonsense")
refused(ValueError, "none of JPEG, PNG", image.Image, "/host/nonsense.bmp")
refused(ValueError, ".bmp, .pgm", colours.save, "/host/x.tiff")
refused(OSError, "ENOENT", image.Image, "/host/none.png")
refused(TypeError, "'qualty'", colours.save, "/host/x.jpg", qualty=3)

# What cameras send: a mosaic, and YUV 4:2:2.
bayer = image.Image(8, 6, image.BAYER, buffer=bytes((50, 100) * 4 + (100, 200) * 4) * 3)
seen = image.Image(8, 6, image.RGB565).draw_image(bayer)
assert all(pixel == seen[0] for pixel in seen) and seen.get_pixel(0, 0) == (206, 101, 49), seen.get_pixel(0, 0)
yuv = image.Image(4, 2, image.YUV422, buffer=bytes((0, 128, 255, 128)) * 4)
assert [image.Image(4, 2, image.GRAYSCALE).draw_image(yuv)[n] for n in range(2)] == [0, 255]
assert yuv.copy().to_grayscale().format() == image.GRAYSCALE and bayer.copy().to_jpeg().format() == image.JPEG

# Streams of images in a file.
for path in ("/flash/s.bin", "/host/s.bin"):
    stream = image.ImageIO(path, "w")
    assert stream.type() == image.ImageIO.FILE_STREAM and stream.version() == 20 and not stream.is_closed()
    assert stream.write(colours) is stream
    time.sleep_ms(30)
    stream.write(grey)
    time.sleep_ms(20)
    stream.write(packed)
    assert (stream.count(), stream.offset()) == (3, 3)
    stream.sync()
    refused(ValueError, "opened to be written", stream.read)
    size = stream.size()
    stream.close()
    stream.close()
    assert stream.is_closed()
    refused(ValueError, "closed", stream.write, grey)
    stream = image.ImageIO(path, "r")
    assert (stream.count(), stream.offset(), stream.size(), stream.buffer_size()) == (3, 0, size, None)
    first = stream.read(pause=False)
    began = time.ticks_ms()
    second = stream.read()
    assert 25 <= time.ticks_diff(time.ticks_ms(), began) <= 60
    third = stream.read(pause=False)
    alike(first, colours)
    alike(second, grey)
    assert bytes(third) == bytes(packed) and stream.offset() == 3
    assert stream.read(loop=False) is None
    alike(stream.read(loop=True, pause=False), colours)
    stream.seek(2)
    assert stream.read(pause=False).format() == image.PNG
    stream.seek(1)
    assert stream.read(pause=False).format() == image.GRAYSCALE
    refused(ValueError, "seek to image 4 of a stream of 3", stream.seek, 4)
    refused(ValueError, "opened to be read", stream.write, grey)
    stream.close()
# The power failed in the last frame; another version; another file.
whole = mounted.store["s.bin"]
mounted.store["cut.bin"] = whole[: len(whole) - 20]
assert image.ImageIO("/host/cut.bin", "r").count() == 2
mounted.store["old.bin"] = bytearray(b"OMV IMG STR V1.0") + whole[16:]
refused(ValueError, "version 1.0|2.0", image.ImageIO, "/host/old.bin", "r")
refused(ValueError, "no image stream", image.ImageIO, "/host/again.png", "r")
refused(ValueError, "'r' or 'w'", image.ImageIO, "/host/s.bin", "x")
mounted.store["bad.bin"] = whole[:16] + b"\xff" * 200
refused(ValueError, "frame 0 at byte 16", image.ImageIO, "/host/bad.bin", "r")
os.remove("/flash/s.bin")

# And in memory.
stream = image.ImageIO((40, 24, image.RGB565), 2)
assert stream.type() == image.ImageIO.MEMORY_STREAM and stream.version() is None
assert stream.buffer_size() == 1920 and stream.size() >= 2 * 1920 and stream.count() == 0
assert stream.read(loop=True) is None
stream.write(colours).write(grey)
refused(ValueError, "holds 2 images", stream.write, grey)
stream.seek(0)
alike(stream.read(pause=False), colours)
alike(stream.read(pause=False), grey)
assert stream.read(loop=False, pause=False) is None
stream.seek(0)
refused(ValueError, "3072 bytes in a stream with 1920", stream.write, image.Image(64, 48, image.GRAYSCALE))
refused(MemoryError, "", image.ImageIO, (640, 480, image.RGB565), 100)
refused(TypeError, "(width, height, pixformat)", image.ImageIO, 5, 2)
stream.close()
refused(ValueError, "closed", stream.count)

# Movies: their heads; what others read of them is tested on the host.
film = gif.Gif("/host/film.gif", loop=True)
for n in range(3):
    film.add_frame(colours.copy().draw_circle(10 + 5 * n, 12, 6, (255, 0, 0)), delay=7)
assert (film.width(), film.height(), film.format(), film.loop()) == (40, 24, 1, True)
refused(ValueError, "8 x 6 in a GIF of 40 x 24", film.add_frame, bayer)
film.close()
film.close()
made = mounted.store["film.gif"]
assert made[:6] == b"GIF89a" and made[-1:] == b";" and film.size() == len(made)
refused(ValueError, "closed", film.add_frame, colours)

movie = mjpeg.Mjpeg("/host/film.avi")
for n in range(3):
    movie.write(colours.copy().draw_circle(10 + 5 * n, 12, 6, (255, 0, 0)), quality=80)
    time.sleep_ms(50)
movie.add_frame(image.Image(80, 24, image.GRAYSCALE))
movie.add_frame(colours.copy().to_jpeg())
movie.sync()
assert (movie.width(), movie.height(), movie.count(), movie.is_closed()) == (40, 24, 5, False)
movie.close()
made = mounted.store["film.avi"]
assert made[:4] == b"RIFF" and int.from_bytes(made[4:8], "little") == len(made) - 8 and b"idx1" in made
movie = mjpeg.Mjpeg("/host/many.avi", 16, 12)
for n in range(70):
    movie.write(grey, roi=(0, 0, 16, 12))
refused(ValueError, "fps", movie.close, 0)
movie.close(25)
made = mounted.store["many.avi"]
assert int.from_bytes(made[32:36], "little") == 40000 and int.from_bytes(made[48:52], "little") == 70

# Sums, the lamp, and memory: nothing is borrowed between two calls.
assert crc.crc16(b"123456789") == crc.crc16(b"6789", value=crc.crc16(b"12345"))
assert crc.crc32(b"123456789") == crc.crc32(b"6789", value=crc.crc32(b"12345")) and crc.crc32(b"") == 0xFFFFFFFF
refused(TypeError, "seed", crc.crc16, b"", seed=3)
for name in ("LED_RED", "LED"):
    led = LED(name)
    led.on()
    led.off()
    led.toggle()
    led.off()
refused(ValueError, "no lamp 'LED_PINK'", LED, "LED_PINK")
clock = time.clock()
clock.tick()
assert clock.fps() > 0 and clock.avg() > 0 and clock.reset() is None
umalloc.collect()
umalloc.init()
assert umalloc.stats().peak_B == 0
grey.copy().mean(2).median(1)
used = umalloc.stats()
assert used.used == 0 and used[3] == 0 and used.peak_B > 0 and used.persist == 0
umalloc.print_stats()
vfs.umount("/host")
