//! The console as a pseudo-terminal: clients come and go, Ctrl-C and Ctrl-D do what they do on a board, and the process
//! ends when it should and is quiet while it waits.

use crate::common::{elf, run, spiram};
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
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
        Served::with(|_| vec!["--pty".into()])
    }

    /// With more options, which may name files in the folder of the test.
    fn with(options: impl FnOnce(&Path) -> Vec<String>) -> Self {
        let folder = TempDir::new().unwrap();
        let options = options(folder.path());
        let stats = folder.path().join("stats.json");
        let mut child = spiram()
            .args(["run", "--psram", "none", "--elf", &elf("devebox"), "--stats"])
            .arg(&stats)
            .args(options)
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

/// What the tool said on stderr until it ended.
fn told(served: &mut Served) -> String {
    let mut told = String::new();
    let mut stderr = served.child.stderr.take().unwrap();
    stderr.read_to_string(&mut told).unwrap();
    told
}

#[test]
fn a_signal_ends_it_with_its_figures_and_says_so_even_when_the_board_is_busy() {
    for (signal, name) in [("TERM", "SIGTERM"), ("INT", "Ctrl-C"), ("HUP", "SIGHUP")] {
        let mut served = Served::start();
        let mut client = served.client();
        client.read_until(">>> ");
        client.send(b"while True: pass\r\r");
        client.read_until("... ");
        served.signal(signal);
        assert_eq!(served.wait(), Some(0));
        let stats = fs::read_to_string(served.folder.path().join("stats.json")).unwrap();
        assert!(stats.contains("\"instructions\""), "{stats}");
        let told = told(&mut served);
        assert!(told.contains(name), "{signal}: {told}");
    }
}

#[test]
fn a_script_and_a_pipe_that_are_stopped_keep_their_figures() {
    for script in [Some("while True: pass\n"), None] {
        let folder = TempDir::new().unwrap();
        let [source, stats] = ["endless.py", "stats.json"].map(|name| folder.path().join(name));
        let mut command = spiram();
        command.args(["run", "--psram", "none", "--elf", &elf("devebox"), "--stats"]);
        command.arg(&stats).stdin(Stdio::piped());
        if let Some(script) = script {
            fs::write(&source, script).unwrap();
            command.arg(&source);
        }
        let mut child = command.spawn().unwrap();
        // Held open: a pipe whose writer says nothing.
        let _input = child.stdin.take();
        std::thread::sleep(Duration::from_millis(500));
        let pid = child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-INT", &pid])
                .status()
                .unwrap()
                .success()
        );
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130), "{script:?}: {output:?}");
        assert!(
            fs::read_to_string(&stats).unwrap().contains("\"instructions\""),
            "{script:?}"
        );
    }
}

#[test]
fn it_ends_when_nobody_reads_its_output_any_more_and_says_why() {
    let mut served = Served::start();
    drop(served.child.stdout.take());
    assert_eq!(served.wait(), Some(0));
    let told = told(&mut served);
    assert!(told.contains("reader of its output"), "{told}");
}

#[test]
fn it_ends_when_its_time_is_over_and_takes_its_link_along() {
    let mut link = Default::default();
    let mut served = Served::with(|folder| {
        link = folder.join("ttyUSB0");
        vec![format!("--pty={}", link.display()), "--for=1.5".into()]
    });
    assert_eq!(fs::read_link(&link).unwrap(), Path::new(&served.path));
    served.path = link.to_str().unwrap().to_owned();
    let mut client = served.client();
    client.read_until(">>> ");
    assert_eq!(served.wait(), Some(0));
    assert!(
        fs::symlink_metadata(&link).is_err(),
        "the link outlives its board"
    );
    let told = told(&mut served);
    assert!(told.contains("--for"), "{told}");
}

#[test]
fn a_link_that_cannot_be_made_is_told_with_a_way_out() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("notes.txt");
    fs::write(&file, "mine").unwrap();
    for (link, words) in [
        (file.to_str().unwrap(), "is there already"),
        ("/no/such/folder/port", "cannot make the link"),
    ] {
        let seen = run(&[
            "run",
            &format!("--pty={link}"),
            "--psram",
            "none",
            "--elf",
            &elf("devebox"),
        ]);
        assert_eq!(seen.code, Some(3), "{seen:?}");
        assert!(
            seen.err.contains(words) && seen.err.contains(link) && seen.err.contains("hint"),
            "{seen:?}"
        );
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
}

#[test]
fn it_outlives_the_shell_that_started_it() {
    // A step of a Makefile: starts the board, and is gone.
    let folder = TempDir::new().unwrap();
    let [link, log] = ["port", "log"].map(|name| folder.path().join(name).to_str().unwrap().to_owned());
    let (firmware, tool) = (elf("devebox"), env!("CARGO_BIN_EXE_spiram"));
    let step = format!(
        "'{tool}' run --pty='{link}' --psram none --for 60 --elf '{firmware}' >'{log}' 2>&1 & echo $!; \
         until test -e '{link}'; do sleep 0.05; done"
    );
    let shell = Command::new("sh").args(["-c", &step]).output().unwrap();
    let pid = String::from_utf8(shell.stdout).unwrap();
    // Longer than it takes to look for a parent.
    std::thread::sleep(Duration::from_millis(1500));
    let port = OpenOptions::new().read(true).write(true).open(&link).unwrap();
    let mut client = Client { port };
    client.read_until(">>> ");
    client.send(b"6 * 7\r");
    client.read_until("42\r\n>>> ");
    assert!(Command::new("kill").arg(pid.trim()).status().unwrap().success());
    // Its link goes first, its last words later.
    let start = Instant::now();
    while fs::read_link(&link).is_ok() || !fs::read_to_string(&log).unwrap().contains("SIGTERM") {
        assert!(
            start.elapsed() < PATIENCE,
            "{} lives on, or says nothing: {:?}",
            pid.trim(),
            fs::read_to_string(&log)
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_paced_board_brings_bytes_no_faster_than_its_wire() {
    let paced = |pace: &[&str]| {
        let served = Served::with(|_| {
            [&["--pty"], pace]
                .concat()
                .into_iter()
                .map(str::to_owned)
                .collect()
        });
        let mut client = served.client();
        client.read_until(">>> ");
        let start = Instant::now();
        client.send(b"print('x' * 8000)\r");
        client.read_until("xxx\r\n>>> ");
        start.elapsed()
    };
    // 10 bits a byte at 115,200 baud: 8,000 bytes are 0.69 s.
    let took = paced(&["--pace"]);
    assert!(took >= Duration::from_millis(690), "{took:?}");
}

#[test]
fn an_event_ends_it_with_2() {
    let mut served = Served::start();
    let mut client = served.client();
    client.read_until(">>> ");
    client.send(b"import machine; machine.mem32[0x40015008]\r");
    assert_eq!(served.wait(), Some(2));
    let told = told(&mut served);
    assert!(told.contains("SPI5"), "{told}");
}

#[test]
fn without_a_pty_there_is_a_message() {
    // No file descriptors left for it, once the program is loaded; one that was inherited would be in the loader's way.
    let firmware = elf("devebox");
    let tool = env!("CARGO_BIN_EXE_spiram");
    let output = Command::new("sh")
        .arg("-c")
        .arg(format!(
            "exec 3>&-; ulimit -n 4; exec '{tool}' run --pty --psram none --elf '{firmware}'"
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
