//! Shifts, turns and scales of a scene that is known; cascades made by hand; faces against themselves.

use vision::find::{
    Cascade, Displacement, DisplacementQuery, FeatureQuery, LBP_BYTES, displacement, displacement_scratch,
    features_scratch, find_features, hog, hog_scratch, lbp, lbp_distance,
};
use vision::{Format, Found, Paint, Region, Scratch, View, ViewMut, draw};

/// A scene without repetition.
fn scene(x: f32, y: f32) -> u8 {
    let bump = |cx: f32, cy: f32, r: f32| (-((x - cx).powi(2) + (y - cy).powi(2)) / (r * r)).exp();
    let sum = 90.0 * bump(40.0, 30.0, 9.0) - 80.0 * bump(75.0, 60.0, 14.0) + 110.0 * bump(60.0, 85.0, 6.0)
        - 60.0 * bump(25.0, 70.0, 5.0)
        + 70.0 * bump(95.0, 35.0, 8.0)
        + 40.0 * (x / 5.0 + (y / 9.0).sin() * 2.0).sin() * bump(64.0, 64.0, 50.0);
    (128.0 + sum).clamp(0.0, 255.0) as u8
}

fn picture(size: usize, of: impl Fn(f32, f32) -> (f32, f32)) -> Vec<u8> {
    (0..size * size)
        .map(|at| {
            let (x, y) = of((at % size) as f32, (at / size) as f32);
            scene(x, y)
        })
        .collect()
}

fn compare(size: usize, one: &[u8], other: &[u8], query: &DisplacementQuery) -> Displacement {
    let one = View::new(one, size, size, Format::Grey).unwrap();
    let other = View::new(other, size, size, Format::Grey).unwrap();
    let mut memory = vec![0; displacement_scratch(size, size)];
    displacement(&one, &other, query, Scratch::new(&mut memory)).unwrap()
}

#[test]
fn shifts_are_found() {
    let template = picture(128, |x, y| (x, y));
    let same = compare(128, &template, &template, &DisplacementQuery::default());
    assert!(same.x_translation.abs() < 0.05 && same.y_translation.abs() < 0.05);
    assert!(
        (same.response - 1.0).abs() < 0.05 && same.scale == 1.0 && same.rotation == 0.0,
        "{same:?}"
    );
    for (dx, dy) in [(5.0, -3.0), (-12.0, 7.0), (1.0, 1.0)] {
        let moved = picture(128, |x, y| (x - dx, y - dy));
        let found = compare(128, &moved, &template, &DisplacementQuery::default());
        assert!(
            (found.x_translation - dx).abs() < 0.6 && (found.y_translation - dy).abs() < 0.6,
            "{found:?}"
        );
    }
}

#[test]
fn turns_and_scales_are_found() {
    let template = picture(128, |x, y| (x, y));
    let changed = |turn: f32, scale: f32, dx: f32| {
        picture(128, move |x, y| {
            let (x, y) = ((x - 63.5 - dx) / scale, (y - 63.5) / scale);
            (
                63.5 + x * turn.cos() + y * turn.sin(),
                63.5 - x * turn.sin() + y * turn.cos(),
            )
        })
    };
    for (turn, scale) in [(0.3, 1.0), (-0.2, 1.15), (0.0, 0.85)] {
        let query = DisplacementQuery {
            logpolar: true,
            ..DisplacementQuery::default()
        };
        let found = compare(128, &changed(turn, scale, 0.0), &template, &query);
        assert!(
            (found.rotation - turn).abs() < 0.06,
            "{found:?}, turned by {turn}"
        );
        assert!((found.scale - scale).abs() < 0.06, "{found:?}, scaled by {scale}");
    }
    let query = DisplacementQuery {
        fix_rotation_scale: true,
        ..DisplacementQuery::default()
    };
    let found = compare(128, &changed(0.2, 1.0, 6.0), &template, &query);
    assert!(
        (found.rotation - 0.2).abs() < 0.06 && (found.x_translation - 6.0).abs() < 1.5,
        "{found:?}"
    );
}

#[test]
fn different_sizes_are_refused() {
    let data = [0; 64];
    let one = View::new(&data, 8, 8, Format::Grey).unwrap();
    let other = View::new(&data, 8, 4, Format::Grey).unwrap();
    let refused = displacement(&one, &other, &DisplacementQuery::default(), Scratch::none());
    assert_eq!(
        refused.unwrap_err().to_string(),
        "images of 8 x 8 and 8 x 4; both must be of one size"
    );
}

