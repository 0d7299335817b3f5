//! `genhdr/mpversion.h`: the version and date in the banner.
//!
//! The date must be the same for everybody who builds the same commit, so it never comes from the clock: it is
//! SOURCE_DATE_EPOCH if that is set (reproducible-builds.org), else the date of the commit, else that of the release.

use crate::{Result, objects};
use std::{env, path::Path, process::Command};

/// MicroPython 1.25.0 was released on this day.
const RELEASE_DATE: &str = "2025-04-15";

pub fn write(genhdr: &Path) -> Result<()> {
    println!("cargo:rerun-if-env-changed=SOURCE_DATE_EPOCH");
    let date = epoch_date()?
        .or_else(commit_date)
        .unwrap_or_else(|| RELEASE_DATE.to_owned());
    let text = format!(
        "#define MICROPY_GIT_TAG \"v1.25.0\"\n\
         #define MICROPY_GIT_HASH \"\"\n\
         #define MICROPY_BUILD_DATE \"{date}\"\n"
    );
    objects::write_if_changed(&genhdr.join("mpversion.h"), &text)
}

fn epoch_date() -> Result<Option<String>> {
    let Ok(text) = env::var("SOURCE_DATE_EPOCH") else {
        return Ok(None);
    };
    match text.parse::<i64>() {
        Ok(seconds) => Ok(Some(civil(seconds.div_euclid(86_400)))),
        Err(_) => Err(format!(
            "SOURCE_DATE_EPOCH must be seconds since 1970, found {text:?}"
        )),
    }
}

/// Only for a build by cargo itself: `cargo xtask` says the day by SOURCE_DATE_EPOCH. A checkout that belongs to another
/// user is read, too; a repository above it is not this one's, nor one that a variable of git names.
fn commit_date() -> Option<String> {
    let root = Path::new(&env::var_os("CARGO_MANIFEST_DIR")?)
        .ancestors()
        .nth(2)?
        .to_owned();
    let mut git = Command::new("git");
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GIT_")) {
        git.env_remove(name);
    }
    git.env("GIT_CEILING_DIRECTORIES", root.parent().unwrap_or(&root));
    git.current_dir(&root)
        .args(["-c", "safe.directory=*", "log", "-1", "--format=%ct"]);
    let told = git.output().ok().filter(|run| run.status.success());
    let seconds = told.and_then(|run| String::from_utf8(run.stdout).ok()?.trim().parse::<i64>().ok());
    if seconds.is_none() {
        println!(
            "cargo:warning=no commit to take the banner's date from; it is that of MicroPython's release"
        );
    }
    seconds.map(|seconds| civil(seconds.div_euclid(86_400)))
}

/// Days since 1970-01-01 as year-month-day, by counting 400-year eras that begin in March (leap day last).
fn civil(days: i64) -> String {
    let from_march_0000 = days + 719_468;
    let era = from_march_0000.div_euclid(146_097);
    let day_of_era = from_march_0000.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::civil;

    #[test]
    fn days_are_told_apart_around_leap_days_and_centuries() {
        assert_eq!(civil(0), "1970-01-01");
        assert_eq!(civil(-1), "1969-12-31");
        assert_eq!(civil(11_016), "2000-02-29");
        assert_eq!(civil(20_193), "2025-04-15");
        assert_eq!(civil(47_540), "2100-02-28");
        assert_eq!(civil(47_541), "2100-03-01");
    }
}
