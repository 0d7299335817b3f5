"""Compares the vision crate with libraries of others: peers.py PROGRAM [FAMILY].

Pictures are those that scikit-image ships, and drawn ones. Each family says which differences are allowed; it prints how many
pictures it judged and the largest difference. The last line is `N passed, N failed`.
"""

import io
import sys
from pathlib import Path

import cv2
import numpy as np
import PIL.Image
import pupil_apriltags
import scipy.ndimage
import skimage.data
import skimage.exposure
import zxingcpp

from asker import Asker, Image, drawn

SEED = 20260724
SHIPPED = "astronaut brick camera cell chelsea coffee coins clock_motion grass gravel ihc moon page text rocket hubble_deep_field".split()
FAMILIES = Path(__file__).parents[2] / "crates/vision/src/codes/apriltag/families.txt"


def shipped():
    """The photographs of scikit-image as RGB, at most 320 pixels a side, and at odd sizes."""
    folder = Path(skimage.data.__file__).parent
    for name in SHIPPED:
        for file in folder.glob(name + ".*"):
            if file.suffix in (".png", ".jpg"):
                picture = PIL.Image.open(file).convert("RGB")
                picture.thumbnail((320, 320))
                yield name, np.asarray(picture)
                yield name + " odd", np.asarray(picture)[3:-4:2, 5::3]


def grey(rgb):
    return cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)


def rgb565(rgb):
    r, g, b = (rgb[..., channel].astype(int) for channel in range(3))
    return (r >> 3) << 11 | (g >> 2) << 5 | b >> 3


def rgb_of(pixels):
    r, g, b = pixels >> 11, pixels >> 5 & 63, pixels & 31
    return np.stack([r << 3 | r >> 2, g << 2 | g >> 4, b << 3 | b >> 2], -1).astype(np.uint8)


# The oblong sizes of Data Matrix.
OBLONG = {(8, 18), (8, 32), (12, 26), (12, 36), (16, 36), (16, 48)}


class Judge:
    """Asks, and keeps the largest difference of a family."""

    def __init__(self, asker):
        self.asker = asker
        self.families = {}

    def note(self, family, value):
        count, worst = self.families.get(family, (0, 0))
        self.families[family] = (count + 1, max(worst, value))

    def pixels(self, family, operation, arguments, image, expected, bound, share=1.0):
        """All pixels but a share of them within `bound` of what a peer says."""

        def judge(data):
            if data.startswith(b"error "):
                return data.decode()
            got = Image.of_bytes(image.format, expected.shape[1], expected.shape[0], data).pixels.astype(int)
            if image.format == "rgb565":
                gap = abs(rgb_of(got).astype(int) - rgb_of(expected)).max(-1)
            else:
                gap = abs(got - expected.astype(int))
            worst = np.quantile(gap, share, method="higher")
            self.note(family, worst)
            return None if worst <= bound else f"{worst} off, {bound} is allowed"

        self.asker.ask(operation, arguments, [image], judge)

    def answer(self, family, operation, arguments, images, check):
        """`check(bytes)` gives a difference, or words."""

        def judge(data):
            said = check(data)
            if isinstance(said, str):
                self.note(family, 0)
                return said
            self.note(family, said)
            return None

        self.asker.ask(operation, arguments, images, judge)


def pictures(rng):
    for name, rgb in shipped():
        yield Image("grey", grey(rgb))
    yield from drawn(rng, ("grey",))


