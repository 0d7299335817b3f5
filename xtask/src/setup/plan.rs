//! What set-up is about to do, told before it begins: what it fetches, what that takes on the disk, and where.

use super::place;
use super::steps::{Need, Step};
use crate::{project::Project, say};
use std::path::Path;

/// What a first build adds to cargo's output folder: Unicorn, the crates of host and chip, one board's firmware.
const FIRST_BUILD_MB: u64 = 1100;
/// And what all of the tests add to that.
const ALL_TESTS_MB: u64 = 1000;

pub fn tell(project: &Project, missing: &[&Step]) {
    say::line(format!("set-up: {} steps are missing", missing.len()));
    for step in missing {
        let size = match step.download_mb {
            0 => String::new(),
            mb => format!("{:>4} MB, {:>4} MB on the disk", mb, step.disk_mb),
        };
        say::line(format!("  missing  {:<18} {size:<28} {}", step.what, step.why));
    }
    let sum = |of: fn(&Step) -> u32| missing.iter().map(|step| u64::from(of(step))).sum::<u64>();
    let (download, disk) = (sum(|step| step.download_mb), sum(|step| step.disk_mb));
    say::line(format!(
        "  about {} to fetch and {} on the disk, if nothing of it is there; then a first build of {}, with all tests {} more",
        say::megabytes(download),
        say::megabytes(disk),
        say::megabytes(FIRST_BUILD_MB),
        say::megabytes(ALL_TESTS_MB)
    ));
    let mut places = vec![format!(
        "{} and {}",
        project.deps().display(),
        project.target().display()
    )];
    if missing.iter().any(|step| step.is_package()) {
        places.insert(0, "the system's folders (packages)".to_owned());
    }
    if missing.iter().any(|step| matches!(step.need, Need::Crates)) {
        places.push(
            place::cargo_home()
                .unwrap_or_default()
                .join("registry")
                .display()
                .to_string(),
        );
    }
    say::line(format!("  into {}", places.join(", ")));
    for (dir, mb) in [
        (project.root.clone(), disk_of_build(missing)),
        ("/usr".into(), disk_of_packages(missing)),
    ] {
        if let Some(free) = free_mb(&dir).filter(|free| *free < mb) {
            say::line(format!(
                "  note     {} has {} free, and about {} will be wanted",
                dir.display(),
                say::megabytes(free),
                say::megabytes(mb)
            ));
        }
    }
}

fn disk_of_packages(missing: &[&Step]) -> u64 {
    missing
        .iter()
        .filter(|step| step.is_package())
        .map(|step| u64::from(step.disk_mb))
        .sum()
}

fn disk_of_build(missing: &[&Step]) -> u64 {
    let fetched = missing.iter().filter(|step| !step.is_package());
    FIRST_BUILD_MB + fetched.map(|step| u64::from(step.disk_mb)).sum::<u64>()
}

/// Megabytes that a user may still write to the disk that holds a folder.
pub fn free_mb(dir: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(dir).ok()?;
    Some(disk.f_bavail * disk.f_frsize / 1_000_000)
}
