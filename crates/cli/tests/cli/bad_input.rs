//! Whatever can be wrong with a call is answered with a message that says what to do, and a non-zero exit code.

use crate::common::{Seen, root, run, spiram};
use std::fs;
use tempfile::TempDir;

/// Exit code 3, nothing on stdout, and all of these words on stderr.
#[track_caller]
fn refused(args: &[&str], words: &[&str]) {
    let Seen { code, out, err } = run(args);
    assert_eq!((code, out.as_str()), (Some(3), ""), "{args:?}: {err}");
    for word in words {
        assert!(err.contains(word), "{args:?}: no `{word}` in:\n{err}");
    }
}

fn file(folder: &TempDir, name: &str, bytes: &[u8]) -> String {
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

/// An ELF header for this machine and one segment of `bytes` at `address`.
fn elf(machine: u16, address: u32, bytes: u32) -> Vec<u8> {
    let mut elf = b"\x7fELF\x01\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    for half in [2, machine] {
        elf.extend(half.to_le_bytes());
    }
    for word in [1, address + 1, 52, 0, 0x0500_0400_u32] {
        elf.extend(word.to_le_bytes());
    }
    for half in [52, 32, 1, 40, 0, 0_u16] {
        elf.extend(half.to_le_bytes());
    }
    for word in [1, 84, address, address, bytes, bytes, 5, 4_u32] {
        elf.extend(word.to_le_bytes());
    }
    elf.extend(vec![0; bytes as usize]);
    elf
}

const ARM: u16 = 40;
const RISC_V: u16 = 243;

#[test]
fn an_unknown_board_lists_the_known_ones_and_the_nearest() {
    refused(
        &["run", "--board", "devbox"],
        &["`devbox`", "devebox", "weact", "did you mean `devebox`"],
    );
}

#[test]
fn an_unknown_part_lists_the_known_ones_and_the_nearest() {
    refused(
        &["run", "--psram", "ly68l640"],
        &[
            "`ly68l640`",
            "esp-psram64h",
            "stuck-low",
            "did you mean `ly68l6400`?",
        ],
    );
}

#[test]
fn an_impossible_fault_is_an_unknown_part() {
    refused(
        &["run", "--psram", "stuck-cell@0x800000"],
        &["stuck-cell@0x800000", "do not fit", "below 8388608"],
    );
    refused(&["run", "--psram", "stuck-address@23"], &["stuck-address@23"]);
}

#[test]
fn an_unknown_option_or_verb_is_told() {
    refused(&["run", "--lenien"], &["--lenien", "--lenient"]);
    refused(&["rnu"], &["rnu", "run"]);
}

#[test]
fn a_script_and_a_pty_exclude_each_other() {
    refused(&["run", "--pty", "x.py"], &["--pty", "cannot be used with"]);
}

#[test]
fn a_script_that_is_not_there_is_told_by_name() {
    refused(&["run", "nowhere/x.py"], &["nowhere/x.py", "does not exist"]);
}

#[test]
fn a_script_that_is_a_folder_is_told() {
    refused(&["run", env!("CARGO_MANIFEST_DIR")], &["is a folder", ".py file"]);
}

#[test]
fn a_script_that_is_not_utf8_is_told_with_its_place() {
    let folder = TempDir::new().unwrap();
    let script = file(&folder, "latin1.py", b"a = 1\nb = '\xe9t\xe9'\n");
    refused(&["run", &script], &["not UTF-8", "0xe9", "offset 11", "line 2"]);
}

#[test]
fn a_flash_that_is_none_is_told_with_its_size() {
    let folder = TempDir::new().unwrap();
    let elf = crate::common::elf("devebox");
    for (size, words) in [
        (1000, "1000 bytes"),
        ((512 << 10) + 3, "4 for each damaged word"),
        (1 << 20, "512 KB"),
    ] {
        let flash = file(&folder, "flash.img", &vec![0xFF; size]);
        refused(
            &["run", "--elf", &elf, "--flash", &flash],
            &["flash.img", words, "another name"],
        );
    }
}

#[test]
fn a_second_flash_that_is_none_is_told_with_its_size() {
    let folder = TempDir::new().unwrap();
    let elf = crate::common::elf("devebox");
    let ext = file(&folder, "ext.img", &[0xFF; 1000]);
    refused(
        &["run", "--elf", &elf, "--ext", &ext],
        &["ext.img", "1000 bytes", "has 8388608", "another name"],
    );
}

#[test]
fn a_firmware_that_is_not_there_says_how_to_build_it() {
    refused(
        &["run", "--elf", "nowhere.elf"],
        &["nowhere.elf", "cargo xtask build"],
    );
}

