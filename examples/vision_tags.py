# Draws an AprilTag, number 0 of family 36h11, and finds it.
import image

CODE = 0xD7E00984B
# Where each bit stands, from the highest; the border is one cell wide.
BITS = (
    "11 21 31 41 51 22 32 42 33 61 62 63 64 65 52 53 54 43 66 56 46 36 26 55 45 35 44 16 15 14 13 12 25 24 23 34"
).split()

picture = image.Image(160, 120, image.GRAYSCALE).draw_rectangle(0, 0, 160, 120, 255, fill=True)
picture.draw_rectangle(40, 20, 80, 80, 0, fill=True)
for n, (x, y) in enumerate(BITS):
    if CODE >> 35 - n & 1:
        picture.draw_rectangle(40 + 10 * int(x), 20 + 10 * int(y), 10, 10, 255, fill=True)

for tag in picture.find_apriltags(families=image.TAG36H11):
    print(tag.name, tag.id, "at", (tag.cx, tag.cy), "corners", tag.corners)
    print("turned by %.2f, %.2f away" % (tag.rotation, -tag.z_translation))
    picture.draw_rectangle(tag.rect, color=128).draw_cross(tag.cx, tag.cy, color=128)
picture.save("/flash/vision_tags.png")