def filters(judge, rng):
    """Means beside OpenCV's: ours round down. The median is the rank below the middle one, in 64 steps: beside SciPy's."""
    for image in pictures(rng):
        source = image.pixels.astype(np.uint8)
        for k in (1, 2, 3):
            size = (2 * k + 1, 2 * k + 1)
            judge.pixels("mean", "mean", {"ksize": k}, image, cv2.blur(source, size, borderType=cv2.BORDER_REPLICATE), 1)
        for k in (1, 2):
            size = 2 * k + 1
            below = scipy.ndimage.rank_filter(source, size * size // 2 - 1, size, mode="nearest")
            judge.pixels("median", "median", {"ksize": k}, image, below, 3)
        line = np.array([1, 2, 1]) / 4
        soft = cv2.sepFilter2D(source, -1, line, line, borderType=cv2.BORDER_REPLICATE)
        judge.pixels("gaussian", "gaussian", {"ksize": 1}, image, soft, 1)
        # White where the brightness is in a range, then smaller and larger by a square.
        low, high = sorted(int(v) for v in rng.integers(0, 256, 2))
        white = cv2.inRange(source, low, high)
        binary = Image("grey", white)
        for k in (1, 2):
            square = np.ones((2 * k + 1, 2 * k + 1), np.uint8)
            border = {"borderType": cv2.BORDER_REPLICATE}
            # The pixel itself does not count: only a white one can be lonely, or a black one filled.
            judge.pixels("erode", "erode", {"ksize": k}, binary, cv2.erode(white, hollow(square), **border) & white, 0)
            judge.pixels("dilate", "dilate", {"ksize": k}, binary, cv2.dilate(white, hollow(square), **border) | white, 0)
        even = np.floor(skimage.exposure.equalize_hist(source, 256) * 255)
        judge.pixels("histeq", "equalize", {}, image, even, 1)


def hollow(square):
    square = square.copy()
    square[square.shape[0] // 2, square.shape[1] // 2] = 0
    return square


def scales(judge, rng):
    """Copies at other sizes beside OpenCV's."""
    for image in pictures(rng):
        source = image.pixels.astype(np.uint8)
        for times in (2, 3):
            target = Image("grey", np.zeros((image.height * times, image.width * times), int))
            big = cv2.resize(source, (target.width, target.height), interpolation=cv2.INTER_NEAREST)

            def check(data, big=big, target=target):
                gap = abs(Image.of_bytes("grey", target.width, target.height, data).pixels.astype(int) - big)
                return int(gap.max()) if gap.max() == 0 else f"{(gap > 0).sum()} pixels differ"

            judge.answer("nearest", "compose", {"x_scale": times, "y_scale": times}, [target, image], check)
        if image.width >= 4 and image.height >= 4:
            even = Image("grey", image.pixels[: image.height // 2 * 2, : image.width // 2 * 2])
            target = Image("grey", np.zeros((even.height // 2, even.width // 2), int))
            small = cv2.resize(even.pixels.astype(np.uint8), (target.width, target.height), interpolation=cv2.INTER_AREA)

            def check_area(data, small=small, target=target):
                gap = abs(Image.of_bytes("grey", target.width, target.height, data).pixels.astype(int) - small).max()
                return int(gap) if gap <= 1 else f"{gap} off"

            judge.answer("area", "compose", {"x_scale": 0.5, "y_scale": 0.5, "hints": 1}, [target, even], check_area)


def blobs(judge, rng):
    """Boxes and pixels beside OpenCV's connected components, of four neighbours, in regions that are half outside."""
    for image in pictures(rng):
        low, high = sorted(int(v) for v in rng.integers(0, 256, 2))
        x, y = rng.integers(-5, image.width), rng.integers(-5, image.height)
        w, h = rng.integers(6, image.width + 12), rng.integers(6, image.height + 12)
        left, top, right, bottom = max(x, 0), max(y, 0), min(x + w, image.width), min(y + h, image.height)
        part = cv2.inRange(image.pixels.astype(np.uint8)[top:bottom, left:right], low, high)
        _, _, stats, _ = cv2.connectedComponentsWithStats(part, connectivity=4)
        expected = sorted((int(s[0] + left), int(s[1] + top), int(s[2]), int(s[3]), int(s[4])) for s in stats[1:])
        # Ours have the region, then the middle, then the pixels.
        arguments = {"thresholds": (low, high), "roi": (x, y, w, h), "x_stride": 1, "area_threshold": 0, "pixels_threshold": 0}

        def check(data, expected=expected):
            if data.startswith(b"error "):
                return data.decode()[:80]
            found = []
            for line in data.decode().splitlines():
                numbers = [int(n) for n in line[1 : line.index(")")].split(",")]
                found.append((*numbers[:4], numbers[6]))
            return 0 if sorted(found) == expected else f"{len(found)} blobs, expected {len(expected)}"

        judge.answer("blobs", "blobs", arguments, [image], check)


def templates(judge, rng):
    """The best place of a part beside OpenCV's normalised correlation."""
    for image in pictures(rng):
        source = image.pixels.astype(np.uint8)
        if min(source.shape) < 24 or source.std() < 10:
            continue
        image = Image("grey", source[:100, :120])
        source = image.pixels.astype(np.uint8)
        x, y = rng.integers(0, image.width - 16), rng.integers(0, image.height - 16)
        part = source[y : y + 16, x : x + 16]
        if part.std() < 8:
            continue
        scores = cv2.matchTemplate(source, part, cv2.TM_CCOEFF_NORMED)
        best = float(scores.max())

        def check(data, scores=scores, best=best):
            words = data.decode().split()
            if len(words) != 3:
                return data.decode()
            gap = best - float(scores[int(words[1]), int(words[0])])
            return gap if gap < 0.02 else f"a place that OpenCV gives {gap:.3f} less"

        judge.answer("template", "template", {"step": 1, "threshold": 0.5}, [image, Image("grey", part)], check)


def files(judge, rng):
    """PNG read and written without loss, JPEG as good as Pillow's."""
    for name, rgb in shipped():
        for image in (Image("grey", grey(rgb)), Image("rgb565", rgb565(rgb))):
            if image.format == "grey":
                truth = image.pixels.astype(np.uint8)
            else:
                truth = rgb_of(image.pixels)

            def png(data, truth=truth):
                got = np.asarray(PIL.Image.open(io.BytesIO(data)))
                return 0 if got.shape == truth.shape and (got == truth).all() else f"Pillow reads {got.shape}, not the same"

            judge.answer("png", "to_png", {}, [image], png)
            for quality in (35, 50, 90):
                packed = io.BytesIO()
                # 2 x 1 below 60, as ours.
                how = {"subsampling": 0 if quality >= 60 else 1} if image.format == "rgb565" else {}
                PIL.Image.fromarray(truth).save(packed, "JPEG", quality=quality, **how)
                error = lambda got, truth=truth: ((got.astype(int) - truth) ** 2).mean()
                theirs = error(np.asarray(PIL.Image.open(packed)))

                def jpeg(data, theirs=theirs, error=error, size=packed.tell()):
                    ours = error(np.asarray(PIL.Image.open(io.BytesIO(data))))
                    if len(data) > 1.1 * size + 200:
                        return f"{len(data)} bytes, Pillow's has {size}"
                    loss = 10 * np.log10((ours + 0.5) / (theirs + 0.5))
                    return round(float(loss), 2) if loss < 0.5 else f"{loss:.2f} dB worse than Pillow's"

                judge.answer("jpeg written, dB", "to_jpeg", {"quality": quality}, [image], jpeg)
                pixels = np.frombuffer(packed.getvalue(), np.uint8)
                carrier = Image("grey", pixels.reshape(1, -1)) if len(pixels) < 16384 else None
                if carrier is not None:
                    read = np.asarray(PIL.Image.open(packed))
                    shape = image.pixels.shape

                    def back(data, read=read, shape=shape, format=image.format):
                        if len(data) != shape[0] * shape[1] * (2 if format == "rgb565" else 1):
                            return data[:80].decode(errors="replace")
                        got = Image.of_bytes(format, shape[1], shape[0], data).pixels.astype(int)
                        if format == "rgb565":
                            # A value of colour is that of its pixels in ours; Pillow draws it out, so that edges differ.
                            gap = abs(rgb_of(got).astype(int) - rgb_of(rgb565(read))).mean()
                            return round(float(gap), 2) if gap < 4 else f"{gap:.1f} off in the mean"
                        gap = abs(got - read.astype(int)).max()
                        return int(gap) if gap <= 2 else f"{gap} off"

                    judge.answer(f"jpeg read, {image.format}", "file", {"format": image.format}, [carrier], back)


def warped(rng, code, background, module):
    """A code with air around, bent and turned onto a background."""
    code = cv2.copyMakeBorder(code, 4, 4, 4, 4, cv2.BORDER_CONSTANT, value=255)
    size = np.array([code.shape[1], code.shape[0]]) * module
    side = int(np.hypot(*size)) + 30
    angle = rng.uniform(0, 2 * np.pi)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * size / 2 @ turn.T + side / 2
    corners += rng.uniform(-0.02, 0.02, (4, 2)) * min(size)
    flat = np.array([(0, 0), (code.shape[1], 0), (code.shape[1], code.shape[0]), (0, code.shape[0])], float)
    # Pixels' middles are whole numbers there.
    map = cv2.getPerspectiveTransform((flat * 8 - 0.5).astype(np.float32), (corners - 0.5).astype(np.float32))
    large = np.kron(code, np.ones((8, 8), np.uint8))
    paper = cv2.warpPerspective(large, map, (side, side), flags=cv2.INTER_AREA)
    mask = cv2.warpPerspective(np.full_like(large, 255), map, (side, side))
    ground = cv2.resize(background, (side, side))
    soft = np.where(mask > 250, 30 + paper * 0.75, ground * 0.5 + 60)
    noise = rng.normal(0, 3, soft.shape)
    return np.clip(cv2.GaussianBlur(soft, (3, 3), 0.7) + noise, 0, 255).astype(np.uint8)


def modules(text, format):
    made = zxingcpp.write_barcode_to_image(zxingcpp.create_barcode(text, format), scale=1, add_quiet_zones=False)
    return np.array(made)


def symbols(judge, rng):
    """Codes on photographs: what zxing-cpp reads has to be read, and nothing else."""
    grounds = [grey(rgb) for _, rgb in shipped()]
    letters = np.array(list("ABCDEFGHIJKLMNOPQRSTUVWXYZ abcdefghijklmnopqrstuvwxyz0123456789-./:"))
    kinds = (("qrcodes", zxingcpp.BarcodeFormat.QRCode, 45), ("datamatrices", zxingcpp.BarcodeFormat.DataMatrix, 45))
    totals = {}
    for operation, format, count in kinds:
        totals[operation] = [0, 0]
        for index in range(count):
            code = np.zeros((8, 96))
            # zxing-cpp also makes oblong symbols of another standard, ISO/IEC 21471.
            while code.shape[0] != code.shape[1] and code.shape not in OBLONG:
                text = "".join(rng.choice(letters, int(rng.integers(4, 50))))
                code = modules(text, format)
            picture = warped(rng, code, grounds[index % len(grounds)], rng.uniform(3, 5))
            theirs = {found.bytes for found in zxingcpp.read_barcodes(picture, formats=format)}

            def check(data, text=text.encode(), theirs=theirs, total=totals[operation]):
                ours = {bytes.fromhex(line.split()[-1]) for line in data.decode().splitlines()}
                if ours - {text}:
                    return f"reads {ours}, but it is {text}"
                total[0] += text in theirs
                total[1] += text in ours
                return 0

            judge.answer(operation, operation, {}, [Image("grey", picture)], check)
    linear = ((zxingcpp.BarcodeFormat.Code128, "Spiram 128"), (zxingcpp.BarcodeFormat.Code39, "CODE 39"),
              (zxingcpp.BarcodeFormat.EAN13, "4006381333931"), (zxingcpp.BarcodeFormat.EAN8, "96385074"),
              (zxingcpp.BarcodeFormat.ITF, "1234567890"), (zxingcpp.BarcodeFormat.Code93, "CODE 93"))
    totals["barcodes"] = [0, 0]
    for index in range(48):
        format, text = linear[index % len(linear)]
        bars = np.repeat(modules(text, format)[:1], 30, 0)
        bars = cv2.copyMakeBorder(bars, 0, 0, 8, 8, cv2.BORDER_CONSTANT, value=255)
        picture = warped(rng, bars, grounds[index % len(grounds)], rng.uniform(2, 3))
        # Rows and columns only: turned by quarters and a little.
        theirs = {found.text for found in zxingcpp.read_barcodes(picture, formats=format)}

        def check_bars(data, text=text, theirs=theirs, total=totals["barcodes"]):
            ours = {bytes.fromhex(line.split()[-1]).decode() for line in data.decode().splitlines()}
            if ours - {text}:
                return f"reads {ours}, but it is {text}"
            total[0] += text in theirs
            total[1] += text in ours
            return 0

        judge.answer("barcodes", "barcodes", {}, [Image("grey", picture)], check_bars)
    judge.asker.settle()
    for operation, (theirs, ours) in totals.items():
        print(f"   {operation:<16} zxing-cpp reads {theirs}, we read {ours}")
        if operation != "barcodes" and ours < 0.95 * theirs:
            judge.asker.failed.append(f"{operation}: {ours} read, zxing-cpp reads {theirs}")


def tags(judge, rng):
    """AprilTags beside the reference library: the same numbers, corners within a pixel."""
    blocks = FAMILIES.read_text().split("\nfamily ")[1:]
    lines = next(block for block in blocks if block.startswith("TAG36H11 ")).splitlines()
    cells = [tuple(map(int, cell.split(","))) for cell in lines[1].split()[1:]]
    codes = [int(code, 16) for line in lines[2:] for code in line.split()[1:]]
    reference = pupil_apriltags.Detector("tag36h11", quad_decimate=2.0, decode_sharpening=0.25, refine_edges=1)
    grounds = [grey(rgb) for _, rgb in shipped()]
    for index in range(48):
        number = int(rng.integers(0, len(codes)))
        tag = np.full((10, 10), 255, np.uint8)
        tag[1:9, 1:9] = 0
        for bit, (x, y) in enumerate(cells):
            tag[1 + y, 1 + x] = 255 if codes[number] >> (35 - bit) & 1 else 0
        picture = warped(rng, tag, grounds[index % len(grounds)], rng.uniform(4, 9))
        theirs = {found.tag_id: found.corners for found in reference.detect(picture)}

        def check(data, theirs=theirs, number=number):
            ours = {}
            for line in data.decode().splitlines():
                words = line.split()
                ours[int(words[0])] = np.array([[float(v) for v in corner.split(",")] for corner in words[2:]])
            if set(ours) != set(theirs):
                return f"finds {set(ours)}, the reference {set(theirs)}, drawn {number}"
            gaps = [abs(ours[tag] - theirs[tag]).max() for tag in ours]
            worst = max(gaps, default=0)
            return round(float(worst), 3) if worst < 1 else f"corners {worst:.2f} off"

        judge.answer("apriltags", "apriltags", {}, [Image("grey", picture)], check)


def segments(judge, rng):
    """Segments beside OpenCV's, which are von Gioi's (LSD): of the long ones most lie on one of theirs."""
    detector = cv2.createLineSegmentDetector()
    ours, shared = [0], [0]
    for _, rgb in shipped():
        image = Image("grey", grey(rgb))
        theirs = detector.detect(image.pixels.astype(np.uint8))[0]
        drawn_there = np.zeros(image.pixels.shape, np.uint8)
        for x1, y1, x2, y2 in (theirs if theirs is not None else np.zeros((0, 1, 4))).reshape(-1, 4):
            cv2.line(drawn_there, (round(x1), round(y1)), (round(x2), round(y2)), 255, 5)

        def check(data, there=drawn_there):
            for line in data.decode().splitlines():
                x1, y1, x2, y2, length = (int(n) for n in line.strip("[]").split(",")[:5])
                if length >= 20:
                    along = np.linspace((x1, y1), (x2, y2), length)
                    xs, ys = (np.clip(np.rint(along[:, axis]).astype(int), 0, there.shape[1 - axis] - 1) for axis in (0, 1))
                    ours[0] += length
                    shared[0] += int((there[ys, xs] > 0).sum())
            return 0

        judge.answer("segments", "segments", {}, [image], check)
    judge.asker.settle()
    print(f"   segments         of {ours[0]} pixels of ours {shared[0]} lie on OpenCV's")
    if shared[0] < 0.8 * ours[0] or ours[0] < 1000:
        judge.asker.failed.append(f"segments: {shared[0]} of {ours[0]} pixels lie on OpenCV's")


CHECKS = (segments, filters, scales, blobs, templates, files, symbols, tags)


def main():
    program, wanted = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ""
    asker = Asker(program)
    judge = Judge(asker)
    for check in CHECKS:
        if wanted in check.__name__:
            check(judge, np.random.default_rng(SEED))
            asker.settle()
    for family, (count, worst) in judge.families.items():
        print(f"   {family:<22} {count:>4} comparisons, at most {worst}")
    for line in asker.failed[:40]:
        print(f"   FAILED {line}")
    print(f"{asker.passed} passed, {len(asker.failed)} failed")
    return 1 if asker.failed or not asker.passed else 0


sys.exit(main())
