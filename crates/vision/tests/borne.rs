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
