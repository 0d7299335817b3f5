//! Segments of lines in pictures whose edges are known.

use proptest::prelude::*;
use vision::find::{Line, SegmentQuery, find_line_segments, segments_scratch};
use vision::{Format, Found, Region, Scratch, View};

fn segments(data: &[u8], width: usize, query: &SegmentQuery) -> Vec<Line> {
    let image = View::new(data, width, data.len() / width, Format::Grey).unwrap();
    let mut memory = vec![0; segments_scratch(width, data.len() / width)];
    let mut room = vec![Line::default(); 4000];
    let mut found = Found::new(&mut room, "segments");
    find_line_segments(&image, query, Scratch::new(&mut memory), &mut found).unwrap();
    found.to_vec()
}

/// A convex shape, each pixel the mean of 4 x 4 samples.
fn shape(width: usize, height: usize, corners: &[(f32, f32)], noise: u64) -> Vec<u8> {
    let mut state = noise;
    (0..width * height)
        .map(|at| {
            let inside = (0..16).filter(|sub| {
                let x = (at % width) as f32 + (sub % 4) as f32 / 4.0 + 0.125;
                let y = (at / width) as f32 + (sub / 4) as f32 / 4.0 + 0.125;
                (0..corners.len()).all(|index| {
                    let (a, b) = (corners[index], corners[(index + 1) % corners.len()]);
                    (b.0 - a.0) * (y - a.1) - (b.1 - a.1) * (x - a.0) >= 0.0
                })
            });
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let noise = if noise == 0 { 0 } else { (state >> 61) as i32 - 4 };
            (60 + inside.count() as i32 * 7 + noise) as u8
        })
        .collect()
}

fn turned(cx: f32, cy: f32, half: f32, degrees: f32) -> [(f32, f32); 4] {
    let (sin, cos) = degrees.to_radians().sin_cos();
    [(-half, -half), (half, -half), (half, half), (-half, half)]
        .map(|(x, y)| (cx + x * cos - y * sin, cy + x * sin + y * cos))
}

/// How far a point is from the line through two others.
fn off((x, y): (f32, f32), a: (f32, f32), b: (f32, f32)) -> f32 {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    ((x - a.0) * dy - (y - a.1) * dx).abs() / dx.hypot(dy)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_sides_of_a_square_are_found(
        degrees in 0f32..90.0,
        half in 20f32..45.0,
        shift in (-3f32..3.0, -3f32..3.0),
        noise in any::<u64>(),
    ) {
        let corners = turned(80.0 + shift.0, 70.0 + shift.1, half, degrees);
        let data = shape(160, 140, &corners, noise);
        let lines = segments(&data, 160, &SegmentQuery::default());
        // Each side is covered, and everything lies on a side. The middle of a pixel is half a pixel from its corner.
        for index in 0..4 {
            let (a, b) = (corners[index], corners[(index + 1) % 4]);
            let on_side = |line: &&Line| {
                [line.from, line.to].iter().all(|p| off((p.x as f32 + 0.5, p.y as f32 + 0.5), a, b) < 2.0)
            };
            let covered: i32 = lines.iter().filter(on_side).map(Line::length).sum();
            prop_assert!(covered as f32 > 1.2 * half, "side {index} of {corners:?}: {covered} in {lines:?}");
        }
        for line in &lines {
            let near = (0..4).any(|index| {
                let (a, b) = (corners[index], corners[(index + 1) % 4]);
                [line.from, line.to].iter().all(|p| off((p.x as f32 + 0.5, p.y as f32 + 0.5), a, b) < 2.5)
            });
            prop_assert!(near, "{line:?} of {corners:?}");
        }
        prop_assert!(lines.len() <= 10, "{lines:?}");
    }

    #[test]
    fn any_picture_is_borne(
        width in 1usize..50,
        height in 1usize..50,
        seed in any::<u64>(),
        shift in 0u32..8,
        threshold in 0u32..3000,
        merge_distance in 0u32..20,
    ) {
        let mut state = seed;
        let data: Vec<u8> = (0..width * height)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (state >> 56) as u8 >> shift
            })
            .collect();
        let query = SegmentQuery { threshold, merge_distance, ..SegmentQuery::default() };
        for line in segments(&data, width, &query) {
            for point in [line.from, line.to] {
                prop_assert!((-1..=width as i32).contains(&point.x) && (-1..=height as i32).contains(&point.y));
            }
        }
    }
}

#[test]
fn noise_and_slopes_have_none() {
    let mut state = 1u64;
    let noise: Vec<u8> = (0..160 * 120)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 56) as u8
        })
        .collect();
    // Less than one is expected.
    assert!(segments(&noise, 160, &SegmentQuery::default()).len() <= 1);
    let slope: Vec<u8> = (0..160 * 120).map(|at| (at % 160) as u8).collect();
    assert!(segments(&slope, 160, &SegmentQuery::default()).is_empty());
}

#[test]
fn a_region_keeps_the_image_s_coordinates() {
    let data = shape(
        160,
        140,
        &[(30.0, 20.0), (130.0, 20.0), (130.0, 120.0), (30.0, 120.0)],
        0,
    );
    let roi = Some(Region::new(100, -10, 100, 100));
    let lines = segments(
        &data,
        160,
        &SegmentQuery {
            roi,
            ..SegmentQuery::default()
        },
    );
    assert!(
        lines
            .iter()
            .any(|line| (line.rho - 130).abs() <= 1 && line.theta == 0),
        "{lines:?}"
    );
    assert!(
        lines
            .iter()
            .any(|line| (line.rho - 20).abs() <= 1 && line.theta == 90),
        "{lines:?}"
    );
    assert!(
        lines.iter().all(|line| line.from.x >= 100 && line.to.x >= 100),
        "{lines:?}"
    );
}

#[test]
fn broken_lines_are_joined_if_asked() {
    // A bar with a gap of 6 pixels.
    let mut data = vec![40u8; 160 * 60];
    for y in 25..35 {
        for x in (20..70).chain(76..140) {
            data[y * 160 + x] = 200;
        }
    }
    let long = |merge_distance| {
        let query = SegmentQuery {
            merge_distance,
            ..SegmentQuery::default()
        };
        segments(&data, 160, &query)
            .iter()
            .filter(|line| line.length() > 100)
            .count()
    };
    assert_eq!(long(0), 0);
    assert!(long(14) >= 1);
}
