# psram: esp-psram64h
# Each camera on the connector: what it sends is what it sees, to the byte.
import csi, gc, struct, time

NAMES = {0x26: "ov2640", 0x77: "ov7725", 0x76: "ov7670", 0x56: "ov5640"}


def raises(kind, words, action):
    try:
        action()
    except kind as error:
        assert words in str(error), error
        return
    assert False, words


# What `Pattern` of the virtual board has: bars above, a ramp below, and a square in lines 168 to 191.
def bar(x):
    n = 7 - x * 8 // 320
    return (255 * (n >> 1 & 1), 255 * (n >> 2 & 1), 255 * (n & 1))


def ramp(x):
    return (x * 255 // 319,) * 3


def rgb565(r, g, b):
    return (r >> 3) << 11 | (g >> 2) << 5 | b >> 3


def grey(r, g, b):
    return (77 * r + 150 * g + 29 * b + 128) >> 8


def row(colour, encode, code):
    return b"".join(struct.pack(code, encode(*colour(x))) for x in range(320))


def compare(frame, above, below):
    data, n = frame.bytearray(), len(above)
    assert len(data) >= 240 * n
    for y in range(240):
        if 168 <= y < 192:
            continue
        found = data[y * n : y * n + n]
        assert found == (above if y < 120 else below), (y, bytes(found[:32]), bytes((above if y < 120 else below)[:32]))


c = csi.CSI()
c.reset()
assert c.cid() in NAMES, hex(c.cid())
assert csi.devices() == [c.cid(), csi.SOFTCSI]
c.pixformat(csi.RGB565)
c.framesize(csi.QVGA)
frame = c.snapshot()
assert (frame.width(), frame.height(), frame.format()) == (320, 240, csi.RGB565)
compare(frame, row(bar, rgb565, "<H"), row(ramp, rgb565, "<H"))
# Turned over, and bars of its own.
c.hmirror(True)
c.vflip(True)
for _ in range(4):
    frame = c.snapshot()
assert frame.get_pixel(310, 230) == (255, 255, 255) and frame.get_pixel(319, 0) == (0, 0, 0)
c.hmirror(False)
c.vflip(False)
c.colorbar(True)
for _ in range(4):
    frame = c.snapshot()
assert [frame.get_pixel(20 + 40 * i, 239)[1] for i in range(8)] == [255, 255, 255, 255, 0, 0, 0, 0]
c.colorbar(False)
# Grey, and a window of it.
c.pixformat(csi.GRAYSCALE)
frame = c.snapshot()
compare(frame, row(bar, grey, "B"), row(ramp, grey, "B"))
c.window((200, 100, 80, 60))
frame = c.snapshot()
assert (frame.width(), frame.height()) == (80, 60)
assert frame.get_pixel(0, 0) == grey(*bar(200)) and frame.get_pixel(79, 59) == grey(*ramp(279))
raises(ValueError, "multiple of 4", lambda: (c.window((0, 0, 81, 60)), c.snapshot()))
# Brightness by hand: half of the exposure is half of the light.
c.framesize(csi.QQVGA)
c.auto_gain(False, gain_db=0)
c.auto_exposure(False, exposure_us=4000)
for _ in range(4):
    one = c.snapshot().get_pixel(150, 119)
assert abs(c.exposure_us() - 4000) < 100 and c.gain_db() == 0, (c.exposure_us(), c.gain_db())
c.auto_exposure(False, exposure_us=2000)
for _ in range(4):
    half = c.snapshot().get_pixel(150, 119)
assert abs(one - 2 * half) <= 2 and half > 0, (one, half)
# Sizes that it does not have.
raises(ValueError, "multiples of 4", lambda: c.framesize((322, 240)))
raises(ValueError, "multiples of 4", lambda: c.framesize((320, 241)))
c.reset()
c.framesize(csi.QVGA)
if c.cid() == csi.OV2640:
    c.pixformat(csi.JPEG)
    frame = c.snapshot()
    data = frame.bytearray()[: frame.size()]
    assert data[:2] == b"\xff\xd8" and data[-2:] == b"\xff\xd9", bytes(data[-8:])
    plain = frame.to_rgb565()
    assert (plain.width(), plain.height()) == (320, 240)
    assert abs(plain.get_pixel(60, 60)[2] - bar(60)[2]) < 40
else:
    c.pixformat(csi.JPEG)
    raises(ValueError, "no JPEG", c.snapshot)
# Three frames: none is lost while the heap is collected.
c.pixformat(csi.GRAYSCALE)
c.framesize(csi.QQVGA)
c.framebuffers(3)
c.snapshot()
for n in range(6):
    gc.collect()
    c.snapshot()
# The synthetic one by its number; another one is not there.
assert csi.CSI(cid=csi.SOFTCSI).cid() == csi.SOFTCSI
raises(RuntimeError, "as asked for", lambda: csi.CSI(cid=0x30))
