//! Who is asked: the board at a serial port, or the virtual one.

mod port;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::failure::Failure;
use port::Port;

/// Which board.
#[derive(clap::Args)]
pub struct Whom {
    /// The board's serial port, as /dev/ttyACM0 [default: the only one that there is]
    #[arg(value_name = "PORT", conflicts_with = "sim")]
    port: Option<PathBuf>,

    /// Ask the virtual board instead; what follows `--` goes to `spiram run`, as `--fault SIO2:open`
    #[arg(long)]
    sim: bool,

    /// For `spiram run`
    #[arg(last = true, requires = "sim")]
    options: Vec<String>,
}

/// A board with our firmware at its raw prompt.
pub struct Asked {
    pub port: Port,
    pub path: PathBuf,
    /// Ends with this.
    _sim: Option<Sim>,
}

impl Whom {
    /// Finds the board and gets it to listen.
    pub fn ask(&self) -> Result<Asked, Failure> {
        let sim = self.sim.then(|| Sim::start(&self.options)).transpose()?;
        let path = match (&sim, &self.port) {
            (Some(sim), _) => sim.path.clone(),
            (None, Some(path)) => path.clone(),
            (None, None) => only_port()?,
        };
        let mut port = Port::open(&path)?;
        port.enter()?;
        has_spiram(&mut port, &path)?;
        Ok(Asked {
            port,
            path,
            _sim: sim,
        })
    }
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
pub struct Sim {
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
