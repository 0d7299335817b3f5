//! `tests/micropython-hardware.toml` as a part of the page: the tests that want wires, which crates/cli/tests/cli/hardware.rs runs.

use anyhow::{Context, Result};
use std::fmt::Write;
use std::path::Path;

pub fn render(file: &Path) -> Result<String> {
    let text = std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    section(&text).with_context(|| file.display().to_string())
}

fn section(text: &str) -> Result<String> {
    let table: toml::Table = text.parse()?;
    let list = |name: &str| -> Result<Vec<toml::Value>> {
        let list = table.get(name).and_then(toml::Value::as_array).cloned();
        list.with_context(|| format!("expected tables [[{name}]]"))
    };
    let text = |row: &toml::Value, key: &str| -> Result<String> {
        let text = row.get(key).and_then(toml::Value::as_str).map(str::to_owned);
        text.with_context(|| format!("expected a text `{key}` in {row:?}"))
    };
    let mut page = String::from(
        "\n## Tests that want wires\n\n\
         From `tests/micropython-hardware.toml`, run by `cargo xtask test host/hardware`. They choose their pins by the name of a \
         board; that\nline names this board's pins instead, and nothing else of them is another text.\n\n\
         | test | wires | |\n|---|---|---|\n",
    );
    for row in list("test")? {
        let wires = row.get("attach").and_then(toml::Value::as_array);
        let wires: Vec<String> = wires
            .into_iter()
            .flatten()
            .filter_map(|wire| Some(format!("`{}`", wire.as_str()?)))
            .collect();
        writeln!(page, "| {} | {} | pass |", text(&row, "name")?, wires.join(" "))?;
    }
    for row in list("left")? {
        writeln!(
            page,
            "| {} | | left out: {} |",
            text(&row, "tests")?,
            text(&row, "reason")?
        )?;
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_is_a_row_with_its_wires_and_what_is_left_has_its_reason() {
        let text =
            "[[test]]\nname='a.py'\nattach=['wire:PA0,PA1']\n[[left]]\ntests='b.py'\nreason='no bus'\n";
        let page = section(text).unwrap();
        assert!(
            page.ends_with("| a.py | `wire:PA0,PA1` | pass |\n| b.py | | left out: no bus |\n"),
            "{page}"
        );
        assert!(section("[[test]]\nattach=[]\n[[left]]\n").is_err());
        assert!(section("[[test]]\nname='a.py'\n").is_err());
    }
}
