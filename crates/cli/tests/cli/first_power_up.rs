//! `spiram first-power-up`: each case by a transcript. They are written from public reports of what the tools print.

use crate::common::{run, run_with};

/// (name, text, exit code, words of the answer).
#[rustfmt::skip]
const CASES: &[(&str, &str, i32, &[&str])] = &[
    ("h7a3", include_str!("transcripts/h7a3.txt"), 0, &["STM32H7A3VI", "dfu-util -a 0 -D dist/spiram-devebox.dfu", "BOOT0"]),
    ("own", include_str!("transcripts/own.txt"), 0, &["spiram's own boot loader", "dfu-util -a 0 -s :leave -D dist/spiram-devebox.update.dfu"]),
    ("h750", include_str!("transcripts/h750.txt"), 1, &["H750", "still in place", "STM32H7A3VIT6"]),
    ("early", include_str!("transcripts/early.txt"), 1, &["early silicon", "probe-rs download"]),
    ("nothing", include_str!("transcripts/nothing.txt"), 1, &["no boot loader on USB", "bridge BOOT0", "hold BOOT0"]),
    ("denied", include_str!("transcripts/denied.txt"), 1, &["may not open", "udev", "0483", "plug it in again"]),
    ("two", include_str!("transcripts/two.txt"), 1, &["2 boards", "1-1 and 1-2", "unplug"]),
    ("f405", include_str!("transcripts/f405.txt"), 1, &["another family", "04*016Kg"]),
    ("other", include_str!("transcripts/other.txt"), 1, &["other devices (28e9:0189)", "0483:df11"]),
    ("openocd-h7a3", include_str!("transcripts/openocd-h7a3.txt"), 0, &["by SWD an STM32H7A3 with 2 MB"]),
    ("openocd-h750", include_str!("transcripts/openocd-h750.txt"), 1, &["STM32H750 (128 KB", "still in place"]),
    ("openocd-h7b0", include_str!("transcripts/openocd-h7b0.txt"), 1, &["128 KB of flash, expected 2048 KB"]),
    ("openocd-silent", include_str!("transcripts/openocd-silent.txt"), 1, &["no answer from the chip", "reset button", "connect_assert_srst"]),
    ("openocd-no-supply", include_str!("transcripts/openocd-no-supply.txt"), 1, &["0.01 V", "no supply"]),
    ("openocd-no-probe", include_str!("transcripts/openocd-no-probe.txt"), 1, &["no debug probe"]),
    ("probe-rs-none", include_str!("transcripts/probe-rs-none.txt"), 1, &["no debug probe"]),
    ("probe-rs-idc", include_str!("transcripts/probe-rs-idc.txt"), 1, &["STM32H7A3 or H7B0", "flash probe 0"]),
    ("probe-rs-reset", include_str!("transcripts/probe-rs-reset.txt"), 1, &["no answer from the chip", "under reset"]),
];

#[test]
fn each_case_is_told_apart_with_a_next_step() {
    for (name, text, code, words) in CASES {
        let seen = run_with(&["first-power-up", "-"], text.as_bytes());
        assert_eq!(seen.code, Some(*code), "{name}: {seen:?}");
        for word in *words {
            assert!(seen.out.contains(word), "{name}: `{word}` is not in {seen:?}");
        }
        assert!(seen.out.contains("\n1. "), "{name}: no next step");
    }
}

#[test]
fn lines_of_other_systems_are_read_the_same() {
    let (_, text, ..) = CASES[0];
    let unix = run_with(&["first-power-up", "-"], text.as_bytes());
    let windows = run_with(&["first-power-up", "-"], text.replace('\n', "\r\n").as_bytes());
    assert_eq!(unix.out, windows.out);
}

#[test]
fn the_board_decides_the_file_to_flash() {
    let (_, text, ..) = CASES[0];
    let seen = run_with(&["first-power-up", "--board", "weact", "-"], text.as_bytes());
    assert!(seen.out.contains("dist/spiram-weact.dfu"), "{seen:?}");
    let unknown = run_with(&["first-power-up", "--board", "nucleo", "-"], text.as_bytes());
    assert_eq!(unknown.code, Some(3));
    assert!(unknown.err.contains("no board `nucleo`"), "{unknown:?}");
}

#[test]
fn what_is_no_transcript_is_refused_with_what_was_expected() {
    for input in [&b""[..], b"hello", &[0xFF; 100], &[b'x'; (1 << 20) + 1]] {
        let seen = run_with(&["first-power-up", "-"], input);
        assert_eq!(seen.code, Some(3), "{seen:?}");
        assert!(
            seen.err.contains("expected") && seen.err.contains("dfu-util"),
            "{seen:?}"
        );
    }
    let missing = run(&["first-power-up", "no-such-file"]);
    assert_eq!(missing.code, Some(3));
    assert!(missing.err.contains("no-such-file"), "{missing:?}");
}
