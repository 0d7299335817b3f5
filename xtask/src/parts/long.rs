//! What `host` leaves out: tests that are ignored as `long`, on firmware that stands.

use super::{Context, Tally, host};
use crate::firmware;
use crate::heap::Heap;
use crate::project::DEFAULT_BOARD;
use crate::variant::Variant;
use anyhow::Result;

pub fn run(context: &Context, tally: &mut Tally) -> Result<()> {
    for heap in Heap::ALL {
        let variant = Variant {
            heap,
            ..Variant::default()
        };
        firmware::ensure(context.project, DEFAULT_BOARD, &variant)?;
    }
    let mut command = host::command(context, &["--package", "spiram", "--package", "vboard"])?;
    command
        .args(&context.filter)
        .args(["--", "--ignored", "--nocapture"]);
    host::count(command, tally)
}
