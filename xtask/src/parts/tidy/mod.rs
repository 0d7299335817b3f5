//! House rules that no compiler checks: imports and licences (`graph.rs`), the shape of files (`files.rs`), what the border
//! to Python says of itself (`border.rs`), text and links (`text.rs`), one number of Rust's oldest version, a Dockerfile that does what set-up does.

mod border;
mod docker;
mod files;
mod graph;
mod text;

use super::{Context, Tally};
use anyhow::Result;

pub fn run(context: &Context, tally: &mut Tally) -> Result<()> {
    graph::run(context.project, tally)?;
    files::run(context.project, tally)?;
    tally.check(border::run(context.project));
    tally.check(docker::run(context));
    text::run(context.project, tally)
}
