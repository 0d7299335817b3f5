//! Filters, binary shapes, brightness.

use crate::Answer;
use crate::request::{Picture, Request};
use vision::binary::{self, Binarize};
use vision::filter::{self, Adaptive, Bilateral, Kernel};
use vision::{Scratch, Threshold, View, ViewMut, geometry, light};

/// Thresholds as lists of 2 or 6 numbers, one after another.
pub fn thresholds(request: &Request) -> Vec<Threshold> {
    let list: Vec<i32> = request.list("thresholds");
    match request.get("ends", 2) {
        6 => list
            .chunks_exact(6)
            .map(|ends| Threshold::lab(ends.try_into().expect("six ends")))
            .collect(),
        _ => list
            .chunks_exact(2)
            .map(|ends| Threshold::level(ends[0], ends[1]))
            .collect(),
    }
}

pub fn answer(request: &Request, pictures: &mut [Picture]) -> Option<Answer> {
    let (picture, others) = pictures.split_first_mut()?;
    let (format, width, height) = (picture.format, picture.width, picture.height);
    let ksize = request.get("ksize", 1);
    let mask = others.first().map(Picture::view);
    let adaptive = Adaptive {
        threshold: request.flag("threshold"),
        offset: request.get("offset", 0),
        invert: request.flag("invert"),
        mask,
    };
    // Exactly what is promised to be enough.
    let bytes = match request.operation.as_str() {
        "mean" => filter::mean_scratch(format, width, height, ksize),
        "median" => filter::median_scratch(format, width, height, ksize),
        "mode" => filter::mode_scratch(format, width, height, ksize),
        "midpoint" => filter::midpoint_scratch(format, width, height, ksize),
        "morph" | "gaussian" | "laplacian" => filter::morph_scratch(format, width, height, ksize),
        "bilateral" => filter::bilateral_scratch(format, width, height, ksize),
        "erode" | "dilate" | "open" | "close" => binary::morphology_scratch(format, width, height, ksize),
        "top_hat" | "black_hat" => binary::hat_scratch(format, width, height, ksize),
        "clahe" => light::clahe_scratch(),
        "lens" => geometry::bend_scratch(format, width, height),
        _ => 0,
    };
    let mut memory = vec![0xA5; bytes];
    let mut image = picture.view_mut();
    let scratch = Scratch::new(&mut memory);
    let done = filters(request, &mut image, ksize, &adaptive, scratch)
        .or_else(|| {
            shapes(
                request,
                &mut image,
                ksize,
                mask.as_ref(),
                Scratch::new(&mut memory),
            )
        })
        .or_else(|| lights(request, &mut image, mask.as_ref(), Scratch::new(&mut memory)))?;
    Some(done.map(|()| picture.data.clone()))
}

type Done = Option<Result<(), vision::Error>>;

fn filters(
    request: &Request,
    image: &mut ViewMut,
    ksize: usize,
    adaptive: &Adaptive,
    scratch: Scratch,
) -> Done {
    let scale = (request.get("mul", 1.0), request.get("add", 0.0));
    Some(match request.operation.as_str() {
        "mean" => filter::mean(image, ksize, adaptive, scratch),
        "median" => filter::median(image, ksize, request.get("percentile", 0.5), adaptive, scratch),
        "mode" => filter::mode(image, ksize, adaptive, scratch),
        "midpoint" => filter::midpoint(image, ksize, request.get("bias", 0.5), adaptive, scratch),
        "morph" => {
            let weights: Vec<i32> = request.list("kernel");
            let kernel = Kernel {
                ksize,
                weights: &weights,
                mul: scale.0,
                add: scale.1,
            };
            filter::morph(image, &kernel, adaptive, scratch)
        }
        "gaussian" => filter::gaussian(image, ksize, request.flag("unsharp"), scale, adaptive, scratch),
        "laplacian" => filter::laplacian(image, ksize, request.flag("sharpen"), scale, adaptive, scratch),
        "bilateral" => {
            let widths = Bilateral {
                color_sigma: request.get("color_sigma", 0.1),
                space_sigma: request.get("space_sigma", 1.0),
            };
            filter::bilateral(image, ksize, &widths, adaptive, scratch)
        }
        _ => return None,
    })
}

fn shapes(
    request: &Request,
    image: &mut ViewMut,
    ksize: usize,
    mask: Option<&View>,
    scratch: Scratch,
) -> Done {
    let threshold = request.get("threshold", 0);
    Some(match request.operation.as_str() {
        "erode" => binary::erode(image, ksize, threshold, mask, scratch),
        "dilate" => binary::dilate(image, ksize, threshold, mask, scratch),
        "open" => binary::open(image, ksize, threshold, mask, scratch),
        "close" => binary::close(image, ksize, threshold, mask, scratch),
        "top_hat" => binary::top_hat(image, ksize, threshold, mask, scratch),
        "black_hat" => binary::black_hat(image, ksize, threshold, mask, scratch),
        "invert" => {
            binary::invert(image);
            Ok(())
        }
        "binarize" => {
            let how = Binarize {
                thresholds: &thresholds(request),
                invert: request.flag("invert"),
                zero: request.flag("zero"),
                mask: mask.copied(),
            };
            binary::binarize(image, &how)
        }
        _ => return None,
    })
}

fn lights(request: &Request, image: &mut ViewMut, mask: Option<&View>, scratch: Scratch) -> Done {
    Some(match request.operation.as_str() {
        "equalize" => light::equalize(image, mask),
        "clahe" => light::clahe(image, request.get("clip_limit", -1.0), mask, scratch),
        "gamma" => light::gamma(
            image,
            request.get("gamma", 1.0),
            request.get("contrast", 1.0),
            request.get("brightness", 0.0),
        ),
        "white_balance" => light::white_balance(image, request.flag("max")),
        _ => return None,
    })
}
