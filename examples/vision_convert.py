# One picture made of another: formats, palettes, parts, sizes, turns, and a channel alone.
import csi, image

camera = csi.CSI()
camera.reset()
camera.pixformat(csi.RGB565)
camera.framesize(csi.QQVGA)
frame = camera.snapshot()
pictures = (
    ("rgb565", frame.copy()),
    ("gray", frame.copy().to_grayscale()),
    ("bitmap", frame.copy().to_bitmap()),
    ("rainbow", frame.copy().to_grayscale().to_rainbow()),
    ("ironbow", frame.copy().to_grayscale().to_ironbow()),
    ("red", frame.copy(rgb_channel=0)),
    ("roi", frame.copy(roi=(20, 60, 80, 60))),
    ("bicubic", frame.copy(roi=(20, 60, 20, 15), x_scale=4, hint=image.BICUBIC)),
    ("turned", frame.copy(hint=image.ROTATE_90)),
)
wall = image.Image(330, 270, image.RGB565)
for n, (name, picture) in enumerate(pictures):
    x, y = 5 + n % 3 * 110, 5 + n // 3 * 90
    print("%-8s %3d x %3d, %5d bytes" % (name, picture.width(), picture.height(), picture.size()))
    scale = min(100 / picture.width(), 70 / picture.height())
    wall.draw_image(picture, x, y, x_scale=scale, y_scale=scale, hint=image.BILINEAR)
    wall.draw_string(x, y + 72, name, (255, 255, 255))
wall.save("/flash/vision_convert.png")
