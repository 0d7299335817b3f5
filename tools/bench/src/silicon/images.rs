//! Images that others built for the NUCLEO-H7A3ZI-Q, asked for the time of one inference over their serial port.
//!
//! An image prints its clock before and after some inferences. Printing takes time as well; so the slope between two numbers
//! of inferences counts, which is what silicon's thousands come to.

use crate::folder;
use anyhow::{Context, Result, bail};
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::Duration;
use xtask::project::{DEFAULT_BOARD, Project};

/// What silicon takes for one inference, by MLPerf Tiny v1.2 (closed division).
pub struct Image {
    pub name: &'static str,
    pub network: &'static str,
    pub silicon_us: f64,
    input_bytes: usize,
    baud: u32,
    /// Two numbers of inferences.
    passes: [u32; 2],
}

const AD: usize = 2560;
const KWS: usize = 490;

pub const IMAGES: &[Image] = &[
    Image {
        name: "bosch-ad-int8",
        network: "fully connected, weights in flash",
        silicon_us: 1359.41,
        input_bytes: AD,
        baud: 921_600,
        passes: [10, 30],
    },
    Image {
        name: "bosch-ad-int8-weights-in-ram",
        network: "the same, weights in AXI SRAM",
        silicon_us: 1083.22,
        input_bytes: AD,
        baud: 921_600,
        passes: [10, 30],
    },
    Image {
        name: "bosch-ad-float",
        network: "the same in floats, 1.1 MB of flash",
        silicon_us: 5229.90,
        input_bytes: AD,
        baud: 921_600,
        passes: [6, 16],
    },
    Image {
        name: "bosch-kws-int8",
        network: "separable convolutions",
        silicon_us: 14_688.05,
        input_bytes: KWS,
        baud: 921_600,
        passes: [4, 8],
    },
    Image {
        name: "st-ad",
        network: "fully connected, X-CUBE-AI",
        silicon_us: 1225.48,
        input_bytes: AD,
        baud: 115_200,
        passes: [10, 30],
    },
    Image {
        name: "st-kws",
        network: "separable convolutions, X-CUBE-AI",
        silicon_us: 11_317.89,
        input_bytes: KWS,
        baud: 115_200,
        passes: [4, 8],
    },
];

/// Seconds of wall time after which a board is given up.
const LIMIT_S: &str = "300";

/// Virtual microseconds for one inference, or nothing if the folder has no such image.
pub fn measure(project: &Project, images: &Path, image: &Image, model: &str) -> Result<Option<f64>> {
    let file = images.join(format!("{}.bin", image.name));
    if !file.is_file() {
        return Ok(None);
    }
    let mut board = Board::start(project, &file, image, model)?;
    board.ask("profile", &["m-ready"])?;
    board.ask(&format!("db load {}", image.input_bytes), &["m-ready"])?;
    let mut left = image.input_bytes;
    while left > 0 {
        let bytes = left.min(32);
        board.ask(&format!("db {}", "00".repeat(bytes)), &["m-"])?;
        left -= bytes;
    }
    let [few, many] = image.passes;
    let mut laps = |passes: u32| -> Result<f64> {
        // The next command is lost if it comes while this one's results are printed.
        let said = board.ask(&format!("infer {passes} 1"), &["m-infer-done", "m-ready"])?;
        lap_us(&said)
    };
    let (a, b) = (laps(few)?, laps(many)?);
    Ok(Some((b - a) / f64::from(many - few)))
}

/// The time between the last two laps that it printed.
fn lap_us(said: &str) -> Result<f64> {
    let laps: Vec<f64> = said
        .split("m-lap-us-")
        .skip(1)
        .filter_map(|rest| {
            let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            rest[..digits].parse().ok()
        })
        .collect();
    match laps[..] {
        [.., before, after] => Ok(after - before),
        _ => bail!("expected two lines `m-lap-us-<microseconds>`, found {said:?}"),
    }
}

/// An image takes a few milliseconds of virtual time until it listens; what is sent before is in its way.
const START: Duration = Duration::from_secs(1);

/// A virtual board with the image in its flash, and its serial port.
struct Board {
    child: Child,
    /// A board whose output nobody reads any more ends.
    _stdout: BufReader<ChildStdout>,
    port: File,
}

