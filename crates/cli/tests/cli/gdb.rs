//! `--gdb`: by gdb itself where there is one, and by a few packets of its protocol everywhere.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::common::{self, spiram};
use crate::foreign;

const PROGRAM: &[u16] = include!("../../../vboard/tests/programs/debugging.rs");
const GDB: &str = "gdb-multiarch";

/// A board that waits for a debugger.
struct Board {
    tool: Child,
    address: String,
}

impl Board {
    fn with(elf: &Path) -> Board {
        let mut tool = spiram()
            .args(["run", "--gdb", "0", "--elf"])
            .arg(elf)
            .spawn()
            .expect("the tool starts");
        let mut line = String::new();
        let mut said = BufReader::new(tool.stderr.take().expect("piped"));
        said.read_line(&mut line).unwrap();
        // What else it says must not fill the pipe.
        std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        let address = line.trim().rsplit(' ').next().unwrap_or_default().to_owned();
        assert!(address.starts_with("127.0.0.1:"), "{line}");
        Board { tool, address }
    }

    fn end(mut self) -> (Option<i32>, String) {
        let code = self.tool.wait().unwrap().code();
        let mut out = String::new();
        self.tool.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        (code, out)
    }
}

/// What gdb prints when it is given these commands, and what it hands on of the board's answers to `monitor`. `None`: there is
/// no gdb.
fn gdb(board: &Board, elf: &Path, commands: &[&str]) -> Option<[String; 2]> {
    let mut gdb = Command::new(GDB);
    gdb.args(["-nx", "-batch", "-ex", "set confirm off", "-ex"]);
    gdb.arg(format!("target remote {}", board.address));
    for command in commands {
        gdb.args(["-ex", command]);
    }
    let output = gdb.arg(elf).stdin(Stdio::null()).output();
    match output {
        Ok(output) => {
            Some([output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned()))
        }
        Err(_) => {
            eprintln!("SKIPPED: there is no {GDB} on this machine; Debian's package of that name has it");
            None
        }
    }
}

fn program(folder: &TempDir) -> std::path::PathBuf {
    let file = folder.path().join("program.elf");
    fs::write(&file, foreign::elf(0x0800_0000, PROGRAM)).unwrap();
    file
}

/// These texts, in this order.
fn has(said: &str, texts: &[&str]) {
    let mut rest = said;
    for text in texts {
        let Some(at) = rest.find(text) else {
            panic!("`{text}` is not there, or not in its place, in:\n{said}");
        };
        rest = &rest[at + text.len()..];
    }
}

#[test]
fn gdb_breaks_steps_watches_looks_and_changes() {
    let folder = TempDir::new().unwrap();
    let elf = program(&folder);
    let mut board = Board::with(&elf);
    let commands = [
        "print/x $pc",
        "hbreak *0x08000048",
        "continue",
        "print/x $pc",
        "stepi",
        "print $r0",
        "delete",
        "watch *(int*)0x24000008",
        "continue",
        "print *(int*)0x24000008",
        "delete",
        "set var $r1 = 100",
        "set var *(int*)0x2400000c = 5",
        "x/1dw 0x2400000c",
        "set var $d1 = 2.5",
        "print $d1",
        "x/1xw 0xe000ed00",
        "x/1xw 0x60000000",
        "print/x $control",
        "continue",
        "print/x $pc",
        "print $r5",
        "x/2dw 0x24000004",
        "monitor events",
        "monitor nonsense",
        "monitor reset",
        "maintenance flush register-cache",
        "print/x $pc",
        "kill",
    ];
    let Some([said, answered]) = gdb(&board, &elf, &commands) else {
        board.tool.kill().unwrap();
        return;
    };
    has(
        &said,
        &[
            "$1 = 0x8000040",
            "Breakpoint 1, ",
            "$2 = 0x8000048",
            "$3 = 1",
            "Hardware watchpoint 2",
            "New value = 3",
            "$4 = 3",
            "0x2400000c:\t5",
            "$5 = 2.5",
            "0xe000ed00:\t0x411fc271",
            "$6 = 0x0",
            "SIGTRAP",
            "$7 = 0x800006e",
            "$8 = 2",
            "0x24000004:\t102\t3",
            "$9 = 0x8000040",
        ],
    );
    has(
        &answered,
        &[
            "Cannot access memory at address 0x60000000",
            "none",
            "no command `nonsense`",
            "the board was reset",
        ],
    );
    assert_eq!(board.end().0, Some(0), "killed");
}

