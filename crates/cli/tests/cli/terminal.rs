//! The tool on a terminal: raw while it runs, as it was when it is left, and Ctrl-C is Python's.

use crate::common::elf;
use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};

/// A terminal with the tool running on it.
struct Screen {
    keys: File,
    line: OwnedFd,
    child: Child,
}

impl Screen {
    fn start() -> Self {
        let keys = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&keys).unwrap();
        unlockpt(&keys).unwrap();
        let path = ptsname(&keys, Vec::new()).unwrap();
        let line = open(path.as_c_str(), OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
        let end = || Stdio::from(line.try_clone().unwrap());
        let child = Command::new(env!("CARGO_BIN_EXE_spiram"))
            .args(["run", "--psram", "none", "--elf", &elf("devebox")])
            .stdin(end())
            .stdout(end())
            .stderr(end())
            .spawn()
            .unwrap();
        Screen {
            keys: File::from(keys),
            line,
            child,
        }
    }

    fn is_raw(&self) -> bool {
        !tcgetattr(&self.line)
            .unwrap()
            .local_modes
            .contains(LocalModes::ICANON)
    }

    fn read_until(&mut self, words: &str) -> String {
        let mut seen = Vec::new();
        let mut byte = [0];
        while !seen.ends_with(words.as_bytes()) {
            assert_eq!(self.keys.read(&mut byte).unwrap(), 1);
            seen.push(byte[0]);
        }
        String::from_utf8_lossy(&seen).into_owned()
    }

    fn press(&mut self, keys: &[u8]) {
        self.keys.write_all(keys).unwrap();
    }
}

#[test]
fn a_prompt_comes_and_the_leave_key_gives_the_terminal_back() {
    let mut screen = Screen::start();
    assert!(!screen.is_raw());
    let boot = screen.read_until(">>> ");
    assert!(
        boot.contains("Ctrl-] leaves") && boot.contains("MicroPython v1.25.0"),
        "{boot}"
    );
    assert!(screen.is_raw());
    screen.press(b"1 + 1\r");
    assert_eq!(screen.read_until(">>> "), "1 + 1\r\n2\r\n>>> ");
    screen.press(b"\x1d");
    assert_eq!(screen.child.wait().unwrap().code(), Some(0));
    assert!(!screen.is_raw());
}

#[test]
fn ctrl_c_reaches_python_and_not_the_tool() {
    let mut screen = Screen::start();
    screen.read_until(">>> ");
    screen.press(b"while True: pass\r\r");
    screen.read_until("... ");
    std::thread::sleep(std::time::Duration::from_millis(300));
    screen.press(b"\x03");
    assert!(screen.read_until(">>> ").contains("KeyboardInterrupt"));
    screen.press(b"\x1d");
    assert_eq!(screen.child.wait().unwrap().code(), Some(0));
}

#[test]
fn sigterm_gives_the_terminal_back_too() {
    let mut screen = Screen::start();
    screen.read_until(">>> ");
    let pid = screen.child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(screen.child.wait().unwrap().code(), Some(0));
    assert!(!screen.is_raw());
}
