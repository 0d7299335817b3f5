//! A virtual board on a port, for one step.

use crate::project::{DEFAULT_BOARD, Project};
use anyhow::{Context, Result, bail};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Names under which a tool finds a port by itself.
const LISTED: [&str; 4] = ["/dev/ttyUSB90", "/dev/ttyUSB91", "/dev/ttyUSB92", "/dev/ttyUSB93"];
/// Longer than any step takes, in seconds: a board that is forgotten ends by itself.
const LONGEST: &str = "300";

pub struct Board {
    child: Child,
    port: PathBuf,
}

impl Board {
    /// Boots one. `Ok(None)`: it wants a name in /dev, and that needs more rights.
    pub fn start(project: &Project, firmware: &str, listed: bool, usb: bool) -> Result<Option<Board>> {
        let mut command = Command::new(crate::firmware::spiram(project));
        command
            .args([
                "run",
                "--board",
                DEFAULT_BOARD,
                "--psram",
                "none",
                "--for",
                LONGEST,
                "--elf",
            ])
            .arg(project.elf(firmware))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let name = LISTED.iter().find(|name| fs::symlink_metadata(name).is_err());
        match (listed, name) {
            (true, Some(name)) if may_write(Path::new(name)) => {
                command.arg(format!("--pty={name}"));
            }
            (true, _) => return Ok(None),
            (false, _) => {
                command.arg(if usb { "--usb-pty" } else { "--pty" });
            }
        }
        let mut child = command.spawn().context("cannot start spiram")?;
        let mut line = String::new();
        let stdout = child.stdout.as_mut().context("spiram has no stdout")?;
        BufReader::with_capacity(1, stdout).read_line(&mut line)?;
        let Some(at) = line.find("/dev/") else {
            let _ = child.kill();
            let _ = child.wait();
            bail!("the board did not start: {line:?}");
        };
        let port = match name {
            Some(name) if listed => name,
            _ => line[at..].trim_end(),
        };
        Ok(Some(Board {
            port: port.into(),
            child,
        }))
    }

    pub fn port(&self) -> &Path {
        &self.port
    }
}

/// Asks by doing: the rights of a folder are more than its bits.
fn may_write(link: &Path) -> bool {
    let made = std::os::unix::fs::symlink("/dev/null", link).is_ok();
    made && fs::remove_file(link).is_ok()
}

impl Drop for Board {
    fn drop(&mut self) {
        // Politely, so that it takes its link along.
        let pid = self.child.id().to_string();
        let asked = Command::new("kill").arg(&pid).stderr(Stdio::null()).status();
        if !asked.is_ok_and(|status| status.success()) {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}
