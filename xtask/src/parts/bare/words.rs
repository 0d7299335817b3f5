//! What README tells a new user to type.

use crate::project::Project;
use anyhow::{Context, Result};

#[derive(Clone, Debug, PartialEq)]
pub struct Words {
    /// The packages to have before.
    pub packages: Vec<String>,
    /// The arguments of cargo in the two commands.
    pub run: Vec<String>,
    pub test: Vec<String>,
}

impl Words {
    pub fn read(project: &Project) -> Result<Words> {
        let text = std::fs::read_to_string(project.root.join("README.md")).context("reading README.md")?;
        Words::parse(&text).context("README.md does not tell how to begin")
    }

    fn parse(text: &str) -> Option<Words> {
        let (_, section) = text.split_once("## Two commands")?;
        let line = |prompt: &str| {
            let line = section.lines().find_map(|line| line.strip_prefix(prompt))?;
            Some(
                line.split('#')
                    .next()?
                    .split_whitespace()
                    .map(str::to_owned)
                    .collect::<Vec<_>>(),
            )
        };
        let packages = line("# apt-get install ")?;
        let run = line("$ cargo xtask run")?;
        let test = line("$ cargo xtask test")?;
        let verb = |verb: &str, rest: Vec<String>| {
            ["xtask", verb]
                .into_iter()
                .map(str::to_owned)
                .chain(rest)
                .collect()
        };
        Some(Words {
            packages,
            run: verb("run", run),
            test: verb("test", test),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readme_tells_what_to_install_and_what_to_type() {
        let words = Words::read(&Project::find().unwrap()).unwrap();
        assert!(words.packages.iter().any(|name| name == "gcc"), "{words:?}");
        assert_eq!(
            (words.run, words.test),
            (own(["xtask", "run"]), own(["xtask", "test"]))
        );
    }

    fn own(words: [&str; 2]) -> Vec<String> {
        words.map(str::to_owned).to_vec()
    }

    #[test]
    fn remarks_behind_a_command_are_not_typed() {
        let text =
            "## Two commands\n# apt-get install gcc git\n$ cargo xtask run      # why\n$ cargo xtask test\n";
        let words = Words::parse(text).unwrap();
        assert_eq!(words.packages, own(["gcc", "git"]));
        assert_eq!(words.run, own(["xtask", "run"]));
        assert!(Words::parse("nothing").is_none());
    }
}
