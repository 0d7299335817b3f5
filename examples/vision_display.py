# Shows what the camera sees on a display, with a box around the coloured spot that was found, and how fast that goes.
# `cargo xtask run --lenient --display ili9341-320x240 --display-png seen.png examples/vision_display.py`
import csi
import display
import time

ORANGE = (50, 80, 20, 70, 50, 90)  # L, a and b, from and to

camera = csi.CSI()
camera.reset()
camera.pixformat(csi.RGB565)
camera.framesize(csi.QVGA)
# 26 pictures a second want 32 MHz, where the ILI9341's data sheet ends at 10; most modules bear it.
screen = display.SPIDisplay(320, 240, 26, controller=display.ILI9341, triple_buffer=True)
clock = time.clock()

for n in range(5):
    clock.tick()
    frame = camera.snapshot()
    for blob in frame.find_blobs([ORANGE], pixels_threshold=200, area_threshold=200, merge=True):
        frame.draw_rectangle(blob.rect, color=(0, 0, 255), thickness=2)
        frame.draw_string((blob.x, blob.y - 12), "%d, %d" % (blob.cx, blob.cy), color=(0, 0, 0))
    screen.write(frame)
    print("%.1f frames a second" % clock.fps())
screen.bus_write(0)  # waits for the last one
