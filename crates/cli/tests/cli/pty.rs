//! The console as a pseudo-terminal: clients come and go, Ctrl-C and Ctrl-D do what they do on a board, and the process
//! ends when it should and is quiet while it waits.

use crate::common::{elf, spiram};
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

struct Served {
    child: Child,
    path: String,
    folder: TempDir,
}

impl Served {
    fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let stats = folder.path().join("stats.json");
        let mut child = spiram()
            .args([
                "run",
                "--pty",
                "--psram",
                "none",
                "--elf",
                &elf("devebox"),
                "--stats",
            ])
            .arg(&stats)
            .spawn()
            .unwrap();
        let path = path_in_first_line(child.stdout.as_mut().unwrap());
        Served { child, path, folder }
    }

    fn client(&self) -> Client {
        Client {
            port: OpenOptions::new()
                .read(true)
                .write(true)
                .open(&self.path)
                .unwrap(),
        }
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([&format!("-{name}"), &pid])
                .status()
                .unwrap()
                .success()
        );
    }

    fn wait(&mut self) -> Option<i32> {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the tool does not end");
    }

    /// Clock ticks of a hundredth of a second that the process has used.
    fn cpu_ticks(&self) -> u64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What MicroPython's test runner does: one line is read, and the path is looked for in it.
fn path_in_first_line(out: &mut impl Read) -> String {
    let mut line = String::new();
    BufReader::with_capacity(1, out).read_line(&mut line).unwrap();
    let at = line
        .find("/dev/pts/")
        .unwrap_or_else(|| panic!("no path in `{line}`"));
    line[at..].trim_end().to_owned()
}

struct Client {
    port: File,
}

impl Client {
    fn send(&mut self, bytes: &[u8]) {
        self.port.write_all(bytes).unwrap();
    }

    fn read_until(&mut self, words: &str) -> String {
        let mut seen = Vec::new();
        let mut byte = [0];
        while !seen.ends_with(words.as_bytes()) {
            assert_eq!(
                self.port.read(&mut byte).unwrap(),
                1,
                "after {:?}",
                String::from_utf8_lossy(&seen)
            );
            seen.push(byte[0]);
        }
        String::from_utf8_lossy(&seen).into_owned()
    }
}

#[test]
fn a_second_client_meets_the_same_python() {
    let served = Served::start();
    let mut first = served.client();
    first.read_until(">>> ");
    first.send(b"x = 41\r");
    first.read_until(">>> ");
    drop(first);
    let mut second = served.client();
    second.send(b"x + 1\r");
    assert_eq!(second.read_until(">>> "), "x + 1\r\n42\r\n>>> ");
}

#[test]
fn ctrl_c_interrupts_a_program_that_computes() {
    let served = Served::start();
    let mut client = served.client();
    client.read_until(">>> ");
    client.send(b"while True: pass\r\r");
    client.read_until("... ");
    std::thread::sleep(Duration::from_millis(300));
    client.send(b"\x03");
    assert!(client.read_until(">>> ").contains("KeyboardInterrupt"));
}

#[test]
fn ctrl_c_interrupts_a_program_that_sleeps() {
    let served = Served::start();
    let mut client = served.client();
    client.read_until(">>> ");
    client.send(b"import time; time.sleep(1000)\r");
    client.read_until("\n");
    std::thread::sleep(Duration::from_millis(300));
    client.send(b"\x03");
    assert!(client.read_until(">>> ").contains("KeyboardInterrupt"));
}

#[test]
fn ctrl_d_starts_python_anew() {
    let served = Served::start();
    let mut client = served.client();
    client.read_until(">>> ");
    client.send(b"x = 1\r");
    client.read_until(">>> ");
    client.send(b"\x04");
    assert!(client.read_until(">>> ").contains("soft reboot"));
    client.send(b"x\r");
    assert!(client.read_until(">>> ").contains("NameError"));
}

#[test]
fn raw_repl_runs_a_program_as_pyboard_py_does() {
    let served = Served::start();
    let mut client = served.client();
    client.read_until(">>> ");
    client.send(b"\r\x03\r\x01");
    client.read_until("raw REPL; CTRL-B to exit\r\n>");
    client.send(b"print(6 * 7)\x04");
    assert_eq!(client.read_until("\x04>"), "OK42\r\n\x04\x04>");
    client.send(b"\x02");
    client.read_until(">>> ");
}

#[test]
fn sleep_takes_as_long_as_it_says() {
    let served = Served::start();
    let mut client = served.client();
    client.read_until(">>> ");
    let start = Instant::now();
    client.send(b"import time; time.sleep_ms(700)\r");
    client.read_until(">>> ");
    let took = start.elapsed();
    assert!(took >= Duration::from_millis(600), "{took:?}");
}

#[test]
fn an_idle_prompt_uses_next_to_no_processor() {
    let served = Served::start();
    served.client().read_until(">>> ");
    let before = served.cpu_ticks();
    std::thread::sleep(Duration::from_secs(3));
    let used = served.cpu_ticks() - before;
    assert!(used <= 15, "{used} hundredths of a second in 3 s");
}

#[test]
fn sigterm_ends_it_quietly_with_its_figures_even_when_the_board_is_busy() {
    let mut served = Served::start();
    let mut client = served.client();
    client.read_until(">>> ");
    client.send(b"while True: pass\r\r");
    client.read_until("... ");
    served.signal("TERM");
    assert_eq!(served.wait(), Some(0));
    let stats = fs::read_to_string(served.folder.path().join("stats.json")).unwrap();
    assert!(stats.contains("\"instructions\""), "{stats}");
}

#[test]
fn it_ends_when_nobody_reads_its_output_any_more() {
    let mut served = Served::start();
    drop(served.child.stdout.take());
    assert_eq!(served.wait(), Some(0));
}

#[test]
fn it_ends_with_its_parent() {
    // A shell that starts it, tells its process number, and is gone.
    let firmware = elf("devebox");
    let tool = env!("CARGO_BIN_EXE_spiram");
    let mut shell = Command::new("sh")
        .arg("-c")
        .arg(format!(
            "'{tool}' run --pty --psram none --elf '{firmware}' >/dev/null 2>&1 & echo $!; sleep 0.5"
        ))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pid = String::new();
    shell.stdout.take().unwrap().read_to_string(&mut pid).unwrap();
    shell.wait().unwrap();
    let process = format!("/proc/{}", pid.trim());
    let start = Instant::now();
    while fs::metadata(&process).is_ok() {
        assert!(start.elapsed() < PATIENCE, "{process} lives on");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn an_event_ends_it_with_2() {
    let mut served = Served::start();
    let mut client = served.client();
    client.read_until(">>> ");
    client.send(b"import machine; machine.mem32[0x40013008]\r");
    assert_eq!(served.wait(), Some(2));
    let mut told = String::new();
    served
        .child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut told)
        .unwrap();
    assert!(told.contains("SPI1"), "{told}");
}

#[test]
fn without_a_pty_there_is_a_message() {
    // No file descriptors left for it.
    let firmware = elf("devebox");
    let tool = env!("CARGO_BIN_EXE_spiram");
    let output = Command::new("sh")
        .arg("-c")
        .arg(format!(
            "ulimit -n 4; exec '{tool}' run --pty --psram none --elf '{firmware}'"
        ))
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{told}");
    assert!(
        told.contains("pseudo-terminal") && told.contains("hint"),
        "{told}"
    );
}
