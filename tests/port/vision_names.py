# psram: esp-psram64h
# Machine vision's names as OpenMV has them: which are there, and which keyword arguments each function takes. What it prints is
# docs/vision-names.md: `cargo xtask run tests/port/vision_names.py > docs/vision-names.md`
import gc, image

# Function, and its keywords after facts of the API of generation 5. A function that takes no keywords has none.
MAKING = "x_scale y_scale roi rgb_channel alpha color_palette alpha_palette hint transform copy copy_to_fb quality subsampling"
DRAWING = "x_scale y_scale roi rgb_channel alpha color_palette alpha_palette hint transform mask"
FILTER = "threshold offset invert mask"
LINE = "color thickness"
METHODS = (
    ("width height format size bytearray flush", None),
    ("get_pixel", "rgbtuple"),
    ("set_pixel", "color"),
    ("to_ndarray", "buffer"),
    ("save", "roi quality"),
    ("to_bitmap to_grayscale to_rgb565 to_rainbow to_ironbow to_jpeg compress to_png copy crop scale", MAKING),
    ("clear", "mask"),
    ("draw_line", LINE),
    ("draw_rectangle draw_circle draw_ellipse", LINE + " fill"),
    ("draw_string", "color scale x_spacing y_spacing mono_space char_rotation char_hmirror char_vflip string_rotation string_hmirror string_vflip"),
    ("draw_cross", "color size thickness"),
    ("draw_detection", "color1 color2 size thickness fill label label_offset"),
    ("draw_arrow", "color size thickness"),
    ("draw_edges draw_keypoints", "color size thickness fill"),
    ("draw_image assign replace set blend", DRAWING),
    ("flood_fill", "seed_threshold floating_threshold color invert clear_background mask"),
    ("mask_rectangle mask_circle mask_ellipse", None),
    ("awb", "max"),
    ("ccm", None),
    ("gamma gamma_corr", "gamma contrast brightness"),
    ("binary", "invert zero mask to_bitmap copy"),
    ("invert negate", None),
    ("and b_and nand b_nand or b_or nor b_nor xor b_xor xnor b_xnor add sub rsub min max difference", DRAWING),
    ("erode dilate open close top_hat black_hat", "threshold mask"),
    ("histeq", "adaptive clip_limit mask"),
    ("mean mode", FILTER),
    ("median", "percentile " + FILTER),
    ("midpoint", "bias " + FILTER),
    ("morph", "mul add " + FILTER),
    ("gaussian blur gaussian_blur", "unsharp mul add " + FILTER),
    ("laplacian", "sharpen mul add " + FILTER),
    ("bilateral", "color_sigma space_sigma " + FILTER),
    ("linpolar logpolar", "x y reverse"),
    ("lens_corr", "zoom x_corr y_corr"),
    ("rotation_corr", "x_rotation y_rotation z_rotation x_translation y_translation zoom fov corners"),
    ("get_similarity", "x_scale y_scale roi rgb_channel alpha color_palette alpha_palette hint dssim"),
    ("get_histogram get_hist histogram get_statistics get_stats statistics", "thresholds invert roi bins l_bins a_bins b_bins difference"),
    ("get_regression", "invert roi x_stride y_stride area_threshold pixels_threshold target_size"),
    ("find_blobs", "invert roi x_stride y_stride area_threshold pixels_threshold merge margin threshold_cb merge_cb x_hist_bins_max y_hist_bins_max"),
    ("find_lines", "roi x_stride y_stride threshold theta_margin rho_margin"),
    ("find_line_segments", "roi merge_distance max_theta_diff threshold"),
    ("find_circles", "roi x_stride y_stride threshold x_margin y_margin r_margin r_min r_max r_step"),
    ("find_rects", "roi threshold"),
    ("find_qrcodes find_barcodes find_eye find_lbp", "roi"),
    ("find_apriltags", "roi families fx fy cx cy"),
    ("find_datamatrices", "roi effort"),
    ("find_displacement", "roi template_roi logpolar fix_rotation_scale"),
    ("find_template", "roi step search"),
    ("find_features", "threshold scale roi"),
    ("find_keypoints", "roi threshold normalized scale_factor max_keypoints corner_detector"),
    ("find_edges", "roi threshold"),
    ("find_hog", "roi size"),
    ("selective_search", "threshold size a1 a2 a3"),
    ("stereo_disparity", "reversed max_disparity threshold"),
)
# What needs an argument before its keywords are looked at.
FIRST = {
    "set_pixel": ((0, 0),), "get_pixel": ((0, 0),), "draw_line": ((0, 0, 1, 1),), "draw_rectangle": ((0, 0, 2, 2),),
    "draw_circle": ((0, 0, 2),), "draw_ellipse": ((0, 0, 2, 2, 0),), "draw_string": ((0, 0), "a"), "draw_cross": ((0, 0),),
    "draw_detection": ((0, 0, 2, 2, 1, 1),), "draw_arrow": ((0, 0, 2, 2),), "draw_edges": (((0, 0), (1, 0), (1, 1), (0, 1)),),
    "draw_keypoints": ([(1, 1, 0)],), "flood_fill": ((0, 0),), "binary": ([(0, 9)],), "get_regression": ([(0, 9)],),
    "find_blobs": ([(0, 9)],), "find_edges": (image.EDGE_CANNY,), "find_template": (image.Image(4, 4, image.GRAYSCALE), 0.5),
    "morph": (1, [1] * 9), "to_ndarray": ("B",), "save": ("/flash/none.bmp",),
    "mask_rectangle": ((0, 0, 4, 4),), "mask_circle": ((8, 8, 4),), "mask_ellipse": ((8, 8, 4, 4, 0),), "ccm": ([1, 0, 0, 0, 1, 0, 0, 0, 1],),
}
for names, keywords in METHODS:
    for name in names.split():
        if keywords is DRAWING or name in ("get_similarity", "find_displacement"):
            FIRST[name] = (image.Image(16, 16, image.GRAYSCALE),)
        elif name not in FIRST and keywords and "threshold" in keywords and "mask" in keywords:
            FIRST[name] = (1,)

