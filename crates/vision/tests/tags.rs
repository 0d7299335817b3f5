//! Tags and rectangles that are drawn in perspective, and found again.

use proptest::prelude::*;
use vision::codes::apriltag::{
    Camera, FAMILIES, Families, Family, Rect, Tag, apriltags_scratch, find_apriltags, find_rects,
    rects_scratch,
};
use vision::geometry::Homography;
use vision::{Format, Found, Paint, Point, Region, Scratch, View, ViewMut, draw};

/// The colour of a cell, counted from the corner.
fn cell(family: &Family, code: u64, x: i32, y: i32) -> u8 {
    let count = family.bits.len();
    if let Some(bit) = family
        .bits
        .iter()
        .position(|(bx, by)| (i32::from(*bx), i32::from(*by)) == (x, y))
    {
        return if code >> (count - 1 - bit) & 1 != 0 {
            255
        } else {
            0
        };
    }
    let inside = |margin: i32| {
        (-margin..family.cells + margin).contains(&x) && (-margin..family.cells + margin).contains(&y)
    };
    let ring = if inside(0) {
        family.reversed
    } else if inside(1) {
        !family.reversed
    } else {
        true
    };
    if ring { 255 } else { 0 }
}

/// Draws a tag whose border's corners lie at these places, each pixel the mean of 4 x 4 samples, on grey.
fn place(data: &mut [u8], width: usize, family: &Family, id: usize, corners: &[(f32, f32); 4]) {
    let code = family.codes.iter().nth(id).unwrap();
    let side = family.cells as f32;
    let flat = [(0.0, 0.0), (side, 0.0), (side, side), (0.0, side)];
    let back = Homography::from_points(corners, &flat).unwrap();
    for (at, pixel) in data.iter_mut().enumerate() {
        let (x, y) = ((at % width) as f32, (at / width) as f32);
        let (mut sum, mut covered) = (0.0, 0.0);
        for sub in 0..16 {
            let (fx, fy) = (
                x + (sub % 4) as f32 / 4.0 + 0.125,
                y + (sub / 4) as f32 / 4.0 + 0.125,
            );
            let Some((u, v)) = back.apply(fx, fy) else {
                continue;
            };
            if u > -3.0 && v > -3.0 && u < side + 3.0 && v < side + 3.0 {
                sum += f32::from(cell(family, code, u.floor() as i32, v.floor() as i32));
                covered += 1.0;
            }
        }
        if covered > 0.0 {
            *pixel = ((sum + f32::from(*pixel) * (16.0 - covered)) / 16.0) as u8;
        }
    }
}

fn find(data: &[u8], width: usize, roi: Option<Region>, families: Families) -> Vec<Tag> {
    let image = View::new(data, width, data.len() / width, Format::Grey).unwrap();
    let mut memory = vec![0; apriltags_scratch(width, data.len() / width)];
    let mut room = vec![Tag::default(); 64];
    let mut found = Found::new(&mut room, "tags");
    find_apriltags(&image, roi, families, Scratch::new(&mut memory), &mut found).unwrap();
    found.to_vec()
}

/// A square turned by degrees, with its corners shifted a little.
fn square(cx: f32, cy: f32, half: f32, degrees: f32, bend: [f32; 4]) -> [(f32, f32); 4] {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let mut corners = [(-half, -half), (half, -half), (half, half), (-half, half)];
    for (corner, bend) in corners.iter_mut().zip(bend) {
        let (x, y) = *corner;
        *corner = (cx + x * cos - y * sin + bend, cy + x * sin + y * cos - bend / 2.0);
    }
    corners
}

/// The largest distance between drawn corners and found ones, in whichever order they come.
fn distance(tag: &Tag, corners: &[(f32, f32); 4]) -> f32 {
    corners
        .iter()
        .map(|drawn| {
            tag.corners
                .iter()
                .map(|found| (found.0 - drawn.0).hypot(found.1 - drawn.1))
                .fold(f32::INFINITY, f32::min)
        })
        .fold(0.0, f32::max)
}

#[test]
fn every_family_is_read_in_every_turn() {
    for (index, family) in FAMILIES.iter().enumerate() {
        for turn in 0..8 {
            let id = (turn * 7919) % family.codes.count();
            // Some have bits outside their corners.
            let half = if family.reversed { 30.0 } else { 48.0 };
            let corners = square(110.0, 90.0, half, turn as f32 * 45.0 + 5.0, [3.0, -2.0, 1.0, 4.0]);
            let mut data = vec![200; 220 * 180];
            place(&mut data, 220, family, id, &corners);
            let found = find(&data, 220, None, Families(1 << index));
            assert_eq!(found.len(), 1, "{} {id} in turn {turn}: {found:?}", family.name);
            assert_eq!((found[0].family, found[0].id as usize), (index, id));
            assert_eq!(found[0].hamming, 0);
            assert!(
                distance(&found[0], &corners) < 0.7,
                "{} {}",
                family.name,
                distance(&found[0], &corners)
            );
        }
    }
}

