# What is in a picture, counted: histogram, percentiles, Otsu's threshold; and the picture by that threshold.
import image

scene = image.Image(120, 90, image.GRAYSCALE)
for x in range(120):
    scene.draw_line(x, 0, x, 89, 30 + x // 2)
scene.draw_circle(40, 45, 25, 190, fill=True).draw_circle(90, 50, 14, 215, fill=True).median(1)
counted = scene.get_histogram(bins=64)
level = counted.get_threshold().value
seen = counted.get_statistics()
print("mean %d, median %d, mode %d, stdev %d" % (seen.mean, seen.median, seen.mode, seen.stdev))
print("a tenth is below %d, Otsu parts at %d" % (counted.get_percentile(0.1).value, level))
wall = image.Image(390, 110, image.RGB565).draw_image(scene, 5, 5)
most = max(counted.bins())
for n, share in enumerate(counted.bins()):
    high = int(84 * share / most)
    colour = (255, 200, 60) if n * 4 > level else (90, 160, 255)
    wall.draw_rectangle(132 + 2 * n, 94 - high, 2, high, colour, fill=True)
wall.draw_line(132 + level // 2, 5, 132 + level // 2, 94, (255, 60, 60))
wall.draw_image(scene.copy().binary([(level, 255)]), 265, 5).draw_string(132, 98, "0        255", (200, 200, 200))
wall.save("/flash/vision_histogram.png")