SPACES = "binary grayscale rgb lab yuv".split()
MODULE = (
    ("classes and functions", "Image ImageIO HaarCascade load_descriptor save_descriptor match_descriptor get_solidity get_convexity "
     "get_major_axis_line get_minor_axis_line get_enclosing_circle get_enclosed_ellipse"),
    ("converters", " ".join(a + "_to_" + b for a in SPACES for b in SPACES if a != b)),
    ("formats", "BINARY GRAYSCALE RGB565 BAYER YUV422 JPEG PNG"),
    ("hints", "AREA BILINEAR BICUBIC HMIRROR VFLIP TRANSPOSE CENTER EXTRACT_RGB_CHANNEL_FIRST APPLY_COLOR_PALETTE_FIRST SCALE_ASPECT_KEEP "
     "SCALE_ASPECT_EXPAND SCALE_ASPECT_IGNORE BLACK_BACKGROUND ROTATE_90 ROTATE_180 ROTATE_270"),
    ("choices", "PALETTE_RAINBOW PALETTE_IRONBOW JPEG_SUBSAMPLING_AUTO JPEG_SUBSAMPLING_444 JPEG_SUBSAMPLING_422 JPEG_SUBSAMPLING_420 SEARCH_EX "
     "SEARCH_DS EDGE_CANNY EDGE_SIMPLE CORNER_FAST CORNER_AGAST"),
    ("tags and codes", "TAG16H5 TAG25H9 TAG36H10 TAG36H11 TAGCIRCLE21H7 TAGCIRCLE49H12 TAGCUSTOM48H12 TAGSTANDARD41H12 TAGSTANDARD52H13 EAN2 EAN5 "
     "EAN8 UPCE ISBN10 UPCA EAN13 ISBN13 I25 DATABAR DATABAR_EXP CODABAR CODE39 PDF417 CODE93 CODE128"),
)
MODULES = (
    ("gif.Gif", "add_frame close width height format size loop"),
    ("mjpeg.Mjpeg", "add_frame write sync close"),
    ("image.ImageIO", "type is_closed count offset version buffer_size size write read seek sync close"),
    ("crc", "crc16 crc32"),
    ("umalloc", "init collect stats print_stats"),
    ("omv", "version_major version_minor version_patch version_string arch board_type board_id debug_mode"),
    ("time", "clock"),
    ("machine.LED", "on off toggle"),
)


def takes(name, keyword):
    """Whether the keyword is known: its value is of a type that nothing takes, and the words are another's."""
    try:
        keywords = {"roi": (0, 0, 16, 16)} if name in ("find_lbp", "find_eye") else {}
        keywords[keyword] = takes
        getattr(image.Image(16, 16, image.GRAYSCALE), name)(*FIRST.get(name, ()), **keywords)
    except TypeError as error:
        return "unexpected keyword" not in str(error) and "doesn't take keyword" not in str(error)
    except (ValueError, OSError, NotImplementedError):
        pass
    return True


def row(name, words):
    print("| `%s` | %s |" % (name, words))


here = dir(image.Image)
print("# Names of machine vision\n\nWhat of OpenMV's names (generation 5) is there, asked of the board itself. Made by a script on the virtual board:\n"
      "`cargo xtask run tests/port/vision_names.py > docs/vision-names.md`; a test looks that nothing of it is lost.\n")
print("## Methods of an image\n\n| method | keyword arguments |\n|---|---|")
found = missing = 0
for names, keywords in METHODS:
    for name in names.split():
        if name not in here:
            missing += 1
            row(name, "**not there**")
            continue
        found += 1
        if name == "to_ndarray":
            row(name, "`buffer`: NotImplementedError, as it makes an array of the module `ulab`, which this firmware does not have; `bytearray()` has the pixels")
            continue
        if name == "find_features":
            row(name, "`threshold`, `scale`, `roi`: behind a cascade, see tests/port/vision_detect.py")
            continue
        # A typo is told.
        assert not takes(name, "no_such_keyword"), name
        lacks = [word for word in (keywords or "").split() if not takes(name, word)]
        assert not lacks, (name, lacks)
        row(name, ", ".join("`%s`" % word for word in (keywords or "").split()) or "none")
        gc.collect()
print("\n%d methods are there, %d are not.\n\n## Module `image`\n\n| | there | not there |\n|---|---|---|" % (found, missing))
for what, names in MODULE:
    parts = ["", ""]
    for name in names.split():
        parts[not hasattr(image, name)] += "`%s` " % name
    print("| %s | %s | %s |" % (what, parts[0].strip(), parts[1].strip()))
print("\n## Other modules and classes\n\n| | there | not there |\n|---|---|---|")
for path, names in MODULES:
    parts = ["", ""]
    module, _, kind = path.partition(".")
    try:
        what = __import__(module)
        what = getattr(what, kind) if kind else what
    except (ImportError, AttributeError):
        what = None
    for name in names.split():
        parts[not hasattr(what, name)] += "`%s` " % name
    print("| `%s` | %s | %s |" % (path, parts[0].strip(), parts[1].strip()))
