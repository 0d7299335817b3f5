//! Finders that have no second implementation: scenes whose answer is known because they were drawn so.

use vision::find::{
    Bins, Blob, BlobQuery, RegressionQuery, Search, blobs_scratch, blobs_stack, disparity, disparity_scratch,
    eye_scratch, find_blobs, find_eye, find_template, regression, regression_scratch,
};
use vision::find::{ProposalQuery, proposals, proposals_scratch};
use vision::{Format, Found, Paint, Point, Region, Scratch, Threshold, View, ViewMut, draw};

fn blank(width: usize, height: usize) -> Vec<u8> {
    vec![0; width * height]
}

#[test]
fn the_median_of_slopes_ignores_what_lies_beside() {
    let (width, height) = (160, 120);
    let mut data = blank(width, height);
    let mut image = ViewMut::new(&mut data, width, height, Format::Grey).unwrap();
    draw::line(
        &mut image,
        Point::new(10, 20),
        Point::new(150, 90),
        &Paint::new(255).thick(2),
    );
    draw::rectangle(&mut image, Region::new(12, 100, 6, 6), &Paint::new(255).filled());
    let query = RegressionQuery {
        thresholds: &[Threshold::level(128, 255)],
        robust: true,
        ..RegressionQuery::default()
    };
    let mut memory = vec![0; regression_scratch(query.target_size)];
    let line = regression(&image.as_view(), &query, Scratch::new(&mut memory))
        .unwrap()
        .unwrap();
    // The normal of a slope of one half.
    assert!((line.theta - 117).abs() <= 3, "{line:?}");
    let at_80 = line.from.y + (line.to.y - line.from.y) * (80 - line.from.x) / (line.to.x - line.from.x);
    assert!((at_80 - 55).abs() <= 4, "{line:?}");
}

#[test]
fn diamonds_find_what_every_place_finds() {
    let (width, height) = (64, 48);
    let data: Vec<u8> = (0..width * height)
        .map(|at| {
            let (x, y) = ((at % width) as f32, (at / width) as f32);
            (128.0 + 60.0 * (x * x / 300.0).sin() + 60.0 * (y / 9.0 + x / 31.0).cos()) as u8
        })
        .collect();
    let image = View::new(&data, width, height, Format::Grey).unwrap();
    let part: Vec<u8> = (21..33)
        .flat_map(|y| data[y * width + 37..y * width + 53].to_vec())
        .collect();
    let part = View::new(&part, 16, 12, Format::Grey).unwrap();
    for search in [Search::Exhaustive { step: 1 }, Search::Diamond] {
        let found = find_template(&image, &part, 0.9, None, search).unwrap().unwrap();
        assert_eq!((found.region.x, found.region.y), (37, 21), "{search:?}");
        assert!(found.correlation > 0.99);
    }
}

#[test]
fn an_iris_is_found() {
    let (width, height) = (80, 60);
    let mut data = vec![220; width * height];
    let mut image = ViewMut::new(&mut data, width, height, Format::Grey).unwrap();
    draw::circle(
        &mut image,
        Point::new(46, 38),
        9,
        &Paint::new(20).filled().thick(0),
    );
    let mut memory = vec![0; eye_scratch(width, height)];
    let place = find_eye(
        &image.as_view(),
        Region::new(0, 0, 80, 60),
        Scratch::new(&mut memory),
    )
    .unwrap();
    assert!(
        (place.x - 46).abs() <= 1 && (place.y - 38).abs() <= 1,
        "{place:?}"
    );
}

#[test]
fn a_shift_between_two_views_is_their_disparity() {
    let (half, height) = (48, 20);
    let texture = |x: i32, y: i32| (x.wrapping_mul(73) ^ y.wrapping_mul(151) ^ (x * y)) as u8;
    let mut data = Vec::new();
    for y in 0..height {
        data.extend((0..half).map(|x| texture(x, y)));
        data.extend((0..half).map(|x| texture(x - 6, y)));
    }
    let width = 2 * half as usize;
    let mut memory = vec![0; disparity_scratch(width, height as usize)];
    let mut image = ViewMut::new(&mut data, width, height as usize, Format::Grey).unwrap();
    disparity(&mut image, false, 12, 64, Scratch::new(&mut memory)).unwrap();
    for x in 2..34 {
        assert_eq!(image.as_view().pixel(half + x, 10), Some(6 * (255 / 12)), "{x}");
        assert_eq!(image.as_view().pixel(x, 10), Some(texture(x, 10).into()));
    }
}

