# A page with dirt and holes: thresholds, and what erosion and dilation make of it.
import image

page = image.Image(100, 70, image.GRAYSCALE).draw_rectangle(0, 0, 100, 70, 220, fill=True)
page.draw_string(8, 8, "clean", 40, scale=2).draw_string(8, 36, "me up", 60, scale=2)
seed = 1
for _ in range(160):
    seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
    page.set_pixel(seed >> 8 & 127, seed >> 16 & 127, 255 if seed & 1 << 30 else 20)
steps = (
    ("page", lambda i: i),
    ("binary", lambda i: i.binary([(0, 128)])),
    ("open", lambda i: i.binary([(0, 128)]).open(1, threshold=1)),
    ("close", lambda i: i.binary([(0, 128)]).close(1)),
    ("erode", lambda i: i.binary([(0, 128)]).erode(1, threshold=5)),
    ("top_hat", lambda i: i.binary([(0, 128)]).top_hat(1)),
)
wall = image.Image(330, 180, image.GRAYSCALE)
for n, (name, step) in enumerate(steps):
    picture = step(page.copy())
    x, y = 5 + n % 3 * 110, 5 + n // 3 * 90
    wall.draw_image(picture, x, y).draw_string(x, y + 73, name, 255)
    print("%-8s %4d white pixels" % (name, sum(pixel > 128 for pixel in picture)))
wall.save("/flash/vision_binary.png")
