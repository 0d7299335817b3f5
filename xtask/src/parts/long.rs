//! What `host` leaves out: tests that are ignored as `long`, on firmware that stands.

use super::{Context, Tally, host};
use crate::firmware;
use crate::flavour::Flavour;
use crate::heap::Heap;
use crate::project::DEFAULT_BOARD;
use anyhow::Result;

pub fn run(context: &Context, tally: &mut Tally) -> Result<()> {
    for heap in Heap::ALL {
        let flavour = Flavour {
            heap,
            ..Flavour::default()
        };
        firmware::stand(context.project, DEFAULT_BOARD, &flavour)?;
    }
    let mut command = host::command(context, &["--package", "spiram", "--package", "vboard"])?;
    command
        .args(&context.filter)
        .args(["--", "--ignored", "--nocapture"]);
    host::count(command, tally)
}
