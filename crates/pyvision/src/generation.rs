//! Which generation of OpenMV's API a script was written for. `import sensor` is how one of the fourth begins; anything else is the
//! fifth. Results have calls in the fourth (`blob.cx()`), attributes in the fifth (`blob.cx`).

use core::sync::atomic::{AtomicBool, Ordering};

use upy::record::Style;

static FOURTH: AtomicBool = AtomicBool::new(false);

/// From now on results are those of the fourth generation, or of the fifth.
pub fn choose(fourth: bool) {
    FOURTH.store(fourth, Ordering::Relaxed);
}

/// How results are read.
pub fn style() -> Style {
    if FOURTH.load(Ordering::Relaxed) {
        Style::Calls
    } else {
        Style::Attributes
    }
}
