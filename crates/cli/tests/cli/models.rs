//! Models of time, boards by path, and programs as bytes of the flash.

use crate::common::{elf, root, run, run_script};
use std::fs;
use tempfile::TempDir;
use vboard::Image;

const PROGRAM: &str = "x = 0\nfor i in range(2000):\n    x += i * 3\nprint(x)\n";

fn figures(model: &str) -> (String, u64, u64) {
    let (seen, stats) = run_script("devebox", &["--psram", "none", "--model", model], PROGRAM);
    assert_eq!(
        (seen.code, &*seen.out),
        (Some(0), "5997000\n"),
        "{model}: {seen:?}"
    );
    assert_eq!(stats["model"], model);
    let number = |key: &str| stats[key].as_u64().unwrap();
    (
        stats["output_sha256"].to_string(),
        number("virtual_cycles"),
        number("instructions"),
    )
}

#[test]
fn every_model_runs_the_same_program_and_repeats_to_the_cycle() {
    let [instructions, fast, full] = ["instructions", "fast", "full"].map(figures);
    assert_eq!(instructions.0, full.0);
    // The pipeline takes longer than one cycle an instruction for MicroPython, as it does on silicon; caches add to it.
    assert!(fast.1 > instructions.1, "{fast:?}, {instructions:?}");
    assert!(full.1 > fast.1, "{full:?}, {fast:?}");
    assert_eq!(figures("full"), full);
}

#[test]
fn an_unknown_model_is_told_with_those_that_there_are() {
    let seen = run(&["run", "--model", "quick"]);
    assert_eq!(seen.code, Some(3), "{seen:?}");
    for word in ["quick", "instructions", "fast", "full"] {
        assert!(seen.err.contains(word), "{seen:?}");
    }
}

#[test]
fn bytes_of_the_flash_and_a_board_by_its_path_run_as_the_elf_does() {
    let folder = TempDir::new().unwrap();
    let [image, script, board] = ["flash.bin", "script.py", "mine.toml"]
        .map(|name| folder.path().join(name).to_str().unwrap().to_owned());
    let program = Image::parse(&fs::read(elf("devebox")).unwrap()).unwrap();
    fs::write(&image, &program.flash).unwrap();
    fs::write(&script, PROGRAM).unwrap();
    fs::copy(root().join("board/devebox.toml"), &board).unwrap();
    let bin = format!("{image}@0x08000000");
    let seen = run(&[
        "run", "--board", &board, "--bin", &bin, "--psram", "none", &script,
    ]);
    assert_eq!((seen.code, &*seen.out), (Some(0), "5997000\n"), "{seen:?}");
}

#[test]
fn bytes_that_go_nowhere_are_refused_with_the_reason() {
    let folder = TempDir::new().unwrap();
    let image = folder.path().join("flash.bin").to_str().unwrap().to_owned();
    fs::write(&image, [0xFF; 64]).unwrap();
    for (at, words) in [
        ("@0x08000000", "no vector table"),
        ("@0x24000000", "no vector table at 0x24000000"),
        ("@0x90000000", "neither flash"),
        ("@0x081ffff0", "beyond the 2 MB"),
        ("", "FILE@0x08000000"),
    ] {
        let seen = run(&["run", "--psram", "none", "--bin", &format!("{image}{at}")]);
        assert_eq!(seen.code, Some(3), "{at}: {seen:?}");
        assert!(seen.err.contains(words), "{at}: {seen:?}");
    }
    let seen = run(&["run", "--board", "/no/such/board.toml"]);
    assert!(
        seen.code == Some(3) && seen.err.contains("/no/such/board.toml"),
        "{seen:?}"
    );
}
