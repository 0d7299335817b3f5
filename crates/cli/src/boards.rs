//! `spiram boards`: the boards there are; `spiram boards NAME`: what is joined to each pin of the chip, as text or picture.

mod picture;

use std::io::{self, Write};
use std::process::ExitCode;

use vboard::board::{Board, Net, Pull, mux, netlist};

use crate::failure::Failure;

#[derive(clap::Args)]
pub struct Args {
    /// Print the netlist of this board
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// Draw its pin-out instead, as SVG
    #[arg(long, requires = "name")]
    svg: bool,
    /// As data
    #[arg(long, conflicts_with = "svg")]
    json: bool,
}

pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    if args.json {
        println!("{}", as_json(args.name.as_deref())?);
        return Ok(ExitCode::SUCCESS);
    }
    let lines = match &args.name {
        Some(name) if args.svg => vec![picture::draw(&find(name)?).trim_end().to_owned()],
        Some(name) => describe(&find(name)?),
        None => {
            let boards = Board::known().into_iter().map(|name| Ok((name, find(name)?)));
            let boards: Vec<(&str, Board)> = boards.collect::<Result<_, Failure>>()?;
            boards.iter().map(|(name, board)| summary(name, board)).collect()
        }
    };
    let mut out = io::stdout().lock();
    for line in lines {
        // EPIPE: the reader has seen enough.
        if writeln!(out, "{line}").is_err() {
            break;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn find(name: &str) -> Result<Board, Failure> {
    Board::named(name).map_err(|error| Failure::new(error.to_string()).hint("a board is a file in board/"))
}

/// All boards, or the nets of one.
fn as_json(name: Option<&str>) -> Result<serde_json::Value, Failure> {
    let Some(name) = name else {
        let boards = Board::known().into_iter().map(|name| {
            let board = find(name)?;
            Ok(serde_json::json!({"name": name, "title": board.name, "mcu": board.mcu}))
        });
        return Ok(boards.collect::<Result<Vec<_>, Failure>>()?.into());
    };
    let nets = netlist(&find(name)?).into_iter().map(|net| {
        let joints: Vec<String> = net.joints.iter().map(ToString::to_string).collect();
        let functions: Vec<String> = net
            .joints
            .iter()
            .filter_map(|joint| function(&net, joint))
            .collect();
        serde_json::json!({"pin": net.pin.to_string(), "functions": functions, "joints": joints})
    });
    Ok(nets.collect::<Vec<_>>().into())
}

fn summary(name: &str, board: &Board) -> String {
    let console = &board.console;
    format!(
        "{name:<10} {}, {}, console {} at {} baud",
        board.name, board.mcu, console.peripheral, console.baud
    )
}

/// A head, then one line for each net.
fn describe(board: &Board) -> Vec<String> {
    let nets = netlist(board);
    let joints: usize = nets.iter().map(|net| net.joints.len()).sum();
    let head = format!(
        "{}, {}: {} nets, {joints} joints",
        board.name,
        board.mcu,
        nets.len()
    );
    let titles = format!("{:<5} {:<22} {}", "net", "function of the pin", "joined to");
    [head, titles].into_iter().chain(nets.iter().map(line)).collect()
}

fn line(net: &Net) -> String {
    let functions: Vec<String> = net
        .joints
        .iter()
        .filter_map(|joint| function(net, joint))
        .collect();
    let joints: Vec<String> = net
        .joints
        .iter()
        .map(|joint| match joint.pull {
            Pull::None => joint.to_string(),
            Pull::Up => format!("{joint} (pull-up)"),
            Pull::Down => format!("{joint} (pull-down)"),
        })
        .collect();
    let functions = functions.join(", ");
    format!("{:<5} {functions:<22} {}", net.pin, joints.join(", "))
}

/// `USART2 TX AF7`; a signal that needs no number has none.
fn function(net: &Net, joint: &vboard::board::Joint) -> Option<String> {
    let (peripheral, signal) = joint.function.as_ref()?;
    Some(match mux::function(net.pin, peripheral, signal) {
        Some(number) => format!("{peripheral} {signal} AF{number}"),
        None => format!("{peripheral} {signal}"),
    })
}
