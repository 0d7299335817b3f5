//! House rules that no compiler checks: imports and licences (`graph.rs`), text and links (`text.rs`).

mod graph;
mod text;

use super::{Context, Tally};
use anyhow::Result;

pub fn run(context: &Context, tally: &mut Tally) -> Result<()> {
    graph::run(context.project, tally)?;
    text::run(context.project, tally)
}
