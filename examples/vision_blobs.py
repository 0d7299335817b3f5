# Looks for coloured spots in frames of the camera, draws a box around each, and says how fast that goes.
# `cargo xtask run examples/vision_blobs.py`: the synthetic camera shows bars of colour and a disc that moves.
import csi
import time

ORANGE = (50, 80, 20, 70, 50, 90)  # L, a and b, from and to

camera = csi.CSI()
camera.reset()
camera.pixformat(csi.RGB565)
camera.framesize(csi.QVGA)
camera.snapshot(time=2000)  # frames that are let go
clock = time.clock()

for n in range(5):
    clock.tick()
    frame = camera.snapshot()
    for blob in frame.find_blobs([ORANGE], pixels_threshold=200, area_threshold=200, merge=True):
        frame.draw_rectangle(blob.rect, color=(0, 0, 255)).draw_cross((blob.cx, blob.cy))
        print("frame", n, "at", (blob.cx, blob.cy), "of", blob.pixels, "pixels")
    print("%.1f frames a second" % clock.fps())
frame.save("/flash/blobs.jpg", quality=80)
frame.save("/flash/vision_blobs.png")