impl Board {
    fn start(project: &Project, file: &Path, image: &Image, model: &str) -> Result<Board> {
        let toml = folder(project)?.join(format!("nucleo-{}.toml", image.name));
        let board = project.root.join(format!("board/{DEFAULT_BOARD}.toml"));
        fs::write(&toml, kit(&fs::read_to_string(&board)?, image.baud)?)?;
        let mut child = Command::new(xtask::firmware::spiram(project))
            .args(["run", "--pty", "--for", LIMIT_S, "--model", model, "--bin"])
            .arg(format!("{}@0x08000000", file.display()))
            .arg("--board")
            .arg(&toml)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("starting the virtual board")?;
        let mut line = String::new();
        let stdout = child.stdout.take().context("the virtual board has no stdout")?;
        let mut stdout = BufReader::new(stdout);
        stdout.read_line(&mut line)?;
        // The first line ends with it.
        let path = line
            .split_whitespace()
            .last()
            .context("the virtual board named no port")?;
        thread::sleep(START);
        let port = OpenOptions::new()
            .read(true)
            .write(true)
            .open(path)
            .with_context(|| format!("opening the virtual board's port {path:?}"))?;
        Ok(Board {
            child,
            _stdout: stdout,
            port,
        })
    }

    /// Sends a command and reads until these were said, one after the other.
    fn ask(&mut self, command: &str, until: &[&str]) -> Result<String> {
        self.port.write_all(format!("{command}%").as_bytes())?;
        let mut said = String::new();
        let mut bytes = [0; 4096];
        while !in_order(&said, until) {
            let count = self.port.read(&mut bytes).with_context(|| {
                format!("the image said not {until:?} to {command:?} within {LIMIT_S} s; it said {said:?}")
            })?;
            said.extend(bytes[..count].iter().map(|&byte| char::from(byte)));
        }
        Ok(said)
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn in_order(said: &str, words: &[&str]) -> bool {
    let mut rest = said;
    words.iter().all(|word| {
        let found = rest.split_once(word);
        rest = found.map_or("", |(_, after)| after);
        found.is_some()
    })
}

/// The board file with the processor and the console of that kit.
fn kit(board: &str, baud: u32) -> Result<String> {
    let mut text = board.to_owned();
    for (table, key, value) in [
        ("", "mcu", "\"STM32H7A3ZIT6Q\"".to_owned()),
        ("[console]", "peripheral", "\"USART3\"".to_owned()),
        ("[console]", "tx", "\"PD8\"".to_owned()),
        ("[console]", "rx", "\"PD9\"".to_owned()),
        ("[console]", "baud", baud.to_string()),
    ] {
        let missing = || format!("the board file has no `{key}` behind {table:?}");
        let start = text.find(table).with_context(missing)?;
        let at = text[start..].find(&format!("\n{key} = ")).with_context(missing)? + start + 1;
        let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
        text.replace_range(at..end, &format!("{key} = {value}"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_two_laps_count() {
        let said = "m-lap-us-100\r\nm-lap-us-250\r\nm-results-[..]\r\nm-lap-us-1250\r\n";
        assert_eq!(lap_us(said).unwrap(), 1000.0);
        assert!(lap_us("m-lap-us-100").is_err());
    }

    #[test]
    fn words_are_waited_for_in_their_order() {
        assert!(in_order(
            "m-ready m-infer-done m-ready",
            &["m-infer-done", "m-ready"]
        ));
        assert!(!in_order("m-ready m-infer-done", &["m-infer-done", "m-ready"]));
    }

    #[test]
    fn processor_and_console_are_the_kit_s_and_nothing_else_changes() {
        let board = "\nmcu = \"a\"\ntx = \"PA9\"\n[console] # here\nperipheral = \"USART2\"\ntx = \"PA2\"\nrx = \"PA3\"\nbaud = 1\n[led]\n";
        assert_eq!(
            kit(board, 921_600).unwrap(),
            "\nmcu = \"STM32H7A3ZIT6Q\"\ntx = \"PA9\"\n[console] # here\nperipheral = \"USART3\"\ntx = \"PD8\"\nrx = \"PD9\"\nbaud = 921600\n[led]\n"
        );
    }
}