#[test]
fn a_file_that_is_no_elf_is_told() {
    let folder = TempDir::new().unwrap();
    let text = file(
        &folder,
        "notes.txt",
        b"this is not a firmware, but it is long enough to be one, perhaps",
    );
    refused(&["run", "--elf", &text], &["notes.txt", "ELF"]);
}

#[test]
fn a_truncated_elf_is_told() {
    let folder = TempDir::new().unwrap();
    let whole = elf(ARM, 0x0800_0000, 4096);
    for length in [10, 60, 90, 2000] {
        let cut = file(&folder, "cut.elf", &whole[..length]);
        refused(&["run", "--elf", &cut], &["cut.elf", "complete?"]);
    }
}

#[test]
fn an_elf_for_another_chip_is_told() {
    let folder = TempDir::new().unwrap();
    let other = file(&folder, "other.elf", &elf(RISC_V, 0x0800_0000, 4096));
    refused(&["run", "--elf", &other], &["other.elf", "STM32H7A3"]);
    // The tool itself is an ELF for the host.
    refused(&["run", "--elf", env!("CARGO_BIN_EXE_spiram")], &["STM32H7A3"]);
}

#[test]
fn an_elf_that_is_too_large_for_flash_is_told() {
    let folder = TempDir::new().unwrap();
    let large = file(&folder, "large.elf", &elf(ARM, 0x0800_0000, 2 * 1024 * 1024 + 16));
    refused(
        &["run", "--elf", &large],
        &["large.elf", "16 bytes beyond", "2 MB"],
    );
}

#[test]
fn an_elf_for_a_place_that_is_no_memory_is_told() {
    let folder = TempDir::new().unwrap();
    let hole = file(&folder, "hole.elf", &elf(ARM, 0x9000_0000, 4096));
    refused(
        &["run", "--elf", &hole],
        &["0x90000000", "neither flash", "nor internal RAM"],
    );
    let zeros = file(&folder, "zeros.elf", &elf(ARM, 0x2400_0000, 4096));
    refused(
        &["run", "--elf", &zeros],
        &["no vector table at 0x24000000", "0x00000000"],
    );
}

#[test]
fn help_and_version_are_no_mistakes() {
    let help = run(&["run", "--help"]);
    assert_eq!(help.code, Some(0));
    for word in [
        "--board",
        "--psram",
        "--elf",
        "--pty",
        "--stats",
        "--lenient",
        "[SCRIPT.py]",
    ] {
        assert!(help.out.contains(word), "{word}:\n{}", help.out);
    }
    assert_eq!(run(&["--version"]).code, Some(0));
}

#[test]
fn the_netlist_of_a_board_names_pins_functions_and_joints() {
    let netlist = run(&["boards", "weact"]).out;
    let line = |net: &str| {
        let mut lines = netlist
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>());
        let found = lines.find(|words| words.first() == Some(&net));
        found.map(|words| words[1..].join(" ")).unwrap_or_default()
    };
    assert_eq!(
        line("PB6"),
        "OCTOSPIM P1_NCS AF10 memory.CE#, headers.contact",
        "{netlist}"
    );
    assert_eq!(
        line("PA9"),
        "USART1 TX AF7 console.RX, usb.VBUS, headers.contact",
        "{netlist}"
    );
    assert_eq!(line("PC13"), "K1.KEY (pull-down), headers.contact", "{netlist}");
    let unknown = run(&["boards", "nucleo"]);
    assert_eq!(unknown.code, Some(3));
    assert!(
        unknown.err.contains("known are: devebox, weact"),
        "{}",
        unknown.err
    );
}

#[test]
fn the_owners_pictures_are_those_of_the_board_files() {
    for board in ["devebox", "weact"] {
        let drawn = run(&["boards", board, "--svg"]).out;
        let kept = root().join(format!("docs/owner/{board}.svg"));
        assert_eq!(
            drawn,
            std::fs::read_to_string(&kept).unwrap(),
            "for a new one: target/release/spiram boards {board} --svg > {}",
            kept.display()
        );
    }
    assert_eq!(run(&["boards", "--svg"]).code, Some(3), "a picture needs a board");
}

#[test]
fn the_lists_name_every_board_and_part() {
    let boards = run(&["boards"]).out;
    assert!(boards.contains("devebox") && boards.contains("weact"), "{boards}");
    let parts = run(&["parts"]).out;
    for name in [
        "esp-psram64h",
        "ly68l6400",
        "aps6404l-3sqr",
        "aps6404l-3sqn",
        "ips6404l-sq",
        "none",
        "w25q64",
    ] {
        assert!(
            parts.lines().any(|line| line.starts_with(name)),
            "{name}:\n{parts}"
        );
    }
}

#[test]
fn a_reader_that_goes_away_is_no_mistake() {
    let mut child = spiram().arg("parts").spawn().unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
}
