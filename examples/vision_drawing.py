# Everything that is drawn: lines, shapes, arrows, text in all sizes and directions, and a flood.
import image

picture = image.Image(240, 160, image.RGB565).draw_rectangle(0, 0, 240, 160, (20, 24, 40), fill=True)
for n in range(12):
    picture.draw_line(10, 10, 10 + 9 * n, 70, (255, 20 * n, 255 - 20 * n), thickness=1 + n // 4)
picture.draw_rectangle(130, 10, 40, 30, (80, 200, 120), thickness=3).draw_rectangle(180, 10, 40, 30, (80, 120, 200), fill=True)
picture.draw_circle(150, 65, 18, (255, 220, 0), thickness=2).draw_circle(200, 65, 18, (255, 80, 0), fill=True)
picture.draw_ellipse(60, 110, 45, 22, 20, (0, 220, 220), thickness=2).draw_ellipse(60, 110, 20, 8, 110, (220, 0, 220), fill=True)
picture.draw_cross(150, 65, (255, 255, 255), size=8).draw_arrow(120, 150, 160, 100, (255, 255, 255), size=12, thickness=2)
picture.draw_edges(((180, 95), (228, 105), (215, 145), (170, 130)), (0, 255, 0), size=4, thickness=2)
picture.flood_fill(195, 120, color=(0, 70, 0), seed_threshold=0.2, floating_threshold=0.2)
picture.draw_string(112, 92, "spiram", (255, 255, 255)).draw_string(6, 140, "large", (180, 180, 255), scale=2)
picture.draw_string(226, 92, "down", (255, 180, 180), string_rotation=90)
picture.save("/flash/vision_drawing.png")
print("%d colours" % len(set(picture[n] for n in range(0, len(picture), 7))))
