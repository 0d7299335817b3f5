//! A template's best place: normalised cross-correlation (J. P. Lewis, "Fast Normalized Cross-Correlation", 1995), at every
//! place of a grid or by diamonds that shrink (S. Zhu and K.-K. Ma, 2000).
//!
//! Means are rounded down; the sums are whole numbers, the quotient `f32`.

use crate::math::sqrt;
use crate::{Error, Format, Region, View};

/// How places are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Search {
    /// Every `step`-th place.
    Exhaustive {
        /// Pixels from place to place.
        step: usize,
    },
    /// Every fourth place, then in diamonds around the best.
    Diamond,
}

/// The best place, and the correlation there: 1 for the template itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match {
    /// The template's place.
    pub region: Region,
    /// -1 to 1.
    pub correlation: f32,
}

/// Finds the place with the largest correlation above `threshold`, the first of several.
///
/// # Errors
/// Images that are not grey, a region outside or smaller than the template, a step of 0.
pub fn find_template(
    image: &View,
    template: &View,
    threshold: f32,
    roi: Option<Region>,
    search: Search,
) -> Result<Option<Match>, Error> {
    for view in [image, template] {
        if view.format() != Format::Grey {
            return Err(Error::Format {
                found: view.format().name(),
                expected: "a grayscale image and a grayscale template",
            });
        }
    }
    let area = image.area_of(roi)?;
    if template.width() > area.w || template.height() > area.h {
        return Err(Error::Mismatch {
            first: (area.w, area.h),
            second: (template.width(), template.height()),
        });
    }
    let step = match search {
        Search::Exhaustive { step: 0 } => {
            return Err(Error::Argument {
                name: "step",
                found: 0.0,
                expected: "1 or more",
            });
        }
        Search::Exhaustive { step } => step,
        Search::Diamond => 4,
    };
    let mut hunt = Hunt {
        image,
        target: Target::new(template),
        first: (area.x, area.y),
        last: (area.right() - template.width(), area.bottom() - template.height()),
        best: (0.0, area.x, area.y),
    };
    hunt.everywhere(step)?;
    if search == Search::Diamond {
        hunt.by_diamonds();
    }
    let (correlation, x, y) = hunt.best;
    let size = (template.width() as i32, template.height() as i32);
    Ok((correlation > threshold).then(|| Match {
        region: Region::new(x as i32, y as i32, size.0, size.1),
        correlation,
    }))
}

/// A search on its way.
struct Hunt<'a> {
    image: &'a View<'a>,
    target: Target<'a>,
    /// The corners of the places that the template may have.
    first: (usize, usize),
    last: (usize, usize),
    /// The best correlation so far, and where.
    best: (f32, usize, usize),
}

impl Hunt<'_> {
    fn consider(&mut self, x: usize, y: usize) {
        let correlation = self.target.correlation(self.image, x, y);
        if correlation > self.best.0 {
            self.best = (correlation, x, y);
        }
    }

    fn everywhere(&mut self, step: usize) -> Result<(), Error> {
        for y in (self.first.1..=self.last.1).step_by(step) {
            for x in (self.first.0..=self.last.0).step_by(step) {
                crate::stop::check()?;
                self.consider(x, y);
            }
        }
        Ok(())
    }

    /// From the best place on, to the corners of smaller and smaller diamonds.
    fn by_diamonds(&mut self) {
        let place = |at: usize, step: i64, low: usize, high: usize| {
            (at as i64 + step).clamp(low as i64, high as i64) as usize
        };
        let mut size = 4i64;
        while size > 0 {
            let (_, x, y) = self.best;
            let half = size / 2;
            let diamond = [
                (size, 0),
                (half, half),
                (0, size),
                (-half, half),
                (-size, 0),
                (-half, -half),
                (0, -size),
                (half, -half),
            ];
            for (dx, dy) in diamond {
                let x = place(x, dx, self.first.0, self.last.0);
                let y = place(y, dy, self.first.1, self.last.1);
                self.consider(x, y);
            }
            if (self.best.1, self.best.2) == (x, y) {
                size -= 1;
            }
        }
    }
}

/// A template with the sums that every place needs.
struct Target<'a> {
    view: &'a View<'a>,
    mean: i64,
    sum: i64,
    /// Sum of squared differences from the mean.
    spread: i64,
}

impl<'a> Target<'a> {
    fn new(view: &'a View<'a>) -> Self {
        let pixels = || view.data().iter().map(|pixel| i64::from(*pixel));
        let sum: i64 = pixels().sum();
        let mean = sum / view.data().len() as i64;
        Target {
            view,
            mean,
            sum,
            spread: pixels().map(|pixel| (pixel - mean) * (pixel - mean)).sum(),
        }
    }

    fn correlation(&self, image: &View, left: usize, top: usize) -> f32 {
        let (width, height) = (self.view.width(), self.view.height());
        let (mut sum, mut squares, mut products) = (0u64, 0u64, 0u64);
        for y in 0..height {
            let row = &image.row(top + y)[left..left + width];
            for (a, b) in row.iter().zip(self.view.row(y)) {
                let (a, b) = (u32::from(*a), u32::from(*b));
                sum += u64::from(a);
                squares += u64::from(a * a);
                products += u64::from(a * b);
            }
        }
        let count = (width * height) as i64;
        let exact = sum as f32 / count as f32;
        let mean = exact as i64;
        // The sum of (a - mean) * (b - template's mean), multiplied out.
        let numerator = products as i64 - mean * self.sum - self.mean * sum as i64 + count * mean * self.mean;
        let spread = (squares as f32 - sum as f32 * exact).max(0.0) as u64;
        let denominator = sqrt(spread as f32) * sqrt(self.spread as f32);
        if denominator == 0.0 {
            return 0.0;
        }
        numerator as f32 / denominator
    }
}
