//! Keypoints: corners of what was drawn, known again after a shift, a turn, a smaller picture.

use vision::find::keypoints::{
    Detector, Keypoint, KeypointQuery, find_keypoints, keypoints_scratch, match_keypoints,
};
use vision::{Format, Found, Paint, Point, Region, Scratch, View, ViewMut, draw};

const SIDE: usize = 200;

/// A scene that is turned about its middle, and shifted.
fn scene(degrees: f32, shift: i32) -> Vec<u8> {
    let mut data = vec![90; SIDE * SIDE];
    let mut image = ViewMut::new(&mut data, SIDE, SIDE, Format::Grey).unwrap();
    let (sin, cos) = degrees.to_radians().sin_cos();
    let place = |x: f32, y: f32| {
        Point::new(
            (100.0 + x * cos - y * sin).round() as i32 + shift,
            (100.0 + x * sin + y * cos).round() as i32,
        )
    };
    let quads: [([(f32, f32); 4], u16); 5] = [
        (
            [(-45.0, -40.0), (-12.0, -44.0), (-10.0, -20.0), (-48.0, -15.0)],
            250,
        ),
        ([(5.0, -45.0), (40.0, -38.0), (22.0, -30.0), (30.0, -8.0)], 20),
        ([(-40.0, 5.0), (-20.0, 12.0), (-25.0, 45.0), (-30.0, 20.0)], 180),
        ([(0.0, -5.0), (45.0, 5.0), (38.0, 16.0), (4.0, 10.0)], 235),
        ([(2.0, 22.0), (44.0, 26.0), (20.0, 34.0), (12.0, 48.0)], 5),
    ];
    for (corners, level) in quads {
        let corners = corners.map(|(x, y)| place(x, y));
        draw::edges(&mut image, &corners, 0, &Paint::new(level).filled());
    }
    data
}

fn find(data: &[u8], width: usize, query: &KeypointQuery, most: usize) -> Vec<Keypoint> {
    let view = View::new(data, width, data.len() / width, Format::Grey).unwrap();
    let mut memory = vec![0; keypoints_scratch(view.width(), view.height())];
    let mut room = vec![Keypoint::default(); most];
    let mut found = Found::new(&mut room, "keypoints");
    find_keypoints(&view, query, Scratch::new(&mut memory), &mut found).unwrap();
    found.to_vec()
}

#[test]
fn corners_are_found_and_the_clearest_stay() {
    for detector in [Detector::Far, Detector::Near] {
        let query = KeypointQuery {
            detector,
            normalized: true,
            ..KeypointQuery::default()
        };
        let mut data = vec![40; SIDE * SIDE];
        let mut image = ViewMut::new(&mut data, SIDE, SIDE, Format::Grey).unwrap();
        draw::rectangle(&mut image, Region::new(60, 70, 70, 50), &Paint::new(220).filled());
        let found = find(&data, SIDE, &query, 100);
        for corner in [(60, 70), (129, 70), (60, 119), (129, 119)] {
            let near = |point: &&Keypoint| {
                (i32::from(point.x) - corner.0).abs() <= 2 && (i32::from(point.y) - corner.1).abs() <= 2
            };
            assert!(
                found.iter().any(|point| near(&point)),
                "{detector:?} {corner:?} {found:?}"
            );
        }
        let all_near = found.iter().all(|point| {
            [(60, 70), (129, 70), (60, 119), (129, 119)]
                .iter()
                .any(|corner: &(i32, i32)| {
                    (i32::from(point.x) - corner.0).abs() <= 3 && (i32::from(point.y) - corner.1).abs() <= 3
                })
        });
        assert!(all_near, "{detector:?} {found:?}");
        let fewer = find(&data, SIDE, &query, 3);
        assert_eq!(fewer[..], found[..3]);
        assert!(found.windows(2).all(|pair| pair[0].score >= pair[1].score));
        assert!(find(&vec![40; SIDE * SIDE], SIDE, &query, 9).is_empty());
        assert!(find(&[40; 9], 3, &query, 9).is_empty());
    }
}

#[test]
fn corners_are_known_again() {
    let query = KeypointQuery::default();
    let first = find(&scene(0.0, 0), SIDE, &query, 100);
    assert!(first.len() > 20, "{}", first.len());
    let compare = |second: &[Keypoint], filter: bool| {
        let mut room = [[0; 2]; 200];
        let mut pairs = Found::new(&mut room, "pairs");
        let found = match_keypoints(&first, second, 85, filter, &mut pairs).unwrap();
        (found, pairs.to_vec())
    };
    let (same, pairs) = compare(&first, false);
    assert!(
        same.count * 10 >= first.len() * 7 && same.theta == 0,
        "{same:?} of {}",
        first.len()
    );
    assert!(pairs.iter().all(|pair| pair[0] == pair[1]));
    let (shifted, pairs) = compare(&find(&scene(0.0, 9), SIDE, &query, 100), true);
    assert!(shifted.count >= 10, "{shifted:?}");
    assert_eq!(pairs.len(), shifted.count);
    for degrees in [30, 90, 240] {
        let (turned, _) = compare(&find(&scene(degrees as f32, 0), SIDE, &query, 100), false);
        assert!(turned.count >= 8, "{degrees}: {turned:?}");
        let off = (turned.theta as i32 - degrees + 180).rem_euclid(360) - 180;
        assert!(off.abs() <= 15, "{degrees}: {turned:?}");
    }
    assert_eq!(compare(&[], true).0.count, 0);
}

#[test]
fn bytes_and_back() {
    let found = find(&scene(0.0, 0), SIDE, &KeypointQuery::default(), 5);
    for point in found {
        assert_eq!(Keypoint::from_bytes(&point.to_bytes()), point);
    }
}