/// One stage, one feature: the upper half of a window of 12 x 12 darker than the lower.
fn cascade(pad: usize) -> Vec<u8> {
    let mut file = Vec::new();
    for word in [12u32, 12, 1] {
        file.extend(word.to_le_bytes());
    }
    file.push(1);
    file.resize(file.len() + pad, 0);
    let mut short = |value: i16| file.extend(value.to_le_bytes());
    // The stage wants at least 100; the node compares with 2000/4096 deviations a pixel; then 0 or 200.
    short(100);
    short(2000);
    short(0);
    short(200);
    file.push(2);
    file.extend([(-1i8) as u8, 2]);
    file.extend([0, 0, 12, 12, 0, 6, 12, 6]);
    file
}

#[test]
fn a_cascade_finds_its_pattern() {
    // Bytes that some files have so that numbers begin at a multiple of two, or of four.
    for pad in [0, 1, 3] {
        let file = cascade(pad);
        let cascade = Cascade::new(&file, None).unwrap();
        assert_eq!(cascade.window, (12, 12));
        let (width, height) = (80, 60);
        let mut data = vec![128; width * height];
        let mut image = ViewMut::new(&mut data, width, height, Format::Grey).unwrap();
        draw::rectangle(&mut image, Region::new(31, 21, 12, 6), &Paint::new(0).filled());
        draw::rectangle(&mut image, Region::new(31, 27, 12, 6), &Paint::new(255).filled());
        let mut memory = vec![0; features_scratch(width, &cascade)];
        let mut room = [Region::default(); 200];
        let mut found = Found::new(&mut room, "objects");
        let query = FeatureQuery {
            threshold: 1.0,
            ..FeatureQuery::default()
        };
        find_features(
            &image.as_view(),
            &cascade,
            &query,
            Scratch::new(&mut memory),
            &mut found,
        )
        .unwrap();
        assert!(!found.is_empty());
        let middle = (found[0].x + found[0].w / 2, found[0].y + found[0].h / 2);
        assert!(
            (middle.0 - 37).abs() < 8 && (middle.1 - 27).abs() < 8,
            "{found:?}"
        );
        // Upside down there is none.
        let mut data = vec![128; width * height];
        let mut image = ViewMut::new(&mut data, width, height, Format::Grey).unwrap();
        draw::rectangle(&mut image, Region::new(31, 21, 12, 6), &Paint::new(255).filled());
        draw::rectangle(&mut image, Region::new(31, 27, 12, 6), &Paint::new(0).filled());
        find_features(
            &image.as_view(),
            &cascade,
            &query,
            Scratch::new(&mut memory),
            &mut found,
        )
        .unwrap();
        let inside = found
            .iter()
            .any(|region| (region.x - 31).abs() < 3 && (region.y - 21).abs() < 3);
        assert!(!inside, "{found:?}");
    }
    let file = cascade(0);
    for length in 0..file.len() {
        assert!(Cascade::new(&file[..length], None).is_err(), "{length}");
    }
}

#[test]
fn a_face_is_nearest_to_itself() {
    let face = picture(128, |x, y| (x, y));
    let other = picture(128, |x, y| (y, x * 0.7));
    let view = |data: &'static [u8]| View::new(data, 128, 128, Format::Grey).unwrap();
    let region = Region::new(10, 10, 90, 100);
    let [mut one, mut two] = [[0; LBP_BYTES]; 2];
    lbp(&view(face.leak()), region, &mut one).unwrap();
    lbp(&view(other.leak()), region, &mut two).unwrap();
    assert_eq!(lbp_distance(&one, &one), 0);
    assert!(lbp_distance(&one, &two) > 100);
}

#[test]
fn gradients_are_drawn_along_the_edges() {
    let mut data = vec![0; 64 * 64];
    let mut image = ViewMut::new(&mut data, 64, 64, Format::Grey).unwrap();
    draw::rectangle(&mut image, Region::new(36, 0, 28, 64), &Paint::new(200).filled());
    let mut memory = vec![0; hog_scratch(64, 64, 8)];
    hog(&mut image, None, 8, Scratch::new(&mut memory)).unwrap();
    // A vertical edge between columns 32 and 40 shows as a vertical line; elsewhere it is dark.
    assert_eq!(image.as_view().pixel(4, 20), Some(0));
    let column = (0..64)
        .filter(|y| image.as_view().pixel(36, *y) > Some(100))
        .count();
    assert!(column > 30, "{column}");
}
