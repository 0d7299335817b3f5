//! `run`: set up, build what is stale, become the virtual board.
//!
//! Board and variant are read here, because the firmware depends on them; all else is `spiram run`'s business and is handed
//! on as it stands. But mistakes are told before anything is installed or built: the options are known from the help of
//! `spiram run`, of which `run-help.txt` is a copy (a test of the tool compares them).

use crate::{
    firmware,
    project::{DEFAULT_BOARD, Project},
    setup,
    variant::Variant,
};
use anyhow::{Context, Result, bail};
use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};

pub const ARGS: &str = "[--board B] [--heap H] [--timing T] [--part P] [--psram CHIP] [SCRIPT.py]";
const TOOL: &str = include_str!("run-help.txt");

/// What xtask says itself.
const NOT_FOR_USERS: &[&str] = &["elf"];

pub fn main(project: &Project, mut args: lexopt::Parser) -> Result<ExitCode> {
    let mut board = DEFAULT_BOARD.to_owned();
    let mut variant = Variant::default();
    let mut rest: Vec<OsString> = Vec::new();
    let mut raw = args.raw_args()?;
    'arguments: while let Some(arg) = raw.next() {
        if let Some(name) = value(&arg, "board", &mut raw)? {
            board = name;
            continue;
        }
        for option in Variant::OPTIONS {
            if let Some(name) = value(&arg, option, &mut raw)? {
                variant.set(project, option, &name)?;
                continue 'arguments;
            }
        }
        rest.push(arg);
    }
    project.check_board(&board)?;
    check(&rest, &options(TOOL))?;
    setup::ensure(project, false)?;
    firmware::ensure(project, &board, &variant)?;
    firmware::stand_spiram(project)?;
    let mut spiram = Command::new(crate::firmware::spiram(project));
    spiram
        .args(["run", "--board", &board, "--elf"])
        .arg(variant.elf(project, &board));
    // Firmware for another part wants a board with that part, unless another chip is asked for.
    if let Some(part) = &variant.part
        && !rest
            .iter()
            .any(|arg| arg.to_string_lossy().starts_with("--psram"))
    {
        spiram.args(["--psram", part]);
    }
    spiram.args(rest);
    // Only returns if it could not be started.
    Err(spiram.exec()).with_context(|| format!("starting {}", crate::firmware::spiram(project).display()))
}

/// Its help: the tool's own, with what chooses the firmware, and without what is said here.
pub fn help() -> String {
    let body = TOOL.split_once("Arguments:").map_or(TOOL, |(_, body)| body);
    let kept: Vec<&str> = body
        .split("\n\n")
        .filter(|option| !option.trim_start().starts_with("--elf"))
        .collect();
    format!(
        "Sets up what is missing, builds what is stale, and boots the virtual board.\n\n\
         The firmware:\n      {}\n          \
         Python's heap, how the memory's clock is chosen, and the memory chip that it is built for\n\nArguments:{}",
        Variant::ARGS,
        kept.join("\n\n")
    )
}

/// An option of `spiram run`.
#[derive(Debug, PartialEq)]
struct Opt {
    name: String,
    takes: Takes,
    /// The words that its value begins with, where the help lists them.
    values: Vec<String>,
}

#[derive(Debug, PartialEq, Clone, Copy)]
enum Takes {
    Nothing,
    /// In the next word, or behind `=`.
    Value,
    /// Behind `=`, or nothing.
    ValueIfAny,
}

/// The options in a help text: `--name`, `--name <VALUE>` or `--name[=<VALUE>]` at the beginning of a line, and below it a
/// list of values, one an indented line, two blanks behind each.
fn options(help: &str) -> Vec<Opt> {
    let mut options: Vec<Opt> = Vec::new();
    for line in help.lines() {
        let text = line.trim_start();
        let declared = text.strip_prefix("-h, ").unwrap_or(text);
        if let Some(declared) = declared.strip_prefix("--") {
            let end = declared
                .find(|c: char| c != '-' && !c.is_alphanumeric())
                .unwrap_or(declared.len());
            let (name, rest) = declared.split_at(end);
            let takes = match rest {
                rest if rest.starts_with(" <") => Takes::Value,
                rest if rest.starts_with("[=") => Takes::ValueIfAny,
                _ => Takes::Nothing,
            };
            options.push(Opt {
                name: name.to_owned(),
                takes,
                values: Vec::new(),
            });
        } else if line.starts_with("            ")
            && let Some((value, _)) = text.split_once("  ")
            && let Some(option) = options.last_mut()
        {
            let word = value.split(['@', ':', '[', '.']).next().unwrap_or(value);
            option.values.push(word.to_owned());
        }
    }
    options
}

