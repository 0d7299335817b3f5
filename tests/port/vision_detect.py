# psram: esp-psram64h
# Module image: cascades, faces, gradients, disparity, each with an answer that is worked out here.
import image, os, struct


def raises(kind, words, f, *args, **kwargs):
    try:
        f(*args, **kwargs)
    except kind as error:
        assert words in str(error), error
    else:
        raise AssertionError(words)


# One stage of one feature: the upper half of a window of 12 x 12 is darker than the lower.
FILE = struct.pack("<IIIBBBB4hB2b8B", 12, 12, 1, 1, 0, 0, 0, 100, 2000, 0, 200, 2, -1, 2, *(0, 0, 12, 12), *(0, 6, 12, 6))
with open("/flash/halves.cascade", "wb") as file:
    file.write(FILE)
for path in ("halves", "/flash/halves.cascade"):
    cascade = image.HaarCascade(path, stages=1)
    assert str(cascade) == '{"width":12, "height":12, "n_stages":1, "n_features":1, "n_rectangles":2}', cascade
img = image.Image(80, 60, image.GRAYSCALE).draw_rectangle(0, 0, 80, 60, color=128, fill=True)
img.draw_rectangle(31, 21, 12, 6, color=0, fill=True).draw_rectangle(31, 27, 12, 6, color=255, fill=True)
found = img.find_features(cascade, threshold=1.0, scale=1.25)
assert any(abs(x + w // 2 - 37) < 6 and abs(y + h // 2 - 27) < 6 for x, y, w, h in found), found
assert img.find_features(cascade, threshold=1.0, roi=(0, 0, 20, 20)) == []
assert img.to_rgb565(copy=True).find_features(cascade, threshold=1.0, scale_factor=1.25)
raises(ValueError, "scale is 1", img.find_features, cascade, scale=1)
raises(TypeError, "cascade", img.find_features, "halves")
raises(ValueError, "`spiram cascade`", image.HaarCascade, "frontalface")
raises(OSError, "ENOENT", image.HaarCascade, "/flash/none.cascade")
with open("/flash/halves.cascade", "wb") as file:
    file.write(FILE[:-1])
raises(ValueError, "cascade", image.HaarCascade, "halves")
os.remove("/flash/halves.cascade")

# An iris.
eye = image.Image(80, 60, image.GRAYSCALE).draw_rectangle(0, 0, 80, 60, color=220, fill=True)
eye.draw_circle(46, 38, 9, color=20, fill=True)
x, y = eye.find_eye((0, 0, 80, 60))
assert abs(x - 46) <= 1 and abs(y - 38) <= 1, (x, y)
assert eye.find_eye(roi=(0, 0, 80, 60)) == (x, y)

# Faces: as far apart as their counts of patterns, and the same after a file.
one, other = img.find_lbp((0, 0, 70, 56)), eye.find_lbp(roi=(0, 0, 70, 56))
assert image.match_descriptor(one, one) == 0 and image.match_descriptor(one, other) > 50
image.save_descriptor(one, "/flash/one.lbp")
assert os.stat("/flash/one.lbp")[6] == 4 + 49 * 59
again = image.load_descriptor("/flash/one.lbp")
assert image.match_descriptor(again, other) == image.match_descriptor(one, other)
os.remove("/flash/one.lbp")
raises(ValueError, "at least 7", img.find_lbp, (0, 0, 6, 50))
raises(TypeError, "of one kind", image.match_descriptor, one, 7)
with open("/flash/one.lbp", "wb") as file:
    file.write(bytes(4 + 48 * 59))
raises(ValueError, "no descriptor", image.load_descriptor, "/flash/one.lbp")
os.remove("/flash/one.lbp")

# Keypoints: the corners of three shapes, known again 9 columns on, and after a file.
def shapes(x):
    img = image.Image(200, 160, image.GRAYSCALE).draw_rectangle(0, 0, 200, 160, color=90, fill=True)
    for at, (level, w, h) in enumerate(((250, 30, 18), (10, 17, 31), (180, 24, 24))):
        img.draw_rectangle(x + 45 * at, 50 + 13 * at, w, h, color=level, fill=True)
    return img.draw_line(x, 110, x + 80, 95, color=240, thickness=3)


first, second = shapes(40).find_keypoints(), shapes(49).find_keypoints(max_keypoints=80)
assert 10 < len(first) <= 100 and first and len(list(first)) == len(first), first
x, y, score, octave, angle = first[0]
assert first[-1][2] <= score and octave >= 1 and angle % 15 == 0 and tuple(first)[0] == first[0]
same = image.match_descriptor(first, first)
assert same.count > len(first) // 2 and same.theta == 0 and all(a == b for a, b in same.match), same
moved = image.match_descriptor(first, second, filter_outliers=True)
assert moved.count >= 5 and len(moved.match) == moved.count and moved.rect == moved[:4], moved
a, b = moved.match[0]
assert abs(second[b][0] - first[a][0] - 9) <= 6, (first[a], second[b])
image.save_descriptor(first, "/flash/corners.orb")
again = image.load_descriptor("/flash/corners.orb")
assert list(again) == list(first) and image.match_descriptor(again, second).match == image.match_descriptor(first, second).match
os.remove("/flash/corners.orb")
assert image.Image(100, 100, image.GRAYSCALE).find_keypoints(corner_detector=image.CORNER_FAST) is None
assert shapes(40).draw_keypoints(first, size=4, color=0) is not None
raises(IndexError, "keypoints", lambda: first[1000])
raises(TypeError, "of one kind", image.match_descriptor, first, one)
raises(ValueError, "scale_factor is 1", img.find_keypoints, scale_factor=1)

# Boxes around what differs in colour.
ground = image.Image(60, 60, image.RGB565).draw_rectangle(0, 0, 60, 60, color=(0, 255, 0), fill=True)
ground.draw_rectangle(6, 9, 18, 15, color=(255, 0, 0), fill=True).draw_rectangle(6, 9, 18, 7, color=(220, 0, 0), fill=True)
found = ground.selective_search(threshold=20)
assert any(abs(x - 6) < 3 and abs(y - 9) < 3 and abs(w - 17) < 3 and abs(h - 14) < 3 for x, y, w, h in found), found
raises(ValueError, "RGB565", img.selective_search)

# An edge between columns 35 and 36 becomes an upright line in its cell.
edge = image.Image(64, 64, image.GRAYSCALE).draw_rectangle(36, 0, 28, 64, color=200, fill=True)
assert edge.find_hog() is edge and edge.get_pixel(4, 20) == 0
assert sum(edge.get_pixel(36, y) > 100 for y in range(64)) > 30

# Five columns to the right is a disparity of 5 of 15, 17 units each.
pair = image.Image(60, 8, image.GRAYSCALE)
for y in range(8):
    for x in range(30):
        level = x * x * 7 + y * y * 13 & 255
        pair.set_pixel(x, y, level)
        if x + 5 < 30:
            pair.set_pixel(30 + x + 5, y, level)
assert pair.copy().stereo_disparity(max_disparity=15, threshold=0).get_pixel(40, 4) == 5 * 17
raises(ValueError, "max_disparity is 0", pair.stereo_disparity, max_disparity=0)
raises(ValueError, "grayscale", img.to_rgb565(copy=True).stereo_disparity)
# A bar code, by ISO/IEC 15420: upright, and read from the right.
MODULES = "10100011010100111010111101111010001001011001101010100001010000101000010111010010000101100110101"
code = image.Image(240, 30, image.GRAYSCALE).draw_rectangle(0, 0, 240, 30, color=220, fill=True)
for at, module in enumerate(MODULES):
    if module == "1":
        code.draw_rectangle(20 + 2 * at, 4, 2, 20, color=20, fill=True)
for img, turn, type in ((code, 0, image.EAN13), (code.copy(hint=image.HMIRROR | image.VFLIP), 3.1416, image.EAN13)):
    found = img.find_barcodes()
    assert len(found) == 1, found
    one = found[0]
    assert (one.payload, one.type) == ("4006381333931", type) and abs(one.rotation - turn) < 0.001, one
    assert one.quality >= 15 and abs(one.x - 20) < 40 and abs(one.w - 190) <= 2 and len(one) == 9, one
assert code.find_barcodes(roi=(0, 0, 100, 30)) == []

# A Data Matrix: ISO/IEC 16022's example, "123456", 10 x 10 modules of 6 pixels; upright, and upside down.
ROWS = (0b1010101010, 0b1100101101, 0b1100000100, 0b1100011101, 0b1100001000, 0b1000001111, 0b1110110000, 0b1111011001, 0b1001110100, 0b1111111111)
code = image.Image(90, 80, image.GRAYSCALE).draw_rectangle(0, 0, 90, 80, color=220, fill=True)
for y, bits in enumerate(ROWS):
    for x in range(10):
        if bits >> 9 - x & 1:
            code.draw_rectangle(15 + 6 * x, 10 + 6 * y, 6, 6, color=20, fill=True)
for img, turn in ((code, 0), (code.copy(hint=image.HMIRROR | image.VFLIP), 3.1416)):
    found = img.find_datamatrices()
    assert len(found) == 1, found
    one = found[0]
    assert one.payload == "123456" and abs(one.rotation - turn) < 0.05, one
    assert (one.rows, one.columns, one.capacity, one.padding, len(one)) == (10, 10, 3, 0, 11), one
    assert abs(one.x - 15) <= 1 and abs(one.y - 10) <= 1 and abs(one.w - 61) <= 2 and one.rect == one[:4], one
assert code.find_datamatrices(roi=(0, 0, 40, 80)) == [] and code.find_datamatrices(effort=0) == []

# The four sides of a square, by their edges.
square = image.Image(120, 100, image.GRAYSCALE).draw_rectangle(30, 20, 60, 50, color=200, fill=True)
lines = square.find_line_segments()
for theta, rho in ((0, 30), (0, 90), (90, 20), (90, 70)):
    near = [line for line in lines if line.theta == theta and abs(line.rho - rho) <= 1]
    assert near and near[0].length > 30 and near[0].magnitude >= 50 and len(near[0]) == 8, (theta, rho, lines)
assert square.find_line_segments(threshold=1000) == [] and len(square.find_line_segments(roi=(0, 0, 60, 100))) < len(lines)
assert len(square.find_line_segments(merge_distance=3, max_theta_diff=90)) < len(lines)
raises(ValueError, "shares no pixel", square.find_line_segments, roi=(200, 0, 5, 5))

# Families that this firmware has, and those that it cannot have.
for name in ("TAG16H5", "TAG25H9", "TAG36H10", "TAG36H11", "TAGCIRCLE21H7", "TAGSTANDARD41H12"):
    assert code.find_apriltags(families=getattr(image, name)) == [], name
for name in ("TAGCIRCLE49H12", "TAGCUSTOM48H12", "TAGSTANDARD52H13"):
    raises(ValueError, "more codes than its flash holds", code.find_apriltags, families=getattr(image, name))
print("ok")