#[test]
fn the_smallest_rectangle_around_a_turned_one_is_that_one() {
    let (width, height) = (100, 100);
    let mut data = blank(width, height);
    let mut image = ViewMut::new(&mut data, width, height, Format::Grey).unwrap();
    let corners = [
        Point::new(30, 20),
        Point::new(78, 44),
        Point::new(68, 64),
        Point::new(20, 40),
    ];
    draw::edges(&mut image, &corners, 0, &Paint::new(255).filled());
    let query = BlobQuery {
        thresholds: &[Threshold::level(100, 255)],
        ..BlobQuery::default()
    };
    let mut memory = vec![0; blobs_scratch(width, height)];
    let mut stack = vec![0; blobs_stack(width, height)];
    let mut room = [Blob::default(); 4];
    let mut found = Found::new(&mut room, "blobs");
    find_blobs(
        &image.as_view(),
        &query,
        &mut |_| true,
        &mut |_, _| true,
        Scratch::new(&mut memory),
        Scratch::new(&mut stack),
        &mut Bins::new(&mut []),
        &mut found,
    )
    .unwrap();
    let blob = &found[0];
    for corner in corners {
        let near = blob
            .min_corners()
            .iter()
            .any(|found| (found.x - corner.x).abs() <= 3 && (found.y - corner.y).abs() <= 3);
        assert!(near, "{corner:?} is not among {:?}", blob.min_corners());
    }
    assert!(
        (blob.rotation.to_degrees() - 26.6).abs() < 2.0,
        "{}",
        blob.rotation.to_degrees()
    );
    assert!(
        blob.solidity() > 0.85 && blob.solidity() < 1.1,
        "{}",
        blob.solidity()
    );
    let (from, to) = blob.major_axis_line();
    assert!((to.x - from.x).abs() > (to.y - from.y).abs());
}

#[test]
fn boxes_are_proposed_around_what_differs_in_colour() {
    for (side, step) in [(60, 1), (160, 4)] {
        let mut data = vec![0; side * side * 2];
        let mut image = ViewMut::new(&mut data, side, side, Format::Rgb565).unwrap();
        let unit = side as i32 / 20;
        draw::rectangle(
            &mut image,
            Region::new(0, 0, side as i32, side as i32),
            &Paint::new(0x07E0).filled(),
        );
        let boxes = [
            Region::new(2 * unit, 3 * unit, 6 * unit, 5 * unit),
            Region::new(11 * unit, 10 * unit, 7 * unit, 8 * unit),
        ];
        // Each has two colours, which are more like each other than like the ground.
        for (region, colours) in boxes.iter().zip([[0xF800, 0xE000], [0x001F, 0x0018]]) {
            draw::rectangle(&mut image, *region, &Paint::new(colours[0]).filled());
            let half = Region::new(region.x, region.y, region.w, region.h / 2);
            draw::rectangle(&mut image, half, &Paint::new(colours[1]).filled());
        }
        let query = ProposalQuery {
            threshold: 20.0,
            ..ProposalQuery::default()
        };
        let mut memory = vec![0; proposals_scratch(side, side)];
        let mut room = vec![Region::default(); 600];
        let mut found = Found::new(&mut room, "boxes");
        proposals(&image.as_view(), &query, Scratch::new(&mut memory), &mut found).unwrap();
        for region in boxes {
            let near = |other: &&Region| {
                let ends = [
                    region.x - other.x,
                    region.y - other.y,
                    region.w - other.w,
                    region.h - other.h,
                ];
                ends.iter().all(|apart| apart.abs() <= 2 * step)
            };
            assert!(
                found.iter().any(|other| near(&other)),
                "{side}: {region:?} {:?}",
                &found[..]
            );
        }
        let whole = found.iter().any(|other| other.w >= side as i32 - 2 * step);
        assert!(whole, "{:?}", &found[..]);
    }
    let grey = [0; 16];
    let view = View::new(&grey, 4, 4, Format::Grey).unwrap();
    let refused = proposals(
        &view,
        &ProposalQuery::default(),
        Scratch::none(),
        &mut Found::new(&mut [], "boxes"),
    );
    assert!(refused.unwrap_err().to_string().contains("RGB565"));
}