/// What can be wrong with a command line without looking at a board.
fn check(rest: &[OsString], known: &[Opt]) -> Result<()> {
    let mut words = rest.iter().map(|word| word.to_string_lossy());
    let mut script = None;
    while let Some(word) = words.next() {
        let Some(option) = word.strip_prefix("--").filter(|name| !name.is_empty()) else {
            if word.starts_with('-') && word.len() > 1 {
                bail!("unknown option `{word}`; `cargo xtask run --help` lists them");
            }
            if let Some(first) = script.replace(word.to_string()) {
                bail!("two scripts, {first} and {word}; `cargo xtask run` takes one");
            }
            continue;
        };
        let (name, given) = option
            .split_once('=')
            .map_or((option, None), |(name, value)| (name, Some(value)));
        let Some(opt) = known
            .iter()
            .find(|opt| opt.name == name && !NOT_FOR_USERS.contains(&name))
        else {
            bail!("unknown option `--{name}`; `cargo xtask run --help` lists them");
        };
        let value = match (opt.takes, given) {
            (Takes::Value, None) => Some(
                words
                    .next()
                    .with_context(|| format!("--{name} needs a value"))?
                    .into_owned(),
            ),
            (Takes::Nothing, Some(value)) => bail!("--{name} takes no value, and got `{value}`"),
            (_, given) => given.map(str::to_owned),
        };
        if let Some(value) = value.filter(|_| !opt.values.is_empty()) {
            for word in value.split(':') {
                let word = word.split('@').next().unwrap_or(word);
                if !opt.values.iter().any(|known| known == word) {
                    bail!(
                        "unknown value `{value}` of --{name}; expected one of: {}",
                        opt.values.join(", ")
                    );
                }
            }
        }
    }
    script.map_or(Ok(()), |script| check_script(Path::new(&script)))
}

fn check_script(script: &Path) -> Result<()> {
    let shown = script.display();
    match script.metadata() {
        Err(error) => bail!("cannot read the script {shown}: {error}"),
        Ok(meta) if meta.is_dir() => bail!("{shown} is a folder, and a .py file is expected"),
        Ok(_) => Ok(()),
    }
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

    #[test]
    fn the_tool_s_options_are_read_from_its_help() {
        let known = options(TOOL);
        let takes = |name: &str| known.iter().find(|opt| opt.name == name).map(|opt| opt.takes);
        assert_eq!(takes("stats"), Some(Takes::Value));
        assert_eq!(takes("lenient"), Some(Takes::Nothing));
        assert_eq!(takes("pty"), Some(Takes::ValueIfAny));
        assert_eq!(takes("help"), Some(Takes::Nothing));
        let chips = &known.iter().find(|opt| opt.name == "psram").unwrap().values;
        for name in ["esp-psram64h", "none", "w25q64", "stuck-cell", "swapped-lines"] {
            assert!(
                chips.iter().any(|chip| chip == name),
                "{name} is not in {chips:?}"
            );
        }
    }

    #[test]
    fn the_help_is_of_this_command() {
        let help = help();
        assert!(
            !help.contains("spiram run [") && !help.contains("--elf"),
            "{help}"
        );
        assert!(
            help.contains("--timing") && help.contains("--stats <FILE>") && help.contains("--board"),
            "{help}"
        );
    }

    #[test]
    fn mistakes_are_told_before_anything_is_done() {
        let error = |words: &[&str]| {
            let words: Vec<OsString> = words.iter().map(OsString::from).collect();
            check(&words, &options(TOOL)).err().map(|error| error.to_string())
        };
        let is = |found: Option<String>, words: &str| {
            assert!(found.as_deref().unwrap_or_default().contains(words), "{found:?}")
        };
        is(error(&["nope.py"]), "nope.py: No such file");
        is(error(&["/"]), "is a folder");
        is(error(&["--nope"]), "unknown option `--nope`");
        is(error(&["-x"]), "unknown option `-x`");
        is(error(&["--elf", "x"]), "unknown option `--elf`");
        is(error(&["--stats"]), "--stats needs a value");
        is(error(&["--lenient=1"]), "takes no value");
        is(error(&["--psram", "nope"]), "unknown value `nope`");
        is(error(&["a.py", "b.py"]), "two scripts");
        let script = tempfile::NamedTempFile::new().unwrap();
        let script = script.path().to_str().unwrap();
        assert_eq!(
            error(&[
                script,
                "--psram",
                "ips6404l-sq:stuck-cell@5.1",
                "--stats=x",
                "--watch",
                "f"
            ]),
            None
        );
        assert_eq!(error(&["--pty=/tmp/x", "--pty"]), None);
    }
}
