//! Histograms and what is read off them: statistics, percentiles, thresholds.

mod count;
mod otsu;
mod statistics;

pub use count::{Counted, Histogram, histogram, histogram_scratch};
pub use statistics::{Channel, Levels, Statistics};
