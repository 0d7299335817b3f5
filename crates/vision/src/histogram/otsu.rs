//! The threshold that parts a histogram best: N. Otsu, "A threshold selection method from gray-level histograms", 1979.

/// The first bin that maximises the variance between those up to it and those behind it, in `f64`.
pub(super) fn otsu(bins: &[f32]) -> usize {
    let weighted = |(index, bin): (usize, &f32)| index as f64 * f64::from(*bin);
    let total: f64 = bins.iter().map(|bin| f64::from(*bin)).sum();
    let moment: f64 = bins.iter().enumerate().map(weighted).sum();
    let (mut below, mut moment_below) = (0.0, 0.0);
    let (mut best, mut most) = (0, 0.0);
    for entry in bins.iter().enumerate() {
        below += f64::from(*entry.1);
        moment_below += weighted(entry);
        let above = total - below;
        if below <= 0.0 || above <= 1e-9 {
            continue;
        }
        let gap = moment_below / below - (moment - moment_below) / above;
        let between = below * above * gap * gap;
        // Empty bins repeat a variance up to the last bits.
        if between > most * (1.0 + 1e-12) {
            most = between;
            best = entry.0;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_heaps_are_parted_behind_the_first() {
        let mut bins = [0.0; 16];
        bins[2] = 0.3;
        bins[3] = 0.3;
        bins[12] = 0.4;
        assert_eq!(otsu(&bins), 3);
        assert_eq!(otsu(&[0.0; 4]), 0);
    }
}