#[test]
fn several_tags_come_in_order_and_regions_shift_them() {
    let mut data = vec![180; 320 * 240];
    let family = &FAMILIES[3];
    let tags = [(400, 80.0, 70.0), (7, 230.0, 80.0), (586, 150.0, 175.0)];
    for (id, x, y) in tags {
        place(&mut data, 320, family, id, &square(x, y, 30.0, 12.0, [0.0; 4]));
    }
    let all = find(&data, 320, None, Families::default());
    assert_eq!(all.iter().map(|tag| tag.id).collect::<Vec<_>>(), [7, 400, 586]);
    let part = find(
        &data,
        320,
        Some(Region::new(160, 10, 160, 140)),
        Families::default(),
    );
    assert_eq!(part.len(), 1);
    assert_eq!(part[0].id, 7);
    assert!((part[0].centre.0 - 230.0).abs() < 0.5 && (part[0].centre.1 - 80.0).abs() < 0.5);
    // The wrong family sees nothing.
    assert!(
        find(&data, 320, None, Families::TAG16H5)
            .iter()
            .all(|tag| tag.hamming > 0)
    );
}

#[test]
fn the_pose_of_a_tag_that_faces_the_camera() {
    let mut data = vec![200; 160 * 120];
    // The tag's own frame has its first corner at the lower left.
    place(
        &mut data,
        160,
        &FAMILIES[3],
        3,
        &square(100.0, 60.0, 25.0, 0.0, [0.0; 4]),
    );
    let tag = find(&data, 160, None, Families::default())[0];
    let camera = Camera {
        fx: 100.0,
        fy: 100.0,
        cx: 80.0,
        cy: 60.0,
    };
    let pose = tag.pose(&camera);
    // 25 pixels at a focal length of 100 are a distance of 4 half sides; 20 pixels to the right are 0.8.
    assert!((pose.z_translation + 4.0).abs() < 0.1, "{pose:?}");
    assert!(
        (pose.x_translation - 0.8).abs() < 0.05 && pose.y_translation.abs() < 0.05,
        "{pose:?}"
    );
    let near = |angle: f32| angle.sin().abs() < 0.1;
    assert!(
        near(pose.x_rotation) && near(pose.y_rotation) && near(pose.z_rotation),
        "{pose:?}"
    );
}

#[test]
fn rectangles_are_found_at_their_corners() {
    let mut data = vec![30; 200 * 150];
    let mut image = ViewMut::new(&mut data, 200, 150, Format::Grey).unwrap();
    let corners = [
        Point::new(40, 30),
        Point::new(150, 50),
        Point::new(130, 120),
        Point::new(30, 90),
    ];
    draw::edges(&mut image, &corners, 0, &Paint::new(220).filled());
    let mut memory = vec![0; rects_scratch(200, 150)];
    let mut room = [Rect::default(); 8];
    let mut found = Found::new(&mut room, "rectangles");
    find_rects(
        &image.as_view(),
        None,
        10_000,
        Scratch::new(&mut memory),
        &mut found,
    )
    .unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    for corner in corners {
        let near = found[0]
            .corners
            .iter()
            .any(|f| (f.x - corner.x).abs() <= 2 && (f.y - corner.y).abs() <= 2);
        assert!(near, "{corner:?} is not among {:?}", found[0].corners);
    }
    find_rects(
        &image.as_view(),
        None,
        u32::MAX,
        Scratch::new(&mut memory),
        &mut found,
    )
    .unwrap();
    assert!(found.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn tags_anywhere(
        id in 0..587usize,
        (x, y) in (60.0..100.0f32, 50.0..70.0f32),
        // So that all of it is in the picture, however it is turned.
        half in 20.0..32.0f32,
        degrees in 0.0..360.0f32,
        bend in proptest::array::uniform4(-3.0..3.0f32),
        noise in any::<u32>(),
    ) {
        let mut data = vec![150; 160 * 120];
        let corners = square(x, y, half, degrees, bend);
        place(&mut data, 160, &FAMILIES[3], id, &corners);
        let mut state = noise | 1;
        for pixel in &mut data {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            *pixel = pixel.saturating_add((state % 7) as u8).saturating_sub(3);
        }
        let found = find(&data, 160, None, Families::default());
        prop_assert_eq!(found.len(), 1);
        prop_assert_eq!(found[0].id as usize, id);
        prop_assert!(distance(&found[0], &corners) < 1.0, "{}", distance(&found[0], &corners));
    }

    #[test]
    fn noise_is_borne(
        pixels in proptest::collection::vec(any::<u8>(), 40 * 30),
        (width, height) in (1..40usize, 1..30usize),
    ) {
        let image = View::new(&pixels, width, height, Format::Grey).unwrap();
        let mut memory = vec![0; 1 << 17];
        let mut room = [Tag::default(); 8];
        let mut found = Found::new(&mut room, "tags");
        let _ = find_apriltags(&image, None, Families(63), Scratch::new(&mut memory), &mut found);
        let mut room = [Rect::default(); 8];
        let mut found = Found::new(&mut room, "rectangles");
        let _ = find_rects(&image, None, 0, Scratch::new(&mut memory), &mut found);
    }
}
