# psram: esp-psram64h
# The synthetic camera in both generations of the API, and time.clock().
import csi, gc, image, time

camera = csi.CSI()
camera.reset()
try:
    camera.snapshot()
    assert False
except RuntimeError as error:
    assert "framesize" in str(error) or "pixformat" in str(error), error
camera.pixformat(csi.RGB565)
camera.framesize(csi.QVGA)
camera.snapshot(time=2000)
clock = time.clock()
clock.tick()
frame = camera.snapshot()
assert (frame.width(), frame.height(), frame.format()) == (320, 240, csi.RGB565)
assert 1 < clock.fps() < 1000 and 1 < clock.avg() < 1000
# Eight bars, the ramp, the disc.
bars = [frame.get_pixel(20 + 40 * i, 60) for i in range(8)]
assert bars[0] == (255, 255, 255) and bars[5] == (255, 0, 0) and bars[7] == (0, 0, 0), bars
assert frame.get_pixel(0, 239) == (0, 0, 0) and frame.get_pixel(319, 239) == (255, 255, 255)
orange = [(50, 80, 20, 70, 50, 90)]
disc = frame.find_blobs(orange, pixels_threshold=500)
assert len(disc) == 1 and 55 <= disc[0].w <= 65 and abs(disc[0].cy - 180) <= 1, disc
x = disc[0].cx
again = camera.snapshot()
assert again is frame
assert again.find_blobs(orange, pixels_threshold=500)[0].cx - x == 4
# Windows, mirrors, sizes of one's own.
camera.window((200, 0, 80, 100))
frame = camera.snapshot()
assert (frame.width(), frame.height(), camera.width()) == (80, 100, 80) and frame.get_pixel(20, 50) == (255, 0, 0)
camera.framesize((64, 48))
camera.pixformat(csi.GRAYSCALE)
camera.hmirror(True)
frame = camera.snapshot()
assert len(frame) == 64 * 48 and frame.get_pixel(60, 20) == 255 and frame.get_pixel(2, 20) == 0 and camera.hmirror()
camera.transpose(True)
assert camera.snapshot().width() == 48
mine = image.Image(64, 48, image.BINARY)
assert camera.snapshot(image=mine) is mine and sum(mine) > 0
for bad in (lambda: camera.framesize(99), lambda: camera.pixformat(csi.JPEG), lambda: camera.window((60, 0, 9, 9)),
            lambda: csi.CSI(cid=csi.OV2640), lambda: camera.framesize((0, 5))):
    try:
        bad()
        assert False
    except (ValueError, RuntimeError):
        pass

# A frame that was released says so.
old = camera.snapshot()
camera.reset()
try:
    old.get_pixel(0, 0)
    assert False
except ValueError as error:
    assert "released" in str(error)

# The fourth generation.
import sensor

sensor.reset()
sensor.set_pixformat(sensor.RGB565)
sensor.set_framesize(sensor.QQVGA)
sensor.set_auto_gain(False)
sensor.set_auto_whitebal(False, rgb_gain_db=(0, 0, 0))
sensor.skip_frames(time=2000)
frame = sensor.snapshot()
assert (sensor.width(), sensor.height(), sensor.get_id()) == (160, 120, sensor.SOFTCSI)
blob = frame.find_blobs(orange, pixels_threshold=100)[0]
assert blob.cx() == blob[5] and blob.pixels() == blob[4] and len(blob) == 12
assert blob.rect() == (blob.x(), blob.y(), blob.w(), blob.h()) == blob[:4]
assert str(blob).startswith('{"x":') and 0 <= blob.rotation_deg() < 180 and blob.solidity() > 0.7
statistics = frame.get_statistics()
assert len(statistics) == 24 and statistics.l_mean() == statistics[0] == statistics.mean()
try:
    blob.cx(1)
    assert False
except TypeError:
    pass
getter = blob.cx
assert getter() == blob[5]
sensor.set_windowing(40, 30)
assert sensor.get_windowing() == (60, 45, 40, 30) and sensor.snapshot().width() == 40
extra = sensor.alloc_extra_fb(32, 24, sensor.GRAYSCALE)
assert extra.size() == 768
assert sensor.get_fb().width() == 40

# Frames leave nothing behind.
gc.collect()
before = gc.mem_alloc()
for i in range(50):
    sensor.snapshot().find_blobs(orange)
gc.collect()
assert gc.mem_alloc() - before < 512
