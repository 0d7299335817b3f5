# A dark, flat picture with a green cast, made better step by step.
import image

scene = image.Image(100, 75, image.RGB565)
for n in range(10):
    scene.draw_rectangle(n * 10, 0, 10, 75, (30 + 4 * n, 70 + 5 * n, 30 + 3 * n), fill=True)
scene.draw_circle(30, 40, 20, (60, 90, 40), fill=True).draw_string(50, 30, "dusk", (75, 120, 60))
steps = (
    ("scene", scene.copy()),
    ("gamma", scene.copy().gamma(gamma=1.8)),
    ("contrast", scene.copy().gamma(gamma=1.0, contrast=2.2, brightness=-0.2)),
    ("awb", scene.copy().awb()),
    ("ccm", scene.copy().ccm([[1.6, 0, 0], [0, 1.0, 0], [0, 0, 1.8]])),
    ("histeq", scene.copy().histeq()),
    ("clahe", scene.copy().histeq(adaptive=True, clip_limit=3)),
    ("awb+gamma", scene.copy().awb().gamma(gamma=1.8)),
    ("negate", scene.copy().negate()),
)
wall = image.Image(330, 285, image.RGB565)
for n, (name, picture) in enumerate(steps):
    x, y = 5 + n % 3 * 110, 5 + n // 3 * 95
    wall.draw_image(picture, x, y).draw_string(x, y + 78, name, (255, 255, 255))
    seen = picture.get_statistics()
    print("%-9s L %3d +- %2d, a %4d, b %4d" % (name, seen.l_mean, seen.l_stdev, seen.a_mean, seen.b_mean))
wall.save("/flash/vision_light.png")
