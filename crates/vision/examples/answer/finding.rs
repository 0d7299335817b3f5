//! Blobs, lines, circles, edges, templates.

use crate::Answer;
use crate::filtering::thresholds;
use crate::request::{Picture, Request};
use vision::find::{
    Bins, Blob, BlobQuery, Circle, CircleQuery, Line, LineQuery, RegressionQuery, Search, blobs_scratch,
    blobs_stack, canny, canny_scratch, circles_scratch, eye_scratch, find_blobs, find_circles, find_eye,
    find_lines, find_template, lines_scratch, regression, regression_scratch, similarity, simple_edges,
    simple_edges_scratch,
};
use vision::{Found, Scratch};

const MOST: usize = 20_000;

pub fn answer(request: &Request, pictures: &mut [Picture]) -> Option<Answer> {
    let (width, height) = pictures.first().map(|picture| (picture.width, picture.height))?;
    Some(match request.operation.as_str() {
        "canny" => {
            let mut memory = vec![0; canny_scratch(width, height)];
            let limits = (request.get("low", 100), request.get("high", 200));
            let mut image = pictures[0].view_mut();
            let done = canny(
                &mut image,
                request.region("roi"),
                limits,
                Scratch::new(&mut memory),
            );
            done.map(|()| pictures[0].data.clone())
        }
        "simple_edges" => {
            let mut memory = vec![0; simple_edges_scratch(width, height)];
            let limits = (request.get("low", 100), request.get("high", 200));
            let done = simple_edges(&mut pictures[0].view_mut(), limits, Scratch::new(&mut memory));
            done.map(|()| pictures[0].data.clone())
        }
        _ => lists(request, pictures)?.map(String::into_bytes),
    })
}

fn lists(request: &Request, pictures: &[Picture]) -> Option<Result<String, vision::Error>> {
    let picture = &pictures[0];
    let image = picture.view();
    let (width, height) = (picture.width, picture.height);
    Some(match request.operation.as_str() {
        "blobs" => blobs(request, picture),
        "lines" => {
            let plain = LineQuery::default();
            let query = LineQuery {
                roi: request.region("roi"),
                x_stride: request.get("x_stride", plain.x_stride),
                y_stride: request.get("y_stride", plain.y_stride),
                threshold: request.get("threshold", plain.threshold),
                theta_margin: request.get("theta_margin", plain.theta_margin),
                rho_margin: request.get("rho_margin", plain.rho_margin),
            };
            let mut memory = vec![0; lines_scratch(width, height) / request.get("short", 1)];
            let mut room = vec![Line::default(); MOST];
            let mut found = Found::new(&mut room, "lines");
            find_lines(&image, &query, Scratch::new(&mut memory), &mut found)
                .map(|()| format!("{:?}", found.iter().map(Line::tuple).collect::<Vec<_>>()))
        }
        "circles" => {
            let plain = CircleQuery::default();
            let query = CircleQuery {
                roi: request.region("roi"),
                x_stride: request.get("x_stride", plain.x_stride),
                y_stride: request.get("y_stride", plain.y_stride),
                threshold: request.get("threshold", plain.threshold),
                r_min: request.get("r_min", plain.r_min),
                r_step: request.get("r_step", plain.r_step),
                ..plain
            };
            let mut memory = vec![0; circles_scratch(width, height)];
            let mut room = vec![Circle::default(); MOST];
            let mut found = Found::new(&mut room, "circles");
            let tuple = |circle: &Circle| (circle.x, circle.y, circle.r, circle.magnitude);
            find_circles(&image, &query, Scratch::new(&mut memory), &mut found)
                .map(|()| format!("{:?}", found.iter().map(tuple).collect::<Vec<_>>()))
        }
        "regression" => {
            let query = RegressionQuery {
                thresholds: &thresholds(request),
                invert: request.flag("invert"),
                roi: request.region("roi"),
                robust: request.flag("robust"),
                ..RegressionQuery::default()
            };
            let mut memory = vec![0; regression_scratch(query.target_size)];
            regression(&image, &query, Scratch::new(&mut memory))
                .map(|line| format!("{:?}", line.map_or([0; 8], |line| line.tuple())))
        }
        "similarity" => similarity(&image, &pictures[1].view(), request.flag("dissimilar")).map(|found| {
            let bits = [found.mean, found.stdev, found.min, found.max].map(f32::to_bits);
            format!("{bits:?}")
        }),
        "template" => {
            let search = match request.get("step", 0) {
                0 => Search::Diamond,
                step => Search::Exhaustive { step },
            };
            let threshold = request.get("threshold", 0.0);
            find_template(
                &image,
                &pictures[1].view(),
                threshold,
                request.region("roi"),
                search,
            )
            .map(|found| {
                found.map_or("none".to_owned(), |found| {
                    format!(
                        "{} {} {}",
                        found.region.x,
                        found.region.y,
                        found.correlation.to_bits()
                    )
                })
            })
        }
        "eye" => {
            let mut memory = vec![0; eye_scratch(width, height)];
            find_eye(&image, request.region("roi")?, Scratch::new(&mut memory))
                .map(|place| format!("{} {}", place.x, place.y))
        }
        _ => return None,
    })
}

fn blobs(request: &Request, picture: &Picture) -> Result<String, vision::Error> {
    let query = BlobQuery {
        thresholds: &thresholds(request),
        invert: request.flag("invert"),
        roi: request.region("roi"),
        x_stride: request.get("x_stride", 2),
        y_stride: request.get("y_stride", 1),
        area_threshold: request.get("area_threshold", 10),
        pixels_threshold: request.get("pixels_threshold", 10),
        merge: request.flag("merge"),
        margin: request.get("margin", 0),
        x_hist_bins_max: request.get("x_bins", 0),
        y_hist_bins_max: request.get("y_bins", 0),
    };
    let mut memory = vec![0; blobs_scratch(picture.width, picture.height)];
    let mut stack = vec![0; blobs_stack(picture.width, picture.height)];
    let mut room = vec![Blob::default(); MOST];
    let mut found = Found::new(&mut room, "blobs");
    let mut counts = vec![0; 1 << 20];
    let mut bins = Bins::new(&mut counts);
    let scratch = Scratch::new(&mut memory);
    find_blobs(
        &picture.view(),
        &query,
        &mut |_| true,
        &mut |_, _| true,
        scratch,
        Scratch::new(&mut stack),
        &mut bins,
        &mut found,
    )?;
    let text = |blob: &Blob| {
        let region = blob.region;
        let floats = [blob.x, blob.y, blob.rotation, blob.roundness].map(|value| format!("{value:.4}"));
        let whole = (
            region.x,
            region.y,
            region.w,
            region.h,
            blob.cx(),
            blob.cy(),
            blob.pixels,
        );
        let corners = blob.corners().map(|corner| (corner.x, corner.y));
        let sums = (blob.code, blob.count, blob.perimeter);
        let (x, y) = (bins.get(blob.x_bins), bins.get(blob.y_bins));
        format!(
            "{whole:?} {} {sums:?} {corners:?} {x:?} {y:?}\n",
            floats.join(" ")
        )
    };
    Ok(found.iter().map(text).collect())
}
