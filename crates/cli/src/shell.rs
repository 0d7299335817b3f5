//! `spiram completions` and `spiram man`: for the shell, and for `man`.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Command;
use clap_complete::Shell;

use crate::failure::Failure;

#[derive(clap::Args)]
pub struct Args {
    /// For which shell
    #[arg(value_name = "SHELL", value_enum)]
    shell: Shell,
}

/// What the shell wants to know to complete a line.
pub fn completions(args: &Args, mut command: Command) -> Result<ExitCode, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut command, "spiram", &mut text);
    print(&text)
}

/// One page for the tool, and after it one for each verb.
pub fn man(command: Command) -> Result<ExitCode, Failure> {
    let mut text = Vec::new();
    let verbs: Vec<Command> = command.get_subcommands().cloned().collect();
    let verbs = verbs.into_iter().map(|verb| {
        let title = format!("spiram-{}", verb.get_name());
        clap_mangen::Man::new(verb).title(title)
    });
    for page in [clap_mangen::Man::new(command)].into_iter().chain(verbs) {
        page.render(&mut text)
            .map_err(|error| Failure::new(format!("no page can be made: {error}")))?;
    }
    print(&text)
}

fn print(text: &[u8]) -> Result<ExitCode, Failure> {
    // A closed pipe is the reader's choice.
    let _ = io::stdout().write_all(text);
    Ok(ExitCode::SUCCESS)
}
