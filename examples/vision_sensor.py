# The same camera as functions, as scripts of OpenMV's fourth generation have it: results are calls.
import image, sensor

sensor.reset()
sensor.set_pixformat(sensor.GRAYSCALE)
sensor.set_framesize(sensor.QQVGA)
sensor.skip_frames(time=2000)

frame = sensor.snapshot()
statistics = frame.get_statistics()
print("mean", statistics.mean(), "from", statistics.min(), "to", statistics.max())
edges = frame.copy().find_edges(image.EDGE_CANNY, threshold=(50, 80))
print(sum(1 for pixel in edges if pixel), "pixels of edges")
wall = image.Image(320, 120, image.GRAYSCALE).draw_image(frame, 0, 0).draw_image(edges, 160, 0)
for line in edges.find_lines(threshold=4000, theta_margin=25, rho_margin=25):
    print("a line", line.line(), "at", line.theta(), "degrees")
    x1, y1, x2, y2 = line.line()
    wall.draw_line(160 + x1, y1, 160 + x2, y2, 128)
wall.save("/flash/vision_sensor.png")
