//! Cascades, faces, pictures of gradients, disparity.

use crate::Answer;
use crate::request::{Picture, Request};
use vision::find::{
    Cascade, FeatureQuery, LBP_BYTES, disparity, disparity_scratch, features_scratch, find_features, hog,
    hog_scratch, lbp, lbp_distance,
};
use vision::{Found, Region, Scratch};

pub fn answer(request: &Request, pictures: &mut [Picture]) -> Option<Answer> {
    let (width, height) = pictures.first().map(|picture| (picture.width, picture.height))?;
    Some(match request.operation.as_str() {
        "disparity" => {
            let mut memory = vec![0; disparity_scratch(width, height)];
            let (reversed, most) = (request.flag("reversed"), request.get("max_disparity", 64));
            let threshold = request.get("threshold", 64);
            let mut image = pictures[0].view_mut();
            let done = disparity(&mut image, reversed, most, threshold, Scratch::new(&mut memory));
            done.map(|()| pictures[0].data.clone())
        }
        "hog" => {
            let size = request.get("size", 8);
            let mut memory = vec![0; hog_scratch(width, height, size)];
            let mut image = pictures[0].view_mut();
            let done = hog(&mut image, request.region("roi"), size, Scratch::new(&mut memory));
            done.map(|()| pictures[0].data.clone())
        }
        "lbp" => {
            let mut bins = [0; LBP_BYTES];
            lbp(&pictures[0].view(), request.region("roi")?, &mut bins).map(|()| bins.to_vec())
        }
        "lbp_distance" => distance(pictures).map(|distance| distance.to_string().into_bytes()),
        "features" => features(request, pictures).map(String::into_bytes),
        _ => return None,
    })
}

fn distance(pictures: &[Picture]) -> Result<u32, vision::Error> {
    let mut bins = [[0; LBP_BYTES]; 2];
    for (bins, picture) in bins.iter_mut().zip(pictures) {
        let all = Region::new(0, 0, picture.width as i32, picture.height as i32);
        lbp(&picture.view(), all, bins)?;
    }
    Ok(lbp_distance(&bins[0], &bins[1]))
}

/// The second picture's pixels are the cascade's file.
fn features(request: &Request, pictures: &[Picture]) -> Result<String, vision::Error> {
    let stages = request.get("stages", 0);
    let cascade = Cascade::new(&pictures[1].data, (stages > 0).then_some(stages))?;
    let plain = FeatureQuery::default();
    let query = FeatureQuery {
        roi: request.region("roi"),
        threshold: request.get("threshold", plain.threshold),
        scale: request.get("scale", plain.scale),
    };
    let mut memory = vec![0; features_scratch(pictures[0].width, &cascade)];
    let mut room = vec![Region::default(); 100_000];
    let mut found = Found::new(&mut room, "features");
    find_features(
        &pictures[0].view(),
        &cascade,
        &query,
        Scratch::new(&mut memory),
        &mut found,
    )?;
    let tuples: Vec<_> = found.iter().map(|r| (r.x, r.y, r.w, r.h)).collect();
    Ok(format!("{tuples:?}"))
}
