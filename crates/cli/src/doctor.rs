//! `spiram doctor`: all that can be asked of a board, on a serial port or of the virtual board, as one report to attach to an issue.

mod port;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};

use crate::failure::Failure;
use port::Port;

#[derive(clap::Args)]
pub struct Args {
    /// The board's serial port, as /dev/ttyACM0 [default: the only one that there is]
    #[arg(value_name = "PORT", conflicts_with = "sim")]
    port: Option<PathBuf>,

    /// Ask the virtual board instead; what follows `--` goes to `spiram run`, as `--fault SIO2:open`
    #[arg(long)]
    sim: bool,

    /// Also write the report to this file
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,

    /// The report as data
    #[arg(long)]
    json: bool,

    /// For `spiram run`
    #[arg(last = true, requires = "sim")]
    options: Vec<String>,
}

/// One question.
struct Step {
    name: &'static str,
    /// Python for it; what it raises, or `False` as its last line, is a finding.
    source: &'static str,
    /// No answer takes longer.
    limit_s: u64,
}

const STEPS: &[Step] = &[
    Step {
        name: "firmware",
        source: "import sys, os\nprint(sys.version)\nprint(*os.uname())",
        limit_s: 10,
    },
    Step {
        name: "last fault",
        source: "import spiram\nprint(spiram.last_fault())",
        limit_s: 10,
    },
    Step {
        name: "memory chip",
        source: "i = spiram.info()\nfor k in i: print(k, '=', i[k])\nprint(i['size'] > 0)",
        limit_s: 10,
    },
    Step {
        name: "diagnosis",
        source: "d = spiram.diagnose()\nprint('no bad joint was looked for: the chip is in use' if d is None else d)",
        limit_s: 10,
    },
    Step {
        name: "memory test",
        source: "print(spiram.memtest(), 'bytes tested') if i['size'] else print('no memory to test')",
        limit_s: 60,
    },
    Step {
        name: "self-test",
        source: "print(spiram.selftest()) if i['size'] else print('no memory to test')",
        limit_s: 300,
    },
    Step {
        name: "heap",
        source: "h = spiram.heap()\nfor k in h: print(k, '=', h[k])",
        limit_s: 10,
    },
];

/// An answer.
struct Answer {
    step: &'static str,
    text: String,
    is_good: bool,
}

pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    let board = args.sim.then(|| Sim::start(&args.options)).transpose()?;
    let path = match (&board, &args.port) {
        (Some(board), _) => board.path.clone(),
        (None, Some(path)) => path.clone(),
        (None, None) => only_port()?,
    };
    let mut port = Port::open(&path)?;
    port.enter()?;
    has_spiram(&mut port, &path)?;
    let mut answers = Vec::new();
    for (n, step) in STEPS.iter().enumerate() {
        eprintln!("[{}/{}] {}", n + 1, STEPS.len(), step.name);
        let said = port.ask(step.source, step.limit_s)?;
        let text = format!("{}{}", said.out, said.error).replace('\r', "");
        let is_good = said.error.is_empty() && text.trim_end().lines().last() != Some("False");
        answers.push(Answer {
            step: step.name,
            text,
            is_good,
        });
    }
    port.leave();
    let report = if args.json {
        as_json(&answers)
    } else {
        as_text(&path, &answers)
    };
    print!("{report}");
    if let Some(path) = &args.report {
        fs::write(path, &report)
            .map_err(|error| Failure::new(format!("cannot write {}: {error}", path.display())))?;
    }
    let is_good = answers.iter().all(|answer| answer.is_good);
    Ok(if is_good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Another board's MicroPython is no sick board of ours.
fn has_spiram(port: &mut Port, path: &Path) -> Result<(), Failure> {
    let said = port.ask("import spiram", 10)?;
    if !said.error.contains("ImportError") {
        return Ok(());
    }
    port.leave();
    let name = path.display();
    Err(
        Failure::new(format!("{name}: a MicroPython answers that has no module spiram"))
            .hint("another board, or another firmware: docs/owner tells how to flash it"),
    )
}

fn as_text(path: &Path, answers: &[Answer]) -> String {
    let mut text = format!(
        "spiram doctor {}, on {}\n",
        env!("CARGO_PKG_VERSION"),
        path.display()
    );
    for Answer {
        step,
        text: said,
        is_good,
    } in answers
    {
        let verdict = if *is_good { "good" } else { "LOOK AT THIS" };
        text += &format!("\n== {step}: {verdict}\n{}\n", said.trim_end());
    }
    text
}

fn as_json(answers: &[Answer]) -> String {
    let steps: Vec<_> = answers
        .iter()
        .map(|answer| serde_json::json!({"step": answer.step, "good": answer.is_good, "said": answer.text}))
        .collect();
    format!(
        "{}\n",
        serde_json::json!({"version": env!("CARGO_PKG_VERSION"), "steps": steps})
    )
}

/// The port that a board would have.
fn only_port() -> Result<PathBuf, Failure> {
    let names = fs::read_dir("/dev").into_iter().flatten().flatten();
    let mut ports: Vec<PathBuf> = names
        .map(|entry| entry.path())
        .filter(|path| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
            ["ttyACM", "ttyUSB", "cu.usb"]
                .iter()
                .any(|start| name.starts_with(start))
        })
        .collect();
    ports.sort();
    match ports.len() {
        0 => Err(Failure::new("there is no serial port: no /dev/ttyACM* and no /dev/ttyUSB*").hint(
            "plug in the board, or the 3.3 V adapter at its UART; `spiram doctor --sim` asks the virtual board; a port of another name is given as PORT",
        )),
        1 => Ok(ports.remove(0)),
        _ => {
            let names: Vec<_> = ports.iter().map(|path| path.display().to_string()).collect();
            Err(Failure::new(format!("there are {} serial ports: {}", names.len(), names.join(", ")))
                .hint("say which: `spiram doctor PORT`"))
        }
    }
}

/// The virtual board, with its console at a pty.
struct Sim {
    child: Child,
    path: PathBuf,
}

impl Sim {
    fn start(options: &[String]) -> Result<Sim, Failure> {
        let failed = |what: String| Failure::new(format!("the virtual board does not start: {what}"));
        let program = std::env::current_exe().map_err(|error| failed(error.to_string()))?;
        let mut child = Command::new(program)
            .args(["run", "--pty"])
            .args(options)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| failed(error.to_string()))?;
        let mut line = String::new();
        let mut out = BufReader::new(
            child
                .stdout
                .take()
                .ok_or_else(|| failed("no output".to_owned()))?,
        );
        out.read_line(&mut line)
            .map_err(|error| failed(error.to_string()))?;
        let path = line.trim_end().rsplit(' ').next().unwrap_or("").to_owned();
        // It ends when nobody reads its output any more.
        child.stdout = Some(out.into_inner());
        let sim = Sim {
            child,
            path: path.into(),
        };
        match sim.path.starts_with("/dev") {
            true => Ok(sim),
            false => Err(failed("it says why above".to_owned())),
        }
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
