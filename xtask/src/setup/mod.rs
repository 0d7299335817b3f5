//! Set-up: what the project needs from outside, and how it gets here.
//!
//! `steps.rs` is the table. A step that stands is skipped; what is missing comes from the machine's own package
//! sources: no other place is ever asked, and no host is named. Interrupting is safe at any point, because a step is
//! judged by what is there, never by a note that it was tried.

mod apt;
pub(crate) mod archive;
mod by_hand;
pub(crate) mod core;
mod crates;
mod place;
mod plan;
mod probe;
pub(crate) mod steps;
pub(crate) mod system;

use crate::lock::Lock;
use crate::{project::Project, say};
use anyhow::{Result, bail};
use std::time::Instant;
use steps::{Need, STEPS, Step};
use system::System;

pub(crate) use apt::installed_packages;
pub(crate) use archive::aptsources;
pub use archive::micropython;
pub(crate) use place::{cargo_home, check as check_place};
pub(crate) use plan::free_mb;
pub(crate) use probe::version;
pub use probe::{python, python_with_numpy};

/// Makes every step stand. `chatty` also names those that stand already, with their versions.
pub fn ensure(project: &Project, chatty: bool) -> Result<()> {
    let start = Instant::now();
    place::check(project)?;
    let system = System::find();
    if chatty {
        tell_what_is_there(project);
    }
    let mut missing = missing(project, &system);
    if missing.is_empty() {
        if chatty {
            say::line(format!("set-up stands: {}", say::seconds(start.elapsed())));
        }
        return Ok(());
    }
    let lock = Lock::take(&project.deps().join("lock"), "sets up")?;
    // The one that was waited for may have done all of it.
    missing = self::missing(project, &system);
    if missing.is_empty() {
        return Ok(());
    }
    plan::tell(project, &missing);
    install_missing(project, &system, &missing)?;
    drop(lock);
    say::line(format!("set-up done: {}", say::seconds(start.elapsed())));
    Ok(())
}

/// The steps that do not stand, but for those that nothing waits for.
fn missing<'a>(project: &Project, system: &System) -> Vec<&'a Step> {
    STEPS
        .iter()
        .filter(|step| !step.optional && !step.is_there(project, system))
        .collect()
}

fn tell_what_is_there(project: &Project) {
    for step in STEPS {
        match step.found(project) {
            Ok(version) => say::line(format!(
                "  stands   {:<18} {:<28} {}",
                step.what, version, step.why
            )),
            Err(_) if step.optional => {
                let package = step.debian;
                say::line(format!(
                    "  optional {:<18} {:<28} {}",
                    step.what,
                    format!("(package {package})"),
                    step.why
                ));
            }
            Err(why) => say::line(format!("  missing  {:<18} {why}", step.what)),
        }
    }
}

fn install_missing(project: &Project, system: &System, missing: &[&Step]) -> Result<()> {
    if !system.has_apt() && missing.iter().any(|step| step.is_package()) {
        bail!(by_hand::list(system, project, missing, ""));
    }
    // rustup may have the firmware's core, which spares three packages; so it is asked before apt is.
    let core_packages = match missing
        .iter()
        .find(|step| matches!(step.need, Need::FirmwareCore))
    {
        Some(_) => core::from_rustup_else_packages(project, system)?,
        None => Vec::new(),
    };
    let mut required: Vec<String> = missing
        .iter()
        .filter(|step| step.is_package())
        .map(|step| step.debian.to_owned())
        .collect();
    required.extend(core_packages);
    let optional = STEPS
        .iter()
        .filter(|step| step.optional && !step.is_there(project, system));
    let optional: Vec<String> = optional.map(|step| step.debian.to_owned()).collect();
    if !required.is_empty() {
        let typed = |why: &str| by_hand::list(system, project, missing, why);
        apt::install(project, system, &required, &optional, typed)?;
    }
    for step in missing.iter().filter(|step| step.is_package()) {
        if let Err(why) = step.found(project) {
            bail!(
                "{} ({}) is not usable though its package {} is installed: {why}",
                step.what,
                step.why,
                step.debian
            );
        }
    }
    for step in missing {
        match step.need {
            Need::FirmwareCore => drop(core::find()?),
            Need::Source(archive) => archive.fetch_and_unpack(project)?,
            Need::Crates => crates::fetch(project)?,
            Need::Program { .. } | Need::Probe(_) => {}
        }
    }
    Ok(())
}
