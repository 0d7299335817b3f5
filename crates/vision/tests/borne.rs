//! No argument of a script, however mad, may end in a panic.

use proptest::prelude::*;
use vision::compose::{Compose, Hints, Op, Source, compose};
use vision::draw::{self, Ellipse, FloodFill, Mark, Text};
use vision::{Format, Paint, Point, Region, Scratch, View, ViewMut};

fn format() -> impl Strategy<Value = Format> {
    prop_oneof![Just(Format::Binary), Just(Format::Grey), Just(Format::Rgb565)]
}

/// Near an image, and anywhere.
fn number() -> impl Strategy<Value = i32> {
    prop_oneof![8 => -40..80i32, 1 => any::<i32>(), 1 => Just(i32::MAX), 1 => Just(i32::MIN)]
}

fn point() -> impl Strategy<Value = Point> {
    (number(), number()).prop_map(|(x, y)| Point::new(x, y))
}

fn region() -> impl Strategy<Value = Region> {
    (number(), number(), number(), number()).prop_map(|(x, y, w, h)| Region::new(x, y, w, h))
}

fn scale() -> impl Strategy<Value = f32> {
    prop_oneof![8 => -4.0..4.0f32, 1 => any::<f32>()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn drawing(
        format in format(),
        (width, height) in (1..40usize, 1..40usize),
        (a, b, c, d) in (point(), point(), point(), point()),
        region in region(),
        (size, thickness, turn) in (number(), number(), number()),
        scale in scale(),
        fill in any::<bool>(),
        words in "\\PC{0,6}",
    ) {
        let mut data = vec![0; format.image_bytes(width, height)];
        let mut memory = vec![0; 1 << 14];
        let mut image = ViewMut::new(&mut data, width, height, format).unwrap();
        let paint = Paint { colour: 0x55AA, thickness, fill };
        draw::line(&mut image, a, b, &paint);
        draw::rectangle(&mut image, region, &paint);
        draw::circle(&mut image, a, size, &paint);
        draw::cross(&mut image, a, size, &paint);
        draw::arrow(&mut image, a, b, size, &paint);
        draw::edges(&mut image, &[a, b, c, d], size, &paint);
        let shape = Ellipse { centre: a, rx: size, ry: b.x, rotation: turn };
        draw::ellipse(&mut image, &shape, &paint);
        draw::keypoints(&mut image, &[Mark { place: a, angle: turn }], size, &paint);
        draw::mask_circle(&mut image, Some((a, size)));
        draw::mask_ellipse(&mut image, Some(&shape));
        draw::mask_rectangle(&mut image, Some(region));
        let text = Text {
            scale,
            x_spacing: size,
            y_spacing: turn,
            mono_space: fill,
            char_turns: (turn & 3) as u8,
            string_turns: (size & 3) as u8,
            ..Text::new(1)
        };
        draw::text(&mut image, a, &words, &text);
        draw::detection(&mut image, region, a, &paint, 1, size, Some((&words, b)));
        let fill = FloodFill {
            seed: a,
            seed_threshold: scale,
            floating_threshold: scale,
            colour: 1,
            invert: fill,
            clear_background: !fill,
        };
        let _ = draw::flood_fill(&mut image, &fill, None, Scratch::new(&mut memory));
    }

    #[test]
    fn composing(
        (format, other) in (format(), format()),
        (width, height) in (1..40usize, 1..40usize),
        (w, h) in (1..40usize, 1..40usize),
        (x, y) in (number(), number()),
        (x_scale, y_scale) in (scale(), scale()),
        roi in proptest::option::of(region()),
        rgb_channel in proptest::option::of(0..4u8),
        (alpha, hints) in (any::<u8>(), any::<u32>()),
        op in 0..Op::ALL.len(),
        transform in proptest::option::of(proptest::array::uniform9(scale())),
    ) {
        let mut data = vec![0; format.image_bytes(width, height)];
        let source = vec![0x5A; other.image_bytes(w, h)];
        let mut image = ViewMut::new(&mut data, width, height, format).unwrap();
        let source = View::new(&source, w, h, other).unwrap();
        let how = Compose {
            x, y, x_scale, y_scale, roi, rgb_channel, alpha, hints: Hints(hints), op: Op::ALL[op], transform,
            ..Compose::default()
        };
        let _ = compose(&mut image, &Source::Image(source), &how);
        let _ = compose(&mut image, &Source::Value(3), &how);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn filtering(
        format in format(),
        (width, height) in (1..24usize, 1..24usize),
        pixels in proptest::collection::vec(any::<u8>(), 24 * 24 * 2),
        ksize in prop_oneof![9 => 0..9usize, 1 => any::<usize>()],
        (a, b, c) in (scale(), scale(), scale()),
        (number, choice) in (number(), any::<bool>()),
        ends in proptest::array::uniform6(number()),
        roi in proptest::option::of(region()),
    ) {
        use vision::{Threshold, binary, filter, geometry, histogram, light};
        let size = format.image_bytes(width, height);
        let mut data = pixels[..size.min(pixels.len())].to_vec();
        data.resize(size, 0);
        let mut memory = vec![0; 1 << 16];
        let mut image = ViewMut::new(&mut data, width, height, format).unwrap();
        let adaptive = filter::Adaptive { threshold: choice, offset: number, invert: choice, mask: None };
        macro_rules! scratch { () => { Scratch::new(&mut memory) } }
        let _ = filter::mean(&mut image, ksize, &adaptive, scratch!());
        let _ = filter::median(&mut image, ksize, a, &adaptive, scratch!());
        let _ = filter::mode(&mut image, ksize, &adaptive, scratch!());
        let _ = filter::midpoint(&mut image, ksize, a, &adaptive, scratch!());
        let _ = filter::gaussian(&mut image, ksize, choice, (a, b), &adaptive, scratch!());
        let _ = filter::laplacian(&mut image, ksize, choice, (a, b), &adaptive, scratch!());
        let kernel = filter::Kernel { ksize, weights: &ends, mul: a, add: b };
        let _ = filter::morph(&mut image, &kernel, &adaptive, scratch!());
        let widths = filter::Bilateral { color_sigma: a, space_sigma: b };
        let _ = filter::bilateral(&mut image, ksize.min(128), &widths, &adaptive, scratch!());
        let _ = binary::open(&mut image, ksize, number, None, scratch!());
        let _ = binary::black_hat(&mut image, ksize, number, None, scratch!());
        light::equalize(&mut image, None).unwrap();
        let _ = light::clahe(&mut image, a, None, scratch!());
        let _ = light::gamma(&mut image, a, b, c);
        light::white_balance(&mut image, choice).unwrap();
        light::colour_matrix(&mut image, &[[a, b, c, a], [b, c, a, b], [c, a, b, c]]).unwrap();
        let lens = geometry::Lens { strength: a, zoom: b, x_corr: c, y_corr: a };
        let _ = geometry::lens_correction(&mut image, &lens, scratch!());
        let rotation = geometry::Rotation {
            x_rotation: a * 90.0, y_rotation: b * 90.0, zoom: c, fov: a * 40.0,
            corners: choice.then_some([(a, b), (b, c), (c, a), (a, a)]),
            ..geometry::Rotation::default()
        };
        let _ = geometry::rotation_correction(&mut image, &rotation, scratch!());
        let polar = geometry::Polar { centre: Some((a, b)), log: choice, reverse: number > 0 };
        let _ = geometry::polar(&mut image, &polar, scratch!());
        let how = histogram::Counted {
            thresholds: &[Threshold::lab(ends)],
            roi,
            l_bins: Some(ksize),
            ..histogram::Counted::default()
        };
        if let Ok(found) = histogram::histogram(&image.as_view(), &how, &mut scratch!()) {
            found.statistics();
            found.threshold();
            let _ = found.percentile(a);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn finding(
        format in format(),
        (width, height) in (1..30usize, 1..30usize),
        pixels in proptest::collection::vec(any::<u8>(), 30 * 30 * 2),
        roi in proptest::option::of(region()),
        (x_stride, y_stride) in (0..4usize, 0..4usize),
        (a, b) in (number(), number()),
        ends in proptest::array::uniform6(number()),
        (merge, invert) in (any::<bool>(), any::<bool>()),
    ) {
        use vision::find::*;
        use vision::{Found, Threshold};
        let size = format.image_bytes(width, height);
        let data = &pixels[..size];
        let image = View::new(data, width, height, format).unwrap();
        let mut memory = vec![0; 1 << 16];
        macro_rules! scratch { () => { Scratch::new(&mut memory) } }
        let thresholds = [Threshold::lab(ends), Threshold::level(a, b)];
        let query = BlobQuery {
            thresholds: &thresholds, invert, roi, x_stride, y_stride, merge, margin: a,
            area_threshold: 0, pixels_threshold: 0, x_hist_bins_max: x_stride, y_hist_bins_max: 5,
        };
        let mut room = vec![Blob::default(); 900];
        let mut found = Found::new(&mut room, "blobs");
        let mut bins = [0; 500];
        let (mut stack, mut bins) = ([0; 4096], Bins::new(&mut bins));
        let stack = Scratch::new(&mut stack);
        let _ = find_blobs(&image, &query, &mut |_| true, &mut |_, _| true, scratch!(), stack, &mut bins, &mut found);
        for blob in found.iter() {
            blob.min_corners();
            blob.enclosing_circle();
            blob.enclosed_ellipse();
            assert!(blob.density() <= 1.0 && blob.solidity() >= 0.0 && blob.convexity() >= 0.0);
        }
        let query = LineQuery { roi, x_stride, y_stride, threshold: a.unsigned_abs(), theta_margin: b, rho_margin: a };
        let mut room = vec![Line::default(); 900];
        let _ = find_lines(&image, &query, scratch!(), &mut Found::new(&mut room, "lines"));
        let query = CircleQuery {
            roi, x_stride, y_stride, threshold: b.unsigned_abs(), r_min: x_stride, r_step: y_stride, ..Default::default()
        };
        let mut room = vec![Circle::default(); 900];
        let _ = find_circles(&image, &query, scratch!(), &mut Found::new(&mut room, "circles"));
        let query = RegressionQuery {
            thresholds: &thresholds, invert, roi, x_stride, y_stride, robust: merge, target_size: (x_stride * 9, 7),
            ..Default::default()
        };
        let _ = regression(&image, &query, scratch!());
        let _ = similarity(&image, &image, merge);
        let _ = find_eye(&image, roi.unwrap_or_default(), scratch!());
        let _ = find_template(&image, &image, 0.5, roi, Search::Diamond);
        let mut copy = data.to_vec();
        let mut copy = ViewMut::new(&mut copy, width, height, format).unwrap();
        let _ = disparity(&mut copy, merge, x_stride * 9, a.unsigned_abs(), scratch!());
        let _ = canny(&mut copy, roi, (a, b), scratch!());
        let _ = simple_edges(&mut copy, (a, b), scratch!());
    }
}
