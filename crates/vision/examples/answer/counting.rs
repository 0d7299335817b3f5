//! Histograms and what is read off them.

use crate::Answer;
use crate::filtering::thresholds;
use crate::request::{Picture, Request};
use vision::Scratch;
use vision::histogram::{Counted, histogram, histogram_scratch};

pub fn answer(request: &Request, pictures: &mut [Picture]) -> Option<Answer> {
    if request.operation != "statistics" {
        return None;
    }
    let mut memory = vec![0; histogram_scratch()];
    let bins = |key: &str| Some(request.get(key, 0)).filter(|bins| *bins > 0);
    let how = Counted {
        thresholds: &thresholds(request),
        invert: request.flag("invert"),
        roi: request.region("roi"),
        l_bins: bins("l_bins"),
        a_bins: bins("a_bins"),
        b_bins: bins("b_bins"),
        difference: pictures.get(1).map(Picture::view),
    };
    let mut scratch = Scratch::new(&mut memory);
    let answer = histogram(&pictures[0].view(), &how, &mut scratch).and_then(|found| {
        let percentile = found.percentile(request.get("percentile", 0.5))?;
        let threshold = found.threshold();
        let bits = |bins: &[f32]| bins.iter().map(|bin| bin.to_bits()).collect::<Vec<_>>();
        Ok(format!(
            "{:?} {:?} {:?} {:?} {:?} {:?}",
            found.statistics().tuple(),
            (percentile.l, percentile.a, percentile.b),
            (threshold.l, threshold.a, threshold.b),
            bits(found.l_bins()),
            bits(found.a_bins()),
            bits(found.b_bins()),
        ))
    });
    Some(answer.map(String::into_bytes))
}
