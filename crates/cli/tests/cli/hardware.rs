//! MicroPython's hardware tests with this board's pins and wires, `tests/micropython-hardware.toml`: each prints what its `.exp` has,
//! or is a unittest that ends well.

use crate::common::{elf, root, run};
use std::fs;
use tempfile::TempDir;

fn texts(value: &toml::Value) -> Vec<&str> {
    let texts = value.as_array().expect("a list");
    texts.iter().map(|text| text.as_str().expect("a text")).collect()
}

/// The script with the pins of this board.
fn with_pins(script: &str, test: &toml::Value) -> String {
    let pins = test["pins"].as_array().expect("pairs of texts");
    pins.iter().fold(script.to_owned(), |script, pair| {
        let pair = texts(pair);
        assert!(script.contains(pair[0]), "the script has no {:?}", pair[0]);
        script.replace(pair[0], pair[1])
    })
}

fn passes(test: &toml::Value) {
    let name = test["name"].as_str().expect("a name");
    let path = root().join(".deps/micropython/tests").join(name);
    let script = fs::read_to_string(&path).expect("MicroPython's tests");
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("test.py");
    fs::write(&file, with_pins(&script, test)).unwrap();
    let elf = elf("devebox");
    let mut options = vec!["run", "--elf", &elf, "--psram", "none"];
    options.extend(texts(&test["attach"]).iter().flat_map(|part| ["--attach", part]));
    options.push(file.to_str().unwrap());
    let seen = run(&options);
    let said = seen.out.replace("\r\n", "\n");
    assert_eq!(seen.code, Some(0), "{name}: {said}{}", seen.err);
    match fs::read_to_string(path.with_extension("py.exp")) {
        Ok(expected) => assert_eq!(said, expected, "{name}"),
        Err(_) => assert!(said.ends_with("\nOK\n"), "{name}: {said}"),
    }
}

#[test]
fn micropythons_hardware_tests_pass_with_wires() {
    let text = fs::read_to_string(root().join("tests/micropython-hardware.toml")).unwrap();
    let table: toml::Table = text.parse().unwrap();
    let tests = table["test"].as_array().unwrap();
    assert!(tests.len() >= 6);
    tests.iter().for_each(passes);
}
