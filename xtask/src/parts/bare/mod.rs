//! What README says of the set-up, done on bare Debians: in a chroot made by debootstrap, with rustup's minimal profile, in
//! a folder with a blank, by a user without and with sudo. By name only, since it fetches gigabytes and takes long:
//! `cargo xtask test bare`, or `bare/trixie`, or one stage, `bare/trixie/prompt`, on what earlier stages left.
//!
//! It wants root and debootstrap. The chroots lie in `SPIRAM_BARE_DIR`, or in the temporary folder, and stay for a look.

mod chroot;
pub mod words;

use super::{Context, Tally};
use crate::{lock::Lock, project::Project, say};
use anyhow::{Context as _, Result, bail, ensure};
use chroot::Chroot;
use std::time::{Duration, Instant};

/// Codenames, and what they are called.
const SYSTEMS: [(&str, &str); 2] = [("bookworm", "Debian 12"), ("trixie", "Debian 13")];

/// A stage: its name, what it does, and whether it begins with a new chroot.
type Stage = (&'static str, fn(&Bare) -> Result<String>, bool);

const STAGES: &[Stage] = &[
    ("refused", refused, true),
    ("prompt", prompt, false),
    ("again", again, false),
    ("change", change, false),
    ("test", whole_test, false),
];

/// One system, and the words of README.
struct Bare {
    chroot: Chroot,
    words: words::Words,
}

pub fn run(context: &Context, tally: &mut Tally) -> Result<()> {
    let project = context.project;
    let words = words::Words::read(project)?;
    let mut rows = Vec::new();
    for (suite, system) in SYSTEMS {
        let mut lock = None;
        for (stage, run, is_first) in STAGES {
            let name = format!("{suite}/{stage}");
            if context
                .filter
                .as_ref()
                .is_some_and(|filter| !name.contains(filter.as_str()))
            {
                continue;
            }
            if lock.is_none() {
                let file = Chroot::at(suite).root.with_extension("lock");
                lock = Some(Lock::take(&file, "tests set-up")?);
            }
            say::line(format!("   {system}: {stage}"));
            let begun = Instant::now();
            let result = prepare(project, suite, &words, *is_first).and_then(|bare| {
                let before = (bare.chroot.bytes(), Instant::now());
                let told = run(&bare)?;
                let grown = bare.chroot.bytes().saturating_sub(before.0) / 1_000_000;
                Ok((told, before.1.elapsed(), grown))
            });
            match result {
                Ok((told, time, grown_mb)) => {
                    tally.pass();
                    rows.push(row(system, stage, time, grown_mb, &told));
                }
                Err(error) => tally.fail(format!(
                    "{name} after {}: {error:#}",
                    say::seconds(begun.elapsed())
                )),
            }
        }
    }
    for row in rows {
        say::line(row);
    }
    Ok(())
}

fn row(system: &str, stage: &str, time: Duration, grown_mb: u64, told: &str) -> String {
    format!(
        "   {system}  {stage:<8} {:>12}  {:>8} more on the disk  {told}",
        say::seconds(time),
        say::megabytes(grown_mb)
    )
}

fn prepare(project: &Project, suite: &str, words: &words::Words, is_first: bool) -> Result<Bare> {
    let chroot = Chroot::at(suite);
    if is_first {
        chroot.make(project, suite, &words.packages)?;
    }
    ensure!(
        chroot.is_made(),
        "there is no {}; `cargo xtask test bare/{suite}/refused` makes it",
        chroot.root.display()
    );
    Ok(Bare {
        chroot,
        words: words.clone(),
    })
}

/// A user who may not install: in a folder with a blank the cure comes first, then one list; nothing was asked or changed.
fn refused(bare: &Bare) -> Result<String> {
    let first = bare.chroot.cargo(&bare.words.run, &[])?;
    first.ended_with(3)?;
    let cure = first
        .text
        .lines()
        .find_map(|line| line.trim().strip_prefix("export CARGO_TARGET_DIR="));
    let cure = cure
        .with_context(|| format!("no cure for the blank in\n{}", first.text))?
        .to_owned();
    bare.chroot.remember_target(&cure)?;
    let second = bare.chroot.cargo(&bare.words.run, &[])?;
    second.ended_with(3)?;
    second.says("apt-get update && apt-get install")?;
    second.says("gcc-arm-none-eabi")?;
    bare.chroot.allow_sudo()?;
    Ok("without sudo: the cure for the blank, then the list".to_owned())
}

/// To the end of a script, from nothing.
fn prompt(bare: &Bare) -> Result<String> {
    bare.chroot.write_script("print(6 * 7)\n")?;
    let seen = bare.chroot.cargo(&bare.words.run, &["/tmp/script.py"])?;
    seen.ended_with(0)?;
    ensure!(
        seen.text.lines().any(|line| line == "42"),
        "the script did not print 42:\n{}",
        seen.text
    );
    let warnings = seen
        .text
        .lines()
        .filter(|line| line.starts_with("warning"))
        .count();
    ensure!(warnings == 0, "{warnings} warnings:\n{}", seen.text);
    let fetched = seen
        .text
        .lines()
        .find(|line| line.contains(" packages, "))
        .unwrap_or("no packages")
        .trim();
    Ok(fetched.to_owned())
}

/// The second run sets up nothing and builds nothing.
fn again(bare: &Bare) -> Result<String> {
    let seen = bare.chroot.cargo(&bare.words.run, &["/tmp/script.py"])?;
    seen.ended_with(0)?;
    for word in ["set-up", "== firmware", "== virtual board"] {
        ensure!(
            !seen.text.contains(word),
            "`{word}` in a second run:\n{}",
            seen.text
        );
    }
    Ok(String::new())
}

/// One line of the firmware is another.
fn change(bare: &Bare) -> Result<String> {
    bare.chroot
        .append_to("firmware/src/main.rs", "// One more line.\n")?;
    let seen = bare.chroot.cargo(&bare.words.run, &["/tmp/script.py"])?;
    seen.ended_with(0)?;
    seen.says("== firmware")?;
    Ok(String::new())
}

/// README's second command.
fn whole_test(bare: &Bare) -> Result<String> {
    let seen = bare.chroot.cargo(&bare.words.test, &[])?;
    let last = seen
        .text
        .lines()
        .rev()
        .find(|line| line.contains(" passed, "))
        .unwrap_or_default()
        .to_owned();
    if seen.code != Some(0) {
        bail!("{last}\n{}", seen.tail());
    }
    Ok(last)
}
