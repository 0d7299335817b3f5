//! Drawn programs that must print the same under CPython and in each heap: forty here, more by `cargo xtask fuzz heap`.
//!
//! Part `firmware` has built all five; alone, this part builds what is stale.

use super::{Context, Tally};
use crate::firmware;
use crate::fuzz::heap;
use crate::heap::Heap;
use crate::project::{DEFAULT_BOARD, Project};
use crate::variant::Variant;
use anyhow::{Context as _, Result};
use std::thread;

pub fn run(context: &Context, tally: &mut Tally) -> Result<()> {
    let project = context.project;
    firmware::stand_spiram(project)?;
    for heap in Heap::ALL {
        let variant = Variant {
            heap,
            ..Variant::default()
        };
        firmware::ensure(project, DEFAULT_BOARD, &variant)?;
    }
    let found: Vec<Result<Vec<String>>> = thread::scope(|scope| {
        let boards = Heap::ALL.map(|heap| scope.spawn(move || differences(project, heap)));
        boards
            .into_iter()
            .map(|board| board.join().expect("no panic over there"))
            .collect()
    });
    for (heap, found) in Heap::ALL.into_iter().zip(found) {
        let found = found.with_context(|| format!("heap {}", heap.name()))?;
        if found.is_empty() {
            tally.pass();
        }
        found.into_iter().for_each(|finding| tally.fail(finding));
    }
    Ok(())
}

fn differences(project: &Project, heap: Heap) -> Result<Vec<String>> {
    let (chip, seeds) = heap::share(heap);
    heap::differences(project, heap, chip, seeds)
}
