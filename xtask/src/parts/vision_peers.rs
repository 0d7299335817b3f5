//! The vision crate beside OpenCV, scikit-image, the reference AprilTag library, Pillow and zxing-cpp, on pictures that those
//! packages bring or that are drawn: `tests/vision/peers.py` says within which bounds.

use super::{Context, Tally, clients, vision};
use anyhow::{Context as _, Result};

pub fn run(context: &Context, tally: &mut Tally) -> Result<()> {
    let programs =
        clients::programs(context.project, "peers")?.context("no Python for the peers' packages")?;
    vision::compare(context, tally, &programs.join("python3"), "tests/vision/peers.py")
}
