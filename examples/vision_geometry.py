# A chess board bent: lens, rotation in space, and polar maps; and straight again.
import image

board = image.Image(100, 76, image.GRAYSCALE)
for n in range(80):
    x, y = n % 10, n // 10
    board.draw_rectangle(x * 10, y * 10, 10, 10, 230 if (x + y) & 1 else 60, fill=True)
board.draw_circle(50, 38, 20, 255, thickness=2)
steps = (
    ("board", board.copy()),
    ("lens_corr", board.copy().lens_corr(1.8)),
    ("zoomed", board.copy().lens_corr(1.2, zoom=1.5)),
    ("z 20", board.copy().rotation_corr(z_rotation=20)),
    ("x 40", board.copy().rotation_corr(x_rotation=40)),
    ("corners", board.copy().rotation_corr(corners=((20, 5), (80, 15), (99, 70), (0, 60)))),
    ("linpolar", board.copy().linpolar()),
    ("logpolar", board.copy().logpolar()),
    ("and back", board.copy().linpolar().linpolar(reverse=True)),
)
wall = image.Image(330, 285, image.GRAYSCALE)
for n, (name, picture) in enumerate(steps):
    x, y = 5 + n % 3 * 110, 5 + n // 3 * 95
    wall.draw_image(picture, x, y).draw_string(x, y + 79, name, 255)
    print("%-9s mean %3d" % (name, picture.get_statistics().mean))
wall.save("/flash/vision_geometry.png")
