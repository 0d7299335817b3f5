//! Running the built tool, and finding the firmware.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a run of the tool gave.
#[derive(Debug)]
pub struct Seen {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// The tool, without a terminal at its input.
pub fn spiram() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_spiram"));
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Run the tool to its end.
pub fn run(args: &[&str]) -> Seen {
    run_with(args, b"")
}

/// Run the tool to its end with this input.
pub fn run_with(args: &[&str], input: &[u8]) -> Seen {
    let mut child = spiram()
        .args(args)
        .stdin(Stdio::piped())
        .spawn()
        .expect("the tool starts");
    // A tool that ends early does not read its input.
    let _ = child.stdin.take().expect("piped").write_all(input);
    let output = child.wait_with_output().expect("the tool ends");
    Seen {
        code: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Run one of the repository's scripts with this memory chip fitted.
pub fn run_file(script: &Path, chip: &str) -> Seen {
    run_file_with(script, chip, &[])
}

/// The same, with options of `spiram run`.
pub fn run_file_with(script: &Path, chip: &str, options: &[&str]) -> Seen {
    let elf = elf("devebox");
    let script = [script.to_str().unwrap()];
    run(&[&["run", "--elf", &elf, "--psram", chip], options, &script].concat())
}

/// Run a script on a firmware, with options, and give the figures of `--stats` too.
pub fn run_script(firmware: &str, options: &[&str], script: &str) -> (Seen, serde_json::Value) {
    let folder = tempfile::TempDir::new().unwrap();
    let [source, stats] = ["script.py", "stats.json"].map(|name| folder.path().join(name));
    fs::write(&source, script).unwrap();
    let elf = elf(firmware);
    let files = [stats.to_str().unwrap(), source.to_str().unwrap()];
    let seen = run(&[&["run", "--elf", &elf], options, &["--stats"], &files].concat());
    let stats = serde_json::from_str(&fs::read_to_string(&stats).unwrap()).unwrap();
    (seen, stats)
}

/// The firmware of a board, as `SPIRAM_ELF_<BOARD>` or the last build has it.
pub fn elf(board: &str) -> String {
    let variable = format!("SPIRAM_ELF_{}", board.to_uppercase());
    let path = std::env::var_os(&variable)
        .map(PathBuf::from)
        .unwrap_or_else(|| root().join(format!("target/firmware/{board}.elf")));
    assert!(
        path.is_file(),
        "{} is not there: run `cargo xtask build`, or set {variable}; `cargo xtask test` does both",
        path.display()
    );
    path.to_str().expect("a path in UTF-8").to_owned()
}
