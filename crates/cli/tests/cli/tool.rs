//! The verbs that ask, draw and list: as text, as data, and for the shell.

use crate::common::{elf, run};

#[test]
fn a_sweep_of_the_virtual_board_is_data_and_a_picture() {
    let folder = tempfile::TempDir::new().unwrap();
    let picture = folder.path().join("sweep.svg");
    let elf = elf("devebox");
    let seen = run(&[
        "sweep",
        "--sim",
        "--json",
        "--svg",
        picture.to_str().unwrap(),
        "--",
        "--elf",
        &elf,
    ]);
    assert_eq!(seen.code, Some(0), "{seen:?}");
    let found: serde_json::Value = serde_json::from_str(&seen.out).expect("JSON");
    assert_eq!(
        (&found["now_hz"], &found["best"]["clock_hz"]),
        (&50_000_000.into(), &84_000_000.into())
    );
    let drawn = std::fs::read_to_string(picture).unwrap();
    let points = found["points"].as_array().unwrap().len();
    assert_eq!(drawn.matches("r=\"4\"").count(), points);

    let seen = run(&["sweep", "--sim", "--", "--elf", &elf, "--psram", "none"]);
    assert!(
        seen.code == Some(3) && seen.err.contains("no PSRAM on four lines"),
        "{seen:?}"
    );
}

#[test]
fn lists_come_as_data() {
    let parts = run(&["parts", "--json"]);
    let parts: serde_json::Value = serde_json::from_str(&parts.out).expect("JSON");
    let names: Vec<_> = parts
        .as_array()
        .unwrap()
        .iter()
        .map(|part| &part["name"])
        .collect();
    assert!(names.contains(&&"esp-psram64h".into()), "{names:?}");
    let boards: serde_json::Value = serde_json::from_str(&run(&["boards", "--json"]).out).expect("JSON");
    assert_eq!(boards[0]["mcu"], "STM32H7A3VI");
    let nets = run(&["boards", "devebox", "--json"]);
    let nets: serde_json::Value = serde_json::from_str(&nets.out).expect("JSON");
    let select = nets.as_array().unwrap().iter().find(|net| net["pin"] == "PB6");
    assert_eq!(select.expect("a net")["joints"][0], "memory.CE#");
}

#[test]
fn a_shell_and_man_get_what_they_want() {
    for (shell, word) in [
        ("bash", "complete -F"),
        ("zsh", "#compdef spiram"),
        ("fish", "complete -c spiram"),
    ] {
        let seen = run(&["completions", shell]);
        assert!(
            seen.code == Some(0) && seen.out.contains(word) && seen.out.contains("first-power-up"),
            "{shell}"
        );
    }
    let seen = run(&["completions", "tcsh"]);
    assert!(seen.code == Some(3) && seen.err.contains("bash"), "{seen:?}");
    let man = run(&["man"]);
    for page in [".TH spiram 1", ".TH spiram-run 1", ".TH spiram-sweep 1"] {
        assert!(man.out.contains(page), "no {page}");
    }
    // The other name of `run`.
    assert!(run(&["sim", "--help"]).out.starts_with("Boot the virtual board"));
}
