//! Set-up: what the project needs from outside, and how it gets here.
//!
//! `steps.rs` is the table. A step that stands is skipped; what is missing comes from the machine's own package
//! sources: no other place is ever asked, and no host is named. Interrupting is safe at any point, because a step is
//! judged by what is there, never by a note that it was done.

pub(crate) mod archive;
pub(crate) mod core;
mod packages;
mod steps;

use crate::{project::Project, say};
use anyhow::Result;
use std::time::Instant;
use steps::{Need, STEPS, Step};

pub use steps::{python, python_with_numpy};

/// Makes every step stand. `chatty` also names those that stand already.
pub fn stand(project: &Project, chatty: bool) -> Result<()> {
    let start = Instant::now();
    let (standing, missing): (Vec<&Step>, Vec<&Step>) = STEPS.iter().partition(|step| step.stands(project));
    if chatty {
        for step in &standing {
            say::line(format!("  stands   {:<22} {}", step.what, step.why));
        }
    }
    if missing.is_empty() {
        if chatty {
            say::line(format!(
                "set-up stands: {} steps, {}",
                STEPS.len(),
                say::seconds(start.elapsed())
            ));
        }
        return Ok(());
    }
    say::line(format!(
        "set-up: {} of {} steps are missing",
        missing.len(),
        STEPS.len()
    ));
    for step in &missing {
        say::line(format!("  missing  {:<22} {}", step.what, step.why));
    }

    // rustup may have the firmware's core, which spares three packages; so it is asked before apt is.
    let core_missing = missing.iter().any(|step| matches!(step.need, Need::FirmwareCore));
    let core_packages = if core_missing {
        core::from_rustup_else_packages(project)?
    } else {
        Vec::new()
    };
    let mut wanted: Vec<packages::Wanted> = missing.iter().filter_map(|step| step.package()).collect();
    wanted.extend(core_packages.iter().map(|name| packages::Wanted {
        package: name.clone(),
        why: "Rust's core for the chip, built from source".into(),
        optional: false,
    }));
    packages::install(project, &wanted)?;

    let still: Vec<&&Step> = missing
        .iter()
        .filter(|step| step.package().is_some() && !step.optional && !step.stands(project))
        .collect();
    if let Some(step) = still.first() {
        anyhow::bail!(
            "`{}` ({}) is still not usable after its package was installed",
            step.what,
            step.why
        );
    }
    if core_missing {
        core::find()?;
    }
    for step in &missing {
        if let Need::Source(archive) = step.need {
            archive.fetch_and_unpack(project)?;
        }
    }
    say::line(format!("set-up done: {}", say::seconds(start.elapsed())));
    Ok(())
}
