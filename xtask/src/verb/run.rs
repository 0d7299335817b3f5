//! `run`: set up, build what is stale, become the virtual board.
//!
//! Only the board and the flavour are read here, because the firmware depends on them; all else is `spiram run`'s
//! business and is handed on as it stands, a wrong option too.

use crate::{
    firmware,
    flavour::Flavour,
    project::{DEFAULT_BOARD, Project},
    setup,
};
use anyhow::{Context, Result};
use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

pub const ARGS: &str = "[--board B] [--timing T] [--psram CHIP] [SCRIPT.py]";

pub fn main(project: &Project, mut args: lexopt::Parser) -> Result<ExitCode> {
    let mut board = DEFAULT_BOARD.to_owned();
    let mut flavour = Flavour::default();
    let mut rest: Vec<OsString> = Vec::new();
    let mut raw = args.raw_args()?;
    'arguments: while let Some(arg) = raw.next() {
        if let Some(name) = value(&arg, "board", &mut raw)? {
            board = name;
            continue;
        }
        for option in Flavour::OPTIONS {
            if let Some(name) = value(&arg, option, &mut raw)? {
                flavour.set(project, option, &name)?;
                continue 'arguments;
            }
        }
        rest.push(arg);
    }
    project.check_board(&board)?;
    setup::stand(project, false)?;
    firmware::stand(project, &board, &flavour)?;
    firmware::stand_spiram(project)?;
    let mut spiram = Command::new(project.spiram());
    spiram
        .args(["run", "--board", &board, "--elf"])
        .arg(flavour.elf(project, &board));
    // Firmware for another part wants a board with that part, unless another chip is asked for.
    if let Some(part) = &flavour.part
        && !rest
            .iter()
            .any(|arg| arg.to_string_lossy().starts_with("--psram"))
    {
        spiram.args(["--psram", part]);
    }
    spiram.args(rest);
    // Only returns if it could not be started.
    Err(spiram.exec()).with_context(|| format!("starting {}", project.spiram().display()))
}

/// The value of `--option value` or `--option=value`, if `arg` is that option.
fn value(
    arg: &OsStr,
    option: &str,
    following: &mut impl Iterator<Item = OsString>,
) -> Result<Option<String>> {
    let Some(tail) = arg
        .to_str()
        .and_then(|text| text.strip_prefix("--")?.strip_prefix(option))
    else {
        return Ok(None);
    };
    if tail.is_empty() {
        let next = following
            .next()
            .with_context(|| format!("--{option} needs a name"))?;
        return Ok(Some(next.to_string_lossy().into_owned()));
    }
    Ok(tail.strip_prefix('=').map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_has_its_value_behind_a_sign_or_in_the_next_word() {
        let found = |arg: &str, next: &[&str]| {
            let mut following = next.iter().map(OsString::from);
            value(OsStr::new(arg), "heap", &mut following)
        };
        assert_eq!(found("--heap", &["stock"]).unwrap().as_deref(), Some("stock"));
        assert_eq!(found("--heap=stock", &[]).unwrap().as_deref(), Some("stock"));
        assert_eq!(found("--heaps", &["x"]).unwrap(), None);
        assert_eq!(found("script.py", &[]).unwrap(), None);
        assert_eq!(
            found("--heap", &[]).unwrap_err().to_string(),
            "--heap needs a name"
        );
    }
}
