//! `spiram`: the board on your desk, or one that is not there.
//!
//! Exit codes: 0 all went well; 1 the script raised; 2 the virtual board reported events or locked up;
//! 3 spiram could not do what was asked (arguments, files, firmware). A program on the board that ends its own run has its own.

mod asked;
mod boards;
mod cascade;
mod decode;
mod doctor;
mod failure;
mod first_power_up;
mod parts;
mod run;
mod shell;
mod sweep;
mod view;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};

#[derive(Parser)]
#[command(
    name = "spiram",
    version,
    about = "MicroPython with 8 MB of PSRAM on an STM32H7A3, on a virtual board",
    after_help = "Exit codes: 0 fine; 1 the script raised; 2 the board reported events; 3 spiram could not do it.",
    arg_required_else_help = true
)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Boot the virtual board: a prompt on the terminal, or run a script
    #[command(visible_alias = "sim")]
    Run(Box<run::Args>),
    /// Show the virtual board on a page in the browser while it runs
    View(Box<view::Args>),
    /// List the memory chips that can be fitted
    Parts(parts::Args),
    /// Measure at which clocks and sample points the memory of a board answers rightly
    Sweep(sweep::Args),
    /// Ask a board on a serial port, or the virtual one, all that there is to ask, for a report
    Doctor(doctor::Args),
    /// Say which pin of the memory chip is bad, by what was read and what was expected
    Decode(decode::Args),
    /// List the boards, or print the netlist of one
    Boards(boards::Args),
    /// Make a cascade for image.HaarCascade of OpenCV's XML
    Cascade(cascade::Args),
    /// Say what a board shows that is plugged in for the first time, and what to do next
    FirstPowerUp(first_power_up::Args),
    /// Print what a shell needs to complete command lines: bash, zsh, fish, elvish, powershell
    Completions(shell::Args),
    /// Print the manual, for `man -l -`
    Man,
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let done = match cli.verb {
        Verb::Run(args) => run::run(&args),
        Verb::View(args) => view::run(&args),
        Verb::Parts(args) => parts::list(&args),
        Verb::Sweep(args) => sweep::run(&args),
        Verb::Doctor(args) => doctor::run(&args),
        Verb::Decode(args) => decode::run(&args),
        Verb::Boards(args) => boards::run(&args),
        Verb::Cascade(args) => cascade::run(&args),
        Verb::FirstPowerUp(args) => first_power_up::run(&args),
        Verb::Completions(args) => shell::completions(&args, Cli::command()),
        Verb::Man => shell::man(Cli::command()),
    };
    done.unwrap_or_else(|failure| {
        eprint!("{failure}");
        ExitCode::from(failure::EXIT)
    })
}

/// Clap's own words; help and version are not mistakes.
fn usage(error: &clap::Error) -> ExitCode {
    // A closed pipe is the reader's choice.
    let _ = error.print();
    if error.kind() == ErrorKind::InvalidSubcommand {
        let command = Cli::command();
        let verbs: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
        eprintln!("hint: spiram knows {}", verbs.join(", "));
    }
    ExitCode::from(if error.use_stderr() { failure::EXIT } else { 0 })
}
