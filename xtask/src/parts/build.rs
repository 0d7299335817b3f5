//! All tests of the host, built: beside the firmware, which is built for another target in another folder.

use super::{Context, Tally, host};
use crate::process;
use anyhow::{Context as _, Result};

pub fn run(context: &Context, tally: &mut Tally) -> Result<()> {
    for target in host::TARGETS {
        let mut command = host::command(context, target)?;
        tally.check(process::run(command.arg("--no-run")).context("the host's tests"));
    }
    Ok(())
}
