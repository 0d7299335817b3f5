# Lines, circles and rectangles are found in a drawing, and drawn over it.
import image

scene = image.Image(160, 120, image.GRAYSCALE)
scene.draw_line(10, 110, 75, 5, 200, thickness=3).draw_line(5, 20, 90, 60, 200, thickness=3)
scene.draw_circle(120, 35, 22, 220, thickness=2).draw_rectangle(95, 70, 50, 36, 255, fill=True)
scene.gaussian(1)
wall = image.Image(320, 120, image.RGB565).draw_image(scene, 0, 0).draw_image(scene, 160, 0)
for line in scene.find_lines(threshold=3000):
    print("line, %d degrees, %d from the corner" % (line.theta, line.rho))
    wall.draw_line(160 + line.x1, line.y1, 160 + line.x2, line.y2, (255, 60, 60))
for circle in scene.find_circles(threshold=2500, r_min=15, r_max=30):
    print("circle of radius %d at (%d, %d)" % (circle.r, circle.x, circle.y))
    wall.draw_circle(160 + circle.x, circle.y, circle.r, (60, 255, 60), thickness=2)
for rect in scene.find_rects(threshold=8000):
    print("rectangle", rect.rect)
    wall.draw_edges([(160 + x, y) for x, y in rect.corners], (80, 160, 255), size=3, thickness=2)
wall.save("/flash/vision_shapes.png")
