# What filters do to a picture.
import image

picture = image.Image(160, 120, image.GRAYSCALE)
picture.draw_rectangle(20, 20, 60, 40, color=200, fill=True).draw_circle(110, 70, 30, color=120, fill=True)
picture.draw_string(10, 95, "spiram", color=255, scale=2)

wall = image.Image(510, 280, image.GRAYSCALE)
for n, (name, filtered) in enumerate((
    ("mean", picture.copy().mean(2)),
    ("median", picture.copy().median(2)),
    ("gaussian", picture.copy().gaussian(2)),
    ("laplacian", picture.copy().laplacian(1)),
    ("erode", picture.copy().erode(2)),
    ("edges", picture.copy().find_edges(image.EDGE_CANNY, threshold=(50, 80))),
)):
    x, y = 5 + n % 3 * 170, 3 + n // 3 * 140
    wall.draw_image(filtered, x, y).draw_string(x, y + 123, name, 255)
    print(name, "mean", filtered.get_statistics().mean)
wall.save("/flash/vision_filters.png")