#[test]
fn gdb_sees_the_firmware_by_its_names_and_the_board_goes_on_after_it() {
    let elf = common::elf("devebox");
    let elf = Path::new(&elf);
    let mut board = Board::with(elf);
    let commands = [
        "break mp_hal_stdin_rx_chr",
        "continue",
        "backtrace 3",
        "monitor place 0x0800c301",
        "monitor time",
        "delete",
        "detach",
    ];
    let said = gdb(&board, elf, &commands);
    let again = said.is_some().then(|| gdb(&board, elf, &["kill"]));
    let Some([said, answered]) = said else {
        board.tool.kill().unwrap();
        return;
    };
    has(
        &said,
        &[
            "Breakpoint 1, ",
            "#0  0x",
            "mp_hal_stdin_rx_chr",
            "readline",
            "detached",
        ],
    );
    has(&answered, &["Reset+0x", "instructions"]);
    assert!(again.is_some(), "a second debugger");
    let (code, out) = board.end();
    assert_eq!(code, Some(0));
    assert!(out.contains("MicroPython"), "it went on after the first: {out}");
}

/// A packet with its checksum.
fn packet(text: &str) -> Vec<u8> {
    let sum = text.bytes().fold(0_u8, u8::wrapping_add);
    format!("${text}#{sum:02x}").into_bytes()
}

/// Ask, and take the answer, which is acknowledged.
fn ask(line: &mut TcpStream, text: &str) -> String {
    line.write_all(&packet(text)).unwrap();
    answer(line)
}

fn answer(line: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let mut byte = [0];
    while !answer.contains(&b'#') {
        line.read_exact(&mut byte).unwrap();
        answer.push(byte[0]);
    }
    line.read_exact(&mut [0; 2]).unwrap();
    line.write_all(b"+").unwrap();
    let text = String::from_utf8(answer).unwrap();
    let begin = text.find('$').unwrap();
    expand(text[begin + 1..].trim_end_matches('#'))
}

/// Runs of one character are sent as `*` and their length plus 29 behind the first of them.
fn expand(text: &str) -> String {
    let mut expanded = String::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        let last = expanded.chars().last();
        match (letter, last) {
            ('*', Some(last)) => {
                let more = letters.next().map_or(0, |n| n as usize - 29);
                expanded.extend(std::iter::repeat_n(last, more));
            }
            _ => expanded.push(letter),
        }
    }
    expanded
}

#[test]
fn packets_of_the_protocol_are_answered() {
    let folder = TempDir::new().unwrap();
    let board = Board::with(&program(&folder));
    let mut line = TcpStream::connect(&board.address).unwrap();
    line.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    assert!(ask(&mut line, "qSupported:swbreak+").contains("qXfer:features:read+"));
    let description = ask(&mut line, "qXfer:features:read:target.xml:0,ffb");
    assert!(description.contains("org.gnu.gdb.arm.m-profile"), "{description}");
    assert!(ask(&mut line, "?").starts_with(['S', 'T']));
    assert_eq!(ask(&mut line, "Z0,8000056,2"), "OK");
    let stopped = ask(&mut line, "vCont;c:p1.-1");
    assert!(stopped.starts_with("T05"), "{stopped}");
    // PC is the sixteenth register, of eight digits.
    let registers = ask(&mut line, "g");
    assert_eq!(&registers[15 * 8..16 * 8], "56000008");
    assert_eq!(ask(&mut line, "z0,8000056,2"), "OK");
    // Ctrl-C: the program spins at the end, its flags as they are.
    assert_eq!(
        ask(&mut line, "M800006e,2:fee7"),
        "OK",
        "`b .` in the place of BKPT"
    );
    line.write_all(&packet("vCont;c:p1.-1")).unwrap();
    std::thread::sleep(Duration::from_millis(50));
    line.write_all(&[3]).unwrap();
    assert!(answer(&mut line).contains("02"), "SIGINT");
    let registers = ask(&mut line, "g");
    assert_eq!(&registers[15 * 8..16 * 8], "6e000008");
    line.write_all(&packet("k")).unwrap();
    assert_eq!(board.end().0, Some(0));
}

#[test]
fn a_port_that_is_taken_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let folder = TempDir::new().unwrap();
    let elf = program(&folder);
    let seen = common::run(&["run", "--elf", elf.to_str().unwrap(), "--gdb", &port]);
    assert_eq!(seen.code, Some(3), "{seen:?}");
    assert!(
        seen.err.contains(&port) && seen.err.contains("--gdb 0"),
        "{seen:?}"
    );
}
