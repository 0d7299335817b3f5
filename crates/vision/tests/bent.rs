//! Lenses, polar maps, equalising by place: what can be said of them without a second implementation.

use vision::geometry::{Lens, Polar, bend_scratch, lens_correction, polar};
use vision::{Format, Scratch, ViewMut, light};

/// Smooth, so that rounding to a neighbour changes little.
fn waves(width: usize, height: usize) -> Vec<u8> {
    (0..width * height)
        .map(|at| {
            let (x, y) = ((at % width) as f32, (at / width) as f32);
            (127.0 + 60.0 * (x / 17.0).sin() + 60.0 * (y / 13.0).cos()) as u8
        })
        .collect()
}

#[test]
fn a_polar_map_and_its_reverse_meet_near_the_middle() {
    for log in [false, true] {
        let (width, height) = (128, 128);
        let before = waves(width, height);
        let mut data = before.clone();
        let mut memory = vec![0; bend_scratch(Format::Grey, width, height)];
        let mut image = ViewMut::new(&mut data, width, height, Format::Grey).unwrap();
        for reverse in [false, true] {
            let how = Polar {
                centre: None,
                log,
                reverse,
            };
            polar(&mut image, &how, Scratch::new(&mut memory)).unwrap();
        }
        let mut error = 0;
        for y in 44..84 {
            for x in 44..84 {
                error += u32::from(data[y * width + x].abs_diff(before[y * width + x]));
            }
        }
        let mean = f64::from(error) / 1600.0;
        assert!(mean < 5.0, "log {log}: {mean}");
    }
}

#[test]
fn a_lens_keeps_the_middle_and_pulls_the_edge_inward() {
    let (width, height) = (65, 49);
    let mut data = vec![0; width * height];
    // A frame near the edge.
    for y in 4..45 {
        for x in 4..61 {
            if [4, 44].contains(&y) || [4, 60].contains(&x) {
                data[y * width + x] = 255;
            }
        }
    }
    data[24 * width + 32] = 99;
    let mut memory = vec![0; bend_scratch(Format::Grey, width, height)];
    let mut image = ViewMut::new(&mut data, width, height, Format::Grey).unwrap();
    let lens = Lens {
        strength: 1.8,
        zoom: 1.0,
        x_corr: 0.0,
        y_corr: 0.0,
    };
    lens_correction(&mut image, &lens, Scratch::new(&mut memory)).unwrap();
    assert_eq!(data[24 * width + 32], 99);
    // What was at the edge has moved outward: sources lie nearer to the middle.
    let first = (0..width).find(|x| data[24 * width + x] == 255);
    assert!(first.is_none_or(|x| x < 4), "{first:?}");
}

#[test]
fn equalising_by_place_lifts_a_dark_corner_and_a_limit_holds_it_back() {
    let (width, height) = (128, 96);
    let dark: Vec<u8> = (0..width * height)
        .map(|at| 20 + (at % 7) as u8 + if at % width < 64 { 0 } else { 120 })
        .collect();
    let spread = |clip: f32| {
        let mut data = dark.clone();
        let mut memory = vec![0; light::clahe_scratch()];
        let mut image = ViewMut::new(&mut data, width, height, Format::Grey).unwrap();
        light::clahe(&mut image, clip, None, Scratch::new(&mut memory)).unwrap();
        let corner: Vec<u8> = (0..32)
            .flat_map(|y| data[y * width..y * width + 32].to_vec())
            .collect();
        corner.iter().max().unwrap() - corner.iter().min().unwrap()
    };
    assert!(spread(-1.0) > 200);
    assert!(spread(3.0) < spread(-1.0) / 2);
}

#[test]
fn a_colour_matrix_of_ones_changes_nothing() {
    let mut data: Vec<u8> = (0..200).collect();
    let before = data.clone();
    let mut image = ViewMut::new(&mut data, 10, 10, Format::Rgb565).unwrap();
    light::colour_matrix(
        &mut image,
        &[[1., 0., 0., 0.], [0., 1., 0., 0.], [0., 0., 1., 0.]],
    )
    .unwrap();
    assert_eq!(data, before);
}
