# Arithmetic on whole pictures: what moved between two frames, and two pictures in one.
import csi, image

camera = csi.CSI()
camera.reset()
camera.pixformat(csi.GRAYSCALE)
camera.framesize(csi.QQVGA)
before = camera.snapshot().copy()
for _ in range(10):
    camera.snapshot()
after = camera.snapshot().copy()
moved = after.copy().difference(before)
for blob in moved.find_blobs([(30, 255)], pixels_threshold=20, merge=True, margin=40):
    print("something moved within", blob.rect)
    after.draw_rectangle(blob.rect, color=255)
mask = image.Image(160, 120, image.GRAYSCALE).draw_circle(80, 60, 50, 255, fill=True)
pictures = (
    ("before", before), ("after", after), ("difference", moved), ("blend", before.copy().blend(mask, alpha=100)),
    ("add", before.copy().add(mask)), ("sub", before.copy().sub(mask)), ("min", before.copy().min(mask)),
    ("b_xor", before.copy().b_xor(mask)), ("mask", before.copy().invert().draw_image(before, mask=mask)),
)
wall = image.Image(270, 225, image.GRAYSCALE)
for n, (name, picture) in enumerate(pictures):
    x, y = 5 + n % 3 * 90, 3 + n // 3 * 75
    wall.draw_image(picture, x, y, x_scale=0.5, y_scale=0.5, hint=image.AREA).draw_string(x, y + 61, name, 255)
wall.save("/flash/vision_math.png")
