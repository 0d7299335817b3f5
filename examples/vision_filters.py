# What filters do to a picture: before and after, as a file each.
import image

picture = image.Image(160, 120, image.GRAYSCALE)
picture.draw_rectangle(20, 20, 60, 40, color=200, fill=True).draw_circle(110, 70, 30, color=120, fill=True)
picture.draw_string(10, 95, "spiram", color=255, scale=2)

for name, filtered in (
    ("mean", picture.copy().mean(2)),
    ("median", picture.copy().median(2)),
    ("gaussian", picture.copy().gaussian(2)),
    ("laplacian", picture.copy().laplacian(1)),
    ("erode", picture.copy().erode(2)),
    ("edges", picture.copy().find_edges(image.EDGE_CANNY, threshold=(50, 80))),
):
    filtered.save("/flash/%s.pgm" % name)
    print(name, "mean", filtered.get_statistics().mean)
