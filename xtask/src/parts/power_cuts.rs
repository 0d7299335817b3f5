//! All power cuts, where `host` tries a sample: `crates/vboard/tests/board/power_cuts.rs` at every step of its workload, and at many
//! seeded pairs of steps; and `boot_cuts.rs` at every step of an update by the boot loader. `power-cuts/single`, `power-cuts/pairs` and
//! `power-cuts/update` are one of these.

use super::{Context, Tally, host};
use crate::firmware;
use crate::project::DEFAULT_BOARD;
use anyhow::{Result, bail};

/// Pairs of steps on each volume: 10,000 on all three.
const PAIRS: &str = "3334";

pub fn run(context: &Context, tally: &mut Tally) -> Result<()> {
    let test = match context.filter.as_deref() {
        None => "_cuts::",
        Some("single") => "power_cuts::single",
        Some("pairs") => "power_cuts::pairs",
        Some("update") => "of_an_update",
        Some(other) => {
            bail!("{other}: there are `power-cuts/single`, `power-cuts/pairs` and `power-cuts/update`")
        }
    };
    firmware::ensure(context.project, DEFAULT_BOARD, &context.variant)?;
    let mut command = host::command(context, &["--package", "vboard", "--test", "board"])?;
    command
        .env("SPIRAM_CUTS_STRIDE", "1")
        .env("SPIRAM_CUTS_PAIRS", PAIRS)
        .args([test, "--", "--nocapture"]);
    host::count(command, tally)
}
